"""`python -m training collect …`: what there is to collect."""

from __future__ import annotations

import argparse
from typing import Any

from . import photos_cli


def add_parser(commands: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Add the command, with one subcommand for each thing that can be collected."""
    collect = commands.add_parser("collect", help="collect ground photos and the tiles around them")
    what: argparse._SubParsersAction = collect.add_subparsers(dest="what", required=True)
    photos_cli.add_parser(what)
