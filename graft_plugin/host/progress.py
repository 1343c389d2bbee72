"""The engine's stages as words and as one percentage that never goes back."""

from __future__ import annotations

from typing import Callable, Dict, Tuple

from .i18n import tr, tr_later

Report = Callable[[str, int, int], None]
"""`report(stage, done, total)`, in the thread that works; total 0 where it is unknown."""

_STAGES: Dict[str, Tuple[float, float, str]] = {
    "render": (0.0, 30.0, tr_later("Rendering the layer")),
    "plan": (0.0, 0.0, tr_later("Waiting for the plan")),
    "load": (0.0, 8.0, tr_later("Loading the model")),
    "open": (0.0, 8.0, tr_later("Looking at the rasters")),
    "trial": (8.0, 100.0, tr_later("Timing some tiles")),
    "encode": (8.0, 60.0, tr_later("Looking at the imagery")),
    "score": (60.0, 64.0, tr_later("Comparing with the prompts")),
    "rank": (60.0, 90.0, tr_later("Ranking the tiles")),
    "thumbnails": (90.0, 97.0, tr_later("Cutting pictures")),
    "heatmap": (64.0, 68.0, tr_later("Writing the heatmap")),
    "classes": (67.0, 68.0, tr_later("Writing the class map")),
    "segment": (68.0, 95.0, tr_later("Drawing masks")),
    "polygons": (95.0, 97.0, tr_later("Drawing polygons")),
    "write": (97.0, 99.0, tr_later("Writing polygons")),
    "fetch": (0.0, 100.0, tr_later("Downloading")),
}


class RunProgress:
    """Where a run stands: `percent` in 0..100, and `words` for the stage."""

    def __init__(self) -> None:
        self.percent = 0.0
        self.words = ""

    def take(self, stage: str, done: int, total: int) -> bool:
        """Take the engine's word; return whether `words` changed. An unknown stage leaves the percentage as it is."""
        start, end, words = _STAGES.get(stage, (self.percent, self.percent, stage))
        share = min(done / total, 1.0) if total > 0 else 0.0
        self.percent = max(self.percent, start + share * (end - start))
        changed = tr(words) != self.words
        self.words = tr(words)
        return changed
