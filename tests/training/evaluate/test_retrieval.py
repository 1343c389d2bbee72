"""Retrieval with a model whose ranking is known beforehand."""

from __future__ import annotations

import pytest

from graft_plugin.errors import UsageError
from training.evaluate.job import Job
from training.evaluate.retrieval import evaluate

RED, BLUE = (200, 20, 20), (20, 20, 200)


def test_ap_at_k_of_a_known_ranking(colour_layout, colour_contender):
    # How blue they are decides the order: 0, 1, 2, 3; the second is no "blue" by its label.
    shown = [(0, 0, 200), (30, 0, 200), (90, 0, 200), (150, 0, 200)]
    truths = [("blue",), ("red",), ("blue",), ("blue",)]
    layout, prompts = colour_layout(truths, shown)
    (outcome,) = evaluate(colour_contender, Job(layout, layout.indices(), prompts, top_k=(1, 3)))
    blue_1, blue_3 = 1.0, (1 / 1 + 2 / 3) / 2
    red_1, red_3 = 0.0, 1 / 3  # its image is third in red
    assert outcome.scores == pytest.approx(
        {"mAP@1": (blue_1 + red_1) / 2, "mAP@3": (blue_3 + red_3) / 2, "P@1": (1 + 0) / 2, "P@3": (2 / 3 + 1 / 3) / 2}
    )
    assert outcome.per_class == pytest.approx({"red": red_3, "blue": blue_3}) and outcome.per_class_metric == "AP@3"
    assert "2 queries" in outcome.notes[-1], "green has no image"
    blue = [p for p in outcome.pictures if p.group == "blue"]
    assert [p.right for p in blue] == [True, False, True, True] and blue[1].title == "red"
    assert blue[0].image[0].mean() == 0 and 25 < blue[1].image[0].mean() < 35


def test_k_beyond_the_set_takes_all(colour_layout, colour_contender):
    layout, prompts = colour_layout([("blue",), ("red",)], [BLUE, RED])
    (outcome,) = evaluate(colour_contender, Job(layout, layout.indices(), prompts, top_k=(100,)))
    assert outcome.scores == {"mAP@100": 1.0, "P@100": 0.5} and outcome.confusion is None


def test_nothing_to_look_for(colour_layout, colour_contender):
    layout, prompts = colour_layout([()], [BLUE], multi=True)
    with pytest.raises(UsageError, match="no image has a class that is asked for"):
        evaluate(colour_contender, Job(layout, layout.indices(), prompts))
