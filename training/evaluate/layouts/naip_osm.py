"""NAIP tiles with labels from OpenStreetMap tags.

The benchmark of this name (arXiv 2312.06960) has no published files and its list of classes was not found; this is the
same idea with an open table, `osm_classes.toml`: which tags make which class, which class lies on top, how wide lines
are. What is read:

- `ROOT/images/*.tif`: NAIP tiles as GeoTIFFs in their UTM zone (red, green, blue, at times near infrared).
- `ROOT/*.geojson`: what lies there, as overpass turbo exports it: a FeatureCollection in EPSG:4326, each feature's
  properties its tags.

Pixels that no listed tag covers are not judged: OpenStreetMap is incomplete.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import numpy as np
from numpy.typing import NDArray

from graft_plugin.errors import SceneError, UsageError

from .pixels import RASTERS, existing_folder, list_files, read_rgb
from .types import UNJUDGED, Example, Layout

TABLE = Path(__file__).with_name("osm_classes.toml")
GSD_M = 1.0
_AREAS, _LINES = ("Polygon", "MultiPolygon"), ("LineString", "MultiLineString")


@dataclass(frozen=True)
class OsmClass:
    """One row of the table.

    Attributes:
        name: The class.
        selector: Sets of tags; a feature belongs to the class if it has all tags of one set, "*" being any value.
        width_m: Of features that are lines; 0 leaves lines out.
    """

    name: str
    selector: tuple[Mapping[str, str], ...]
    width_m: float = 0.0

    def takes(self, tags: Mapping[str, Any]) -> bool:
        """Whether a feature with these tags belongs here."""
        return any(
            all(tags.get(key) is not None and value in ("*", str(tags[key])) for key, value in wanted.items())
            for wanted in self.selector
        )


def read_table(path: Path = TABLE) -> tuple[tuple[OsmClass, ...], float]:
    """Return the classes, topmost first, and the least share of a tile that makes a class one of its labels."""
    data = tomllib.loads(path.read_text("utf-8"))
    rows = (OsmClass(row["name"], tuple(row["selector"]), row.get("width_m", 0.0)) for row in data["classes"])
    return tuple(rows), float(data["least_share"])


def class_of(tags: Mapping[str, Any], table: Sequence[OsmClass]) -> Optional[int]:
    """Return the index of the first class that takes a feature's tags; None where none does."""
    return next((i for i, row in enumerate(table) if row.takes(tags)), None)


class OsmFeatures:
    """The classified areas and lines of GeoJSON files, found by place.

    Args:
        paths: The files.
        table: The classes, topmost first.

    Raises:
        SceneError: A file is damaged or no FeatureCollection.
    """

    def __init__(self, paths: Sequence[Path], table: Sequence[OsmClass]) -> None:
        import shapely

        self.table = table
        found = [item for path in paths for item in _classified(path, table)]
        self._shapes = np.array([shape for shape, _ in found], dtype=object)
        self._labels = np.array([label for _, label in found], dtype=int)
        self._tree = shapely.STRtree(list(self._shapes))

    def mask(self, path: Path) -> NDArray[np.uint8]:
        """Return the classes of a tile's pixels, uint8 [H, W].

        Raises:
            SceneError: The tile is damaged, or has no metric CRS.
        """
        import rasterio
        import shapely
        from pyproj import Transformer
        from rasterio.errors import RasterioError
        from rasterio.features import rasterize
        from rasterio.warp import transform_bounds

        try:
            with rasterio.open(path) as src:
                crs, transform, shape, bounds = src.crs, src.transform, src.shape, src.bounds
        except (RasterioError, OSError) as error:
            raise SceneError("the raster is damaged", remedy="Get the tile again.", path=str(path)) from error
        if crs is None or not crs.is_projected:
            raise SceneError(
                "the tile has no metric CRS, so tags cannot be laid over it",
                remedy="Give NAIP tiles in their UTM zone.",
                path=str(path),
            )
        margin = max((row.width_m for row in self.table), default=0.0)
        wide = (bounds[0] - margin, bounds[1] - margin, bounds[2] + margin, bounds[3] + margin)
        near = self._tree.query(shapely.box(*transform_bounds(crs, "EPSG:4326", *wide)))
        move = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform
        layers: dict[int, list[Any]] = {}
        for i in near:
            placed = shapely.transform(self._shapes[i], lambda xy: np.stack(move(xy[:, 0], xy[:, 1]), 1))
            if placed.geom_type in _LINES:
                placed = placed.buffer(self.table[self._labels[i]].width_m / 2, cap_style="flat")
            layers.setdefault(int(self._labels[i]), []).append(placed)
        mask = np.full(shape, UNJUDGED, np.uint8)
        for label in sorted(layers, reverse=True):
            covered = rasterize([(g, 1) for g in layers[label]], shape, transform=transform, dtype="uint8")
            mask[covered == 1] = label
        return mask


def _classified(path: Path, table: Sequence[OsmClass]) -> list[tuple[Any, int]]:
    from shapely.errors import ShapelyError
    from shapely.geometry import shape

    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        found = []
        for feature in features:
            label = class_of(feature.get("properties") or {}, table)
            kind = (feature.get("geometry") or {}).get("type")
            if label is not None and (kind in _AREAS or (kind in _LINES and table[label].width_m > 0)):
                found.append((shape(feature["geometry"]), label))
        return found
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ShapelyError) as error:
        raise SceneError(
            f"this is no GeoJSON FeatureCollection ({type(error).__name__}: {error})",
            remedy="Export the area anew, for example from overpass turbo as GeoJSON.",
            path=str(path),
        ) from error


def open_naip_osm(root: str | Path) -> Layout:
    """Open NAIP tiles and the GeoJSON files beside them.

    Raises:
        UsageError: Tiles or GeoJSON files are missing.
        SceneError: A GeoJSON file is damaged.
    """
    home = existing_folder(root)
    tiles = list_files(home / "images", RASTERS) if (home / "images").is_dir() else []
    extracts = list_files(home, (".geojson",))
    if not tiles or not extracts:
        what = "there is no images/*.tif" if not tiles else "there is no *.geojson"
        raise UsageError(
            what,
            remedy="Put NAIP GeoTIFFs into images, and OpenStreetMap's features of the area beside it as GeoJSON.",
            path=str(home),
        )
    table, least_share = read_table()
    features = OsmFeatures(extracts, table)

    def read(index: int) -> Example:
        image, mask = read_rgb(tiles[index], "naip"), features.mask(tiles[index])
        shares = np.bincount(mask.ravel(), minlength=UNJUDGED + 1)[: len(table)] / mask.size
        return Example(tiles[index].name, image, tuple(np.flatnonzero(shares >= least_share).tolist()), mask)

    return Layout(
        "naip-osm", "all", tuple(row.name for row in table), tuple(p.name for p in tiles), read, multi_label=True,
        has_masks=True, sensor="naip", gsd_m=GSD_M, prompts="naip-osm",
    )  # fmt: skip
