"""How sure an answer is: a reading of the scores that it rests on, and how it came about, in a sentence.

A score is the model's probability of a text against everything else that it knows; a region's is the mean over its
cells from the threshold on. What an answer rests on is every text that its plan looked for, and it is as sure as the
least sure of them:

- a text with regions: the mean of their scores, each alike for a number, by area for an area or a share; the best of
  them for a yes, because one is enough;
- a text without regions: what its highest score anywhere lacks of 1. A no, a zero or no answer rests on such texts
  alone where there are any;
- a label that was chosen: its share of the mean scores that all the labels got.

The model's probabilities are not calibrated, and errors of outlines or distances are not in it: 0.9 does not mean that
nine such answers of ten are right.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from .finder import Evidence, Region
from .functions import Answer
from .geometry import Regions
from .units import AREAS


def confidence(
    answer: Answer,
    found: dict[str, Regions],
    evidence: Callable[[str], Evidence],
    choices: Mapping[str, float] = MappingProxyType({}),
) -> tuple[float, str]:
    """Return (0..1, why) of an answer.

    Args:
        answer: The answer.
        found: The regions of each text.
        evidence: What the scores say of a text.
        choices: The labels that were chosen, and the share of each of what all labels got.
    """
    if not answer.value and any(not regions for regions in found.values()):
        found = {text: regions for text, regions in found.items() if not regions}
    judged = [_judged(answer, text, regions, evidence(text)) for text, regions in found.items()]
    judged += [(share, f"“{label}” got {share:.2f} of what all labels got.") for label, share in choices.items()]
    if not judged:
        return 1.0, "The plan looked for nothing: no model had a part in it."
    least = min(judged, key=lambda one: one[0])
    more = f" It is the least sure of {len(judged)} findings." if len(judged) > 1 else ""
    return round(least[0], 3), least[1] + more


def _judged(answer: Answer, text: str, regions: Regions, evidence: Evidence) -> tuple[float, str]:
    needed = f"{evidence.threshold:.2f} is needed"
    if not regions:
        sure = 1.0 - min(1.0, max(0.0, evidence.highest))
        return sure, f"No “{text}” was found: its highest score is {evidence.highest:.2f}, and {needed}."
    scores = np.array([_sound(region.score) for region in regions])
    count = f"{len(regions)} region{'s' if len(regions) > 1 else ''} of “{text}”"
    if answer.value is True:
        return float(scores.max()), f"The best of {count} scores {scores.max():.2f}; {needed}."
    if isinstance(answer.value, Region) or answer.unit in AREAS or answer.unit == "%":
        sizes = np.array([region.geometry.area for region in regions])
        sure = float(np.average(scores, weights=sizes)) if sizes.sum() > 0 else float(scores.mean())
        return sure, f"{count} score{'s' if len(regions) == 1 else ''} {sure:.2f} on average by area; {needed}."
    sure = float(scores.mean())
    return sure, f"{count} score{'s' if len(regions) == 1 else ''} {sure:.2f} on average; {needed}."


def _sound(score: float) -> float:
    return min(1.0, max(0.0, score)) if math.isfinite(score) else 0.0
