"""What the engine can be asked: frozen dataclasses of JSON-ready values, checked as a whole before any work.

Standard library only, so that the command and the worker start at once.
"""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, ClassVar, Optional, TypeVar

from ..errors import UsageError

SENSORS = ("auto", "naip", "sentinel2", "rgb")
REFINERS = ("sam", "none")
SCORES = ("competing", "cosine")
UPSAMPLING = ("none", "guided")
STRIDES_PX = (16, 8, 4)
PRECISIONS = ("auto", "fp32", "bf16")
DEFAULT_LAYER = "graft"
DEFAULT_LIKE_NAME = "like this"
MAX_CLASSES = 254
MAX_POINTS = 64

R = TypeVar("R", bound="Request")


class Request:
    """From JSON data to a checked request, and back."""

    @classmethod
    def from_dict(cls: type[R], data: Mapping[str, Any]) -> R:
        """Build a request from JSON data; lists become tuples.

        Raises:
            UsageError: A key is unknown, missing or of a wrong type.
        """
        names = {item.name: item for item in fields(cls)}  # type: ignore[arg-type]
        for key in data:
            if key not in names:
                raise UsageError(f"unknown parameter {key!r}", remedy=_did_you_mean(key, names))
        missing = [name for name, item in names.items() if item.default is MISSING and name not in data]
        require(not missing, f"parameter {' and '.join(missing)} is missing")
        return cls(**{key: _coerced(key, str(names[key].type), value) for key, value in data.items()})

    def to_dict(self) -> dict[str, Any]:
        """Return the request as JSON-ready data, the values left at their defaults left out."""
        defaults = {item.name: item.default for item in fields(self)}  # type: ignore[arg-type]
        return {key: value for key, value in asdict(self).items() if value != defaults[key]}  # type: ignore[call-overload]


