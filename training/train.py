"""`python -m training train CONFIG`: a run, watched from a terminal."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from graft_plugin.errors import UsageError

_LINE_EVERY_S = 10.0


def add_parser(commands: Any) -> None:  # noqa: ANN401 - argparse names its type privately
    """Add the command."""
    parser = commands.add_parser("train", help="train a satellite encoder on tiles and their ground photos")
    parser.add_argument("config", metavar="CONFIG", help="TOML file with the settings (docs/training/train.md)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the run's folder")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="a setting that replaces the file's; repeatable"
    )
    parser.add_argument("--export", metavar="FOLDER", help="write the best model there at the end, in GRAFT's layout")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Train; export where asked for."""
    from .config import read_config

    config = read_config(args.config, _changes(args.set))
    from .fit import fit

    with _stop_on_interrupt() as stop, Screen() as screen:
        result = fit(config, screen.report, stop, resume=args.resume)
    if int(os.environ.get("RANK", "0")):
        return
    best = result.scores.get("best")
    told = f", score {best['score']:.4f} at step {result.scores['best_step']}" if best else ""
    ended = "stopped; --resume goes on. " if result.scores["stopped"] else ""
    print(f"{ended}best: {result.best}{told} ({result.seconds / 60:.1f} minutes)")
    if args.export:
        from .export import export_graft

        print(f"wrote {export_graft(result.best, args.export, {'title': config.out.name})}")


def _changes(pairs: list[str]) -> dict[str, Any]:
    """Read `key=value` as TOML reads it; a value that is none is a text."""
    import tomllib

    from .config import PATHS

    changes: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--set {pair} has no value", remedy="Write --set key=value.")
        try:
            changes[key] = tomllib.loads(f"value = {value}")["value"]
        except ValueError:
            changes[key] = value
        if key in PATHS:
            changes[key] = Path(value).expanduser()
    return changes


@contextmanager
def _stop_on_interrupt() -> Iterator[Any]:
    """Make the first Ctrl-C or SIGTERM end the run after its step, with a checkpoint; the second ends it at once."""
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        print("stopping after this step; once more to end at once", file=sys.stderr)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Screen:
    """The events of a run as a progress bar, or as lines where there is no terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._silent = int(os.environ.get("RANK", "0")) > 0
        self._console = Console()
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=self._console, disable=self._silent or not self._console.is_terminal,
        )  # fmt: skip
        self._task = self._progress.add_task("ground photos", total=None)
        self._last = 0.0

    def __enter__(self) -> Screen:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def report(self, event: dict[str, Any]) -> None:
        """Show an event."""
        if self._silent:
            return
        match event["event"]:
            case "features":
                self._progress.update(self._task, completed=event["photos"])
                self._now_and_then(f"ground photos: {event['photos']}")
            case "start":
                self._say(f"{event['tiles']} tiles, {event['held_out']} held out, {event['photos']} photos")
            case "step":
                words = f"loss {event['loss']:.4f}, {event['images_s']:.0f} images/s"
                self._progress.update(
                    self._task, completed=event["step"], total=event["steps"], description=words
                )
                self._now_and_then(f"step {event['step']} of {event['steps']}: {words}")
            case "validation":
                self._say(f"step {event['step']}: score on held-out places {event['score']:.4f}")

    def _say(self, line: str) -> None:
        self._progress.console.print(line, highlight=False)

    def _now_and_then(self, line: str) -> None:
        if not self._console.is_terminal and time.monotonic() - self._last > _LINE_EVERY_S:
            self._last = time.monotonic()
            self._say(line)
