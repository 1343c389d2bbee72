"""The client of chat endpoints against a real server of this machine that speaks the protocol, its faults included."""

from __future__ import annotations

import json
import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

import pytest

from graft_plugin.engine.ask.requests import Endpoint
from graft_plugin.engine.ask.writer import EXAMPLE, Talk, plan_in
from graft_plugin.engine.progress import CancelToken
from graft_plugin.errors import Cancelled, EndpointError, OfflineError, PlanError

from ...servers import serving

KEY = "sk-secret-0123456789"
QUESTION = "How many ponds lie within 100 m of a road?"


@dataclass
class Replies:
    """What a server is to answer, in turn (the last one again and again), and what it was asked.

    Attributes:
        turns: (status, headers, body) or a function of the handler.
        bodies: The requests' JSON.
        heads: Their headers.
    """

    turns: list
    bodies: list = field(default_factory=list)
    heads: list = field(default_factory=list)
    paths: list = field(default_factory=list)

    def handler(self, *args):
        replies = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                replies.paths.append(self.path)
                replies.heads.append(dict(self.headers))
                replies.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                turn = replies.turns[min(len(replies.bodies), len(replies.turns)) - 1]
                if callable(turn):
                    turn(self)
                    return
                status, headers, body = turn
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body if isinstance(body, bytes) else body.encode())

            def do_GET(self):
                replies.paths.append(self.path)
                self.send_error(500)

            def log_message(self, *args):
                pass

        return Handler(*args)


def whole(content) -> tuple:
    reply = {"id": "1", "choices": [{"index": 0, "message": {"role": "assistant", "content": content}}], "usage": {}}
    return 200, {"Content-Type": "application/json"}, json.dumps(reply)


def as_json(plan: str) -> str:
    return json.dumps({"plan": plan})


def streamed(content: str, size: int = 7) -> tuple:
    events = [{"choices": [{"delta": {"role": "assistant"}}]}]
    events += [{"choices": [{"delta": {"content": content[i : i + size]}}]} for i in range(0, len(content), size)]
    events += [{"choices": [{"delta": {}, "finish_reason": "stop"}]}, {"choices": [], "usage": {"total_tokens": 9}}]
    lines = [f"data: {json.dumps(event)}\n\n" for event in events]
    return 200, {"Content-Type": "text/event-stream"}, ": ping\n\n" + "".join(lines) + "data: [DONE]\n\n"


def fault(status: int, message: str = "", **headers) -> tuple:
    return status, {"Content-Type": "application/json", **headers}, json.dumps({"error": {"message": message}})


def ask(
    replies: Replies, *, cancel: CancelToken | None = None, dated: bool = False, timeout_s: float = 5.0, path="/v1"
):
    with serving(replies.handler, path) as url:
        endpoint = Endpoint(url, "tiny", KEY, timeout_s)
        talk = Talk(endpoint, QUESTION, dated=dated, offline=False, cancel=cancel or CancelToken())
        return talk.plan()


@pytest.mark.parametrize(
    "content",
    [
        as_json(EXAMPLE),
        json.dumps({"plan": EXAMPLE, "why": "…"}, indent=2),
        f"<think>{{a}} answer(1)</think>\n{as_json(EXAMPLE)}",
        f"Here is the plan:\n```json\n{as_json(EXAMPLE)}\n```\nEnjoy.",
        f"```python\n{EXAMPLE}\n```",
        EXAMPLE,
    ],
)
@pytest.mark.parametrize("form", [whole, streamed])
def test_a_plan_comes_out_of_every_form_of_reply(form, content, direct):
    replies = Replies([form(content)])
    assert ask(replies) == EXAMPLE + "\n"
    (asked,) = replies.bodies
    assert replies.paths == ["/v1/chat/completions"] and replies.heads[0]["Authorization"] == f"Bearer {KEY}"
    assert asked["model"] == "tiny" and asked["response_format"]["type"] == "json_schema" and asked["stream"] is True
    system, user = asked["messages"]
    assert user == {"role": "user", "content": QUESTION}  # and nothing of the imagery
    assert "near(a, b, metres): " in system["content"] and "compare cannot be used" in system["content"]


def test_a_whole_address_is_taken_as_it_is(direct):
    replies = Replies([whole(as_json(EXAMPLE))])
    ask(replies, path="/api/chat/completions")
    assert replies.paths == ["/api/chat/completions"]


def test_a_server_without_structured_output_or_streams_is_asked_again_without(direct):
    replies = Replies([fault(400, "response_format"), fault(422, "stream"), whole(as_json(EXAMPLE))])
    assert ask(replies) == EXAMPLE + "\n"
    kinds = [("response_format" in body, "stream" in body, "temperature" in body) for body in replies.bodies]
    assert kinds == [(True, True, True), (False, True, False), (False, False, False)]


def test_a_bad_plan_is_repaired_once_with_its_error(direct):
    bad = "import os\nanswer(1)"
    replies = Replies([whole(as_json(bad)), streamed(as_json(EXAMPLE))])
    assert ask(replies) == EXAMPLE + "\n"
    again = replies.bodies[1]["messages"]
    assert len(again) == 4 and "import os" in again[2]["content"] and again[2]["role"] == "assistant"
    assert "line 1 of the plan: import is not in the plan language" in again[3]["content"]
    stubborn = Replies([whole(as_json(bad))])
    with pytest.raises(PlanError, match="import is not in the plan language"):
        ask(stubborn)
    assert len(stubborn.bodies) == 2


