"""The engine's stages as words and as one percentage that never goes back."""

from __future__ import annotations

from typing import Dict, Tuple

from .i18n import tr

_STAGES: Dict[str, Tuple[float, float, str]] = {
    "render": (0.0, 30.0, "Rendering the layer"),
    "load": (0.0, 8.0, "Loading the model"),
    "encode": (8.0, 60.0, "Looking at the imagery"),
    "score": (60.0, 64.0, "Comparing with the prompts"),
    "heatmap": (64.0, 68.0, "Writing the heatmap"),
    "segment": (68.0, 95.0, "Drawing masks"),
    "polygons": (95.0, 97.0, "Drawing polygons"),
    "write": (97.0, 99.0, "Writing polygons"),
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
