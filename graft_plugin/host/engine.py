"""The one engine process that everything in this QGIS shares."""

from __future__ import annotations

from typing import Optional

from ..client.environment import CancelFlag, Engine, find_engine
from ..client.process import Worker
from .messages import log
from .settings import PYTHON

_worker: Optional[Worker] = None


def shared_worker() -> Worker:
    """Return the worker; its process starts with the first call."""
    global _worker
    if _worker is None:
        _worker = Worker(_find, log)
    return _worker


def stop_worker() -> None:
    """End the process, if there is one."""
    global _worker
    worker, _worker = _worker, None
    if worker is not None:
        worker.stop()


def _find(cancelled: CancelFlag) -> Engine:
    return find_engine(PYTHON.get(), cancelled=cancelled)
