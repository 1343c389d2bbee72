"""What is told of an index and of what was found in it: frozen dataclasses like those of `results`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Optional


class Result:
    """A result as data."""

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready data."""
        return asdict(self)  # type: ignore[call-overload]


@dataclass(frozen=True)
class IndexEstimate(Result):
    """What indexing would take.

    Attributes:
        sources, failed: Rasters that can be indexed, and "file: why" of those that cannot.
        tiles, stored_tiles: Tiles of all of them, and how many are in the index already.
        trial_tiles, tiles_per_s: Tiles that were encoded for the estimate, and the rate that they gave.
        hours: For the tiles that lack.
        gigabytes: That they take on the disk (10⁹ bytes).
        free_gigabytes: On that disk now.
        memory_bytes: The most that the process holds.
        warnings: What the user should know, in plain sentences.
    """

    sources: int
    failed: tuple[str, ...]
    tiles: int
    stored_tiles: int
    trial_tiles: int
    tiles_per_s: float
    hours: float
    gigabytes: float
    free_gigabytes: float
    memory_bytes: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class IndexResult(Result):
    """What was indexed.

    Attributes:
        index: Its folder.
        scenes: Names of the scenes that are complete in it now, of those asked for.
        failed: "file: why" of the rasters that could not be indexed.
        replaced: Names of scenes that went, because their file has changed since.
        tiles, encoded_tiles, from_index: Of all scenes asked for; encoded now; there before.
        gigabytes: Size of the index's vectors (10⁹ bytes).
        seconds: Wall time by stage, and "total".
        warnings: What the user should know, in plain sentences.
    """

    index: str
    scenes: tuple[str, ...]
    failed: tuple[str, ...]
    replaced: tuple[str, ...]
    tiles: int
    encoded_tiles: int
    from_index: int
    gigabytes: float
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class IndexLoss(Result):
    """What int8 vectors lose against float16 ones, measured on tiles of an index.

    Attributes:
        tiles, patches: How many were compared.
        prompts: For which texts.
        correlation: Pearson's, of the two heatmaps, the least of all texts.
        top_overlap: Share of the best hundredth of the patches that both have, the least of all texts.
        greatest_difference: Of two scores at one patch.
        tile_top_overlap: Share of the best tenth of the tiles that both have, likewise.
    """

    tiles: int
    patches: int
    prompts: tuple[str, ...]
    correlation: float
    top_overlap: float
    greatest_difference: float
    tile_top_overlap: float


@dataclass(frozen=True)
class FoundTile(Result):
    """A tile that was found.

    Attributes:
        id: By which it is marked right or wrong: scene, row and column.
        rank: From 1 on.
        score: Of the ranking; only its order means something.
        scene, acquired, source: Where it lies.
        bounds: (xmin, ymin, xmax, ymax) in `crs`.
        crs: Of the bounds.
    """

    id: str
    rank: int
    score: float
    scene: str
    acquired: Optional[str]
    source: str
    bounds: tuple[float, float, float, float]
    crs: str


@dataclass(frozen=True)
class RetrieveResult(Result):
    """The tiles that fit best.

    Attributes:
        tiles: The best first.
        searched_tiles: How many were ranked.
        out, layers: The GeoPackage and its layers; None where none was asked for.
        seconds: Wall time by stage, and "total".
        warnings: What the user should know, in plain sentences.
    """

    tiles: tuple[FoundTile, ...]
    searched_tiles: int
    out: Optional[str]
    layers: tuple[str, ...]
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class LabelResult(Result):
    """What was found of one label.

    Attributes:
        label: Its name.
        cells: That got it.
        share: Of the cells with valid pixels.
        area_m2: Of those cells.
    """

    label: str
    cells: int
    share: float
    area_m2: float


@dataclass(frozen=True)
class ClassifyResult(Result):
    """A classified grid of tiles.

    Attributes:
        raster, model, gsd_m, crs, cell_px: What was looked at, and how.
        labels: One entry a class, in order.
        doubtful: Share of the cells whose best two labels lie nearer than the margin.
        classes, grid, layer: What was written; None where not asked for.
        encoded_tiles, from_store: As in `QueryResult`.
        seconds: Wall time by stage, and "total".
        warnings: What the user should know, in plain sentences.
    """

    raster: str
    model: str
    gsd_m: float
    crs: str
    cell_px: int
    labels: tuple[LabelResult, ...]
    doubtful: float
    classes: Optional[str]
    grid: Optional[str]
    layer: Optional[str]
    encoded_tiles: int
    from_store: int
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
