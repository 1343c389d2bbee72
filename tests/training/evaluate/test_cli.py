"""The command: from arguments to files, and one plain line on a mistake."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from training.__main__ import main
from training.evaluate import classification
from training.evaluate.cli import TASKS, task_function


@pytest.fixture
def evaluate(tmp_path, capsys):
    """`evaluate(**arguments)`: (status, stdout, stderr); a value of None is left out, of True a bare switch."""

    def run(**arguments):
        given = {"model": "mini", "task": "classification", "data": "sat-6", "out": tmp_path / "out", **arguments}
        words = ["evaluate"]
        for name, value in given.items():
            if value is not None:
                words += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
        status = main(words)
        return status, *capsys.readouterr()

    return run


def test_a_run_with_a_baseline_leaves_table_data_and_pictures(evaluate, miniature, tmp_path):
    status, out, err = evaluate(root=miniature("sat-6", 24), prompts="plain", limit=6, baselines="mini=mini")
    assert status == 0, err
    assert "| mini (model) |" in out and "| mini |" in out
    data = json.loads((tmp_path / "out" / "results.json").read_text())
    first, second = data["rows"]
    assert data["images"] == first["n"] == 6 and data["images_there"] == 24
    assert first["scores"] == second["scores"] and first["sha256"] == second["sha256"]
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "results.md", "results.json", "confusion-mini-model.png", "examples-mini-model.png", "confusion-mini.png",
        "examples-mini.png",
    }  # fmt: skip


def test_a_miniature_is_made_where_it_is_asked_for(evaluate, tmp_path):
    root = tmp_path / "data"
    status, out, err = evaluate(root=root, data="sat-4", miniature=4, task="retrieval", top_k="1,2", prompts="plain")
    assert status == 0, err
    assert (root / "sat-4-full.mat").is_file() and "mAP@1 | mAP@2" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"root": "/nowhere/at/all"}, "sat-6-full.mat"),
        ({"root": ".", "data": "eurosat"}, "this is not EuroSAT"),
        ({"root": ".", "limit": 0}, "--limit must be 1"),
        ({"root": ".", "top_k": "a"}, "--top-k must be whole numbers"),
        ({"root": ".", "top_k": "0,5"}, "--top-k must be 1 or more"),
        ({"root": ".", "sam": True}, "--sam is for segmentation and vqa only"),
        ({"root": ".", "baselines": "clipseg=x"}, "CLIPSeg cannot do classification"),
        ({"root": ".", "baselines": "other"}, "names no model"),
        ({"root": ".", "device": "toaster"}, "cannot use the device"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(evaluate, miniature, arguments, words, tmp_path):
    if "device" in arguments:
        arguments = {**arguments, "root": miniature("sat-6", 24)}
    status, out, err = evaluate(**arguments)
    assert status == 2 and out == "" and len(err.splitlines()) == 1
    assert words in err and err.startswith("training: ")
    assert not list((tmp_path / "out").glob("*"))


def test_a_task_the_layout_cannot_do(evaluate, miniature):
    status, _, err = evaluate(root=miniature("sat-6", 24), task="segmentation")
    assert status == 2 and "sat-6 has no masks of pixels" in err
    status, _, err = evaluate(root=miniature("sat-6", 24), model="nosuch")
    assert status == 2 and "no model 'nosuch'" in err


def test_ctrl_c_leaves_nothing_half_written(evaluate, miniature, tmp_path, monkeypatch):
    def interrupted(contender, job):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(100):
            job.cancel.check()
            time.sleep(0.05)
        return []

    monkeypatch.setattr(classification, "evaluate", interrupted)
    before = signal.getsignal(signal.SIGINT)
    status, out, err = evaluate(root=miniature("sat-6", 24), prompts="plain")
    assert (status, out) == (2, "") and "cancelled" in err
    assert list((tmp_path / "out").iterdir()) == [] and signal.getsignal(signal.SIGINT) is before


def test_every_task_has_its_function():
    assert {task_function(task).__module__.rsplit(".", 1)[1] for task in TASKS} == set(TASKS)


def test_help_loads_no_torch():
    code = (
        "import sys\nfrom training.__main__ import build_parser\nbuild_parser().format_help()\n"
        "print([m for m in ('torch', 'torchgeo', 'matplotlib', 'transformers', 'pandas') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
