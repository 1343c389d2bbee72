"""The pair folder: satellite tiles, each with the ground photos that were taken inside it.

    index.parquet             GeoParquet, one row a tile, its footprint in EPSG:4326; see `COLUMNS`
    shards/tiles-000000.tar   WebDataset: <tile_id>.png (RGB, lossless), <tile_id>.json, <tile_id>.photo00.jpg …
    manifest.json             settings and counts; it comes last, so a folder that has one is whole

Every byte follows from the tiles alone: no times, no names of users or machines.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graft_plugin.errors import UsageError

from .pairs import as_spots

if TYPE_CHECKING:
    import geopandas

INDEX, MANIFEST, SHARDS = "index.parquet", "manifest.json", "shards"
FORMAT = 1
COLUMNS = ("tile_id", "source", "sensor", "crs", "transform", "gsd_m", "size_px", "acquired", "photos", "shard")
_AGAIN = "Collect the tiles again with `python -m training collect tiles`: it goes on where it stopped."


@dataclass(frozen=True)
class Sample:
    """A tile and its ground photos.

    Attributes:
        tile_id: Unique in its folder.
        image: uint8 [3, S, S], RGB.
        spots: (row, col) where each photo was taken, float32 [K, 2]; see `pairs`.
        photo_ids: K names.
        photos: K JPEG files, longest side at most 512.
        gsd_m: Edge of a pixel in metres.
        crs: A metric CRS, "EPSG:n" or WKT.
        transform: (a, b, c, d, e, f) in the order of `affine`, from (col, row) to (x, y).
    """

    tile_id: str
    image: NDArray[np.uint8]
    spots: NDArray[np.float32]
    photo_ids: tuple[str, ...]
    photos: tuple[bytes, ...]
    gsd_m: float
    crs: str
    transform: tuple[float, ...]


def shard_name(number: int) -> str:
    """Return a shard's file name, which is its value in the index too."""
    return f"tiles-{number:06d}.tar"


class PairFolder:
    """A pair folder to read from; may be iterated any number of times.

    Raises:
        UsageError: The folder is not there, or not whole.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        try:
            self.manifest: dict[str, Any] = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
            known = self.manifest["kind"] == "pairs" and self.manifest["format"] == FORMAT
            self._length = int(self.manifest["tiles"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError("this is not a whole folder of pairs", remedy=_AGAIN, path=str(path)) from error
        if not known:
            raise UsageError("the folder of pairs has another format", remedy=_AGAIN, path=str(path))

    def __len__(self) -> int:
        return self._length

    def tiles(self) -> geopandas.GeoDataFrame:
        """Return the index: footprints in EPSG:4326 and `COLUMNS`, in the order of the samples.

        Raises:
            UsageError: It is not there, or damaged.
        """
        import geopandas

        try:
            return geopandas.read_parquet(self.path / INDEX)
        except Exception as error:  # pyarrow raises what it likes on a damaged file
            raise UsageError(
                f"the index cannot be read ({error})", remedy=_AGAIN, path=str(self.path / INDEX)
            ) from error

    def __iter__(self) -> Iterator[Sample]:
        """Yield every tile, in the order of the index.

        Raises:
            UsageError: A shard is missing or damaged.
        """
        found = 0
        for number in range(int(self.manifest["shards"])):
            shard = self.path / SHARDS / shard_name(number)
            try:
                for name, files in _grouped(shard):
                    yield _sample(name, files)
                    found += 1
            except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
                raise UsageError(f"the shard is damaged ({error})", remedy=_AGAIN, path=str(shard)) from error
        if found != len(self):
            raise UsageError(
                f"there are {found} tiles, the manifest names {len(self)}", remedy=_AGAIN, path=str(self.path)
            )

    def pick(self, numbers: Iterable[int]) -> Iterator[tuple[Sample, dict[str, Any]]]:
        """Yield some tiles, by their rows in the index, with what their JSON holds; other shards are not opened.

        Raises:
            UsageError: A shard is missing or damaged.
        """
        index = self.tiles()
        wanted: dict[str, set[str]] = {}
        for number in numbers:
            wanted.setdefault(str(index["shard"].iloc[number]), set()).add(str(index["tile_id"].iloc[number]))
        for name, tile_ids in sorted(wanted.items()):
            shard = self.path / SHARDS / name
            try:
                for tile_id, files in _grouped(shard):
                    if tile_id in tile_ids:
                        yield _sample(tile_id, files), json.loads(files["json"])
            except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
                raise UsageError(f"the shard is damaged ({error})", remedy=_AGAIN, path=str(shard)) from error


def _grouped(shard: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Yield (tile_id, ending → bytes); a tile's members lie side by side, as WebDataset has it."""
    current = ""
    files: dict[str, bytes] = {}
    with tarfile.open(shard, "r:") as tar:
        for member in tar:
            name, _, ending = member.name.partition(".")
            if name != current and files:
                yield current, files
                files = {}
            handle = tar.extractfile(member)
            data = handle.read() if handle is not None else b""
            if len(data) != member.size:
                raise ValueError(f"{member.name} is cut short")
            current, files[ending] = name, data
    if files:
        yield current, files


def read_rgb(png: bytes) -> NDArray[np.uint8]:
    """Return a tile's image, uint8 [3, S, S]."""
    from PIL import Image

    with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
        return np.ascontiguousarray(np.moveaxis(np.asarray(picture.convert("RGB")), -1, 0))


def photos_of(about: Mapping[str, Any]) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Return where a tile's photos were taken, float32 [K, 2], and their names, from its JSON."""
    photos = about["photos"]
    return as_spots([(photo["row"], photo["col"]) for photo in photos]), tuple(str(photo["id"]) for photo in photos)


def _sample(name: str, files: Mapping[str, bytes]) -> Sample:
    about = json.loads(files["json"])
    return Sample(
        name,
        read_rgb(files["png"]),
        *photos_of(about),
        tuple(files[f"photo{number:02d}.jpg"] for number in range(len(about["photos"]))),
        float(about["gsd_m"]),
        str(about["crs"]),
        tuple(float(v) for v in about["transform"]),
    )
