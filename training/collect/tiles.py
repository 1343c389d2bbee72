"""Collecting tiles around photos: planned by the rules, cut from a source, packed into shards; can be resumed.

Tiles are cut in rounds. In a round each photo that no tile covers asks for one, unless one of the round covers it
already. Where a tile turns out to lack an image or data, its other photos ask again in the next round. What there is
depends on the photos, the seed and the images only, not on how often the work was interrupted: each outcome is in the
journal, each tile on the disk until its shard is, and a run that goes on does the same sums again.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Optional

import numpy as np

from graft_plugin.engine.progress import CancelToken, Report
from graft_plugin.errors import GraftError, OutputError

from ..dataset import SHARDS, PairFolder, shard_name
from ..pair_writer import TileRecord, record_of, write_index, write_manifest, write_shard, write_whole
from .journal import Journal
from .parallel import in_parallel
from .photos import disk_error
from .shrink import PHOTO_PX
from .tile_cutter import Cutter, Job, PhotoTable, TileOrder
from .tile_rules import Spot, asking_order, covered, degree_boxes, plan_round
from .tile_source import NoTile, TileSource

PARTS = ".parts"
Outcome = dict[str, Any]
"""`{"record": …, "dropped": …}` of a tile that is there, `{"rule": …}` of one that is not."""


class Plan:
    """Which photos wait for a tile, and why those that got none did not."""

    def __init__(self, order: TileOrder, table: PhotoTable, source: TileSource) -> None:
        self._order, self._table, self._source = order, table, source
        self._asking = asking_order(table.ids, order.seed)
        self.waiting = np.ones(len(table), bool)
        self.why: dict[int, str] = {}
        self._there: list[Spot] = []

    def accept(self, job: Job) -> None:
        """Note that a tile is there."""
        self._there.append(job.spot)

    def round(self) -> list[Job]:
        """Return the next round's tiles; none where the work is done."""
        self._bar_covered()
        return [Job(*tile) for tile in plan_round(self._asking, self.waiting, self._table.places, self._spot)]

    def refuse(self, job: Job, rule: str) -> None:
        """Note that a tile is not to be had: its photos wait again, the one in its centre for another's tile."""
        self.waiting[job.inside] = True
        self.why[job.centre] = rule

    def left_out(self) -> Counter[str]:
        """Return how many photos no tile covers, by the rule that kept them from one of their own."""
        return Counter(self.why[int(photo)] for photo in np.flatnonzero(self.waiting))

    def _bar_covered(self) -> None:
        """Bar photos from tiles of their own that waited in vain for one, while another was cut that covers them."""
        import shapely

        photos = np.array([k for k in np.flatnonzero(self.waiting).tolist() if k not in self.why], np.int64)
        if not len(photos) or not self._there:
            return
        boxes = [(shapely.box(*box), spot) for spot in self._there for box in degree_boxes(spot)]
        places = self._table.places
        near = shapely.STRtree([box for box, _ in boxes]).query(
            shapely.points(places.lons[photos], places.lats[photos]), predicate="intersects"
        )
        for k, box in near.T.tolist():
            photo = photos[k : k + 1]
            if covered(boxes[box][1], places.lons[photo], places.lats[photo])[0]:
                self.why[int(photo[0])] = "covered"

    def _spot(self, photo: int) -> Optional[Spot]:
        if photo in self.why:
            return None
        lon, lat = float(self._table.places.lons[photo]), float(self._table.places.lats[photo])
        try:
            return self._source.spot(lon, lat, self._table.taken[photo], self._order.size_px)
        except NoTile as error:
            self.why[photo] = error.rule
            return None


def collect_tiles(order: TileOrder, source: TileSource, out: Path, cancel: CancelToken, report: Report) -> PairFolder:
    """Collect the tiles of a photo folder into a pair folder, which is whole when this returns.

    Raises:
        GraftError: The photos, the source or the disk is at fault; what came so far is kept.
        Cancelled: On request, likewise.
    """
    table = PhotoTable(order.photos)
    settings = {
        "source": source.name,
        **source.settings(),
        "photos": table.digest,
        "seed": order.seed,
        "tile_px": order.size_px,
        "most_photos": order.most_photos,
        "most_nodata": order.most_nodata,
        "shard_tiles": order.shard_tiles,
        "photo_px": PHOTO_PX,
    }
    with Journal(out) as journal:
        journal.agree(settings)
        try:
            return _Collection(Cutter(order, table, source), journal, out, cancel, report).run(settings)
        except GraftError:  # some are an OSError too
            raise
        except OSError as error:
            raise disk_error(error, out) from error


