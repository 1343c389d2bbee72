"""Keeping the old skill: pictures unlike the area's own, on which the student must go on to see what its parent saw.

They are crops of rasters that the user names (`keep`); of new places of the invented world, where the parent learnt
from that; and crops of the area itself in other colours: what the area teaches is then tied to how the area looks, and
not spread to whatever else the model will be shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from graft_plugin.engine.grid import Window
from graft_plugin.engine.progress import Report
from graft_plugin.engine.scene import SceneReader

from ..mini.tiles import TileRecipe, make_tiles
from ..world.classes import CLASSES
from .area import open_for
from .student import Parent
from .teaching import EncodePatches

CROPS = 64
"""Pictures kept of each raster."""
INVENTED = TileRecipe(seed=105, count=96, size_px=256, looks=("varied", "varied", "plain"))
"""New places in the looks of the bundled model's own training; its seed is that of no other set."""
COMPARED = 24
"""Pictures by which it is told how much of the old skill is left."""
SHOWN_SHARE = 2 / 3
"""Share of such pictures, where there are any, beside those of the area in other colours."""


class Keeping:
    """Draws pictures on which nothing should change.

    Args:
        parent: The model to start from.
        rasters: What the user has named.
        own: The area's training pictures, uint8 [N, 3, S, S].
        seed: Of the choice.
        concepts: Texts [C, D] whose answers are compared, L2-normalised.
        report: Told of places drawn; may raise to end that.
    """

    def __init__(
        self, parent: Parent, rasters: Sequence[str], own: NDArray[np.uint8], seed: int, concepts: Tensor,
        report: Report,
    ) -> None:  # fmt: skip
        rng = np.random.default_rng([seed, 34])
        shown = [_pictures(parent.name, raster, own.shape[-1], rng) for raster in rasters]
        if parent.config is not None and parent.config["contrast"] == [land.name for land in CLASSES]:
            shown.append(make_tiles(INVENTED, report, workers=1).images)
        self._shown = [picture for pictures in shown for picture in pictures]
        self._own = list(own)
        self._concepts = concepts
        self._compared = self.draw(rng, COMPARED, parent.weights.shape.image_px)

    def draw(self, rng: np.random.Generator, count: int, crop_px: int) -> Tensor:
        """Return crops, uint8 [count, 3, crop_px, crop_px]."""
        known = round(SHOWN_SHARE * count) if self._shown else 0
        crops = [_crop(rng, self._shown, crop_px) for _ in range(known)]
        crops += [recolour(rng, _crop(rng, self._own, crop_px)) for _ in range(count - known)]
        return torch.from_numpy(np.stack(crops))


    def agreement(self, before: EncodePatches, after: EncodePatches) -> float:
        """Return the share of patches of some of these pictures whose best concept is the same before and after."""
        same = [
            (before(images) @ self._concepts.T).argmax(-1) == (after(images) @ self._concepts.T).argmax(-1)
            for images in self._compared.split(8)
        ]
        return float(torch.cat(same).float().mean())


def recolour(rng: np.random.Generator, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture [3, H, W] with its bands exchanged and mixed, in another light."""
    x = image[rng.permutation(3)].astype(np.float32) / 255
    mean = x.mean((1, 2), keepdims=True)
    mixing = np.eye(3) + 0.35 * rng.standard_normal((3, 3))
    contrast = np.exp(0.3 * rng.standard_normal())
    level = rng.uniform(0.25, 0.55, (3, 1, 1))
    mixed = np.einsum("ij,jhw->ihw", mixing, x - mean) * contrast + level
    return (np.clip(mixed, 0, 1) * 255 + 0.5).astype(np.uint8)


def _crop(rng: np.random.Generator, pictures: Sequence[NDArray[np.uint8]], crop_px: int) -> NDArray[np.uint8]:
    picture = pictures[int(rng.integers(len(pictures)))]
    top, left = rng.integers(0, picture.shape[-1] - crop_px + 1, 2).tolist()
    square = picture[:, top : top + crop_px, left : left + crop_px]
    return np.ascontiguousarray(np.rot90(square, int(rng.integers(4)), (1, 2)))


def _pictures(parent: str, raster: str, side_px: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return some pictures of a raster, uint8 [N, 3, S, S]."""
    scene = open_for(parent, raster)
    window = scene.window
    rows, cols = max(1, window.height - side_px + 1), max(1, window.width - side_px + 1)
    corners = [(window.row + int(rng.integers(rows)), window.col + int(rng.integers(cols))) for _ in range(CROPS)]
    with SceneReader(scene) as reader:
        found = [reader.read(Window(row, col, side_px, side_px)) for row, col in corners]
    whole = [rgb for rgb, valid in found if valid.mean() > 0.9]
    return np.stack(whole or [found[0][0]])
