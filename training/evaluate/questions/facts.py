"""What can be asked of one place and has one answer: the rules by which ambiguous cases are left out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache

import numpy as np

from ...world.classes import LABEL, NAMES
from .pixels import Mask, Things, find_things, gaps_m
from .places import Labels, Place

SPECK_SHARE = 0.02
"""A class of which more than this lies in specks has no area that everybody would agree on."""
LEAST_SHARE = 0.01
"""Areas and shares are asked of classes that cover at least this part of the view …"""
SEEN_M2 = 400.0
"""… and presence of classes that are either absent or at least this large."""
MOST_THINGS = 20
APART = 1.15
"""The largest is asked for only where it is this many times the second."""
NEAREST_M, BOUND_MARGIN = 15.0, 0.15
"""Distances below this are not asked for; none may lie within this share of a bound."""
GROWN, CHANGED_M2 = 0.08, 800.0
"""A class has grown or shrunk if its area changed by this share or more, and kept it if not at all."""


class Facts:
    """The facts of one date of a place."""

    def __init__(self, labels: Labels, gsd_m: float) -> None:
        self.labels, self.gsd_m = labels, gsd_m
        self.things = lru_cache(maxsize=None)(self._things)
        self.gaps = lru_cache(maxsize=None)(self._gaps)

    @property
    def view_m2(self) -> float:
        """Return the area of the view."""
        return self.labels.size * self.gsd_m**2

    @cached_property
    def present(self) -> tuple[str, ...]:
        """Return the classes that have a thing."""
        return tuple(name for name in NAMES if self.things(name).count)

    def mask(self, name: str) -> Mask:
        """Return the pixels of a class."""
        return np.asarray(self.labels == LABEL[name])

    def area_m2(self, name: str) -> float:
        """Return the area of all pixels of a class, specks too."""
        return float(self.mask(name).sum() * self.gsd_m**2)

    def _things(self, name: str) -> Things:
        return find_things(self.mask(name), self.gsd_m)

    def _gaps(self, name: str, other: str) -> tuple[float, ...]:
        return tuple(gaps_m(self.things(name), self.things(other)).tolist())

    def countable(self, name: str) -> bool:
        """Whether the things of a class can be counted without a doubt."""
        return self.things(name).clear and self.things(name).count <= MOST_THINGS

    def seen(self, name: str) -> bool | None:
        """Whether a class is there; None where it is too small to say."""
        if not self.mask(name).any():
            return False
        return True if self.things(name).area_m2 >= SEEN_M2 else None

    def whole(self, name: str) -> bool:
        """Whether nearly all of a class lies in things."""
        return self.things(name).specks_m2 <= SPECK_SHARE * self.area_m2(name)

    def wide(self, name: str) -> bool:
        """Whether a class is large enough for its area to be asked for."""
        return self.whole(name) and self.area_m2(name) >= LEAST_SHARE * self.view_m2

    def largest(self, name: str) -> float | None:
        """Return the area of the largest thing, where it clearly is."""
        areas = np.sort(self.things(name).areas_m2)[::-1]
        clear = len(areas) > 1 and areas[0] >= APART * areas[1] and areas[0] >= SEEN_M2
        return float(areas[0]) if clear else None

    def near(self, name: str, other: str, metres: float) -> int | None:
        """Return how many things lie within a distance of another class's; None where one lies about there."""
        gaps = np.array(self.gaps(name, other))
        doubtful = np.abs(gaps - metres) < BOUND_MARGIN * metres
        return None if doubtful.any() else int((gaps <= metres).sum())


def widest(facts: Facts, rng: np.random.Generator, count: int) -> Iterator[tuple[str, ...]]:
    """Yield up to `count` sets of two or three classes of which one clearly covers the most, in random order."""
    names = [name for name in facts.present if facts.wide(name)]
    for _ in range(4 * count):
        if len(names) < 3 or count < 1:
            return
        some = tuple(str(n) for n in rng.permutation(names)[: int(rng.integers(2, 4))])
        areas = sorted((facts.area_m2(name) for name in some), reverse=True)
        if areas[0] >= APART * areas[1]:
            count -= 1
            yield some


def lost_and_gained(place: Place, name: str) -> tuple[float, float]:
    """Return what of a class is gone, and what is new, m²."""
    before, after = place.before == LABEL[name], place.labels == LABEL[name]
    pixel = place.gsd_m**2
    return float((before & ~after).sum() * pixel), float((after & ~before).sum() * pixel)
