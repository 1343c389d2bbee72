"""Results that appear whole or not at all.

Files are written into a hidden folder beside their targets and renamed at the end, so that a cancelled, failed or
killed run leaves what was there before.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import stat
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType

from ..errors import GraftError, OutputError, UsageError

_STAGED = re.compile(r"\.graft-(?P<host>.+)-(?P<pid>\d+)-\w+")
RASTER_SIDECARS = (".aux.xml", ".ovr", ".msk")
"""Files beside a GeoTIFF that would describe the one that it replaces: statistics that QGIS keeps, for one."""
_open_folders: set[Path] = set()
_lock = threading.Lock()


def check_target(path: str, suffixes: tuple[str, ...]) -> Path:
    """Return the absolute target of an output after checking that it can be written.

    Raises:
        UsageError: The name does not end in one of `suffixes`.
        OutputError: The folder is missing or no folder, or the target is a folder or read-only.
    """
    target = Path(path).expanduser().absolute()
    if target.suffix.lower() not in suffixes:
        raise UsageError(f"the output's name must end in {' or '.join(suffixes)}", path=path)
    try:
        if not target.parent.is_dir():
            problem = "is not a folder" if target.parent.exists() else "does not exist"
            raise OutputError(f"the folder {target.parent} {problem}", remedy="Make it, or name another.", path=path)
        if target.is_dir():
            raise OutputError("is a folder", remedy="Name a file.", path=path)
        if target.exists() and not target.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
            raise OutputError("is read-only", remedy="Make it writable, or name another file.", path=path)
    except OSError as error:
        if isinstance(error, GraftError):
            raise
        raise OutputError(f"cannot be used: {error.strerror}", remedy="Name another file.", path=path) from error
    return target


class Staging:
    """Temporary names for a run's output files; `commit` moves them to their targets, leaving the block removes them.

    >>> with Staging() as staging:
    ...     write(staging.place(target))
    ...     staging.commit()
    """

    def __init__(self) -> None:
        self._folders: dict[Path, Path] = {}
        self._scratch: Path | None = None
        self._moves: list[tuple[Path, Path]] = []

    def __enter__(self) -> Staging:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, GraftError):  # the user knows the target's name, not the hidden one
            error.path = next((str(target) for place, target in self._moves if str(place) == error.path), error.path)
        for folder in self._folders.values():
            _remove(folder)
        if self._scratch is not None:  # may hold many files; no one waits for them
            threading.Thread(target=_remove, args=(self._scratch,), name="graft-cleaning").start()

    def place(self, target: Path) -> Path:
        """Return where to write the file that will become `target`: the same name in a hidden folder beside it.

        Raises:
            OutputError: The folder cannot be written to.
        """
        if target.parent not in self._folders:
            self._folders[target.parent] = _make_folder(target.parent)
        place = self._folders[target.parent] / target.name
        self._moves.append((place, target))
        return place

    def scratch(self, name: str) -> Path:
        """Return a path in the system's temporary folder for a file that no one asked to keep."""
        if self._scratch is None:
            self._scratch = _make_folder(Path(tempfile.gettempdir()))
        return self._scratch / name

    def commit(self) -> None:
        """Move every placed file that was written to its target, replacing what is there.

        Raises:
            OutputError: A target cannot be replaced; the targets after it are untouched.
        """
        placed = {target for place, target in self._moves if place.exists()}
        for place, target in self._moves:
            if target not in placed:
                continue
            try:
                os.replace(place, target)
                for stale in _sidecars(target) - placed:
                    stale.unlink(missing_ok=True)
            except OSError as error:
                raise OutputError(
                    f"cannot be replaced ({error.strerror})",
                    remedy="Close it in other programs, or name another file.",
                    path=str(target),
                ) from error
        self._moves.clear()


def _sidecars(target: Path) -> set[Path]:
    """Return the files that may lie beside a GeoTIFF; none for other files."""
    endings = RASTER_SIDECARS if target.suffix.lower() in (".tif", ".tiff") else ()
    return {target.with_name(target.name + ending) for ending in endings}


def discard_all(seconds: float) -> None:
    """Remove the temporary files of every run of this process: for a process about to end in mid-work.

    What cannot be removed in so many seconds is left to the next run (see `_sweep`).
    """
    with _lock:
        folders = list(_open_folders)
    threads = [threading.Thread(target=_remove, args=(folder,), daemon=True) for folder in folders]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _make_folder(parent: Path) -> Path:
    _sweep(parent)
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".graft-{platform.node() or 'host'}-{os.getpid()}-", dir=parent))
    except OSError as error:
        raise OutputError(
            f"the folder cannot be written to ({error.strerror})", remedy="Name another.", path=str(parent)
        ) from error
    with _lock:
        _open_folders.add(folder)
    return folder


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    with _lock:
        _open_folders.discard(folder)


def _sweep(parent: Path) -> None:
    """Remove what killed runs of this machine left in `parent`."""
    try:
        names = os.listdir(parent)
    except OSError:
        return
    for name in names:
        match = _STAGED.fullmatch(name)
        if match and match["host"] == (platform.node() or "host") and not _alive(int(match["pid"])):
            shutil.rmtree(parent / name, ignore_errors=True)


def _alive(pid: int) -> bool:
    if os.name == "nt":  # os.kill would end the process there
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
