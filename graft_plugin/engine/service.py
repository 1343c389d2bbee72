"""What the engine can be asked, and the table of handlers that the worker serves.

Requests and results are frozen dataclasses of JSON-ready values. Importing this module is cheap: torch, rasterio and
the rest are imported when a request is run.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Optional

from ..errors import UsageError
from .progress import CancelToken, Report, silent

if TYPE_CHECKING:
    from .loading import LoadedModels

SENSORS = ("auto", "naip", "sentinel2", "rgb")
REFINERS = ("sam", "none")
SCORES = ("competing", "cosine")
UPSAMPLING = ("none", "guided")
STRIDES_PX = (16, 8, 4)
PRECISIONS = ("auto", "fp32", "bf16")
DEFAULT_LAYER = "graft"


@dataclass(frozen=True)
class QueryRequest:
    """One search of one raster.

    Attributes:
        raster: Path of the raster, or any name that GDAL opens.
        prompts: The texts to look for; they compete with each other.
        negatives: Texts that push the score down where they fit better.
        model: Id in the registry, or a checkpoint's path.
        sam: The same for the SAM that refines.
        sensor: Preset of bands, stretch and GSD; "auto" looks at the raster.
        bands: 1-based numbers of the red, green and blue band; None: found by the preset.
        gsd_m: Ground resolution to work at, in metres; None: the model's own for the sensor.
        extent: (xmin, ymin, xmax, ymax) to search, in `crs`; None: the whole raster.
        crs: CRS of `extent`; None: the raster's own.
        threshold: Score in 0..1 from which a place belongs to a prompt; None: found for each prompt.
        heatmap, masks, preview: Files to write (.tif, .gpkg, .png); None: not wanted.
        layer: Layer of `masks`; None: "graft".
        refine: "sam", or "none" for the thresholded heatmap.
        stride_px: Distance of neighbouring heatmap cells in pixels; None: the model's default.
        scores: "competing" (softmax over prompts, negatives and background) or "cosine".
        upsample: "none" or "guided" (heatmap at pixel resolution, joint bilateral on the RGB).
        simplify_m: Tolerance of polygon simplification in metres; 0: exact pixel edges.
        store: Folder of the embedding store; None: the user's own.
        use_store: False: encode, and keep nothing.
        device: "auto", or a torch device.
        precision: "auto", "fp32" or "bf16".
        offline: True: never touch the network.
    """

    raster: str
    prompts: tuple[str, ...]
    negatives: tuple[str, ...] = ()
    model: str = "mini"
    sam: str = "mini"
    sensor: str = "auto"
    bands: Optional[tuple[int, ...]] = None
    gsd_m: Optional[float] = None
    extent: Optional[tuple[float, ...]] = None
    crs: Optional[str] = None
    threshold: Optional[float] = None
    heatmap: Optional[str] = None
    masks: Optional[str] = None
    preview: Optional[str] = None
    layer: Optional[str] = None
    refine: str = "sam"
    stride_px: Optional[int] = None
    scores: str = "competing"
    upsample: str = "none"
    simplify_m: float = 0.0
    store: Optional[str] = None
    use_store: bool = True
    device: str = "auto"
    precision: str = "auto"
    offline: bool = False

    def __post_init__(self) -> None:
        """Check every value on its own; raise `UsageError` for the first that cannot be meant."""
        _require(bool(self.raster), "no raster was named")
        _require(bool(self.prompts), "nothing to look for", 'Name it: --text "lake".')
        for text in (*self.prompts, *self.negatives):
            _require(bool(text.strip()), "a prompt is empty", 'Name what to look for: --text "lake".')
        twice = {text for text in self.prompts if self.prompts.count(text) > 1 or text in self.negatives}
        _require(not twice, f"given more than once: {', '.join(sorted(twice))}", "Give each text once.")
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            _require(value in choices, f"{name} must be one of {', '.join(map(str, choices))}, not {value!r}")
        _require(
            self.bands is None or (len(self.bands) == 3 and min(self.bands) >= 1),
            "bands must be three numbers from 1 on: red, green, blue",
        )
        _require(self.gsd_m is None or 0 < self.gsd_m < 1e5, f"the GSD must be metres above 0, not {self.gsd_m}")
        _require(
            self.threshold is None or 0 <= self.threshold <= 1,
            f"the threshold must be auto or lie in 0..1, not {self.threshold}",
        )
        _require(0 <= self.simplify_m < 1e6, f"the simplification must be metres from 0 on, not {self.simplify_m}")
        if self.extent is not None:
            _require(len(self.extent) == 4, "the extent must be four numbers: xmin, ymin, xmax, ymax")
            xmin, ymin, xmax, ymax = self.extent
            _require(all(map(math.isfinite, self.extent)), "the extent must be finite numbers")
            _require(xmin < xmax and ymin < ymax, "the extent is empty", "Its order is xmin, ymin, xmax, ymax.")
        _require(self.crs is None or self.extent is not None, "a CRS was given without an extent")
        _require(self.layer is None or self.masks is not None, "a layer was given without a file for the masks")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> QueryRequest:
        """Build a request from JSON data; lists become tuples.

        Raises:
            UsageError: A key is unknown, missing or of a wrong type.
        """
        names = {item.name: item for item in fields(cls)}
        for key in data:
            if key not in names:
                raise UsageError(f"unknown parameter {key!r}", remedy=_did_you_mean(key, names))
        missing = [name for name, item in names.items() if item.default is MISSING and name not in data]
        _require(not missing, f"parameter {' and '.join(missing)} is missing")
        return cls(**{key: _coerced(key, str(names[key].type), value) for key, value in data.items()})

    def to_dict(self) -> dict[str, Any]:
        """Return the request as JSON-ready data, the values left at their defaults left out."""
        defaults = {item.name: item.default for item in fields(self)}
        return {key: value for key, value in asdict(self).items() if value != defaults[key]}


_CHOICES: dict[str, tuple[object, ...]] = {
    "sensor": SENSORS,
    "refine": REFINERS,
    "scores": SCORES,
    "upsample": UPSAMPLING,
    "stride_px": (None, *STRIDES_PX),
    "precision": PRECISIONS,
}
_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
}


@dataclass(frozen=True)
class PromptResult:
    """What was found for one prompt.

    Attributes:
        prompt: The text.
        maximum: Highest score; None where the extent holds no valid pixel.
        threshold: Score from which places were taken.
        covered: Share of the valid heatmap cells at or above the threshold.
        polygons: Number of polygons; None where none were asked for.
        area_m2: Their total area in square metres; None likewise.
    """

    prompt: str
    maximum: Optional[float]
    threshold: Optional[float]
    covered: float
    polygons: Optional[int] = None
    area_m2: Optional[float] = None


@dataclass(frozen=True)
class QueryResult:
    """What a search found, and what it took.

    Attributes:
        raster, model, model_sha256, sensor, bands, gsd_m, crs, stride_px: What was looked at, and how.
        prompts: One entry for each prompt, in order.
        heatmap, masks, layer, preview: What was written; None where not asked for.
        encoded_tiles: Tiles that went through the encoder.
        from_store: Tiles whose embeddings were found in the store.
        seconds: Wall time by stage, and "total".
        warnings: What the user should know, in plain sentences.
    """

    raster: str
    model: str
    model_sha256: str
    sensor: str
    bands: tuple[int, ...]
    gsd_m: float
    crs: str
    stride_px: int
    prompts: tuple[PromptResult, ...]
    heatmap: Optional[str]
    masks: Optional[str]
    layer: Optional[str]
    preview: Optional[str]
    encoded_tiles: int
    from_store: int
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready data."""
        return asdict(self)


