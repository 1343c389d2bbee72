"""Scores against an explicit loop; competition, contrast, global bias."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from graft_plugin.engine.search import Query, Scorer, kept_contrast
from graft_plugin.errors import UsageError


class Texts:
    """A text encoder of random, or given, unit vectors."""

    def __init__(self, dim=8, contrast=(), logit_scale=20.0, given=None):
        self.dim, self.contrast, self.logit_scale, self.given = dim, tuple(contrast), logit_scale, given or {}

    def encode(self, texts):
        rows = []
        for text in texts:
            vector = self.given.get(text)
            if vector is None:
                vector = np.random.default_rng(sum(map(ord, text))).normal(size=self.dim)
            rows.append(vector / np.linalg.norm(vector))
        return torch.tensor(np.array(rows), dtype=torch.float32)


def unit(rng, *shape):
    x = rng.normal(size=shape)
    return (x / np.linalg.norm(x, axis=-1, keepdims=True)).astype(np.float32)


def slow(texts, names, count, patches, image, bias, scale):
    vectors = texts.encode(names).numpy().astype(float)
    out = np.zeros((count, *patches.shape[:-1]))
    for at in np.ndindex(patches.shape[:-1]):
        logits = [
            scale * (float(patches[at] @ v) + bias * (float(image[at] @ v) if image is not None else 0.0))
            for v in vectors
        ]
        total = sum(math.exp(x - max(logits)) for x in logits)
        for k in range(count):
            out[(k, *at)] = math.exp(logits[k] - max(logits)) / total
    return out


@pytest.mark.parametrize("bias", [0.0, -0.3])
def test_probabilities_equal_the_slow_loop(bias):
    rng = np.random.default_rng(0)
    texts = Texts(contrast=["road", "field", "town"])
    scorer = Scorer(texts, Query(("lake", "forest"), ("shadow",)), global_bias=bias)
    patches, image = unit(rng, 3, 5, 8), unit(rng, 3, 5, 8)
    names = ["lake", "forest", "shadow", *scorer.contrast]
    assert scorer.kind == "probability" and len(scorer.contrast) >= 2
    expected = slow(texts, names, 2, patches, image, bias, 20.0)
    scores = scorer.score(patches, image)
    assert scores.shape == (2, 3, 5) and scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, atol=2e-6)


def test_one_tile_vector_serves_all_its_patches():
    rng = np.random.default_rng(1)
    scorer = Scorer(Texts(contrast=["road", "field", "town"]), Query(("lake",)), global_bias=-0.3)
    patches, image = unit(rng, 4, 4, 8), unit(rng, 1, 1, 8)
    spread = np.broadcast_to(image, patches.shape)
    np.testing.assert_allclose(scorer.score(patches, image), scorer.score(patches, spread.copy()), atol=1e-6)
    with pytest.raises(UsageError, match="tile"):
        scorer.score(patches)


def test_one_prompt_without_competitors_is_half_of_one_plus_cosine():
    rng = np.random.default_rng(2)
    texts = Texts()
    patches = unit(rng, 6, 8)
    cosine = patches @ texts.encode(["lake"]).numpy()[0]
    alone = Scorer(texts, Query(("lake",)))
    assert alone.kind == "similarity"
    np.testing.assert_allclose(alone.score(patches)[0], (1 + cosine) / 2, atol=1e-6)
    raw = Scorer(Texts(contrast=["road", "field"]), Query(("lake",)), mode="cosine")
    assert raw.kind == "cosine"
    np.testing.assert_allclose(raw.score(patches)[0], cosine, atol=1e-6)


def test_a_negative_pushes_down_and_prompts_share_one():
    rng = np.random.default_rng(3)
    patches = unit(rng, 50, 8)
    texts = Texts()
    pair = Scorer(texts, Query(("lake", "forest"))).score(patches)
    np.testing.assert_allclose(pair.sum(axis=0), 1.0, atol=1e-6)
    pushed = Scorer(texts, Query(("lake", "forest"), ("shadow",))).score(patches)
    assert pushed.shape == pair.shape
    assert (pushed <= pair).all() and (pushed < 0.9 * pair).any()


@pytest.mark.parametrize("floor", [0.0, 0.8])
def test_contrast_that_means_the_same_is_left_out_whatever_the_towers_cosines(floor):
    """All texts share one direction with weight `floor`: CLIP towers differ in just that."""
    axis = np.eye(8)

    def text(i, near=None, share=0.0):
        own = axis[i] if near is None else math.sqrt(share) * axis[near] + math.sqrt(1 - share) * axis[i]
        return math.sqrt(floor) * axis[7] + math.sqrt(1 - floor) * own

    given = {
        "lake": text(0), "pond": text(5, near=0, share=0.8), "river": text(6, near=0, share=0.1),
        "road": text(1), "field": text(2), "town": text(3),
    }  # fmt: skip
    texts = Texts(contrast=["pond", "river", "road", "field", "town"], given=given)
    assert Scorer(texts, Query(("lake",))).contrast == ("river", "road", "field", "town")


def test_small_banks():
    same = torch.nn.functional.normalize(torch.ones(1, 4), dim=1)
    other = torch.tensor([[1.0, -1.0, 0.0, 0.0]]) / math.sqrt(2)
    assert kept_contrast(torch.zeros(0, 4), same).tolist() == []
    assert kept_contrast(other, same).tolist() == [True]
    assert kept_contrast(torch.cat([same, other]), same).tolist() == [False, True]


def test_long_inputs_go_in_blocks(monkeypatch):
    rng = np.random.default_rng(4)
    scorer = Scorer(Texts(contrast=["a", "b", "c"]), Query(("lake", "sea")), global_bias=-0.3)
    patches, image = unit(rng, 7, 9, 8), unit(rng, 7, 9, 8)
    whole = scorer.score(patches, image)
    monkeypatch.setattr("graft_plugin.engine.search._BLOCK", 5)
    np.testing.assert_allclose(scorer.score(patches, image), whole, atol=1e-6)
    assert scorer.score(np.zeros((0, 8), np.float32), np.zeros((0, 8), np.float32)).shape == (2, 0)


@pytest.mark.parametrize(("prompts", "negatives"), [((), ()), (("  ",), ()), (("a", "a"), ()), (("a",), ("a",))])
def test_queries_that_ask_nothing_are_refused(prompts, negatives):
    with pytest.raises(UsageError):
        Query(prompts, negatives)
