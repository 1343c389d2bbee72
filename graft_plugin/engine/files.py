"""Small files that several processes share: replaced at once, guarded by the operating system's own locks."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

WAIT_S = 0.1


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold a lock file, made if missing; the lock dies with its process, so a killed one leaves none behind.

    Raises:
        BlockingIOError: Another process holds it, and `wait` is False.
        OSError: The file cannot be made or locked.
    """
    with open(path, "a+b") as handle:
        _lock(handle, wait)
        try:
            yield
        finally:
            _unlock(handle)


@contextmanager
def locked_until_gone(path: Path, check: Callable[[], None]) -> Iterator[None]:
    """Hold a lock file as `locked` does, waiting for it, and remove it afterwards.

    Args:
        path: The file; its folder is made if missing.
        check: Called while waiting; may raise.

    Raises:
        OSError: The file cannot be made or locked.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        check()
        with open(path, "a+b") as handle:
            try:
                _lock(handle, wait=False)
            except BlockingIOError:
                time.sleep(WAIT_S)
                continue
            try:
                if not _is_at(handle, path):  # whoever held it has removed it in the meantime
                    continue
                try:
                    yield
                finally:
                    with suppress(OSError):  # Windows keeps a file that is open
                        path.unlink()
                return
            finally:
                _unlock(handle)


def _is_at(handle: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


def replace_text(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old or the new one, whole.

    Raises:
        OSError: The file cannot be written; the old one is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


try:
    import fcntl

    def _lock(handle: IO[bytes], wait: bool) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))

    def _unlock(handle: IO[bytes]) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)

except ImportError:
    import msvcrt

    def _lock(handle: IO[bytes], wait: bool) -> None:
        handle.seek(0)
        try:
            msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError as error:
            raise BlockingIOError(str(error)) from error

    def _unlock(handle: IO[bytes]) -> None:
        handle.seek(0)
        msvcrt.locking(handle.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]
