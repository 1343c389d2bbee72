"""`python -m training collect photos …`: its arguments, and what it says at the end."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graft_plugin.engine.console import duration
from graft_plugin.errors import Cancelled, UsageError

from .arguments import count, positive

if TYPE_CHECKING:
    from graft_plugin.engine.progress import CancelToken, Report

    from .gather import Gathered, OutdoorOrder
    from .photo_estimate import Estimate
    from .sift import Rules
    from .spread import Box


def add_parser(what: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Add `photos` with its two sources."""
    photos = what.add_parser("photos", help="ground photos that know where they were taken")
    sources = photos.add_subparsers(dest="source", required=True)
    flickr = sources.add_parser(
        "flickr", help="from Flickr, by its API; the key comes from the environment's FLICKR_API_KEY"
    )
    flickr.add_argument(
        "--box",
        nargs=4,
        type=float,
        required=True,
        metavar=("WEST", "SOUTH", "EAST", "NORTH"),
        help="area in degrees; west > east crosses the 180th meridian",
    )
    _add_common(flickr, cell_km=10.0, per_cell=25)
    flickr.add_argument("--licences", type=_numbers, default=(), metavar="N,…", help="Flickr's numbers of licences")
    flickr.add_argument("--since", type=_day, metavar="YYYY-MM-DD", help="uploaded from this day on (default: all)")
    flickr.add_argument("--until", type=_day, metavar="YYYY-MM-DD", help="uploaded before this day (default: now)")
    flickr.add_argument("--rate", type=positive, default=1.0, help="searches a second (Flickr allows 3,600 an hour)")
    flickr.add_argument("--picture-rate", type=positive, default=10.0, help="pictures a second")
    flickr.add_argument("--workers", type=count, default=4, help="pictures under way at once")
    flickr.add_argument("--timeout", type=positive, default=30.0, help="seconds without a byte")
    flickr.add_argument("--tries", type=count, default=6, help="attempts at one thing that fails in a passing way")
    flickr.add_argument("--backoff", type=positive, default=2.0, help="seconds before the second attempt")
    flickr.add_argument("--address", help="another address of the API")
    flickr.set_defaults(run=_run_flickr)
    folder = sources.add_parser("folder", help="from a folder of photos with positions in their EXIF")
    folder.add_argument("root", metavar="FOLDER", help="the photos; subfolders too")
    folder.add_argument(
        "--box", nargs=4, type=float, metavar=("WEST", "SOUTH", "EAST", "NORTH"), help="area (default: anywhere)"
    )
    _add_common(folder, cell_km=1.0, per_cell=0)
    folder.add_argument("--workers", type=count, default=2, help="pictures looked at at once")
    folder.set_defaults(run=_run_folder)


def _add_common(parser: argparse.ArgumentParser, cell_km: float, per_cell: int) -> None:
    from .outdoor import CLIP

    parser.add_argument("--out", required=True, metavar="PHOTOS", help="the photo folder; an interrupted one goes on")
    parser.add_argument("--cell-km", type=float, default=cell_km, help=f"side of the equal-area cells ({cell_km:g})")
    parser.add_argument("--per-cell", type=int, default=per_cell, help=f"photos a cell, 0 for any ({per_cell})")
    parser.add_argument("--seed", type=int, default=0, help="of the draw in each cell")
    parser.add_argument("--max-error", type=float, default=50.0, metavar="M", help="EXIF's error of position, metres")
    parser.add_argument("--hash-bits", type=int, default=6, help="near-identical: bits of 64 that may differ")
    parser.add_argument("--hash-distance", type=float, default=200.0, metavar="M", help="… within so many metres")
    parser.add_argument("--same-place", type=float, default=25.0, metavar="M", help="one place: within so many metres")
    parser.add_argument("--places365", metavar="FILE", help="outdoor filter: Places365 ResNet-18, a file or an address")
    parser.add_argument("--places365-table", metavar="FILE", help="its table of categories, 1 indoors and 2 outdoors")
    parser.add_argument("--outdoor-model", default=CLIP, metavar="ID", help=f"else the CLIP that judges ({CLIP})")
    parser.add_argument("--no-outdoor-filter", action="store_true", help="keep indoor photos")
    parser.add_argument("--dry-run", action="store_true", help="only estimate count, size and time")


