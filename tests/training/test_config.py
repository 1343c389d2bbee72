"""Settings of a run: read from TOML, wrong ones named."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from graft_plugin.errors import UsageError
from training.config import TrainConfig, read_config


def write(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text)
    return path


def test_what_is_left_out_is_the_papers(tmp_path):
    config = read_config(write(tmp_path, 'pairs = "tiles"\nout = "run"\n'))
    assert (config.epochs, config.tau, config.weight_decay, config.level) == (10, 0.07, 0.01, "pixel")
    assert (config.peak_lr, TrainConfig("a", "b", level="image").peak_lr) == (5e-5, 1e-5)
    assert config.pairs == tmp_path / "tiles" and config.features_folder == tmp_path / "run" / "features"


def test_a_value_from_outside_wins_over_the_file(tmp_path):
    path = write(tmp_path, 'pairs = "tiles"\nout = "run"\nbatch = 64\nlr = 1e-4\n')
    assert read_config(path, {"batch": 8}).batch == 8
    assert read_config(path).peak_lr == 1e-4


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("bach = 3", "'bach'.*mean batch"),
        ('level = "patch"', "level is 'patch'. Use pixel, image, both"),
        ("batch = 0", "batch is 0"),
        ("batch = 2.5", "batch is 2.5. Give a whole number"),
        ("batch = true", "batch is True"),
        ('lr = "high"', "lr is 'high'. Give a number"),
        ("augment = 1", "augment is 1. Give true or false"),
        ("validation_share = 0.9", "validation_share is 0.9"),
        ("lora_rank = -1", "lora_rank is -1"),
        ("warmup = [1]", r"warmup is \[1\]"),
        ("batch = = 3", "cannot be read as TOML"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path, line, says):
    with pytest.raises(UsageError, match=says) as caught:
        read_config(write(tmp_path, f'pairs = "p"\nout = "o"\n{line}\n'))
    assert "run.toml" in str(caught.value)


def test_missing_file_and_missing_keys(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        read_config(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="pairs and out is missing"):
        read_config(write(tmp_path, "batch = 3\n"))


def test_only_settings_that_decide_the_weights_keep_a_run_from_going_on():
    config = TrainConfig("p", "o", steps=5)
    assert config.differences(TrainConfig("p", "elsewhere", steps=5, chunk=2, workers=0).to_dict()) == []
    assert config.differences(TrainConfig("p", "o", steps=6, seed=1).to_dict()) == ["steps", "seed"]


def test_the_guide_names_every_setting():
    guide = (Path(__file__).resolve().parents[2] / "docs" / "training" / "train.md").read_text(encoding="utf-8")
    assert [f.name for f in fields(TrainConfig) if f"\n| `{f.name}` |" not in guide] == []
