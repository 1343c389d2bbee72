"""What servers answer while a layer is read: QGIS draws a missing tile as nothing at all, and says no more about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Optional

from qgis.core import QgsNetworkAccessManager, QgsNetworkReplyContent
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtNetwork import QNetworkReply, QNetworkRequest

from .i18n import tr

NOT_THERE = (204, 404, 410)
"""HTTP status of a tile that a server does not have: the edge of its imagery, not a fault."""

REFUSED = (400, 401, 403, 407)
"""HTTP status of an answer that asking again does not change."""

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
    """Collects what servers answer to this thread while the block lasts.

    In the main thread QGIS tells of other threads' requests too; a failure of theirs may then cost a retry.
    """

    def __init__(self) -> None:
        self._answers: List[Answer] = []
        self._manager: Any = None

    def __enter__(self) -> Answers:
        self._manager = QgsNetworkAccessManager.instance()
        # direct: before the call that asked returns
        self._manager.finished[QgsNetworkReplyContent].connect(self._take, Qt.ConnectionType.DirectConnection)
        return self

    def __exit__(self, *exc: object) -> None:
        self._manager.finished[QgsNetworkReplyContent].disconnect(self._take)

    def drain(self) -> List[Answer]:
        """Return what came since the last call."""
        answers, self._answers = self._answers, []
        return answers

    def _take(self, reply: Any) -> None:  # noqa: ANN401 - QgsNetworkReplyContent
        hidden = QUrl.UrlFormattingOption.RemoveUserInfo | QUrl.UrlFormattingOption.RemoveQuery
        status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
        good = reply.error() == QNetworkReply.NetworkError.NoError
        self._answers.append(
            Answer(
                url=reply.request().url().toString(hidden),
                status=None if status is None else int(status),
                content_type=bytes(reply.rawHeader(b"Content-Type")).decode("latin-1").lower(),
                error="" if good else reply.errorString(),
            )
        )
