"""What can be asked of two dates: a frozen dataclass like those of `requests`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from .index_requests import check_extent
from .request_base import (
    Request,
    check_bands,
    check_extent_crs,
    check_gsd,
    check_layer,
    check_simplify,
    check_threshold,
    require,
)
from .requests import STRIDES_PX, check_precision, check_sensor

NORMALISATIONS = ("auto", "none")
DEFAULT_CHANGE_LAYER = "change"


@dataclass(frozen=True)
class CompareRequest(Request):
    """The change of what some prompts name, between two rasters of one place.

    Attributes:
        before, after: Paths of the rasters, or any names that GDAL opens. The result is on the grid of `before`.
        prompts: The texts; they compete with each other.
        negatives: Texts that push the score down where they fit better.
        normalise: "auto" takes off what light, season and sensor change everywhere; "none" leaves it in.
        threshold: Change of the score in 0..1 from which a place counts as gained or lost; None: found for each prompt,
            from both rasters as a whole.
        heatmap: GeoTIFF to write, after minus before, one band a prompt; None: not wanted.
        masks: GeoPackage to append the gained and lost polygons to; None: not wanted.
        layer: Its layer; None: "change".
        preview: Picture (.png) of both dates and the change; None: not wanted.
        sensor, bands, stretch: How both rasters are opened; see `QueryRequest`.
        gsd_m: Ground resolution to work at; None: the coarser of the two that the model would choose.
        extent: (xmin, ymin, xmax, ymax) to compare, in `extent_crs`; None: all that both rasters show.
        extent_crs: CRS of `extent`; None: that of `before`.
        model, stride_px, simplify_m, store, use_store, device, precision, offline: See `QueryRequest`.
    """

    before: str
    after: str
    prompts: tuple[str, ...]
    negatives: tuple[str, ...] = ()
    model: str = "mini"
    sensor: str = "auto"
    bands: Optional[tuple[int, ...]] = None
    stretch: Optional[tuple[float, ...]] = None
    gsd_m: Optional[float] = None
    extent: Optional[tuple[float, ...]] = None
    extent_crs: Optional[str] = None
    normalise: str = "auto"
    threshold: Optional[float] = None
    heatmap: Optional[str] = None
    masks: Optional[str] = None
    layer: Optional[str] = None
    preview: Optional[str] = None
    stride_px: Optional[int] = None
    simplify_m: float = 0.0
    store: Optional[str] = None
    use_store: bool = True
    device: str = "auto"
    precision: str = "auto"
    offline: bool = False

    def __post_init__(self) -> None:
        """Check every value on its own; raise `UsageError` for the first that cannot be meant."""
        require(bool(self.before.strip()) and bool(self.after.strip()), "two rasters must be named: before and after")
        texts = (*self.prompts, *self.negatives)
        require(bool(self.prompts), "nothing to look for", "Give at least one text, for example: water")
        require(all(map(str.strip, texts)), "a prompt is empty")
        twice = next((text for text in texts if texts.count(text) > 1), None)
        require(twice is None, f"the text {twice!r} is there twice", "Give each text once.")
        check_sensor(self.sensor)
        require(self.normalise in NORMALISATIONS, f"normalise must be auto or none, not {self.normalise!r}")
        check_precision(self.precision)
        require(self.stride_px in (None, *STRIDES_PX), f"stride_px must be one of {', '.join(map(str, STRIDES_PX))}")
        check_bands(self.bands)
        check_gsd(self.gsd_m)
        check_extent_crs(self.extent_crs, self.extent)
        check_extent(self.extent)
        check_threshold(self.threshold)
        check_simplify(self.simplify_m)
        check_layer(self.layer, self.masks)
