"""The command `graft`: query a raster, manage the models, serve as a worker.

Exit status: 0 done, 1 a bug, 2 a mistake that one plain line explains, 130 stopped by Ctrl-C.
Heavy imports happen inside the commands, so that `graft --help` answers at once.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import re
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn, Optional

from ..errors import Cancelled, GraftError, UsageError
from .progress import CancelToken
from .service import PRECISIONS, REFINERS, SCORES, SENSORS, STRIDES_PX, UPSAMPLING, QueryRequest, QueryResult, software

EXIT_BUG, EXIT_MISTAKE, EXIT_INTERRUPTED = 1, 2, 130
LONGEST_LINE = 500


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one plain line."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, remedy=f"See {self.prog} --help.")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command."""
    parser = _Parser(prog="graft", description="Words in, heatmaps and polygons out, on satellite and aerial imagery.")
    parser.add_argument("--version", action="version", version=software())
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    _add_query(commands.add_parser("query", help="search a raster for what a text names"))
    _add_models(commands.add_parser("models", help="list, fetch, add and verify models"))
    serve = commands.add_parser("serve", help="answer JSON lines on stdin (the worker that QGIS starts)")
    serve.set_defaults(run=_run_serve)
    return parser


def _add_query(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    parser.description = "Search RASTER for what each --text names; the texts compete with each other."
    add("raster", metavar="RASTER", help="any raster that GDAL opens")
    add("--text", action="append", dest="prompts", metavar="TEXT", help="what to look for; may be repeated")
    add("--not", action="append", dest="negatives", metavar="TEXT", default=[], help="what it is not; may be repeated")
    outputs = parser.add_argument_group("outputs")
    outputs.add_argument("--heatmap", metavar="OUT.tif", help="scores, one band a text")
    outputs.add_argument("--masks", metavar="OUT.gpkg", help="polygons, appended to what the file holds")
    outputs.add_argument("--layer", metavar="NAME", help="layer of the polygons (default: graft)")
    outputs.add_argument("--preview", metavar="OUT.png", help="a picture of scene, heatmap and polygons")
    outputs.add_argument("--json", action="store_true", help="print one JSON document")
    scene = parser.add_argument_group("the raster")
    scene.add_argument("--sensor", choices=SENSORS, default="auto", help="preset of bands, stretch and GSD")
    scene.add_argument("--bands", type=_numbers("bands", int), metavar="R,G,B", help="band numbers, from 1")
    scene.add_argument("--gsd", type=float, dest="gsd_m", metavar="METRES", help="ground resolution to work at")
    scene.add_argument("--extent", type=_numbers("extent", float), metavar="XMIN,YMIN,XMAX,YMAX", help="where to look")
    scene.add_argument("--crs", metavar="CRS", help="CRS of the extent (default: the raster's)")
    search = parser.add_argument_group("the search")
    search.add_argument("--threshold", type=_threshold, metavar="auto|0..1", help="score from which to take a place")
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


def _add_models(parser: argparse.ArgumentParser) -> None:
    common = _Parser(add_help=False)
    common.add_argument("--offline", action="store_true", default=argparse.SUPPRESS, help="never touch the network")
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
    parser.add_argument("--offline", action="store_true", help="never touch the network")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser)
    actions.add_parser("list", parents=[common], help="what there is (the default)")
    fetch = actions.add_parser("fetch", parents=[common], help="download a model of the registry; resumes")
    fetch.add_argument("id", metavar="ID")
    add = actions.add_parser("add", parents=[common], help="register a checkpoint that you have")
    add.add_argument("file", metavar="FILE")
    add.add_argument("--as", required=True, dest="id", metavar="ID", help="the name to give it")
    add.add_argument("--family", required=True, choices=("graft", "open_clip", "sam"), help="its layout")
    add.add_argument("--arch", metavar="NAME", help="open_clip architecture (default: told from the file)")
    gelu = argparse.BooleanOptionalAction
    add.add_argument("--quick-gelu", action=gelu, help="its activation, where it differs from the architecture's")
    verify = actions.add_parser("verify", parents=[common], help="check a model's file against its checksum")
    verify.add_argument("id", metavar="ID")
    parser.set_defaults(run=_run_models)


