"""Photo folders and rasters for tests of tiles: photos at known pixels, colours that know where they are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from PIL import Image
from pyproj import Transformer

from training.collect.photos import Photo, write_photos

DAY = datetime(2021, 6, 15, 12, tzinfo=UTC)


def in_degrees(crs: str, x: float, y: float) -> tuple[float, float]:
    return Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x, y)


def write_photo_folder(folder: Path, places, taken=DAY, size=(900, 600), directions=None) -> Path:
    """A photo folder by the contract, one photo for each (lon, lat) of `places`; a dict gives the photos' names."""
    named = places if isinstance(places, dict) else {f"p{number:03d}": place for number, place in enumerate(places)}
    photos = []
    for number, (name, (lon, lat)) in enumerate(named.items()):
        file = Path("images") / "00" / f"{name}.jpg"
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        colour = np.random.default_rng(number).integers(0, 255, (6, 9, 3), dtype=np.uint8)
        Image.fromarray(colour).resize(size, Image.Resampling.BICUBIC).save(folder / file, quality=80)
        when = taken.get(name) if isinstance(taken, dict) else taken
        direction = (directions or {}).get(name)
        photos.append(Photo(name, "folder", lon, lat, file.as_posix(), taken=when, direction_deg=direction))
    write_photos(folder, photos, {}, {"found": len(photos), "dropped": {}}, complete=True)
    return folder


def pattern(cols, rows) -> np.ndarray:
    """uint8 [3, h, w] that tells each pixel of a global grid from its neighbours; never 0."""
    c, r = np.meshgrid(np.asarray(cols), np.asarray(rows))
    return np.stack([1 + c % 251, 1 + r % 251, 1 + (c * 7 + r * 13) % 239]).astype(np.uint8)


@dataclass(frozen=True)
class Ortho:
    """A GeoTIFF of `pattern` whose pixels lie on the anchored grid; `at(row, col)` is a pixel's centre in degrees."""

    path: Path
    crs: str = "EPSG:32633"
    gsd_m: float = 1.0
    left: int = 500_000
    top: int = 5_000_000
    width: int = 1600
    height: int = 1200

    def write(self, holes=()) -> Ortho:
        x, y = int(self.left / self.gsd_m), int(-self.top / self.gsd_m)
        pixels = pattern(np.arange(x, x + self.width), np.arange(y, y + self.height))
        for rows, cols in holes:
            pixels[:, rows, cols] = 0
        with rasterio.open(
            self.path, "w", driver="GTiff", width=self.width, height=self.height, count=3, dtype="uint8", crs=self.crs,
            transform=Affine(self.gsd_m, 0, self.left, 0, -self.gsd_m, self.top), nodata=0, tiled=True,
            compress="deflate",
        ) as out:  # fmt: skip
            out.write(pixels)
        return self

    def at(self, row: float, col: float) -> tuple[float, float]:
        return in_degrees(self.crs, self.left + col * self.gsd_m, self.top - row * self.gsd_m)


def digests(folder: Path) -> dict[str, str]:
    """What a reader finds in a pair folder: every file but the journal, by its bytes."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("journal")]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
