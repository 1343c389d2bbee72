"""Small HTTP servers on this machine, for as long as a `with` lasts."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
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


class Ranged(Quiet):
    """Serves ranges of files too, as object storage does; `hits` then tell "GET /path bytes=0-99"."""

    def parse_request(self) -> bool:
        whole = super().parse_request()
        if whole and self._hits is not None:
            self._hits[-1] = f"{self.command} {self.path} {self.headers.get('Range', '')}".strip()
        return whole

    def send_head(self):
        wanted, path = self.headers.get("Range"), Path(self.translate_path(self.path))
        if wanted is None or not path.is_file():
            return super().send_head()
        data = path.read_bytes()
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, stop = int(first), min(int(last or len(data)) + 1, len(data))
        if start >= len(data):
            self.send_error(416)
            return None
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(data)}")
        self.send_header("Content-Length", str(stop - start))
        self.send_header("Last-Modified", self.date_time_string(int(path.stat().st_mtime)))
        self.end_headers()
        return io.BytesIO(data[start:stop])


class Silent(BaseHTTPRequestHandler):
    """Says nothing on the terminal; connections stay open between requests."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args) -> None:
        pass


class LocalServer:
    """A server on this machine until `close`, or for as long as a `with` lasts; it answers from its construction on.

    Attributes:
        host: "127.0.0.1:port".
        url: "http://127.0.0.1:port".
    """

    def __init__(self, handler: Callable[..., object]) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def serving(handler: Callable[..., object], path: str = "") -> Iterator[str]:
    """Answer with a handler; gives the server's address with `path` at its end."""
    with LocalServer(handler) as server:
        yield server.url + path


def files_served(folder: Path, handler: Callable[..., object] = Quiet, **more):
    """Serve the files of a folder; gives the address."""
    return serving(partial(handler, directory=str(folder), **more))
