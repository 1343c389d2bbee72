"""Downloads against a real server on this machine."""

from __future__ import annotations

import errno
import hashlib
import re
import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import torch

from graft_plugin.engine.encoders import fetch as module
from graft_plugin.engine.encoders import models, registry
from graft_plugin.engine.encoders.fetch import download
from graft_plugin.engine.progress import CancelToken
from graft_plugin.errors import Cancelled, CheckpointError, DownloadError, OfflineError, OutputError

from ...servers import serving

pytestmark = pytest.mark.usefixtures("direct")

CONTENT = bytes(range(256)) * 12_000  # 3 MB
SHA = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Plan:
    """What the server does; `drops` counts answers that end after `after` bytes."""

    content: bytes = CONTENT
    etag: str | None = '"v1"'
    ranges: bool = True
    drops: int = 0
    after: int = 1_000_000
    status: int = 200
    failures: int = 0
    stall: bool = False
    requests: list = field(default_factory=list)


def _handler(plan: Plan):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def do_GET(self):
            plan.requests.append(dict(self.headers))
            self.close_connection = True
            if plan.failures > 0 or plan.status != 200:
                plan.failures -= 1
                self.send_response(503 if plan.status == 200 else plan.status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start, size = 0, len(plan.content)
            wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            if wanted and plan.ranges and self.headers.get("If-Range") == plan.etag:
                start = int(wanted[1])
            if start and start >= size:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{size}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
            self.send_header("Content-Length", str(size - start))
            if plan.etag:
                self.send_header("ETag", plan.etag)
            self.end_headers()
            body = plan.content[start:]
            if plan.drops > 0:
                plan.drops -= 1
                body = body[: plan.after]
            self.wfile.write(body)
            if plan.stall:
                self.wfile.flush()
                time.sleep(3)

    return Handler


def served(plan: Plan):
    return serving(_handler(plan), "/m.pt")


def test_a_file_comes_whole_with_its_bytes_reported(tmp_path):
    seen = []
    with served(Plan()) as address:
        digest = download(address, tmp_path / "deep/m.pt", sha256=SHA, report=lambda *a: seen.append(a))
    assert digest == SHA
    assert (tmp_path / "deep/m.pt").read_bytes() == CONTENT
    assert seen[0] == ("download", 0, len(CONTENT)) and seen[-1] == ("download", len(CONTENT), len(CONTENT))
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["m.pt"]


def test_a_dropped_connection_resumes(tmp_path):
    plan = Plan(drops=2)
    with served(plan) as address:
        download(address, tmp_path / "m.pt", sha256=SHA, backoff_s=0.01)
    assert [r.get("Range") for r in plan.requests] == [None, "bytes=1000000-", "bytes=2000000-"]
    assert (tmp_path / "m.pt").read_bytes() == CONTENT


def test_a_later_call_resumes_only_the_same_file(tmp_path):
    plan = Plan(drops=99)
    with served(plan) as address:
        plan.after = 0
        with pytest.raises(DownloadError, match="resumes where it stopped"):
            download(address, tmp_path / "m.pt", backoff_s=0.001)
        assert not (tmp_path / "m.pt").exists()
        plan.drops, plan.after = 1, 500_000
        with pytest.raises(Cancelled):
            token = CancelToken()
            download(
                address, tmp_path / "m.pt", cancel=token, backoff_s=5,
                report=lambda s, done, n: token.cancel() if done >= 500_000 else None,
            )  # fmt: skip
        assert (tmp_path / "m.pt.part").stat().st_size == 500_000
        plan.content, plan.etag = CONTENT[::-1], '"v2"'  # the publisher changes the file in between
        download(address, tmp_path / "m.pt", backoff_s=0.01)
    assert plan.requests[-1]["Range"] == "bytes=500000-"
    assert (tmp_path / "m.pt").read_bytes() == CONTENT[::-1]


def test_a_server_without_ranges_or_etag_begins_again(tmp_path):
    for plan in (Plan(ranges=False, drops=1), Plan(etag=None, drops=1)):
        with served(plan) as address:
            download(address, tmp_path / "m.pt", sha256=SHA, backoff_s=0.01)
        assert (tmp_path / "m.pt").read_bytes() == CONTENT


def test_a_whole_part_needs_no_byte_more(tmp_path):
    plan = Plan()
    with served(plan) as address:
        download(address, tmp_path / "m.pt")
        (tmp_path / "m.pt").rename(tmp_path / "m.pt.part")
        (tmp_path / "m.pt.part.json").write_text(f'{{"address": "{address}", "validator": "\\"v1\\""}}')
        download(address, tmp_path / "m.pt", sha256=SHA)
    assert plan.requests[-1]["Range"] == f"bytes={len(CONTENT)}-"


def test_another_checksum_discards_the_file(tmp_path):
    with served(Plan()) as address, pytest.raises(DownloadError, match="another checksum"):
        download(address, tmp_path / "m.pt", sha256="0" * 64)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("status", "says"), [(404, "404.*has moved"), (401, "account"), (403, "account")])
