"""An answer as a sentence, with number and unit."""

from __future__ import annotations

import re

from ...errors import PlanError
from . import nouns
from .finder import Region
from .functions import Answer
from .units import AREAS, LENGTHS, written

MEASURES = {**LENGTHS, **AREAS, "%": 1.0}


def sentence(answer: Answer, missing: tuple[str, ...], crs: str) -> str:
    """Return an answer in words.

    Args:
        answer: The answer.
        missing: Texts of which nothing was found.
        crs: Of a region's coordinates.
    """
    value, about = answer.value, answer.about.strip().rstrip(".")
    if value is None:
        why = " and ".join(f"no {text}" for text in missing)
        return f"There is no answer: {why} was found." if why else "There is no answer."
    if isinstance(value, bool):
        return _yes_or_no(value, about)
    if isinstance(value, Region):
        x, y = value.geometry.centroid.x, value.geometry.centroid.y
        where = f" ({crs})" if crs.startswith("EPSG:") else ""
        return f"{_capital(about or 'the region')} covers {area(value.geometry.area)}, around {x:.0f}, {y:.0f}{where}."
    if isinstance(value, str):
        return f"{_capital(value + ('' if about.startswith(',') else ' ') + about).strip()}."
    unit = answer.unit.strip()
    if unit and unit not in MEASURES and " per " not in unit and value == 0:
        return f"{' '.join(['No', unit, about]).strip()}."
    counted = unit not in MEASURES and " per " not in unit
    shown = nouns.singular(unit) if value == 1 and counted else " ".join(written(w, value) for w in unit.split())
    return f"{' '.join(part for part in (figure(value), shown, about) if part)}."


def figure(number: float) -> str:
    """Return a number in three significant digits, whole ones as they are."""
    if float(number).is_integer() or abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.3g}" if abs(number) >= 1e-3 else f"{number:.1g}"


def area(square_m: float) -> str:
    """Return an area in the unit that suits it."""
    if square_m < 1e4:
        return f"{figure(square_m)} m²"
    return f"{figure(square_m / 1e4)} ha" if square_m < 1e6 else f"{figure(square_m / 1e6)} km²"


def unit_of(answer: Answer) -> str:
    """Return the unit of an answer's value.

    Raises:
        PlanError: It is longer than a unit is.
    """
    if len(answer.unit) > 60 or len(answer.about) > 300:
        raise PlanError("the answer's unit or what it is about is too long")
    if isinstance(answer.value, Region):
        return "m2"
    number = isinstance(answer.value, (int, float)) and not isinstance(answer.value, bool)
    return answer.unit.strip() if number else ""


def _yes_or_no(value: bool, about: str) -> str:
    if not about:
        return "Yes." if value else "No."
    if not about.startswith("that "):
        bare = re.sub(r"^(?:an?|the|any|some) ", "", about)
        return f"There is {about}." if value else f"There is no {bare}."
    said = about.removeprefix("that ")
    if value:
        return f"Yes: {said}."
    denied = re.match(r"there is no (.+)", said)
    if denied:
        return f"No: there is {nouns.with_article(denied.group(1))}."
    if said.startswith("all "):
        return f"No: not {said}."
    denial = re.sub(r"\b(is|are|was|were)\b", r"\1 not", said, count=1)
    return f"No: {denial}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
