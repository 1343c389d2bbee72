"""Outdoor photos only: by a Places365 network whose files the user names, else by the frozen CLIP without training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Optional, Protocol

from graft_plugin.errors import UsageError

from .journal import Journal
from .photos import Photo, photo_path

if TYPE_CHECKING:
    from graft_plugin.engine.encoders.photo import PhotoEncoder
    from graft_plugin.engine.encoders.text import TextEncoder

CLIP = "openai-vit-b-16"
"""The CLIP whose image tower is GRAFT's ground encoder."""
PROMPTS = {
    True: ("a photo taken outdoors", "an outdoor scene", "a photo of a landscape", "a photo of a street outside"),
    False: ("a photo taken indoors", "an indoor scene", "a photo of a room", "a photo of the interior of a building"),
}
_CHOICES = (
    "Choose a CLIP with an open vocabulary (--outdoor-model), give the files of a Places365 network "
    "(--places365 and --places365-table), or keep all photos with --no-outdoor-filter."
)


class Judge(Protocol):
    """Gives a photo's file a score, 0 (indoors) to 1 (outdoors)."""

    def outdoor(self, path: Path) -> float: ...  # noqa: D102


class ClipJudge:
    """Zero-shot: is the picture nearer to what one says of outdoor photos, or of indoor ones?

    Args:
        photos: The ground encoder.
        texts: The text tower of the same space.
        model: Its name, for errors.

    Raises:
        UsageError: The model's vocabulary lacks a word of the prompts, so that its answer would mean nothing.
    """

    def __init__(self, photos: PhotoEncoder, texts: TextEncoder, model: str) -> None:
        unknown = sorted({word for side in PROMPTS.values() for text in side for word in texts.unknown_words(text)})
        if unknown:
            raise UsageError(
                f"the model {model!r} cannot tell indoors from outdoors: it never saw the words {', '.join(unknown)}",
                remedy=_CHOICES,
            )
        import torch

        texts.templates = ("{}",)  # its own may speak of satellite images
        sides = [texts.encode(PROMPTS[outdoors]).mean(dim=0) for outdoors in (True, False)]
        self._photos = photos
        self._texts = torch.nn.functional.normalize(torch.stack(sides), dim=-1)
        self._scale = texts.logit_scale

    def outdoor(self, path: Path) -> float:
        """Return the softmax over both sides' prompts, for outdoors."""
        out, inside = (self._texts @ self._photos.encode(path)).tolist()
        return two_way(self._scale * (out - inside))


def two_way(logit: float) -> float:
    """Return the softmax of two logits that differ by `logit`, for the first."""
    if logit < 0:
        return math.exp(logit) / (1 + math.exp(logit))
    return 1 / (1 + math.exp(-logit))


class RememberedFilter:
    """A judge whose scores are kept in the journal, so that no photo is judged twice.

    Args:
        judge: Gives scores.
        name: Which judge it is, for the manifest.
        folder: The photo folder.
        journal: Where scores are kept.
    """

    def __init__(self, judge: Judge, name: str, folder: Path, journal: Journal) -> None:
        self.name = name
        self._judge = judge
        self._folder = folder
        self._journal = journal

    def score(self, photo: Photo) -> float:
        """See `sift.OutdoorFilter`."""
        kept = self._journal.get("scores", photo.id)
        if kept is None:
            kept = round(self._judge.outdoor(photo_path(self._folder, photo.file)), 4)
            self._journal.put("scores", photo.id, kept)
        return float(kept)


def check_files(weights: Optional[str], table: Optional[str]) -> None:
    """Refuse one Places365 file without the other.

    Raises:
        UsageError: The network is given without its table, or the table without its network.
    """
    if (weights is None) != (table is None):
        given, lacking = ("--places365", "--places365-table")[:: 1 if table is None else -1]
        raise UsageError(f"{given} needs {lacking} too", remedy="Give the network and the table of its categories.")


def make_judge(weights: Optional[str], table: Optional[str], model: str) -> tuple[Judge, str]:
    """Return the judge and its name: Places365 where its files are given, else a CLIP.

    Raises:
        UsageError: One file is lacking, or the model cannot tell.
        CheckpointError: A file is missing, unsafe, damaged, or not what it should be.
    """
    check_files(weights, table)
    if weights is not None and table is not None:
        from .places365 import Places365, local_copy

        return Places365(local_copy(weights), local_copy(table)), "places365 resnet18"
    from graft_plugin.engine import load_text_encoder
    from graft_plugin.engine.encoders.photo import load_photo_encoder

    return ClipJudge(load_photo_encoder(model), load_text_encoder(model), model), f"zero-shot {model}"


def prompts() -> dict[str, Sequence[str]]:
    """Return what the zero-shot judge compares, for the manifest."""
    return {"outdoors": PROMPTS[True], "indoors": PROMPTS[False]}
