"""The engine as its callers see it: started on first use, one call at a time or many, started anew after a crash."""

from __future__ import annotations

import itertools
import queue
import threading
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, Optional

from .. import protocol
from ..errors import Cancelled, EngineError, GraftError, from_dict
from ..protocol import Cancel, Failure, Request, Result
from .children import POLL_S, CancelFlag
from .connection import Answer, Connection, Log
from .environment import Engine
from .memory import held_bytes

ProgressCallback = Callable[[str, int, int], None]
"""`progress(stage, done, total)`: total 0 where it is unknown."""

CANCEL_S = 0.7
"""How long a cancelled request may take to end before its process is killed."""

BRIEF = frozenset({"estimate", "models", "vectorise"})
"""Methods that take a moment once the engine has loaded: a cancelled one is not waited for, and its process lives on.

They are asked while the user types or drags, the newer making the older void; an engine that is loading its libraries
must not be ended for that, or it would never come to the end of them.
"""

HELLO_S = 60.0
PING_AFTER_S = 20.0
SILENT_S = 120.0
"""A worker that says nothing for so long, not even to a ping, hangs."""

MEMORY_EVERY_S = 0.25


@dataclass(frozen=True)
class Limits:
    """What keeps the engine from being a nuisance.

    Attributes:
        memory_bytes: What it may hold, see `client.memory`; beyond it, it is ended. 0: no limit.
        idle_s: How long it stays, and holds its models, after the last call; 0: until it is stopped.
    """

    memory_bytes: int = 0
    idle_s: float = 0.0


class _GivenUp(Exception):
    """The process was ended for another call's sake."""


