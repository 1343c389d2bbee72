"""The command `graft`: its commands, its exit statuses, its errors in one line.

Exit status: 0 done, 1 a bug, 2 a mistake that one plain line explains, 130 stopped by Ctrl-C.
Heavy imports happen inside the commands, so that `graft --help` answers at once.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import traceback
from collections.abc import Sequence

from ..errors import Cancelled, GraftError
from ..switches import is_offline
from .ask_cli import add_ask
from .assess_cli import add_assess
from .compare_cli import add_compare
from .index_cli import add_index, add_index_loss
from .models_cli import add_models
from .offline import close_gdal
from .query_cli import add_query, add_vectorise
from .retrieve_cli import add_classify, add_retrieve
from .service import software
from .shell import Parser

EXIT_BUG, EXIT_MISTAKE, EXIT_INTERRUPTED = 1, 2, 130
LONGEST_LINE = 500
_NUMBERS = {"--extent", "--like", "--unlike", "--stretch"}


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command."""
    parser = Parser(prog="graft", description="Words in, heatmaps and polygons out, on satellite and aerial imagery.")
    parser.add_argument("--version", action="version", version=software())
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    add_query(commands.add_parser("query", help="search a raster for what a text names"))
    add_vectorise(commands.add_parser("vectorise", help="draw the polygons of a heatmap at other thresholds"))
    add_index(commands.add_parser("index", help="encode many rasters once, to ask them anything afterwards"))
    add_index_loss(commands.add_parser("index-loss", help="what an index's int8 vectors lose against float16"))
    add_retrieve(commands.add_parser("retrieve", help="the tiles of an index that fit a text, a place or a photo best"))
    add_classify(commands.add_parser("classify", help="the best label for each tile of a raster"))
    add_compare(commands.add_parser("compare", help="what was gained and lost between two dates"))
    add_ask(commands.add_parser("ask", help="answer a question about a raster, in words and with its map"))
    add_assess(commands.add_parser("assess", help="how right a result is: points to judge, then a report"))
    add_models(commands.add_parser("models", help="list, fetch, add and verify models"))
    serve = commands.add_parser("serve", help="answer JSON lines on stdin (the worker that QGIS starts)")
    serve.set_defaults(run=_run_serve)
    return parser


def _join_negative_numbers(argv: Sequence[str]) -> list[str]:
    """Write `--extent -5,50,…` as `--extent=-5,50,…`, which argparse would take for an option otherwise."""
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1] in _NUMBERS and re.match(r"-[\d.]", word):
            joined[-1] = f"{joined[-1]}={word}"
        else:
            joined.append(word)
    return joined


def _run_serve(args: argparse.Namespace) -> int:
    from .serve import serve

    return serve()


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
        if is_offline():
            close_gdal()
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
