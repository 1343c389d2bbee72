"""Writing a pair folder (see `dataset`): every file whole or not at all, and every byte follows from the tiles."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.crs import transformer
from graft_plugin.engine.files import replace_text

from .dataset import FORMAT, INDEX, MANIFEST, SHARDS, PairFolder, shard_name
from .pairs import WGS84

if TYPE_CHECKING:
    from shapely.geometry import Polygon

SHARD_TILES = 256
_EDGE_POINTS = 5
_TAR_RECORD = 10240


@dataclass(frozen=True)
class TilePhoto:
    """A photo in a tile: its name, (row, col) in pixels, when (ISO 8601, UTC) and which way it was taken."""

    id: str
    row: float
    col: float
    taken: Optional[str] = None
    direction_deg: Optional[float] = None


@dataclass(frozen=True)
class TileRecord:
    """What is known of a tile beside its pixels.

    Attributes:
        tile_id: Unique in its folder; letters, digits, "-" and "_".
        source: "stac", "gee" or "rasters".
        sensor: "naip", "sentinel2" or "rgb".
        crs: A metric CRS, "EPSG:n" or WKT.
        transform: (a, b, c, d, e, f) in the order of `affine`.
        gsd_m: Edge of a pixel in metres.
        size_px: Edge of the tile in pixels.
        acquired: When the image was taken, ISO 8601, UTC; None if that is not known.
        image: The name of the image it was cut from.
        photos: The photos, in the order of their files.
    """

    tile_id: str
    source: str
    sensor: str
    crs: str
    transform: tuple[float, ...]
    gsd_m: float
    size_px: int
    acquired: Optional[str]
    image: str
    photos: tuple[TilePhoto, ...]


def record_of(about: Mapping[str, Any]) -> TileRecord:
    """Return the record that a tile's JSON holds."""
    photos = tuple(TilePhoto(**photo) for photo in about["photos"])
    return TileRecord(**{**about, "transform": tuple(about["transform"]), "photos": photos})


def footprint(record: TileRecord) -> Polygon:
    """Return a tile's outline in degrees, its edges as curved as they are."""
    from shapely.geometry import Polygon

    u = np.linspace(0, record.size_px, _EDGE_POINTS)[:-1]
    full = np.full_like(u, record.size_px)
    cols, rows = np.concatenate([u, full, full - u, 0 * u]), np.concatenate([0 * u, u, full, full - u])
    a, b, c, d, e, f = record.transform
    lon, lat = transformer(record.crs, WGS84).transform(a * cols + b * rows + c, d * cols + e * rows + f)
    lon = np.where(lon - lon[0] > 180, lon - 360, np.where(lon - lon[0] < -180, lon + 360, lon))  # the 180th meridian
    return Polygon(zip(lon.tolist(), lat.tolist(), strict=True))


def pack(record: TileRecord, image: NDArray[np.uint8], photos: Sequence[bytes]) -> bytes:
    """Return a tile as the members of a tar archive, without the archive's end: packs joined and ended are a shard.

    Args:
        record: The tile.
        image: uint8 [3, S, S], RGB.
        photos: JPEG files, in the order of `record.photos`.
    """
    from PIL import Image

    if len(photos) != len(record.photos) or image.shape != (3, record.size_px, record.size_px):
        raise ValueError(f"tile {record.tile_id}: {len(photos)} files, {len(record.photos)} photos, {image.shape}")
    png = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(np.moveaxis(image, 0, -1))).save(png, "PNG")
    about = json.dumps(asdict(record), ensure_ascii=False).encode()
    members = [("png", png.getvalue()), ("json", about)]
    members += [(f"photo{number:02d}.jpg", data) for number, data in enumerate(photos)]
    return b"".join(_member(f"{record.tile_id}.{ending}", data) for ending, data in members)


