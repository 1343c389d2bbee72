"""The engine's own environment: where it lies, and the mark that says it was built whole and verified."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Dict, Optional

from ..home import graft_home
from .folders import replace_text

FORMAT = 1
MARK = "graft-ready.json"
_INSIDE = ("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")


@dataclass(frozen=True)
class Mark:
    """What was built.

    Attributes:
        recipe: `Recipe.digest` of the lists it was built from.
        python: Version of its Python.
        versions: Version of each package.
        device: The best device that torch found: "cpu", "cuda" or "mps".
        built: When, in ISO 8601.
        format: Of this file.
    """

    recipe: str
    python: str = ""
    versions: Dict[str, str] = field(default_factory=dict)
    device: str = "cpu"
    built: str = ""
    format: int = FORMAT


def env_folder(home: Optional[Path] = None) -> Path:
    """Return the folder of the engine's own environment, which need not exist."""
    return (home or graft_home()) / "env"


def env_python(env: Path) -> Path:
    """Return the interpreter of an environment, which need not exist."""
    return env.joinpath(*_INSIDE)


def read_mark(env: Path) -> Optional[Mark]:
    """Return an environment's mark; None where it has none, and so is not to be used."""
    try:
        data = json.loads((env / MARK).read_text(encoding="utf-8"))
        mark = Mark(**{name: data[name] for name in Mark.__dataclass_fields__})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return mark if mark.format == FORMAT else None


def write_mark(env: Path, mark: Mark) -> None:
    """Mark an environment as ready; the last thing that a build does."""
    replace_text(env / MARK, json.dumps(asdict(mark), indent=1))


def drop_mark(env: Path) -> None:
    """Take the mark away: from now on, until it is written again, the environment counts as unfinished."""
    (env / MARK).unlink(missing_ok=True)


def env_state(digest: str, home: Optional[Path] = None) -> str:
    """Return how the engine's own environment stands.

    Returns:
        "none", "unfinished", "outdated" (it works, but is not what this version's lists say), or "ready".
    """
    env = env_folder(home)
    mark = read_mark(env)
    if mark is None:
        return "unfinished" if env.exists() else "none"
    return "ready" if mark.recipe == digest else "outdated"
