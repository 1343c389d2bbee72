"""Whole runs on the colour model: it learns the exchanged colours, is stored, used and removed, and can be ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from graft_plugin.engine.encoders.derived import remove
from graft_plugin.engine.encoders.registry import load_registry, models_folder
from graft_plugin.engine.requests import QueryRequest
from graft_plugin.engine.service import run_query
from graft_plugin.errors import Cancelled, UsageError
from training.__main__ import main
from training.local.loop import LoopSettings
from training.local.order import LocalOrder
from training.local.run import finetune
from training.local.stopping import Ending, listening

ROOT = Path(__file__).resolve().parents[3]
QUICK = LoopSettings(seconds=60, steps=40, batch=8, peak_lr=1e-2, keep_weight=0.0, judgements=4)


@pytest.mark.parametrize("kind", ["photos", "polygons"])
def test_a_model_learns_is_listed_used_and_removed(kind, small_area, colour_model, tmp_path):
    events = []
    order = LocalOrder(
        str(small_area.raster), **{kind: str(getattr(small_area, kind))}, parent=str(colour_model), model_id="ours"
    )
    done = finetune(order, events.append, Ending(), QUICK)
    told = [event["event"] for event in events]
    assert told.index("start") < told.index("validation") < told.index("best") and told[-1] == "done"
    assert done["model"] == "ours" and done["after"]["score"] > done["before"]["score"] + 0.2
    card = done["card"]
    assert card["parent"] == str(colour_model) and card["steps"] == 40 and 0 < card["share"] <= 1
    home = models_folder() / "ours"
    assert json.loads((home / "card.json").read_text()) == card and "before" in (home / "card.md").read_text()
    entry = load_registry()["ours"]
    assert entry.user and entry.path == home / "graft.safetensors" and "fine-tuned" in entry.title
    assert [p.name for p in models_folder().iterdir() if p.name.startswith(".")] == []
    heatmap = tmp_path / "lake.tif"
    for model in (str(colour_model), "ours"):
        run_query(QueryRequest(str(small_area.raster), ("lake",), model=model, heatmap=str(heatmap), use_store=False))
    with pytest.raises(UsageError, match="already"):
        finetune(order, events.append, Ending(), QUICK)
    remove("ours")
    assert "ours" not in load_registry() and not home.exists()
    with pytest.raises(UsageError, match="comes with GRAFT"):
        remove("mini")


def test_a_cancelled_run_leaves_nothing_and_a_stopped_one_keeps_the_best(small_area, colour_model, tmp_path):
    def order(name):
        return LocalOrder(
            str(small_area.raster), polygons=str(small_area.polygons), parent=str(colour_model),
            out=str(tmp_path / name),
        )  # fmt: skip

    ending = Ending()

    def cancel_at_best(event):
        if event["event"] == "best":
            ending.cancel.cancel()

    with pytest.raises(Cancelled):
        finetune(order("cancelled"), cancel_at_best, ending, QUICK)
    assert list(tmp_path.iterdir()) == []
    ending = Ending()

    def stop_at_best(event):
        if event["event"] == "best":
            ending.stopped.set()

    done = finetune(order("stopped"), stop_at_best, ending, QUICK)
    assert done["card"]["stopped"] and done["steps"] < 40 and (tmp_path / "stopped" / "graft.safetensors").is_file()
    nothing = finetune(order("nothing"), lambda event: None, Ending(), LoopSettings(60, steps=2, peak_lr=0.0, batch=4))
    assert nothing["model"] is None and not (tmp_path / "nothing").exists()


def test_the_same_seed_gives_the_same_weights(small_area, colour_model, tmp_path):
    files = []
    for name in ("a", "b"):
        order = LocalOrder(
            str(small_area.raster), polygons=str(small_area.polygons), parent=str(colour_model),
            out=str(tmp_path / name), seed=3,
        )  # fmt: skip
        finetune(order, lambda event: None, Ending(), LoopSettings(60, steps=12, batch=4, peak_lr=1e-2, seed=3))
        files.append((tmp_path / name / "graft.safetensors").read_bytes())
    assert files[0] == files[1]


def start(engine_env, small_area, model, *more):
    words = [sys.executable, "-m", "training", "finetune", str(small_area.raster), "--parent", str(model), *more]
    return subprocess.Popen(
        words, cwd=ROOT, env=engine_env, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def events_of(out):
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("how", ["stop", "gone"])
def test_a_process_is_ended_from_outside(how, engine_env, small_area, colour_model, tmp_path):
    out = tmp_path / "ours"
    process = start(
        engine_env, small_area, colour_model, "--polygons", str(small_area.polygons), "--minutes", "60",
        "--out", str(out), "--json",
    )  # fmt: skip
    heard = []
    for line in process.stdout:
        heard.append(json.loads(line))
        if heard[-1]["event"] == "step":
            break
    if how == "gone":
        process.stdin.close()
    else:
        process.stdin.write("stop\n")
        process.stdin.flush()
    heard += events_of(process.stdout.read())
    assert process.wait() == (0 if how == "stop" else 2), process.stderr.read()
    last = heard[-1]
    if how == "stop":
        assert last["event"] == "done" and (last["model"] is None) == (not out.exists())
    else:
        assert last["event"] == "error" and last["code"] == "cancelled"
        assert [p.name for p in tmp_path.iterdir()] == []


def test_signals_stop_and_cancel():
    before = signal.getsignal(signal.SIGINT)  # a background job of a shell ignores it
    with listening() as ending:
        os.kill(os.getpid(), signal.SIGTERM)
        assert ending.stop()
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Cancelled):
            ending.stop()
    assert signal.getsignal(signal.SIGINT) is before


def test_mistakes_are_one_plain_line_and_data_where_json_is_wanted(small_area, colour_model, tmp_path, capfd):
    words = ["finetune", str(small_area.raster), "--parent", str(colour_model)]
    assert main([*words, "--photos", str(tmp_path / "none"), "--out", str(tmp_path / "o")]) == 2
    out, err = capfd.readouterr()
    assert not out and "no such folder" in err and len(err.strip().splitlines()) == 1
    with pytest.raises(SystemExit, match="2"):
        main([*words, "--photos", str(small_area.photos), "--json"])
    (event,) = events_of(capfd.readouterr().out)
    assert event["event"] == "error" and event["code"] == "usage" and "--as" in event["remedy"]
    assert main([*words, "--photos", str(small_area.points), "--plan", "--json"]) == 0
    (plan,) = events_of(capfd.readouterr().out)
    assert len(plan["pairs"]) == 90 and plan["held_out"]


def test_it_needs_nothing_that_the_environment_of_the_plugin_lacks():
    lacking = ("geopandas", "pandas", "pyarrow", "lightning", "torchmetrics", "webdataset", "peft", "requests")
    code = (
        f"import sys; [sys.modules.__setitem__(name, None) for name in {lacking!r}]; "
        "import training.__main__, training.finetune, training.local.run, training.local.stopping"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
