"""Whether an answer is right."""

from __future__ import annotations

from typing import Optional

from ..layouts.types import Question, Value
from .words import class_of

_M2 = {"m2": 1.0, "m²": 1.0, "ha": 1e4, "km2": 1e6, "km²": 1e6}
_SHARE = {"share": 1.0, "": 1.0, "%": 0.01, "percent": 0.01}
_METRES = {"m": 1.0, "km": 1e3}
UNITS = {"m2": _M2, "share": _SHARE, "m": _METRES}
"""Unit of a truth → units that an answer may have → how much of the first one of them is."""


def is_right(question: Question, value: Value, unit: str) -> bool:
    """Judge an answer: yes and no and classes exactly, numbers by the question's slack, in whatever unit they came."""
    if isinstance(question.truth, bool) or isinstance(value, bool):
        return value is question.truth
    if isinstance(question.truth, str):
        return isinstance(value, str) and class_of(value) == question.truth
    number = to_unit(value, unit, question.unit)
    return number is not None and abs(number - question.truth) <= question.slack * (1 + 1e-9)


def to_unit(value: Value, unit: str, wanted: str) -> Optional[float]:
    """Return a number in another unit; None where there is none, or the units do not measure the same."""
    if isinstance(value, (bool, str)) or value is None:
        return None
    factors = UNITS.get(wanted)
    if factors is None:
        return float(value)
    return float(value) * factors[unit] if unit in factors else None


def in_unit(question: Question, unit: str) -> tuple[Value, str]:
    """Return the truth and its unit: that of an answer, where it measures the same."""
    factor = UNITS.get(question.unit, {}).get(unit)
    if isinstance(question.truth, (bool, str)) or not unit or factor is None:
        return question.truth, question.unit
    return question.truth / factor, unit
