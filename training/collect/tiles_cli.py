"""`python -m training collect tiles …`: its arguments, and what it says at the end."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graft_plugin.engine.console import duration
from graft_plugin.errors import Cancelled, UsageError

from .arguments import count, positive, share

if TYPE_CHECKING:
    from graft_plugin.engine.progress import CancelToken

    from ..dataset import PairFolder
    from .net import Politeness
    from .tile_estimate import TileEstimate
    from .tile_source import TileSource

DROPS = {
    "blank": "photos where the image has no data",
    "spare": "photos beyond a tile's cap",
    "photo_unreadable": "photos that cannot be read",
}


def add_parser(what: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Add `tiles` with its three sources."""
    tiles = what.add_parser("tiles", help="satellite and aerial tiles around photos")
    sources = tiles.add_subparsers(dest="source", required=True)
    rasters = sources.add_parser("rasters", help="from rasters of your own: any CRS, any sensor")
    rasters.add_argument("rasters", nargs="+", metavar="RASTER", help="files that GDAL opens, or folders of them")
    rasters.add_argument("--sensor", default="auto", choices=("auto", "naip", "sentinel2", "rgb"))
    rasters.add_argument("--bands", type=int, nargs=3, metavar=("R", "G", "B"), help="1-based (default: found)")
    rasters.add_argument("--gsd", type=positive, metavar="M", help="metres a pixel (default: the sensor's)")
    _add_common(rasters, workers=2)
    rasters.set_defaults(run=_run_rasters)
    stac = sources.add_parser("stac", help="from a public STAC catalogue; no account")
    stac.add_argument("--sensor", required=True, choices=("naip", "sentinel2"))
    stac.add_argument("--api", default="planetary", help="planetary, earth-search or an address (planetary)")
    stac.add_argument("--collection", help="another collection of the API")
    stac.add_argument("--tokens", metavar="ADDRESS", help="where that address's access tokens come from, if it has any")
    stac.add_argument("--method", default="POST", choices=("POST", "GET"), help="of searches")
    _add_network(stac)
    stac.set_defaults(run=_run_stac)
    gee = sources.add_parser("gee", help="from Google Earth Engine; with your account (earthengine authenticate)")
    gee.add_argument("--sensor", required=True, choices=("naip", "sentinel2"))
    gee.add_argument("--project", required=True, help="your Cloud project that may use Earth Engine")
    _add_network(gee)
    gee.set_defaults(run=_run_gee)


def _add_network(parser: argparse.ArgumentParser) -> None:
    from .tile_rules import MOST_CLOUD_PERCENT as MOST

    parser.add_argument("--cloud", type=positive, default=MOST, metavar="%", help=f"Sentinel-2: below ({MOST:g})")
    parser.add_argument("--rate", type=positive, default=10.0, help="requests a second")
    parser.add_argument("--timeout", type=positive, default=60.0, help="seconds without a byte")
    parser.add_argument("--tries", type=count, default=5, help="attempts at one thing that fails in a passing way")
    parser.add_argument("--backoff", type=positive, default=2.0, help="seconds before the second attempt")
    _add_common(parser, workers=4)


def _add_common(parser: argparse.ArgumentParser, workers: int) -> None:
    parser.add_argument("--photos", required=True, metavar="PHOTOS", help="the photo folder of `collect photos`")
    parser.add_argument("--out", required=True, metavar="PAIRS", help="the pair folder; an interrupted one goes on")
    parser.add_argument("--seed", type=int, default=0, help="of which photos come first, and of each tile's photos")
    parser.add_argument("--most-photos", type=_photo_count, default=25, metavar="N", help="photos a tile, at most 100")
    parser.add_argument("--nodata", type=share, default=0.05, metavar="SHARE", help="of a tile that may lack data")
    parser.add_argument("--tile-px", type=count, default=448, help="edge of a tile, pixels")
    parser.add_argument("--shard-tiles", type=count, default=256, help="tiles a shard")
    parser.add_argument("--workers", type=count, default=workers, help=f"tiles under way at once ({workers})")
    parser.add_argument("--dry-run", action="store_true", help="only estimate tiles, size and time")