@dataclass(frozen=True)
class QueryRequest(Request):
    """One search of one raster.

    Attributes:
        raster: Path of the raster, or any name that GDAL opens.
        prompts: The texts to look for; they compete with each other. Empty with `like` or `photo`.
        negatives: Texts that push the score down where they fit better.
        model: Id in the registry, or a checkpoint's path.
        sam: The same for the SAM that refines.
        sensor: Preset of bands, stretch and GSD; "auto" looks at the raster.
        bands: 1-based numbers of the red, green and blue band; None: found by the preset.
        gsd_m: Ground resolution to work at, in metres; None: the model's own for the sensor.
        extent: (xmin, ymin, xmax, ymax) to search, in `crs`; None: the whole raster.
        crs: CRS of `extent`, `like` and `unlike`; None: the raster's own.
        like: Map points x1, y1, x2, y2, … of places to find the like of, instead of `prompts`.
        unlike: Points, likewise, of what it is not.
        photo: A ground photo (JPEG, PNG) to find the surroundings of, instead of `like`.
        like_name: What such a prompt is called; None: "like this", or the photo's file name.
        threshold: Score in 0..1 from which a place belongs to a prompt; None: found for each prompt.
        heatmap, masks, classes, preview: Files to write (.tif, .gpkg, .tif, .png); None: not wanted. `classes` tells
            for each cell the prompt that fits best, for two prompts or more.
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
    prompts: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    model: str = "mini"
    sam: str = "mini"
    sensor: str = "auto"
    bands: Optional[tuple[int, ...]] = None
    gsd_m: Optional[float] = None
    extent: Optional[tuple[float, ...]] = None
    crs: Optional[str] = None
    like: tuple[float, ...] = ()
    unlike: tuple[float, ...] = ()
    photo: Optional[str] = None
    like_name: Optional[str] = None
    threshold: Optional[float] = None
    heatmap: Optional[str] = None
    masks: Optional[str] = None
    classes: Optional[str] = None
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
    needs_prompts: ClassVar[bool] = True

    @property
    def by_example(self) -> bool:
        """Whether points or a photo are looked for instead of texts."""
        return bool(self.like) or self.photo is not None

    @property
    def names(self) -> tuple[str, ...]:
        """What is looked for, in words: a name for each band and class."""
        if not self.by_example:
            return self.prompts
        return (self.like_name or (os.path.basename(self.photo) if self.photo else DEFAULT_LIKE_NAME),)

    def __post_init__(self) -> None:
        """Check every value on its own; raise `UsageError` for the first that cannot be meant."""
        require(bool(self.raster), "no raster was named")
        self._check_example()
        wanted = bool(self.prompts) or self.by_example or not self.needs_prompts
        require(wanted, "nothing to look for", 'Name it: --text "lake".')
        for text in (*self.prompts, *self.negatives):
            require(bool(text.strip()), "a prompt is empty", 'Name what to look for: --text "lake".')
        twice = {text for text in self.prompts if self.prompts.count(text) > 1 or text in self.negatives}
        require(not twice, f"given more than once: {', '.join(sorted(twice))}", "Give each text once.")
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            require(value in choices, f"{name} must be one of {', '.join(map(str, choices))}, not {value!r}")
        require(
            self.bands is None or (len(self.bands) == 3 and min(self.bands) >= 1),
            "bands must be three numbers from 1 on: red, green, blue",
        )
        require(self.gsd_m is None or 0 < self.gsd_m < 1e5, f"the GSD must be metres above 0, not {self.gsd_m}")
        check_threshold(self.threshold)
        check_simplify(self.simplify_m)
        if self.extent is not None:
            require(len(self.extent) == 4, "the extent must be four numbers: xmin, ymin, xmax, ymax")
            xmin, ymin, xmax, ymax = self.extent
            require(all(map(math.isfinite, self.extent)), "the extent must be finite numbers")
            require(xmin < xmax and ymin < ymax, "the extent is empty", "Its order is xmin, ymin, xmax, ymax.")
        placed = self.extent is not None or bool(self.like or self.unlike)
        require(self.crs is None or placed, "a CRS was given without an extent or points")
        check_layer(self.layer, self.masks)
        few = self.classes is not None and self.needs_prompts and not 2 <= len(self.names) <= MAX_CLASSES
        require(not few, f"a class map needs 2 to {MAX_CLASSES} texts", "Name more things, or leave the class map out.")

    def _check_example(self) -> None:
        for name in ("like", "unlike"):
            points = getattr(self, name)
            require(len(points) % 2 == 0, f"{name} must be pairs of numbers: x1, y1, x2, y2, …")
            require(len(points) <= 2 * MAX_POINTS, f"{name} takes {MAX_POINTS} points at most")
            require(all(map(math.isfinite, points)), f"{name} must be finite numbers")
        if not self.by_example:
            require(not self.unlike, "places were given that it is unlike, and none that it is like", "Add --like X,Y.")
            require(self.like_name is None, "a name was given for a likeness, and neither points nor a photo")
            return
        require(not (self.like and self.photo), "points and a photo cannot be looked for at once", "Give one of them.")
        texts = bool(self.prompts or self.negatives)
        require(not texts, "texts and examples cannot be looked for at once", "Make two queries.")
        require(self.scores != "cosine", "cosine scores are for texts", "Leave --scores out.")
        require(self.like_name is None or bool(self.like_name.strip()), "the likeness has an empty name")


@dataclass(frozen=True)
class EstimateRequest(QueryRequest):
    """A query that is only weighed; it need not say yet what to look for."""

    needs_prompts: ClassVar[bool] = False


@dataclass(frozen=True)
class VectoriseRequest(Request):
    """Polygons of a heatmap that is there already; no model has a part in it.

    Attributes:
        heatmap: A GeoTIFF that a query wrote.
        thresholds: Score in 0..1 for each prompt, or one for all; None, as a whole or for one prompt: the one that the
            query used.
        masks: GeoPackage to append the polygons to; None: they are only counted and measured.
        layer: Its layer; None: "graft".
        simplify_m: Tolerance of polygon simplification in metres; 0: exact cell edges.
    """

    heatmap: str
    thresholds: Optional[tuple[Optional[float], ...]] = None
    masks: Optional[str] = None
    layer: Optional[str] = None
    simplify_m: float = 0.0

    def __post_init__(self) -> None:
        """Check every value on its own; raise `UsageError` for the first that cannot be meant."""
        require(bool(self.heatmap), "no heatmap was named")
        require(self.thresholds is None or bool(self.thresholds), "the list of thresholds is empty")
        for value in self.thresholds or ():
            check_threshold(value)
        check_simplify(self.simplify_m)
        check_layer(self.layer, self.masks)


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


def require(holds: bool, message: str, remedy: str = "") -> None:
    """Raise a `UsageError` unless something holds."""
    if not holds:
        raise UsageError(message, remedy=remedy)


def check_threshold(value: Optional[float]) -> None:
    """Check a threshold; None is found by itself."""
    require(value is None or 0 <= value <= 1, f"the threshold must be auto or lie in 0..1, not {value}")


def check_simplify(simplify_m: float) -> None:
    """Check the tolerance of a simplification."""
    require(0 <= simplify_m < 1e6, f"the simplification must be metres from 0 on, not {simplify_m}")


def check_layer(layer: Optional[str], masks: Optional[str]) -> None:
    """Check that a layer has a file to be in."""
    require(layer is None or masks is not None, "a layer was given without a file for the masks")


def _coerced(key: str, annotation: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return `value` as the field's annotation wants it."""
    if value is None and annotation.startswith("Optional["):
        return None
    inner = annotation.removeprefix("Optional[").removesuffix("]") if annotation.startswith("Optional[") else annotation
    many = inner.startswith("tuple[")
    item = inner[len("tuple[") :].rsplit(",", 1)[0] if many else inner
    gaps = item.startswith("Optional[")
    kinds = _KINDS[item.removeprefix("Optional[").removesuffix("]") if gaps else item]
    items = value if many else [value]
    good = isinstance(items, (list, tuple)) and all(
        (gaps and item is None) or (isinstance(item, kinds) and (bool in kinds or not isinstance(item, bool)))
        for item in items
    )
    require(good, f"{key} must be {'a list of ' if many else 'a '}{kinds[-1].__name__}, not {value!r}")
    return tuple(value) if many else value


def _did_you_mean(key: str, names: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(key, list(names), 1)
    return f"Did you mean {near[0]!r}?" if near else f"Known parameters: {', '.join(names)}."
