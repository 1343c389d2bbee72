"""Checksums of model files, computed once for a file that stays the same."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Optional

from ...errors import CheckpointError
from ..progress import CancelToken

_BLOCK = 1 << 22
_KEPT = 256
_known: dict[tuple[str, int, int], str] = {}


def file_sha256(path: str | Path, cancel: Optional[CancelToken] = None) -> str:
    """Return a file's SHA-256 in hex; kept for as long as path, size and modification time stay the same.

    Raises:
        CheckpointError: The file cannot be read.
        Cancelled: On request.
    """
    file = Path(path).resolve()
    try:
        stat = file.stat()
        key = str(file), stat.st_size, stat.st_mtime_ns
        if key not in _known:
            found = _digest(file, cancel or CancelToken())
            while len(_known) >= _KEPT:
                _known.pop(next(iter(_known)))
            _known[key] = found
        return _known[key]
    except OSError as error:
        raise CheckpointError(f"the file cannot be read ({error.strerror or error})", path=str(path)) from error


def _digest(file: Path, cancel: CancelToken) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            cancel.check()
            digest.update(block)
    return digest.hexdigest()
