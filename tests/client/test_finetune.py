"""The client of a fine-tuning run against real processes that speak as it does, and as it should not."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from graft_plugin.client.environment import Engine
from graft_plugin.client.finetune import finetune_command, run_finetune
from graft_plugin.errors import Cancelled, EngineError, UsageError

SPEAK = """
import json, sys
def say(**event):
    print(json.dumps(event), flush=True)
say(event="start", counts={})
print("a library's own line", flush=True)
print("a warning", file=sys.stderr, flush=True)
"""
DONE = 'say(event="done", model="ours")'
WAITS = """
for line in sys.stdin:
    if line.strip() == "stop":
        say(event="done", model="kept")
        break
    if line.strip() == "cancel":
        say(event="error", code="cancelled", message="cancelled", remedy="", path=None)
        sys.exit(2)
"""
DEAF = """
import time
while True:
    time.sleep(1)
"""


def run(body, wish=lambda: "", heard=None, logged=None):
    heard, logged = [] if heard is None else heard, [] if logged is None else logged
    words = [sys.executable, "-u", "-c", SPEAK + body]
    return run_finetune(words, {}, heard.append, wish, logged.append)


def test_events_come_one_by_one_and_the_rest_goes_to_the_log():
    heard, logged = [], []
    assert run(DONE, heard=heard, logged=logged)["model"] == "ours"
    assert [event["event"] for event in heard] == ["start", "done"]
    assert sorted(logged) == ["a library's own line", "a warning"]


def test_stop_keeps_cancel_does_not_and_a_deaf_process_is_ended(monkeypatch):
    heard = []
    assert run(WAITS, wish=lambda: "stop" if heard else "", heard=heard)["model"] == "kept"
    heard = []
    with pytest.raises(Cancelled):
        run(WAITS, wish=lambda: "cancel" if heard else "", heard=heard)
    monkeypatch.setattr("graft_plugin.client.finetune.CANCEL_S", 0.2)
    start = time.monotonic()
    with pytest.raises(Cancelled):
        run(DEAF, wish=lambda: "cancel")
    assert time.monotonic() - start < 60


def test_what_goes_wrong_is_said():
    with pytest.raises(UsageError, match=r"too small\. Take another") as caught:
        run('say(event="error", code="usage", message="too small", remedy="Take another.", path=None); sys.exit(2)')
    assert caught.value.code == "usage"
    with pytest.raises(EngineError, match=r"exit status 3\): out of memory"):
        run('print("out of memory", file=sys.stderr, flush=True); import time; time.sleep(0.3); sys.exit(3)')
    with pytest.raises(EngineError, match="cannot be started"):
        run_finetune(["/no/such/python"], {}, lambda event: None, lambda: "", lambda line: None)


def test_a_copy_without_its_training_part_says_so(tmp_path):
    engine = Engine(Path(sys.executable), (), {})
    with pytest.raises(EngineError, match="no training part"):
        finetune_command(engine, ["a.tif"], tmp_path)
    command = finetune_command(engine, ["a.tif", "--as", "ours"])
    assert command[0] == sys.executable and "-I" in command and command[-5:] == [
        "finetune", "a.tif", "--as", "ours", "--json",
    ]  # fmt: skip
