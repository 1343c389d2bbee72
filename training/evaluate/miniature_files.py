"""The files of a miniature: rasters, pictures, and land as OpenStreetMap features."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

CRS = "EPSG:32614"
"""UTM zone 14N (WGS 84); the places are invented."""
CORNER = (500_000.0, 5_200_000.0)


def write_geotiff(path: Path, bands: NDArray, gsd_m: float, corner: tuple[float, float] = CORNER) -> None:
    """Write bands [B, H, W] at a place; folders are made."""
    import rasterio
    from rasterio.transform import from_origin

    path.parent.mkdir(parents=True, exist_ok=True)
    profile = {
        "driver": "GTiff", "count": len(bands), "height": bands.shape[1], "width": bands.shape[2],
        "dtype": bands.dtype.name, "crs": CRS, "transform": from_origin(*corner, gsd_m, gsd_m), "compress": "deflate",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as out:
        out.write(bands)


def write_band(path: Path, band: NDArray, gsd_m: float) -> None:
    """Write one band [H, W]."""
    write_geotiff(path, band[None], gsd_m)


def write_picture(path: Path, image: NDArray[np.uint8]) -> None:
    """Write RGB [3, H, W] or one band [H, W] as the file's ending says."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(np.moveaxis(image, 0, -1) if image.ndim == 3 else image)
    picture.save(path, quality=95)  # only JPEG looks at it


def write_osm(
    labels: NDArray[np.uint8], tags: Mapping[int, Mapping[str, str]], gsd_m: float, corner: tuple[float, float]
) -> list[dict[str, Any]]:
    """Return the areas of the labels that have tags as GeoJSON features in EPSG:4326, as overpass turbo does."""
    from rasterio.features import shapes
    from rasterio.transform import from_origin
    from rasterio.warp import transform_geom

    transform = from_origin(*corner, gsd_m, gsd_m)
    features: list[dict[str, Any]] = []
    for geometry, value in shapes(labels, transform=transform):
        own = tags.get(int(value))
        if own:
            name = f"way/{len(features) + 1}"
            placed = transform_geom(CRS, "EPSG:4326", geometry, precision=9)
            features.append({"type": "Feature", "id": name, "properties": {"@id": name, **own}, "geometry": placed})
    return features
