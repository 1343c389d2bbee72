"""Setting up the engine: one build at a time in this QGIS, whichever windows look at it, and `ensure_engine`."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, List, Optional

from qgis.core import Qgis, QgsApplication
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..client.builder import LOG_NAME, BuildProgress, BuildRequest
from ..client.environment import PYTHON_VARIABLE
from ..client.ready import env_state
from ..client.recipe import Sources, engine_recipe
from ..errors import Cancelled, EngineError
from ..home import graft_home
from .engine import renew_worker, shared_worker
from .i18n import tr
from .messages import log, sentence, show, show_error
from .network import qgis_proxy
from .settings import OFFLINE, PYTHON
from .setup_task import SetupTask, build_task, check_task, find_task

_setup: Optional[Setup] = None
_tasks: List[SetupTask] = []
_found = False
_window: Any = None


class Setup(QObject):
    """What is being set up, if anything, and how the last time ended.

    Attributes:
        state: "idle", "running", "failed" or "done".
        progress: Where a running build stands.
        error: Why the last one failed.
    """

    changed = pyqtSignal()
    """`state` or `error` is new."""

    moved = pyqtSignal()
    """`progress` is new."""

    def __init__(self) -> None:
        super().__init__()
        self.state = "idle"
        self.progress = BuildProgress("space")
        self.error: Optional[BaseException] = None
        self._task: Optional[SetupTask] = None

    @property
    def running(self) -> bool:
        """Whether something is being set up."""
        return self.state == "running"

    def build(self, wheels: Optional[Path] = None, fresh: bool = False) -> None:
        """Build or mend the engine's environment, unless that is under way.

        Args:
            wheels: A folder of wheels to build from, without the network.
            fresh: Whether to build it anew from nothing.
        """
        if self.running:
            return
        if shared_worker().busy:
            self.tell(EngineError(tr("a search is running"), remedy=tr("Wait for its end, or cancel it; then retry.")))
            return
        sources = Sources(wheels=wheels, proxy=qgis_proxy(), offline=OFFLINE.get())
        self._start(build_task(replace(BuildRequest(), sources=sources, fresh=fresh), self._built))

    def use_python(self, python: str) -> None:
        """Check a Python, and use it from now on if it works."""
        if not self.running:
            self._start(check_task(python, lambda result, error: self._checked(python, error)))

    def tell(self, error: BaseException) -> None:
        """Show why there is no engine, unless something is under way."""
        if not self.running:
            self.state, self.error = "failed", error
            self.changed.emit()

    def cancel(self) -> None:
        """Stop what is under way."""
        if self._task is not None:
            self._task.cancel()

    def _start(self, task: SetupTask) -> None:
        self._task, self.error, self.state = task, None, "running"
        self.progress = BuildProgress("space")
        task.moved.connect(self._moved)
        run_task(task)
        self.changed.emit()

    def _moved(self, progress: BuildProgress) -> None:
        self.progress = progress
        self.moved.emit()

    def _built(self, mark: Any, error: Optional[BaseException]) -> None:  # noqa: ANN401 - Optional[Mark]
        if error is None:
            PYTHON.set("")  # what was just built is what is meant
            log(f"the engine's environment is ready: Python {mark.python}, torch {mark.versions.get('torch', '?')}")
        self._ended(error)

    def _checked(self, python: str, error: Optional[BaseException]) -> None:
        if error is None:
            PYTHON.set(python)
        self._ended(error)

    def _ended(self, error: Optional[BaseException]) -> None:
        global _found
        _found = error is None
        self._task = None
        self.state = "done" if error is None else "idle" if isinstance(error, Cancelled) else "failed"
        self.error = None if self.state == "idle" else error
        if self.state == "failed":
            log(sentence(error or RuntimeError()), Qgis.MessageLevel.Warning)
        renew_worker()
        self.changed.emit()


def shared_setup() -> Setup:
    """Return the one that all windows look at."""
    global _setup
    if _setup is None:
        _setup = Setup()
    return _setup


def close_setup() -> None:
    """Stop what is under way; for the plugin's end."""
    global _setup, _found
    if _window is not None:
        _window.close()
    if _setup is not None:
        _setup.cancel()
        _setup.blockSignals(True)
    for task in list(_tasks):
        task.cancel()
    _setup, _found = None, False


def own_state() -> str:
    """Return how the engine's own environment stands; see `client.ready.env_state`."""
    return env_state(engine_recipe().digest)


def setup_log() -> Path:
    """Return the log of the last build, which need not exist."""
    return graft_home() / LOG_NAME


def ensure_engine(iface: Any, then: Callable[[], Any]) -> None:  # noqa: ANN401 - QgisInterface
    """Call `then` once there is an engine: now, or after the setup window, which opens by itself where there is none.

    Returns at once; `then` is called in the main thread, or never, where the user closes the window.
    """
    if _found or shared_worker().pid is not None:
        then()
        return

    def ended(engine: Any, error: Optional[BaseException]) -> None:  # noqa: ANN401 - Optional[Engine]
        global _found
        _found = error is None
        if error is None:
            QTimer.singleShot(0, then)
        elif not isinstance(error, Cancelled):
            log(sentence(error))
            if PYTHON.get() or os.environ.get(PYTHON_VARIABLE, "").strip():
                shared_setup().tell(error)  # somebody named one, and it does not work
            QTimer.singleShot(0, lambda: open_setup(iface, then))

    run_task(find_task(ended))


def forget_engine() -> None:
    """Let `ensure_engine` look again: another Python was named."""
    global _found
    _found = False


def open_setup(iface: Any, then: Optional[Callable[[], Any]] = None, parent: Any = None) -> Any:  # noqa: ANN401
    """Open the setup window, and return it.

    Args:
        iface: QGIS.
        then: Called once an engine is ready.
        parent: The window it belongs to; None: QGIS's own.
    """
    global _window
    from .setup_dialog import SetupDialog

    def ready() -> None:
        show(iface, tr("The engine is ready."), Qgis.MessageLevel.Success)
        if then is not None:
            try:
                then()
            except Exception as error:  # the edge: a slot's exception would open QGIS's own window about it
                show_error(iface, error)

    if _window is not None:
        with contextlib.suppress(RuntimeError):  # its parent, such as the options, may have taken it along
            _window.close()
    # QGIS alone would keep no more than the window's C++ half
    window = _window = SetupDialog(parent or iface.mainWindow(), ready)
    window.finished.connect(lambda _result: _forget(window))
    window.show()
    return window


def _forget(window: Any) -> None:  # noqa: ANN401 - SetupDialog
    global _window
    if _window is window:
        _window = None


def run_task(task: SetupTask) -> None:
    """Start a task, and keep Python's half of it until its end."""
    _tasks.append(task)
    ended = task._ended

    def done(result: Any, error: Optional[BaseException]) -> None:  # noqa: ANN401
        _tasks.remove(task)
        ended(result, error)

    task._ended = done
    QgsApplication.taskManager().addTask(task)
