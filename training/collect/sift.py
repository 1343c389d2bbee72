"""The rules that a ground photo must pass, each a small function, and the count of what each dropped.

First what is known before a picture is seen: geotag, area, moment. Then cells draw their photos by lot and look at as
many pictures as it takes to fill their cap: whole, near-identical to none nearby, outdoors.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Optional, Protocol

from graft_plugin.engine.progress import CancelToken, Report

from .duplicates import DuplicateRule, SeenMoments, SeenPictures
from .flickr import STREET_LEVEL
from .photos import Photo
from .spread import Box, Cell, Grid, cap_of_cell, draw_key

DROPS = {
    "no_geotag": "no position, or one that is none",
    "inaccurate_geotag": "the position is not of the highest accuracy",
    "outside": "outside the area",
    "unsupported": "a format that cannot be read here (HEIC without pillow-heif)",
    "same_file": "a copy of another file",
    "same_moment": "same owner, place and minute as another",
    "no_picture": "no picture to fetch in a size that is wanted",
    "gone": "the picture is no longer there",
    "unreachable": "the server fails on this picture, and not on others",
    "unreadable": "the picture is damaged",
    "near_duplicate": "near-identical to another nearby",
    "indoor": "taken indoors",
    "over_cap": "its cell is full",
}
"""Rule → what it dropped, in words."""


@dataclass(frozen=True)
class Candidate:
    """A photo before its picture was seen.

    Args:
        photo: What is known of it.
        origin: Where its picture is: an address or a path; empty for nowhere.
        error_m: Horizontal error of its position, metres; None where unknown.
        measuring: Whether the receiver had a fix; None where unknown.
        problem: The rule that drops it, where its source knows that already.
    """

    photo: Photo
    origin: str
    error_m: Optional[float] = None
    measuring: Optional[bool] = None
    problem: Optional[str] = None


class OutdoorFilter(Protocol):
    """Says of a candidate whose picture was seen how likely it was taken outdoors, 0 to 1."""

    name: str

    def score(self, photo: Photo) -> float: ...  # noqa: D102


@dataclass(frozen=True)
class Rules:
    """What is asked of photos.

    Args:
        per_cell: Photos that a cell keeps at most; 0 for any number.
        seed: Of the draw.
        max_error_m: Largest error that a position may admit, metres.
        duplicates: When two photos are one.
        outdoor_min: Score from which a photo counts as taken outdoors.
    """

    per_cell: int
    seed: int
    max_error_m: float
    duplicates: DuplicateRule
    outdoor_min: float = 0.5


def has_geotag(photo: Photo) -> bool:
    """Whether a photo has a position; 0°, 0° is what cameras and servers write for none."""
    return abs(photo.lon) <= 180 and abs(photo.lat) <= 90 and (photo.lon, photo.lat) != (0.0, 0.0)


def is_accurate(candidate: Candidate, max_error_m: float) -> bool:
    """Whether a geotag is accurate: street level on Flickr; elsewhere none that admits a larger error, or no fix."""
    if candidate.photo.source == "flickr":
        return candidate.photo.accuracy == STREET_LEVEL
    error_m = candidate.error_m
    return candidate.measuring is not False and (error_m is None or error_m <= max_error_m)


def is_outdoor(score: Optional[float], outdoor_min: float) -> bool:
    """Whether a photo passes the outdoor filter; without a filter all do."""
    return score is None or score >= outdoor_min


Fetch = Callable[[Sequence[Candidate]], Iterator["Photo | str"]]
"""Candidates → in their order, each one with its picture's facts, or the rule that drops it."""


