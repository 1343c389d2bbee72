"""Why an installer failed, in one plain sentence with its remedy, from what it printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterable, Optional

from ..errors import EngineError

WHEELS_REMEDY = (
    "Check the network and the proxy in QGIS's options, then retry: what has come is kept. Or, on a machine with a "
    "network and the same system and Python, run “pip download -r engine-requirements.txt -r engine-torch.txt” in the "
    "plugin's resources folder, and choose “Use a folder of wheels” here."
)

_KINDS = (
    ("disk", r"No space left on device|os error 28\b|Errno 28\b|not enough space on the disk|os error 112\b"),
    ("trust", r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer|certificate verify failed"),
    ("proxy", r"\b407\b|ProxyError|Cannot connect to proxy|tunnel connection failed|proxy authentication|SOCKS"),
    ("server", r"HTTP error 5\d\d|5\d\d Server Error|HTTP status server error|too many 5\d\d error"),
    (
        "network",
        r"NewConnectionError|Failed to establish|Temporary failure in name resolution|Name or service not known|"
        r"getaddrinfo failed|nodename nor servname|Connection refused|ReadTimeoutError|Read timed out|ConnectTimeout|"
        r"dns error|error sending request|Network is unreachable|Max retries exceeded|Connection broken|"
        r"IncompleteRead|IncompleteDownload|operation timed out|timed out|ConnectionReset|Connection aborted|"
        r"tcp connect error|Network connectivity is disabled|incomplete|RemoteDisconnected",
    ),
    ("damaged", r"DO NOT MATCH|BadZipFile|invalid wheel|bad zip|Hash mismatch|is invalid|zip archive|unexpected end"),
    ("permission", r"Permission denied|Access is denied|WinError (5|32)\b|os error (13|5|32)\b|Read-only file"),
    (
        "missing",
        r"No matching distribution|Could not find a version|No solution found|no wheels|Failed to read `--find-links`|"
        r"was not found in the|HTTP error 40[0-9]|40[0-9] Client Error|HTTP status client error",
    ),
)


def install_error(lines: Iterable[str], status: int, env: Path, wheels: Optional[Path], log: Path) -> EngineError:
    """Return the error that says why an installer failed.

    Args:
        lines: Its last lines.
        status: Its exit status.
        env: The environment.
        wheels: The folder of wheels that was used, if any.
        log: The log file.
    """
    text = "\n".join(lines)
    kind = next((kind for kind, words in _KINDS if re.search(words, text, re.IGNORECASE)), "")
    if kind == "missing" and wheels is not None:
        return EngineError(
            f"the folder of wheels lacks {_package(text) or 'a package'} for this system and Python",
            remedy="Fill it with “pip download” for the same system and Python version, then try again.",
            path=str(wheels),
        )
    message, remedy = {
        "disk": ("the disk is full", "Make room, or name a folder on another disk in GRAFT_HOME; then retry."),
        "trust": (
            "a server's certificate is not trusted",
            "Add your organisation's certificate to the system's store, or name its file in PIP_CERT.",
        ),
        "proxy": ("the proxy refused the connection", "Check its address, user and password in QGIS's options."),
        "network": ("the network does not answer", WHEELS_REMEDY),
        "server": ("the package index has a fault of its own", "Try again later: what has come is kept."),
        "damaged": ("a file came damaged", "Retry: it is fetched again."),
        "permission": (
            "a file of the environment cannot be written",
            f"Close other QGIS windows; if a virus scanner holds it, exempt {env} from scanning. Then retry.",
        ),
        "missing": (
            f"the package index has no {_package(text) or 'package'} for this system and Python",
            "Install Python 3.12 and retry; or use a folder of wheels.",
        ),
    }.get(kind, (_last_word(text) or f"the installer failed with status {status}", "Look at the log, then retry."))
    return EngineError(message, remedy=remedy, path=str(log) if not kind else None)


def is_network(error: EngineError) -> bool:
    """Whether an error is of a kind that another index may not have."""
    return any(word in error.message for word in ("network", "package index", "certificate", "proxy"))


def _package(text: str) -> str:
    found = re.search(r"(?:No matching distribution found for|requirement|Because) ([A-Za-z0-9_.\-]+)", text)
    return found[1] if found else ""


def _last_word(text: str) -> str:
    said = [line for line in text.splitlines() if re.match(r"(ERROR|error|  cause):? ", line)]
    return re.sub(r"^(ERROR|error):? ", "", said[-1]).strip() if said else ""
