"""Teaching by ground photos: GRAFT's pixel-level loss against the frozen features of the photos taken in the area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from graft_plugin.engine.grid import Window
from graft_plugin.engine.progress import CancelToken, Report
from graft_plugin.errors import UsageError

from ..losses import pixel_loss
from ..pairs import as_spots, crop, draw_corner, flip_and_turn
from .area import Area, window_around
from .geotags import Photo, Photos
from .photo_features import PhotoFeatures
from .split import Part, Split, split_area
from .teaching import EncodePatches, Lesson, encode_windows, halves, most_pictures

LEAST = 6
"""Photos that each part needs."""
TAU = 0.15
"""Temperature of the loss, as the mini model was trained; the public models' 0.07 suits batches of thousands."""


@dataclass(frozen=True)
class Placed:
    """A photo on the imagery.

    Attributes:
        photo: It.
        row, col: Global pixel.
        part: What it is for.
    """

    photo: Photo
    row: int
    col: int
    part: Part


@dataclass(frozen=True)
class Words:
    """What a model can say of a patch.

    Attributes:
        concepts: Text vectors, float32 [C, D], L2-normalised.
        scale: 1/τ at which they are compared with patches.
    """

    concepts: Tensor
    scale: float


@dataclass(frozen=True)
class PhotoPlan:
    """Which photos teach and which judge, before any picture is read.

    Attributes:
        placed: The photos on the imagery.
        split: The parts.
        dropped: Reason → photos that were left out.
    """

    placed: tuple[Placed, ...]
    split: Split
    dropped: dict[str, int]

    def of(self, part: Part) -> list[Placed]:
        """Return the photos of a part."""
        return [one for one in self.placed if one.part == part]


def plan_photos(area: Area, photos: Photos, seed: int) -> PhotoPlan:
    """Place photos on the imagery and split them by space.

    Raises:
        UsageError: Too few lie on it, or no split leaves each part enough.
    """
    found, dropped = photos.found, dict(photos.dropped)
    spots = area.to_pixels(np.array([p.lon for p in found]), np.array([p.lat for p in found]), "EPSG:4326")
    spots = np.floor(np.where(np.isfinite(spots), spots, -1e12)).astype(np.int64)
    low, high = np.array([area.window.row, area.window.col]), np.array(area.window.stop)
    inside = np.asarray(((spots >= low) & (spots < high)).all(1), bool)
    inside[inside] = [bool(area.read(Window(int(r), int(c), 1, 1))[1][0, 0]) for r, c in spots[inside]]
    if outside := int((~inside).sum()):
        dropped["outside the imagery"] = outside
    if inside.sum() < 2 * LEAST:
        raise UsageError(
            f"{int(inside.sum())} of {len(found)} photos lie on the imagery, and {2 * LEAST} are the least",
            remedy="Bring photos from this area, or take a larger raster.",
            path=area.scene.path,
        )
    kept = np.flatnonzero(inside)
    split = split_area(area.window, area.tile_px, spots[kept], np.zeros(len(kept), np.int64), seed, LEAST)
    placed = tuple(
        Placed(found[i], int(spots[i, 0]), int(spots[i, 1]), split.part_of(*spots[i])) for i in kept.tolist()
    )
    return PhotoPlan(placed, split, dropped)


