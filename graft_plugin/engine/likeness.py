"""More like this: places that look like clicked points, or like the surroundings of a ground photo.

The prompt is a vector of the image space: the mean of the patches under the points, or what the model's ground encoder
makes of the photo. How near two images lie differs between models, between photo and patch, and between scenes. So a
place is measured on the vector's own scale over the area: 0 where the scene is least like it (its lowest hundredth), 1
where it is most like it (the points themselves; for a photo the scene's best place). Every point of `unlike` is a
vector with its own such scale; a place's likeness is multiplied by how much more the prompt gets of a softmax than all
of them, at the model's own logit scale: unchanged where the prompt fits much better, nought where they fit as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from ..errors import UsageError
from .crs import transformer
from .embed import embed_scene
from .grid import Window
from .scene import SceneReader, map_crs

if TYPE_CHECKING:
    from .encoders.types import ImageEncoder
    from .preparation import Search
    from .store import EmbeddingStore
    from .threshold import ScoreHistogram

LEAST_SHARE = 0.01
"""The share of the area below which a place counts as the scene's least like."""
_BLOCK = 1 << 16

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Seeds:
    """What a likeness is measured to.

    Attributes:
        like: Map points (x, y), in the CRS of the request or the raster's own.
        unlike: Likewise.
        photo: The photo's vector float32 [D], instead of `like`.
    """

    like: tuple[tuple[float, float], ...]
    unlike: tuple[tuple[float, float], ...]
    photo: Tensor | None = None

    def scorer(self, search: Search, store: EmbeddingStore) -> LikenessScorer:
        """Return the scorer, after looking at the patches under the points.

        Raises:
            UsageError: A point lies outside the raster or where it has no valid pixels.
        """
        unlike = self._patches(search, store, self.unlike)
        if self.photo is not None:
            return LikenessScorer(self.photo[None], None, unlike, search.encoder)
        like = self._patches(search, store, self.like)
        mean = F.normalize(like.mean(dim=0), dim=0)
        return LikenessScorer(mean[None], float((like @ mean).max()), unlike, search.encoder)

    def _patches(self, search: Search, store: EmbeddingStore, points: Sequence[tuple[float, float]]) -> Tensor:
        """Return the features [N, D] of the cells that hold the points."""
        rows = [_feature(search, store, *_pixel(search, x, y), (x, y)) for x, y in points]
        return torch.stack(rows) if rows else torch.zeros(0, search.encoder.dim)


def _pixel(search: Search, x: float, y: float) -> tuple[int, int]:
    """Return the global (row, col) of a map point.

    Raises:
        UsageError: The CRS is none, or the point lies outside the raster.
    """
    scene = search.scene
    gx, gy = transformer(map_crs(scene, search.request.crs), scene.grid.crs).transform(x, y)
    if np.isfinite([gx, gy]).all():
        row, col = int(np.floor(-gy / scene.grid.gsd_m)), int(np.floor(gx / scene.grid.gsd_m))
        if not Window(row, col, 1, 1).intersection(scene.window).empty:
            return row, col
    raise UsageError(
        f"the point ({x:g}, {y:g}) lies outside the raster", remedy="Check the point and its CRS.", path=scene.path
    )


def _feature(search: Search, store: EmbeddingStore, row: int, col: int, at: tuple[float, float]) -> Tensor:
    """Return the feature [D] of the cell that holds a pixel; of the nearest one where an edge leaves it too little.

    Raises:
        UsageError: The pixel is missing.
    """
    s = search.stride_px
    with SceneReader(search.scene) as reader:
        known = bool(reader.read(Window(row, col, 1, 1))[1].all())
    cells = [Window((row // s + dr) * s, (col // s + dc) * s, s, s) for dr in (0, -1, 1) for dc in (0, -1, 1)]
    cells.sort(key=lambda cell: (cell.row + s / 2 - row) ** 2 + (cell.col + s / 2 - col) ** 2)
    for cell in cells if known else []:
        if cell.intersection(search.scene.window).empty:
            continue
        field = embed_scene(search.scene, search.encoder, window=cell, stride_px=s, store=store, cancel=search.cancel)
        (block,) = field.blocks()
        if block.valid.all():
            return features(block.patches[0], block.image[0], search.encoder.global_bias)[0]
    raise UsageError(
        f"the raster has no data at the point ({at[0]:g}, {at[1]:g})",
        remedy="Click where there is an image.",
        path=search.scene.path,
    )


def features(patches: Array, image: Array, global_bias: float) -> Tensor:
    """Return unit vectors [..., D] of patches without what they borrow from their tile (SegEarth-OV's global bias)."""
    vectors = torch.as_tensor(patches).float()
    if global_bias:
        vectors = vectors + global_bias * torch.as_tensor(image).float()
    return F.normalize(vectors, dim=-1)


class LikenessScorer:
    """Cosines of patches to the prompt and to what is unlike it.

    Args:
        like: The prompt [1, D].
        top: Cosine of the most alike; None: the area's own highest.
        unlike: [U, D].
        encoder: The image encoder.
    """

    kind: Literal["cosine"] = "cosine"

    def __init__(self, like: Tensor, top: float | None, unlike: Tensor, encoder: ImageEncoder) -> None:
        self._vectors = torch.cat([like, unlike])
        self._top = top
        self._bias = encoder.global_bias
        self._logit_scale = encoder.logit_scale
        self.count = len(self._vectors)

    @torch.inference_mode()
    def score(self, patches: Array, image: Array) -> Array:
        """Return the cosines float32 [1 + U, ...] of patches [..., D] to the vectors."""
        flat, tiles = patches.reshape(-1, patches.shape[-1]), image.reshape(-1, image.shape[-1])
        parts = [
            features(flat[i : i + _BLOCK], tiles[i : i + _BLOCK], self._bias) @ self._vectors.T
            for i in range(0, len(flat), _BLOCK)
        ]
        cosines = torch.cat(parts).T.reshape(self.count, *patches.shape[:-1])
        return np.ascontiguousarray(cosines.numpy())

    def scale(self, cosines: ScoreHistogram) -> RelativeScale:
        """Return the scale of each vector over an area."""
        low = [cosines.quantile(k, LEAST_SHARE) for k in range(self.count)]
        best = float(cosines.maximum[0])
        top = best if self._top is None and np.isfinite(best) else self._top or 1.0
        tops = [top] + [1.0] * (self.count - 1)
        return RelativeScale(np.array(low, np.float32), np.array(tops, np.float32), self._logit_scale)


@dataclass(frozen=True)
class RelativeScale:
    """From cosines to a likeness in 0..1; see the module.

    Attributes:
        low, top: Cosines [1 + U] that become 0 and 1.
        logit_scale: 1/τ of the model.
    """

    low: Array
    top: Array
    logit_scale: float

    def likeness(self, cosines: Array) -> Array:
        """Return the likeness float32 [...] of cosines [1 + U, ...]; NaN stays."""
        shape = (-1, *[1] * (cosines.ndim - 1))
        span = np.maximum(self.top - self.low, 1e-6)
        relative = (cosines - self.low.reshape(shape)) / span.reshape(shape)
        own = np.clip(relative[0], 0.0, 1.0)
        if len(cosines) == 1:
            return np.asarray(own, dtype=np.float32)
        logits = self.logit_scale * span[0] * relative
        with np.errstate(invalid="ignore"):
            share = np.exp(logits[0] - np.logaddexp.reduce(logits, axis=0))
        return np.asarray(own * np.maximum(2.0 * share - 1.0, 0.0), dtype=np.float32)
