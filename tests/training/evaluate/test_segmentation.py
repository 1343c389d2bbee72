"""Segmentation through the engine's own search, with the model that reads the mean colour of a patch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from graft_plugin.engine import load_encoder, load_text_encoder
from graft_plugin.engine.sam import load_sam
from graft_plugin.errors import UsageError
from training.evaluate.baselines import Contender
from training.evaluate.job import Job
from training.evaluate.layouts.types import UNJUDGED, Example, Layout
from training.evaluate.promptsets import named_classes
from training.evaluate.search import Searcher
from training.evaluate.segmentation import by_clipseg, evaluate

PAINT = {"soil": (190, 90, 60), "forest": (20, 150, 40), "lake": (20, 60, 180)}
CLASSES = tuple(PAINT)


def scene(height=224, width=224):
    """Soil with a lake and a wood, and the truth."""
    mask = np.zeros((height, width), np.uint8)
    mask[32:112, 48:144] = CLASSES.index("lake")
    mask[128:208, 96:208] = CLASSES.index("forest")
    image = np.array(list(PAINT.values()), np.uint8)[mask]
    return np.moveaxis(image, -1, 0).copy(), mask


def layout_of(*examples, classes=CLASSES, gsd_m=1.0):
    items = [Example(f"scene {i}", image, (), mask) for i, (image, mask) in enumerate(examples)]
    keys = tuple(item.key for item in items)
    return Layout("scenes", "all", classes, keys, items.__getitem__, has_masks=True, gsd_m=gsd_m)


@pytest.fixture(scope="module")
def contender(colour_model):
    encoder = load_encoder(colour_model)
    return Contender("colours", encoder.sha256, encoder, load_text_encoder(colour_model))


def job(layout, **options):
    return Job(layout, layout.indices(), named_classes(layout.classes), **options)


def test_known_colours_are_found_to_the_pixel(contender):
    image, mask = scene()
    (outcome,) = evaluate(contender, job(layout_of((image, mask))))
    assert outcome.scores["mIoU"] > 0.97 and outcome.scores["pixel accuracy"] > 0.99
    assert set(outcome.per_class) == set(CLASSES) and outcome.confusion.sum() == mask.size
    assert outcome.pictures[0].found.shape == mask.shape


def test_unjudged_pixels_and_a_wrong_truth_count_as_they_should(contender):
    image, mask = scene()
    half = mask.copy()
    half[:, 112:] = UNJUDGED
    swapped = np.where(mask == 0, 1, np.where(mask == 1, 0, mask)).astype(np.uint8)  # soil called forest, and back
    (judged,) = evaluate(contender, job(layout_of((image, half))))
    (wrong,) = evaluate(contender, job(layout_of((image, swapped))))
    assert judged.confusion.sum() == 224 * 112
    assert wrong.per_class["lake"] > 0.95 and wrong.per_class["soil"] < 0.05 and wrong.per_class["forest"] < 0.05


@pytest.mark.parametrize(("height", "width"), [(300, 260), (100, 150)])
def test_images_larger_and_smaller_than_a_tile(contender, height, width):
    image, mask = scene(height, width)
    (outcome,) = evaluate(contender, job(layout_of((image, mask))))
    assert outcome.per_class["lake"] > 0.9


def test_a_coarser_image_is_read_at_the_models_resolution_and_answered_at_its_own(contender, tmp_path):
    image, mask = scene()
    small, truth = image[:, ::2, ::2], mask[::2, ::2]
    searcher = Searcher(contender.encoder, contender.texts, named_classes(CLASSES), "rgb", 2.0, job(layout_of()).cancel)
    found = searcher.search(np.ascontiguousarray(small), tmp_path)
    assert found.scene.grid.gsd_m == 1.0 and found.heat.window.shape == (224, 224)
    labels = found.labels()
    assert labels.shape == truth.shape and (labels == truth).mean() > 0.95


def test_background_is_what_no_prompt_speaks_for(contender):
    image, mask = scene()
    classes = ("background", "lake")
    truth = (mask == CLASSES.index("lake")).astype(np.uint8)
    (outcome,) = evaluate(contender, job(layout_of((image, truth), classes=classes)))
    assert outcome.per_class["lake"] > 0.9 and outcome.per_class["background"] > 0.95


class Tracer:
    """A SAM that draws, for points on the lake, the lake moved by some pixels; else nothing."""

    image_px, sha256, model_id, precision = 224, "5a11", "tracer", "fp32"

    def __init__(self, shift):
        self.shift, self.asked = shift, 0

    def embed(self, rgb, valid=None, cancel=None):
        return (rgb[2] > rgb[0]) & (rgb[2] > rgb[1])

    def masks(self, embedding, points, labels, hw, cancel=None):
        self.asked += len(points)
        masks, iou = np.zeros((len(points), 4, *hw), bool), np.zeros((len(points), 4), np.float32)
        moved = np.roll(embedding, self.shift, 1)
        for i, xy in enumerate(points[:, 0].round().astype(int)):
            if embedding[xy[1], xy[0]]:
                masks[i, 1:], iou[i, 1:] = moved, 0.95
        return masks, iou


def test_sams_masks_replace_the_heatmaps_where_they_lie(contender, tmp_path):
    image, mask = scene()
    searcher = Searcher(contender.encoder, contender.texts, named_classes(CLASSES), "rgb", 1.0, job(layout_of()).cancel)
    found, sam = searcher.search(image, tmp_path), Tracer(4)
    plain, refined = found.labels(), found.refined(sam)
    lake = CLASSES.index("lake")
    assert sam.asked and (plain == mask).mean() > 0.99
    assert (refined[40:104, 144:148] == lake).mean() > 0.9, "the mask reaches four pixels beyond the lake"
    assert (plain[40:104, 145:148] == lake).mean() < 0.3
    assert (refined[140:200, 110:200] == CLASSES.index("forest")).all(), "what SAM does not draw stays"


def test_with_a_real_sam_there_are_two_rows(contender, colour_model):
    image, mask = scene()
    outcomes = evaluate(contender, job(layout_of((image, mask)), sam=str(colour_model / "sam.safetensors")))
    assert outcomes[0].model == "colours" and "colours + SAM" in outcomes[1].model
    assert outcomes[1].seconds >= outcomes[0].seconds
    assert load_sam(str(colour_model / "sam.safetensors")).image_px == 64


def test_what_has_no_masks_is_refused(contender, colour_layout):
    layout, prompts = colour_layout([("red",)], [(1, 1, 1)])
    with pytest.raises(UsageError, match=r"no masks of pixels.*folder with images"):
        evaluate(contender, Job(layout, (0,), prompts))


class FakeClipSeg:
    """Three texts over four pixels."""

    def probabilities(self, image, texts):
        each = [[0.2, 0.6, 0.1, 0.3], [0.9, 0.1, 0.4, 0.1], [0.1, 0.3, 0.45, 0.2]]
        assert list(texts) == ["x", "y", "z"]
        return np.array(each, np.float32)[:, :, None]


def test_clipseg_takes_the_likeliest_text_of_each_class():
    prompts = replace(named_classes(("a", "b", "background")), classes=(("x",), ("y", "z"), ()))
    image = np.zeros((3, 4, 1), np.uint8)
    assert by_clipseg(FakeClipSeg(), image, prompts)[:, 0].tolist() == [1, 0, 2, 2]
    assert by_clipseg(FakeClipSeg(), image, replace(prompts, background=None))[:, 0].tolist() == [1, 0, 1, 0]