def test_two_dates_only_where_there_are_two(direct):
    plan = 'answer(count(gained(compare(before, after, "pond"))))\n'
    with pytest.raises(PlanError, match="only one raster"):
        ask(Replies([whole(as_json(plan))]))
    replies = Replies([whole(as_json(plan))])
    assert ask(replies, dated=True) == plan and "two dates" in replies.bodies[0]["messages"][0]["content"]


def test_an_error_found_in_running_is_repaired_and_the_second_is_told(direct):
    with serving(Replies([whole(as_json(EXAMPLE)), whole(as_json("answer(2)"))]).handler, "/v1") as url:
        talk = Talk(Endpoint(url, "tiny", KEY), QUESTION, dated=False, offline=False, cancel=CancelToken())
        first, error = talk.plan(), PlanError("near needs metres", line=3)
        assert talk.mended(first, error) == "answer(2)\n"
        with pytest.raises(PlanError) as caught:
            talk.mended("answer(2)\n", error)
        assert caught.value is error


def _slow(handler):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.flush()
    time.sleep(3)


def _broken(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'data: {"choices": [{"delta"')


def _hung_up(handler):
    handler.connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (fault(401, f"Incorrect API key: {KEY}"), "does not accept the key (401): Incorrect API key: …"),
        (fault(403, "no"), "does not allow this (403)"),
        (fault(404, "model 'tiny' not found"), "no such address or model (404): model 'tiny' not found"),
        (fault(429, "slow down", **{"Retry-After": "20"}), "Wait 20 s"),
        (fault(400, "no"), "does not take the question (400)"),
        (fault(500, "out of memory"), "failed (500): out of memory"),
        ((502, {}, "<html>Bad   gateway</html>"), "failed (502): <html>Bad gateway</html>"),
        ((302, {"Location": "http://127.0.0.1:9/steal"}, ""), "has moved (302)"),
        ((200, {}, "<html>hello</html>"), "not of OpenAI's chat protocol: '<html>hello</html>'"),
        ((200, {}, ""), "not of OpenAI's chat protocol"),
        ((200, {}, "[" * 5000), "not of OpenAI's chat protocol"),
        ((200, {}, b"\xff\xfe\x00"), "not of OpenAI's chat protocol"),
        ((200, {}, '{"choices": []}'), "not of OpenAI's chat protocol"),
        ((200, {}, '{"choices": [{"message": {"content": [1]}}]}'), "not of OpenAI's chat protocol"),
        ((200, {}, f'{{"error": {{"message": "bad {KEY}"}}}}'), "the endpoint says: bad …"),
        ((200, {}, 'data: {"choices": [{"delta": {"content": "a"}}]}\n\ndata: {oops\n\n'), "chat protocol: '{oops'"),
        ((200, {}, 'data: {"error": "overloaded"}\n\n'), "the endpoint says: overloaded"),
        (whole(None), "reply is empty"),
        (whole("  "), "reply is empty"),
        (whole("I cannot help with that."), "without a plan: “I cannot help with that.”"),
        ((200, {}, b"data: " + b"x" * 1_100_000), "longer than 1000000 bytes"),
        (_slow, "was silent for 0.5 s"),
        (_broken, "chat protocol"),
        (_hung_up, "broke the connection off"),
    ],
)  # fmt: skip
def test_every_fault_is_one_plain_error_without_the_key(turn, words, direct):
    replies = Replies([turn])
    with pytest.raises((EndpointError, PlanError)) as caught:
        ask(replies, timeout_s=0.5)
    assert words in str(caught.value)
    assert KEY not in str(caught.value) + repr(caught.value.to_dict()) and "\n" not in str(caught.value)
    assert not any("steal" in path for path in replies.paths)


def test_nobody_there_and_no_such_name(direct):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(EndpointError, match="does not answer"):
        Talk(Endpoint(url, "tiny", KEY), QUESTION, dated=False, offline=False, cancel=CancelToken()).plan()


@pytest.mark.parametrize("by_environment", [True, False])
def test_offline_opens_no_socket_and_this_machine_is_no_network(by_environment, direct, monkeypatch):
    if by_environment:
        monkeypatch.setenv("GRAFT_OFFLINE", "1")
    with serving(Replies([whole(as_json(EXAMPLE))]).handler, "/v1") as url:
        here = Talk(Endpoint(url, "m", KEY), QUESTION, dated=False, offline=not by_environment, cancel=CancelToken())
        assert here.plan()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("a name was looked up"))
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a socket was opened"))
    for url in ("https://api.example.com/v1", "http://192.0.2.1/v1", "http://localhost.example.com/v1"):
        far = Talk(Endpoint(url, "m", KEY), QUESTION, dated=False, offline=not by_environment, cancel=CancelToken())
        with pytest.raises(OfflineError, match="offline switch"):
            far.plan()


def test_a_cancel_does_not_wait_for_the_server(direct):
    cancel = CancelToken()
    threading.Timer(0.3, cancel.cancel).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        ask(Replies([_slow]), cancel=cancel, timeout_s=60)
    assert time.monotonic() - started < 1.0


def test_a_slow_stream_is_no_dead_one(direct):
    """Each event comes within the time-out; all of them together take longer."""

    def trickle(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        for line in streamed(as_json(EXAMPLE), 40)[2].split("\n\n"):
            handler.wfile.write(f"{line}\n\n".encode())
            handler.wfile.flush()
            time.sleep(0.15)

    assert ask(Replies([trickle]), timeout_s=0.6) == EXAMPLE + "\n"


def test_prose_is_no_plan():
    assert plan_in("I would answer three.") is None
    assert plan_in('{"plan": ""}') is None
    assert plan_in("answer(" * 3000) is None
