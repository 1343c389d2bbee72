"""The report: the same numbers in table and data, pictures that are drawn, and nothing half-written."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from graft_plugin.errors import OutputError
from training.evaluate import report
from training.evaluate.charts import colours
from training.evaluate.job import Job, Outcome, Picture
from training.evaluate.layouts.types import UNJUDGED
from training.evaluate.report import prepare_folder, table, write_report


def outcome(model, accuracy, **options):
    picture = Picture(np.full((3, 40, 40), 120, np.uint8), "red", True)
    values = {
        "sha256": "ab" * 32, "count": 5, "seconds": 1.25, "scores": {"accuracy": accuracy}, "per_class": {"red": 0.5},
        "per_class_metric": "accuracy", "confusion": np.diag([3, 0, 2]), "confusion_title": "images",
        "pictures": (picture,) * 7, "notes": ("A note.",),
    }  # fmt: skip
    return Outcome(model, **{**values, **options})


@pytest.fixture
def job(colour_layout):
    layout, prompts = colour_layout([("red",)] * 5, [(9, 9, 9)] * 5)
    return Job(layout, layout.indices(), prompts)


def test_table_and_data_say_the_same(job, tmp_path):
    folder = prepare_folder(tmp_path / "new" / "folder")
    rows = [outcome("mini", 0.75), outcome("CLIP ViT/B", 0.5, scores={"accuracy": 0.5, "extra": float("nan")})]
    files = write_report(folder, "classification", job, rows)
    assert sorted(p.name for p in folder.iterdir()) == sorted(p.name for p in files)
    data = json.loads((folder / "results.json").read_text())
    assert [row["scores"] for row in data["rows"]] == [{"accuracy": 0.75}, {"accuracy": 0.5, "extra": None}]
    assert data["rows"][0]["n"] == 5 and data["rows"][0]["sha256"] == "ab" * 32
    assert data["rows"][0]["confusion"] == [[3, 0, 0], [0, 0, 0], [0, 0, 2]]
    assert data["prompts"]["texts"]["red"] == ["red"] and data["prompts"]["sha256"] == job.prompts.sha256
    text = (folder / "results.md").read_text()
    assert "| mini | **0.750** | – | 5 | 1.2 | class names | `abababababab` |" in text
    assert "| CLIP ViT/B | 0.500 | – |" in text and "A note." in text
    for name in data["rows"][1]["pictures"]:
        assert (folder / name).is_file() and f"({name})" in text
    assert data["rows"][1]["pictures"] == ["confusion-clip-vit-b.png", "examples-clip-vit-b.png"]


def test_pictures_show_what_is_right_and_what_is_wrong(job, tmp_path):
    pictures = [Picture(np.full((3, 40, 40), 120, np.uint8), "x", right) for right in (True, False)]
    write_report(tmp_path, "classification", job, [outcome("a", 1.0, pictures=tuple(pictures))])
    shown = np.asarray(Image.open(tmp_path / "examples-a.png").convert("RGB")).astype(int)
    green = (np.abs(shown - (0, 0x79, 0x5A)).max(-1) < 12).nonzero()
    orange = (np.abs(shown - (0xC2, 0x41, 0x0C)).max(-1) < 12).nonzero()
    assert len(green[0]) > 200 and len(orange[0]) > 200
    assert green[1].mean() < orange[1].mean(), "the right one stands first"


def test_masks_are_drawn_with_the_colours_of_their_classes(job, tmp_path):
    truth = np.full((40, 40), UNJUDGED, np.uint8)
    truth[:, :20] = 1
    picture = Picture(np.full((3, 40, 40), 120, np.uint8), "x", truth=truth, found=np.full((40, 40), 2, np.uint8))
    write_report(tmp_path, "segmentation", job, [outcome("a", 1.0, pictures=(picture,), confusion=None)])
    shown = np.asarray(Image.open(tmp_path / "examples-a.png").convert("RGB")).astype(int)
    areas = [(np.abs(shown - colour * 255).max(-1) < 3).sum() for colour in colours(3)]
    assert areas[2] > 1.6 * areas[1] > 3000 and areas[0] < 500
    assert not (tmp_path / "confusion-a.png").exists()


def test_many_classes_have_as_many_colours():
    table_of = colours(43)
    assert len({tuple(c) for c in table_of.round(3).tolist()}) == 43


def test_a_failure_leaves_the_former_results(job, tmp_path, monkeypatch):
    write_report(tmp_path, "classification", job, [outcome("a", 0.25)])
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report, "write_examples", fail)
    with pytest.raises(OutputError, match="No space left"):
        write_report(tmp_path, "classification", job, [outcome("a", 0.75)])
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_models_with_names_alike_keep_their_own_pictures(job, tmp_path):
    write_report(tmp_path, "classification", job, [outcome("a b", 0.1), outcome("a-b", 0.2)])
    assert {"examples-a-b.png", "examples-a-b-2.png"} <= {p.name for p in tmp_path.iterdir()}
    assert "**0.200**" in table(job, [outcome("a b", 0.1), outcome("a-b", 0.2)])


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(OutputError, match=r"taken.*--out"):
        prepare_folder(tmp_path / "taken")
