"""Downloads that resume, show their bytes, verify what came, and appear whole or not at all."""

from __future__ import annotations

import errno
import http.client
import json
import os
import queue
import shutil
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from ...errors import DownloadError, GraftError, OfflineError, OutputError
from ...switches import is_offline
from ..progress import CancelToken, Report, silent
from .checksum import file_sha256

_BLOCK = 1 << 18
_TIMEOUT_S = 30.0
_POLL_S = 0.2
_TRIES = 5
_WORTH_A_RETRY = {408, 425, 429, 500, 502, 503, 504}


def download(
    address: str,
    target: Path,
    *,
    sha256: Optional[str] = None,
    offline: bool = False,
    report: Report = silent,
    cancel: Optional[CancelToken] = None,
    check: Optional[Callable[[Path], object]] = None,
    backoff_s: float = 1.0,
) -> str:
    """Fetch a file.

    The bytes collect in `<target>.part`, which a later call resumes if the server still has the same file (its ETag or
    modification date, by If-Range). Proxies come from the environment or the system, trust from the system's store.

    Args:
        address: http or https.
        target: Where the file goes, by a rename, once it is whole and verified.
        sha256: Expected checksum.
        offline: Refuse; the environment's `GRAFT_OFFLINE` does the same.
        report: Called with ("download", bytes so far, bytes in all or 0).
        cancel: Checked several times a second; the `.part` file stays.
        check: Called with the whole file before the rename; an error it raises discards the file.
        backoff_s: Wait before the first retry; doubled for each one after.

    Returns:
        The file's SHA-256.

    Raises:
        OfflineError: The network is switched off; no socket was opened.
        DownloadError: The server refused, the connection kept failing, or the checksum is another.
        OutputError: The disk is full or the folder cannot be written; what came so far is kept.
        Cancelled: On request.
    """
    if offline or is_offline():
        raise OfflineError(
            "a download is needed, and the offline switch is on",
            remedy="Switch it off, or bring the file with `graft models add`.",
            path=address,
        )
    if urllib.parse.urlsplit(address).scheme not in ("http", "https"):
        raise DownloadError("only http and https addresses can be fetched", path=address)
    token = cancel or CancelToken()
    job = _Job(address, target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _fetch_all(job, report, token, backoff_s)
    except OSError as error:
        if isinstance(error, GraftError):
            raise
        raise _disk_error(error, target) from error
    digest = file_sha256(job.part, token)
    if sha256 is not None and digest != sha256.lower():
        job.discard()
        raise DownloadError(
            f"the file that came has another checksum (SHA-256 {digest[:12]}…, not {sha256[:12]}…); it was discarded",
            remedy="Try again; if it happens twice, the publisher changed the file or something on the way did.",
            path=address,
        )
    if check is not None:
        try:
            check(job.part)
        except GraftError:
            job.discard()
            raise
    token.check()
    os.replace(job.part, target)
    job.discard()
    return digest


@dataclass
class _Job:
    address: str
    target: Path

    @property
    def part(self) -> Path:
        return self.target.with_name(self.target.name + ".part")

    @property
    def _note(self) -> Path:
        return self.target.with_name(self.target.name + ".part.json")

    def validator(self) -> Optional[str]:
        """Return what If-Range needs to resume the part, None where it cannot be resumed."""
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return note.get("validator") if note.get("address") == self.address and self.part.is_file() else None

    def start(self, headers: Any) -> None:  # noqa: ANN401
        etag = headers.get("ETag")
        validator = etag if etag and not etag.startswith("W/") else headers.get("Last-Modified")
        self._note.write_text(json.dumps({"address": self.address, "validator": validator}), encoding="utf-8")

    def size(self) -> int:
        return self.part.stat().st_size if self.part.is_file() else 0

    def discard(self) -> None:
        for path in (self.part, self._note):
            path.unlink(missing_ok=True)


def _fetch_all(job: _Job, report: Report, cancel: CancelToken, backoff_s: float) -> None:
    failures, before = 0, job.size()
    while True:
        try:
            if _fetch_once(job, report, cancel):
                return
            problem: Exception = ConnectionError("the connection ended early")
        except (urllib.error.URLError, http.client.HTTPException, _Dropped) as error:
            problem = error
            _raise_if_final(error, job.address)
        now = job.size()
        failures = 1 if now > before else failures + 1
        before = now
        if failures >= _TRIES:
            raise DownloadError(
                f"the connection failed {_TRIES} times ({_reason(problem)})",
                remedy="Check the network and the proxy, then run it again: it resumes where it stopped.",
                path=job.address,
            ) from problem
        until = time.monotonic() + backoff_s * 2 ** (failures - 1)
        while time.monotonic() < until:
            cancel.check()
            time.sleep(min(_POLL_S, max(0.0, until - time.monotonic())))


def _fetch_once(job: _Job, report: Report, cancel: CancelToken) -> bool:
    """Fetch what is missing, or all; returns whether the file is whole."""
    have, validator = job.size(), job.validator()
    request = urllib.request.Request(job.address, headers={"User-Agent": "graft", "Accept-Encoding": "identity"})
    if have and validator:
        request.add_header("Range", f"bytes={have}-")
        request.add_header("If-Range", validator)
    blocks = _stream(request, cancel)
    try:
        head = next(blocks)
        if not isinstance(head, _Head):
            raise _Dropped("no answer")
        resumed = head.status == 206 and head.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if head.status == 206 and not resumed:
            job.discard()
            return False
        if not resumed:
            have = 0
            job.start(head.headers)
        length = head.headers.get("Content-Length")
        total = have + int(length) if length else 0
        _check_space(job.target, total - have)
        with job.part.open("ab" if resumed else "wb") as file:
            report("download", have, total)
            for block in blocks:
                file.write(block)
                have += len(block)
                report("download", have, total)
            file.flush()
            os.fsync(file.fileno())
    except urllib.error.HTTPError as error:
        if error.code == 416:  # nothing lies beyond the part: it is the whole file, or not of this file
            if (error.headers.get("Content-Range") or "") == f"bytes */{have}":
                return True
            job.discard()
            return False
        raise
    finally:
        blocks.close()
    return total == 0 or have == total


class _Dropped(Exception):
    """The connection failed while it was read."""


@dataclass(frozen=True)
class _Head:
    status: int
    headers: Any


def _stream(request: urllib.request.Request, cancel: CancelToken) -> Generator[Any, None, None]:
    """Yield the answer's head, then its blocks; the socket waits in a thread, so that a cancel never does."""
    out: queue.Queue = queue.Queue(maxsize=16)
    stop = threading.Event()

    def put(item: object) -> None:
        while not stop.is_set():
            try:
                out.put(item, timeout=_POLL_S)
                return
            except queue.Full:
                continue

    def read() -> None:
        try:
            with trusting_opener().open(request, timeout=_TIMEOUT_S) as response:
                put(_Head(response.status, response.headers))
                while not stop.is_set() and (block := response.read(_BLOCK)):
                    put(block)
            put(None)
        except (urllib.error.URLError, http.client.HTTPException) as error:
            put(error)
        except (OSError, ValueError) as error:
            put(_Dropped(str(error) or type(error).__name__))

    threading.Thread(target=read, name="graft-download", daemon=True).start()
    try:
        while True:
            cancel.check()
            try:
                item = out.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        stop.set()


def trusting_opener(*handlers: urllib.request.BaseHandler) -> urllib.request.OpenerDirector:
    """Return what opens addresses, trusting what the operating system trusts."""
    try:
        import truststore

        context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    except ImportError:
        context = ssl.create_default_context()
    return urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), *handlers)