@dataclass
class Sift:
    """Photos in, kept ones out.

    Args:
        rules: What is asked of photos.
        grid: Of the cells.
        areas: Where photos must lie; empty for anywhere.
        outdoor: The filter; None for none.
        forget: Called with a photo whose picture was seen and that is dropped, and the rule.
    """

    rules: Rules
    grid: Grid
    areas: Sequence[Box]
    outdoor: Optional[OutdoorFilter]
    forget: Callable[[Photo, str], None]
    found: int = field(default=0, init=False)
    dropped: Counter[str] = field(default_factory=Counter, init=False)
    kept: list[Photo] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self._moments = SeenMoments(self.rules.duplicates)
        self._pictures = SeenPictures(self.rules.duplicates)
        self._ids: set[str] = set()

    def counts(self) -> dict[str, object]:
        """Return found and dropped, by rule; found is kept and dropped together."""
        return {"found": self.found, "dropped": {rule: self.dropped[rule] for rule in DROPS}}

    def by_cell(self, candidates: Iterable[Candidate]) -> dict[Cell, list[Candidate]]:
        """Return the candidates that pass the rules on what is known without a picture, in the order of their lots."""
        lots = sorted(candidates, key=lambda c: (draw_key(c.photo.id, self.rules.seed), c.photo.id, c.origin))
        cells: dict[Cell, list[Candidate]] = {}
        for candidate in lots:
            self.found += 1
            rule = self._drop_before(candidate)
            if rule is not None:
                self.dropped[rule] += 1
                continue
            cells.setdefault(self.grid.cell(candidate.photo.lon, candidate.photo.lat), []).append(candidate)
        return dict(sorted(cells.items()))

    def choose(
        self, cells: dict[Cell, list[Candidate]], fetch: Fetch, cancel: CancelToken, report: Report
    ) -> None:
        """Fill each cell to its cap, in rounds: it looks at as many pictures as it still lacks, then judges them."""
        waiting = {cell: deque(candidates) for cell, candidates in cells.items()}
        room = {cell: self._cap(cell, len(candidates)) for cell, candidates in cells.items()}
        while batch := [
            (cell, waiting[cell].popleft()) for cell in waiting for _ in range(min(room[cell], len(waiting[cell])))
        ]:
            for (cell, _), seen in zip(batch, fetch([candidate for _, candidate in batch]), strict=True):
                cancel.check()
                room[cell] -= self._judge(seen)
                report("Photos kept", len(self.kept), 0)
        self.dropped["over_cap"] += sum(len(candidates) for candidates in waiting.values())

    def lose(self, lost: Sequence[Photo]) -> None:
        """Take out kept photos whose pictures are gone after all."""
        ids = {photo.id for photo in lost}
        self.kept = [photo for photo in self.kept if photo.id not in ids]
        self.dropped["gone"] += len(ids)

    def _cap(self, cell: Cell, candidates: int) -> int:
        if self.rules.per_cell == 0:
            return candidates
        return cap_of_cell(self.rules.per_cell, self.grid.share(cell, self.areas) if self.areas else 1.0)

    def _drop_before(self, candidate: Candidate) -> Optional[str]:
        photo = candidate.photo
        if candidate.problem is not None:
            return candidate.problem
        if not has_geotag(photo):
            return "no_geotag"
        if not is_accurate(candidate, self.rules.max_error_m):
            return "inaccurate_geotag"
        if self.areas and not any(area.holds(photo.lon, photo.lat) for area in self.areas):
            return "outside"
        if not candidate.origin:
            return "no_picture"
        if photo.id in self._ids:
            return "same_file"
        self._ids.add(photo.id)
        if not self._moments.first(photo.owner, photo.taken, photo.lon, photo.lat):
            return "same_moment"
        return None

    def _judge(self, seen: Photo | str) -> bool:
        """Keep or drop a photo whose picture was seen; returns whether it is kept."""
        if isinstance(seen, str):
            self.dropped[seen] += 1
            return False
        if self._pictures.holds(seen.lon, seen.lat, seen.phash):
            return self._drop(seen, "near_duplicate")
        score = None if self.outdoor is None else self.outdoor.score(seen)
        if not is_outdoor(score, self.rules.outdoor_min):
            return self._drop(seen, "indoor")
        self._pictures.add(seen.lon, seen.lat, seen.phash)
        self.kept.append(replace(seen, outdoor=score))
        return True

    def _drop(self, photo: Photo, rule: str) -> bool:
        self.dropped[rule] += 1
        self.forget(photo, rule)
        return False
