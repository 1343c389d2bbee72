"""The client against real worker processes: answers, errors as data, cancel, crashes, hangs, and the end."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from graft_plugin.client import process
from graft_plugin.client.environment import Engine, child_environment, find_engine
from graft_plugin.client.process import Limits, Worker
from graft_plugin.errors import Cancelled, EngineError, ProtocolError, SceneError, UsageError

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = '''
import os, signal, sys, time
sys.path.insert(0, sys.argv[1])
from graft_plugin.engine.serve import serve
from graft_plugin.errors import SceneError

def count(params, report, cancel):
    for i in range(params["n"]):
        cancel.check()
        report("encode", i, params["n"])
        time.sleep(0.002)
    return {"n": params["n"]}

def deaf(params, report, cancel):
    report("encode", 0, 0)
    time.sleep(params["seconds"])
    return {}

def wrong(params, report, cancel):
    raise SceneError("no CRS", path="a.tif", remedy="Assign one.")

def bug(params, report, cancel):
    raise KeyError("oops")

def die(params, report, cancel):
    report("encode", 0, 0)
    print("out of memory", file=sys.stderr, flush=True)
    time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGKILL)

sys.exit(serve({"count": count, "deaf": deaf, "wrong": wrong, "bug": bug, "die": die}))
'''


def made(script: str):
    """How a worker with this script is started, as `Worker` wants it."""
    words = (sys.executable, "-I", "-u", "-X", "utf8", "-c", script, str(ROOT))
    return lambda cancelled: Engine(Path(sys.executable), words, child_environment())


@pytest.fixture
def lines():
    return []


@pytest.fixture
def worker(lines):
    worker = Worker(made(SCRIPT), lines.append)
    yield worker
    worker.stop()


def gone(pid: int, seconds: float = 2.0) -> bool:
    """Whether a process has ended, or does within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_a_call_returns_the_result_and_tells_of_progress(worker):
    told = []
    assert worker.pid is None
    assert worker.call("count", {"n": 300}, lambda *words: told.append(words)) == {"n": 300}
    assert len(told) >= 3 and all(stage == "encode" and total == 300 for stage, _done, total in told)
    assert [done for _stage, done, _total in told] == sorted({done for _stage, done, _total in told})
    pid = worker.pid
    assert worker.call("ping") == {"pong": True, "busy": False}
    assert worker.pid == pid


def test_an_error_is_raised_as_what_it_was(worker, lines):
    with pytest.raises(SceneError) as caught:
        worker.call("wrong")
    assert str(caught.value) == "a.tif: no CRS. Assign one."
    with pytest.raises(UsageError, match="unknown method 'dance'"):
        worker.call("dance")
    with pytest.raises(ProtocolError):
        worker.call("count", {"n": float("nan")})
    with pytest.raises(Exception, match="KeyError") as caught:
        worker.call("bug")
    assert caught.value.code == "error" and any("Traceback" in line for line in lines)


def cancelled_after(worker, method, params, seconds):
    """Call, cancel after so many seconds of work, and return how long the end took from then, in seconds."""
    began = []

    def flag():
        return bool(began) and time.monotonic() > began[0] + seconds

    with pytest.raises(Cancelled):
        worker.call(method, params, lambda *_: began or began.append(time.monotonic()), flag)
    return time.monotonic() - began[0] - seconds


def test_cancel_ends_a_call_at_once_and_the_process_lives_on(worker):
    assert cancelled_after(worker, "count", {"n": 100_000}, 0.2) < 0.5
    pid = worker.pid
    assert worker.call("count", {"n": 1}) == {"n": 1}
    assert worker.pid == pid


def test_a_worker_that_does_not_hear_the_cancel_is_ended_within_a_second(worker):
    pid = []
    worker.call("ping")
    pid = worker.pid
    assert cancelled_after(worker, "deaf", {"seconds": 60}, 0.1) < 1.0
    assert gone(pid)
    assert worker.call("count", {"n": 1}) == {"n": 1}
    assert worker.pid != pid


