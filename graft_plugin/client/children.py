"""Child processes whose lines are heard as they come, and that end, with all their own children, on a cancel."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Callable, Iterator, Mapping, Optional, Sequence

from ..errors import Cancelled, EngineError

CancelFlag = Callable[[], bool]
"""Returns whether the user has cancelled; asked about every `POLL_S` seconds, from the calling thread."""

POLL_S = 0.05
SILENT_S = 900.0
"""A child that prints nothing for so long hangs; unpacking a large wheel on a slow disk is silent for minutes."""

KILLED_S = 5.0
LINE_BYTES = 10_000


def run_child(
    words: Sequence[str],
    env: Mapping[str, str],
    on_line: Callable[[str], None],
    cancelled: CancelFlag,
    cwd: Optional[Path] = None,
    silent_s: Optional[float] = None,
) -> int:
    """Run a command to its end, and return its exit status.

    Args:
        words: The command.
        env: Its whole environment.
        on_line: Takes each line of its output and errors, in the calling thread.
        cancelled: Asked throughout.
        cwd: Its working folder.
        silent_s: How long it may print nothing; None: `SILENT_S`.

    Raises:
        Cancelled: `cancelled` was true; the command and its children are gone.
        EngineError: It cannot be started, or hangs.
    """
    process = _start(words, env, cwd)
    lines: queue.SimpleQueue[Optional[bytes]] = queue.SimpleQueue()
    threading.Thread(target=_hear, args=(process, lines), name="graft-child", daemon=True).start()
    heard = time.monotonic()
    try:
        while True:
            try:
                line = lines.get(timeout=POLL_S)
                if line is None:
                    return process.wait()
                heard = time.monotonic()
                on_line(line.decode("utf-8", "replace").rstrip())
            except queue.Empty:
                pass
            if cancelled():
                raise Cancelled()
            if time.monotonic() - heard > (SILENT_S if silent_s is None else silent_s):
                raise EngineError("the installer gave no sign for too long and was ended", remedy="Try again.")
    finally:
        if process.poll() is None:
            kill_tree(process)


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """End a process that `run_child` started, and everything that it started."""
    if sys.platform == "win32":
        subprocess.run(
            ["taskkill", "/T", "/F", "/PID", str(process.pid)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0), check=False,
        )  # fmt: skip
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):  # stuck in the kernel, on a dead network drive
        process.wait(KILLED_S)


def _start(words: Sequence[str], env: Mapping[str, str], cwd: Optional[Path]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(words),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=sys.platform != "win32",  # a group of its own, which can be ended whole
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise EngineError(f"it cannot be started ({error.strerror or error})", path=str(words[0])) from error


def _hear(process: subprocess.Popen[bytes], lines: queue.SimpleQueue[Optional[bytes]]) -> None:
    stdout = process.stdout
    assert stdout is not None
    try:
        with stdout:
            for line in iter(lambda: stdout.readline(LINE_BYTES), b""):
                lines.put(line)
    except (OSError, ValueError):  # it is gone; its exit status tells the rest
        pass
    finally:
        lines.put(None)


def printed_lines(pipe: IO[bytes]) -> Iterator[str]:
    """Yield what a process prints, line by line without the empty ones, until it ends; closes the pipe."""
    with pipe:
        for raw in iter(lambda: pipe.readline(10_000), b""):
            text = raw.decode("utf-8", "replace").rstrip()
            if text:
                yield text
