"""What the engine can be asked: frozen dataclasses of JSON-ready values, checked as a whole before any work.

Standard library only, so that the command and the worker start at once.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Optional

from .request_base import R, Request, check_cluster, check_gsd, check_layer, check_simplify, check_threshold, require

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

def check_sensor(sensor: str) -> None:
    """Check the name of a sensor."""
    require(sensor in SENSORS, f"sensor must be one of {', '.join(SENSORS)}, not {sensor!r}")


def check_precision(precision: str) -> None:
    """Check the name of a precision."""
    require(precision in PRECISIONS, f"precision must be one of {', '.join(PRECISIONS)}")


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
        stretch: (low, high) stored values that become 0 and 255, for all bands or for red, green and blue each; None:
            8 bits as they are, else by the preset or by the whole layer's statistics.
        gsd_m: Ground resolution to work at, in metres; None: the model's own for the sensor.
        extent: (xmin, ymin, xmax, ymax) to search, in `crs`; None: the whole raster.
        crs: CRS of `extent`, `like` and `unlike`; None: the raster's own.
        like: Map points x1, y1, x2, y2, … of places to find the like of, instead of `prompts`.
        unlike: Points, likewise, of what it is not.
        photo: A ground photo (JPEG, PNG) to find the surroundings of, instead of `like`.
        like_name: What such a prompt is called; None: "like this", or the photo's file name.
        threshold: Score in 0..1 from which a place belongs to a prompt; None: found for each prompt.
        thresholds: The same for each prompt, in order, or one for all; None, as a whole or for one prompt: `threshold`.
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
        scenes, since, until: Of an index instead of a raster: names of scenes or parts of them, and the ISO dates
            between which they must have been taken; empty and None: all.
        cluster: Where an index is scored: a Dask scheduler's address, "local" or a number for processes of this
            machine; None: here.
    """

    raster: str
    prompts: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    model: str = "mini"
    sam: str = "mini"
    sensor: str = "auto"
    bands: Optional[tuple[int, ...]] = None
    stretch: Optional[tuple[float, ...]] = None
    gsd_m: Optional[float] = None
    extent: Optional[tuple[float, ...]] = None
    crs: Optional[str] = None
    like: tuple[float, ...] = ()
    unlike: tuple[float, ...] = ()
    photo: Optional[str] = None
    like_name: Optional[str] = None
    threshold: Optional[float] = None
    thresholds: Optional[tuple[Optional[float], ...]] = None
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
    scenes: tuple[str, ...] = ()
    since: Optional[str] = None
    until: Optional[str] = None
    cluster: Optional[str] = None
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
        self._check_stretch()
        check_gsd(self.gsd_m)
        for value in (self.threshold, *(self.thresholds or ())):
            check_threshold(value)
        given = len(self.thresholds or ())
        require(given in (0, 1, len(self.names)), f"{given} thresholds were given for {len(self.names)} prompts")
        check_simplify(self.simplify_m)
        check_cluster(self.cluster)
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

    def wanted_threshold(self, index: int) -> Optional[float]:
        """Return the threshold that was asked for a prompt, by its 0-based number; None: to be found."""
        given = self.thresholds or ()
        own = given[index] if len(given) > 1 else given[0] if given else None
        return self.threshold if own is None else own

    @classmethod
    def from_dict(cls: type[R], data: Mapping[str, Any]) -> R:
        """As `Request.from_dict`; `stretch` may be three pairs."""
        pairs = data.get("stretch")
        if isinstance(pairs, (list, tuple)) and all(isinstance(pair, (list, tuple)) for pair in pairs):
            data = {**data, "stretch": [value for pair in pairs for value in pair]}
        return super().from_dict(data)

    @property
    def stretch_pairs(self) -> Optional[tuple[tuple[float, float], ...]]:
        """The (low, high) of red, green and blue, where they are given."""
        if self.stretch is None:
            return None
        values = self.stretch if len(self.stretch) == 6 else 3 * self.stretch
        return tuple(zip(values[::2], values[1::2]))

    def _check_stretch(self) -> None:
        if self.stretch is None:
            return
        require(len(self.stretch) in (2, 6), "the stretch must be low, high; or three such pairs: red, green, blue")
        require(all(map(math.isfinite, self.stretch)), "the stretch must be finite numbers")
        rising = all(low < high for low, high in self.stretch_pairs or ())
        require(rising, "the stretch is empty", "Its order is low, high.")

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


@dataclass(frozen=True)
class FetchRequest(Request):
    """A model to download, and the text tower that goes with it.

    Attributes:
        model: Its id in the registry.
        offline: True: never touch the network; the model must be here.
    """

    model: str
    offline: bool = False

    def __post_init__(self) -> None:
        """Check that there is a name."""
        require(bool(self.model.strip()), "no model was named", "See graft models.")


@dataclass(frozen=True)
class RemoveRequest(Request):
    """A model of the user's own to delete.

    Attributes:
        model: Its id in the registry.
    """

    model: str

    def __post_init__(self) -> None:
        """Check that there is a name."""
        require(bool(self.model.strip()), "no model was named", "See graft models.")


_CHOICES: dict[str, tuple[object, ...]] = {
    "sensor": SENSORS,
    "refine": REFINERS,
    "scores": SCORES,
    "upsample": UPSAMPLING,
    "stride_px": (None, *STRIDES_PX),
    "precision": PRECISIONS,
}