def test_another_call_outlives_the_end_of_the_process_that_a_cancelled_one_brings_about(worker, lines):
    worker.call("ping")
    found = []
    other = threading.Thread(target=lambda: found.append(worker.call("count", {"n": 3})))
    asked = []

    def flag():  # the other call is asked of the same process, behind the deaf one, before this one is cancelled
        if not asked:
            asked.append(other.start())
        return worker._open_calls == 2

    with pytest.raises(Cancelled):
        worker.call("deaf", {"seconds": 60}, cancelled=flag)
    other.join(20)
    assert found == [{"n": 3}], "not: the engine stopped"
    assert sum(line.startswith("starting") for line in lines) == 2
    assert worker.call("count", {"n": 1}) == {"n": 1}


def test_the_process_is_gone_for_the_next_call_as_soon_as_it_was_killed(worker):
    worker.call("ping")
    worker._connection.kill()
    assert worker.pid is None
    assert worker.call("count", {"n": 2}) == {"n": 2}


def test_a_brief_call_that_is_cancelled_returns_at_once_and_leaves_a_loading_engine_alone(lines):
    script = SCRIPT.replace('"deaf": deaf', '"estimate": deaf')
    worker = Worker(made(script), lines.append)
    try:
        worker.call("ping")
        pid = worker.pid
        assert cancelled_after(worker, "estimate", {"seconds": 2.0}, 0.1) < 0.5
        assert worker.call("estimate", {"seconds": 0.0}) == {}, "after the first, in the same process"
        assert worker.pid == pid
    finally:
        worker.stop()


