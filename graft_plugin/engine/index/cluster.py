"""Work on other processes: Dask distributed, by a scheduler's address or with processes of this machine.

The scheduler gives work to idle processes, steals it from busy ones, and gives what a lost one had to another. Whoever
calls keeps a bounded number of pieces in flight, so that neither the scheduler's memory nor ours grows with the work.
"""

from __future__ import annotations

import logging
import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from ...errors import Cancelled, EngineError, GraftError, OfflineError, UsageError, from_dict
from ...switches import is_offline
from ..progress import CancelToken

J = TypeVar("J")
R = TypeVar("R")
RETRIES = 3
"""How often a piece that failed, or whose process was lost, is given to another."""
AHEAD = 4
"""Pieces in flight for each process: enough to steal from."""
FIRST_WORKER_S, CONNECT_S = 60.0, 15.0
POLL_S, STOP_POLL_S = 0.2, 1.0
_IGNORE_CTRL_C = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
"""For processes of ours: a terminal sends it to them too, and ending them is our part."""
_HERE = ("127.", "localhost", "[::1]", "::1")


@dataclass(frozen=True)
class Crew:
    """A connected cluster.

    Args:
        client: Dask's client.
        stop: Name of the flag that tells running pieces to end.
    """

    client: Any
    stop: str

    def results(
        self, work: Callable[[J, CancelToken], R], jobs: Iterable[J], cancel: CancelToken, *, ordered: bool = False
    ) -> Iterator[R]:
        """Yield `work(job, token)` of every job as it is done, or in order; a bounded number is in flight.

        Raises:
            GraftError: What a piece raised; or `EngineError` where one failed, or lost its process, too often.
            Cancelled: The work was stopped.
        """
        from distributed import TimeoutError as NotYet
        from distributed import wait

        left, room, counted = iter(jobs), 0, 0.0
        flying: list[Any] = []
        try:
            while True:
                if time.monotonic() - counted > STOP_POLL_S:
                    room, counted = AHEAD * max(1, sum(self.client.nthreads().values())), time.monotonic()
                for job in islice(left, max(0, room - len(flying))):
                    flying.append(self.client.submit(_piece, work, job, self.stop, retries=RETRIES, pure=False))
                if not flying:
                    return
                cancel.check()
                with suppress(NotYet, TimeoutError):
                    wait(flying[:1] if ordered else flying, timeout=POLL_S, return_when="FIRST_COMPLETED")
                ready = next((future for future in flying[: 1 if ordered else None] if future.done()), None)
                if ready is not None:
                    flying.remove(ready)
                    yield _result(ready)
        except GraftError:
            raise
        except (CancelledError, OSError) as error:
            raise EngineError(
                "the connection to the cluster's scheduler was lost",
                remedy="Run the same command again: it goes on from there.",
            ) from error
        finally:
            if flying:
                with suppress(Exception):  # the scheduler may be gone
                    self.client.cancel(flying)


@contextmanager
def crew(cluster: str, *, offline: bool = False) -> Iterator[Crew]:
    """Connect to a cluster, or start one of processes on this machine that ends with the block.

    Args:
        cluster: "local", a number of processes, or a scheduler's address.
        offline: The network may not be touched; processes of this machine may.

    Raises:
        UsageError: Dask is not installed.
        EngineError: No scheduler answers, or it has no workers.
        OfflineError: The scheduler is on another machine, and the offline switch is on.
    """
    try:
        import distributed
    except ImportError as error:
        raise UsageError(
            "--cluster needs Dask, which is not installed", remedy='Install it: pip install "graft-qgis[dist]".'
        ) from error
    remote = "://" in cluster
    host = cluster.partition("://")[2]
    if remote and (offline or is_offline()) and not host.startswith(_HERE):
        raise OfflineError(
            "the scheduler is on another machine, and the offline switch is on",
            remedy="Use --cluster without an address, or switch the network on again.", path=cluster,
        )  # fmt: skip
    for name in list(logging.root.manager.loggerDict):  # what matters comes back as an error
        if name.startswith(("distributed", "tornado", "asyncio")):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        address = cluster if remote else stack.enter_context(_local(cluster)).scheduler_address
        client = stack.enter_context(_client(distributed, address))
        stop = distributed.Event(f"graft-stop-{uuid.uuid4().hex}", client=client)
        try:
            yield Crew(client, stop.name)
        finally:
            with suppress(Exception):  # the scheduler may be gone
                stop.set()


