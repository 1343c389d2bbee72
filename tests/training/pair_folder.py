"""A pair folder of generated tiles: what a photo shows is what its place looks like."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import numpy as np


def _png(image):
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(np.moveaxis(image, 0, -1))).save(stream, "PNG")
    return stream.getvalue()


def _jpeg(colour, rng):
    from PIL import Image

    noise = rng.integers(0, 30, (48, 64, 3))
    stream = io.BytesIO()
    Image.fromarray((np.clip(colour + noise, 0, 255)).astype(np.uint8)).save(stream, "JPEG", quality=95)
    return stream.getvalue()


def make_tile(rng, size):
    """Colours in blocks of 56 pixels; uint8 [3, size, size]."""
    blocks = rng.integers(0, 226, (3, 8, 8))
    image = blocks.repeat(56, 1).repeat(56, 2)[:, :size, :size]
    return (image + rng.integers(0, 30, image.shape)).clip(0, 255).astype(np.uint8)


def write_pairs(folder: Path, tiles=12, *, size=448, shards=2, seed=0, photos=3) -> Path:
    """Write a pair folder whose photos have the colour of the pixel where they were taken; returns `folder`."""
    import geopandas
    from shapely.geometry import box

    rng = np.random.default_rng(seed)
    (folder / "shards").mkdir(parents=True)
    rows = []
    side = int(np.ceil(np.sqrt(tiles)))
    for shard in range(shards):
        with tarfile.open(folder / "shards" / f"tiles-{shard:06d}.tar", "w") as tar:
            for n in range(shard, tiles, shards):
                count = 1 + n % photos
                image, spots = make_tile(rng, size), rng.uniform(0, size, (count, 2))
                name = f"t{n:04d}"
                about = {
                    "crs": "EPSG:32615", "transform": [1, 0, 500000 + 500 * n, 0, -1, 5000000], "gsd_m": 1.0,
                    "photos": [
                        {"id": f"p{n}-{k}", "row": r, "col": c, "taken": None, "direction_deg": None}
                        for k, (r, c) in enumerate(spots.tolist())
                    ],
                }
                files = {f"{name}.png": _png(image), f"{name}.json": json.dumps(about).encode()}
                for k, (r, c) in enumerate(spots.astype(int)):
                    files[f"{name}.photo{k:02d}.jpg"] = _jpeg(image[:, r, c], rng)
                for file, data in files.items():
                    info = tarfile.TarInfo(file)
                    info.size = len(data)
                    tar.addfile(info, io.BytesIO(data))
                west, south = n % side * 0.01, n // side * 0.01
                place = box(west, south, west + 0.005, south + 0.005)
                rows.append({"tile_id": name, "photos": count, "geometry": place})
    geopandas.GeoDataFrame(rows, crs="EPSG:4326").to_parquet(folder / "index.parquet")
    (folder / "manifest.json").write_text(json.dumps({"tiles": tiles}))
    return folder
