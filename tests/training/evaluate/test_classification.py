"""Classification with a model whose answers are known beforehand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from graft_plugin.engine.progress import CancelToken
from graft_plugin.errors import Cancelled, UsageError
from training.evaluate.baselines import Contender
from training.evaluate.classification import evaluate
from training.evaluate.job import Job

COLOURS = {"red": (200, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 200)}
RED, GREEN, BLUE = COLOURS.values()


def test_accuracy_confusion_and_examples(colour_layout, colour_contender):
    truths = [("red",), ("red",), ("red",), ("green",), ("blue",), ("blue",)]
    layout, prompts = colour_layout(truths, [RED, RED, BLUE, GREEN, BLUE, BLUE])
    (outcome,) = evaluate(colour_contender, Job(layout, layout.indices(), prompts))
    assert outcome.scores["accuracy"] == pytest.approx(5 / 6)
    assert outcome.per_class == pytest.approx({"red": 2 / 3, "green": 1.0, "blue": 1.0})
    assert outcome.scores["mean class accuracy"] == pytest.approx(8 / 9)
    assert outcome.confusion.tolist() == [[2, 0, 1], [0, 1, 0], [0, 0, 2]]
    assert outcome.count == 6 and outcome.sha256 == "c0105"
    wrong = [p for p in outcome.pictures if not p.right]
    assert len(outcome.pictures) == 6 and [p.title for p in wrong] == ["blue, is red"]
    assert wrong[0].image[2].mean() > 150, "the picture is the image that was answered wrongly"


def test_several_labels_rank_each_class(colour_layout, colour_contender):
    purple, dim = (150, 0, 160), (90, 100, 110)
    truths = [("red", "blue"), ("blue",), ("green",), (), ("red",)]
    layout, prompts = colour_layout(truths, [purple, BLUE, GREEN, dim, GREEN], multi=True)
    (outcome,) = evaluate(colour_contender, Job(layout, layout.indices(), prompts))
    # red's ranking: purple (right), dim (wrong), then blue, green, green alike in red
    shown = np.array([purple, BLUE, GREEN, dim, GREEN], float)
    cosines = shown / np.linalg.norm(shown, axis=1, keepdims=True)
    assert cosines[:, 0].argmax() == 0
    assert outcome.per_class["blue"] == pytest.approx(1 / 2 * (1 / 1 + 2 / 2))
    assert outcome.per_class["green"] == pytest.approx(0.5), "the two green images tie: one threshold takes both"
    assert outcome.scores["mAP"] == pytest.approx(np.mean(list(outcome.per_class.values())))
    assert outcome.scores["top1"] == pytest.approx(3 / 5)
    assert outcome.confusion.sum() == 5  # one for each label of each image


def test_a_class_without_a_text_is_never_answered(colour_layout, colour_contender):
    layout, prompts = colour_layout([("red",), ("green",)], [RED, GREEN])
    prompts = replace(prompts, classes=(("red",), (), ("blue",)))
    (outcome,) = evaluate(colour_contender, Job(layout, layout.indices(), prompts))
    assert outcome.scores["accuracy"] == 0.5 and outcome.confusion[:, 1].sum() == 0


def test_more_images_than_a_batch_keep_their_order(colour_layout, colour_contender):
    order = np.random.default_rng(0).integers(0, 3, 70)
    names, shown = list(COLOURS), list(COLOURS.values())
    layout, prompts = colour_layout([(names[c],) for c in order], [shown[c] for c in order])
    steps = []
    job = Job(layout, layout.indices(), prompts, report=lambda *step: steps.append(step))
    (outcome,) = evaluate(colour_contender, job)
    assert outcome.scores["accuracy"] == 1.0 and steps[-1] == ("encode", 70, 70)
    assert np.diag(outcome.confusion).tolist() == np.bincount(order, minlength=3).tolist()


def test_limit_spreads_over_the_set(colour_layout):
    layout, _ = colour_layout([("red",)] * 100, [RED] * 100)
    assert layout.indices(4) == (0, 25, 50, 75) and layout.indices(None) == layout.indices(500) == tuple(range(100))


def test_it_stops_when_asked_and_names_what_cannot_classify(colour_layout, colour_contender):
    layout, prompts = colour_layout([("red",)], [RED])
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        evaluate(colour_contender, Job(layout, layout.indices(), prompts, cancel=cancel))
    with pytest.raises(UsageError, match="clipseg segments and does nothing else"):
        evaluate(Contender("clipseg", "0"), Job(layout, layout.indices(), prompts))
    with pytest.raises(UsageError, match="no labels"):
        evaluate(colour_contender, Job(replace(layout, has_labels=False), layout.indices(), prompts))
