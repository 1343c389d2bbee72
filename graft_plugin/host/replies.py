"""What servers answer while a layer is read: QGIS draws a missing tile as nothing at all, and says no more about it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Set

from qgis.core import QgsNetworkAccessManager, QgsNetworkReplyContent
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtNetwork import QNetworkReply, QNetworkRequest

from .i18n import tr

NOT_THERE = (204, 404, 410)
"""HTTP status of a tile that a server does not have: the edge of its imagery, not a fault."""

REFUSED = (400, 401, 403, 407)
"""HTTP status of an answer that asking again does not change."""

_NO_PICTURE = ("text/", "application/xml", "application/json", "application/vnd.ogc.se")
LATE_S = 0.1
"""How late the main thread may tell of an answer."""

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


_main: Any = None


def remember_main() -> None:
    """Remember the main thread's network manager; called there, before another thread reads."""
    global _main
    _main = QgsNetworkAccessManager.instance()


class Answers:
    """Collects what servers answer to this thread while the block lasts.

    QGIS 3.22 asks in this thread. Later ones fetch tiles in a thread of QGIS's own, of which only the main thread's
    manager tells, a moment late; it tells of other threads' requests too, and a failure of theirs may cost a retry.
    """

    def __init__(self) -> None:
        self._answers: Dict[str, Answer] = {}
        self._told: Set[int] = set()
        self._managers: List[Any] = []
        self._direct = False

    def __enter__(self) -> Answers:
        own = QgsNetworkAccessManager.instance()
        self._managers = [own] if _main is None or _main is own else [own, _main]
        for manager, take in zip(self._managers, (self._take_own, self._take)):
            # direct: before the call that asked returns
            manager.finished[QgsNetworkReplyContent].connect(take, Qt.ConnectionType.DirectConnection)
        return self

    def __exit__(self, *exc: object) -> None:
        for manager, take in zip(self._managers, (self._take_own, self._take)):
            manager.finished[QgsNetworkReplyContent].disconnect(take)

    def drain(self) -> List[Answer]:
        """Return what came since the last call; of an address that QGIS asked twice, the last."""
        if len(self._managers) > 1 and not self._direct:
            time.sleep(LATE_S)
        answers, self._answers = self._answers, {}
        return list(answers.values())

    def _take_own(self, reply: Any) -> None:  # noqa: ANN401 - QgsNetworkReplyContent
        self._direct = True
        self._take(reply)

    def _take(self, reply: Any) -> None:  # noqa: ANN401 - QgsNetworkReplyContent
        if reply.requestId() in self._told:  # by the other manager
            return
        self._told.add(reply.requestId())
        hidden = QUrl.UrlFormattingOption.RemoveUserInfo | QUrl.UrlFormattingOption.RemoveQuery
        status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
        good = reply.error() == QNetworkReply.NetworkError.NoError
        self._answers[reply.request().url().toString()] = Answer(
            url=reply.request().url().toString(hidden),
            status=None if status is None else int(status),
            content_type=bytes(reply.rawHeader(b"Content-Type")).decode("latin-1").lower(),
            error="" if good else reply.errorString(),
        )
