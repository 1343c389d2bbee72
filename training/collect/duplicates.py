"""No duplicates: near-identical pictures of one neighbourhood, and one person's photos of one place and minute."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import TYPE_CHECKING, Generic, Optional, TypeVar

if TYPE_CHECKING:
    from PIL.Image import Image

T = TypeVar("T")
EARTH_M = 6_371_008.8
"""Mean radius of the earth, metres (IUGG)."""
HASH_BITS = 64


def perceptual_hash(image: Image) -> str:
    """Return a picture's perceptual hash, 16 hexadecimal digits.

    ImageHash's DCT hash: the lowest 8 x 8 frequencies of the 32 x 32 grey picture, each against their median.
    """
    from imagehash import phash

    return str(phash(image))


def hash_distance(one: str, other: str) -> int:
    """Return in how many of their 64 bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


class Nearby(Generic[T]):
    """Things at places, and which of them lie within a radius of a point.

    Places are kept in cubes on the sphere in space, so that neither the 180th meridian nor the poles are special.

    Args:
        radius_m: Along a straight line; on such distances the ground's is the same.
    """

    def __init__(self, radius_m: float) -> None:
        self.radius_m = radius_m
        self._cubes: dict[tuple[int, int, int], list[tuple[tuple[float, float, float], T]]] = defaultdict(list)

    def add(self, lon: float, lat: float, thing: T) -> None:
        """Put a thing at a place."""
        point = _in_space(lon, lat)
        self._cubes[self._cube(point)].append((point, thing))

    def around(self, lon: float, lat: float) -> Iterator[T]:
        """Yield what lies within the radius of a point."""
        point = _in_space(lon, lat)
        cube = self._cube(point)
        for step in product((-1, 0, 1), repeat=3):
            for place, thing in self._cubes.get((cube[0] + step[0], cube[1] + step[1], cube[2] + step[2]), ()):
                if math.dist(point, place) <= self.radius_m:
                    yield thing

    def _cube(self, point: tuple[float, float, float]) -> tuple[int, int, int]:
        side = max(self.radius_m, 1.0)
        return math.floor(point[0] / side), math.floor(point[1] / side), math.floor(point[2] / side)


def _in_space(lon: float, lat: float) -> tuple[float, float, float]:
    east, north = math.radians(lon), math.radians(lat)
    flat = EARTH_M * math.cos(north)
    return flat * math.cos(east), flat * math.sin(east), EARTH_M * math.sin(north)


@dataclass(frozen=True)
class DuplicateRule:
    """When two photos are one.

    Args:
        hash_bits: Near-identical: so many bits of 64 may differ …
        hash_m: … between photos so near to each other, metres.
        same_place_m: One owner's photos of one minute are of one place within so many metres.
    """

    hash_bits: int = 6
    hash_m: float = 200.0
    same_place_m: float = 25.0


class SeenPictures:
    """Pictures that were kept, asked for near-identical ones in the neighbourhood."""

    def __init__(self, rule: DuplicateRule) -> None:
        self._bits = rule.hash_bits
        self._kept: Nearby[str] = Nearby(rule.hash_m)

    def holds(self, lon: float, lat: float, phash: str) -> bool:
        """Whether a near-identical picture was kept nearby."""
        return any(hash_distance(phash, other) <= self._bits for other in self._kept.around(lon, lat))

    def add(self, lon: float, lat: float, phash: str) -> None:
        """Remember a picture that is kept."""
        self._kept.add(lon, lat, phash)


class SeenMoments:
    """Moments that were seen: an owner, a place and a minute."""

    def __init__(self, rule: DuplicateRule) -> None:
        self._radius_m = rule.same_place_m
        self._seen: dict[tuple[str, datetime], list[tuple[float, float, float]]] = {}

    def first(self, owner: Optional[str], taken: Optional[datetime], lon: float, lat: float) -> bool:
        """Whether this is the first photo of its owner, place and minute; it is remembered then.

        A photo without a time is always the first: nothing says that it is not.
        """
        if taken is None:
            return True
        point = _in_space(lon, lat)
        seen = self._seen.setdefault((owner or "", taken.replace(second=0, microsecond=0)), [])
        if any(math.dist(point, other) <= self._radius_m for other in seen):
            return False
        seen.append(point)
        return True
