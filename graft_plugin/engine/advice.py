"""What the user should know about a search before trusting its result, in plain sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

COARSE_RATIO = 1.5
"""Raster pixels this many times as wide as the model's are told of."""
LEAST_PIXELS = 2.0
"""A thing must be at least this many pixels wide to be seen as itself."""

TYPICAL_WIDTH_M = {
    "car": 2.0,
    "person": 0.5,
    "boat": 3.0,
    "bus": 2.5,
    "truck": 2.5,
    "bench": 1.0,
    "tree": 5.0,
    "pool": 5.0,
    "track": 3.0,
    "path": 2.0,
    "trail": 2.0,
    "railway": 3.0,
    "road": 7.0,
    "street": 8.0,
    "house": 10.0,
    "building": 10.0,
    "greenhouse": 10.0,
    "tennis": 11.0,
    "runway": 30.0,
    "stadium": 100.0,
    "airport": 500.0,
}
"""Usual width of small things in metres, for the warning only: no score depends on it."""


def unknown_words(prompt: str, words: Sequence[str], model: str) -> str:
    """Return the warning about words that a closed vocabulary lacks."""
    named = ", ".join(repr(word) for word in words)
    return (
        f"the model {model!r} never saw {named} (in {prompt!r}): it is a demonstration that knows few words. "
        "Choose another model for these."
    )


def resolution(native_gsd_m: float, gsd_m: float) -> Iterator[str]:
    """Yield the warning about a raster much coarser than what the model works at."""
    if native_gsd_m > COARSE_RATIO * gsd_m:
        yield (
            f"the raster's pixels are {native_gsd_m:.3g} m wide and are enlarged to {gsd_m:.3g} m: "
            "edges cannot be finer than the raster's own pixels"
        )


def too_small(prompts: Sequence[str], native_gsd_m: float, gsd_m: float) -> Iterator[str]:
    """Yield a warning for each prompt that asks for something narrower than two pixels."""
    pixel_m = max(native_gsd_m, gsd_m)
    for prompt in prompts:
        for word in re.findall(r"[a-z]+", prompt.lower()):
            width_m = TYPICAL_WIDTH_M.get(word) or TYPICAL_WIDTH_M.get(word.removesuffix("s"))
            if width_m is not None and width_m < LEAST_PIXELS * pixel_m:
                yield f"a {word} is about {width_m:g} m wide, and a pixel here {pixel_m:.3g} m: {prompt!r} may not show"
                break
