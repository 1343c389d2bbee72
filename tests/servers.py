"""Small HTTP servers on this machine, for as long as a `with` lasts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Quiet(SimpleHTTPRequestHandler):
    """Serves the files of a folder, and says nothing on the terminal; `hits` takes the paths that are asked for."""

    def __init__(self, *args, hits: list[str] | None = None, **more) -> None:
        self._hits = hits
        super().__init__(*args, **more)

    def parse_request(self) -> bool:
        whole = super().parse_request()
        if whole and self._hits is not None:
            self._hits.append(self.path)
        return whole

    def log_message(self, *args) -> None:
        pass


@contextmanager
def serving(handler: Callable[..., object], path: str = "") -> Iterator[str]:
    """Answer with a handler; gives the server's address with `path` at its end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{path}"
    finally:
        server.shutdown()
        server.server_close()


def files_served(folder: Path, handler: Callable[..., object] = Quiet, **more):
    """Serve the files of a folder; gives the address."""
    return serving(partial(handler, directory=str(folder), **more))
