"""What the commands of `graft` share: a parser, types of arguments, a way to stop, a stdout kept for the answer."""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any, NoReturn, Optional

from ..errors import UsageError
from .progress import CancelToken


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one plain line."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print over several lines."""
        raise UsageError(message, remedy=f"See {self.prog} --help.")


def numbers(name: str, kind: type, count: int | None = None) -> Any:  # noqa: ANN401 - an argparse type
    """Return a type of argument: numbers with commas between, so many of them where that is fixed."""
    def parse(text: str) -> tuple[float, ...]:
        try:
            values = tuple(kind(part) for part in text.split(","))
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{name} must be numbers with commas between, not {text!r}") from error
        if not all(math.isfinite(value) for value in values):
            raise argparse.ArgumentTypeError(f"{name} must be finite numbers, not {text!r}")
        if count is not None and len(values) != count:
            raise argparse.ArgumentTypeError(f"{name} must be {count} numbers with commas between, not {text!r}")
        return values

    return parse


def threshold(text: str) -> Optional[float]:
    """Read a threshold; "auto" is None."""
    if text == "auto":
        return None
    try:
        return float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"must be auto or a number in 0..1, not {text!r}") from error


def add_cluster(parser: argparse._ActionsContainer) -> None:
    """Describe where the work is done."""
    parser.add_argument(
        "--cluster", nargs="?", const="local", metavar="ADDRESS|N",
        help="work on a Dask cluster: a scheduler's address, or N processes of this machine (default: one a core)",
    )  # fmt: skip


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
def stdout_to_stderr() -> Iterator[None]:
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
