"""`graft compare …`: arguments to a request, its result to a few lines of text or JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

from .compare_requests import CompareRequest
from .compare_results import CompareResult
from .index_cli import add_model_options, add_raster_options, values_of
from .query_cli import area
from .requests import STRIDES_PX
from .shell import cancel_on_signal, numbers, stdout_to_stderr, threshold


def add_compare(parser: argparse.ArgumentParser) -> None:
    """Describe `graft compare`."""
    add = parser.add_argument
    parser.description = (
        "Tell where what each --text names was gained and lost from BEFORE to AFTER, two rasters of one place; the "
        "result is on the grid of BEFORE."
    )
    add("before", metavar="BEFORE", help="any raster that GDAL opens")
    add("after", metavar="AFTER", help="a later one of the same place; its CRS, extent and pixels may differ")
    add("--text", action="append", dest="prompts", metavar="TEXT", required=True, help="what to look for; repeatable")
    add("--not", action="append", dest="negatives", metavar="TEXT", help="what it is not; may be repeated")
    outputs = parser.add_argument_group("outputs")
    outputs.add_argument("--heatmap", metavar="OUT.tif", help="change of the scores, -1 to 1, one band a text")
    outputs.add_argument(
        "--masks", metavar="OUT.gpkg", help="gained and lost polygons, appended to what the file holds"
    )
    outputs.add_argument("--layer", metavar="NAME", help="layer of the polygons (default: change)")
    outputs.add_argument("--preview", metavar="OUT.png", help="a picture of both dates and the change")
    outputs.add_argument("--json", action="store_true", help="print one JSON document")
    add_raster_options(parser)
    add("--extent", type=numbers("extent", float), metavar="XMIN,YMIN,XMAX,YMAX", help="where to look")
    add("--crs", dest="extent_crs", metavar="CRS", help="CRS of the extent (default: that of BEFORE)")
    search = parser.add_argument_group("the comparison")
    search.add_argument("--threshold", type=threshold, metavar="auto|0..1", help="change from which a place counts")
    search.add_argument("--detail", type=int, choices=STRIDES_PX, dest="stride_px", help="pixels a heatmap cell")
    search.add_argument("--simplify", type=float, default=0.0, dest="simplify_m", metavar="METRES", help="of polygons")
    search.add_argument(
        "--as-they-are", action="store_const", const="none", dest="normalise",
        help="leave in what light, season and sensor change everywhere",
    )  # fmt: skip
    add_model_options(parser)
    store = parser.add_mutually_exclusive_group()
    store.add_argument("--store", metavar="DIR", help="folder of the embeddings (default: the user's own)")
    store.add_argument("--no-store", action="store_false", dest="use_store", help="keep no embeddings")
    parser.set_defaults(run=_run_compare)


def _run_compare(args: argparse.Namespace) -> int:
    request = CompareRequest(**values_of(args, CompareRequest))
    from .console import progress_bar
    from .service import run_compare

    with stdout_to_stderr(), cancel_on_signal() as cancel, progress_bar() as report:
        found = run_compare(request, report, cancel)
    for warning in found.warnings:
        print(f"graft: note: {warning}", file=sys.stderr)
    print(json.dumps(found.to_dict(), allow_nan=False, indent=2) if args.json else "\n".join(_lines(found)))
    return 0


def _lines(found: CompareResult) -> Iterator[str]:
    width = max(len("heatmap"), *(len(entry.prompt) for entry in found.prompts))
    for entry in found.prompts:
        parts = []
        for name, area_m2, count in (
            ("gained", entry.gained_m2, entry.gained),
            ("lost", entry.lost_m2, entry.lost),
        ):
            drawn = "" if count is None else f" in {count} polygon{'' if count == 1 else 's'}"
            parts.append(f"{name} {area(area_m2)}{drawn}")
        yield f"{entry.prompt:<{width}}  {', '.join(parts)}, threshold {entry.threshold:.2f}"
    for name in ("heatmap", "masks", "preview"):
        if path := getattr(found, name):
            yield f"{name:<{width}}  {path}" + (f" (layer {found.layer})" if name == "masks" else "")
    yield (
        f"{found.seconds['total']:.1f} s at {found.gsd_m:g} m a pixel, {area(found.compared_m2)} compared: "
        f"{found.encoded_tiles} tiles encoded, {found.from_store} from the store"
    )
