"""The colours of prompts, for both processes: in QGIS's panel and layers, and in the palette of the engine's files."""

from __future__ import annotations

PROMPT_COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#cc79a7", "#d55e00", "#0072b2")
"""In the order of the prompts: Okabe and Ito's palette, which colour-blind readers can tell apart."""


def prompt_colour(index: int) -> str:
    """Return the colour of the prompt with this 0-based number, as #rrggbb; they come round again."""
    return PROMPT_COLOURS[index % len(PROMPT_COLOURS)]