class Worker:
    """The engine's process, whichever it is at the moment.

    Args:
        find: Returns how the engine is started, or raises; called at each start, in the calling thread, with that
            call's cancel flag.
        log: Takes lines for the log, from any thread.
        limits: Returns the limits; called in each call.
    """

    def __init__(
        self,
        find: Callable[[CancelFlag], Engine],
        log: Optional[Log] = None,
        limits: Callable[[], Limits] = Limits,
    ) -> None:
        self._find = find
        self._limits = limits
        self._log: Log = log or (lambda line: None)
        self._starting = threading.Lock()
        self._connection: Optional[Connection] = None
        self._numbers = itertools.count(1)
        self._counting = threading.Lock()
        self._open_calls = 0
        self._outdated = False
        self._idle: Optional[threading.Timer] = None

    @property
    def pid(self) -> Optional[int]:
        """The running process's number; None while there is none."""
        connection = self._connection
        return connection.pid if connection is not None and connection.alive else None

    @property
    def busy(self) -> bool:
        """Whether a call is open."""
        return self._open_calls > 0

    def call(
        self,
        method: str,
        params: Optional[Dict[str, Any]] = None,
        progress: Optional[ProgressCallback] = None,
        cancelled: Optional[CancelFlag] = None,
    ) -> Dict[str, Any]:
        """Have the engine do `method`, and return its result; blocks the calling thread, and only that.

        Args:
            method: A method of the protocol.
            params: Its parameters, JSON-ready.
            progress: Told of progress, in the calling thread.
            cancelled: Asked throughout; once it is true, the call ends within a second.

        Raises:
            Cancelled: `cancelled` was true.
            EngineError: There is no engine, or it ended in mid-work; the next call starts it anew.
            GraftError: What the engine answered.
        """
        limits = self._limits()
        self._begin()
        try:
            while True:
                try:
                    return self._call(method, params or {}, progress, cancelled or (lambda: False), limits.memory_bytes)
                except _GivenUp:
                    continue
        finally:
            self._end(limits.idle_s)

    def _call(
        self,
        method: str,
        params: Dict[str, Any],
        progress: Optional[ProgressCallback],
        cancelled: CancelFlag,
        memory_bytes: int,
    ) -> Dict[str, Any]:
        connection = self._connected(cancelled)
        request_id = str(next(self._numbers))
        answers = connection.open_call(request_id)
        try:
            connection.send(Request(id=request_id, method=method, params=params))
            brief = method in BRIEF
            return self._await(connection, request_id, answers, progress, cancelled, memory_bytes, brief)
        except (GraftError, _GivenUp):
            raise
        except BaseException:  # a callback failed: nobody waits for the work any more
            connection.send(Cancel(id=request_id))
            raise
        finally:
            connection.close_call(request_id)

    def stop(self) -> None:
        """End the process, if there is one, within two seconds; a later call starts another."""
        with self._counting:
            if self._idle is not None:
                self._idle.cancel()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def renew(self) -> None:
        """End the process as soon as no call is open, so that the next one has other settings; returns at once."""
        with self._counting:
            self._outdated = True
        # in a thread of its own: the caller may be the one that draws, and an end takes a moment
        threading.Thread(target=self._stop_unless_used, name="graft-renew", daemon=True).start()

    def _begin(self) -> None:
        with self._counting:
            self._open_calls += 1
            if self._idle is not None:
                self._idle.cancel()
                self._idle = None

    def _end(self, idle_s: float) -> None:
        with self._counting:
            self._open_calls -= 1
            outdated = self._outdated
            if self._open_calls == 0 and idle_s > 0 and not outdated:
                self._idle = threading.Timer(idle_s, self._stop_unless_used)
                self._idle.daemon = True
                self._idle.start()
        if outdated:
            self._stop_unless_used()

    def _stop_unless_used(self) -> None:
        with self._counting:
            if self._open_calls:
                return
            self._outdated = False
            connection, self._connection = self._connection, None
        if connection is not None:
            self._log("the engine was idle; its process ends")
            connection.close()

    def _await(
        self,
        connection: Connection,
        request_id: str,
        answers: queue.SimpleQueue[Answer],
        progress: Optional[ProgressCallback],
        cancelled: CancelFlag,
        memory_bytes: int,
        brief: bool,
    ) -> Dict[str, Any]:
        cancelled_at: Optional[float] = None
        pinged = weighed = 0.0
        while True:
            try:
                message = answers.get(timeout=POLL_S)
                if message is None:
                    raise _ended(connection, cancelled_at is not None)
                if isinstance(message, Result):
                    return message.value
                if isinstance(message, Failure):
                    raise self._error(message)
                if progress is not None and cancelled_at is None:
                    progress(message.stage, message.done, message.total)
            except queue.Empty:
                pass
            now = time.monotonic()
            if cancelled_at is None and cancelled():
                cancelled_at = now
                connection.send(Cancel(id=request_id))
                if brief:
                    raise Cancelled()
            elif cancelled_at is not None and now - cancelled_at > CANCEL_S:
                self._log("the engine did not stop in time; its process was ended")
                connection.give_up()
                raise Cancelled()
            if memory_bytes and now - weighed > MEMORY_EVERY_S:
                weighed = now
                _check_memory(connection, memory_bytes)
            silent_s = now - connection.heard
            if silent_s > SILENT_S:
                connection.kill()
                raise EngineError(f"the engine gave no sign for {SILENT_S:.0f} s and was ended", remedy="Run it again.")
            if silent_s > PING_AFTER_S and now - pinged > PING_AFTER_S:
                pinged = now
                connection.send(Request(id=f"ping-{request_id}", method="ping"))

    def _error(self, failure: Failure) -> GraftError:
        if failure.detail:
            self._log(failure.detail)
        return from_dict(failure.error)

    def _connected(self, cancelled: CancelFlag) -> Connection:
        """Return a process that has said hello, starting one where there is none."""
        while not self._starting.acquire(timeout=POLL_S):
            if cancelled():
                raise Cancelled()
        try:
            connection = self._connection
            if connection is None or not connection.alive:
                engine = self._find(cancelled)
                self._log(f"starting the engine with {engine.python}")
                connection = Connection(engine.command, engine.env, self._log)
                try:
                    _shake_hands(connection, cancelled)
                except BaseException:
                    connection.kill()
                    raise
                self._connection = connection
            return connection
        finally:
            self._starting.release()


def _ended(connection: Connection, cancelled: bool) -> Exception:
    """Return what a call ends with whose process has ended."""
    if cancelled:
        return Cancelled()
    return _GivenUp() if connection.given_up else connection.ended_error()


def _shake_hands(connection: Connection, cancelled: CancelFlag) -> None:
    """Wait for the worker's hello and check its version."""
    until = time.monotonic() + HELLO_S
    while connection.hello is None:
        if cancelled():
            raise Cancelled()
        if not connection.alive:
            raise connection.ended_error()
        if time.monotonic() > until:
            raise EngineError(f"the engine did not say hello within {HELLO_S:.0f} s", remedy="Run it again.")
        time.sleep(0.01)
    protocol.check_version(connection.hello)


def _check_memory(connection: Connection, limit_bytes: int) -> None:
    """End a process that holds more than it may, and raise what says so."""
    held = held_bytes(connection.pid)
    if held is not None and held > limit_bytes:
        error = EngineError(
            f"the engine held {held / 1e9:.1f} GB of memory, and its limit is {limit_bytes / 1e9:.1f} GB; it was ended",
            remedy="Take a smaller area, a coarser detail or a smaller model; or raise the limit in the GRAFT options.",
        )
        connection.kill(error)
        raise error
