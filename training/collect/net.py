"""A polite HTTP client: so many requests a second, waits as long as the server says, tries again, gives up plainly."""

from __future__ import annotations

import random
import threading
import time
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Optional, TypeVar

from graft_plugin.engine.progress import CancelToken
from graft_plugin.errors import DownloadError, OfflineError
from graft_plugin.switches import is_offline

from .turns import Turns

if TYPE_CHECKING:
    import requests

T = TypeVar("T")
WORTH_A_RETRY = {408, 425, 429, 500, 502, 503, 504}
_CHUNK = 1 << 16
_LARGEST_BYTES = 64 << 20


class NotThere(Exception):
    """The server says that there is no such thing (404, 410): asking again is of no use."""


class Passing(Exception):
    """A failure that may pass.

    Args:
        reason: In words.
        wait_s: How long the server asks to wait, if it does.
        damaged: Whether the server answered well, with damaged data.
    """

    def __init__(self, reason: str, wait_s: Optional[float] = None, *, damaged: bool = False) -> None:
        super().__init__(reason)
        self.wait_s = wait_s
        self.damaged = damaged


class GaveUp(DownloadError):
    """A server kept failing at one thing, or refuses it; `damaged` where it answered well, with damaged data."""

    damaged = False


@dataclass(frozen=True)
class Politeness:
    """How a server is treated.

    Args:
        per_s: Requests a second.
        tries: Attempts at one thing that fail in a passing way.
        backoff_s: Wait after the first failure; doubled after each further one, where the server names no time.
        timeout_s: Without a byte.
        longest_wait_s: What a server may ask for; beyond it the run ends with a plain error.
    """

    per_s: float = 1.0
    tries: int = 6
    backoff_s: float = 2.0
    timeout_s: float = 30.0
    longest_wait_s: float = 3600.0


class Client:
    """Fetches bytes from one server; may be used by several threads.

    Args:
        manners: How the server is treated.
        cancel: Looked at several times a second.
    """

    def __init__(self, manners: Politeness, cancel: CancelToken) -> None:
        self.manners = manners
        self._cancel = cancel
        self._turns = Turns(manners.per_s, cancel)
        self._local = threading.local()

    def get(
        self,
        address: str,
        params: Optional[Mapping[str, str]] = None,
        check: Callable[[bytes], T] = lambda data: data,  # type: ignore[assignment,return-value]
    ) -> T:
        """Return what `check` makes of the answer's bytes; a `Passing` that it raises is tried again too.

        Raises:
            NotThere: 404 or 410.
            OfflineError: The network is switched off.
            GaveUp: The server refuses, or keeps failing.
            DownloadError: The certificate is not trusted, or the server asks to wait for hours.
            Cancelled: On request.
        """
        self._check_address(address)
        problem = Passing("no attempt")
        for attempt in range(self.manners.tries):
            if attempt:
                self._turns.wait(self._backoff(attempt, problem, address))
            self._turns.take()
            try:
                return check(self._once(address, params))
            except Passing as error:
                problem = error
        gave_up = GaveUp(
            f"the server failed {self.manners.tries} times ({problem})",
            remedy="Run it again later: it goes on where it stopped.",
            path=address,
        )
        gave_up.damaged = problem.damaged
        raise gave_up from problem

    def _once(self, address: str, params: Optional[Mapping[str, str]]) -> bytes:
        import requests

        timeout = self.manners.timeout_s
        try:
            with self._session().get(address, params=params, stream=True, timeout=(timeout, timeout)) as answer:
                _raise_for(answer, address)
                return self._read(answer)
        except requests.RequestException as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise DownloadError(
                    "the server's certificate is not trusted",
                    remedy="Add your organisation's certificate to the system's store, or name it in SSL_CERT_FILE.",
                    path=address,
                ) from None
            raise Passing(_reason(error)) from None

    def _read(self, answer: requests.Response) -> bytes:
        """Return the whole body; one that stops early or trickles for ever is a passing failure."""
        deadline = time.monotonic() + 20 * self.manners.timeout_s
        parts, size = [], 0
        for part in answer.iter_content(_CHUNK):
            self._cancel.check()
            parts.append(part)
            size += len(part)
            if size > _LARGEST_BYTES:
                raise GaveUp(f"the answer is larger than {_LARGEST_BYTES >> 20} MB", path=answer.url)
            if time.monotonic() > deadline:
                raise Passing("the answer takes too long")
        length = answer.headers.get("Content-Length")
        if length and length.isdigit() and answer.headers.get("Content-Encoding") is None and size != int(length):
            raise Passing(f"the connection ended after {size} of {length} bytes")
        return b"".join(parts)

    def _session(self) -> requests.Session:
        """Return this thread's session: connections stay open, certificates are the system's."""
        if not hasattr(self._local, "session"):
            import requests

            session = requests.Session()
            session.headers["User-Agent"] = "graft-collect (GRAFT for QGIS)"
            session.mount("https://", _adapter())
            self._local.session = session
        return self._local.session

    def _backoff(self, attempt: int, problem: Passing, address: str) -> float:
        wait = problem.wait_s
        if wait is None:
            return self.manners.backoff_s * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)
        if wait > self.manners.longest_wait_s:
            raise DownloadError(
                f"the server asks to wait {wait / 60:.0f} minutes ({problem})",
                remedy="Run it again after that: it goes on where it stopped.",
                path=address,
            )
        self._turns.hold(wait)  # the others wait too
        return wait

    @staticmethod
    def _check_address(address: str) -> None:
        if is_offline():
            what = "this address is to be fetched, and the offline switch is on"
            raise OfflineError(what, remedy="Unset GRAFT_OFFLINE.", path=address)
        if urllib.parse.urlsplit(address).scheme not in ("http", "https"):
            raise DownloadError("only http and https addresses can be fetched", path=address)


def _raise_for(answer: requests.Response, address: str) -> None:
    if answer.status_code in (404, 410):
        raise NotThere(address)
    if answer.status_code in WORTH_A_RETRY:
        reason = f"{answer.status_code} {answer.reason}"
        raise Passing(reason, retry_after_s(answer.headers.get("Retry-After")))
    if answer.status_code != 200:
        raise GaveUp(
            f"the server answered {answer.status_code} {answer.reason}",
            remedy="Check the address and the key.",
            path=address,
        )


def retry_after_s(value: Optional[str], now: Optional[datetime] = None) -> Optional[float]:
    """Return the seconds that a Retry-After asks for, given as a number or as a date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())


def _adapter() -> Any:  # noqa: ANN401
    import ssl

    from requests.adapters import HTTPAdapter

    try:
        import truststore

        context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    except ImportError:
        context = ssl.create_default_context()

    class SystemTrust(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
            super().init_poolmanager(*args, ssl_context=context, **kwargs)

    return SystemTrust()


def _reason(error: requests.RequestException) -> str:
    """Return why a request failed; never the library's own text, which holds the address and so the key."""
    import requests

    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return "the server does not answer"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection ended early"
    if isinstance(error, requests.ConnectionError):
        refused = "refused" in str(error)
        return "the connection was refused" if refused else "the connection failed"
    return type(error).__name__
