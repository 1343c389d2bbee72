"""The miniatures: the bundled model does much better on them than chance, in every task."""

from __future__ import annotations

import pytest

from graft_plugin.errors import UsageError
from training.evaluate import classification, retrieval, segmentation
from training.evaluate.baselines import load_contender
from training.evaluate.job import Job
from training.evaluate.layouts import Source, open_layout
from training.evaluate.miniature import make_miniature
from training.evaluate.promptsets import find_prompts


def job(miniature, name, count, prompts="plain", **options):
    layout = open_layout(Source(name, miniature(name, count), "test"))
    return Job(layout, layout.indices(), find_prompts(prompts, layout.prompts, layout.classes), **options)


def mini(order):
    return load_contender("mini", "mini", order.prompts, "cpu")


def test_eurosat_well_above_the_chance_of_a_tenth(miniature):
    order = job(miniature, "eurosat", 10)
    assert len(order.layout) == 10 and order.layout.split == "test"
    (outcome,) = classification.evaluate(mini(order), order)
    assert outcome.scores["accuracy"] >= 0.4


def test_sat_6_well_above_the_chance_of_a_sixth_both_ways_of_fitting(miniature):
    for fit, least in (("resize", 0.45), ("mirror", 0.65)):
        order = job(miniature, "sat-6", 24, fit=fit)
        (outcome,) = classification.evaluate(mini(order), order)
        assert outcome.scores["accuracy"] >= least, fit


def test_bigearthnet_ranks_its_labels_better_than_their_share(miniature):
    order = job(miniature, "bigearthnet", 8)
    (outcome,) = classification.evaluate(mini(order), order)
    shares = [sum(c in order.layout.read(i).labels for i in order.indices) / 8 for c in range(19)]
    chance = [s for name, s in zip(order.layout.classes, shares) if name in outcome.per_class]
    assert outcome.scores["mAP"] >= sum(chance) / len(chance) + 0.15


def test_retrieval(miniature):
    order = job(miniature, "sat-6", 24, fit="mirror", top_k=(4,))
    (outcome,) = retrieval.evaluate(mini(order), order)
    assert outcome.scores["mAP@4"] >= 0.7


def test_segmentation_of_images_and_masks_with_and_without_sam(miniature):
    order = job(miniature, "folder", 3, prompts=None, sam="mini")
    plain, refined = segmentation.evaluate(mini(order), order)
    assert plain.scores["mIoU"] >= 0.3 and plain.scores["pixel accuracy"] >= 0.6
    assert refined.scores["mIoU"] >= 0.3 and (refined.confusion != plain.confusion).any()


def test_the_same_seed_gives_the_same_files_and_another_gives_others(tmp_path):
    for name, seed in (("one", 0), ("two", 0), ("three", 1)):
        make_miniature("folder", tmp_path / name, 1, seed)
    one, two, three = ((tmp_path / n / "images" / "place_000.png").read_bytes() for n in ("one", "two", "three"))
    assert one == two != three


def test_it_is_not_written_over_anything(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"mine")
    with pytest.raises(UsageError, match="empty folder"):
        make_miniature("eurosat", tmp_path, 10)
    with pytest.raises(UsageError, match="1 or more"):
        make_miniature("eurosat", tmp_path / "new", 0)
    assert [p.name for p in tmp_path.iterdir()] == ["photo.jpg"]
