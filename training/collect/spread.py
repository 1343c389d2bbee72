"""Places sampled evenly rather than by population: an equal-area grid, a cap a cell, drawn by a seed.

The grid lies in EPSG:6933, the cylindrical equal-area projection of EASE-Grid 2.0: every cell covers the same ground
wherever it is, and its sides are meridians and parallels, so that a cell is a box in longitude and latitude too.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from graft_plugin.errors import UsageError

if TYPE_CHECKING:
    from pyproj import Transformer

Cell = tuple[int, int]
"""(row, column); rows from south to north, columns from west to east, counted from the projection's origin."""
EQUAL_AREA = "EPSG:6933"


@dataclass(frozen=True)
class Box:
    """West, south, east, north in degrees, WGS 84; west < east."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a point lies inside or on the edge."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    def overlap(self, other: Box) -> Box | None:
        """Return what both cover; None where that has no area."""
        west, south = max(self.west, other.west), max(self.south, other.south)
        east, north = min(self.east, other.east), min(self.north, other.north)
        return Box(west, south, east, north) if west < east and south < north else None


def boxes_of(west: float, south: float, east: float, north: float) -> tuple[Box, ...]:
    """Return the boxes of an area: two where it crosses the 180th meridian (its west is east of its east).

    Raises:
        UsageError: A number is no longitude or latitude, or the area is empty.
    """
    numbers = (west, south, east, north)
    known = all(math.isfinite(n) for n in numbers)
    if not known or max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        raise UsageError(f"{numbers} is no box of longitudes and latitudes", remedy="Give west, south, east, north.")
    if south >= north or west == east:
        raise UsageError(f"the box {numbers} is empty", remedy="Give west, south, east, north in degrees.")
    if west < east:
        return (Box(west, south, east, north),)
    halves = ((west, 180.0), (-180.0, east))
    return tuple(Box(w, south, e, north) for w, e in halves if w < e)


@dataclass(frozen=True)
class Grid:
    """Square cells of equal area.

    Args:
        cell_km: Side of a cell in EPSG:6933, kilometres: each covers cell_km² of ground.
    """

    cell_km: float

    def __post_init__(self) -> None:
        if not 0.01 <= self.cell_km <= 2000:
            raise UsageError(f"a cell of {self.cell_km} km is no sensible one", remedy="Give 0.01 to 2000 km.")

    def cell(self, lon: float, lat: float) -> Cell:
        """Return the cell that holds a point."""
        x, y = _forward().transform(lon, lat)
        side = self.cell_km * 1000
        return math.floor(y / side), math.floor(x / side)

    def box(self, cell: Cell, cells: tuple[int, int] = (1, 1)) -> Box:
        """Return the box of a block of cells, (rows, columns), whose south-west is `cell`; cut at the world's edge."""
        row, column = cell
        side = self.cell_km * 1000
        west, south = _back(column * side, row * side)
        east, north = _back((column + cells[1]) * side, (row + cells[0]) * side)
        return Box(west, south, east, north)

    def cells(self, area: Box) -> tuple[Cell, tuple[int, int]]:
        """Return the block of cells that covers a box: its south-western cell, and (rows, columns)."""
        first, last = self.cell(area.west, area.south), self.cell(area.east, area.north)
        return first, (last[0] - first[0] + 1, last[1] - first[1] + 1)

    def share(self, cell: Cell, areas: Sequence[Box]) -> float:
        """Return the share of a cell's ground that lies inside the areas, 0 to 1."""
        whole = self.box(cell)
        parts = [part for area in areas if (part := whole.overlap(area)) is not None]
        return min(1.0, sum(_ground(part) for part in parts) / _ground(whole))


def cap_of_cell(cap: int, share: float) -> int:
    """Return how many photos a cell may keep of which only a share lies in the area: its ground's due, rounded up."""
    return math.ceil(cap * share - 1e-9)


def drawn(ids: Sequence[str], seed: int) -> list[str]:
    """Return ids in an order drawn by a seed; an id's rank among others does not depend on how they came."""
    return sorted(ids, key=lambda photo: (draw_key(photo, seed), photo))


def draw_key(photo_id: str, seed: int) -> bytes:
    """Return the lot of a photo: the same for a seed and an id, whatever else is drawn."""
    return hashlib.sha256(f"{seed} {photo_id}".encode()).digest()


def halves(rows: int, columns: int) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield two parts of a block of cells, cut across its longer side: (offset, size) in (rows, columns)."""
    if rows >= columns:
        half = rows // 2
        yield (0, 0), (half, columns)
        yield (half, 0), (rows - half, columns)
    else:
        half = columns // 2
        yield (0, 0), (rows, half)
        yield (0, half), (rows, columns - half)


def _ground(box: Box) -> float:
    (x0, y0), (x1, y1) = (_forward().transform(*p) for p in ((box.west, box.south), (box.east, box.north)))
    return (x1 - x0) * (y1 - y0)


def _back(x: float, y: float) -> tuple[float, float]:
    (x0, y0), (x1, y1) = _world()
    lon, lat = _inverse().transform(min(max(x, x0), x1), min(max(y, y0), y1))
    if not x0 < x < x1:  # the world's edge, exactly
        lon = math.copysign(180.0, x)
    if not y0 < y < y1:
        lat = math.copysign(90.0, y)
    return lon, lat


@cache
def _world() -> tuple[tuple[float, float], tuple[float, float]]:
    return _forward().transform(-180, -90), _forward().transform(180, 90)


@cache
def _forward() -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs("EPSG:4326", EQUAL_AREA, always_xy=True)


@cache
def _inverse() -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs(EQUAL_AREA, "EPSG:4326", always_xy=True)
