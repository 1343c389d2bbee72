"""A fine-tuning run's own process: started, heard event by event, and ended so that nothing is left half-written."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any, Callable, Deque, Dict, List, Optional, Sequence

from ..errors import Cancelled, EngineError, from_dict
from .children import POLL_S, printed_lines
from .environment import Engine

Event = Dict[str, Any]
Wish = Callable[[], str]
"""Returns what the user wants of the run, asked throughout: "" to go on, "stop" to keep the best, "cancel"."""

STOP, CANCEL = "stop", "cancel"
CANCEL_S = 5.0
"""How long a cancelled run may take to end by itself before it is ended."""
KEPT_LINES = 20
_START = (
    "import os, sys; sys.path.insert(0, sys.argv.pop(1)); getattr(os, 'nice', int)(5); "
    "from training.__main__ import main; sys.exit(main(sys.argv[1:]))"
)


def finetune_command(engine: Engine, words: Sequence[str], root: Optional[Path] = None) -> List[str]:
    """Return the command of a run.

    Args:
        engine: Its Python.
        words: Arguments of `python -m training finetune`, without --json.
        root: The folder that holds `training`; None: where this code lies.

    Raises:
        EngineError: This copy of GRAFT has no training part.
    """
    root = root or Path(__file__).resolve().parents[2]
    if not (root / "training" / "finetune.py").is_file():
        raise EngineError(
            "this copy of GRAFT has no training part",
            remedy="Install GRAFT again from its plugin file.",
            path=str(root / "training"),
        )
    python = str(engine.python)
    return [python, "-I", "-u", "-X", "utf8", "-c", _START, str(root), "finetune", *words, "--json"]


def run_finetune(
    command: Sequence[str],
    env: Dict[str, str],
    on_event: Callable[[Event], None],
    wish: Wish,
    log: Callable[[str], None],
) -> Event:
    """Run it to its end, and return its last event; blocks the calling thread, and only that.

    Args:
        command: See `finetune_command`.
        env: The process's whole environment.
        on_event: Told of each event, in the calling thread.
        wish: Asked throughout; "stop" is not taken back, "cancel" ends the run within `CANCEL_S`.
        log: Takes what the process prints besides, from another thread.

    Raises:
        Cancelled: The wish was "cancel"; nothing was stored.
        GraftError: What the run answered.
        EngineError: It cannot be started, or ended in mid-work.
    """
    run = _Run(command, env, log)
    try:
        return run.hear(on_event, wish)
    finally:
        run.close()


class _Run:
    """The process and its threads."""

    def __init__(self, command: Sequence[str], env: Dict[str, str], log: Callable[[str], None]) -> None:
        try:
            self._process = subprocess.Popen(
                list(command), env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
        except OSError as error:
            raise EngineError(f"the run cannot be started: {error.strerror or error}", path=command[0]) from error
        self._log = log
        self._events: queue.SimpleQueue[Optional[Event]] = queue.SimpleQueue()
        self._printed: Deque[str] = deque(maxlen=KEPT_LINES)
        for work in (self._read_events, self._read_prints):
            threading.Thread(target=work, name="graft-finetune", daemon=True).start()

    def hear(self, on_event: Callable[[Event], None], wish: Wish) -> Event:
        """Hand the events on, and say what is wished, until the end."""
        last: Optional[Event] = None
        said, cancelled_at = "", 0.0
        while True:
            try:
                event = self._events.get(timeout=POLL_S)
                if event is None:
                    break
                last = event
                if event.get("event") != "error" and not cancelled_at:
                    on_event(event)
            except queue.Empty:
                pass
            wanted = wish()
            if wanted and wanted != said and said != CANCEL:
                self._say(wanted)
                said, cancelled_at = wanted, time.monotonic() if wanted == CANCEL else 0.0
            if cancelled_at and time.monotonic() - cancelled_at > CANCEL_S:
                self._process.kill()
        status = self._process.wait()
        if last is not None and last.get("event") == "error":
            raise from_dict(last)
        if cancelled_at and (last is None or last.get("event") != "done"):
            raise Cancelled()
        if last is None or last.get("event") not in ("done", "plan"):
            how = f"signal {-status}" if status < 0 else f"exit status {status}"
            printed = f": {self._printed[-1]}" if self._printed else ""
            raise EngineError(f"the fine-tuning stopped ({how}){printed}", remedy="Run it again, with fewer minutes.")
        return last

    def close(self) -> None:
        """End the process where it still runs: whoever waited has gone."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _say(self, word: str) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(word.encode() + b"\n")
            stdin.flush()
        except (OSError, ValueError):  # its end is told by its output's end
            pass

    def _read_events(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        with stdout:
            for line in iter(stdout.readline, b""):
                try:
                    event = json.loads(line)
                except ValueError:
                    event = None
                if isinstance(event, dict) and "event" in event:
                    self._events.put(event)
                else:
                    self._log(line.decode("utf-8", "replace").rstrip())
        self._events.put(None)

    def _read_prints(self) -> None:
        assert self._process.stderr is not None
        for text in printed_lines(self._process.stderr):
            self._printed.append(text)
            self._log(text)
