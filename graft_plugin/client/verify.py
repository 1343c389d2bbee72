"""Proves that an engine's Python works: its packages lie where they must, import, and see what they should see."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Dict, List, Sequence

from ..errors import EngineError
from .children import CancelFlag, run_child
from .environment import child_environment

TOLERANCE = 2e-3
"""How far the golden tile's vector, of length 1, may be from the stored one, in its worst component."""

VERIFY_S = 600.0
"""A first import of torch from a cold disk, under a virus scanner, takes minutes."""

_SCRIPT = """
import importlib, importlib.metadata, json, os, sys
root, golden, own, *modules = sys.argv[1:]
prefix = os.path.realpath(sys.prefix)
found = {"python": "%d.%d.%d" % sys.version_info[:3], "separate": sys.prefix != sys.base_prefix,
         "outside": [], "failed": {}, "versions": {}}
def inside(path):
    return os.path.normcase(os.path.realpath(path)).startswith(os.path.normcase(prefix) + os.sep)
for number, name in enumerate(modules):
    print("IMPORT", number, len(modules), name, flush=True)
    try:
        module = importlib.import_module(name)
    except BaseException as error:
        found["failed"][name] = "%s: %s" % (type(error).__name__, error)
        continue
    where = getattr(module, "__file__", None) or next(iter(module.__path__))
    if own == "1" and not inside(where):
        found["outside"].append(where)
for item in importlib.metadata.distributions():
    found["versions"][str(item.metadata["Name"])] = item.version
if golden and not found["failed"]:
    print("GOLDEN", flush=True)
    sys.path.insert(0, root)
    try:
        exec(golden)
    except BaseException as error:
        import traceback
        traceback.print_exc()
        found["failed"]["golden tile"] = "%s: %s" % (type(error).__name__, error)
print("FOUND" + json.dumps(found), flush=True)
os._exit(0)
"""

_DESCRIBE = """
import importlib.metadata as m, json, sys
def version(name):
    try: return m.version(name)
    except m.PackageNotFoundError: return "missing"
names = ("torch", "torchvision", "open_clip_torch", "segment-anything", "rasterio", "numpy", "zarr", "pyogrio")
found = {"Python of the engine": sys.version.split()[0]}
found["Packages"] = ", ".join("%s %s" % (name, version(name)) for name in names)
try:
    import torch
    found["GPU"] = torch.cuda.get_device_name(0) + ", CUDA " + str(torch.version.cuda) if torch.cuda.is_available() \\
        else "MPS" if torch.backends.mps.is_available() else "none that torch can use"
except Exception as error:
    found["GPU"] = "torch cannot be imported: %s" % error
print("FOUND" + json.dumps(found), flush=True)
"""


@dataclass(frozen=True)
class Verified:
    """What a working engine's Python says of itself.

    Attributes:
        python: Its version.
        versions: Version of each package.
        device: The best device that torch finds: "cpu", "cuda" or "mps".
        device_name: The graphics card's name; empty for the CPU.
        difference: The golden tile's, see `TOLERANCE`; 0 where there was none.
    """

    python: str
    versions: Dict[str, str] = field(default_factory=dict)
    device: str = "cpu"
    device_name: str = ""
    difference: float = 0.0


def verify(
    python: Path,
    root: Path,
    modules: Sequence[str],
    golden: str,
    cancelled: CancelFlag,
    on_progress: Callable[[int, int, str], None] = lambda done, total, name: None,
    log: Callable[[str], None] = lambda line: None,
    own: bool = True,
) -> Verified:
    """Check an engine's Python in a clean process of its own.

    Args:
        python: The interpreter.
        root: The folder that holds `graft_plugin`.
        modules: What it must be able to import.
        golden: Code that fills `found["difference"]`; see `Recipe.golden`.
        cancelled: Asked throughout.
        on_progress: Told (modules imported, of how many, the next one's name).
        log: Takes what it prints.
        own: Whether it is an environment that we built, so that everything must lie inside.

    Raises:
        Cancelled: On request.
        EngineError: What is wrong with it.
    """
    found: Dict[str, object] = {}
    printed: List[str] = []

    def hear(line: str) -> None:
        if line.startswith("FOUND{"):
            found.update(json.loads(line[len("FOUND") :]))
        elif line.startswith("IMPORT "):
            _, done, total, name = line.split(" ", 3)
            on_progress(int(done), int(total), name)
        elif line:
            printed.append(line)
            log(line)

    words = [str(python), "-I", "-u", "-X", "utf8", "-c", _SCRIPT, str(root), golden, "1" if own else "0", *modules]
    status = run_child(words, child_environment(), hear, cancelled, None, VERIFY_S)
    problem = _problem(found, own) if found else f"ended with status {status}{': ' + printed[-1] if printed else ''}"
    if problem:
        remedy = "Choose Repair; if that does not help, report the problem." if own else "Choose another Python."
        raise EngineError(f"the engine's environment does not work: it {problem}", remedy=remedy, path=str(python))
    return Verified(
        str(found["python"]),
        dict(found["versions"]),  # type: ignore[call-overload]
        str(found.get("device", "cpu")),
        str(found.get("device_name", "")),
        float(found.get("difference", 0.0)),  # type: ignore[arg-type]
    )


def describe(python: Path, cancelled: CancelFlag) -> Dict[str, str]:
    """Return what an engine's Python consists of, for people: a name and a value each.

    Raises:
        Cancelled: On request.
        EngineError: It cannot be started.
    """
    lines: List[str] = []
    words = [str(python), "-I", "-X", "utf8", "-c", _DESCRIBE]
    run_child(words, child_environment(), lines.append, cancelled, None, VERIFY_S)
    said = next((line for line in reversed(lines) if line.startswith("FOUND{")), None)
    return dict(json.loads(said[len("FOUND") :])) if said else {"Engine": lines[-1] if lines else "gave no answer"}


def _problem(found: Dict[str, object], own: bool) -> str:
    """Return what is wrong, to follow "it"; empty where nothing is."""
    failed, outside = found["failed"], found["outside"]
    if own and not found["separate"]:
        return "is no environment of its own (something set PYTHONHOME or PYTHONEXECUTABLE)"
    if isinstance(failed, dict) and failed:
        name, why = next(iter(failed.items()))
        return f"cannot use {name} ({why})"
    if isinstance(outside, list) and outside:
        return f"takes a package from elsewhere: {outside[0]}"
    difference = float(found.get("difference", 0.0))  # type: ignore[arg-type]
    if not difference <= TOLERANCE:  # also where it is NaN
        return f"sees another thing than it should on the test tile (off by {difference:.3g})"
    return ""
