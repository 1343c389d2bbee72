"""One worker process: its pipes, its reader threads, and which answer belongs to which call."""

from __future__ import annotations

import queue
import subprocess
import threading
import time
from collections import deque
from typing import Callable, Deque, Dict, Mapping, Optional, Sequence, Union

from .. import protocol
from ..errors import EngineError, ProtocolError
from ..protocol import Failure, Hello, Message, Progress, Result
from .children import printed_lines

Log = Callable[[str], None]
"""Takes one line for the log; called from other threads than the caller's."""

Answer = Union[Progress, Result, Failure, None]
"""What a call's queue yields; None: the process has ended."""

KEPT_LINES = 20
END_S = 1.5


class Connection:
    """A worker process that was started, and is gone for good once it has ended.

    Args:
        command: The words that start it.
        env: Its whole environment.
        log: Takes what it prints, and lines that are no messages.

    Raises:
        EngineError: The process cannot be started.
    """

    def __init__(self, command: Sequence[str], env: Mapping[str, str], log: Log) -> None:
        try:
            self._process = subprocess.Popen(
                list(command),
                env=dict(env),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise EngineError(f"the engine cannot be started: {error.strerror or error}", path=command[0]) from error
        self.heard = time.monotonic()
        """When the last message came, in `time.monotonic` seconds."""
        self.hello: Optional[Hello] = None
        self.given_up = False
        """Whether it was ended for one call's sake; the others it had can be asked again of another process."""
        self._log = log
        self._lock = threading.Lock()
        self._ended = self._killed = False
        self._reason: Optional[EngineError] = None
        self._outgoing: queue.SimpleQueue[Optional[bytes]] = queue.SimpleQueue()
        self._calls: Dict[str, queue.SimpleQueue[Answer]] = {}
        self._printed: Deque[str] = deque(maxlen=KEPT_LINES)
        for work in (self._read_messages, self._read_prints, self._write_messages):
            threading.Thread(target=work, name="graft-client", daemon=True).start()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs and can be spoken with."""
        return not (self._ended or self._killed) and self._process.poll() is None

    def open_call(self, request_id: str) -> queue.SimpleQueue[Answer]:
        """Return the queue that will hold the answers to a request."""
        answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        with self._lock:
            self._calls[request_id] = answers
            if self._ended:
                answers.put(None)
        return answers

    def close_call(self, request_id: str) -> None:
        """Drop whatever else is answered to a request."""
        with self._lock:
            self._calls.pop(request_id, None)

    def send(self, message: Message) -> None:
        """Send one message without waiting for it to be read; a process that has ended gets nothing.

        Raises:
            ProtocolError: The message cannot be written as JSON.
        """
        self._outgoing.put(protocol.encode(message))

    def ended_error(self) -> EngineError:
        """Return the error that says how the process ended."""
        if self._reason is not None:
            return EngineError(self._reason.message, remedy=self._reason.remedy)
        try:
            status: Optional[int] = self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            status = None
        how = "" if status is None else f" (signal {-status})" if status < 0 else f" (exit status {status})"
        said = f": {self._printed[-1]}" if self._printed else ""
        return EngineError(
            f"the engine stopped{how}{said}",
            remedy="Run it again; if it stops again, take a smaller area.",
        )

    def kill(self, reason: Optional[EngineError] = None) -> None:
        """End the process now, and let its calls end with `reason`; returns without waiting for its end."""
        self._reason = reason or self._reason
        self._killed = True  # its end takes a moment, in which no call may still take it for alive
        self._process.kill()

    def give_up(self) -> None:
        """End the process now for the sake of a call that nobody waits for any more."""
        self.given_up = True
        self.kill()

    def close(self) -> None:
        """Ask the process to end by closing its input; kill it where it does not within `END_S` seconds."""
        self._outgoing.put(None)
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read_messages(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        try:
            while True:
                try:
                    line = protocol.read_line(stdout)  # type: ignore[arg-type]
                    if line is None:
                        break
                    self._take(protocol.decode(line))
                except ProtocolError as error:
                    self._log(f"the engine's line was not understood: {error}")
        except (OSError, ValueError) as error:
            self._log(f"the engine can no longer be heard: {error}")
        finally:
            with self._lock:
                self._ended = True
                for answers in self._calls.values():
                    answers.put(None)
            self._outgoing.put(None)
            stdout.close()
            try:
                self._process.wait(END_S)
            except subprocess.TimeoutExpired:  # it lives on, but can tell us nothing
                self._process.kill()
                self._process.wait()

    def _write_messages(self) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            with stdin:
                for line in iter(self._outgoing.get, None):
                    stdin.write(line)
                    stdin.flush()
        except (OSError, ValueError):  # its end is told by its output's end
            pass

    def _take(self, message: Message) -> None:
        self.heard = time.monotonic()
        if isinstance(message, Hello):
            self.hello = message
        elif isinstance(message, (Progress, Result, Failure)):
            with self._lock:
                answers = self._calls.get(message.id)
            if answers is not None:
                answers.put(message)
            elif isinstance(message, Failure) and not message.id:
                self._log(f"the engine refused a line: {message.error.get('message')}")

    def _read_prints(self) -> None:
        assert self._process.stderr is not None
        for text in printed_lines(self._process.stderr):
            self._printed.append(text)
            self._log(text)

