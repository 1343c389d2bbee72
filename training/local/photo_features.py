"""What the frozen CLIP sees in the user's own photos, kept from one fine-tuning run to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from graft_plugin.engine.progress import CancelToken, Report
from graft_plugin.home import graft_home

from ..features import GroundFeatures, store_features


class PhotoFeatures:
    """The ground encoder of a model, over photo files; a photo that has not changed is encoded once.

    Args:
        model: The model whose ground encoder is meant, an id or a path.
        device: "auto" or a torch device.
        folder: Where the features are kept; None: in GRAFT's home.
    """

    def __init__(self, model: str, device: str = "auto", folder: Path | None = None) -> None:
        self._model = model
        self._device = device
        self._folder = folder or graft_home() / "photo-features"

    def of(self, files: Sequence[str], report: Report, cancel: CancelToken) -> tuple[list[int], Tensor]:
        """Return which of the photos can be read, and their frozen features f_G, float32 [N, D], L2-normalised.

        Raises:
            UsageError: The model has no ground encoder.
            OutputError: The features cannot be kept.
            Cancelled: On request; what has been encoded is kept.
        """
        names = [_name(file) for file in files]
        there = [i for i, name in enumerate(names) if name]
        seen = 0

        def samples() -> Iterator[_File]:
            nonlocal seen
            for seen, i in enumerate(there, 1):
                if seen % 16 == 0 or seen == len(there):
                    report("photos", seen, len(there))
                yield _File(names[i], files[i])

        def stopped() -> bool:
            return cancel.cancelled

        device = "cuda" if self._device.startswith("cuda") else self._device
        kept = store_features(samples(), self._model, self._folder, device=device, stop=stopped)
        cancel.check()
        features = GroundFeatures(kept)
        used = [i for i in there if names[i] in features]
        if not used:
            return [], torch.empty(0, features.dim)
        vectors = torch.from_numpy(features[[names[i] for i in used]]).float()
        return used, F.normalize(vectors, dim=-1)  # half floats have lost a little of their length


class _File:
    """A photo on the disk, read only when its features are missing; see `features.PhotoSample`."""

    def __init__(self, name: str, path: str) -> None:
        self.photo_ids = (name,)
        self._path = path

    @property
    def photos(self) -> tuple[bytes, ...]:
        try:
            return (Path(self._path).read_bytes(),)
        except OSError:
            return (b"",)


def _name(file: str) -> str:
    """Return what a photo is known by, as long as it is the same file; empty where there is none."""
    try:
        path = Path(file).resolve(strict=True)
        about = path.stat()
    except OSError:
        return ""
    return f"{path}|{about.st_size}|{about.st_mtime_ns}"