class _Collection:
    """One run of a collection."""

    def __init__(self, cutter: Cutter, journal: Journal, out: Path, cancel: CancelToken, report: Report) -> None:
        self.cutter, self.journal, self.out = cutter, journal, out
        self.cancel, self.report = cancel, report
        self.parts = out / PARTS
        self.records: list[TileRecord] = []
        self.dropped: Counter[str] = Counter()

    def run(self, settings: Mapping[str, Any]) -> PairFolder:
        order, table = self.cutter.order, self.cutter.table
        for stale in self.out.rglob("*.part"):  # a killed run left it half-written
            stale.unlink(missing_ok=True)
        plan = Plan(order, table, self.cutter.source)
        refused: Counter[str] = Counter()
        done = 0
        while jobs := plan.round():
            total = done + len(jobs)
            for job, outcome in zip(jobs, self._outcomes(jobs), strict=True):
                if "rule" in outcome:
                    plan.refuse(job, outcome["rule"])
                    refused[outcome["rule"]] += 1
                else:
                    plan.accept(job)
                    self._accept(record_of(outcome["record"]), outcome["dropped"])
                done += 1
                self.report("Cutting tiles", done, total)
        self._flush()
        self.dropped += plan.left_out()
        counts = {
            "found": len(table),
            "dropped": dict(sorted(self.dropped.items())),
            "tiles_left_out": dict(sorted(refused.items())),
        }
        write_index(self.out, self.records, order.shard_tiles)
        write_manifest(self.out, self.records, {"settings": dict(settings), "counts": counts}, order.shard_tiles)
        shutil.rmtree(self.parts, ignore_errors=True)
        return PairFolder(self.out)

    def _outcomes(self, jobs: list[Job]) -> Iterator[Outcome]:
        """Yield what became of each job, in their order; what the journal knows is not done again."""
        known = [self.journal.get("answers", self.cutter.name(job)) for job in jobs]
        work = in_parallel(self._outcome, list(zip(jobs, known, strict=True)), self.cutter.order.workers, self.cancel)
        for job, before, outcome in zip(jobs, known, work, strict=True):
            if before is None:
                self.journal.put("answers", self.cutter.name(job), outcome)
            yield outcome

    def _outcome(self, work: tuple[Job, Optional[Outcome]]) -> Outcome:
        job, known = work
        if known is not None:
            return known
        name = self.cutter.name(job)
        note = self.parts / f"{name}.json"
        if note.is_file():  # it was done when the run was killed, ahead of others
            found: Outcome = json.loads(note.read_text(encoding="utf-8"))
            return found
        try:
            record, packed, dropped = self.cutter.cut(job)
        except NoTile as error:
            return {"rule": error.rule}
        outcome = {"record": asdict(record), "dropped": dropped}
        write_whole(self.parts / f"{name}.tar", [packed])
        write_whole(note, [json.dumps(outcome, ensure_ascii=False).encode()])
        return outcome

    def _accept(self, record: TileRecord, dropped: Mapping[str, int]) -> None:
        self.records.append(record)
        self.dropped.update(dropped)
        if len(self.records) % self.cutter.order.shard_tiles == 0:
            self._flush()

    def _flush(self) -> None:
        """Join the tiles since the last shard into one, unless it is there, and remove their parts."""
        size = self.cutter.order.shard_tiles
        number = (len(self.records) - 1) // size
        names = [record.tile_id for record in self.records[number * size :]]
        if not names:
            return
        if not (self.out / SHARDS / shard_name(number)).is_file():
            write_shard(self.out, number, (self._packed(name) for name in names))
        for name in names:
            (self.parts / f"{name}.json").unlink(missing_ok=True)
            (self.parts / f"{name}.tar").unlink(missing_ok=True)

    def _packed(self, name: str) -> bytes:
        path = self.parts / f"{name}.tar"
        try:
            return path.read_bytes()
        except FileNotFoundError as error:
            raise OutputError(
                f"the tile {name} was collected and is no longer there",
                remedy="Remove the folder, and collect it again.",
                path=str(path),
            ) from error