def test_a_refusal_is_final(tmp_path, status, says):
    plan = Plan(status=status)
    with served(plan) as address, pytest.raises(DownloadError, match=says):
        download(address, tmp_path / "m.pt", backoff_s=0.01)
    assert len(plan.requests) == 1


def test_a_busy_server_is_asked_again(tmp_path):
    plan = Plan(failures=2)
    with served(plan) as address:
        download(address, tmp_path / "m.pt", sha256=SHA, backoff_s=0.01)
    assert len(plan.requests) == 3


def test_nobody_listens(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DownloadError, match="failed 5 times"):
        download(f"http://127.0.0.1:{port}/m.pt", tmp_path / "m.pt", backoff_s=0.001)


def test_only_web_addresses(tmp_path):
    with pytest.raises(DownloadError, match="only http"):
        download((tmp_path / "x").as_uri(), tmp_path / "m.pt")


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_offline_opens_no_socket(tmp_path, monkeypatch, by):
    def refuse(*args, **kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    if by == "environment":
        monkeypatch.setenv("GRAFT_OFFLINE", "1")
    with pytest.raises(OfflineError, match="offline switch"):
        download("https://example.org/m.pt", tmp_path / "m.pt", offline=by == "argument")
    with pytest.raises(OfflineError):
        models.fetch("sam_vit_b", offline=by == "argument")
    assert not list(tmp_path.iterdir())


def test_cancel_does_not_wait_for_a_stalled_server(tmp_path):
    token, plan = CancelToken(), Plan(drops=1, stall=True)
    with served(plan) as address:
        threading.Timer(0.3, token.cancel).start()
        start = time.monotonic()
        with pytest.raises(Cancelled):
            download(address, tmp_path / "m.pt", cancel=token)
        assert time.monotonic() - start < 1.3
    assert (tmp_path / "m.pt.part").exists()


def test_a_full_disk_keeps_the_part(tmp_path, monkeypatch):
    real = Path.open

    def full(self, *args, **kwargs):
        file = real(self, *args, **kwargs)
        if self.name.endswith(".part"):
            write = file.write

            class Full:
                def __enter__(self):
                    return self

                def __exit__(self, *exc):
                    file.close()

                def write(self, block):
                    if file.tell() > 1_000_000:
                        raise OSError(errno.ENOSPC, "No space left on device")
                    return write(block)

            return Full()
        return file

    with served(Plan()) as address:
        with monkeypatch.context() as patch, pytest.raises(OutputError, match=r"disk is full.*kept"):
            patch.setattr(Path, "open", full)
            download(address, tmp_path / "m.pt")
        assert (tmp_path / "m.pt.part").stat().st_size > 1_000_000
        download(address, tmp_path / "m.pt", sha256=SHA)


def test_too_little_room_is_seen_before_the_first_byte(tmp_path, monkeypatch):
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 1000})())
    with served(Plan()) as address, pytest.raises(OutputError, match=r"file needs 3 MB"):
        download(address, tmp_path / "m.pt")


def test_the_proxy_of_the_environment_is_used(tmp_path, monkeypatch):
    plan = Plan()
    with served(plan) as address:
        monkeypatch.delenv("no_proxy")
        monkeypatch.setenv("http_proxy", address.removesuffix("/m.pt"))
        download("http://models.invalid/m.pt", tmp_path / "m.pt", sha256=SHA)
    assert plan.requests[0]["Host"] == "models.invalid"


def test_fetch_records_the_checksum_of_an_unpublished_one(monkeypatch, tmp_path):
    """And what is no model does not stay."""
    sam = {f"{part}.w": torch.zeros(3) for part in ("image_encoder", "prompt_encoder", "mask_decoder")}
    torch.save(sam, tmp_path / "sam.pt")
    plan = Plan(content=(tmp_path / "sam.pt").read_bytes())
    real = registry.load_registry

    with served(plan) as address:

        def listed():
            from dataclasses import replace

            return {k: replace(e, address=address) if k == "remoteclip-vit-b-32" else e for k, e in real().items()}

        entry = registry.ModelEntry(
            id="my-sam", title="", family="sam", kind="sam", licence="", address=address, user=True
        )
        registry.remember_entry(entry)
        state = models.fetch("my-sam")
        assert (state.state, state.checksum, state.sha256) == (
            "ready", "recorded", hashlib.sha256(plan.content).hexdigest(),
        )  # fmt: skip
        assert len(plan.requests) == 1 and models.fetch("my-sam") == state and len(plan.requests) == 1
        assert models.verify("my-sam").state == "ready"
        monkeypatch.setattr(registry, "load_registry", listed)
        with pytest.raises(CheckpointError, match="missing"):
            models.fetch("remoteclip-vit-b-32")
        assert registry.find("remoteclip-vit-b-32").state == "download"
        assert not list(registry.find("remoteclip-vit-b-32").path.parent.iterdir())
