"""`graft index …` and `graft index-loss …`: arguments to requests, results to a few lines of text or JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from .console import duration
from .index_requests import IndexRequest
from .index_results import IndexEstimate, IndexLoss, IndexResult
from .requests import PRECISIONS, SENSORS
from .shell import add_cluster, cancel_on_signal, numbers, stdout_to_stderr

EXIT_PARTLY = 2


def add_index(parser: argparse.ArgumentParser) -> None:
    """Describe `graft index`."""
    add = parser.add_argument
    parser.description = (
        "Encode SOURCEs into an INDEX: rasters, folders, VRTs and STAC item collections. Stopped or killed, the same "
        "command goes on from there; run again, it takes in what is new or has changed."
    )
    add("sources", nargs="+", metavar="SOURCE", help="raster, folder, VRT, or STAC items: a .json file or an address")
    add("--out", required=True, metavar="INDEX", help="folder of the index")
    add("--dry-run", action="store_true", help="only tell how many tiles, hours and GB it would take")
    add("--date", metavar="DATE", help="of all sources (default: of the STAC item, or in the file's name)")
    add("--json", action="store_true", help="print one JSON document")
    add_cluster(parser)
    add_raster_options(parser)
    add_model_options(parser)
    parser.set_defaults(run=_run_index)


def add_index_loss(parser: argparse.ArgumentParser) -> None:
    """Describe `graft index-loss`."""
    add = parser.add_argument
    parser.description = "Encode some tiles of an INDEX again, as float16, and compare what the texts find in both."
    add("index", metavar="INDEX", help="folder of the index")
    add("--text", action="append", dest="prompts", metavar="TEXT", required=True, help="may be repeated")
    add("--tiles", type=int, default=64, metavar="N", help="how many tiles to compare (default: 64)")
    add("--device", default="auto", help="torch device")
    add("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=_run_loss)


def add_raster_options(parser: argparse.ArgumentParser) -> None:
    """Describe how rasters are opened."""
    scene = parser.add_argument_group("the rasters")
    scene.add_argument("--sensor", choices=SENSORS, default="auto", help="preset of bands, stretch and GSD")
    scene.add_argument("--bands", type=numbers("bands", int), metavar="R,G,B", help="band numbers, from 1")
    scene.add_argument("--stretch", type=numbers("stretch", float), metavar="LOW,HIGH", help="see graft query --help")
    scene.add_argument("--gsd", type=float, dest="gsd_m", metavar="METRES", help="ground resolution to work at")


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Describe the encoder."""
    models = parser.add_argument_group("models")
    models.add_argument("--model", default="mini", metavar="ID|FILE", help="encoder (default: mini; see graft models)")
    models.add_argument("--device", default="auto", help="torch device")
    models.add_argument("--precision", choices=PRECISIONS, default="auto", help="of the encoder")
    models.add_argument("--offline", action="store_true", help="never touch the network")


def values_of(args: argparse.Namespace, request: type) -> dict[str, Any]:
    """Return the arguments that a request has a field for; lists become tuples, None is left to its default."""
    names = set(request.__dataclass_fields__)  # type: ignore[attr-defined]
    given = {key: value for key, value in vars(args).items() if key in names and value is not None}
    return {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}


def _run_index(args: argparse.Namespace) -> int:
    request = IndexRequest(**values_of(args, IndexRequest))
    from .console import progress_bar
    from .service import run_index, run_index_estimate

    run = run_index_estimate if args.dry_run else run_index
    with stdout_to_stderr(), cancel_on_signal() as cancel, progress_bar() as report:
        found = run(request, report, cancel)
    for line in (*(f"note: {warning}" for warning in found.warnings), *found.failed):
        print(f"graft: {line}", file=sys.stderr)
    if args.json:
        print(json.dumps(found.to_dict(), allow_nan=False, indent=2))
    else:
        print("\n".join(_estimate_lines(found) if isinstance(found, IndexEstimate) else _summary(found)))
    return EXIT_PARTLY if found.failed else 0


def _run_loss(args: argparse.Namespace) -> int:
    from .index.loss import measure

    with stdout_to_stderr(), cancel_on_signal() as cancel:
        loss: IndexLoss = measure(args.index, tuple(args.prompts), args.tiles, args.device, cancel)
    if args.json:
        print(json.dumps(loss.to_dict(), allow_nan=False, indent=2))
        return 0
    print(f"compared      {loss.tiles} tiles, {loss.patches} patches, {', '.join(loss.prompts)}")
    print(f"heatmaps      correlation {loss.correlation:.6f}, differ by {loss.greatest_difference:.5f} at most")
    print(f"best patches  {loss.top_overlap:.1%} of the best hundredth are the same")
    print(f"best tiles    {loss.tile_top_overlap:.1%} of the best tenth are the same")
    return 0


def _estimate_lines(found: IndexEstimate) -> Iterator[str]:
    yield f"rasters   {found.sources}"
    yield f"tiles     {found.tiles}, {found.stored_tiles} of them in the index"
    took = duration(found.hours * 3600)
    yield f"time      about {took} ({found.tiles_per_s:.1f} tiles/s over {found.trial_tiles} tiles)"
    yield f"disk      {found.gigabytes:.3g} GB more; {found.free_gigabytes:.3g} GB are free"
    yield f"memory    up to {found.memory_bytes / 1e6:.0f} MB"


def _summary(found: IndexResult) -> Iterator[str]:
    yield f"index     {found.index}: {found.gigabytes:.3g} GB"
    yield f"rasters   {len(found.scenes)}" + (f", {len(found.replaced)} replaced" if found.replaced else "")
    yield f"{found.seconds['total']:.1f} s: {found.encoded_tiles} tiles encoded, {found.from_index} were there"
