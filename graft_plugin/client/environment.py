"""Find the engine's Python, prove that it works, and say how it is started.

The engine never runs in QGIS's own Python: `sys.executable` may be QGIS itself, and the variables that QGIS sets for
its own libraries break another interpreter. So the child gets an environment built from an allow-list.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple

from ..errors import Cancelled, EngineError
from .children import POLL_S, CancelFlag
from .ready import env_folder, env_python, read_mark

PYTHON_VARIABLE = "GRAFT_ENGINE_PYTHON"
"""Environment variable that names the engine's Python."""

OLDEST, NEWEST = (3, 11), (3, 14)
"""Pythons that the engine runs on; zarr 3 has none for 3.10 that was not withdrawn. tools/setup.sh reads this line."""

MODULES = ("torch", "torchvision", "open_clip", "segment_anything", "rasterio", "zarr", "pyogrio", "shapely", "scipy")
"""What an engine's Python must have; looked for without importing, so that the check takes no more than a moment."""

VERIFY_S = 30.0
REMEDY = (
    f"Set the engine up in QGIS: Settings, Options, GRAFT. Or name a Python that has it, there or in the environment "
    f"variable {PYTHON_VARIABLE}; `make setup` in a checkout of GRAFT makes one."
)
NAMED_REMEDY = (
    f"Correct or empty it in QGIS, Settings, Options, GRAFT, or in the environment variable {PYTHON_VARIABLE}; "
    "`make setup` in a checkout of GRAFT makes one that works."
)

_CHECK = (
    "import importlib.util as u, json, sys; "
    "print(json.dumps({'version': sys.version_info[:2], "
    "'missing': [m for m in sys.argv[1:] if u.find_spec(m) is None]}))"
)
_SERVE = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from graft_plugin.engine.cli import main; sys.exit(main(['serve']))"
)
_KEPT = frozenset(
    {
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT",
        "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA",
        "NUMBER_OF_PROCESSORS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "TORCH_HOME", "HF_HOME", "HTTP_PROXY",
        "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
    }
)
_KEPT_PREFIXES = ("GRAFT_", "LC_", "XDG_", "CUDA_", "NVIDIA_", "HIP_", "ROCR_", "PROCESSOR_")


@dataclass(frozen=True)
class Engine:
    """How the engine is started.

    Attributes:
        python: The interpreter.
        command: The words that start the worker.
        env: The worker's whole environment.
    """

    python: Path
    command: Tuple[str, ...]
    env: Dict[str, str]


def find_engine(setting: str = "", root: Optional[Path] = None, cancelled: Optional[CancelFlag] = None) -> Engine:
    """Return the first engine that works.

    Args:
        setting: The Python that the user named in QGIS, or empty; then `GRAFT_ENGINE_PYTHON` counts. Whichever names
            one is taken at its word: there is no falling back to another.
        root: The folder that holds `graft_plugin`; None: where this code lies.
        cancelled: Asked throughout.

    Raises:
        Cancelled: `cancelled` was true.
        EngineError: None was found, or the one that was named does not work.
    """
    cancelled = cancelled or (lambda: False)
    root = root or Path(__file__).resolve().parents[2]
    named = setting.strip() or os.environ.get(PYTHON_VARIABLE, "").strip()
    if named:
        python = Path(named).expanduser()
        problem = _problem(python, cancelled)
        if problem:
            raise EngineError(f"this Python cannot run the engine: {problem}", remedy=NAMED_REMEDY, path=str(python))
        return _engine(python, root)
    problems = []
    for python, finished in _candidates(root):
        problem = "is not there"
        if python.is_file():
            problem = _problem(python, cancelled) if finished else "was not built to its end"
        if not problem:
            return _engine(python, root)
        problems.append(f"{python} {problem}")
    raise EngineError(f"there is no Python that can run the engine ({'; '.join(problems)})", remedy=REMEDY)


def child_environment() -> Dict[str, str]:
    """Return the variables that an engine's process may see, from this process's own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _KEPT or name.upper().startswith(_KEPT_PREFIXES)
    }
    if sys.platform == "win32":  # QGIS puts its own DLLs on PATH, which another Python then loads
        windows = os.environ.get("SYSTEMROOT", r"C:\Windows")
        kept["PATH"] = os.pathsep.join([os.path.join(windows, "System32"), windows])
    return kept


def _candidates(root: Path) -> Iterator[Tuple[Path, bool]]:
    """Yield each place where an engine's Python may be, and whether what is there counts as finished."""
    yield env_python(root / ".venv"), True
    yield env_python(env_folder()), read_mark(env_folder()) is not None


def _engine(python: Path, root: Path) -> Engine:
    # -I keeps the user's site packages and the working folder out; the engine is the code beside this client, whatever
    # version the environment holds
    command = (str(python), "-I", "-u", "-X", "utf8", "-c", _SERVE, str(root))
    return Engine(python, command, child_environment())


def _problem(python: Path, cancelled: CancelFlag) -> str:
    """Return what is wrong with a Python, to follow its name; empty where nothing is."""
    words: List[str] = [str(python), "-I", "-X", "utf8", "-c", _CHECK, *MODULES]
    try:
        status, out, err = _run(words, cancelled)
    except subprocess.TimeoutExpired:
        return f"gave no answer in {VERIFY_S:.0f} s"
    except OSError as error:
        return f"cannot be started ({error.strerror or error})"
    try:
        found = json.loads(out.strip().splitlines()[-1])
        version, missing = tuple(found["version"]), list(found["missing"])
    except (ValueError, IndexError, KeyError, TypeError):
        last = err.strip().splitlines()[-1:]
        return f"is no working Python (exit status {status}{': ' + last[0] if last else ''})"
    if version < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        return f"is Python {version[0]}.{version[1]}, and {oldest} is the oldest that will do"
    return f"lacks {', '.join(missing)}" if missing else ""


def _run(words: List[str], cancelled: CancelFlag) -> Tuple[int, str, str]:
    """Return exit status, output and errors of a short command; `Cancelled` or TimeoutExpired end it."""
    process = subprocess.Popen(
        words,
        env=child_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    until = time.monotonic() + VERIFY_S
    with process:
        while True:
            try:
                out, err = process.communicate(timeout=POLL_S)
                return process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")
            except subprocess.TimeoutExpired:
                if cancelled():
                    process.kill()
                    raise Cancelled() from None
                if time.monotonic() > until:
                    process.kill()
                    raise