def test_a_callback_that_fails_cancels_the_work(worker):
    with pytest.raises(ZeroDivisionError):
        worker.call("count", {"n": 100_000}, lambda *_: 1 // 0)
    time.sleep(0.3)
    assert worker.call("ping") == {"pong": True, "busy": False}


def test_a_crash_is_told_in_one_line_and_the_next_call_starts_anew(worker, lines):
    with pytest.raises(EngineError) as caught:
        worker.call("die")
    assert f"signal {int(signal.SIGKILL)}" in caught.value.message and "out of memory" in caught.value.message
    assert "smaller area" in caught.value.remedy and "\n" not in str(caught.value)
    assert worker.call("count", {"n": 2}) == {"n": 2}
    os.kill(worker.pid, signal.SIGKILL)
    time.sleep(0.1)
    assert worker.call("count", {"n": 3}) == {"n": 3}
    assert sum(line.startswith("starting the engine") for line in lines) == 3


def test_calls_from_several_threads_each_get_their_own_answer(worker):
    found = {}

    def ask(n):
        found[n] = worker.call("count", {"n": n})

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(1, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == {n: {"n": n} for n in range(1, 6)}


def test_stop_ends_the_process_also_in_mid_work(worker):
    ends = []

    def ask():
        try:
            worker.call("deaf", {"seconds": 60})
        except EngineError as error:
            ends.append(error)

    worker.call("ping")
    pid = worker.pid
    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.3)
    started = time.monotonic()
    worker.stop()
    assert time.monotonic() - started < 2.0
    thread.join(2)
    assert len(ends) == 1 and gone(pid) and worker.pid is None
    worker.stop()


@pytest.mark.parametrize("script", ["", "print('{}', flush=True)"])
def test_a_process_that_never_says_hello_is_given_up_and_can_be_cancelled(script, monkeypatch):
    worker = Worker(made(f"import time\n{script}\ntime.sleep(60)"))
    started = time.monotonic()
    with pytest.raises(Cancelled):
        worker.call("ping", cancelled=lambda: time.monotonic() > started + 0.2)
    assert time.monotonic() - started < 1.0
    monkeypatch.setattr(process, "HELLO_S", 0.3)
    with pytest.raises(EngineError, match="hello"):
        worker.call("ping")


def test_a_process_that_ends_before_hello_says_why():
    with pytest.raises(EngineError, match=r"exit status 7\): no such engine"):
        Worker(made("import sys; print('no such engine', file=sys.stderr); sys.exit(7)")).call("ping")


def test_another_version_is_refused_with_the_remedy():
    script = 'import time; print(\'{"type":"hello","protocol":99,"software":"graft 9"}\', flush=True); time.sleep(60)'
    with pytest.raises(ProtocolError, match="graft 9 speaks protocol 99"):
        Worker(made(script)).call("ping")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_process_that_hangs_is_found_out(worker, monkeypatch):
    monkeypatch.setattr(process, "PING_AFTER_S", 0.2)
    monkeypatch.setattr(process, "SILENT_S", 1.0)
    assert worker.call("deaf", {"seconds": 2.5}) == {}, "pings keep a busy worker from looking dead"
    os.kill(worker.pid, signal.SIGSTOP)
    with pytest.raises(EngineError, match="no sign"):
        worker.call("count", {"n": 1})


def test_a_real_query_comes_back_from_the_found_engine(colour_model, colour_scene, tmp_path):
    worker = Worker(lambda cancelled: find_engine(sys.executable, cancelled=cancelled))
    try:
        result = worker.call(
            "query",
            {"raster": str(colour_scene.path), "prompts": ["lake"], "model": str(colour_model), "refine": "none",
             "masks": str(tmp_path / "m.gpkg")},
        )  # fmt: skip
    finally:
        worker.stop()
    lake = colour_scene.lake
    assert result["prompts"][0]["polygons"] == 1
    assert result["prompts"][0]["area_m2"] == pytest.approx((lake[2] - lake[0]) * (lake[3] - lake[1]))


HUNGRY = '''
import sys, time
sys.path.insert(0, sys.argv[1])
from graft_plugin.engine.serve import serve
def eat(params, report, cancel):
    kept = []
    for _ in range(params["mb"]):
        kept.append(bytearray(b"x" * 1_000_000))
    time.sleep(params["seconds"])
    return {"mb": len(kept)}
sys.exit(serve({"eat": eat}))
'''


def test_a_process_that_holds_too_much_is_ended_with_what_to_do_and_the_next_one_works():
    worker = Worker(made(HUNGRY), limits=lambda: Limits(memory_bytes=300_000_000))
    try:
        assert worker.call("eat", {"mb": 100, "seconds": 0.6}) == {"mb": 100}
        pid = worker.pid
        errors = []

        def beside():
            with pytest.raises(EngineError) as told:
                worker.call("eat", {"mb": 1, "seconds": 0})
            errors.append(told.value)

        thread = threading.Thread(target=lambda: (time.sleep(0.1), beside()))
        thread.start()
        with pytest.raises(EngineError, match=r"held 0\.\d GB of memory, and its limit is 0\.3 GB") as caught:
            worker.call("eat", {"mb": 700, "seconds": 60})
        thread.join(10)
        assert "smaller area" in caught.value.remedy and "GRAFT options" in caught.value.remedy
        assert errors[0].message == caught.value.message, "a call beside it is told the same"
        assert gone(pid) and worker.call("eat", {"mb": 1, "seconds": 0}) == {"mb": 1}
    finally:
        worker.stop()


def test_an_idle_process_ends_and_the_next_call_starts_another(lines):
    worker = Worker(made(SCRIPT), lines.append, lambda: Limits(idle_s=0.4))
    try:
        worker.call("ping")
        pid = worker.pid
        time.sleep(0.2)
        worker.call("count", {"n": 300})  # longer than it may be idle, and it is not
        assert worker.pid == pid
        assert gone(pid, 5) and worker.pid is None
        assert worker.call("count", {"n": 1}) == {"n": 1} and worker.pid != pid
        assert sum("was idle" in line for line in lines) == 1
    finally:
        worker.stop()


def test_new_settings_wait_for_the_call_that_runs_and_then_begin_with_another_process(worker):
    worker.call("ping")
    pid, done = worker.pid, []
    thread = threading.Thread(target=lambda: done.append(worker.call("deaf", {"seconds": 0.5})))
    thread.start()
    time.sleep(0.2)
    worker.renew()
    thread.join(10)
    assert done == [{}] and gone(pid)
    worker.call("ping")
    again = worker.pid
    started = time.monotonic()
    worker.renew()
    assert time.monotonic() - started < 0.1
    assert again != pid and gone(again) and worker.pid is None
