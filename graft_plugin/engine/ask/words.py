"""A question as words, and the error that names those that were not understood."""

from __future__ import annotations

import re
import unicodedata

from ...errors import PlanError


def not_understood(words: list[str]) -> PlanError:
    """Return the error that names the words that were not understood."""
    named = " ".join("…" if word == "in_view" else word for word in words[:12])
    return PlanError(f"the built-in planner does not understand “{named}”", remedy=UNDERSTOOD)


UNDERSTOOD = (
    "It understands: how many, is there, are there more … than, how much area, what share, which is the largest or "
    "smallest, how far, density, is it this or that, and what was lost or gained between two dates; of things near, "
    "within a distance of, in, outside, touching, or north (south, east, west) of others, and larger or smaller than "
    "an area. Ask like that, write the plan yourself, or let a chat endpoint write it."
)


def words_of(text: str) -> list[str]:
    """Return the words of a text, lower case, numbers apart from units, and what stands for the view as `in_view`."""
    text = (
        unicodedata.normalize("NFKC", text)
        .lower()
        .replace("’", "'")
        .replace("per cent", "percent")
        .replace("n't", " not")
    )
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    text = re.sub(rf"(?<=\w )does (?:the|this) {_VIEW} (?:show|have|contain|include)\b", "in_view", text)
    text = re.sub(_IN_VIEW, "in_view", text)
    text = re.sub(r",\s*(?=(?:and|or|but)\b)", " ", text)
    return re.findall(r"in_view|,|\d+(?:\.\d+)?|[^\W\d_]+(?:[-'][^\W\d_]+)*2?|%", text)


_VIEW = "(?:view|image|scene|area|picture|map|photo|raster|extent|layer)"
_IN_VIEW = (
    r"\b(?:in|on|of|across|over|throughout|within|inside) (?:the|this|my|our) (?:(?:whole|entire|satellite|aerial) )?"
    rf"{_VIEW}\b(?! (?:of|covered))"
)