def _run_flickr(args: argparse.Namespace) -> None:
    from .flickr import ADDRESS, FIRST_UPLOAD
    from .gather import FlickrOrder, gather_flickr
    from .net import Politeness
    from .photo_estimate import estimate_flickr
    from .spread import boxes_of

    if args.per_cell < 1:
        raise UsageError("Flickr needs a cap a cell", remedy="Give --per-cell 1 or more.")
    order = FlickrOrder(
        areas=boxes_of(*args.box),
        cell_km=args.cell_km,
        rules=_rules(args),
        outdoor=_outdoor(args),
        licences=args.licences,
        since=FIRST_UPLOAD if args.since is None else args.since,
        until=None if args.until is None else args.until - 1,
        address=args.address or ADDRESS,
        api=Politeness(args.rate, args.tries, args.backoff, args.timeout),
        pictures=Politeness(args.picture_rate, args.tries, args.backoff, args.timeout),
        workers=args.workers,
    )
    if order.until is not None and order.until < order.since:
        raise UsageError("--until lies before --since", remedy="Give an earlier --since.")
    if args.dry_run:
        _say_estimate(_with_progress(lambda cancel, report: estimate_flickr(order, cancel, report)))
        return
    _say(_with_progress(lambda cancel, report: gather_flickr(order, Path(args.out), cancel, report)))


def _run_folder(args: argparse.Namespace) -> None:
    from .gather import FolderOrder, gather_folder
    from .photo_estimate import estimate_folder
    from .spread import boxes_of

    areas: tuple[Box, ...] = boxes_of(*args.box) if args.box else ()
    order = FolderOrder(
        Path(args.root).expanduser(), areas, args.cell_km, _rules(args), _outdoor(args), workers=args.workers
    )
    out = Path(args.out)
    if args.dry_run:
        _say_estimate(_with_progress(lambda cancel, report: estimate_folder(order, out, cancel, report)))
        return
    _say(_with_progress(lambda cancel, report: gather_folder(order, out, cancel, report)))


def _rules(args: argparse.Namespace) -> Rules:
    from .duplicates import HASH_BITS, DuplicateRule
    from .sift import Rules as Asked

    if args.per_cell < 0 or not 0 <= args.hash_bits <= HASH_BITS:
        raise UsageError("--per-cell and --hash-bits must not be negative", remedy="A hash has 64 bits.")
    if min(args.hash_distance, args.same_place, args.max_error) < 0:
        raise UsageError("a distance is negative", remedy="Give metres.")
    duplicates = DuplicateRule(args.hash_bits, args.hash_distance, args.same_place)
    return Asked(args.per_cell, args.seed, args.max_error, duplicates)


def _outdoor(args: argparse.Namespace) -> OutdoorOrder:
    from .gather import OutdoorOrder as Order
    from .outdoor import check_files

    check_files(args.places365, args.places365_table)
    return Order(not args.no_outdoor_filter, args.places365, args.places365_table, args.outdoor_model)


def _with_progress(work: Callable[[CancelToken, Report], Any]) -> Any:  # noqa: ANN401
    from graft_plugin.engine.console import progress_bar
    from graft_plugin.engine.shell import cancel_on_signal

    with cancel_on_signal() as cancel, progress_bar() as report, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")  # it warns of damaged files, which are counted
        try:
            return work(cancel, report)
        except Cancelled as error:
            raise Cancelled("stopped", remedy="Run it again: it goes on where it stopped.") from error


def _say(done: Gathered) -> None:
    from .sift import DROPS

    print(f"kept {done.kept} of {done.found} photos: {done.table}")
    for rule, number in done.dropped.items():
        print(f"  {number:>8}  {DROPS[rule]}")
    if done.judge:
        print(f"outdoor filter: {done.judge}, {done.dropped.get('indoor', 0)} dropped")
    if done.unlisted:
        print(f"crowded cells have {done.unlisted} more photos, of which none was drawn")
    if done.dropped.get("unsupported"):
        print("HEIC needs the package pillow-heif; or convert these photos to JPEG")


def _say_estimate(estimate: Estimate) -> None:
    print(f"about {estimate.photos:,.0f} photos (± {estimate.give_or_take:,.0f}), before duplicates and indoor ones go")
    size = f"{estimate.size_bytes / 1e6:,.1f} MB to download, " if estimate.size_bytes else ""
    print(f"{size}{duration(estimate.seconds)} without the outdoor filter")
    print(estimate.basis)



def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers with commas between") from error


def _day(text: str) -> int:
    try:
        return int(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day like 2019-07-31") from error
