"""Augmentation of the tiles that the small SAM is trained on: the same ground, taken another way."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)[:, None, None]


def _resize(image: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    source = torch.from_numpy(np.ascontiguousarray(image))[None]
    mode = "area" if size[0] < image.shape[-2] else "bilinear"
    return F.interpolate(source, size, mode=mode)[0].numpy()


def augment_colour(rng: np.random.Generator, image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Change how a tile was taken, not what it shows: resampling blur, gain, gamma, saturation, tint, haze, noise.

    Args:
        rng: The source of randomness.
        image: float32 [3, H, W], 0 to 255.

    Returns:
        float32 [3, H, W], 0 to 255.
    """
    h, w = image.shape[-2:]
    if rng.random() < 0.4:  # a coarse raster brought to a finer grid
        factor = rng.uniform(1.2, 3.0)
        image = _resize(_resize(image, (round(h / factor), round(w / factor))), (h, w))
    x = image / 255
    if rng.random() < 0.8:
        x = x ** np.float32(np.exp(rng.normal(0, 0.25)))
        x = x * (np.exp(rng.normal(0, 0.15)) * np.exp(rng.normal(0, 0.06, (3, 1, 1)))).astype(np.float32)
        grey = (x * _LUMA).sum(0, keepdims=True)
        x = grey + (x - grey) * np.float32(np.exp(rng.normal(0, 0.3)))
    if rng.random() < 0.3:
        x = x + (rng.uniform(0, 0.25) * (rng.uniform(0.5, 1.0, (3, 1, 1)) - x)).astype(np.float32)
    if rng.random() < 0.15:
        x = x[rng.permutation(3)]
    if rng.random() < 0.5:
        x = x + rng.standard_normal(x.shape, np.float32) * np.float32(rng.uniform(0, 0.03))
    return (np.clip(x, 0, 1) * 255).astype(np.float32)


def move(
    rng: np.random.Generator, image: NDArray[np.uint8], labels: NDArray[np.uint8], size: int
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Cut a square out of a tile, nearer or farther than it was taken, flipped and turned; the truth moves with it.

    Args:
        rng: The source of randomness.
        image: uint8 [3, H, W], H and W at least `size`.
        labels: uint8 [H, W], the truth of the same pixels.
        size: Side of the result, pixels.

    Returns:
        float32 [3, size, size] in 0 to 255, and the labels uint8 [size, size].
    """
    least, most = 0.5 * size, min(2.0 * size, *labels.shape)
    side = size if rng.random() < 0.4 else int(np.exp(rng.uniform(np.log(least), np.log(most))))
    top, left = (int(rng.integers(0, have - side + 1)) for have in labels.shape)
    take = ((np.arange(size) + 0.5) * side / size).astype(int)
    colour = image[:, top : top + side, left : left + side].astype(np.float32)
    if side != size:
        colour = _resize(colour, (size, size))
    labels = labels[top + take[:, None], left + take]
    turns, flip = int(rng.integers(4)), bool(rng.integers(2))
    colour, labels = np.rot90(colour, turns, (1, 2)), np.rot90(labels, turns)
    if flip:
        colour, labels = colour[..., ::-1], labels[..., ::-1]
    return np.ascontiguousarray(colour), np.ascontiguousarray(labels)


def recolour(rng: np.random.Generator, image: NDArray[np.float32], ids: NDArray[np.int32]) -> NDArray[np.float32]:
    """Give each object a mean colour of its own, drawn at random, and leave it some of its texture.

    What belongs together is then plain to see, whatever it is: the easy lessons that come first.

    Args:
        rng: The source of randomness.
        image: float32 [3, H, W], 0 to 255.
        ids: int32 [H, W], the object of each pixel, from 0.

    Returns:
        float32 [3, H, W], 0 to 255.
    """
    flat = ids.ravel()
    count = np.maximum(np.bincount(flat), 1)
    mean = np.stack([np.bincount(flat, band.ravel()) / count for band in image]).astype(np.float32)
    colour = (rng.uniform(30, 220, len(count)) + rng.normal(0, 25, (3, len(count)))).astype(np.float32)
    texture = np.float32(rng.uniform(0.2, 0.9))
    return np.clip(texture * (image - mean[:, ids]) + colour[:, ids], 0, 255)
