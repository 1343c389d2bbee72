"""`graft ask …`: a question to a request, the answer to a few lines of text or JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from ..errors import UsageError
from .ask.requests import AskRequest, Endpoint, PlanRequest
from .ask.results import AskResult
from .index_cli import add_model_options, add_raster_options, values_of
from .requests import REFINERS
from .shell import cancel_on_signal, numbers, stdout_to_stderr, threshold

KEY_VARIABLE = "GRAFT_LLM_KEY"


def add_ask(parser: argparse.ArgumentParser) -> None:
    """Describe `graft ask`."""
    add = parser.add_argument
    parser.description = (
        "Answer a QUESTION about RASTER, in English: how many, is there, how much area, what share, which is the "
        "largest, how far, near or within a distance, between two dates. The question becomes a small plan, which is "
        "shown and can be edited and run again with --plan."
    )
    add("raster", metavar="RASTER", help="any raster that GDAL opens")
    add("question", metavar="QUESTION", nargs="?", default="", help='such as "How many ponds lie near a road?"')
    add("--plan", metavar="FILE", help="run this plan instead of making one (-: from stdin)")
    add("--before", metavar="RASTER", help="the same place earlier, for questions of change")
    add("--functions", action=_Functions, nargs=0, help="list what a plan may call, and exit")
    add("--plan-only", action="store_true", help="only print the plan")
    add("--out", metavar="OUT.gpkg", help="every intermediate as a layer, beside what the file holds")
    add("--json", action="store_true", help="print one JSON document")
    endpoint = parser.add_argument_group("who writes the plan (default: the built-in planner)")
    endpoint.add_argument("--endpoint", metavar="URL", help="OpenAI-compatible, such as http://127.0.0.1:11434/v1")
    endpoint.add_argument(
        "--endpoint-model", metavar="NAME", help=f"its model; a key is read from the environment's {KEY_VARIABLE}"
    )
    endpoint.add_argument("--endpoint-timeout", type=float, default=60.0, metavar="S", help="its longest silence")
    add_raster_options(parser)
    add("--extent", type=numbers("extent", float), metavar="XMIN,YMIN,XMAX,YMAX", help="where to look")
    add("--crs", dest="extent_crs", metavar="CRS", help="CRS of the extent (default: the raster's)")
    add("--threshold", type=threshold, metavar="auto|0..1", help="score from which to take a place")
    add("--refine", choices=REFINERS, default="sam", help="how regions get their outline")
    add("--sam", default="mini", metavar="ID|FILE", help="SAM that refines (default: mini)")
    add_model_options(parser)
    store = parser.add_mutually_exclusive_group()
    store.add_argument("--store", metavar="DIR", help="folder of the embeddings (default: the user's own)")
    store.add_argument("--no-store", action="store_false", dest="use_store", help="keep no embeddings")
    parser.set_defaults(run=_run_ask)


class _Functions(argparse.Action):
    """Prints the API of plans and ends the command, as --version does."""

    def __call__(self, parser: argparse.ArgumentParser, *args: Any, **more: Any) -> NoReturn:  # noqa: ANN401
        """Print it."""
        from .ask.functions import api_text

        print(api_text())
        parser.exit()


def _run_ask(args: argparse.Namespace) -> int:
    values = values_of(args, AskRequest)
    values["plan"] = None if args.plan is None else _read(args.plan)
    values["endpoint"] = _endpoint(args)
    request = AskRequest(**values)
    if args.plan_only:
        return _run_plan(request, args)
    from .console import progress_bar
    from .service import run_ask

    with stdout_to_stderr(), cancel_on_signal() as cancel, progress_bar() as report:
        found = run_ask(request, report, cancel)
    for warning in found.warnings:
        print(f"graft: note: {warning}", file=sys.stderr)
    print(json.dumps(found.to_dict(), allow_nan=False, indent=2) if args.json else "\n".join(_lines(found)))
    return 0


def _run_plan(request: AskRequest, args: argparse.Namespace) -> int:
    from .console import progress_bar
    from .service import run_plan

    asked = PlanRequest(request.question, request.before is not None, request.endpoint, request.offline)
    with stdout_to_stderr(), cancel_on_signal() as cancel, progress_bar() as report:
        found = run_plan(asked, report, cancel)
    print(json.dumps(found.to_dict(), indent=2) if args.json else found.plan.rstrip())
    return 0


def _endpoint(args: argparse.Namespace) -> Endpoint | None:
    if args.endpoint is None:
        if args.endpoint_model is not None:
            raise UsageError("a model was named without an endpoint", remedy="Give its address with --endpoint.")
        return None
    if args.endpoint_model is None:
        raise UsageError("the endpoint's model is not named", remedy="Give it with --endpoint-model.")
    key = os.environ.get(KEY_VARIABLE, "").strip() or None
    return Endpoint(args.endpoint, args.endpoint_model, key, args.endpoint_timeout)


def _read(path: str) -> str:
    """Return a plan from a file, or from stdin for "-".

    Raises:
        UsageError: It cannot be read.
    """
    try:
        return sys.stdin.read() if path == "-" else Path(path).expanduser().read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the plan cannot be read: {error}", path=path) from error


def _lines(found: AskResult) -> Iterator[str]:
    yield found.text
    yield f"confidence {found.confidence:.2f}: {found.why}"
    yield f"plan ({found.planner}):"
    yield from (f"    {line}" for line in found.plan.strip().splitlines())
    for step in found.steps:
        layer = f" (layer {step.layer})" if step.layer else ""
        regions = f"{step.count} region{'' if step.count == 1 else 's'}"
        yield f"    {step.name}: {regions}, {step.area_m2 / 1e4:.2f} ha{layer}"
    if found.out:
        yield f"layers {found.out}"
    yield f"{found.seconds['total']:.1f} s"
