"""Folders of the engine's environment: locks that die with their process, renames that wait for virus scanners."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable, Iterator, TypeVar

from ..errors import EngineError

T = TypeVar("T")

RETRY_S = 4.0
"""How long a file may be held by a virus scanner before we give up."""

PAUSE_S = 0.1
_TRANSIENT = {errno.EACCES, errno.EPERM, errno.EBUSY, errno.ENOTEMPTY}


def retrying(action: Callable[[], T]) -> T:
    """Return what `action` returns, trying again for `RETRY_S` seconds while something else holds a file open."""
    until = time.monotonic() + RETRY_S
    while True:
        try:
            return action()
        except OSError as error:
            if error.errno not in _TRANSIENT or time.monotonic() > until:
                raise
            time.sleep(PAUSE_S)


def make_folder(folder: Path) -> None:
    """Make a folder that can be written to.

    Raises:
        EngineError: It cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise EngineError(
            f"the engine's folder cannot be written to ({error.strerror or error})",
            remedy="Name a folder of yours in the environment variable GRAFT_HOME, and start QGIS anew.",
            path=str(folder),
        ) from error


def remove_folder(folder: Path) -> None:
    """Delete a folder; it is out of the way at once, by a rename, even where deleting it takes a while.

    Raises:
        EngineError: Something holds it.
    """
    if not os.path.lexists(folder):
        return
    aside = Path(tempfile.mkdtemp(prefix=f"{folder.name}-old-", dir=folder.parent))
    try:
        retrying(lambda: os.replace(folder, aside / folder.name))
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise EngineError(
            f"the folder is in use and cannot be replaced ({error.strerror or error})",
            remedy="Close other QGIS windows; if a virus scanner holds it, exempt this folder from scanning.",
            path=str(folder),
        ) from error
    shutil.rmtree(aside, ignore_errors=True)  # what is left of it is swept at the next build


def sweep(folder: Path) -> None:
    """Delete what `remove_folder` could not delete in its time."""
    for left in folder.glob("*-old-*"):
        shutil.rmtree(left, ignore_errors=True)


def replace_text(path: Path, text: str) -> None:
    """Write a file that appears whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=path.name, suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        retrying(lambda: os.replace(name, path))
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def free_bytes(folder: Path) -> int:
    """Return the bytes left on a folder's disk; the folder need not exist yet."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold a lock of the operating system, which dies with this process.

    Raises:
        EngineError: Another process holds it.
    """
    with open(path, "a+b") as file:
        try:
            if sys.platform == "win32":
                import msvcrt

                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise EngineError(
                "another QGIS is setting up the engine", remedy="Wait until it is done, then try again.", path=str(path)
            ) from error
        yield
