"""`graft models …`: what the registry can do, as text or JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..errors import UsageError
from .console import progress_bar
from .progress import CancelToken
from .shell import Parser, cancel_on_signal

if TYPE_CHECKING:
    from .encoders.catalogue import ModelState

_STATES = {"ready": "here", "download": "to fetch", "file": "bring a file"}


def add_models(parser: argparse.ArgumentParser) -> None:
    """Describe `graft models`."""
    common = Parser(add_help=False)
    common.add_argument("--offline", action="store_true", default=argparse.SUPPRESS, help="never touch the network")
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
    parser.add_argument("--offline", action="store_true", help="never touch the network")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=Parser)
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
    add.add_argument("--text", metavar="ID", help="model whose text tower goes with it (graft: OpenAI ViT-B/16)")
    verify = actions.add_parser("verify", parents=[common], help="check a model's file against its checksum")
    verify.add_argument("id", metavar="ID")
    remove = actions.add_parser("remove", parents=[common], help="delete a model that you added or made")
    remove.add_argument("id", metavar="ID")
    parser.set_defaults(run=_run_models)


def _run_models(args: argparse.Namespace) -> int:
    with cancel_on_signal() as cancel:
        print(run_models(args, cancel))
    return 0


def run_models(args: argparse.Namespace, cancel: CancelToken) -> str:
    """Do what the command line asks and return what to print.

    Raises:
        GraftError: See `encoders.models`.
    """
    from .encoders.catalogue import list_models

    if args.action in (None, "list"):
        found = list_models()
        return _json([state.to_dict() for state in found]) if args.json else "\n".join(_table(found))
    from .encoders import models

    if args.action == "remove":
        from .encoders.derived import remove

        remove(args.id)
        return _json({"removed": args.id}) if args.json else f"{args.id} was removed"
    match args.action:
        case "fetch":
            with progress_bar() as report:
                state = models.fetch(args.id, offline=args.offline, report=report, cancel=cancel)
            done = "is here"
        case "add":
            with progress_bar() as report:
                state = models.add(
                    args.file,
                    args.id,
                    args.family,
                    architecture=args.arch,
                    quick_gelu=args.quick_gelu,
                    text=args.text,
                    report=report,
                    cancel=cancel,
                )
            done = "was added"
        case "verify":
            state = models.verify(args.id)
            done = "is whole"
        case _:
            raise UsageError(f"unknown action {args.action!r}")
    return _json(state.to_dict()) if args.json else _line(state, done)


def _line(state: ModelState, done: str) -> str:
    checksum = f", SHA-256 {state.sha256} ({state.checksum})" if state.sha256 else ""
    return f"{state.id} {done}: {state.path}{checksum}"


def _table(states: Sequence[ModelState]) -> Iterator[str]:
    rows = [("ID", "FAMILY", "STATE", "SIZE", "GSD", "LICENCE", "TITLE")]
    rows += [
        (
            state.id,
            state.family,
            _STATES.get(state.state, state.state),
            f"{state.size_bytes / 1e6:.0f} MB" if state.size_bytes else "",
            _gsd_text(state.gsd_m),
            state.licence,
            state.title,
        )
        for state in states
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[-1]]).rstrip()


def _gsd_text(gsd_m: dict[str, float] | None) -> str:
    values = sorted(set((gsd_m or {}).values()))
    return ", ".join(f"{value:g}" for value in values) + (" m" if values else "")


def _json(data: object) -> str:
    return json.dumps(data, indent=2)
