"""What servers answer while a layer is read: QGIS draws a missing tile as nothing at all, and says no more about it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Set

from qgis.core import QgsNetworkAccessManager, QgsNetworkReplyContent
from qgis.PyQt.QtCore import QCoreApplication, QEventLoop, Qt, QUrl
from qgis.PyQt.QtNetwork import QNetworkReply, QNetworkRequest

from .i18n import tr

NOT_THERE = (204, 404, 410)
"""HTTP status of a tile that a server does not have: the edge of its imagery, not a fault."""

REFUSED = (400, 401, 403, 407)
"""HTTP status of an answer that asking again does not change."""

LATE_S = 1.0
"""How long is waited for answers at most."""

QUIET_S = 0.1
"""No answer for so long: all have come."""

_STEP_S = 0.01
_HIDDEN = QUrl.UrlFormattingOption.RemoveUserInfo | QUrl.UrlFormattingOption.RemoveQuery
_NO_PICTURE = ("text/", "application/xml", "application/json", "application/vnd.ogc.se")
_LATE = (502, 503, 504)


@dataclass(frozen=True)
class Answer:
    """One answer of a server.

    Attributes:
        url: What was asked, without its query, user and password, which may hold a secret.
        status: HTTP status; None where there was none.
        content_type: What came, or empty.
        error: Qt's words for what went wrong; empty where nothing did.
    """

    url: str
    status: Optional[int]
    content_type: str = ""
    error: str = ""

    @property
    def missing(self) -> bool:
        """Whether the server has nothing at this place."""
        return self.status in NOT_THERE or (self.status is None and self.url.startswith("file:") and bool(self.error))

    @property
    def failed(self) -> bool:
        """Whether what came is no answer to what was asked."""
        if self.missing or (self.status is not None and 300 <= self.status < 400):
            return False
        return bool(self.error) or self.content_type.startswith(_NO_PICTURE)

    @property
    def refused(self) -> bool:
        """Whether asking again is in vain."""
        return self.status in REFUSED

    @property
    def reason(self) -> str:
        """What went wrong, to follow "the server"."""
        if self.status in (401, 403, 407):
            return tr("refuses access (HTTP {})").format(self.status)
        if self.status == 429:
            return tr("asks for fewer requests (HTTP 429)")
        if self.status in _LATE:
            return tr("is overloaded or down (HTTP {})").format(self.status)
        if self.status is not None and self.status >= 400:
            return tr("answers with an error (HTTP {})").format(self.status)
        if self.error:
            return tr("cannot be reached ({})").format(self.error)
        return tr("answers with {} instead of a picture").format(self.content_type)


class Answers:
    """Collects what servers answer to one layer's requests while the block lasts.

    Up to QGIS 3.2x tiles are asked for in this thread, and each answer is known before the call that asked returns;
    later versions ask in a thread of their own, whose answers come by way of the main thread, a moment later.

    Args:
        main: The main thread's `QgsNetworkAccessManager`, which hears of every request in this QGIS.
        address: The layer's, without query: up to a tile's numbers, or but for the path, it tells which are its own.
    """

    def __init__(self, main: Any, address: str) -> None:  # noqa: ANN401 - QgsNetworkAccessManager
        self._main = main
        self._own: Any = None
        tile = address.find("{")
        self._prefix = address[:tile] if tile > 0 else "/".join(address.split("/")[:3])
        self._lock = threading.Lock()
        self._seen: Set[int] = set()
        self._last: Dict[str, Answer] = {}

    def __enter__(self) -> Answers:
        self._own = QgsNetworkAccessManager.instance()
        direct = Qt.ConnectionType.DirectConnection  # before the call that asked returns
        self._main.finished[QgsNetworkReplyContent].connect(self._take_ours, direct)
        if not self._in_main:
            self._own.finished[QgsNetworkReplyContent].connect(self._take, direct)
        return self

    def __exit__(self, *exc: object) -> None:
        self._main.finished[QgsNetworkReplyContent].disconnect(self._take_ours)
        if not self._in_main:
            self._own.finished[QgsNetworkReplyContent].disconnect(self._take)

    def drain(self) -> List[Answer]:
        """Return the last answer to each request that came since the last call."""
        with self._lock:
            answers, self._last = list(self._last.values()), {}
        return answers

    def wait(self, stopped: Callable[[], bool]) -> None:
        """Give answers that are on their way the time to come: some pixels are missing, and nobody has said why yet."""
        until = time.monotonic() + LATE_S
        quiet_since, known = time.monotonic(), len(self._last)
        while time.monotonic() < until and not stopped():
            if known and time.monotonic() - quiet_since > QUIET_S:
                return
            if self._in_main:
                QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
            time.sleep(_STEP_S)
            if len(self._last) != known:
                quiet_since, known = time.monotonic(), len(self._last)

    @property
    def _in_main(self) -> bool:
        return bool(self._own == self._main)

    def _take_ours(self, reply: Any) -> None:  # noqa: ANN401 - QgsNetworkReplyContent
        if reply.request().url().toString(_HIDDEN).startswith(self._prefix):
            self._take(reply)

    def _take(self, reply: Any) -> None:  # noqa: ANN401 - QgsNetworkReplyContent
        url = reply.request().url()
        status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
        good = reply.error() == QNetworkReply.NetworkError.NoError
        answer = Answer(
            url=url.toString(_HIDDEN),
            status=None if status is None else int(status),
            content_type=bytes(reply.rawHeader(b"Content-Type")).decode("latin-1").lower(),
            error="" if good else reply.errorString(),
        )
        with self._lock:
            if reply.requestId() not in self._seen:  # each is heard of in its own thread and in the main one
                self._seen.add(reply.requestId())
                self._last[url.toString()] = answer
