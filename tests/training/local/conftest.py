"""A small area in exchanged colours, with photos and polygons: what the colour model must learn, and can in seconds."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

CRS = "EPSG:32615"
LEFT, TOP, SIDE, CELL = 500_000, 5_000_000, 1120, 56
WORDS = ("soil", "forest", "lake")
SEEN = {"soil": (60, 70, 190), "forest": (190, 60, 70), "lake": (60, 190, 70)}
"""What each looks like from above: not as the colour model has it, which reads red, green and blue."""
PHOTO = {"soil": (200, 60, 60), "forest": (60, 200, 60), "lake": (60, 60, 200)}


@dataclass(frozen=True)
class SmallArea:
    raster: Path
    photos: Path
    points: Path
    polygons: Path
    kinds: np.ndarray
    """int [20, 20]: the word of each cell of 56 metres."""


@pytest.fixture(scope="session")
def small_area(tmp_path_factory) -> SmallArea:
    return write_small_area(tmp_path_factory.mktemp("area"))


def write_small_area(folder: Path) -> SmallArea:
    import pyogrio
    import rasterio
    import shapely
    from pyproj import Transformer
    from rasterio.transform import from_origin

    from training.local.invented import write_photo

    rng = np.random.default_rng(5)
    cells = SIDE // CELL
    kinds = rng.integers(0, 3, (cells, cells))
    area = SmallArea(folder / "area.tif", folder / "photos", folder / "points.gpkg", folder / "polygons.gpkg", kinds)
    colours = np.array([SEEN[word] for word in WORDS])
    picture = np.moveaxis(colours[kinds.repeat(CELL, 0).repeat(CELL, 1)], -1, 0)
    picture = np.clip(picture + rng.integers(-8, 9, picture.shape), 0, 255).astype(np.uint8)
    with rasterio.open(
        area.raster, "w", driver="GTiff", width=SIDE, height=SIDE, count=3, dtype="uint8", crs=CRS,
        transform=from_origin(LEFT, TOP, 1, 1), tiled=True, photometric="rgb",
    ) as out:
        out.write(picture)
    area.photos.mkdir()
    to_degrees = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    spots, names = rng.integers(0, SIDE, (90, 2)), []
    for k, (row, col) in enumerate(spots):
        colour = np.array(PHOTO[WORDS[kinds[row // CELL, col // CELL]]])
        view = np.clip(colour[:, None, None] + rng.integers(-10, 11, (3, 32, 32)), 0, 255).astype(np.uint8)
        names.append(f"{k:02d}-{row}-{col}.jpg")
        write_photo(area.photos / names[-1], view, *to_degrees.transform(LEFT + col + 0.5, TOP - row - 0.5))
    xy = np.stack([LEFT + spots[:, 1] + 0.5, TOP - spots[:, 0] - 0.5], 1)
    pyogrio.raw.write(
        area.points, shapely.to_wkb(shapely.points(xy)), [np.array([f"photos/{n}" for n in names], object)], ["photo"],
        geometry_type="Point", crs=CRS, layer="spots", driver="GPKG",
    )  # fmt: skip
    boxes, prompts = [], []
    for r, c in np.argwhere(kinds > 0):
        boxes.append(shapely.box(LEFT + c * CELL, TOP - (r + 1) * CELL, LEFT + (c + 1) * CELL, TOP - r * CELL))
        prompts.append(WORDS[kinds[r, c]])
    pyogrio.raw.write(
        area.polygons, shapely.to_wkb(np.array(boxes)), [np.array(prompts, object)], ["prompt"],
        geometry_type="Polygon", crs=CRS, layer="graft", driver="GPKG",
    )  # fmt: skip
    return area


NO_PHOTO = base64.b64decode("/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//2Q==")
"""A JPEG that ends before its picture."""