@contextmanager
def _client(distributed: Any, address: str) -> Iterator[Any]:  # noqa: ANN401 - a module that may be missing
    try:
        client = distributed.Client(address, timeout=CONNECT_S)
    except (OSError, ValueError, TimeoutError) as error:
        raise EngineError("no Dask scheduler answers there", remedy="Check the address.", path=address) from error
    try:
        client.wait_for_workers(1, timeout=FIRST_WORKER_S)
        yield client
    except TimeoutError as error:
        raise EngineError(
            "the scheduler has no workers", remedy="Start some: dask worker ADDRESS.", path=address
        ) from error
    finally:
        client.close()


@contextmanager
def _local(cluster: str) -> Iterator[Any]:
    """Start processes on this machine: as many as asked for, else one a GPU, else one a core."""
    import dask
    import torch
    from distributed import LocalCluster

    cores = os.cpu_count() or 1
    count = int(cluster) if cluster.isdigit() else torch.cuda.device_count() or cores
    threads = str(max(1, cores // count))  # Dask's nanny sets them to 1 otherwise
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="graft-cluster-", ignore_cleanup_errors=True))
        stack.enter_context(dask.config.set({"temporary-directory": folder}))
        yield stack.enter_context(
            LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                memory_limit=0,  # what is mapped of the index would count
                dashboard_address=None,
                scheduler_kwargs={
                    "dashboard_address": "127.0.0.1:0"
                },  # it listens without a dashboard too: anywhere free
                local_directory=folder,
                silence_logs=logging.CRITICAL,
                preload=_IGNORE_CTRL_C,
                env={"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads},
            )
        )


class _Stop(CancelToken):
    """A token that also looks at the cluster's flag, once a second at most."""

    def __init__(self, name: str) -> None:
        super().__init__()
        from distributed import Event, get_client

        self._flag, self._looked = Event(name, client=get_client()), time.monotonic()

    @property
    def cancelled(self) -> bool:
        """Whether the work was asked to stop."""
        if time.monotonic() - self._looked > STOP_POLL_S:
            self._looked = time.monotonic()
            if self._flag.is_set():
                self.cancel()
        return super().cancelled

    def check(self) -> None:
        """Raise `Cancelled` if the work was asked to stop."""
        if self.cancelled:
            raise Cancelled


def _piece(work: Callable[[Any, CancelToken], R], job: Any, stop: str) -> tuple[str, Any]:  # noqa: ANN401
    """Do one piece, in a process of the cluster. Our own errors come back as data: another process would fail alike."""
    try:
        return "done", work(job, _Stop(stop))
    except GraftError as error:
        return "error", error.to_dict()
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
    raise RuntimeError(why)  # a plain one: not every exception and traceback travels, and then nobody would hear of it


def _result(future: Any) -> Any:  # noqa: ANN401 - Dask's future, anybody's result
    try:
        kind, value = future.result()
    except CancelledError:
        raise
    except Exception as error:  # a bug, a lack of memory, or a process that was lost time and again
        why = " ".join(str(error).split()) or type(error).__name__
        raise EngineError(
            f"a block failed {RETRIES + 1} times on the cluster: {why[:300]}",
            remedy="Run the same command again: it goes on from there. See the workers' logs for the cause.",
        ) from error
    if kind == "error":
        raise from_dict(value)
    return value
