"""The task of questions: its rows, its judgement by kind, and a set whose truth is known beside one that is RSVQA's."""

from __future__ import annotations

import json

import pytest
from shapely.geometry import box

from graft_plugin.engine.ask.finder import Region
from graft_plugin.engine.ask.requests import AskRequest
from graft_plugin.engine.outputs import Staging
from graft_plugin.engine.service import run_ask
from graft_plugin.errors import UsageError
from training.__main__ import main
from training.evaluate import vqa
from training.evaluate.baselines import load_contender
from training.evaluate.job import Job
from training.evaluate.layouts import Source, open_layout
from training.evaluate.layouts.types import Question
from training.evaluate.promptsets import named_classes
from training.evaluate.questions.finders import MixedFinder
from training.evaluate.questions.regions import ImageFinders
from training.evaluate.questions.ways import reply_to, ways_of


def test_a_set_with_true_regions_tells_the_parts_apart(miniature):
    layout = open_layout(Source("world-questions", miniature("world-questions", 1)))
    job = Job(layout, (0,), named_classes(layout.classes))
    rows = {row.model: row for row in vqa.evaluate(load_contender("mini", "mini", job.prompts, "cpu"), job)}
    assert list(rows) == [
        "true regions, given plans", "true regions", "mini", "mini, no thing true", "mini, first thing true",
        "mini, second thing true",
    ]  # fmt: skip
    given, planned, model = (rows[name] for name in ("true regions, given plans", "true regions", "mini"))
    assert given.scores["accuracy"] == 1.0 and planned.scores["accuracy"] >= 0.98
    assert 0.4 <= model.scores["accuracy"] < 1.0
    asked = layout.read(0).questions
    assert [one.question for one in model.answered] == [q.text for q in asked]
    pairs = [q for q in asked if len(q.terms) == 2]
    assert 0 < len(pairs) < len(asked) and len(rows["mini, first thing true"].answered) == len(pairs)
    for kind, value in model.per_class.items():
        own = [one.right for one in model.answered if one.kind == kind]
        assert value == pytest.approx(sum(own) / len(own))
    assert f"{len(asked)} questions" in model.notes[0]


def test_what_is_measured_is_what_graft_ask_answers(miniature, tmp_path):
    layout = open_layout(Source("world-questions", miniature("world-questions", 1)))
    job, example = Job(layout, (0,), named_classes(layout.classes), sam="mini"), layout.read(0)
    contender = load_contender("mini", "mini", job.prompts, "cpu")
    texts = ("Is there a lake?", "How much area does sand cover?", "How far is the nearest road from the meadow?")
    with Staging() as staging:
        found = ImageFinders(contender, job, staging).of(example, tmp_path)
        way = ways_of("mini", found, None)[-1]
        replies = [reply_to(Question(text, "any", 0), way, job.cancel) for text in texts]
        unseen = reply_to(Question("How many elephants are there?", "any", 0), way, job.cancel)
    assert unseen.value is None and "elephant" in unseen.plan and "never saw" in unseen.error
    for text, reply in zip(texts, replies):
        asked = AskRequest(str(tmp_path / "image.tif"), text, sensor="rgb", store=str(tmp_path / "other"), device="cpu")
        answer = run_ask(asked)
        assert (reply.plan, reply.unit) == (answer.plan, answer.unit) and reply.value == pytest.approx(answer.value)


def test_rsvqa_by_the_command(miniature, tmp_path, capsys):
    words = ["--model", "mini", "--task", "vqa", "--data", "rsvqa-lr", "--root", str(miniature("rsvqa-lr", 1))]
    assert main(["evaluate", *words, "--out", str(tmp_path / "out")]) == 0
    (row,) = json.loads((tmp_path / "out" / "results.json").read_text())["rows"]
    kinds = {"rural_urban", "presence", "count", "comp"}
    assert set(row["per_class"]) == kinds == {one["kind"] for one in row["answered"]} and row["n"] == 1
    counts = row["confusion"]
    assert sum(map(sum, counts)) == len(row["answered"]) == 12
    right = sum(counts[i][i] for i in range(len(counts)))
    assert row["scores"]["accuracy"] == pytest.approx(right / 12, abs=1e-6)
    assert row["scores"]["mean over kinds"] == pytest.approx(sum(row["per_class"].values()) / 4, abs=1e-5)
    assert "| presence |" in (tmp_path / "out" / "results.md").read_text()
    capsys.readouterr()
    assert main(["evaluate", *words, "--out", str(tmp_path / "out"), "--prompts", "plain"]) == 2
    assert "--prompts is not for vqa" in capsys.readouterr().err


def test_a_layout_that_asks_nothing_is_refused(colour_layout, colour_contender):
    layout, prompts = colour_layout([("red",)], [(1, 1, 1)])
    with pytest.raises(UsageError, match="nothing is asked of the images of colours"):
        vqa.evaluate(colour_contender, Job(layout, (0,), prompts))


class Says:
    """Finds one region, whose score says who found it."""

    view, crs, gsd_m = box(0, 0, 9, 9), "EPSG:32614", 1.0

    def __init__(self, score):
        self.score = score

    def find(self, text):
        return (Region(box(0, 0, 1, 1), self.score, text),)


def test_one_thing_at_a_time_is_taken_from_the_truth_whatever_it_is_called():
    question = Question("?", "near", 1, terms=("house", "road"))
    ways = {way.name: way for way in ways_of("m", {"": lambda _: Says(0.5), " + SAM": lambda _: Says(0.6)}, Says(1.0))}
    for name, scores in (("no", (0.6, 0.6)), ("first", (1.0, 0.6)), ("second", (0.6, 1.0))):
        finder = ways[f"m + SAM, {name} thing true"].finder(question, ("buildings", "street"))
        assert isinstance(finder, MixedFinder)
        assert tuple(finder.find(text)[0].score for text in ("buildings", "street")) == scores
