"""How an index lies on the disk.

An index is a Zarr v3 group, one group below it for each scene (a raster at a date):

    INDEX/zarr.json                 attributes "graft": format, model and its checksum
    INDEX/<scene>/zarr.json         attributes: source, date, CRS and geotransform
        patches      int8    [y, x, vector]      one cell a patch
        scale        float32 [y, x]              embedding = patches × scale; NaN where the raster has no valid pixel
        tile         int8    [ty, tx, vector]    the vector of each whole tile, and
        tile_scale   float32 [ty, tx]            its scale; 0 for a tile without a valid pixel, NaN where none was made
        mean, mean_scale                         likewise, the mean of the tile's valid patches, of length 1; a scale
                                                 of 0 where less than a third of them is valid
        x, y, tx, ty, spatial_ref                coordinates of the cells' centres and the CRS, after CF-1.11
    INDEX/<scene>/present/<r>.<c>   which tiles of a shard are there, one bit each
    INDEX/<scene>/journal/<r>.<c>   tiles of a shard that is not complete yet, one record after the other

A shard holds 16×16 tiles in one file, its chunks 4×4 tiles; both are anchored on the grid, as tiles are. Every chunk
carries a CRC-32C. Files beside the arrays are unknown to Zarr and do not disturb it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Optional

import numpy as np
import zarr
from numpy.typing import NDArray
from pyproj import CRS
from zarr.codecs import Crc32cCodec

from ...errors import StoreError, UsageError
from ..blocks import disk_errors
from ..files import replace_text
from ..grid import Grid, TileRange

FORMAT = 1
SHARD_TILES = 16
CHUNK_TILES = 4
SCALE_OF = {"patches": "scale", "tile": "tile_scale", "mean": "mean_scale"}
VECTORS, SCALES = tuple(SCALE_OF), tuple(SCALE_OF.values())
ARRAYS = ("patches", "scale", "tile", "tile_scale", "mean", "mean_scale")
PER_PATCH = ("patches", "scale")
"""Of the arrays: those with a cell for each patch; the others have one for each tile."""
_MARKER = "graft"


@dataclass(frozen=True)
class IndexModel:
    """The model that an index was made with: every scene of it.

    Attributes:
        model: Id in the registry, or a path.
        sha256: Of its checkpoint.
        precision: "fp32" or "bf16", as it was encoded.
        dim: Length of an embedding.
        tile_px, patch_px: Edges of a tile and a patch in pixels.
        global_bias, logit_scale: See `encoders.types.ImageEncoder`.
    """

    model: str
    sha256: str
    precision: str
    dim: int
    tile_px: int
    patch_px: int
    global_bias: float
    logit_scale: float

    @property
    def side(self) -> int:
        """Patches along a tile's edge."""
        return self.tile_px // self.patch_px


@dataclass(frozen=True)
class IndexScene:
    """A scene of an index.

    Attributes:
        folder: Its group.
        source: The raster, as it was named.
        acquired: ISO date or time; None where unknown.
        sensor: The sensor's preset.
        grid: Its anchored grid.
        tiles: The tiles that it may hold.
        key: Everything that changes an embedding; see `embed.field_key`.
        look: How the raster was opened: sensor, bands, stretch and GSD as they were asked for.
    """

    folder: Path
    source: str
    acquired: Optional[str]
    sensor: str
    grid: Grid
    tiles: TileRange
    key: Mapping[str, Any]
    look: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of its group."""
        return self.folder.name

    @property
    def origin(self) -> tuple[int, int]:
        """The tile (row, col) of the arrays' first cell: the corner of a shard."""
        return (
            self.tiles.row_start // SHARD_TILES * SHARD_TILES,
            self.tiles.col_start // SHARD_TILES * SHARD_TILES,
        )


def is_index(path: str | Path) -> bool:
    """Whether a path is an index's folder."""
    try:
        head = json.loads((Path(path) / "zarr.json").read_text(encoding="utf-8"))
        return _MARKER in head["attributes"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def create_index(path: Path, model: IndexModel) -> None:
    """Make an empty index, or check that the one there was made with the same model.

    Raises:
        UsageError: Something else is there, or another model's index.
        StoreError: It cannot be written.
    """
    if is_index(path):
        found = read_model(path)
        if found != model:
            other = "precision" if found.sha256 == model.sha256 else "model"
            raise UsageError(
                f"the index was made with another {other} ({found.model}, {found.precision})",
                remedy=f"Use --model {found.model} --precision {found.precision}, or name another folder.",
                path=str(path),
            )
        return
    if path.exists() and (not path.is_dir() or any(name.name != "lock" for name in path.iterdir())):
        raise UsageError("it exists and is no index", remedy="Name a new folder.", path=str(path))
    attributes = {
        "Conventions": "CF-1.11",
        _MARKER: {"format": FORMAT, **asdict(model)},
    }
    with disk_errors("index cannot be made", path, "Name another folder."):
        path.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"zarr_format": 3, "node_type": "group", "attributes": attributes}, indent=1)
        replace_text(path / "zarr.json", text)


