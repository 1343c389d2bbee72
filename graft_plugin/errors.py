"""Errors that cross the protocol as data: each says what went wrong, with which file, and what to do."""

from __future__ import annotations

from typing import ClassVar, Dict, Optional, Type


class GraftError(Exception):
    """A failure that the user can understand and act on.

    Args:
        message: What went wrong, in one plain sentence.
        remedy: What the user can do about it, in one plain sentence; may be empty.
        path: The file or address concerned, if any.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, remedy: str = "", path: Optional[str] = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.path = path

    def __str__(self) -> str:
        """Return one line: the file, what went wrong, the remedy."""
        text = self.message
        if self.path and self.path not in text:
            text = f"{self.path}: {text}"
        if self.remedy:
            text = f"{text.rstrip('.')}. {self.remedy}"
        return text

    def to_dict(self) -> Dict[str, Optional[str]]:
        """Return the error as JSON-ready data."""
        return {"code": self.code, "message": self.message, "remedy": self.remedy, "path": self.path}


class UsageError(GraftError, ValueError):
    """A parameter is missing, malformed or contradictory."""

    code = "usage"


class SceneError(GraftError, ValueError):
    """A raster cannot be opened, placed or read as a scene."""

    code = "scene"


class CheckpointError(GraftError, ValueError):
    """A model file is truncated, unsafe, or not what its entry says."""

    code = "checkpoint"


class DownloadError(GraftError, OSError):
    """A model file could not be fetched."""

    code = "download"


class OfflineError(DownloadError):
    """A network call was needed while the offline switch is on."""

    code = "offline"


class StoreError(GraftError, OSError):
    """The embedding store cannot be read or written."""

    code = "store"


class OutputError(GraftError, OSError):
    """A result could not be written; what was there before is untouched."""

    code = "output"


class ProtocolError(GraftError, ValueError):
    """A message is malformed, or the two processes speak different versions."""

    code = "protocol"


class EngineError(GraftError, OSError):
    """The engine's process cannot be found or started, or ended in mid-work."""

    code = "engine"


class PlanError(GraftError, ValueError):
    """A question is not understood, or its plan is not in the plan language or breaks a limit.

    Args:
        message: As for `GraftError`; `line`, where there is one, is put before it.
        line: 1-based line of the plan.
    """

    code = "plan"

    def __init__(
        self, message: str, *, remedy: str = "", path: Optional[str] = None, line: Optional[int] = None
    ) -> None:
        super().__init__(message if line is None else f"line {line} of the plan: {message}", remedy=remedy, path=path)
        self.line = line


class EndpointError(GraftError, OSError):
    """A chat endpoint cannot be reached, refuses, or answers with what is no plan."""

    code = "endpoint"


class Cancelled(GraftError):
    """The user stopped the work; nothing half-written is left."""

    code = "cancelled"

    def __init__(self, message: str = "cancelled", *, remedy: str = "", path: Optional[str] = None) -> None:
        super().__init__(message, remedy=remedy, path=path)


def _subclasses(base: Type[GraftError]) -> Dict[str, Type[GraftError]]:
    found = {base.code: base}
    for sub in base.__subclasses__():
        found.update(_subclasses(sub))
    return found


def from_dict(data: Dict[str, Optional[str]]) -> GraftError:
    """Rebuild the error that `GraftError.to_dict` described; an unknown code gives a plain GraftError."""
    cls = _subclasses(GraftError).get(str(data.get("code")), GraftError)
    return cls(str(data.get("message") or "unknown error"), remedy=str(data.get("remedy") or ""), path=data.get("path"))
