"""From an order to a photo folder: search or scan, sift, write. What was done before is not done again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Optional

from graft_plugin.engine.progress import CancelToken, Report
from graft_plugin.errors import Cancelled, DownloadError

from .flickr import ADDRESS, FIRST_UPLOAD, Flickr, api_key, photo_of, picture_address
from .flickr_walk import Walk
from .folder import find_pictures, read_candidates
from .journal import Journal
from .net import Client, Politeness
from .outdoor import RememberedFilter, make_judge
from .photos import TABLE, photo_path, write_photos
from .pictures import Downloads, LocalPictures
from .sift import DROPS, Candidate, Rules, Sift
from .spread import Box, Grid


@dataclass(frozen=True)
class OutdoorOrder:
    """Which outdoor filter.

    Args:
        wanted: Whether there is one at all.
        weights: Places365 network, a path or an address; None for the zero-shot judge.
        table: Its table of categories.
        model: The CLIP of the zero-shot judge.
    """

    wanted: bool
    weights: Optional[str]
    table: Optional[str]
    model: str


@dataclass(frozen=True)
class FlickrOrder:
    """What is wanted from Flickr.

    Args:
        areas: Where.
        cell_km: Side of the grid's cells.
        rules: What is asked of photos.
        outdoor: Which outdoor filter.
        licences: Flickr's numbers; empty for any.
        since: Earliest upload, Unix seconds.
        until: Latest upload, Unix seconds; None for the first run's now.
        address: Of the API.
        api: Manners towards the API.
        pictures: Manners towards the server of pictures.
        workers: Pictures under way at once.
    """

    areas: tuple[Box, ...]
    cell_km: float
    rules: Rules
    outdoor: OutdoorOrder
    licences: tuple[int, ...] = ()
    since: int = FIRST_UPLOAD
    until: Optional[int] = None
    address: str = ADDRESS
    api: Politeness = field(default_factory=Politeness)
    pictures: Politeness = field(default_factory=lambda: Politeness(per_s=10.0))
    workers: int = 4


@dataclass(frozen=True)
class FolderOrder:
    """What is wanted from a local folder.

    Args:
        root: The folder.
        areas: Where; empty for anywhere.
        cell_km: Side of the grid's cells.
        rules: What is asked of photos.
        outdoor: Which outdoor filter.
        workers: Pictures looked at at once.
    """

    root: Path
    areas: tuple[Box, ...]
    cell_km: float
    rules: Rules
    outdoor: OutdoorOrder
    workers: int = 2


@dataclass(frozen=True)
class Gathered:
    """What a collection came to.

    Args:
        table: Its GeoParquet.
        kept: Photos in it.
        found: Photos that were met.
        dropped: Rule → count.
        judge: Name of the outdoor filter; None for none.
        unlisted: Photos of crowded cells that were not looked at.
    """

    table: Path
    kept: int
    found: int
    dropped: Mapping[str, int]
    judge: Optional[str]
    unlisted: int = 0


def gather_flickr(order: FlickrOrder, out: Path, cancel: CancelToken, report: Report) -> Gathered:
    """Collect from Flickr into a photo folder.

    Raises:
        GraftError: The key, the server, the disk or a model is not as it should be; what came so far is kept.
        Cancelled: On request, with what came so far written.
    """
    key = api_key()
    with Journal(out) as journal:
        until = order.until or (journal.get("settings", "until") or [int(time.time())])[0]
        asked = {"licences": order.licences, "since": order.since, "until": until, **_common(order)}
        journal.agree({"source": "flickr", **asked})
        outdoor = _filter(order.outdoor, out, journal)
        downloads = Downloads(out, journal, Client(order.pictures, cancel), order.workers, cancel)
        sift = Sift(order.rules, Grid(order.cell_km), order.areas, outdoor, downloads.forget)
        flickr = Flickr(Client(order.api, cancel), journal, key, order.address)
        walk = Walk(
            flickr, sift.grid, order.since, until, order.licences, 4 * order.rules.per_cell, order.rules.seed
        )
        with _written(sift, out, {"source": "flickr", **asked}, lambda: {"unlisted": walk.unlisted}):
            licences = flickr.licences()
            for records in walk.blocks(order.areas):
                report("Photos found", sift.found + len(records), 0)
                sift.choose(sift.by_cell(_candidates(records, licences)), downloads.fetch, cancel, report)
            sift.lose(downloads.restore(sift.kept))
        return _gathered(sift, out, walk.unlisted)


def gather_folder(order: FolderOrder, out: Path, cancel: CancelToken, report: Report) -> Gathered:
    """Collect the photos of a local folder into a photo folder; see `gather_flickr`."""
    paths = find_pictures(order.root, out)
    with Journal(out) as journal:
        asked = {"root": str(order.root.absolute()), **_common(order)}
        journal.agree({"source": "folder", **asked})
        outdoor = _filter(order.outdoor, out, journal)
        pictures = LocalPictures(journal, order.workers, cancel)
        sift = Sift(order.rules, Grid(order.cell_km), order.areas, outdoor, pictures.forget)
        with _written(sift, out, {"source": "folder", **asked}, dict):
            cells = sift.by_cell(read_candidates(paths, journal, cancel, report))
            sift.choose(cells, pictures.fetch, cancel, report)
        return _gathered(sift, out)


def _common(order: FlickrOrder | FolderOrder) -> dict[str, Any]:
    """Return the settings on which it depends what is kept."""
    return {
        "areas": [[a.west, a.south, a.east, a.north] for a in order.areas],
        "cell_km": order.cell_km,
        "rules": asdict(order.rules),
        "outdoor": asdict(order.outdoor) if order.outdoor.wanted else None,
    }


def _filter(order: OutdoorOrder, out: Path, journal: Journal) -> Optional[RememberedFilter]:
    if not order.wanted:
        return None
    judge, name = make_judge(order.weights, order.table, order.model)
    return RememberedFilter(judge, name, out, journal)


def _candidates(records: Iterable[Mapping[str, Any]], licences: Mapping[int, str]) -> Iterator[Candidate]:
    for record in records:
        photo = photo_of(record, licences)
        if photo is not None:
            yield Candidate(photo, picture_address(record) or "")


@contextmanager
def _written(
    sift: Sift, out: Path, settings: Mapping[str, Any], more: Callable[[], Mapping[str, Any]]
) -> Iterator[None]:
    """Write the photo folder at the end, and at a stop or a server's failure what is kept until then."""

    def write(complete: bool) -> None:
        photos = [p for p in sift.kept if complete or photo_path(out, p.file).is_file()]
        judge = None if sift.outdoor is None else sift.outdoor.name
        counts = {**sift.counts(), **more(), "outdoor_filter": judge}
        write_photos(out, photos, settings, counts, complete=complete)

    try:
        yield
    except (Cancelled, DownloadError):
        write(complete=False)
        raise
    write(complete=True)


def _gathered(sift: Sift, out: Path, unlisted: int = 0) -> Gathered:
    judge = None if sift.outdoor is None else sift.outdoor.name
    dropped = {rule: sift.dropped[rule] for rule in DROPS if sift.dropped[rule]}
    return Gathered(out / TABLE, len(sift.kept), sift.found, dropped, judge, unlisted)
