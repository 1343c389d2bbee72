"""SAM's image embeddings kept on disk, so that a second prompt on the same windows pays for the mask decoder only."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

MAX_BYTES = 4 << 30
"""Size of the whole cache at which the entries used longest ago are dropped (a vit_b window takes 2 MiB)."""


class SamCache:
    """One folder of float16 arrays for each scene and model under a common root with a size limit.

    A damaged, missing or unwritable entry is no error: the window is embedded again.

    Args:
        root: Folder of all caches; made when first needed.
        key: What changes an embedding, JSON-ready: the scene's identity, the model's sha256, its precision.
        max_bytes: Size of everything under `root` beyond which the oldest entries go.
    """

    def __init__(self, root: Path, key: Mapping[str, Any], max_bytes: int = MAX_BYTES) -> None:
        text = json.dumps(key, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        self.folder = root / hashlib.sha256(text.encode("ascii")).hexdigest()[:32]
        self._root = root
        self._max_bytes = max_bytes
        self._written: int | None = None

    def get(self, row: int, col: int) -> Tensor | None:
        """Return the embedding float32 [1, C, g, g] of the window whose first pixel is global (row, col), or None."""
        path = self._path(row, col)
        try:
            array = np.load(path, allow_pickle=False)
            os.utime(path)
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            return None
        return torch.from_numpy(array.astype(np.float32)) if array.ndim == 4 else None

    def put(self, row: int, col: int, embedding: Tensor) -> None:
        """Keep an embedding [1, C, g, g]; the file appears whole or not at all."""
        array = embedding.detach().cpu().numpy().astype(np.float16)
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, suffix=".tmp")
            try:
                with os.fdopen(handle, "wb") as file:
                    np.save(file, array)
                os.replace(name, self._path(row, col))
            except BaseException:
                os.unlink(name)
                raise
            self._limit(array.nbytes)

    def _path(self, row: int, col: int) -> Path:
        return self.folder / f"{row}_{col}.npy"

    def _limit(self, added: int) -> None:
        """Drop the entries used longest ago when the cache has outgrown its limit, down to nine tenths of it."""
        if self._written is not None and self._written + added <= self._max_bytes:
            self._written += added
            return
        entries = []
        for path in self._root.glob("*/*.npy"):
            with contextlib.suppress(OSError):
                status = path.stat()
                entries.append((status.st_mtime_ns, status.st_size, path))
        total = sum(size for _, size, _ in entries)
        if total > self._max_bytes:
            for _, size, path in sorted(entries):
                with contextlib.suppress(OSError):
                    path.unlink()
                    total -= size
                if total <= 0.9 * self._max_bytes:
                    break
        self._written = total
