"""Over an area with Flickr's limits: boxes are halved until their photos can be listed, crowded cells are sampled."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .flickr import MOST_RESULTS, PER_PAGE, Flickr, Page, Query
from .spread import Box, Cell, Grid, halves

_FEWEST_PAGES = 4
"""Random pages of a crowded cell, at least: one page alone may be one person's afternoon."""
Record = Mapping[str, Any]


@dataclass
class Walk:
    """The photos of an area, block of cells by block of cells.

    A block that has more photos than Flickr lists is halved along the grid. A single cell that still has more is halved
    by upload date, each half chosen with the probability of its number of photos, down to a window that can be listed;
    of that a page is drawn, and so on until `want` photos are there. Each photo of the cell has the same chance.

    Args:
        flickr: Answers searches.
        grid: Of the cells.
        since: Earliest upload, Unix seconds.
        until: Latest upload, Unix seconds.
        licences: Flickr's numbers; empty for any.
        want: Photos of a crowded cell that are enough to choose from.
        seed: Of the draws.
        unlisted: Photos of crowded cells that were never looked at.
    """

    flickr: Flickr
    grid: Grid
    since: int
    until: int
    licences: tuple[int, ...]
    want: int
    seed: int
    unlisted: int = field(default=0, init=False)

    def blocks(self, areas: Sequence[Box]) -> Iterator[list[Record]]:
        """Yield the records of each block of cells that has any; no record comes in two blocks."""
        for area in areas:
            first, size = self.grid.cells(area)
            yield from self._block(first, size, area)

    def _block(self, first: Cell, size: tuple[int, int], area: Box) -> Iterator[list[Record]]:
        box = self.grid.box(first, size).overlap(area)
        if box is None:
            return
        query = Query(box, self.since, self.until, self.licences)
        page = self.flickr.search(query)
        if page.total > MOST_RESULTS and size != (1, 1):
            for (row, column), part in halves(*size):
                yield from self._block((first[0] + row, first[1] + column), part, area)
            return
        records = self._all(query, page) if page.total <= MOST_RESULTS else self._some(query, page, first)
        own = [record for record in records if self._inside(record, first, size)]
        if own:
            yield own

    def _all(self, query: Query, page: Page) -> list[Record]:
        found = {str(record.get("id")): record for record in page.photos}
        for number in range(2, page.pages + 1):
            more = self.flickr.search(query, number).photos
            if not more:
                break
            found.update((str(record.get("id")), record) for record in more)
        return list(found.values())

    def _some(self, query: Query, page: Page, cell: Cell) -> list[Record]:
        draw = random.Random(f"{self.seed} {cell}")
        found: dict[str, Record] = {}
        fewest = max(_FEWEST_PAGES, -(-self.want // PER_PAGE))
        for turn in range(4 * fewest):
            if turn >= fewest and len(found) >= self.want:
                break
            window, total = self._window(query, page.total, draw)
            last = -(-min(total, MOST_RESULTS) // PER_PAGE)
            records = self.flickr.search(window, draw.randint(1, max(1, last))).photos
            found.update((str(record.get("id")), record) for record in records)
        self.unlisted += max(0, page.total - len(found))
        return list(found.values())

    def _window(self, query: Query, total: int, draw: random.Random) -> tuple[Query, int]:
        """Return a window of upload dates that can be listed, drawn with the probability of its photos."""
        while total > MOST_RESULTS and (parts := query.halves()) is not None:
            counts = [self.flickr.search(part).total for part in parts]
            if not any(counts):
                break
            chosen = draw.choices((0, 1), counts)[0]
            query, total = parts[chosen], counts[chosen]
        return query, total

    def _inside(self, record: Record, first: Cell, size: tuple[int, int]) -> bool:
        """Whether a record belongs to a block: one on the border of two is answered to both, and is of one."""
        try:
            row, column = self.grid.cell(float(record["longitude"]), float(record["latitude"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            return True  # counted by the rule on geotags
        return 0 <= row - first[0] < size[0] and 0 <= column - first[1] < size[1]
