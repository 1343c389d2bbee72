"""Small wheels, a folder of them, and a package index on this machine that can be made to misbehave."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest


def make_wheel(folder: Path, name: str, version: str = "1.0", filler_bytes: int = 0) -> Path:
    """Write a wheel of one module, which knows its version; returns its path."""
    files = {
        f"{name}.py": f"VERSION = {version!r}\n".encode(),
        f"{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{name}-{version}.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
        b"Tag: py3-none-any\n",
    }
    if filler_bytes:
        files[f"{name}_data.bin"] = bytes(hashlib.shake_256(name.encode()).digest(filler_bytes))
    record = []
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(data)}")
    record.append(f"{name}-{version}.dist-info/RECORD,,")
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        for path, data in files.items():
            file.writestr(path, data)
        file.writestr(f"{name}-{version}.dist-info/RECORD", "\n".join(record) + "\n")
    return wheel


class Index:
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

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: object) -> None:
                pass

            def do_GET(self) -> None:
                index.asked.append(self.path)
                parts = self.path.strip("/").split("/")
                if parts[0] == "simple":
                    index.page(self, folder, parts[-1])
                else:
                    index.file(self, folder / parts[-1])

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/simple/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

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
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    """A folder, with a space and Korean letters, of wheels for two lists: packages, and what stands for torch."""
    folder = tmp_path_factory.mktemp("바퀴 wheels")
    for name in ("graftalpha", "graftbeta", "graftvision"):
        make_wheel(folder, name)
    make_wheel(folder, "grafttorch", filler_bytes=3_000_000)
    return folder


@pytest.fixture
def index(wheels):
    """A package index of those wheels."""
    server = Index(wheels)
    yield server
    server.close()
