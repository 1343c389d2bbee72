"""`python -m training export CHECKPOINT FOLDER`: the model of a run, in GRAFT's official layout."""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(commands: Any) -> None:  # noqa: ANN401 - argparse names its type privately
    """Add the command."""
    parser = commands.add_parser("export", help="write a run's model in GRAFT's official layout, with its card")
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="best.ckpt or last.ckpt of a run")
    parser.add_argument("out", metavar="FOLDER", help="folder of the model")
    parser.add_argument("--title", help="title of the card (default: the parent's name)")
    parser.add_argument("--licence", help="licence of the model (default: the parent's)")
    parser.add_argument("--note", action="append", default=[], help="a sentence for the card; repeatable")
    parser.add_argument("--logit-scale", type=float, help="1/tau for the engine (default: the parent's, or the run's)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Export."""
    from .export import export_graft

    card = {"title": args.title, "licence": args.licence, "notes": args.note or None}
    known = {key: value for key, value in card.items() if value is not None}
    print(f"wrote {export_graft(args.checkpoint, args.out, known, logit_scale=args.logit_scale)}")
