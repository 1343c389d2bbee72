"""What a plan stands on: regions of a view, and who finds them. The interpreter knows nothing else of a scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class Region:
    """A connected thing on the map.

    Attributes:
        geometry: A valid Polygon or MultiPolygon in the finder's CRS.
        score: 0..1, how sure the finder is of it.
        text: What was looked for.
    """

    geometry: BaseGeometry
    score: float
    text: str


@dataclass(frozen=True)
class Change:
    """What differs between two dates.

    Attributes:
        gained: Regions that are there only after.
        lost: Regions that were there only before.
    """

    gained: tuple[Region, ...]
    lost: tuple[Region, ...]


@dataclass(frozen=True)
class Evidence:
    """What the scores say of a text over the whole view, found or not.

    Attributes:
        highest: The highest score, 0..1.
        threshold: From which score on a place counts.
    """

    highest: float
    threshold: float


class Finder(Protocol):
    """Finds regions in one view. Its CRS is metric: map units are metres true to the ground within 3 %."""

    @property
    def view(self) -> BaseGeometry:
        """The ground that was looked at, a Polygon or MultiPolygon; what has no valid pixel is not part of it."""
        ...

    @property
    def crs(self) -> str:
        """The CRS of all geometries, "EPSG:n" or WKT."""
        ...

    @property
    def gsd_m(self) -> float:
        """Ground resolution: regions nearer to each other than this touch; 0 where edges are exact."""
        ...

    def find(self, text: str) -> tuple[Region, ...]:
        """Return the regions of a text, none overlapping another; asked once for each text of a plan."""
        ...

    def evidence(self, text: str) -> Evidence:
        """Return what the scores say of a text."""
        ...

    def classify(self, region: Region, labels: Sequence[str]) -> str:
        """Return the label that fits a region best."""
        ...

    def best_match(self, regions: Sequence[Region], text: str) -> Region:
        """Return the region, of one or more, that fits a text best."""
        ...

    def compare(self, text: str) -> Change:
        """Return what changed of a text between the two dates; a `UsageError` where there is only one."""
        ...
