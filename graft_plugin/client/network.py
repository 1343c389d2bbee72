"""What an installer's process may see: proxies and trust, an index of the user's, and nothing that moves its target."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Dict

from .environment import child_environment
from .recipe import Sources

_KEPT = frozenset(
    {
        "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CERT", "PIP_CLIENT_CERT", "PIP_TRUSTED_HOST",
        "PIP_PROXY", "PIP_CONFIG_FILE", "PIP_KEYRING_PROVIDER", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX",
        "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_CONFIG_FILE", "UV_INSECURE_HOST", "UV_KEYRING_PROVIDER",
        "UV_PYTHON_INSTALL_DIR", "UV_PYTHON_INSTALL_MIRROR", "SSL_CLIENT_CERT", "FTP_PROXY",
    }
)  # fmt: skip
"""An organisation's own index and certificates. PIP_TARGET, PIP_PREFIX, PIP_USER, PIP_CONSTRAINT and the like would
put packages elsewhere, or choose others, and stay out."""


def installer_environment(sources: Sources, work: Path) -> Dict[str, str]:
    """Return the whole environment of pip or uv.

    Args:
        sources: Where packages come from.
        work: A folder on the environment's own disk, for downloads and temporary files.
    """
    env = child_environment()
    env.update({name: value for name, value in os.environ.items() if name.upper() in _KEPT})
    if sources.proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            env.pop(name, None)
            env[name.lower()] = sources.proxy
            env[name] = sources.proxy
    for name in ("TMPDIR", "TEMP", "TMP"):
        env[name] = str(work / "tmp")
    env.update(
        PIP_CACHE_DIR=str(work / "cache"),
        PIP_NO_INPUT="1",
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        PIP_USER="0",
        PIP_REQUIRE_VIRTUALENV="0",
        UV_CACHE_DIR=str(work / "cache"),
        UV_HTTP_TIMEOUT=str(sources.timeout_s),
        UV_HTTP_RETRIES=str(sources.retries),
        UV_NATIVE_TLS="1",  # the operating system's trust store; the second is its name in newer versions
        UV_SYSTEM_CERTS="1",
        UV_LINK_MODE="copy",
        NO_COLOR="1",
    )
    return env


def has_nvidia_driver() -> bool:
    """Return whether this machine has a driver that CUDA could use; nothing is started to find out."""
    if sys.platform == "win32":
        system = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32")
        return (system / "nvcuda.dll").is_file()
    if sys.platform == "darwin":
        return False
    return (
        os.path.exists("/proc/driver/nvidia/version")
        or os.path.exists("/usr/lib/wsl/lib/libcuda.so.1")
        or shutil.which("nvidia-smi") is not None
    )


def default_has_cuda() -> bool:
    """Return whether the default index's torch carries CUDA: on Linux it does, elsewhere it is the small one."""
    return sys.platform == "linux"