class PhotoTeaching:
    """See `Teaching`; the photos' features are computed once, and frozen.

    Args:
        area: The imagery.
        plan: Which photos teach.
        photographs: The ground encoder of the parent.
        words: The parent's texts, for the judgement alone.
        seed: Of the choice of pictures, where there are more than fit.
        report: Told of photos encoded.
        cancel: Looked at for every photo.
    """

    kind = "photos"

    def __init__(
        self, area: Area, plan: PhotoPlan, photographs: PhotoFeatures, words: Words, seed: int, report: Report,
        cancel: CancelToken,
    ) -> None:  # fmt: skip
        self._area = area
        self._words = words
        self._plan = plan
        wanted = [one for one in plan.placed if one.part != "buffer"]
        readable, self._features = photographs.of([one.photo.file for one in wanted], report, cancel)
        used = [wanted[i] for i in readable]
        self._dropped = dict(plan.dropped)
        if len(used) < len(wanted):
            self._dropped["unreadable"] = self._dropped.get("unreadable", 0) + len(wanted) - len(used)
        train = [i for i, one in enumerate(used) if one.part == "train"]
        self._cut(train, used, np.random.default_rng([seed, 32]))
        self._held = _held_by_tile(plan.split, used)
        photos = {window: len(own) for window, own in self._held}
        self._judges = halves(list(photos), lambda half: sum(photos[window] for window in half) >= LEAST)

    @property
    def counts(self) -> dict[str, Any]:
        """How much there is."""
        return {
            "train": int(sum(len(own) for own in self._owned)),
            "held": sum(len(own) for _, own in self._held),
            "buffer": len(self._plan.of("buffer")),
            "pictures": len(self.pictures),
            "dropped": self._dropped,
        }

    @property
    def apart(self) -> bool:
        """Whether the two halves of the held-out part differ."""
        return self._judges[0] != self._judges[1]

    def lesson(self, rng: np.random.Generator, count: int, crop_px: int) -> Lesson:
        """Draw crops around photos; those of a picture's photos that a crop holds teach with it."""
        side, patch = self.pictures.shape[-1], self._area.patch_px
        images, photos, owner, index = [], [], [], []
        for row, i in enumerate(rng.choice(len(self.pictures), min(count, len(self.pictures)), replace=False)):
            spots = as_spots(self._spots[i] + 0.5)  # the middle of their pixels
            corner = draw_corner(rng, spots, side, crop_px)
            image, moved, inside = crop(self.pictures[i], spots, corner, crop_px)
            image, moved = flip_and_turn(rng, image, moved)
            r, c = moved.astype(np.int64).T
            images.append(np.ascontiguousarray(image))
            photos.append(self._owned[i][inside])
            owner.append(np.full(len(r), row))
            index.append(r // patch * (crop_px // patch) + c // patch)
        ground = self._features[torch.from_numpy(np.concatenate(photos))]
        target = (ground, torch.from_numpy(np.concatenate(owner)), torch.from_numpy(np.concatenate(index)))
        return Lesson(torch.from_numpy(np.stack(images)), target)

    def loss(self, patches: Tensor, target: Any) -> Tensor:  # noqa: ANN401 - (ground, owner, patch index)
        """Return GRAFT's pixel-level loss."""
        ground, owner, index = (part.to(patches.device) for part in target)
        return pixel_loss(patches, ground, owner, index, TAU)

    def judge(self, encode: EncodePatches, final: bool) -> dict[str, float]:
        """Score each held-out photo's patch: does it find the photo again, and would it be called by the same word?

        Returns:
            score: The mean of `ranking` and `named`. ranking: the share of the half's other photos that a photo's own
            patch likes less, its mean; 0.5 is chance. named: the probability that the patch gives to the concept that
            fits the photo best, its mean. recall_at_5: how often the own photo is among the first five.
        """
        chosen = set(self._judges[1 if final else 0])
        held = [(window, own) for window, own in self._held if window in chosen]
        maps = encode_windows(encode, lambda window: self._area.read(window)[0], [window for window, _ in held])
        patch = self._area.patch_px
        anchors, photos = [], []
        for (window, own), vectors in zip(held, maps, strict=True):
            for one, feature in own:
                anchors.append(vectors[(one.row - window.row) // patch, (one.col - window.col) // patch])
                photos.append(feature)
        patches, own_photos = torch.stack(anchors), self._features[photos]
        similarity = patches @ own_photos.T
        own_one = similarity.diagonal()[:, None]
        others = max(1, len(photos) - 1)
        below = (similarity < own_one).sum(1) + 0.5 * ((similarity == own_one).sum(1) - 1)
        above = (similarity > own_one).sum(1)
        ranking, named = float((below / others).mean()), float(self._named(patches, own_photos).mean())
        recall = float((above < 5).float().mean())
        return {"score": (ranking + named) / 2, "ranking": ranking, "named": named, "recall_at_5": recall}

    def _named(self, patches: Tensor, photos: Tensor) -> Tensor:
        """Return the probability [N] that patches [N, D] give to the concepts that fit photos [N, D] best."""
        best = (photos @ self._words.concepts.T).argmax(-1, keepdim=True)
        return (self._words.scale * patches @ self._words.concepts.T).softmax(-1).gather(-1, best)[:, 0]

    def _cut(self, train: Sequence[int], used: Sequence[Placed], rng: np.random.Generator) -> None:
        """Cut training pictures so that each training photo lies in one, and none reaches what is held out."""
        side = self._area.picture_px
        cover: list[tuple[Window, list[int]]] = []
        for i in rng.permutation(train).tolist():
            one = used[i]
            home = next((own for window, own in cover if one.row in window.rows and one.col in window.cols), None)
            if home is not None:
                home.append(i)
                continue
            window = _teaching_window(one, side, self._area.window, self._plan.split)
            if window is not None and len(cover) < most_pictures(side):
                cover.append((window, [i]))
        if not cover:
            raise UsageError(
                "no picture around a photo keeps clear of what is held out",
                remedy="Take a larger raster or more photos.",
            )
        self.windows = [window for window, _ in cover]
        self.pictures = np.stack([self._area.read(window)[0] for window in self.windows])
        self._owned = [np.array(own) for _, own in cover]
        self._spots = [
            np.array([(used[i].row - window.row, used[i].col - window.col) for i in own]) for window, own in cover
        ]


def _teaching_window(one: Placed, side_px: int, inside: Window, split: Split) -> Window | None:
    """Return a picture that holds the photo and keeps clear of what is held out; None where there is none."""
    step = side_px // 2 - 8
    for rows, cols in ((0, 0), *((r, c) for r in (-step, 0, step) for c in (-step, 0, step) if r or c)):
        window = window_around(one.row + rows, one.col + cols, side_px, inside)
        if one.row in window.rows and one.col in window.cols and split.may_teach(window):
            return window
    return None


def _held_by_tile(split: Split, used: Sequence[Placed]) -> list[tuple[Window, list[tuple[Placed, int]]]]:
    """Return each held-out tile that has photos, with them and their features' numbers."""
    tiles: dict[Window, list[tuple[Placed, int]]] = {window: [] for window in split.held_tiles()}
    for i, one in enumerate(used):
        if one.part == "held":
            home = next(window for window in tiles if one.row in window.rows and one.col in window.cols)
            tiles[home].append((one, i))
    return [(window, own) for window, own in tiles.items() if own]
