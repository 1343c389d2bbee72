"""A run that was ended goes on where it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from training.mini.material import MiniRun
from training.mini.run import once, run_folder


def test_what_is_done_is_not_done_again_and_what_failed_is(tmp_path):
    calls = []

    def job(result, error=None):
        calls.append(result)
        if error:
            raise error
        return result

    with pytest.raises(RuntimeError):
        once(tmp_path, "seed-0", lambda: job({"share": 0.1}, RuntimeError("killed")))
    assert list(tmp_path.iterdir()) == []
    first = once(tmp_path, "seed-0", lambda: job({"share": 0.5}))
    again = once(tmp_path, "seed-0", lambda: job({"share": 0.9}))
    assert first == again == {"share": 0.5} and len(calls) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["seed-0.json"]


def test_other_settings_have_another_folder(tmp_path):
    run = MiniRun(work=tmp_path)
    assert run_folder(run) == run_folder(MiniRun(work=tmp_path))
    others = [replace(run, seeds=(0,)), replace(run, count_scale=0.5), replace(run, sam=replace(run.sam, minutes=1.0))]
    assert len({run_folder(other) for other in (run, *others)}) == 4
    assert run_folder(replace(run, work=Path("elsewhere"))).name == run_folder(run).name
