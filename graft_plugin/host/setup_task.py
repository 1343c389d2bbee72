"""Background tasks around the engine's environment: look for an engine, build one, check one that the user named."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import pyqtSignal

from ..client.builder import BuildProgress, BuildRequest, build_engine
from ..client.children import CancelFlag
from ..client.environment import find_engine
from ..client.recipe import engine_recipe
from ..client.verify import verify
from .engine import shared_worker
from .i18n import tr
from .messages import log
from .settings import PYTHON
from .task import BackgroundTask

TOLD_EVERY_S = 0.1

Ended = Callable[[Any, Optional[BaseException]], None]
"""`ended(result, error)`: in the main thread."""


class SetupTask(BackgroundTask):
    """Runs a function in a background thread, and tells of its progress.

    Args:
        title: For the task manager.
        work: `work(report, cancelled)`.
        ended: Called once, at the end.
    """

    moved = pyqtSignal(object)
    """A `BuildProgress`; arrives in the main thread."""

    def __init__(
        self, title: str, work: Callable[[Callable[[BuildProgress], None], CancelFlag], Any], ended: Ended
    ) -> None:
        super().__init__(title, work, ended)
        self._told, self._told_at = ("", ""), 0.0

    def _report(self, progress: BuildProgress) -> None:
        now, what = time.monotonic(), (progress.step, progress.name)
        if what == self._told and now - self._told_at < TOLD_EVERY_S:
            return
        self._told, self._told_at = what, now
        self.moved.emit(progress)
        self.setProgress(progress.percent)


def build_task(request: BuildRequest, ended: Ended) -> SetupTask:
    """Return the task that builds or mends the engine's environment; its result is a `client.ready.Mark`."""

    def work(report: Callable[[BuildProgress], None], cancelled: CancelFlag) -> Any:  # noqa: ANN401 - a Mark
        shared_worker().stop()  # an idle engine; its files could not be replaced while it runs
        return build_engine(request, report, cancelled)

    return SetupTask(tr("GRAFT: setting up the engine"), work, ended)


def check_task(python: str, ended: Ended) -> SetupTask:
    """Return the task that verifies a Python that the user named; its result is a `client.verify.Verified`."""
    recipe = engine_recipe()

    def work(report: Callable[[BuildProgress], None], cancelled: CancelFlag) -> Any:  # noqa: ANN401 - a Verified
        def hear(done: int, total: int, name: str) -> None:
            report(BuildProgress("verify", name, done, total, "packages", 100.0 * done / (total + 1)))

        engine = find_engine(python, cancelled=cancelled)
        root = Path(engine.command[-1])
        return verify(engine.python, root, recipe.modules, recipe.golden, cancelled, hear, log, own=False)

    return SetupTask(tr("GRAFT: checking a Python"), work, ended)


def find_task(ended: Ended) -> SetupTask:
    """Return the task that looks for an engine; its result is a `client.environment.Engine`."""
    named = PYTHON.get()
    return SetupTask(
        tr("GRAFT: looking for the engine"), lambda report, cancelled: find_engine(named, cancelled=cancelled), ended
    )
