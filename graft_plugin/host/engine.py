"""The one engine process that everything in this QGIS shares, kept within what the user has set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Optional

from ..client.children import CancelFlag
from ..client.environment import Engine, find_engine
from ..client.memory import limit_bytes
from ..client.process import Limits, ProgressCallback, Worker
from ..switches import OFFLINE_VARIABLE
from .messages import log
from .settings import DEVICE, IDLE_MINUTES, MEMORY_GB, OFFLINE, PYTHON, STORE

_SEARCH = ("device", "offline", "store")
_FIELDS: Dict[str, tuple] = {
    **dict.fromkeys(("query", "estimate", "classify", "compare", "ask"), _SEARCH),
    **dict.fromkeys(("index", "index_estimate"), ("device", "offline")),
    **dict.fromkeys(("fetch", "retrieve", "plan"), ("offline",)),
}
"""Method → the settings that its request carries."""

_worker: Optional[SettingsWorker] = None


class SettingsWorker(Worker):
    """A worker whose requests carry the user's settings."""

    def call(
        self,
        method: str,
        params: Optional[Dict[str, Any]] = None,
        progress: Optional[ProgressCallback] = None,
        cancelled: Optional[CancelFlag] = None,
    ) -> Dict[str, Any]:
        """Have the engine do `method`; see `Worker.call`. What `params` says itself comes before the settings."""
        return super().call(method, with_settings(method, params or {}), progress, cancelled)


def shared_worker() -> SettingsWorker:
    """Return the worker; its process starts with the first call."""
    global _worker
    if _worker is None:
        _worker = SettingsWorker(set_engine, log, _limits)
    return _worker


def stop_worker() -> None:
    """End the process, if there is one."""
    global _worker
    worker, _worker = _worker, None
    if worker is not None:
        worker.stop()


def renew_worker() -> None:
    """Let changed settings count: the process ends once it is idle, and the next call starts another."""
    if _worker is not None:
        _worker.renew()


def with_settings(method: str, params: Dict[str, Any]) -> Dict[str, Any]:
    """Return a request's parameters with the settings that it carries; the offline switch cannot be overruled."""
    values = {"device": DEVICE.get(), "offline": OFFLINE.get(), "store": STORE.get() or None}
    fields = {name: values[name] for name in _FIELDS.get(method, ())}
    merged = {**fields, **params}
    if fields.get("offline"):
        merged["offline"] = True
    return merged


def _limits() -> Limits:
    return Limits(limit_bytes(MEMORY_GB.get()), IDLE_MINUTES.get() * 60.0)


def set_engine(cancelled: CancelFlag) -> Engine:
    """Return the engine as the settings have it, with the offline switch in its environment; see `find_engine`."""
    engine = find_engine(PYTHON.get(), cancelled=cancelled)
    # besides each request's own field, so that no method of the engine can forget it
    return replace(engine, env={**engine.env, OFFLINE_VARIABLE: "1"}) if OFFLINE.get() else engine
