"""What can be asked about the accuracy of a result: frozen dataclasses like those of `requests`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from .index_requests import check_extent
from .request_base import Request, check_extent_crs, check_threshold, require

MAX_SAMPLE = 100_000
POINTS_LAYER = "points"


@dataclass(frozen=True)
class AssessSampleRequest(Request):
    """Stratified random points over the classes of a result, for someone to judge.

    Attributes:
        result: A class map or heatmap (.tif), or polygons (.gpkg), as the engine writes them.
        out: GeoPackage for the points; must not hold a layer "points" with judgements yet.
        points: How many.
        at_least: For each class; the rest by area. None: 50, or as many as `points` allow.
        seed: The same seed draws the same points.
        prompt: Which prompt of a heatmap or of polygons; None: all of them, as classes.
        threshold: Of a heatmap; None: the one that its query used.
        layer: Of the polygons; None: the file's only one.
        area: A raster, or polygons (.gpkg, .geojson, .shp), where the polygons were searched; None: their raster.
        extent: (xmin, ymin, xmax, ymax) to draw from, in `extent_crs`; None: everywhere.
        extent_crs: CRS of `extent`; None: that of the result.
    """

    result: str
    out: str
    points: int
    at_least: Optional[int] = None
    seed: int = 0
    prompt: Optional[str] = None
    threshold: Optional[float] = None
    layer: Optional[str] = None
    area: Optional[str] = None
    extent: Optional[tuple[float, ...]] = None
    extent_crs: Optional[str] = None

    def __post_init__(self) -> None:
        """Check every value on its own; raise `UsageError` for the first that cannot be meant."""
        require(bool(self.result.strip()), "no result was named")
        require(bool(self.out.strip()), "no file was named for the points", "Give one with --out.")
        require(2 <= self.points <= MAX_SAMPLE, f"the points must be 2 to {MAX_SAMPLE}, not {self.points}")
        least = self.at_least
        require(least is None or 0 <= least <= self.points, f"at least {least} a class are more than {self.points}")
        require(self.seed >= 0, f"the seed must be 0 or more, not {self.seed}")
        check_extent_crs(self.extent_crs, self.extent)
        check_threshold(self.threshold)
        check_extent(self.extent)


@dataclass(frozen=True)
class AssessReportRequest(Request):
    """The accuracy that judged points show.

    Attributes:
        points: GeoPackage that `AssessSampleRequest` made, its field `reference` filled in: a class's name or its
            number; for one prompt also 1 (it is there) and 0 (it is not). Empty: not judged yet.
        out: Report to write (.html or .json); None: it is only told.
    """

    points: str
    out: Optional[str] = None

    def __post_init__(self) -> None:
        """Check that there is a file."""
        require(bool(self.points.strip()), "no points were named")
