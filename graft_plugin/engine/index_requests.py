"""What can be asked of an index, and of a grid of tiles: frozen dataclasses like those of `requests`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Optional

from .request_base import Request, check_bands, check_cluster, check_gsd, require
from .requests import MAX_POINTS, check_precision, check_sensor

RERANKERS = ("rocchio", "logistic")
TILE_VECTORS = ("patches", "tile")
MAX_TOP = 10_000
MAX_LABELS = 250


@dataclass(frozen=True)
class IndexRequest(Request):
    """Scenes to encode into an index, or to weigh only.

    Attributes:
        sources: Rasters, folders, VRTs and STAC item collections.
        out: The index's folder; made where it is missing, gone on with where it is there.
        model: Id in the registry, or a checkpoint's path.
        sensor, bands, stretch, gsd_m: How every raster is opened; see `QueryRequest`.
        date: ISO date of all sources; None: from the STAC item, else from the file's name.
        device, precision, offline: See `QueryRequest`.
        cluster: Where the tiles are encoded: a Dask scheduler's address, "local" or a number for processes of this
            machine; None: here.
    """

    sources: tuple[str, ...]
    out: str
    model: str = "mini"
    sensor: str = "auto"
    bands: Optional[tuple[int, ...]] = None
    stretch: Optional[tuple[float, ...]] = None
    gsd_m: Optional[float] = None
    date: Optional[str] = None
    device: str = "auto"
    precision: str = "auto"
    offline: bool = False
    cluster: Optional[str] = None

    def __post_init__(self) -> None:
        """Check every value on its own; raise `UsageError` for the first that cannot be meant."""
        require(bool(self.sources) and all(map(str.strip, self.sources)), "no raster was named")
        require(bool(self.out.strip()), "no folder was named for the index", "Give one with --out.")
        check_sensor(self.sensor)
        check_precision(self.precision)
        check_gsd(self.gsd_m)
        check_bands(self.bands)
        check_date(self.date)
        check_cluster(self.cluster)


@dataclass(frozen=True)
class RetrieveRequest(Request):
    """The tiles of an index that fit best.

    Attributes:
        index: The index's folder.
        prompts: Texts; a tile is ranked by what they get together of a softmax against everything else. Empty with
            `like` or `photo`.
        negatives: Texts that push a tile down.
        like, unlike: Map points x1, y1, … of places to find more of, and of what it is not, in `crs`.
        photo: A ground photo instead of `prompts`.
        right, wrong: Ids of tiles that the user marked; the ranking learns from them.
        rerank: How: "rocchio" or "logistic".
        by: What a tile is ranked by: the mean of its "patches", or the "tile"'s own vector, for a model that was
            trained on whole images.
        top: How many tiles.
        distance_m: Least distance of two tiles' centres; None: three tiles.
        scenes: Names of scenes, or parts of them, to look into; empty: all.
        since, until: ISO dates between which a scene must have been taken; None: any.
        extent: (xmin, ymin, xmax, ymax) in `crs`; None: everywhere.
        crs: CRS of `extent`, `like` and `unlike`; None: the index's own, if it has only one.
        out: GeoPackage to write; None: the answer is only told.
        thumbnails: Whether pictures of the tiles go into it.
        device, precision, offline: See `QueryRequest`; of the photo's encoder.
    """

    index: str
    prompts: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    like: tuple[float, ...] = ()
    unlike: tuple[float, ...] = ()
    photo: Optional[str] = None
    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    rerank: str = "rocchio"
    by: str = "patches"
    top: int = 50
    distance_m: Optional[float] = None
    scenes: tuple[str, ...] = ()
    since: Optional[str] = None
    until: Optional[str] = None
    extent: Optional[tuple[float, ...]] = None
    crs: Optional[str] = None
    out: Optional[str] = None
    thumbnails: bool = True
    offline: bool = False

    def __post_init__(self) -> None:
        """Check every value on its own; raise `UsageError` for the first that cannot be meant."""
        ways = [bool(self.prompts), bool(self.like), self.photo is not None]
        require(sum(ways) <= 1, "texts, points and a photo cannot be looked for at once", "Give one of them.")
        require(any(ways) or bool(self.right), "nothing to look for", "Give --text, --like, --photo or --right.")
        require(all(map(str.strip, (*self.prompts, *self.negatives))), "a prompt is empty")
        for name in ("like", "unlike"):
            points = getattr(self, name)
            require(len(points) % 2 == 0, f"{name} must be pairs of numbers: x1, y1, x2, y2, …")
            require(len(points) <= 2 * MAX_POINTS, f"{name} takes {MAX_POINTS} points at most")
            require(all(map(math.isfinite, points)), f"{name} must be finite numbers")
        require(self.rerank in RERANKERS, f"rerank must be one of {', '.join(RERANKERS)}, not {self.rerank!r}")
        require(self.by in TILE_VECTORS, f"by must be one of {', '.join(TILE_VECTORS)}, not {self.by!r}")
        require(1 <= self.top <= MAX_TOP, f"top must lie in 1..{MAX_TOP}, not {self.top}")
        require(self.distance_m is None or 0 <= self.distance_m < 1e7, "the distance must be metres from 0 on")
        both = sorted(set(self.right) & set(self.wrong))
        require(not both, f"{both[0] if both else ''} is marked both right and wrong", "Keep one of the two.")
        check_extent(self.extent)
        for date in (self.since, self.until):
            check_date(date)


@dataclass(frozen=True)
class ClassifyRequest(Request):
    """A grid of tiles, each with the label that fits it best.

    Attributes:
        raster: Path of the raster.
        labels: Texts, one a class; synonyms with | between: "forest|woods".
        other: A class for what none of the labels fits: its name; None: every tile gets a label.
        cell_px: Edge of a cell of the grid in pixels; None: a tile of the model.
        classes: GeoTIFF with a palette to write; None: not wanted.
        grid: GeoPackage of the cells to write; None: not wanted.
        layer: Its layer.
        margin: Cells whose best two labels lie nearer to each other are counted as doubtful.
        model, sensor, bands, stretch, gsd_m, extent, crs, store, use_store, device, precision, offline: See
            `QueryRequest`.
    """

    raster: str
    labels: tuple[str, ...]
    other: Optional[str] = None
    cell_px: Optional[int] = None
    classes: Optional[str] = None
    grid: Optional[str] = None
    layer: str = "classes"
    margin: float = 0.1
    model: str = "mini"
    sensor: str = "auto"
    bands: Optional[tuple[int, ...]] = None
    stretch: Optional[tuple[float, ...]] = None
    gsd_m: Optional[float] = None
    extent: Optional[tuple[float, ...]] = None
    crs: Optional[str] = None
    store: Optional[str] = None
    use_store: bool = True
    device: str = "auto"
    precision: str = "auto"
    offline: bool = False

    def __post_init__(self) -> None:
        """Check every value on its own; raise `UsageError` for the first that cannot be meant."""
        require(2 <= len(self.labels) <= MAX_LABELS, f"give 2 to {MAX_LABELS} labels, one a line")
        words = [word for names in self.synonyms for word in names]
        require(all(words) and all(self.synonyms), "a label is empty")
        twice = next((word for word in words if words.count(word) > 1), None)
        require(twice is None, f"the label {twice!r} is there twice", "Give each word once.")
        require(self.other is None or bool(self.other.strip()), "the name for everything else is empty")
        require(self.other not in [names[0] for names in self.synonyms], f"{self.other!r} is a label already")
        require(self.cell_px is None or self.cell_px >= 4, "a cell must be at least 4 pixels wide")
        require(0 <= self.margin < 1, f"the margin must lie in 0..1, not {self.margin}")
        check_extent(self.extent)

    @property
    def synonyms(self) -> tuple[tuple[str, ...], ...]:
        """The words of each label, the first of them its name."""
        return tuple(tuple(word.strip() for word in label.split("|")) for label in self.labels)

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each class; the one for everything else is the last."""
        return (*(words[0] for words in self.synonyms), *((self.other,) if self.other else ()))


def check_date(date: Optional[str]) -> None:
    """Check an ISO date."""
    try:
        if date is not None:
            datetime.fromisoformat(date)
    except ValueError:
        require(False, f"{date!r} is no date", "Write it like 2018-07-16.")


def check_extent(extent: Optional[tuple[float, ...]]) -> None:
    """Check an extent."""
    if extent is None:
        return
    require(len(extent) == 4 and all(map(math.isfinite, extent)), "the extent must be xmin, ymin, xmax, ymax")
    rising = extent[0] < extent[2] and extent[1] < extent[3]
    require(rising, "the extent is empty", "Its order is xmin, ymin, xmax, ymax.")