def run_query(
    request: QueryRequest,
    report: Report = silent,
    cancel: CancelToken | None = None,
    models: LoadedModels | None = None,
) -> QueryResult:
    """Search a raster for what the prompts name; write the outputs asked for, whole or not at all.

    Args:
        request: What to do.
        report: Told of progress, stage by stage.
        cancel: Looked at throughout; raises `Cancelled` out of this call when set.
        models: Models to keep loaded between calls.

    Raises:
        GraftError: A subclass that names the cause and the remedy; nothing was written then.
    """
    from .pipeline import run

    return run(request, report, cancel or CancelToken(), models)


def software() -> str:
    """Return the engine's name and version."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"graft {version('graft-qgis')}"
    except PackageNotFoundError:
        return "graft (not installed)"


def _handle_query(params: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    request = QueryRequest.from_dict(params)
    report("load", 0, 0)
    from .loading import shared_models

    return run_query(request, report, cancel, shared_models()).to_dict()


def _handle_models(params: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    report("load", 0, 0)
    from .models_cli import list_models

    return {"models": list_models()}


HANDLERS = {"query": _handle_query, "models": _handle_models}
"""Method of the protocol → handler; a new method is one line here."""


def _require(holds: bool, message: str, remedy: str = "") -> None:
    if not holds:
        raise UsageError(message, remedy=remedy)


def _coerced(key: str, annotation: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return `value` as the field's annotation wants it."""
    optional = annotation.startswith("Optional[")
    inner = annotation[len("Optional[") : -1] if optional else annotation
    if value is None and optional:
        return None
    many = inner.startswith("tuple[")
    kinds = _KINDS[inner[len("tuple[") :].split(",")[0] if many else inner]
    items = value if many else [value]
    good = isinstance(items, (list, tuple)) and all(
        isinstance(item, kinds) and (bool in kinds or not isinstance(item, bool)) for item in items
    )
    _require(good, f"{key} must be {'a list of ' if many else 'a '}{kinds[-1].__name__}, not {value!r}")
    return tuple(value) if many else value


def _did_you_mean(key: str, names: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(key, list(names), 1)
    return f"Did you mean {near[0]!r}?" if near else f"Known parameters: {', '.join(names)}."
