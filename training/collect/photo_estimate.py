"""What a collection would come to, from a look at a few places: photos, bytes, time."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

from graft_plugin.engine.progress import CancelToken, Report
from graft_plugin.errors import DownloadError

from .flickr import MOST_RESULTS, PER_PAGE, Flickr, Query, api_key, picture_address
from .folder import candidate_of, find_pictures
from .gather import FlickrOrder, FolderOrder
from .journal import Journal
from .net import Client, NotThere
from .picture import UnreadablePicture, look
from .sift import has_geotag, is_accurate
from .spread import Cell, Grid, cap_of_cell

CELLS_ASKED, PICTURES_FETCHED, FILES_READ, FILES_SEEN = 30, 5, 200, 10


@dataclass(frozen=True)
class Estimate:
    """What a collection would come to, before duplicates and indoor photos are dropped.

    Args:
        photos: Expected number.
        give_or_take: Standard error of it.
        size_bytes: Expected size of what is downloaded.
        seconds: Expected time, without the outdoor filter.
        basis: What was looked at, in words.
    """

    photos: float
    give_or_take: float
    size_bytes: float
    seconds: float
    basis: str


def spread_over(values: Sequence[float], population: int) -> tuple[float, float]:
    """Return the total over a population and its standard error, from a sample drawn without replacement."""
    if not values:
        return 0.0, 0.0
    error = stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    unseen = math.sqrt(max(0.0, 1 - len(values) / population))
    return population * mean(values), population * error * unseen


def estimate_flickr(order: FlickrOrder, cancel: CancelToken, report: Report) -> Estimate:
    """Ask a few cells, drawn by the seed, how many photos they have; nothing is written.

    Raises:
        GraftError: The key or the server is not as it should be.
    """
    grid, key = Grid(order.cell_km), api_key()
    until = order.until or int(time.time())
    with Journal(None) as journal:
        flickr = Flickr(Client(order.api, cancel), journal, key, order.address)
        cells, population = _some_cells(order, grid)
        caps, requests, addresses = [], [], []
        for number, (cell, area) in enumerate(cells, 1):
            report("Asking cells", number, len(cells))
            box = grid.box(cell).overlap(order.areas[area])
            page = flickr.search(Query(box, order.since, until, order.licences)) if box else None
            total = page.total if page else 0
            cap = cap_of_cell(order.rules.per_cell, grid.share(cell, order.areas))
            caps.append(float(min(total, cap) if order.rules.per_cell else total))
            requests.append(_requests_of(total))
            addresses += [address for record in page.photos[:2] if (address := picture_address(record))] if page else []
        size, seconds = _weigh(addresses, order, cancel)
    photos, error = spread_over(caps, population)
    asked = spread_over(requests, population)[0]
    wait = asked / order.api.per_s + photos * max(1 / order.pictures.per_s, seconds / order.workers)
    basis = f"{len(cells)} of {population} cells were asked, {PICTURES_FETCHED if size else 0} pictures were weighed"
    return Estimate(photos, error, photos * size, wait, basis)


def estimate_folder(order: FolderOrder, out: Path, cancel: CancelToken, report: Report) -> Estimate:
    """Read the EXIF of some files and look at a few pictures; nothing is written."""
    paths = find_pictures(order.root, out)
    sample = random.Random(order.rules.seed).sample(paths, min(len(paths), FILES_READ))
    passing, started = [], time.monotonic()
    with Journal(None) as journal:
        for number, path in enumerate(sample, 1):
            cancel.check()
            report("Reading EXIF", number, len(sample))
            candidate = candidate_of(path, journal)
            photo = candidate.photo
            good = candidate.problem is None and has_geotag(photo) and is_accurate(candidate, order.rules.max_error_m)
            inside = not order.areas or any(area.holds(photo.lon, photo.lat) for area in order.areas)
            passing.append(float(good and inside))
    read_s = (time.monotonic() - started) / len(sample)
    started, seen = time.monotonic(), sample[:FILES_SEEN]
    for path in seen:
        cancel.check()
        try:
            look(path)
        except UnreadablePicture:
            continue
    look_s = (time.monotonic() - started) / len(seen)
    photos, error = spread_over(passing, len(paths))
    seconds = len(paths) * read_s + photos * look_s / order.workers
    return Estimate(photos, error, 0.0, seconds, f"the EXIF of {len(sample)} of {len(paths)} files was read")


def _some_cells(order: FlickrOrder, grid: Grid) -> tuple[list[tuple[Cell, int]], int]:
    """Return cells with their area, drawn by the seed, and how many there are."""
    blocks = [grid.cells(area) for area in order.areas]
    sizes = [rows * columns for _, (rows, columns) in blocks]
    draw = random.Random(order.rules.seed)
    chosen = []
    for index in sorted(draw.sample(range(sum(sizes)), min(sum(sizes), CELLS_ASKED))):
        area = 0
        while index >= sizes[area]:
            index -= sizes[area]
            area += 1
        (row, column), (_, columns) = blocks[area]
        chosen.append(((row + index // columns, column + index % columns), area))
    return chosen, sum(sizes)


def _requests_of(total: int) -> float:
    """Return how many searches a cell's photos take: its pages, or the way down to a few windows of a crowded one."""
    if total <= MOST_RESULTS:
        return total / PER_PAGE * 1.5
    return 4.0 * (1 + 2 * math.ceil(math.log2(total / MOST_RESULTS)))


def _weigh(addresses: list[str], order: FlickrOrder, cancel: CancelToken) -> tuple[float, float]:
    """Return the mean bytes and seconds of a few pictures, which are thrown away."""
    client, sizes, started = Client(order.pictures, cancel), [], time.monotonic()
    for address in random.Random(order.rules.seed).sample(addresses, min(len(addresses), PICTURES_FETCHED)):
        try:
            sizes.append(len(client.get(address)))
        except (NotThere, DownloadError):
            continue
    return (mean(sizes), (time.monotonic() - started) / len(sizes)) if sizes else (0.0, 0.0)
