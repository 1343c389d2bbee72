"""What the user asked for, from whichever dialog or panel it came."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

from .area import Area, whole_layer
from .source import Box, LayerSource

Points = Tuple[Tuple[float, float], ...]
"""(x, y) each."""


@dataclass(frozen=True)
class Order:
    """One run to be done.

    Attributes:
        raster: The layer's source, for people and for commands.
        layer_name: The layer's.
        prompts, negatives: The texts.
        extent: In the layer's CRS; None: the whole of it.
        threshold: For all prompts, 0..1; None: automatic.
        model: Id or path.
        sensor: Preset of bands, stretch and GSD.
        bands: 1-based numbers of red, green, blue; empty: by the preset.
        gsd_m: Ground resolution to work at; None: the model's.
        stretch: (low, high) of the raster's values; empty: by the preset.
        like, unlike: Spots in the raster's CRS whose likes are, and are not, looked for.
        photo: A ground photo, whose surroundings are looked for; empty: none.
        refine: Whether SAM follows the outlines.
        output: The file to write; empty: a temporary one.
        segment: Whether polygons are wanted, besides the heatmap.
        source: Where the pixels come from.
        area: What the result is cut to.
    """

    raster: str
    layer_name: str
    prompts: Tuple[str, ...]
    negatives: Tuple[str, ...] = ()
    extent: Optional[Box] = None
    threshold: Optional[float] = None
    model: str = "mini"
    sensor: str = "auto"
    bands: Tuple[int, ...] = ()
    gsd_m: Optional[float] = None
    stretch: Tuple[float, ...] = ()
    like: Points = ()
    unlike: Points = ()
    photo: str = ""
    refine: bool = True
    output: str = ""
    segment: bool = True
    source: Optional[LayerSource] = None
    area: Area = field(default_factory=whole_layer)

    @property
    def title(self) -> str:
        """What is looked for, in a few words."""
        return ", ".join(self.prompts) or (Path(self.photo).name if self.photo else self.like_name)

    @property
    def like_name(self) -> str:
        """What the result of a query by example is called."""
        return "like this"

    def to_request(self) -> Dict[str, Any]:
        """Return the engine's `query` request, without its outputs; what is left to the engine is left out."""
        request: Dict[str, Any] = {"raster": self.raster, "prompts": list(self.prompts), "model": self.model}
        wanted: Dict[str, Any] = {
            "negatives": list(self.negatives),
            "extent": list(self.extent or ()),
            "threshold": self.threshold,
            "sensor": "" if self.sensor == "auto" else self.sensor,
            "bands": list(self.bands),
            "gsd_m": self.gsd_m,
            "stretch": list(self.stretch),
            "like": [number for point in self.like for number in point],
            "unlike": [number for point in self.unlike for number in point],
            "photo": self.photo,
            "refine": "" if self.refine or not self.segment else "none",
        }
        request.update({key: value for key, value in wanted.items() if value not in (None, "", [])})
        return request
