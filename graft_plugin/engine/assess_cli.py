"""`graft assess sample …` and `graft assess report …`: arguments to requests, results to text or JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

from .assess_requests import AssessReportRequest, AssessSampleRequest
from .assess_results import AssessReportResult, AssessSampleResult, Interval
from .index_cli import values_of
from .query_cli import area
from .shell import Parser, cancel_on_signal, numbers, stdout_to_stderr, threshold


def add_assess(parser: argparse.ArgumentParser) -> None:
    """Describe `graft assess`."""
    parser.description = "How right a result is: draw points to judge, then tell accuracies and areas with intervals."
    commands = parser.add_subparsers(dest="part", required=True, metavar="PART", parser_class=Parser)
    _add_sample(commands.add_parser("sample", help="draw stratified random points over a result"))
    _add_report(commands.add_parser("report", help="accuracies and areas from judged points"))


def _add_sample(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.description = (
        "Draw random points in each class of RESULT. Judge them: write into the field `reference` what is there, a "
        "class's name or its number (for one text: 1 where it is, 0 where it is not)."
    )
    add("result", metavar="RESULT", help="class map or heatmap (.tif), or polygons (.gpkg), of the engine")
    add("--points", type=int, required=True, metavar="N", help="how many points")
    add("--out", required=True, metavar="POINTS.gpkg", help="the points, as the layer 'points'")
    least = "for each class, the rest by area (default: 50, or an even share where N is too small)"
    add("--at-least", type=int, dest="at_least", metavar="N", help=least)
    add("--seed", type=int, default=0, metavar="N", help="the same seed draws the same points (default: 0)")
    add("--prompt", metavar="TEXT", help="one text of a heatmap or of polygons (default: all, as classes)")
    add("--threshold", type=threshold, metavar="auto|0..1", help="of a heatmap (default: the one of its query)")
    add("--layer", metavar="NAME", help="layer of the polygons (default: the only one)")
    add("--area", metavar="FILE", help="raster or polygons where the polygons were searched (default: their raster)")
    add("--extent", type=numbers("extent", float), metavar="XMIN,YMIN,XMAX,YMAX", help="where to draw")
    add("--crs", dest="extent_crs", metavar="CRS", help="CRS of the extent (default: the result's)")
    add("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=_run_sample)


def _add_report(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.description = (
        "Tell accuracies and error-adjusted areas of a result, from the points that were judged so far."
    )
    add("points", metavar="POINTS.gpkg", help="points of graft assess sample, their field 'reference' filled in")
    add("--out", metavar="REPORT.html", help="the report (.html, or .json)")
    add("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=_run_report)


def _run_sample(args: argparse.Namespace) -> int:
    request = AssessSampleRequest(**values_of(args, AssessSampleRequest))
    from .console import progress_bar
    from .service import run_assess_sample

    with stdout_to_stderr(), cancel_on_signal() as cancel, progress_bar() as report:
        found = run_assess_sample(request, report, cancel)
    _tell(found, args, _sample_lines(found))
    return 0


def _run_report(args: argparse.Namespace) -> int:
    request = AssessReportRequest(**values_of(args, AssessReportRequest))
    from .service import run_assess_report

    with stdout_to_stderr():
        found = run_assess_report(request)
    _tell(found, args, _report_lines(found))
    return 0


def _tell(found: AssessSampleResult | AssessReportResult, args: argparse.Namespace, lines: Iterator[str]) -> None:
    for warning in found.warnings:
        print(f"graft: note: {warning}", file=sys.stderr)
    print(json.dumps(found.to_dict(), allow_nan=False, indent=2) if args.json else "\n".join(lines))


def _sample_lines(found: AssessSampleResult) -> Iterator[str]:
    width = max(len("points"), *(len(entry.name) for entry in found.strata))
    for entry in found.strata:
        yield f"{entry.name:<{width}}  {entry.points} points, {area(entry.area_m2)}, {entry.share:.1%} of the area"
    yield f"{'points':<{width}}  {found.out} (layer {found.layer})"


def _report_lines(found: AssessReportResult) -> Iterator[str]:
    width = max(len("overall"), *(len(entry.name) for entry in found.classes))
    yield f"{'judged':<{width}}  {found.judged} of {found.drawn} points"
    yield f"{'overall':<{width}}  {_percent(found.overall)}"
    for entry in found.classes:
        adjusted = entry.area_m2
        value = "unknown" if adjusted.value is None else area(adjusted.value)
        margin = "" if adjusted.margin is None else f" ± {area(adjusted.margin)}"
        yield (
            f"{entry.name:<{width}}  user's {_percent(entry.users)}, producer's {_percent(entry.producers)}, "
            f"mapped {area(entry.mapped_m2)}, adjusted {value}{margin}"
        )
    if found.out:
        yield f"{'report':<{width}}  {found.out}"


def _percent(estimate: Interval) -> str:
    if estimate.value is None:
        return "unknown"
    return f"{estimate.value:.1%}" + ("" if estimate.margin is None else f" ± {estimate.margin:.1%}")