def read_pack(path: Path) -> TileRecord:
    """Return the record of a packed tile.

    Raises:
        ValueError: It is not a packed tile.
    """
    with tarfile.open(path, "r:") as tar:
        for member in tar:
            found = tar.extractfile(member) if member.name.endswith(".json") else None
            if found is not None:
                return record_of(json.loads(found.read()))
    raise ValueError(f"{path} holds no tile")


def write_whole(target: Path, parts: Iterable[bytes]) -> None:
    """Write a file so that it is there whole, on the disk, or not at all.

    Raises:
        OSError: It cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    try:
        with part.open("wb") as file:
            for data in parts:
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_shard(folder: Path, number: int, packs: Iterable[bytes]) -> Path:
    """Join packed tiles into the shard of that number; whole or not at all."""

    def ended() -> Iterator[bytes]:
        size = 0
        for data in packs:
            size += len(data)
            yield data
        yield bytes(1024 + -(size + 1024) % _TAR_RECORD)

    target = folder / SHARDS / shard_name(number)
    write_whole(target, ended())
    return target


def write_index(folder: Path, records: Sequence[TileRecord], shard_tiles: int = SHARD_TILES) -> None:
    """Write the table of tiles, in the order of the shards; whole or not at all."""
    import geopandas
    import pandas as pd

    columns = {
        "tile_id": pd.Series([r.tile_id for r in records], dtype="string"),
        "source": pd.Series([r.source for r in records], dtype="string"),
        "sensor": pd.Series([r.sensor for r in records], dtype="string"),
        "crs": pd.Series([r.crs for r in records], dtype="string"),
        "transform": pd.Series([list(r.transform) for r in records], dtype="object"),
        "gsd_m": pd.Series([r.gsd_m for r in records], dtype="float64"),
        "size_px": pd.Series([r.size_px for r in records], dtype="int32"),
        "acquired": pd.to_datetime(pd.Series([r.acquired for r in records], dtype="object"), utc=True, format="ISO8601")
        .astype("datetime64[ms, UTC]"),
        "photos": pd.Series([len(r.photos) for r in records], dtype="int32"),
        "shard": pd.Series([shard_name(k // shard_tiles) for k in range(len(records))], dtype="string"),
    }  # fmt: skip
    table = geopandas.GeoDataFrame(columns, geometry=[footprint(r) for r in records], crs=WGS84)
    data = io.BytesIO()
    table.to_parquet(data, index=False)
    write_whole(folder / INDEX, [data.getvalue()])


def write_manifest(folder: Path, records: Sequence[TileRecord], about: Mapping[str, Any], shard_tiles: int) -> None:
    """Write the manifest, which makes the folder whole; `about` holds settings and counts."""
    manifest = {
        "kind": "pairs",
        "format": FORMAT,
        **about,
        "tiles": len(records),
        "photos": sum(len(r.photos) for r in records),
        "shards": -(-len(records) // shard_tiles),
    }
    replace_text(folder / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")


def write_pairs(
    folder: str | Path,
    tiles: Iterable[tuple[TileRecord, NDArray[np.uint8], Sequence[bytes]]],
    about: Optional[Mapping[str, Any]] = None,
    shard_tiles: int = SHARD_TILES,
) -> PairFolder:
    """Write a pair folder from tiles at hand, one shard of them in memory at a time.

    Args:
        folder: Made if missing.
        tiles: (record, image uint8 [3, S, S], JPEG files).
        about: Settings and counts for the manifest.
        shard_tiles: Tiles a shard.
    """
    path, records, packs = Path(folder), [], []
    for record, image, photos in tiles:
        records.append(record)
        packs.append(pack(record, image, photos))
        if len(packs) == shard_tiles:
            write_shard(path, len(records) // shard_tiles - 1, packs)
            packs = []
    if packs:
        write_shard(path, len(records) // shard_tiles, packs)
    write_index(path, records, shard_tiles)
    write_manifest(path, records, about or {}, shard_tiles)
    return PairFolder(path)


def _member(name: str, data: bytes) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o644
    return info.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % tarfile.BLOCKSIZE)
