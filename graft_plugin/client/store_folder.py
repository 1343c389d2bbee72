"""The folder of stored embeddings, from outside: how large it is, and emptying it. Its inside is the engine's alone."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Iterator

from ..errors import Cancelled, StoreError
from ..home import graft_home
from .children import CancelFlag
from .folders import retrying

_OURS = re.compile(r"[0-9a-f]{64}|sam|scenes")
"""What the engine makes there: a folder for each field of embeddings, one for SAM's, one for scenes looked at."""


def store_folder(setting: str = "") -> Path:
    """Return the folder that a setting names, or the default one; it need not exist."""
    return Path(setting).expanduser() if setting.strip() else graft_home() / "store"


def stored_bytes(folder: Path, cancelled: CancelFlag) -> int:
    """Return the size of what the engine has stored; thousands of files are looked at.

    Raises:
        Cancelled: On request.
    """
    total = 0
    for place in _ours(folder):
        for where, _folders, names in os.walk(place):
            if cancelled():
                raise Cancelled()
            for name in names:
                try:
                    total += os.stat(os.path.join(where, name)).st_size
                except OSError:  # deleted meanwhile
                    continue
    return total


def clear_store(folder: Path, cancelled: CancelFlag) -> None:
    """Delete what the engine has stored, and nothing else that lies there.

    A field loses its key first, so that one which is half-deleted, by a cancel, is never read.

    Raises:
        Cancelled: On request; what was not deleted yet is whole.
        StoreError: Something holds a file.
    """
    for place in _ours(folder):
        if cancelled():
            raise Cancelled()
        try:
            (place / "key.json").unlink(missing_ok=True)
            retrying(lambda place=place: shutil.rmtree(place))  # type: ignore[misc]
        except OSError as error:
            raise StoreError(
                f"it cannot be deleted ({error.strerror or error})",
                remedy="Wait until no search runs, in other QGIS windows too, and try again.",
                path=str(place),
            ) from error


def _ours(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for place in sorted(folder.iterdir()):
            if _OURS.fullmatch(place.name) and place.is_dir() and not place.is_symlink():
                yield place
