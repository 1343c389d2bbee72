"""RSVQA's files, as its authors' code writes and reads them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from graft_plugin.errors import SceneError, UsageError
from training.evaluate.layouts.rsvqa import HR_CLASSES, LR_CLASSES, answer_class, open_rsvqa
from training.evaluate.miniature_files import write_geotiff

FILLER = {"id": 0, "active": False}


def entries(split, *, words=True):
    """Two images of the split between others; the lists by id, cut after the last active entry."""
    image = {"active": True, "date_added": 1.0, "original_name": "x.tif", "res_x": "10m", "type": "RGB", "people_id": 0}
    asked = {"active": True, "date_added": 1.0, "people_id": 0, "img_id": 2, "type": "count"}
    questions = [
        FILLER, FILLER | {"id": 1},
        {**asked, "id": 2, "question": "How many roads are there?", "answers_ids": [3]},
        FILLER | {"id": 3},
        {**asked, "id": 4, "img_id": 4, "type": "presence", "question": "Is there a road?", "answers_ids": [4]},
        {**asked, "id": 5, "img_id": 4, "type": "area", "question": "What is the area covered by roads?",
         "answers_ids": [5]},
    ]  # fmt: skip
    answers = [
        FILLER, FILLER | {"id": 1}, FILLER | {"id": 2},
        {"id": 3, "active": True, "question_id": 2, "answer": "57"},
        {"id": 4, "active": True, "question_id": 4, "answer": "no"},
        {"id": 5, "active": True, "question_id": 5, "answer": "120m2"},
    ]  # fmt: skip
    images = [FILLER, FILLER | {"id": 1}, {**image, "id": 2, "questions_ids": [2]}, FILLER | {"id": 3},
              {**image, "id": 4, "questions_ids": [4, 5]}]  # fmt: skip
    if not words:
        questions = [{"id": q["id"], "active": q["active"]} for q in questions]
        answers = [{"id": a["id"], "active": a["active"]} for a in answers]
    return {f"{split}_images": images, f"{split}_questions": questions, f"{split}_answers": answers}


@pytest.fixture
def root(tmp_path):
    """`root(folder, files)`: writes the files and images 2 and 4."""

    def write(folder, files):
        for name, rows in files.items():
            kind = name.rsplit("_", 1)[-1].removeprefix("USGS")
            (tmp_path / f"{name}.json").write_text(json.dumps({kind: rows}))
        for number in (2, 4):
            image = np.full((3, 8, 8), number, np.uint8)
            write_geotiff(tmp_path / folder / f"{number}.tif", image, 10.0)
        return tmp_path

    return write


def test_lr_gives_each_image_its_own_questions_by_id(root):
    layout = open_rsvqa(root("Images_LR", entries("LR_split_test")), "rsvqa-lr")
    assert (layout.keys, layout.sensor, layout.gsd_m, layout.classes) == (("2", "4"), "sentinel2", 10.0, LR_CLASSES)
    first, second = layout.read(0), layout.read(1)
    assert [(q.kind, q.text, q.truth) for q in first.questions] == [
        ("count", "How many roads are there?", "between 10 and 100")
    ]
    assert [(q.kind, q.truth) for q in second.questions] == [("presence", "no"), ("area", "between 100m2 and 1000m2")]
    assert (first.image == 2).all() and (second.image == 4).all()


def test_words_that_only_the_file_of_all_splits_has(root):
    files = entries("LR_split_test", words=False) | {
        f"all_{kind}": entries("x")[f"x_{kind}"] for kind in ("questions", "answers")
    }
    layout = open_rsvqa(root("Images_LR", files), "rsvqa-lr")
    assert [q.text for q in layout.read(0).questions] == ["How many roads are there?"]


def test_hr_and_its_second_test_set_and_all(root):
    whole = {f"USGS{kind}": entries("x")[f"x_{kind}"] for kind in ("images", "questions", "answers")}
    home = root("Data", entries("USGS_split_test") | entries("USGS_split_test_phili") | whole)
    for name, split, shown in (
        ("rsvqa-hr", "test", "test"), ("rsvqa-hr-phili", "test", "test_phili"), ("rsvqa-hr", "all", "all"),
    ):  # fmt: skip
        layout = open_rsvqa(home, name, split)
        assert (layout.split, layout.gsd_m, layout.classes) == (shown, 0.1524, HR_CLASSES)
        assert [q.truth for q in layout.read(0).questions] == ["57"], "HR's counts are exact"


@pytest.mark.parametrize(
    ("which", "kind", "value", "unit", "name"),
    [
        ("lr", "count", "0", "", "0"), ("lr", "count", 1, "", "between 0 and 10"), ("lr", "count", "10", "",
         "between 0 and 10"), ("lr", "count", 11, "roads", "between 10 and 100"), ("lr", "count", 1000, "",
         "between 100 and 1000"), ("lr", "count", 1001, "", "more than 1000"), ("lr", "comp", True, "", "yes"),
        ("lr", "rural_urban", "Urban", "", "urban"),
        ("lr", "rural_urban", "rural area", "", "rural"), ("lr", "presence", None, "", "no answer"),
        ("lr", "presence", "maybe", "", "other"), ("hr", "count", 12, "", "12"), ("hr", "count", "12", "", "12"),
        ("hr", "count", 90, "", "other"), ("hr", "area", "0m2", "", "0m2"), ("hr", "area", "1001m2", "",
         "more than 1000m2"), ("hr", "area", 0.05, "ha", "between 100m2 and 1000m2"), ("hr", "area", 10.4, "m2",
         "between 0m2 and 10m2"), ("hr", "area", "between 10m2 and 100m2", "", "between 10m2 and 100m2"),
    ],
)  # fmt: skip
def test_answers_become_the_authors_classes(which, kind, value, unit, name):
    assert answer_class(which, kind, value, unit) == name


def test_what_is_missing_or_damaged_is_named(root):
    home = root("Images_LR", entries("LR_split_test"))
    with pytest.raises(UsageError, match=r"no LR_split_val_questions\.json"):
        open_rsvqa(home, "rsvqa-lr", "val")
    (home / "LR_split_test_answers.json").write_text('{"answers": [{"id"')
    with pytest.raises(SceneError, match=r"LR_split_test_answers\.json.*cannot be read"):
        open_rsvqa(home, "rsvqa-lr")
    (home / "LR_split_test_answers.json").write_text('{"answers": []}')
    with pytest.raises(SceneError, match="question 2 lacks its answer"):
        open_rsvqa(home, "rsvqa-lr")
    with pytest.raises(UsageError, match=r"Unpack Images\.tar"):
        open_rsvqa(root("elsewhere", entries("USGS_split_test")), "rsvqa-hr")
