"""Where in a tile a photo was taken, and crops, flips and turns that move image and geotags together.

Positions are (row, col) in pixels of the tile, counted from its upper left corner: pixel p reaches from p to p + 1, so
that `floor` names the pixel that holds a position. A position on the edge between two pixels belongs to the one below
or to the right, and stays with its pixel's colours whatever is done to the image.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from affine import Affine
from numpy.typing import ArrayLike, NDArray

from graft_plugin.engine.crs import transformer

WGS84 = "EPSG:4326"


def photo_pixel(lon: ArrayLike, lat: ArrayLike, crs: str, transform: Sequence[float]) -> NDArray[np.float64]:
    """Return where geotags lie in a tile, exactly: through its CRS and the inverse of its transform.

    Args:
        lon: Degrees east, WGS 84; one or N.
        lat: Degrees north, likewise.
        crs: The tile's CRS, "EPSG:n" or WKT.
        transform: (a, b, c, d, e, f) in the order of `affine`: x = a col + b row + c, y = d col + e row + f.

    Returns:
        (row, col), float64 [2] or [N, 2]; outside of 0 to S where the tile does not hold the geotag, not finite where
        the geotag has no place in the CRS.
    """
    x, y = transformer(WGS84, crs).transform(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
    inverse = ~Affine(*transform[:6])
    x, y = np.asarray(x) - transform[2], np.asarray(y) - transform[5]  # near 0 first: no digits are lost to millions
    with np.errstate(invalid="ignore"):
        return np.stack([inverse.d * x + inverse.e * y, inverse.a * x + inverse.b * y], -1)


def in_tile(spots: NDArray[np.floating], size_px: int) -> NDArray[np.bool_]:
    """Return which positions [..., 2] a square of `size_px` pixels holds."""
    return np.asarray(((spots >= 0) & (spots < size_px)).all(-1))


def as_spots(positions: ArrayLike) -> NDArray[np.float32]:
    """Return positions as float32 [K, 2], each still in the pixel that holds it."""
    exact = np.asarray(positions, np.float64).reshape(-1, 2)
    return np.minimum(exact.astype(np.float32), _below(np.floor(exact) + 1))


def draw_corner(rng: np.random.Generator, spots: NDArray[np.float32], size_px: int, side_px: int) -> tuple[int, int]:
    """Return the (row, col) of a crop's upper left pixel: any at which the crop holds one of the geotags, drawn too.

    Args:
        rng: Draws the geotag, then the corner.
        spots: (row, col) of the geotags, [K, 2], K ≥ 1, all in the tile.
        size_px: Side of the tile.
        side_px: Side of the crop, at most `size_px`.
    """
    row, col = np.floor(spots[int(rng.integers(len(spots)))]).astype(int)
    top = rng.integers(max(0, row - side_px + 1), min(row, size_px - side_px) + 1)
    left = rng.integers(max(0, col - side_px + 1), min(col, size_px - side_px) + 1)
    return int(top), int(left)


def crop(
    image: NDArray, spots: NDArray[np.float32], corner: tuple[int, int], side_px: int
) -> tuple[NDArray, NDArray[np.float32], NDArray[np.int64]]:
    """Cut a square out of a tile.

    Args:
        image: [..., S, S].
        spots: (row, col) of the geotags, float32 [K, 2].
        corner: (row, col) of the square's upper left pixel.
        side_px: Its side.

    Returns:
        The square (a view), the geotags inside it in its own pixels [M, 2], and which of the K they are [M].

    Raises:
        ValueError: The square is not inside the image.
    """
    top, left = corner
    height, width = image.shape[-2:]
    if top < 0 or left < 0 or top + side_px > height or left + side_px > width:
        raise ValueError(f"a crop of {side_px} pixels at {corner} is not inside an image of {height} x {width}")
    moved = as_spots(spots.astype(np.float64) - corner)
    kept = np.flatnonzero(in_tile(moved, side_px))
    return image[..., top : top + side_px, left : left + side_px], moved[kept], kept


def flip(image: NDArray, spots: NDArray[np.float32]) -> tuple[NDArray, NDArray[np.float32]]:
    """Mirror an image [..., H, W] and its geotags [K, 2] left to right; the image is a view."""
    moved = spots.copy()
    moved[:, 1] = _mirror(spots[:, 1], image.shape[-1])
    return image[..., ::-1], moved


def turn(image: NDArray, spots: NDArray[np.float32], quarters: int) -> tuple[NDArray, NDArray[np.float32]]:
    """Turn an image [..., H, W] and its geotags [K, 2] by quarter turns against the clock; the image is a view."""
    moved = spots
    for done in range(quarters % 4):
        width = image.shape[-1 - done % 2]
        moved = np.stack([_mirror(moved[:, 1], width), moved[:, 0]], -1)
    return np.rot90(image, quarters, (-2, -1)), moved


def flip_and_turn(
    rng: np.random.Generator, image: NDArray, spots: NDArray[np.float32]
) -> tuple[NDArray, NDArray[np.float32]]:
    """Flip an image [..., S, S] and its geotags [K, 2] with an even chance, then turn them by 0 to 3 quarters."""
    if rng.random() < 0.5:
        image, spots = flip(image, spots)
    return turn(image, spots, int(rng.integers(4)))


def _mirror(places: NDArray[np.float32], size_px: int) -> NDArray[np.float32]:
    """Return size - place, kept in the mirrored pixel: what lay on its lower edge would slip out over its upper."""
    return np.minimum(np.float32(size_px) - places, _below(size_px - np.floor(places)))


def _below(edges: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.nextafter(edges.astype(np.float32), np.float32(-np.inf))
