"""The messages that QGIS and the engine speak: one JSON object a line, ASCII, and their version.

The worker speaks first, with `Hello`. The client then sends `Request` and `Cancel` lines; for each request the worker
sends any number of `Progress` lines and ends with one `Result` or one `Failure`. Large data never crosses: results are
files, named in the result.

Standard library only, Python 3.9 syntax: this module runs inside QGIS and inside the engine.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, BinaryIO, Dict, List, Optional, Tuple, Type, Union

from .errors import ProtocolError

PROTOCOL_VERSION = 1
"""Raised whenever a message changes in a way that the other side must know of."""

MAX_LINE_BYTES = 4 * 1024 * 1024
"""The longest line that either side accepts, its newline included."""


@dataclass(frozen=True)
class Hello:
    """The first line of either side: who speaks, and in which version."""

    protocol: int = PROTOCOL_VERSION
    software: str = ""
    methods: List[str] = field(default_factory=list)
    pid: int = 0


@dataclass(frozen=True)
class Request:
    """Do `method` with `params`; `id` is chosen by the client and unique among its open requests."""

    id: str
    method: str
    params: Dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """Request `id` has done `done` of `total` units of `stage`; total 0 where it is unknown."""

    id: str
    stage: str
    done: int
    total: int


@dataclass(frozen=True)
class Result:
    """Request `id` succeeded."""

    id: str
    value: Dict[str, Any]


@dataclass(frozen=True)
class Failure:
    """Request `id` failed; `error` is `GraftError.to_dict()`, `detail` a traceback or the like.

    `id` is empty where the line could not be read far enough to find one.
    """

    id: str
    error: Dict[str, Optional[str]]
    detail: str = ""


@dataclass(frozen=True)
class Cancel:
    """Stop request `id`; it ends with a `Failure` of code "cancelled", unless it had ended before."""

    id: str


Message = Union[Hello, Request, Progress, Result, Failure, Cancel]

_TYPES: Dict[str, Type[Any]] = {
    "hello": Hello,
    "request": Request,
    "progress": Progress,
    "result": Result,
    "failure": Failure,
    "cancel": Cancel,
}
_NAMES = {cls: name for name, cls in _TYPES.items()}
_JSON_TYPES: Dict[str, Tuple[type, str]] = {
    "id": (str, "a text"),
    "method": (str, "a text"),
    "stage": (str, "a text"),
    "software": (str, "a text"),
    "detail": (str, "a text"),
    "protocol": (int, "a whole number"),
    "done": (int, "a whole number"),
    "total": (int, "a whole number"),
    "pid": (int, "a whole number"),
    "params": (dict, "an object"),
    "value": (dict, "an object"),
    "error": (dict, "an object"),
    "methods": (list, "a list"),
}


def encode(message: Message) -> bytes:
    """Return `message` as one line of ASCII JSON with its newline.

    Raises:
        ProtocolError: It holds a value that JSON lacks (NaN, an infinity, a path object), or is too long.
    """
    data = {"type": _NAMES[type(message)], **asdict(message)}
    try:
        line = json.dumps(data, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"
    except (TypeError, ValueError, RecursionError) as error:
        raise ProtocolError(f"a {data['type']} message cannot be written as JSON: {error}") from error
    if len(line) > MAX_LINE_BYTES:
        raise ProtocolError(f"a {data['type']} message of {len(line)} bytes is longer than {MAX_LINE_BYTES}")
    return line


def decode(line: Union[bytes, str]) -> Message:
    """Return the message on `line`; keys that this version does not know are ignored.

    Raises:
        ProtocolError: The line is not UTF-8, not JSON, no known message, or a field is missing or of a wrong type.
    """
    if len(line) > MAX_LINE_BYTES:
        raise ProtocolError(f"a line is longer than {MAX_LINE_BYTES} bytes")
    try:
        text = line.decode("utf-8") if isinstance(line, bytes) else line
        data = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"a line is not JSON ({error}): {_excerpt(line)}") from error
    if not isinstance(data, dict):
        raise ProtocolError(f"a line is not a JSON object: {_excerpt(line)}")
    cls = _TYPES.get(data["type"]) if isinstance(data.get("type"), str) else None
    if cls is None:
        raise ProtocolError(f"unknown message type {data.get('type')!r}")
    values = {item.name: _checked(data, item.name) for item in fields(cls) if item.name in data}
    try:
        message: Message = cls(**values)
    except TypeError as error:
        missing = [item.name for item in fields(cls) if item.name not in data]
        raise ProtocolError(f"a {data['type']} message lacks {' or '.join(missing)}") from error
    return message


def _checked(data: Dict[str, Any], name: str) -> Any:  # noqa: ANN401 - any JSON value
    kind, words = _JSON_TYPES[name]
    value = data[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ProtocolError(f"{name} of a {data['type']} message must be {words}, not {type(value).__name__}")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _excerpt(line: Union[bytes, str]) -> str:
    text = line if isinstance(line, str) else line.decode("utf-8", "replace")
    return repr(text[:80] + ("…" if len(text) > 80 else ""))


def read_line(stream: BinaryIO) -> Optional[bytes]:
    """Return the next line that is not blank, or None at the end of `stream`; memory stays bounded.

    Raises:
        ProtocolError: The line is longer than `MAX_LINE_BYTES`; it was skipped, and the next call reads the next one.
    """
    while True:
        line = stream.readline(MAX_LINE_BYTES + 1)
        if not line:
            return None
        if len(line) > MAX_LINE_BYTES:
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_LINE_BYTES)
            raise ProtocolError(f"a line is longer than {MAX_LINE_BYTES} bytes")
        if line.strip():
            return line


def check_version(hello: Hello) -> None:
    """Check that the other side speaks this version.

    Raises:
        ProtocolError: It does not.
    """
    if hello.protocol != PROTOCOL_VERSION:
        raise ProtocolError(
            f"{hello.software or 'the other side'} speaks protocol {hello.protocol}, this side {PROTOCOL_VERSION}",
            remedy="Bring the plugin and its engine to the same version: rebuild the engine's environment.",
        )
