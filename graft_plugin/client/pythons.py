"""Pythons of this machine from which the engine's environment can be made.

None is started unless its file is named like a Python: in QGIS `sys.executable` may be QGIS itself.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple

from ..errors import EngineError
from .children import CancelFlag, run_child
from .environment import NEWEST, OLDEST, child_environment

PREFERRED = ((3, 12), (3, 13), (3, 11), (3, 14))
"""The versions that most wheels exist for come first."""

PROBE_S = 20.0
_NAMED = re.compile(r"pythonw?(\d+(\.\d+)*)?(\.exe)?", re.IGNORECASE)
_PROBE = (
    "import json, os, sys\n"
    "lacks = []\n"
    "for name in ('venv', 'ensurepip', 'ssl', 'zlib', 'ctypes'):\n"
    "    try: __import__(name)\n"
    "    except Exception: lacks.append(name)\n"
    "print(json.dumps({'python': os.path.realpath(sys.executable), 'version': sys.version_info[:2], 'lacks': lacks,\n"
    "                  'bits': sys.maxsize.bit_length() + 1}))"
)


@dataclass(frozen=True)
class BasePython:
    """A Python that environments can be made from."""

    path: Path
    version: Tuple[int, int]


def find_base_python(cancelled: CancelFlag, named: str = "") -> BasePython:
    """Return the Python to build with: the one that was named, else the best that is found.

    Raises:
        Cancelled: On request.
        EngineError: There is none; it says which were looked at, and why they will not do.
    """
    if named:
        found, problem = probe(Path(named).expanduser(), cancelled)
        if found is None:
            raise EngineError(f"this Python cannot make an environment: it {problem}", remedy=_remedy(), path=named)
        return found
    best: Dict[Tuple[int, int], BasePython] = {}
    problems: List[str] = []
    looked: List[str] = []
    for path in candidates():
        real = os.path.realpath(path)
        if real in looked:
            continue
        looked.append(real)
        found, problem = probe(path, cancelled)
        if found is None:
            problems.append(f"{path} {problem}")
        else:
            best.setdefault(found.version, found)
            if found.version == PREFERRED[0]:
                break
    for version in PREFERRED:
        if version in best:
            return best[version]
    seen = f" ({'; '.join(problems)})" if problems else ""
    raise EngineError(f"there is no Python to build the engine's environment with{seen}", remedy=_remedy())


def probe(path: Path, cancelled: CancelFlag) -> Tuple[Optional[BasePython], str]:
    """Return the Python at `path`, or None and what is wrong with it, to follow its name."""
    if not _NAMED.fullmatch(path.name):
        return None, "is not named like a Python and was not started"
    lines: List[str] = []
    try:
        status = run_child([str(path), "-I", "-c", _PROBE], child_environment(), lines.append, cancelled, None, PROBE_S)
    except EngineError as error:
        return None, error.message.replace("it cannot", "cannot")
    try:
        said = json.loads(lines[-1])
        version = (int(said["version"][0]), int(said["version"][1]))
        real, lacks, bits = Path(said["python"]), list(said["lacks"]), int(said["bits"])
    except (ValueError, IndexError, KeyError, TypeError):
        return None, f"is no working Python (exit status {status}{': ' + lines[-1] if lines else ''})"
    if not OLDEST <= version <= NEWEST:
        return None, f"is Python {_dotted(version)}, and it must be {_dotted(OLDEST)} to {_dotted(NEWEST)}"
    if bits < 64:
        return None, "is a 32-bit Python, for which there is no torch"
    if lacks:
        package = f" (Debian, Ubuntu: apt install python{_dotted(version)}-venv)" if "ensurepip" in lacks else ""
        return None, f"lacks its module {', '.join(lacks)}{package}"
    return BasePython(real, version), ""


def candidates() -> Iterator[Path]:
    """Yield what may be a Python, the likeliest first; each is a file that exists."""
    for path in (*_on_path(), *_installed(), *_own()):
        if path.is_file():
            yield path


def _on_path() -> Iterator[Path]:
    names = [f"python{_dotted(version)}" for version in PREFERRED] + ["python3", "python"]
    for name in names:
        found = shutil.which(name)
        # Apple's and the Store's stand-ins open a window that offers to install something
        if found and not (found == "/usr/bin/python3" and sys.platform == "darwin") and "WindowsApps" not in found:
            yield Path(found)


def _installed() -> Iterator[Path]:
    """Yield Pythons where installers of each platform put them; QGIS started from an icon has a short PATH."""
    home = Path.home()
    inside = "python.exe" if sys.platform == "win32" else "bin/python3"
    if sys.platform == "win32":
        yield from _from_launcher()
        for base in (os.environ.get("LOCALAPPDATA", ""), os.environ.get("PROGRAMFILES", r"C:\Program Files")):
            if base:
                yield from sorted(Path(base).glob("Programs/Python/Python3*/python.exe"), reverse=True)
                yield from sorted(Path(base).glob("Python3*/python.exe"), reverse=True)
    else:
        for folder in ("/opt/homebrew/bin", "/usr/local/bin", "/usr/bin"):
            for version in PREFERRED:
                yield Path(folder, f"python{_dotted(version)}")
        for version in PREFERRED:
            yield Path(f"/Library/Frameworks/Python.framework/Versions/{_dotted(version)}/bin/python3")
        for version in PREFERRED:
            yield from sorted(home.glob(f".pyenv/versions/{_dotted(version)}.*/bin/python3"), reverse=True)
    for name in ("miniforge3", "mambaforge", "miniconda3", "anaconda3"):
        yield home / name / inside


def _from_launcher() -> Iterator[Path]:
    r"""Yield what the `py` launcher knows; its list has one `-V:3.12 * C:\…\python.exe` a line."""
    launcher = shutil.which("py")
    if launcher is None:
        return
    lines: List[str] = []
    try:
        run_child([launcher, "-0p"], child_environment(), lines.append, lambda: False, None, PROBE_S)
    except EngineError:
        return
    for line in lines:
        found = re.search(r"[A-Za-z]:\\.*python\.exe", line)
        if found:
            yield Path(found.group())


def _own() -> Iterator[Path]:
    """Yield the Python that QGIS itself brings, the last resort: an environment of its own keeps it untouched."""
    if _NAMED.fullmatch(Path(sys.executable or "-").name):
        yield Path(sys.executable)
    for prefix in dict.fromkeys((sys.base_prefix, sys.base_exec_prefix)):
        for name in ("python.exe", "python3.exe") if sys.platform == "win32" else ("bin/python3",):
            yield Path(prefix, name)


def _dotted(version: Tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _remedy() -> str:
    if sys.platform == "linux":
        return "Install it with: sudo apt install python3-venv (or your system's package), then try again."
    return "Install Python 3.12 from python.org, then try again."