def read_model(path: Path) -> IndexModel:
    """Return the model of an index.

    Raises:
        UsageError: It is no index, or one of a newer format.
    """
    if not is_index(path):
        raise UsageError("it is no index", remedy="Make one with graft index SOURCE --out INDEX.", path=str(path))
    about = json.loads((path / "zarr.json").read_text(encoding="utf-8"))["attributes"][_MARKER]
    if about.get("format") != FORMAT:
        raise UsageError("it was made by another version of GRAFT", remedy="Update, or index again.", path=str(path))
    return IndexModel(**{name: about[name] for name in IndexModel.__dataclass_fields__})


def scene_folder(index: Path, source: str, key: Mapping[str, Any]) -> Path:
    """Return the folder of a scene: a readable name and a part of its key's SHA-256."""
    text = json.dumps(key, sort_keys=True, separators=(",", ":"))
    stem = re.sub(r"[^A-Za-z0-9_]+", "_", Path(source).stem)[:40].strip("_") or "scene"
    return index / f"{stem}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def create_scene(scene: IndexScene, model: IndexModel) -> None:
    """Make a scene's group and arrays; one that is there already stays as it is.

    Raises:
        StoreError: It cannot be written.
    """
    if (scene.folder / "zarr.json").is_file():
        return
    with disk_errors("index cannot be written", scene.folder, "Delete the folder; it is made anew."):
        group = zarr.create_group(scene.folder / "new", overwrite=True, zarr_format=3)
        for name, (shape, chunks, shards, dtype, fill, dims) in _arrays(scene, model).items():
            group.create_array(
                name, shape=shape, chunks=chunks, shards=shards, dtype=dtype, fill_value=fill,
                compressors=Crc32cCodec(), dimension_names=dims, attributes=_about(name),
            )  # fmt: skip
        _add_coordinates(group, scene, model)
        for place in (scene.folder / "new").iterdir():  # zarr.json last: a scene without it is none
            if place.name != "zarr.json":
                place.replace(scene.folder / place.name)
        head = json.loads((scene.folder / "new" / "zarr.json").read_text(encoding="utf-8"))
        head["attributes"] = _attributes(scene)
        (scene.folder / "new" / "zarr.json").unlink()
        (scene.folder / "new").rmdir()
        replace_text(scene.folder / "zarr.json", json.dumps(head, indent=1))


def read_scene(folder: Path) -> IndexScene:
    """Return the scene of a folder.

    Raises:
        StoreError: Its metadata are damaged.
    """
    remedy = "Delete the folder and run graft index again."
    with disk_errors("scene's metadata cannot be read", folder, remedy):
        about = json.loads((folder / "zarr.json").read_text(encoding="utf-8"))["attributes"][_MARKER]
        return IndexScene(
            folder, about["source"], about["acquired"], about["sensor"], Grid(**about["grid"]),
            TileRange(*about["tiles"]), about["key"], about["look"],
        )  # fmt: skip


def read_scenes(index: Path) -> list[IndexScene]:
    """Return the scenes of an index, the newest first, those without a date last; of one date by name."""
    folders = [place.parent for place in index.glob("*/zarr.json")]
    scenes = sorted((read_scene(folder) for folder in folders), key=lambda scene: scene.name)
    return sorted(scenes, key=lambda scene: scene.acquired or "", reverse=True)


def open_arrays(scene: IndexScene, mode: str = "r") -> dict[str, zarr.Array]:
    """Return the arrays of a scene.

    Raises:
        StoreError: One is missing or damaged.
    """
    remedy = f"Delete the folder {scene.folder} and run graft index again."
    with disk_errors("scene cannot be opened", scene.folder, remedy):
        group = zarr.open_group(scene.folder, mode=mode, zarr_format=3)  # type: ignore[arg-type]
        found = {name: group[name] for name in VECTORS}
        with zarr.config.set({"array.write_empty_chunks": True}):  # so that a chunk that is gone is noticed
            found |= {name: group[name] for name in SCALES}
    arrays = {name: array for name, array in found.items() if isinstance(array, zarr.Array)}
    if len(arrays) < len(ARRAYS):
        raise StoreError("an array is none", remedy=remedy, path=str(scene.folder))
    return arrays