def _run_rasters(args: argparse.Namespace) -> None:
    from .rasters import RasterOrder, Rasters

    paths = tuple(Path(path).expanduser() for path in args.rasters)
    order = RasterOrder(paths, args.sensor, None if args.bands is None else tuple(args.bands), args.gsd)
    _run(args, lambda cancel: Rasters(order))


def _run_stac(args: argparse.Namespace) -> None:
    from .stac import Stac, StacOrder
    from .stac_apis import api_of

    api, collection = api_of(args.api, args.sensor, args.collection, args.tokens)
    order = StacOrder(api, collection, args.sensor, args.cloud, args.method, _manners(args))
    _run(args, lambda cancel: Stac(order, cancel))


def _run_gee(args: argparse.Namespace) -> None:
    from .earthengine import EarthEngine, EarthEngineOrder

    order = EarthEngineOrder(args.project, args.sensor, args.cloud, _manners(args))
    _run(args, lambda cancel: EarthEngine(order, cancel))


def _manners(args: argparse.Namespace) -> Politeness:
    from .net import Politeness as Manners

    return Manners(args.rate, args.tries, args.backoff, args.timeout)


def _run(args: argparse.Namespace, source_of: Callable[[CancelToken], TileSource]) -> None:
    from graft_plugin.engine.console import progress_bar
    from graft_plugin.engine.shell import cancel_on_signal

    from .tile_cutter import Cutter, PhotoTable, TileOrder
    from .tile_estimate import estimate_tiles
    from .tiles import collect_tiles

    photos, out = Path(args.photos).expanduser(), Path(args.out).expanduser()
    order = TileOrder(photos, args.seed, args.tile_px, args.most_photos, args.nodata, args.shard_tiles, args.workers)
    if out.resolve() == photos.resolve():
        raise UsageError("--photos and --out are the same folder", remedy="Give tiles a folder of their own.")
    with cancel_on_signal() as cancel, progress_bar() as report:
        try:
            source = source_of(cancel)
            if args.dry_run:
                estimate = estimate_tiles(Cutter(order, PhotoTable(photos), source), cancel, report)
            else:
                folder = collect_tiles(order, source, out, cancel, report)
        except Cancelled as error:
            raise Cancelled("stopped", remedy="Run it again: it goes on where it stopped.") from error
    if args.dry_run:
        _say_estimate(estimate)
    else:
        _say(folder)


def _say(folder: PairFolder) -> None:
    from .tile_source import RULES

    about, counts = folder.manifest, folder.manifest["counts"]
    print(f"{about['tiles']} tiles with {about['photos']} of {counts['found']} photos: {folder.path}")
    for rule, number in counts["dropped"].items():
        print(f"  {number:>8}  {DROPS.get(rule) or 'photos without a tile: ' + RULES[rule]}")
    for rule, number in counts["tiles_left_out"].items():
        print(f"  {number:>8}  tiles left out: {RULES[rule]}")


def _say_estimate(estimate: TileEstimate) -> None:
    from .tile_source import RULES

    print(f"about {estimate.tiles:,.0f} tiles with {estimate.pairs:,.0f} of {estimate.photos:,} photos")
    print(f"{estimate.size_bytes / 1e6:,.1f} MB, {duration(estimate.seconds)}")
    for rule, number in estimate.left_out.items():
        print(f"  {number:>8}  photos get no tile around them: {RULES[rule]}")
    print(f"{estimate.had} of {estimate.tried} tiles were there, which were cut to tell; nothing was written")



def _photo_count(text: str) -> int:
    if count(text) > 100:  # photo00 … photo99
        raise argparse.ArgumentTypeError("a tile has at most 100 photos")
    return int(text)
