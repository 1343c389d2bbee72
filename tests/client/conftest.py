"""A folder of small wheels, and a package index on this machine that can be made to misbehave."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from ..servers import LocalServer, Silent


class Index(LocalServer):
    """A simple index of a folder's wheels on 127.0.0.1.

    Attributes:
        faults: Package → what happens to its file: "stall", "error", "truncate", or "trickle" (a tenth of a second for
            each 20 kB).
        asked: The paths that were asked for.
    """

    def __init__(self, folder: Path) -> None:
        self.faults: dict[str, str] = {}
        self.asked: list[str] = []
        self.stop = threading.Event()
        index = self

        class Handler(Silent):
            protocol_version = "HTTP/1.0"  # a file that is cut short ends with its connection

            def do_GET(self) -> None:
                index.asked.append(self.path)
                parts = self.path.strip("/").split("/")
                if parts[0] == "simple":
                    index.page(self, folder, parts[-1])
                else:
                    index.file(self, folder / parts[-1])

        super().__init__(Handler)
        self.url += "/simple/"

    def page(self, request: BaseHTTPRequestHandler, folder: Path, name: str) -> None:
        """Answer with a package's page."""
        wheels = sorted(folder.glob(f"{name.replace('-', '_')}-*.whl"))
        body = "".join(f'<a href="/files/{wheel.name}">{wheel.name}</a>' for wheel in wheels).encode()
        request.send_response(200 if wheels else 404)
        request.send_header("Content-Type", "text/html")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def file(self, request: BaseHTTPRequestHandler, path: Path) -> None:
        """Answer with a wheel, or misbehave."""
        data = path.read_bytes()
        fault = self.faults.get(path.name.split("-")[0], "")
        if fault == "error":
            request.send_error(503)
            return
        request.send_response(200)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        if fault == "truncate":
            request.wfile.write(data[: len(data) // 2])
        elif fault == "stall":
            request.wfile.write(data[: len(data) // 2])
            request.wfile.flush()
            self.stop.wait(60)
        elif fault == "trickle":
            for start in range(0, len(data), 20_000):
                request.wfile.write(data[start : start + 20_000])
                request.wfile.flush()
                time.sleep(0.1)
        else:
            request.wfile.write(data)

    def close(self) -> None:
        """End the server and whatever stalls."""
        self.stop.set()
        super().close()


@pytest.fixture(scope="session")
def wheels(tmp_path_factory, wheels_of):
    """A folder, with a space and Korean letters, of wheels for two lists: packages, and what stands for torch."""
    folder = tmp_path_factory.mktemp("바퀴 wheels")
    return wheels_of(folder, "graftalpha", "graftbeta", "graftvision", grafttorch=3_000_000)


@pytest.fixture
def index(wheels):
    """A package index of those wheels."""
    server = Index(wheels)
    yield server
    server.close()
