"""The worker: requests on stdin, answers on stdout, one JSON line each (see `graft_plugin.protocol`).

The main thread reads; one worker thread computes, a request at a time, in the order of arrival. `ping` and `cancel` are
answered by the reader, so also in the middle of work. Standard output belongs to the protocol alone: descriptor 1 is
pointed at stderr, so that a library's print cannot break it. The worker ends when stdin ends, also in mid-work.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from .. import protocol
from ..errors import Cancelled, GraftError, ProtocolError, UsageError
from ..protocol import Cancel, Failure, Hello, Message, Progress, Request, Result
from .outputs import discard_all
from .progress import CancelToken, Report

Handler = Callable[[dict[str, Any], Report, CancelToken], dict[str, Any]]
"""`handler(params, report, cancel)` returns a JSON-ready result."""

PROGRESS_INTERVAL_S = 0.1
EXIT_GRACE_S = 1.0
CLEANING_S = 0.5
UNINTERRUPTIBLE = frozenset({"load"})
"""Stages that import libraries and read weights: they write nothing, and a cancelled request need not wait for them."""


@dataclass
class _Job:
    """One request on its way through the worker."""

    request: Request
    cancel: CancelToken = field(default_factory=CancelToken)
    stage: str = "load"
    running: bool = False
    ended: bool = False
    seen: set[str] = field(default_factory=set)
    reported: float = 0.0


class Worker:
    """Answers the requests that come on `source` with lines on `sink`, until `source` ends or `shutdown` is asked.

    Args:
        source: Binary stream of request lines.
        sink: Binary stream of answer lines.
        handlers: Method name → handler.
        software: Name and version for the `Hello`.
    """

    def __init__(self, source: BinaryIO, sink: BinaryIO, handlers: Mapping[str, Handler], software: str) -> None:
        self._source = source
        self._sink = sink
        self._handlers = dict(handlers)
        self._software = software
        self._write_lock = threading.Lock()
        self._lock = threading.Lock()
        self._jobs: dict[str, _Job] = {}
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="graft-worker", daemon=True)

    def run(self) -> bool:
        """Serve until the end; return whether all work had stopped within the grace time."""
        methods = sorted({*self._handlers, "ping", "shutdown"})
        self._send(Hello(software=self._software, methods=methods, pid=os.getpid()))
        self._thread.start()
        try:
            while self._read_one():
                pass
        finally:
            stopped = self._stop()
        return stopped

    def _read_one(self) -> bool:
        try:
            line = protocol.read_line(self._source)
            if line is None:
                return False
            message = protocol.decode(line)
            if isinstance(message, Hello):
                protocol.check_version(message)
            elif isinstance(message, Cancel):
                self._cancel(message.id)
            elif isinstance(message, Request):
                return self._accept(message)
            else:
                raise ProtocolError(f"a worker takes requests, not a {type(message).__name__.lower()}")
        except ProtocolError as error:
            self._send(Failure(id="", error=error.to_dict()))
        return True

    def _accept(self, request: Request) -> bool:
        if request.method == "ping":
            self._send(Result(id=request.id, value={"pong": True, "busy": bool(self._jobs)}))
        elif request.method == "shutdown":
            self._send(Result(id=request.id, value={}))
            return False
        elif request.id in self._jobs:
            error = ProtocolError(f"request id {request.id!r} is still in use")
            self._send(Failure(id="", error=error.to_dict()))
        else:
            job = _Job(request)
            with self._lock:
                self._jobs[request.id] = job
            self._queue.put(job)
        return True

    def _cancel(self, request_id: str) -> None:
        with self._lock:
            job = self._jobs.get(request_id)
            if job is None:
                return
            job.cancel.cancel()
            at_once = not job.running or job.stage in UNINTERRUPTIBLE
        if at_once:  # a running one finds its token set after the stage, and its own end is then ignored
            self._end(job, Failure(id=request_id, error=Cancelled().to_dict()))

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            with self._lock:
                if job.ended:
                    continue
                job.running = True
            self._end(job, self._answer(job))

    def _answer(self, job: _Job) -> Message:
        request = job.request
        try:
            handler = self._handlers.get(request.method)
            if handler is None:
                known = ", ".join(sorted(self._handlers))
                raise UsageError(f"unknown method {request.method!r}", remedy=f"Known methods: {known}.")
            return Result(id=request.id, value=handler(request.params, self._reporter(job), job.cancel))
        except GraftError as error:
            return Failure(id=request.id, error=error.to_dict())
        except BaseException as error:  # the edge: whatever goes wrong in a request, the worker lives on and tells
            if job.cancel.cancelled:
                return Failure(id=request.id, error=Cancelled().to_dict())
            message = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            bug = {"code": "bug", "message": message, "remedy": "Please report it, with the details.", "path": None}
            return Failure(id=request.id, error=bug, detail=traceback.format_exc())

    def _reporter(self, job: _Job) -> Report:
        def report(stage: str, done: int, total: int) -> None:
            job.stage = stage
            now = time.monotonic()
            if job.ended or (stage in job.seen and now - job.reported < PROGRESS_INTERVAL_S):
                return
            job.seen.add(stage)
            job.reported = now
            self._send(Progress(id=job.request.id, stage=stage, done=int(done), total=int(total)))

        return report

    def _end(self, job: _Job, message: Message) -> None:
        with self._lock:
            if job.ended:
                return
            job.ended = True
            self._jobs.pop(job.request.id, None)
        self._send(message)

    def _send(self, message: Message) -> None:
        try:
            line = protocol.encode(message)
        except ProtocolError as error:
            line = protocol.encode(Failure(id=getattr(message, "id", ""), error=error.to_dict()))
        with self._write_lock:
            try:
                self._sink.write(line)
                self._sink.flush()
            except (OSError, ValueError):  # the client is gone; the end of stdin, which follows, ends the worker
                for job in list(self._jobs.values()):
                    job.cancel.cancel()

    def _stop(self) -> bool:
        with self._lock:
            for job in self._jobs.values():
                job.cancel.cancel()
        self._queue.put(None)
        self._thread.join(EXIT_GRACE_S)
        return not self._thread.is_alive()


def claim_streams() -> tuple[BinaryIO, BinaryIO]:
    """Return private copies of stdin and stdout, and point descriptor 0 at nothing and descriptor 1 at stderr."""
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return source, sink


def serve(extra_handlers: Mapping[str, Handler] | None = None) -> int:
    """Run the worker on this process's stdin and stdout; return its exit status."""
    from .service import HANDLERS, software

    def terminate(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    source, sink = claim_streams()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the client; its end of our stdin stops us
    signal.signal(signal.SIGTERM, terminate)
    status = 0
    worker = Worker(source, sink, {**HANDLERS, **(extra_handlers or {})}, software())
    try:
        stopped = worker.run()
    except SystemExit as exit_request:
        status, stopped = int(exit_request.code or 0), False
    if not stopped:  # native code that does not look at the token must not keep a worker without a client alive
        discard_all(CLEANING_S)
        os._exit(status)
    return status
