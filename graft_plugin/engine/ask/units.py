"""Units of length and area: their names in English, what they are in metres, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass

LENGTHS = {"m": 1.0, "km": 1000.0, "ft": 0.3048, "yd": 0.9144, "miles": 1609.344}
AREAS = {"m2": 1.0, "ha": 1e4, "km2": 1e6, "acres": 4046.8564224, "ft2": 0.09290304, "square miles": 2589988.110336}
NAMES = {
    "m": "m metre metres meter meters",
    "km": "km kilometre kilometres kilometer kilometers",
    "ft": "ft foot feet",
    "yd": "yd yard yards",
    "miles": "mi mile miles",
    "ha": "ha hectare hectares",
    "acres": "ac acre acres",
    "m2": "m2 sqm",
    "km2": "km2 sqkm",
    "ft2": "ft2 sqft",
}
SIGNS = {"m2": "m²", "km2": "km²", "ft2": "ft²"}
_SQUARES = {"m": "m2", "km": "km2", "ft": "ft2", "miles": "square miles"}
_BY_NAME = {name: unit for unit, names in NAMES.items() for name in names.split()}


@dataclass(frozen=True)
class Quantity:
    """A length or an area as it was written.

    Attributes:
        number: The number.
        unit: A key of `LENGTHS` or `AREAS`.
    """

    number: float
    unit: str

    @property
    def si(self) -> float:
        """In metres or square metres."""
        return self.number * (LENGTHS.get(self.unit) or AREAS[self.unit])

    def __str__(self) -> str:
        return f"{self.number:g} {written(self.unit, self.number)}"


def written(unit: str, number: float) -> str:
    """Return a unit as it is written after a number: "m²", "acre" after 1."""
    one = {"miles": "mile", "acres": "acre", "square miles": "square mile"}
    return one[unit] if number == 1 and unit in one else SIGNS.get(unit, unit)


def read_unit(words: list[str]) -> tuple[str, int] | None:
    """Return the unit that words begin with, and how many of them it takes; None where they name none."""
    if words and words[0] in ("square", "sq") and len(words) > 1 and _BY_NAME.get(words[1]) in _SQUARES:
        return _SQUARES[_BY_NAME[words[1]]], 2
    return (_BY_NAME[words[0]], 1) if words and words[0] in _BY_NAME else None
