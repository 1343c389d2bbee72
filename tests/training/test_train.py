"""The commands `train` and `export`."""

from __future__ import annotations

import json

import pytest

from training.__main__ import main


@pytest.fixture
def toml(small_clip, small_pairs, tmp_path):
    path = tmp_path / "run.toml"
    path.write_text(
        f'pairs = "{small_pairs}"\nout = "run"\nparent = "{small_clip}"\nsteps = 2\nbatch = 4\nworkers = 0\n'
        'device = "cpu"\nprecision = "fp32"\ntensorboard = false\nvalidation_share = 0.2\n'
    )
    return path


def test_a_run_from_the_shell(toml, tmp_path, capsys):
    assert main(["train", str(toml), "--set", "steps=3", "--set", "level=image", "--export", str(tmp_path / "m")]) == 0
    out = capsys.readouterr().out
    assert "11 tiles, 3 held out, 27 photos" in out and "score on held-out places" in out and "best.ckpt, score" in out
    card = json.loads((tmp_path / "m" / "card.json").read_text())
    assert (card["steps"] <= 3, card["level"], card["title"]) == (True, "image", "run")
    args = ["export", str(tmp_path / "run" / "last.ckpt"), str(tmp_path / "n"), "--title", "Mine", "--note", "A note."]
    assert main(args) == 0
    assert "A note." in (tmp_path / "n" / "card.md").read_text()
    assert json.loads((tmp_path / "n" / "card.json").read_text())["steps"] == 3
    assert main(["train", str(toml), "--set", "steps=3", "--set", "level=image"]) == 2
    assert "holds a run already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--set", "bach=2"], "'bach'"),
        (["--set", "batch"], "--set batch has no value"),
        (["--set", "parent=clipp"], "no model 'clipp'"),
        (["--set", "pairs=nowhere"], "nowhere"),
    ],
)
def test_a_mistake_is_one_plain_line(toml, args, says, capsys):
    assert main(["train", str(toml), *args]) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1 and "Traceback" not in error
