"""The worker as a real process: handshake, errors as data, cancel, a clean stdout, and its end."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from graft_plugin import protocol
from graft_plugin.protocol import Cancel, Failure, Hello, Progress, Request, Result

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = '''
import os, sys, time
from graft_plugin.engine.serve import serve
from graft_plugin.errors import SceneError
from graft_plugin.engine.outputs import Staging
from pathlib import Path

def count(params, report, cancel):
    for i in range(params["n"]):
        cancel.check()
        report("encode", i, params["n"])
        time.sleep(0.002)
    return {"n": params["n"]}

def deaf(params, report, cancel):
    report(params["stage"], 0, 0)
    with Staging() as staging:
        staging.place(Path(params["target"])).write_text("half")
        time.sleep(params["seconds"])
        cancel.check()
        staging.commit()
    return {}

def noisy(params, report, cancel):
    print("a library prints")
    os.write(1, b'{"type":"result","id":"x","value":{}}\\n')
    os.system("echo a child prints")
    return {"stdin": sys.stdin.readline()}

def wrong(params, report, cancel):
    raise {"bug": KeyError("oops"), "exit": SystemExit(3)}.get(params["how"]) or SceneError("no CRS", path="a.tif")

def nan(params, report, cancel):
    return {"x": float("nan")}

sys.exit(serve({"count": count, "deaf": deaf, "noisy": noisy, "wrong": wrong, "nan": nan}))
'''


class Client:
    """A worker process, and the messages that it sent, with their times."""

    def __init__(self, words=("-c", SCRIPT), env=None):
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-X", "utf8", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=env,
        )
        self.messages = queue.SimpleQueue()
        self.hang_up = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.messages.put((time.monotonic(), protocol.decode(line)))
            if self.hang_up:
                break
        self.process.stdout.close()
        self.messages.put((time.monotonic(), None))

    def send(self, message):
        self.write(protocol.encode(message))

    def write(self, line):
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def next(self, timeout=20):
        return self.messages.get(timeout=timeout)[1]

    def until(self, kind, timeout=20):
        while not isinstance(message := self.next(timeout), kind):
            assert message is not None, "the worker ended"
        return message

    def end(self):
        self.process.stdin.close()
        started = time.monotonic()
        status = self.process.wait(20)
        return status, time.monotonic() - started


@pytest.fixture
def client():
    client = Client()
    yield client
    client.process.kill()
    client.process.wait()
    for stream in (client.process.stdin, client.process.stderr):
        stream.close()


def test_hello_comes_first_and_names_the_version_and_the_methods(client):
    hello = client.next()
    assert isinstance(hello, Hello)
    protocol.check_version(hello)
    assert hello.software.startswith("graft ")
    assert hello.pid == client.process.pid
    assert {"ping", "query", "models", "shutdown", "count"} <= set(hello.methods)


def test_another_version_is_answered_with_the_remedy(client):
    client.next()
    client.send(Hello(protocol=99, software="plugin 9"))
    failure = client.next()
    assert failure.error["code"] == "protocol"
    assert "plugin 9 speaks protocol 99" in failure.error["message"]
    assert "same version" in failure.error["remedy"]


def test_ping_is_answered_at_once_also_in_mid_work(client):
    client.next()
    client.send(Request(id="p0", method="ping"))
    assert client.next() == Result(id="p0", value={"pong": True, "busy": False})
    client.send(Request(id="work", method="count", params={"n": 100_000}))
    client.until(Progress)
    started = time.monotonic()
    client.send(Request(id="p1", method="ping"))
    assert client.until(Result) == Result(id="p1", value={"pong": True, "busy": True})
    assert time.monotonic() - started < 0.5


def test_progress_is_throttled_and_the_result_ends_it(client):
    client.next()
    client.send(Request(id="1", method="count", params={"n": 400}))
    times = []
    while True:
        at, message = client.messages.get(timeout=20)
        if isinstance(message, Result):
            break
        assert message.id == "1" and message.stage == "encode" and message.total == 400
        times.append(at)
    assert message == Result(id="1", value={"n": 400})
    assert 3 <= len(times) <= 2 + 10 * (times[-1] - times[0] + 0.2)


def test_cancel_stops_the_running_and_the_waiting_request_and_no_other(client):
    client.next()
    for name in ("running", "waiting", "last"):
        client.send(Request(id=name, method="count", params={"n": 30 if name == "last" else 100_000}))
    client.until(Progress)
    started = time.monotonic()
    client.send(Cancel(id="waiting"))
    client.send(Cancel(id="running"))
    client.send(Cancel(id="never heard of"))
    ends = [client.until((Failure, Result)) for _ in range(3)]
    assert time.monotonic() - started < 1.0
    assert {end.id: end.error["code"] for end in ends if isinstance(end, Failure)} == {
        "running": "cancelled",
        "waiting": "cancelled",
    }
    assert ends[-1] == Result(id="last", value={"n": 30})


def test_a_cancelled_request_does_not_wait_for_libraries_to_load(client, tmp_path):
    client.next()
    target = tmp_path / "out.tif"
    client.send(Request(id="1", method="deaf", params={"stage": "load", "seconds": 3, "target": str(target)}))
    client.until(Progress)
    started = time.monotonic()
    client.send(Cancel(id="1"))
    assert client.until(Failure).error["code"] == "cancelled"
    assert time.monotonic() - started < 1.0
    client.send(Request(id="2", method="count", params={"n": 1}))
    assert client.until(Result) == Result(id="2", value={"n": 1})
    assert list(tmp_path.iterdir()) == []


def test_prints_of_libraries_and_children_cannot_break_the_protocol(client):
    client.next()
    client.send(Request(id="1", method="noisy"))
    assert client.next() == Result(id="1", value={"stdin": ""})
    client.send(Request(id="2", method="shutdown"))
    assert client.next() == Result(id="2", value={})
    assert client.next() is None
    assert client.process.wait(60) == 0
    noise = client.process.stderr.read()
    assert b"a library prints" in noise and b"a child prints" in noise


def test_errors_are_data_and_the_worker_lives_on(client):
    client.next()
    client.send(Request(id="1", method="wrong", params={"how": "scene"}))
    failure = client.next()
    assert failure == Failure(
        id="1", error={"code": "scene", "message": "no CRS", "remedy": "", "path": "a.tif"}, detail=""
    )
    client.send(Request(id="2", method="wrong", params={"how": "bug"}))
    failure = client.next()
    assert failure.error["code"] == "bug" and "KeyError" in failure.error["message"]
    assert 'raise {"bug"' in failure.detail or "in wrong" in failure.detail
    client.send(Request(id="3", method="wrong", params={"how": "exit"}))
    assert client.next().error["code"] == "bug"
    client.send(Request(id="4", method="nan"))
    assert client.next().error["code"] == "protocol"
    client.send(Request(id="5", method="dance"))
    failure = client.next()
    assert failure.error["message"] == "unknown method 'dance'" and "query" in failure.error["remedy"]
    client.send(Request(id="6", method="query", params={"raster": "a.tif", "prompts": ["lake"], "threshhold": 1}))
    failure = client.until(Failure)
    assert failure.error["code"] == "usage" and "'threshold'" in failure.error["remedy"]
    assert client.process.poll() is None


@pytest.mark.parametrize("line", [b"nonsense\n", b'{"type":"result","id":"1","value":{}}\n', b"\xff\n", b"[]\n"])
def test_a_malformed_line_is_answered_and_the_next_is_served(client, line):
    client.next()
    client.write(line)
    failure = client.next()
    assert failure.id == "" and failure.error["code"] == "protocol"
    client.send(Request(id="1", method="ping"))
    assert isinstance(client.next(), Result)


def test_an_oversized_line_is_answered_and_the_next_is_served(client):
    client.next()
    client.write(b"x" * (protocol.MAX_LINE_BYTES + 10) + b"\n")
    assert "longer" in client.next().error["message"]
    client.send(Request(id="1", method="ping"))
    assert isinstance(client.next(), Result)


def test_an_id_in_use_is_refused(client):
    client.next()
    client.send(Request(id="1", method="count", params={"n": 100_000}))
    client.until(Progress)
    client.send(Request(id="1", method="count", params={"n": 1}))
    assert "still in use" in client.until(Failure).error["message"]


def test_it_ends_with_stdin_when_idle(client):
    client.next()
    status, seconds = client.end()
    assert status == 0 and seconds < 1


@pytest.mark.parametrize("stage", ["encode", "load"])
def test_it_ends_with_stdin_in_mid_work_that_hears_nothing(client, tmp_path, stage):
    client.next()
    target = tmp_path / "out.tif"
    client.send(Request(id="1", method="deaf", params={"stage": stage, "seconds": 60, "target": str(target)}))
    client.until(Progress)
    time.sleep(0.1)
    status, seconds = client.end()
    assert status == 0 and seconds < 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_is_left_to_the_client_and_sigterm_ends_it(client, tmp_path):
    client.next()
    client.send(Request(id="1", method="deaf", params={"stage": "x", "seconds": 60, "target": str(tmp_path / "o.tif")}))
    client.until(Progress)
    client.process.send_signal(signal.SIGINT)
    client.send(Request(id="2", method="ping"))
    assert client.until(Result).id == "2"
    client.process.send_signal(signal.SIGTERM)
    assert client.process.wait(3) == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


def test_a_client_that_is_gone_ends_it(client):
    client.next()
    client.send(Request(id="1", method="count", params={"n": 100_000}))
    client.until(Progress)
    client.hang_up = True
    while client.next() is not None:
        pass
    time.sleep(0.3)
    _status, seconds = client.end()
    assert seconds < 2


def test_a_real_query_is_served_and_cancelled_in_every_stage(colour_model, colour_scene, tmp_path, engine_env):
    engine = Client(("-m", "graft_plugin.engine", "serve"), engine_env)
    try:
        assert "query" in engine.next(60).methods
        outputs = {"heatmap": str(tmp_path / "h.tif"), "masks": str(tmp_path / "m.gpkg")}
        params = {
            "raster": str(colour_scene.path), "prompts": ["lake"], "model": str(colour_model),
            "sam": str(colour_model / "sam.safetensors"), "gsd_m": 0.05, "use_store": False, **outputs,
        }  # fmt: skip
        latencies = {}
        for stage in ("load", "encode", "segment"):
            engine.send(Request(id=stage, method="query", params=params))
            while engine.until(Progress, 120).stage != stage:
                pass
            time.sleep(0.05)
            started = time.monotonic()
            engine.send(Cancel(id=stage))
            end = engine.until((Failure, Result), 120)
            latencies[stage] = time.monotonic() - started
            assert isinstance(end, Failure) and end.id == stage and end.error["code"] == "cancelled", end
            if stage != "load":
                assert os.listdir(tmp_path) == []
        assert max(latencies.values()) < 1.0, latencies
        engine.send(Request(id="whole", method="query", params={**params, "gsd_m": 1.0}))
        result = engine.until((Failure, Result), 120)
        assert isinstance(result, Result), result
        assert result.value["prompts"][0]["polygons"] >= 1
        assert sorted(os.listdir(tmp_path)) == ["h.tif", "m.gpkg"]
    finally:
        engine.process.kill()
        engine.process.wait()
