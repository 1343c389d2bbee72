"""`graft query …` and `graft vectorise …`: arguments to requests, results to a few lines of text or JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import chain
from typing import Any

from .console import duration
from .requests import (
    PRECISIONS,
    REFINERS,
    SCORES,
    SENSORS,
    STRIDES_PX,
    UPSAMPLING,
    EstimateRequest,
    QueryRequest,
    VectoriseRequest,
)
from .results import Estimate, QueryResult, VectoriseResult
from .shell import add_cluster, cancel_on_signal, numbers, stdout_to_stderr, threshold


def add_query(parser: argparse.ArgumentParser) -> None:
    """Describe `graft query`."""
    add = parser.add_argument
    parser.description = (
        "Search RASTER for what each --text names (the texts compete with each other), or for what looks like places "
        "or a photo."
    )
    add("raster", metavar="RASTER", help="any raster that GDAL opens, or an index (see graft index)")
    add("--text", action="append", dest="prompts", metavar="TEXT", help="what to look for; may be repeated")
    add("--not", action="append", dest="negatives", metavar="TEXT", default=[], help="what it is not; may be repeated")
    example = parser.add_argument_group("by example, instead of texts")
    point: dict[str, Any] = {"type": numbers("a point", float, 2), "metavar": "X,Y", "action": "append", "default": []}
    example.add_argument("--like", **point, help="a place to find more of, in --crs; may be repeated")
    example.add_argument("--unlike", **point, help="a place that is something else; may be repeated")
    example.add_argument("--photo", metavar="FILE", help="a ground photo to find the surroundings of (JPEG, PNG)")
    example.add_argument("--name", dest="like_name", metavar="TEXT", help="what to call it")
    outputs = parser.add_argument_group("outputs")
    outputs.add_argument("--heatmap", metavar="OUT.tif", help="scores, one band a text")
    outputs.add_argument("--masks", metavar="OUT.gpkg", help="polygons, appended to what the file holds")
    outputs.add_argument("--layer", metavar="NAME", help="layer of the polygons (default: graft)")
    outputs.add_argument("--classes", metavar="OUT.tif", help="the best text at each place, in colours")
    outputs.add_argument("--preview", metavar="OUT.png", help="a picture of scene, heatmap and polygons")
    outputs.add_argument("--json", action="store_true", help="print one JSON document")
    outputs.add_argument("--dry-run", action="store_true", help="only tell what the query would take")
    scene = parser.add_argument_group("the raster")
    scene.add_argument("--sensor", choices=SENSORS, default="auto", help="preset of bands, stretch and GSD")
    scene.add_argument("--bands", type=numbers("bands", int), metavar="R,G,B", help="band numbers, from 1")
    stretch = "stored values that become black and white; or three such pairs, for red, green and blue"
    scene.add_argument("--stretch", type=numbers("stretch", float), metavar="LOW,HIGH", help=stretch)
    scene.add_argument("--gsd", type=float, dest="gsd_m", metavar="METRES", help="ground resolution to work at")
    scene.add_argument("--extent", type=numbers("extent", float), metavar="XMIN,YMIN,XMAX,YMAX", help="where to look")
    scene.add_argument("--crs", metavar="CRS", help="CRS of the extent and of points (default: the raster's)")
    index = parser.add_argument_group("an index instead of a raster")
    index.add_argument("--scene", action="append", dest="scenes", metavar="NAME", default=[], help="only such scenes")
    index.add_argument("--since", metavar="DATE", help="only scenes from then on")
    index.add_argument("--until", metavar="DATE", help="only scenes until then; the newest left counts")
    add_cluster(index)
    search = parser.add_argument_group("the search")
    search.add_argument(
        "--threshold", type=threshold, action="append", dest="thresholds", metavar="auto|0..1",
        help="score from which to take a place: one for all texts, or one for each, in order",
    )  # fmt: skip
    search.add_argument("--refine", choices=REFINERS, default="sam", help="how masks get their outline")
    search.add_argument("--detail", type=int, choices=STRIDES_PX, dest="stride_px", help="pixels a heatmap cell")
    search.add_argument("--scores", choices=SCORES, default="competing", help="competing softmax, or plain cosine")
    search.add_argument("--upsample", choices=UPSAMPLING, default="none", help="guided: heatmap at full resolution")
    search.add_argument("--simplify", type=float, default=0.0, dest="simplify_m", metavar="METRES", help="of polygons")
    models = parser.add_argument_group("models")
    models.add_argument("--model", default="mini", metavar="ID|FILE", help="encoder (default: mini; see graft models)")
    models.add_argument("--sam", default="mini", metavar="ID|FILE", help="SAM that refines (default: mini)")
    models.add_argument("--device", default="auto", help="torch device")
    models.add_argument("--precision", choices=PRECISIONS, default="auto", help="of the encoder")
    models.add_argument("--offline", action="store_true", help="never touch the network")
    store = models.add_mutually_exclusive_group()
    store.add_argument("--store", metavar="DIR", help="folder of the embeddings (default: the user's own)")
    store.add_argument("--no-store", action="store_false", dest="use_store", help="keep no embeddings")
    parser.set_defaults(run=_run_query)


def add_vectorise(parser: argparse.ArgumentParser) -> None:
    """Describe `graft vectorise`."""
    add = parser.add_argument
    parser.description = "Draw the polygons of a HEATMAP that `graft query` wrote, at other thresholds; needs no model."
    add("heatmap", metavar="HEATMAP", help="GeoTIFF that graft query --heatmap wrote")
    add("--masks", metavar="OUT.gpkg", help="polygons, appended to what the file holds")
    add("--layer", metavar="NAME", help="layer of the polygons (default: graft)")
    add(
        "--threshold", type=threshold, action="append", dest="thresholds", metavar="auto|0..1",
        help="one for all texts, or one for each, in order; auto: the one of the query (the default)",
    )  # fmt: skip
    add("--simplify", type=float, default=0.0, dest="simplify_m", metavar="METRES", help="of polygons")
    add("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=_run_vectorise)


def _run_query(args: argparse.Namespace) -> int:
    names = set(QueryRequest.__dataclass_fields__)
    values = {key: value for key, value in vars(args).items() if key in names}
    values |= {"prompts": tuple(args.prompts or ()), "negatives": tuple(args.negatives), "scenes": tuple(args.scenes)}
    if args.thresholds is not None:
        values["thresholds"] = tuple(args.thresholds)
    values |= {name: tuple(chain.from_iterable(getattr(args, name))) for name in ("like", "unlike")}
    if args.dry_run:
        return _run_estimate(EstimateRequest(**values), args)
    request = QueryRequest(**values)
    from .console import progress_bar
    from .service import run_query

    with stdout_to_stderr(), cancel_on_signal() as cancel, progress_bar() as report:
        result = run_query(request, report, cancel)
    for warning in result.warnings:
        print(f"graft: note: {warning}", file=sys.stderr)
    if args.json:
        print(json.dumps(result.to_dict(), allow_nan=False, indent=2))
    else:
        print("\n".join(_summary(result)))
    return 0


def _run_estimate(request: EstimateRequest, args: argparse.Namespace) -> int:
    from .service import run_estimate

    with stdout_to_stderr(), cancel_on_signal() as cancel:
        found = run_estimate(request, cancel=cancel)
    for warning in found.warnings:
        print(f"graft: note: {warning}", file=sys.stderr)
    print(json.dumps(found.to_dict(), allow_nan=False, indent=2) if args.json else "\n".join(_estimate_lines(found)))
    return 0


def _estimate_lines(found: Estimate) -> Iterator[str]:
    stretch = "8 bits as they are"
    if found.stretch is not None:
        stretch = ", ".join(f"{low:g} to {high:g}" for low, high in dict.fromkeys(found.stretch))
    bands = ", ".join(map(str, found.bands))
    yield f"raster    {found.sensor}, bands {bands} of {found.band_count}, stretch {stretch}"
    yield (
        f"area      {found.width_px} × {found.height_px} pixels of {found.gsd_m:g} m "
        f"(the raster's own: {found.native_gsd_m:.3g} m)"
    )
    yield f"tiles     {found.tiles}, {found.stored_tiles} of them in the store"
    yield f"time      about {duration(found.seconds)}"
    yield f"memory    up to {found.memory_bytes / 1e6:.0f} MB"
    yield f"disk      up to {found.disk_bytes / 1e6:.1f} MB"
    state = {"ready": "ready", "file": "needs a file that you bring"}
    download = f"needs a download of {found.download_bytes / 1e6:.0f} MB"
    yield f"model     {state.get(found.model_state, download)}"


def _run_vectorise(args: argparse.Namespace) -> int:
    names = set(VectoriseRequest.__dataclass_fields__)
    values = {key: value for key, value in vars(args).items() if key in names}
    if args.thresholds is not None:
        values["thresholds"] = tuple(args.thresholds)
    request = VectoriseRequest(**values)
    from .console import progress_bar
    from .service import run_vectorise

    with stdout_to_stderr(), cancel_on_signal() as cancel, progress_bar() as report:
        result = run_vectorise(request, report, cancel)
    if args.json:
        print(json.dumps(result.to_dict(), allow_nan=False, indent=2))
    else:
        print("\n".join(_outline_summary(result)))
    return 0


def _summary(result: QueryResult) -> Iterator[str]:
    width = max(len("heatmap"), *(len(entry.prompt) for entry in result.prompts))
    for entry in result.prompts:
        if entry.maximum is None or entry.threshold is None:
            yield f"{entry.prompt:<{width}}  no valid pixel"
            continue
        parts = [
            f"highest {entry.maximum:.2f}",
            f"threshold {entry.threshold:.2f}",
            f"{entry.covered:.1%} of the area above it",
        ]
        if entry.polygons is not None:
            parts += _polygons(entry.polygons, entry.area_m2)
        yield f"{entry.prompt:<{width}}  {', '.join(parts)}"
    for name in ("heatmap", "masks", "classes", "preview"):
        if path := getattr(result, name):
            yield f"{name:<{width}}  {path}" + (f" (layer {result.layer})" if name == "masks" else "")
    yield (
        f"{result.seconds['total']:.1f} s at {result.gsd_m:g} m a pixel: "
        f"{result.encoded_tiles} tiles encoded, {result.from_store} from the store"
    )


def _outline_summary(result: VectoriseResult) -> Iterator[str]:
    width = max(len("masks"), *(len(entry.prompt) for entry in result.prompts))
    for entry in result.prompts:
        parts = [f"threshold {entry.threshold:.2f}", *_polygons(entry.polygons, entry.area_m2)]
        yield f"{entry.prompt:<{width}}  {', '.join(parts)}"
    if result.masks:
        yield f"{'masks':<{width}}  {result.masks} (layer {result.layer})"


def _polygons(count: int, area_m2: float | None) -> Iterator[str]:
    yield f"{count} polygon{'' if count == 1 else 's'}"
    if area_m2:
        yield area(area_m2)


def area(area_m2: float) -> str:
    """Return an area in the unit that suits it."""
    return f"{area_m2 / 1e4:.2f} ha" if area_m2 < 1e6 else f"{area_m2 / 1e6:.2f} km²"
