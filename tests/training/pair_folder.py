"""A pair folder of generated tiles: what a photo shows is what its place looks like."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np


def jpeg(colour, rng):
    from PIL import Image

    stream = io.BytesIO()
    picture = np.clip(colour + rng.integers(0, 30, (48, 64, 3)), 0, 255).astype(np.uint8)
    Image.fromarray(picture).save(stream, "JPEG", quality=95)
    return stream.getvalue()


def make_tile(rng, size):
    """Colours in blocks of 56 pixels; uint8 [3, size, size]."""
    blocks = rng.integers(0, 226, (3, 8, 8))
    image = blocks.repeat(56, 1).repeat(56, 2)[:, :size, :size]
    return (image + rng.integers(0, 30, image.shape)).clip(0, 255).astype(np.uint8)


def write_tiles(folder: Path, tiles=12, *, size=448, seed=0, photos=3) -> Path:
    """Write tiles side by side, with 1 to `photos` photos of the colour where they were taken; returns `folder`."""
    from training.pair_writer import TilePhoto, TileRecord, write_pairs

    rng = np.random.default_rng(seed)
    side, found = int(np.ceil(np.sqrt(tiles))), []
    for n in range(tiles):
        image, spots = make_tile(rng, size), rng.uniform(0, size, (1 + n % photos, 2)).tolist()
        record = TileRecord(
            tile_id=f"t{n:04d}", source="rasters", sensor="rgb", crs="EPSG:32615",
            transform=(1.0, 0.0, 500000.0 + n % side * 600, 0.0, -1.0, 5000000.0 + n // side * 600), gsd_m=1.0,
            size_px=size, acquired=None, image="made up",
            photos=tuple(TilePhoto(f"p{n}-{k}", row, col) for k, (row, col) in enumerate(spots)),
        )  # fmt: skip
        found.append((record, image, [jpeg(image[:, int(row), int(col)], rng) for row, col in spots]))
    write_pairs(folder, found, shard_tiles=max(1, -(-tiles // 2)))
    return folder
