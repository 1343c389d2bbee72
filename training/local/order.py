"""What a fine-tuning run is asked for: frozen, JSON-ready, checked as a whole before any work."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from graft_plugin.errors import UsageError

MOST_MINUTES = 24 * 60.0


@dataclass(frozen=True)
class LocalOrder:
    """One fine-tuning run.

    Attributes:
        raster: The imagery, as GDAL opens it.
        photos: A folder of geotagged photos, or a point layer's file with a field that names each photo's file.
        polygons: A file of corrected polygons.
        layer: The layer of `photos` or `polygons`; None: its only one, or "graft".
        field: Its field with the prompts (default "prompt"), or with the photos' files (found by its usual names).
        extent: (xmin, ymin, xmax, ymax) in the raster's CRS within which everything was looked at; None: the raster.
        parent: Id or path of the model to start from.
        model_id: Id under which the result is stored in the user's models; None: it is not.
        out: A folder to write the result to instead; None: none is.
        minutes: Length of the learning by the clock.
        steps: Length in steps instead, for repeatable runs.
        seed: Seed of the split, the batches and the augmentation.
        keep: Further rasters on which the model must go on to see what its parent sees.
        sensor, bands, stretch, gsd_m: How the raster is read, as in a query.
        device: "auto", or a torch device.
    """

    raster: str
    photos: str | None = None
    polygons: str | None = None
    layer: str | None = None
    field: str | None = None
    extent: tuple[float, ...] | None = None
    parent: str = "mini"
    model_id: str | None = None
    out: str | None = None
    minutes: float = 5.0
    steps: int | None = None
    seed: int = 0
    keep: tuple[str, ...] = ()
    sensor: str = "auto"
    bands: tuple[int, ...] | None = None
    stretch: tuple[float, ...] | None = None
    gsd_m: float | None = None
    device: str = "auto"

    def __post_init__(self) -> None:
        """Check every value on its own; raise `UsageError` for the first that cannot be meant."""
        _require(bool(self.photos) != bool(self.polygons), "give photos or polygons, one of them", "")
        _require(
            math.isfinite(self.minutes) and 0 < self.minutes <= MOST_MINUTES,
            f"the minutes must be above 0 and at most {MOST_MINUTES:g}, not {self.minutes:g}",
            "",
        )
        _require(self.steps is None or self.steps > 0, "the steps must be above 0", "")
        if self.extent is not None:
            _require(len(self.extent) == 4, "the extent must be four numbers: xmin, ymin, xmax, ymax", "")
        if self.stretch is not None:
            _require(len(self.stretch) in (2, 6), "the stretch must be low, high; or three such pairs", "")

    @property
    def reading(self) -> dict[str, Any]:
        """How the raster is read: arguments of `open_scene`."""
        values = self.stretch if self.stretch is None or len(self.stretch) == 6 else 3 * self.stretch
        pairs = None if values is None else tuple(zip(values[::2], values[1::2], strict=True))
        return {"sensor": self.sensor, "bands": self.bands, "stretch": pairs, "gsd_m": self.gsd_m}


def _require(holds: bool, message: str, remedy: str) -> None:
    if not holds:
        raise UsageError(message, remedy=remedy)