def _raise_if_final(error: Exception, address: str) -> None:
    if isinstance(error, urllib.error.HTTPError) and error.code not in _WORTH_A_RETRY:
        remedy = {
            401: "The publisher asks for an account: fetch it by hand and use `graft models add`.",
            403: "The publisher asks for an account: fetch it by hand and use `graft models add`.",
            404: "The file has moved: look at the model's notes in `graft models list`.",
            407: "Put the proxy's user and password into HTTPS_PROXY.",
        }.get(error.code, "Try again later, or bring the file with `graft models add`.")
        raise DownloadError(f"the server answered {error.code} {error.reason}", remedy=remedy, path=address) from error
    reason = getattr(error, "reason", None)
    if isinstance(reason, ssl.SSLCertVerificationError):
        raise DownloadError(
            f"the server's certificate is not trusted ({reason.verify_message})",
            remedy="Add your organisation's certificate to the system's store, or name its file in SSL_CERT_FILE.",
            path=address,
        ) from error


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", None) or error) or type(error).__name__


def _check_space(target: Path, needed: int) -> None:
    free = shutil.disk_usage(target.parent).free
    if needed > free:
        raise OutputError(
            f"the disk has {free / 1e6:.0f} MB left, and the file needs {needed / 1e6:.0f} MB",
            remedy="Make room, or set GRAFT_HOME to a folder on another disk.",
            path=str(target.parent),
        )


def _disk_error(error: OSError, target: Path) -> OutputError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(
            "the disk is full; what came so far is kept",
            remedy="Make room and run it again: it resumes where it stopped.",
            path=str(target.parent),
        )
    return OutputError(f"the file cannot be written ({error.strerror or error})", path=str(target))
