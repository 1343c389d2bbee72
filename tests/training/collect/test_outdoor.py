"""The outdoor filter without a Places365 file: CLIP's zero-shot answer, honest where a model cannot tell."""

from __future__ import annotations

import math

import pytest
import torch

from graft_plugin.engine.encoders.photo import load_photo_encoder
from graft_plugin.engine.encoders.text import TextEncoder
from graft_plugin.errors import CheckpointError, UsageError
from training.collect.journal import Journal
from training.collect.outdoor import PROMPTS, ClipJudge, RememberedFilter, make_judge, two_way
from training.collect.photos import Photo
from training.collect.places365 import Places365

from .flickr_server import jpeg
from .places365 import CATEGORIES, network, save, save_table


class Photos:
    """Gives the vector that a file's name stands for."""

    def encode(self, path):
        angle = float(path.stem)
        return torch.tensor([math.cos(angle), math.sin(angle)])


def texts(scale=10.0):
    """A text tower that puts every outdoor prompt at 0 rad and every indoor one at 1 rad."""
    seen = []

    def tokenize(batch):
        seen.extend(batch)
        return torch.tensor([[0.0 if text in PROMPTS[True] else 1.0] for text in batch])

    def tower(ids):
        return torch.cat([ids.cos(), ids.sin()], dim=1)

    encoder = TextEncoder(tower, tokenize, dim=2, logit_scale=scale, templates=("A satellite image of {}",))
    return encoder, seen


def test_the_score_is_the_softmax_of_both_sides(tmp_path):
    encoder, seen = texts()
    judge = ClipJudge(Photos(), encoder, "test")
    for angle in (0.0, 0.4, 0.5, 0.9):
        logits = torch.tensor([math.cos(angle), math.cos(angle - 1)]) * 10
        assert judge.outdoor(tmp_path / f"{angle}.jpg") == pytest.approx(float(torch.softmax(logits, 0)[0]), abs=1e-5)
    assert sorted(seen) == sorted(PROMPTS[True] + PROMPTS[False])  # as they are: no satellite in them
    assert two_way(-800) == 0.0 and two_way(800) == 1.0 and two_way(0) == 0.5


def test_a_model_that_never_saw_the_words_says_so():
    with pytest.raises(UsageError, match=r"'mini' cannot tell indoors from outdoors: .*indoors.*outdoors") as caught:
        make_judge(None, None, "mini")
    assert "--places365" in caught.value.remedy and "--no-outdoor-filter" in caught.value.remedy


def test_a_model_that_is_not_here_says_how_to_get_it():
    with pytest.raises(CheckpointError, match="graft models fetch openai-vit-b-16"):
        make_judge(None, None, "openai-vit-b-16")


def test_a_real_tower_judges_real_files(tmp_path, colour_model):
    """The test model sees colours alone: outdoors is where its patches point to, whatever that is."""
    (tmp_path / "사진 1.jpg").write_bytes(jpeg(1))
    encoder, _ = texts()
    photos = load_photo_encoder(colour_model)
    encoder._tower = lambda ids: torch.cat([1 - ids, ids, torch.zeros(len(ids), photos.dim - 2)], dim=1)
    encoder.dim = photos.dim
    out, inside = photos.encode(tmp_path / "사진 1.jpg")[:2].tolist()
    score = ClipJudge(photos, encoder, "colours").outdoor(tmp_path / "사진 1.jpg")
    assert score == pytest.approx(1 / (1 + math.exp(10 * (inside - out))), abs=1e-5)


def test_the_files_of_places365_come_before_clip(tmp_path):
    weights = save(network(), tmp_path / "resnet18_places365.pth.tar")
    table = save_table([True] * CATEGORIES, tmp_path / "IO_places365.txt")
    judge, name = make_judge(str(weights), str(table), "mini")
    assert isinstance(judge, Places365) and name == "places365 resnet18"
    for one, two, words in ((str(weights), None, "--places365 needs --places365-table"),
                            (None, str(table), "--places365-table needs --places365 ")):
        with pytest.raises(UsageError, match=words):
            make_judge(one, two, "mini")


def test_no_photo_is_judged_twice(tmp_path):
    calls = []

    class Judge:
        def outdoor(self, path):
            calls.append(path)
            return 0.123456

    photo = Photo("1", "flickr", 1.0, 1.0, file="images/1.jpg")
    for _ in range(2):
        with Journal(tmp_path) as journal:
            assert RememberedFilter(Judge(), "j", tmp_path, journal).score(photo) == 0.1235
    assert calls == [tmp_path / "images/1.jpg"]
