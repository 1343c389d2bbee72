"""Progress on a terminal: a bar where stderr is one, now and then a line where it is not."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .progress import Report

FIRST_LINE_S, LONGEST_INTERVAL_S = 1.0, 60.0
STAGES = {
    "load": "Loading the model",
    "encode": "Encoding tiles",
    "open": "Opening rasters",
    "trial": "Timing some tiles",
    "rank": "Ranking tiles",
    "thumbnails": "Cutting out pictures",
    "plan": "Asking for a plan",
    "score": "Scoring",
    "count": "Counting cells",
    "heatmap": "Writing the heatmap",
    "classes": "Writing the class map",
    "segment": "Drawing masks",
    "polygons": "Joining polygons",
    "preview": "Drawing the preview",
    "write": "Writing polygons",
    "copy": "Copying",
    "download": "Downloading",
    "fetch": "Downloading",
    "verify": "Checking",
}


@contextmanager
def progress_bar() -> Iterator[Report]:
    """Give a report that shows progress on stderr until the block is left."""
    if sys.stderr.isatty():
        with _rich_bar() as report:
            yield report
    else:
        yield _plain_lines()


@contextmanager
def _rich_bar() -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as progress:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(STAGES.get(stage, stage), total=None, count="")
            count = _count(stage, done, total) if total else ""
            progress.update(tasks[stage], completed=done, total=total or None, count=count)

        yield report


def _plain_lines() -> Report:
    """Return a report that prints how far a stage is after 1, 2, 4, … seconds, then every minute."""
    due: dict[str, tuple[float, float]] = {}

    def report(stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        at, interval = due.setdefault(stage, (now + FIRST_LINE_S, FIRST_LINE_S))
        if now >= at:
            due[stage] = now + interval, min(2 * interval, LONGEST_INTERVAL_S)
            print(f"graft: {STAGES.get(stage, stage)}: {_count(stage, done, total)}", file=sys.stderr, flush=True)

    return report


def _count(stage: str, done: int, total: int) -> str:
    if stage in {"download", "fetch", "copy"}:
        done, total = done // 1_000_000, total // 1_000_000
        return f"{done} of {total} MB" if total else f"{done} MB"
    return f"{done} of {total}" if total else str(done)


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    if seconds < 120:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