def _numbers(name: str, kind: type) -> Any:  # noqa: ANN401 - an argparse type
    def parse(text: str) -> tuple[float, ...]:
        try:
            values = tuple(kind(part) for part in text.split(","))
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{name} must be numbers with commas between, not {text!r}") from error
        if not all(math.isfinite(value) for value in values):
            raise argparse.ArgumentTypeError(f"{name} must be finite numbers, not {text!r}")
        return values

    return parse


def _threshold(text: str) -> Optional[float]:
    if text == "auto":
        return None
    try:
        return float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"must be auto or a number in 0..1, not {text!r}") from error


def _join_negative_numbers(argv: Sequence[str]) -> list[str]:
    """Write `--extent -5,50,…` as `--extent=-5,50,…`, which argparse would take for an option otherwise."""
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1] == "--extent" and re.match(r"-[\d.]", word):
            joined[-1] = f"--extent={word}"
        else:
            joined.append(word)
    return joined


def _run_query(args: argparse.Namespace) -> int:
    names = set(QueryRequest.__dataclass_fields__)
    values = {key: value for key, value in vars(args).items() if key in names}
    values |= {"prompts": tuple(args.prompts or ()), "negatives": tuple(args.negatives)}
    request = QueryRequest(**values)
    from .console import progress_bar
    from .service import run_query

    with _stdout_to_stderr(), cancel_on_signal() as cancel, progress_bar() as report:
        result = run_query(request, report, cancel)
    for warning in result.warnings:
        print(f"graft: note: {warning}", file=sys.stderr)
    if args.json:
        print(json.dumps(result.to_dict(), allow_nan=False, indent=2))
    else:
        print("\n".join(_summary(result)))
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
            parts.append(f"{entry.polygons} polygon{'' if entry.polygons == 1 else 's'}")
        if entry.area_m2:
            parts.append(f"{entry.area_m2 / 1e4:.2f} ha" if entry.area_m2 < 1e6 else f"{entry.area_m2 / 1e6:.2f} km²")
        yield f"{entry.prompt:<{width}}  {', '.join(parts)}"
    for name in ("heatmap", "masks", "preview"):
        if path := getattr(result, name):
            yield f"{name:<{width}}  {path}" + (f" (layer {result.layer})" if name == "masks" else "")
    yield (
        f"{result.seconds['total']:.1f} s at {result.gsd_m:g} m a pixel: "
        f"{result.encoded_tiles} tiles encoded, {result.from_store} from the store"
    )


def _run_models(args: argparse.Namespace) -> int:
    from .models_cli import run_models

    with cancel_on_signal() as cancel:
        print(run_models(args, cancel))
    return 0


def _run_serve(args: argparse.Namespace) -> int:
    from .serve import serve

    return serve()


@contextlib.contextmanager
def cancel_on_signal() -> Iterator[CancelToken]:
    """Give a token that Ctrl-C and SIGTERM set; a second one ends the process at once."""
    cancel = CancelToken()

    def stop(number: int, frame: object) -> None:
        if cancel.cancelled:
            raise KeyboardInterrupt
        cancel.cancel()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield cancel
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    """Keep stdout for the answer: what a library prints in the meantime, natively too, goes to stderr."""
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:
        kept = -1
    try:
        if kept >= 0:
            os.dup2(2, 1)
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        if kept >= 0:
            os.dup2(kept, 1)
            os.close(kept)


def _one_line(error: Exception) -> str:
    """Return an error as one line; a library's pages of detail lose their middle."""
    text = " ".join(str(error).split())
    return text if len(text) <= LONGEST_LINE else f"{text[: LONGEST_LINE // 2]} … {text[-LONGEST_LINE // 2 :]}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    words = _join_negative_numbers(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        args = build_parser().parse_args(words)
        status: int = args.run(args)
        sys.stdout.flush()
    except (Cancelled, KeyboardInterrupt):
        print("graft: stopped; nothing half-written is left", file=sys.stderr)
        return EXIT_INTERRUPTED
    except GraftError as error:
        print(f"graft: {_one_line(error)}", file=sys.stderr)
        return EXIT_MISTAKE
    except BrokenPipeError:  # the reader of our stdout has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except Exception as error:
        if os.environ.get("GRAFT_DEBUG") == "1":
            traceback.print_exc()
        print(
            f"graft: this is a bug: {type(error).__name__}: {_one_line(error)} "
            "(GRAFT_DEBUG=1 shows where; please report it)",
            file=sys.stderr,
        )
        return EXIT_BUG
    return status
