"""An invented area to fine-tune on: infrared imagery, geotagged photos taken in it, and polygons of what is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from pyproj import Transformer
from rasterio.features import shapes
from rasterio.transform import from_origin

from ..mini.scenes import SCENE_CRS, draw_scene, write_scene
from ..mini.tiles import draw_spots
from ..world.classes import CLASSES
from ..world.ground import render_views
from .unseen import infrared

ORIGIN = (500_000.0, 5_200_000.0)
GSD_M = 1.0
_GPS_IFD = 0x8825
_LEAST_PX = 40


@dataclass(frozen=True)
class Invented:
    """The files of an invented area.

    Attributes:
        raster: The imagery.
        photos: Folder of JPEGs with positions.
        polygons: GeoPackage with a field `prompt`.
        labels: The truth, uint8 [H, W].
    """

    raster: Path
    photos: Path
    polygons: Path
    labels: NDArray[np.uint8]


def invent_area(folder: Path, seed: int, *, scenes: int = 4, size_px: int = 672, photos: int = 64) -> Invented:
    """Write an area of scenes x scenes invented places side by side; what is there already is used again.

    Args:
        folder: Where.
        seed: Of the places.
        scenes: Places along a side.
        size_px: Side of a place, pixels of 1 m.
        photos: Photos in each place: half anywhere, half evenly over its classes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    truth = folder / "labels.npy"
    made = Invented(folder / "infrared.tif", folder / "photos", folder / "polygons.gpkg", np.zeros((0, 0), np.uint8))
    if not truth.exists():
        labels = np.zeros((scenes * size_px, scenes * size_px), np.uint8)
        picture = np.zeros((3, *labels.shape), np.uint8)
        for i in range(scenes * scenes):
            rows, cols = (slice(k * size_px, (k + 1) * size_px) for k in divmod(i, scenes))
            focus = CLASSES[i % len(CLASSES)].name
            visible, labels[rows, cols] = draw_scene(seed + i, size_px=size_px, gsd_m=GSD_M, focus=focus)
            picture[:, rows, cols] = infrared(visible, labels[rows, cols], np.random.default_rng([seed + i, 78]))
            _take_photos(made.photos, i, labels[rows, cols], (rows.start, cols.start), photos, seed + i)
        write_scene(made.raster, picture, GSD_M, ORIGIN)
        _write_polygons(made.polygons, labels)
        np.save(truth, labels)
    return Invented(made.raster, made.photos, made.polygons, np.load(truth))


def _take_photos(
    folder: Path, number: int, labels: NDArray[np.uint8], corner: tuple[int, int], count: int, seed: int
) -> None:
    """Take photos of one place, with their positions as a camera writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, 79])
    spots = draw_spots(rng, labels, count).astype(int)
    views = render_views(labels, GSD_M, spots[:, 0], spots[:, 1], rng.uniform(0, 2 * np.pi, count), rng)
    to_degrees = Transformer.from_crs(SCENE_CRS, "EPSG:4326", always_xy=True)
    for k, ((row, col), view) in enumerate(zip(spots, views, strict=True)):
        x, y = ORIGIN[0] + (corner[1] + col + 0.5) * GSD_M, ORIGIN[1] - (corner[0] + row + 0.5) * GSD_M
        write_photo(folder / f"{number:02d}-{k:03d}.jpg", view, *to_degrees.transform(x, y))


def write_photo(path: Path, view: NDArray[np.uint8], lon: float, lat: float) -> None:
    """Write a picture [3, H, W] as a JPEG with a GPS position."""
    exif = Image.Exif()
    exif[_GPS_IFD] = {
        1: "N" if lat >= 0 else "S", 2: _sexagesimal(lat), 3: "E" if lon >= 0 else "W", 4: _sexagesimal(lon),
    }  # fmt: skip
    Image.fromarray(np.moveaxis(view, 0, -1)).save(path, quality=92, exif=exif)


def _sexagesimal(degrees: float) -> Sequence[IFDRational]:
    minutes, seconds = divmod(abs(degrees) * 3600, 60)
    whole, minutes = divmod(minutes, 60)
    fine = Fraction(round(seconds * 10_000), 10_000)
    return (IFDRational(int(whole), 1), IFDRational(int(minutes), 1), IFDRational(fine.numerator, fine.denominator))


def _write_polygons(path: Path, labels: NDArray[np.uint8]) -> None:
    """Write every piece of land as a polygon with its class as the prompt."""
    import pyogrio
    import shapely

    found = [
        (shapely.geometry.shape(piece), int(value))
        for piece, value in shapes(labels, transform=from_origin(*ORIGIN, GSD_M, GSD_M))
    ]
    kept = [(geometry, value) for geometry, value in found if geometry.area >= _LEAST_PX * GSD_M**2]
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array([geometry for geometry, _ in kept])),
        [np.array([CLASSES[value].name for _, value in kept], object)],
        ["prompt"],
        geometry_type="Polygon", crs=SCENE_CRS, layer="graft", driver="GPKG",
    )  # fmt: skip
