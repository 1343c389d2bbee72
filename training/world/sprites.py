"""All drawings as one table of small pictures at several sizes, drawn once.

The red, green and blue channels are weights of three tints (see `drawings`), alpha is cover.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from .drawings import CANVAS_PX, PAINTERS


@dataclass(frozen=True)
class Atlas:
    """All sprites, at several sizes.

    Attributes:
        texels: Flat packed RGBA, uint32; sprite `s` of a level starts at ``offsets[level] + s * sizes[level] ** 2``.
        sizes: Side of a sprite in each level, px, from fine to coarse.
        offsets: Start of each level in `texels`.
        first: First sprite of each kind.
        count: Number of variants of each kind.
    """

    texels: np.ndarray
    sizes: np.ndarray
    offsets: np.ndarray
    first: dict[str, int]
    count: dict[str, int]

    def pick(self, kind: str, n: int, rng: np.random.Generator) -> np.ndarray:
        """Return `n` random variants of a kind, int [n]."""
        return self.first[kind] + rng.integers(0, self.count[kind], n)


def _shrink(image: np.ndarray) -> np.ndarray:
    """Halve a premultiplied float RGBA image, [H, W, 4]."""
    return (image[::2, ::2] + image[1::2, ::2] + image[::2, 1::2] + image[1::2, 1::2]) / 4


@lru_cache(maxsize=1)
def atlas() -> Atlas:
    """Draw the sprites once; the same on every machine."""
    levels: list[list[np.ndarray]] = [[] for _ in range(5)]
    first, count = {}, {}
    for kind, (painter, variants) in PAINTERS.items():
        first[kind], count[kind] = len(levels[0]), variants
        for variant in range(variants):
            canvas = Image.new("RGBA", (CANVAS_PX, CANVAS_PX))
            painter(ImageDraw.Draw(canvas), np.random.default_rng([len(levels[0]), variant]))
            image = np.asarray(canvas, np.float32)
            image = image * np.concatenate([np.repeat(image[..., 3:] / 255, 3, -1), np.ones_like(image[..., :1])], -1)
            for level in levels:
                image = _shrink(image)
                colour = image[..., :3] / np.maximum(image[..., 3:] / 255, 1e-3)
                level.append(np.clip(np.concatenate([colour, image[..., 3:]], -1), 0, 255).astype(np.uint8))
    sizes = np.array([level[0].shape[0] for level in levels])
    flat = [np.ascontiguousarray(np.stack(level)).view(np.uint32).ravel() for level in levels]
    offsets = np.cumsum([0] + [len(part) for part in flat[:-1]])
    return Atlas(np.concatenate(flat), sizes, offsets, first, count)
