"""`graft retrieve …` and `graft classify …`: arguments to requests, results to a few lines of text or JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from ..errors import UsageError
from .index_cli import add_model_options, add_raster_options, values_of
from .index_requests import RERANKERS, TILE_VECTORS, ClassifyRequest, RetrieveRequest
from .index_results import ClassifyResult, RetrieveResult
from .shell import cancel_on_signal, numbers, stdout_to_stderr


def add_retrieve(parser: argparse.ArgumentParser) -> None:
    """Describe `graft retrieve`."""
    add = parser.add_argument
    parser.description = "Rank the tiles of an INDEX by a text, an example or a photo; marks make the ranking better."
    add("index", metavar="INDEX", help="folder of an index (see graft index)")
    add("--text", action="append", dest="prompts", metavar="TEXT", help="what to look for; several: any of them")
    add("--not", action="append", dest="negatives", metavar="TEXT", help="what it is not; may be repeated")
    point: dict[str, Any] = {"type": numbers("a point", float, 2), "metavar": "X,Y", "action": "append", "default": []}
    add("--like", **point, help="a place to find more of, in --crs; may be repeated")
    add("--unlike", **point, help="a place that is something else; may be repeated")
    add("--photo", metavar="FILE", help="a ground photo to find the surroundings of (JPEG, PNG)")
    marks = parser.add_argument_group("marks, to rank anew")
    marks.add_argument("--right", nargs="+", action="extend", metavar="ID", help="tiles that are what was sought")
    marks.add_argument("--wrong", nargs="+", action="extend", metavar="ID", help="tiles that are not")
    marks.add_argument("--rerank", choices=RERANKERS, default="rocchio", help="how to learn from them")
    where = parser.add_argument_group("what is searched")
    where.add_argument("--top", type=int, default=50, metavar="N", help="how many tiles (default: 50)")
    apart = "least distance of two tiles (default: three tiles)"
    where.add_argument("--distance", type=float, dest="distance_m", metavar="METRES", help=apart)
    where.add_argument("--scene", action="append", dest="scenes", metavar="NAME", help="only such scenes")
    where.add_argument("--since", metavar="DATE", help="only scenes from then on")
    where.add_argument("--until", metavar="DATE", help="only scenes until then")
    where.add_argument("--extent", type=numbers("extent", float), metavar="XMIN,YMIN,XMAX,YMAX", help="where to look")
    where.add_argument("--crs", metavar="CRS", help="CRS of the extent and of points (default: the index's)")
    by = "rank by the mean of a tile's patches, or by the tile's own vector (a model of whole images)"
    add("--by", choices=TILE_VECTORS, default="patches", help=by)
    add("--out", metavar="OUT.gpkg", help="the tiles, with scores and pictures, as the layer 'tiles'")
    add("--no-thumbnails", action="store_false", dest="thumbnails", help="leave the pictures out")
    add("--offline", action="store_true", help="never touch the network")
    add("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=_run_retrieve)


def add_classify(parser: argparse.ArgumentParser) -> None:
    """Describe `graft classify`."""
    add = parser.add_argument
    parser.description = "Give each tile of RASTER the label that fits it best."
    add("raster", metavar="RASTER", help="any raster that GDAL opens")
    labels = "text file, one label a line, synonyms with | between; # starts a comment"
    add("--labels", required=True, metavar="LABELS.txt", help=labels)
    other = "a class of this name for what no label fits (default name: other)"
    add("--other", nargs="?", const="other", metavar="NAME", help=other)
    add("--cell", type=int, dest="cell_px", metavar="PIXELS", help="edge of a cell of the grid (default: a tile)")
    add("--margin", type=float, default=0.1, metavar="0..1", help="below it a cell is counted as doubtful")
    add("--classes", metavar="OUT.tif", help="the label of each cell, in colours, with a legend")
    add("--grid", metavar="OUT.gpkg", help="the cells with label, probability and margin")
    add("--layer", default="classes", metavar="NAME", help="layer of the cells (default: classes)")
    add("--json", action="store_true", help="print one JSON document")
    add_raster_options(parser)
    add("--extent", type=numbers("extent", float), metavar="XMIN,YMIN,XMAX,YMAX", help="where to look")
    add("--crs", metavar="CRS", help="CRS of the extent (default: the raster's)")
    add_model_options(parser)
    store = parser.add_mutually_exclusive_group()
    store.add_argument("--store", metavar="DIR", help="folder of the embeddings (default: the user's own)")
    store.add_argument("--no-store", action="store_false", dest="use_store", help="keep no embeddings")
    parser.set_defaults(run=_run_classify)


def read_labels(path: str) -> tuple[str, ...]:
    """Return the labels of a text file.

    Raises:
        UsageError: It cannot be read.
    """
    try:
        lines = Path(path).expanduser().read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the labels cannot be read: {error}", path=path) from error
    return tuple(label for line in lines if (label := line.split("#")[0].strip()))


def _run_retrieve(args: argparse.Namespace) -> int:
    values = values_of(args, RetrieveRequest)
    values |= {name: tuple(chain.from_iterable(getattr(args, name))) for name in ("like", "unlike")}
    request = RetrieveRequest(**values)
    from .console import progress_bar
    from .service import run_retrieve

    with stdout_to_stderr(), cancel_on_signal() as cancel, progress_bar() as report:
        found = run_retrieve(request, report, cancel)
    _tell(found, args, _retrieve_lines(found))
    return 0


def _run_classify(args: argparse.Namespace) -> int:
    request = ClassifyRequest(**{**values_of(args, ClassifyRequest), "labels": read_labels(args.labels)})
    from .console import progress_bar
    from .service import run_classify

    with stdout_to_stderr(), cancel_on_signal() as cancel, progress_bar() as report:
        found = run_classify(request, report, cancel)
    _tell(found, args, _classify_lines(found))
    return 0


def _tell(found: RetrieveResult | ClassifyResult, args: argparse.Namespace, lines: Iterator[str]) -> None:
    for warning in found.warnings:
        print(f"graft: note: {warning}", file=sys.stderr)
    print(json.dumps(found.to_dict(), allow_nan=False, indent=2) if args.json else "\n".join(lines))


def _retrieve_lines(found: RetrieveResult) -> Iterator[str]:
    for tile in found.tiles:
        xmin, ymin, xmax, ymax = tile.bounds
        yield f"{tile.rank:>4}  {tile.score:.4f}  {(xmin + xmax) / 2:.0f},{(ymin + ymax) / 2:.0f}  {tile.id}"
    if found.out:
        yield f"tiles {found.out} (layer {', '.join(found.layers)})"
    yield f"{found.seconds['total']:.1f} s: {found.searched_tiles} tiles ranked"


def _classify_lines(found: ClassifyResult) -> Iterator[str]:
    width = max(len("classes"), *(len(entry.label) for entry in found.labels))
    for entry in found.labels:
        area = f"{entry.area_m2 / 1e4:.2f} ha" if entry.area_m2 < 1e6 else f"{entry.area_m2 / 1e6:.2f} km²"
        yield f"{entry.label:<{width}}  {entry.cells} cells, {entry.share:.1%}, {area}"
    yield f"{'doubtful':<{width}}  {found.doubtful:.1%} of the cells"
    for name in ("classes", "grid"):
        if path := getattr(found, name):
            yield f"{name:<{width}}  {path}" + (f" (layer {found.layer})" if name == "grid" else "")
    yield (
        f"{found.seconds['total']:.1f} s at {found.gsd_m:g} m a pixel, {found.cell_px} pixels a cell: "
        f"{found.encoded_tiles} tiles encoded, {found.from_store} from the store"
    )