def _arrays(scene: IndexScene, model: IndexModel) -> dict[str, tuple[Any, ...]]:
    """Return (shape, chunks, shards, dtype, fill value, dimensions) of each array."""
    rows, cols = scene.tiles.row_stop - scene.origin[0], scene.tiles.col_stop - scene.origin[1]
    rows, cols, s, d = max(rows, 1), max(cols, 1), model.side, model.dim
    b, c = SHARD_TILES, CHUNK_TILES
    nan = float("nan")
    vectors = ((rows, cols, d), (c, c, d), (b, b, d), "int8", 0, ("ty", "tx", "vector"))
    scales = ((rows, cols), (c, c), (b, b), "float32", nan, ("ty", "tx"))
    return {
        "patches": ((rows * s, cols * s, d), (c * s, c * s, d), (b * s, b * s, d), "int8", 0, ("y", "x", "vector")),
        "scale": ((rows * s, cols * s), (c * s, c * s), (b * s, b * s), "float32", nan, ("y", "x")),
        "tile": vectors,
        "tile_scale": scales,
        "mean": vectors,
        "mean_scale": scales,
    }


def empty_shard(model: IndexModel) -> dict[str, NDArray]:
    """Return the arrays of a shard in which there is nothing."""
    out: dict[str, NDArray] = {}
    for name in ARRAYS:
        edge = SHARD_TILES * (model.side if name in PER_PATCH else 1)
        if name in VECTORS:
            out[name] = np.zeros((edge, edge, model.dim), np.int8)
        else:
            out[name] = np.full((edge, edge), np.nan, np.float32)
    return out


def _add_coordinates(group: zarr.Group, scene: IndexScene, model: IndexModel) -> None:
    sizes = {name: shape for name, (shape, *_rest) in _arrays(scene, model).items()}
    for names, array, step_px in ((("y", "x"), "scale", model.patch_px), (("ty", "tx"), "tile_scale", model.tile_px)):
        step = scene.grid.gsd_m * step_px
        for axis, (name, sign) in enumerate(zip(names, (-1.0, 1.0))):
            start = scene.origin[axis] * model.tile_px * scene.grid.gsd_m
            values = sign * (start + step * (np.arange(sizes[array][axis]) + 0.5))
            kind = "projection_y_coordinate" if axis == 0 else "projection_x_coordinate"
            axis_array = group.create_array(
                name, shape=values.shape, chunks=values.shape, dtype="float64", dimension_names=(name,),
                attributes={"standard_name": kind, "units": "m", "axis": name[-1].upper()},
            )  # fmt: skip
            axis_array[:] = values
    west, north = (scene.origin[k] * model.tile_px * scene.grid.gsd_m for k in (1, 0))
    cell = scene.grid.gsd_m * model.patch_px
    crs = CRS.from_user_input(scene.grid.crs)
    attributes = {
        **crs.to_cf(),
        "crs_wkt": crs.to_wkt(),
        "spatial_ref": crs.to_wkt(),
        "GeoTransform": f"{west!r} {cell!r} 0.0 {-north!r} 0.0 {-cell!r}",
    }
    group.create_array("spatial_ref", shape=(), dtype="int32", fill_value=0, attributes=attributes)


def _about(name: str) -> dict[str, Any]:
    about = {
        "patches": "embedding of each patch; multiply by scale",
        "scale": "factor of each patch's embedding",
        "tile": "embedding of each tile; multiply by tile_scale",
        "tile_scale": "factor of each tile's embedding",
        "mean": "mean embedding of each tile's patches; multiply by mean_scale",
        "mean_scale": "factor of each tile's mean embedding",
    }
    return {"long_name": about[name], "coordinates": "spatial_ref", "grid_mapping": "spatial_ref"}


def _attributes(scene: IndexScene) -> dict[str, Any]:
    t, grid = scene.tiles, scene.grid
    return {
        "Conventions": "CF-1.11",
        "title": Path(scene.source).name,
        **({"time_coverage_start": scene.acquired} if scene.acquired else {}),
        _MARKER: {
            "source": scene.source,
            "acquired": scene.acquired,
            "sensor": scene.sensor,
            "grid": {"crs": grid.crs, "gsd_m": grid.gsd_m, "tile_px": grid.tile_px, "patch_px": grid.patch_px},
            "tiles": [t.row_start, t.col_start, t.row_stop, t.col_stop],
            "key": dict(scene.key),
            "look": dict(scene.look),
        },
    }
