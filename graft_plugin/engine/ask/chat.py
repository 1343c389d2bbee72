"""One exchange with a chat endpoint that speaks OpenAI's protocol, by the standard library; the key shows nowhere.

The reply is asked for as a stream, so that a slow model is not taken for a dead one; a server that answers in one piece
is understood as well. A server that does not know structured output or streams is asked again without.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import queue
import ssl
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ...errors import EndpointError, OfflineError
from ...switches import is_offline
from ..encoders.fetch import trusting_opener
from ..progress import CancelToken
from .requests import Endpoint

MAX_REPLY_BYTES = 1_000_000
PATIENCE = 10
"""A whole reply may take so many times the longest silence."""
_POLL_S = 0.1
_REFUSES_A_FIELD = (400, 415, 422, 500, 501)
_SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "plan",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"plan": {"type": "string"}},
            "required": ["plan"],
            "additionalProperties": False,
        },
    },
}
_WAYS: tuple[dict[str, Any], ...] = (
    {"temperature": 0, "stream": True, "response_format": _SCHEMA},
    {"stream": True},
    {},
)


@dataclass(frozen=True)
class _Refused:
    """What a server answered instead of a reply."""

    status: int
    said: str
    wait_s: str


def chat(endpoint: Endpoint, messages: list[dict[str, str]], *, offline: bool, cancel: CancelToken) -> str:
    """Return the text of the model's reply.

    Args:
        endpoint: Who is asked.
        messages: Of OpenAI's roles: system, user, assistant.
        offline: Refuse, unless the endpoint is on this machine; the environment's `GRAFT_OFFLINE` does the same.
        cancel: Looked at ten times a second; the connection is then left alone.

    Raises:
        OfflineError: The endpoint is on another machine, and the network is switched off; no socket was opened.
        EndpointError: It cannot be reached, refuses, falls silent, or its reply is malformed.
        Cancelled: On request.
    """
    if (offline or is_offline()) and not _is_here(endpoint):
        raise OfflineError(
            "the endpoint is on another machine, and the offline switch is on",
            remedy="Switch it off, choose a server on this machine, or leave the endpoint out.",
            path=endpoint.url,
        )
    for number, way in enumerate(_WAYS, start=1):
        reply = _exchange(endpoint, {"model": endpoint.model, "messages": messages, **way}, cancel)
        if isinstance(reply, str):
            return reply
        if reply.status not in _REFUSES_A_FIELD or number == len(_WAYS):
            raise _refusal(endpoint, reply)
    raise AssertionError("unreachable")


def _exchange(endpoint: Endpoint, body: dict[str, Any], cancel: CancelToken) -> str | _Refused:
    """Ask once; the socket waits in a thread, so that a cancel never does."""
    out: queue.SimpleQueue[str | _Refused | EndpointError] = queue.SimpleQueue()
    stop = threading.Event()

    def work() -> None:
        try:
            out.put(_ask(endpoint, body, stop))
        except EndpointError as error:
            out.put(error)
        except Exception as error:  # the edge of the thread: whatever the network did is told, without the key
            out.put(_problem(endpoint, error))

    threading.Thread(target=work, name="graft-endpoint", daemon=True).start()
    try:
        while True:
            cancel.check()
            try:
                reply = out.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if isinstance(reply, EndpointError):
                raise reply
            return reply
    finally:
        stop.set()


def _ask(endpoint: Endpoint, body: dict[str, Any], stop: threading.Event) -> str | _Refused:
    address = endpoint.url.rstrip("/")
    if not address.endswith("/chat/completions"):
        address += "/chat/completions"
    headers = {
        "Content-Type": "application/json",
        "Accept": "text/event-stream, application/json",
        "User-Agent": "graft",
    }
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    request = urllib.request.Request(address, json.dumps(body).encode(), headers, method="POST")
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if _is_here(endpoint):
        handlers.append(urllib.request.ProxyHandler({}))
    try:
        with trusting_opener(*handlers).open(request, timeout=endpoint.timeout_s) as response:
            return _read(endpoint, response, stop)
    except urllib.error.HTTPError as error:
        with error:
            said = _message(error.read(20_000).decode("utf-8", "replace"))
        return _Refused(error.code, _without_key(endpoint, said), error.headers.get("Retry-After") or "")


def _read(endpoint: Endpoint, response: http.client.HTTPResponse, stop: threading.Event) -> str:
    """Read a reply, in one piece or as a stream of events."""
    until, size, lines = time.monotonic() + PATIENCE * endpoint.timeout_s, 0, []
    for line in iter(lambda: response.readline(MAX_REPLY_BYTES), b""):
        size += len(line)
        if stop.is_set() or time.monotonic() > until or size > MAX_REPLY_BYTES:
            long = f"longer than {MAX_REPLY_BYTES} bytes" if size > MAX_REPLY_BYTES else "never complete"
            raise EndpointError(f"the endpoint's reply is {long}", remedy="Choose another model.", path=endpoint.url)
        text = line.decode("utf-8", "replace").strip()
        if text == "data: [DONE]":
            break
        lines.append(text)
    events = [line[5:].strip() for line in lines if line.startswith("data:")]
    parts = (
        [_content(endpoint, event, "delta") for event in events]
        if events
        else [_content(endpoint, "\n".join(lines), "message")]
    )
    whole = "".join(parts)
    if not whole.strip():
        raise EndpointError("the endpoint's reply is empty", remedy="Choose another model.", path=endpoint.url)
    return whole


def _content(endpoint: Endpoint, text: str, holder: str) -> str:
    """Return the text in a completion, or in one event of its stream."""
    try:
        data = json.loads(text)
        if isinstance(data, dict) and data.get("error"):
            said = _without_key(endpoint, _message(text))
            raise EndpointError(f"the endpoint says: {said}", remedy="Look at its log.", path=endpoint.url)
        choices = data["choices"]
        if holder == "delta" and not choices:  # the event that counts tokens
            return ""
        part = choices[0].get(holder) or choices[0].get("message") or {}
        content = part.get("content")
        if content is not None and not isinstance(content, str):
            raise TypeError
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise EndpointError(
            f"the endpoint's reply is not of OpenAI's chat protocol: {_without_key(endpoint, text[:80])!r}",
            remedy="Check the address: it usually ends in /v1.",
            path=endpoint.url,
        ) from None
    return content or ""


def _message(text: str) -> str:
    """Return what a server says of an error, in a line."""
    try:
        error = json.loads(text)["error"]
        text = str(error["message"] if isinstance(error, dict) else error)
    except (ValueError, LookupError, TypeError, RecursionError):
        pass
    return " ".join(text.split())[:200]


def _refusal(endpoint: Endpoint, reply: _Refused) -> EndpointError:
    said = f": {reply.said}" if reply.said else ""
    wait = f"Wait {reply.wait_s} s, then ask again." if reply.wait_s.isdigit() else "Wait a moment, then ask again."
    message, remedy = {
        401: ("the endpoint does not accept the key", "Check the key."),
        403: ("the endpoint does not allow this", "Check the key, and what it is allowed."),
        404: (
            "the endpoint has no such address or model",
            "Check the address, which usually ends in /v1, and the model.",
        ),
        407: ("the proxy wants a user and password", "Put them into HTTPS_PROXY."),
        408: ("the endpoint gave up waiting", wait),
        429: ("the endpoint gets too many requests, or the account has no credit left", wait),
    }.get(reply.status, ("the endpoint failed", "Look at its log, or ask again later."))
    if 300 <= reply.status < 400:
        message, remedy = "the endpoint has moved", "Give its new address; a key is sent to no other."
    if 400 <= reply.status < 500 and message == "the endpoint failed":
        message, remedy = "the endpoint does not take the question", "Check its address and the model."
    return EndpointError(f"{message} ({reply.status}){said}", remedy=remedy, path=endpoint.url)


def _problem(endpoint: Endpoint, error: Exception) -> EndpointError:
    """Return what the network did, in words."""
    cause = getattr(error, "reason", None) or error
    if isinstance(cause, TimeoutError):
        said, remedy = f"was silent for {endpoint.timeout_s:g} s", "Ask again, or choose a smaller model."
    elif isinstance(cause, ConnectionRefusedError):
        said, remedy = "does not answer", "Start the server, and check the address and port."
    elif isinstance(cause, ssl.SSLCertVerificationError):
        said = f"has a certificate that is not trusted ({cause.verify_message})"
        remedy = "Add your organisation's certificate to the system's store."
    elif isinstance(cause, (http.client.HTTPException, ConnectionError)):
        said, remedy = f"broke the connection off ({type(cause).__name__})", "Look at its log, and ask again."
    else:
        said = f"cannot be reached ({_without_key(endpoint, str(cause))[:200]})"
        remedy = "Check the address and the network."
    return EndpointError(f"the endpoint {said}", remedy=remedy, path=endpoint.url)


def _without_key(endpoint: Endpoint, text: str) -> str:
    return text.replace(endpoint.key, "…") if endpoint.key else text


def _is_here(endpoint: Endpoint) -> bool:
    """Return whether the endpoint is on this machine: then it is no network."""
    host = urlsplit(endpoint.url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: the key would go along."""

    def redirect_request(self, *args: object, **more: object) -> None:
        """Return no request."""
