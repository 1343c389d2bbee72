"""The small CLIP: its loss falls, and what is saved reads the same through the text contract."""

from __future__ import annotations

import json

import numpy as np
import open_clip
import pytest
import torch
from open_clip.loss import ClipLoss
from safetensors.torch import load_file
from torch.nn import functional as F

from graft_plugin.engine.encoders.words import WordTokenizer
from training.mini.clip import (
    ClipRun,
    MiniClip,
    SharedCaptionLoss,
    _encode_tokens,
    augment,
    build_clip,
    load_clip,
    model_config,
    train_clip,
)
from training.mini.clip_data import ClipData, make_clip_data
from training.mini.clip_scores import zero_shot
from training.world.captions import PROMPT_TEMPLATES, VOCABULARY
from training.world.classes import CLASSES, NAMES

TINY = ClipRun(
    steps=25,
    batch=48,
    width=64,
    layers=1,
    dim=32,
    text_width=32,
    text_heads=2,
    text_layers=1,
    peak_lr=3e-3,
    patch_dropout=0.25,
)


@pytest.fixture(scope="module")
def data():
    return make_clip_data(0, 480, each=2)


@pytest.fixture(scope="module")
def trained(data):
    return train_clip(TINY, data, data)


def tiny(seed=0):
    torch.manual_seed(seed)
    config = model_config(TINY, VOCABULARY)
    return MiniClip(build_clip(config).eval(), config)


def test_data_is_balanced_reproducible_and_captioned(data):
    again = make_clip_data(0, 480, each=2)
    for name in ("views", "captions", "labels"):
        np.testing.assert_array_equal(getattr(data, name), getattr(again, name))
    counts = np.bincount(data.labels, minlength=len(CLASSES))
    assert counts.sum() == 480 and counts.min() > 12 and counts.max() < 60
    assert data.views.shape == (480, 3, 64, 64) and data.captions.shape == (480, 2)
    tokenizer = WordTokenizer(VOCABULARY, ClipRun().context)
    assert not any(tokenizer.unknown(text) for text in data.captions.ravel().tolist())
    assert int((tokenizer(data.captions.ravel().tolist()) != 0).sum(1).max()) <= ClipRun().context
    assert (make_clip_data(1, 32).views != data.views[:32]).mean() > 0.5


def test_shared_captions_are_not_negatives_and_distinct_ones_give_clips_loss():
    image, text = (F.normalize(torch.randn(6, 8, generator=torch.Generator().manual_seed(k)), dim=-1) for k in (0, 1))
    scale = torch.tensor(10.0)
    loss = SharedCaptionLoss()
    torch.testing.assert_close(loss(image, text, scale, torch.arange(6)), ClipLoss()(image, text, scale))
    twice = torch.tensor([0, 1, 2, 3, 4, 0])
    text = text.clone()
    text[5] = text[0]
    logits = scale * image @ text.T
    target = torch.eye(6)
    target[0, 0] = target[0, 5] = target[5, 0] = target[5, 5] = 0.5
    slow = -(target * logits.log_softmax(1)).sum(1).mean() / 2 - (target * logits.T.log_softmax(1)).sum(1).mean() / 2
    torch.testing.assert_close(loss(image, text, scale, twice), slow)


def test_loss_falls_and_the_report_tells(trained):
    clip, report = trained
    assert report["steps"] == 25 and report["loss"][-1] < report["loss"][0] - 0.25
    assert report["averaged"] > 1.8 / len(CLASSES)
    assert set(report["per_class"]) == set(NAMES)
    assert {"one_prompt", "synonyms", "synonyms_one_prompt", "confused", "text_similarity_max"} <= set(report)
    json.dumps(report)
    assert not clip.model.training and not any(p.requires_grad for p in clip.model.parameters())


def test_same_seed_same_model(data, trained):
    again, _ = train_clip(TINY, data, data)
    for name, tensor in trained[0].model.state_dict().items():
        torch.testing.assert_close(again.model.state_dict()[name], tensor, msg=name)


def test_saved_model_reads_the_same(tmp_path, trained, data):
    clip, _ = trained
    (tmp_path / "config.json").write_text(json.dumps({"sam": {"dim": 1}}))
    clip.save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["sam"] == {"dim": 1} and set(config) == {"sam", "clip", "words", "templates", "contrast"}
    assert config["words"] == list(VOCABULARY) and config["templates"] == list(PROMPT_TEMPLATES)
    assert config["contrast"] == list(NAMES)
    again = load_clip(tmp_path)
    views = torch.from_numpy(data.views[:8])
    torch.testing.assert_close(again.encode_views(views), clip.encode_views(views), atol=5e-3, rtol=0)
    torch.testing.assert_close(again.class_vectors(), clip.class_vectors(), atol=5e-3, rtol=0)


def test_the_file_alone_feeds_open_clips_text_tower(tmp_path, trained):
    """As the engine reads it: float16 names of open_clip, ids of the word tokenizer, pooled at the largest id."""
    clip, _ = trained
    clip.save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    state = load_file(tmp_path / "clip.safetensors")
    assert {t.dtype for t in state.values()} == {torch.float16}
    assert {"logit_scale", "text_projection", "token_embedding.weight", "positional_embedding", "visual.proj"} <= set(
        state
    )
    assert len(state["token_embedding.weight"]) == len(config["words"]) + 4
    cfg = dict(config["clip"])
    model = open_clip.model.CLIP(
        cfg["embed_dim"],
        open_clip.CLIPVisionCfg(**cfg["vision_cfg"]),
        open_clip.CLIPTextCfg(**cfg["text_cfg"]),
        quick_gelu=cfg["quick_gelu"],
    ).eval()
    missing, unexpected = model.load_state_dict({k: v.float() for k, v in state.items()}, strict=False)
    assert not unexpected and not [name for name in missing if "attn_mask" not in name]
    tokens = WordTokenizer(config["words"], cfg["text_cfg"]["context_length"])
    texts = [frame.format("lake") for frame in config["templates"]]
    with torch.no_grad():
        vector = F.normalize(F.normalize(model.encode_text(tokens(texts)), dim=-1).mean(0), dim=-1)
    torch.testing.assert_close(vector, clip.encode_texts(["lake"])[0], atol=5e-3, rtol=0)


def test_shortened_text_is_the_same_text():
    clip = tiny()
    tokens = clip.tokenizer(["lake", "a photo of the pond beside a forest under a cloudy sky"])
    with torch.no_grad():
        full = clip.model.encode_text(tokens, normalize=True)
        short = _encode_tokens(clip.model, tokens, int((tokens != 0).sum(1).max()))
    torch.testing.assert_close(short, full, atol=1e-5, rtol=0)


def test_augmentation_keeps_shape_and_range_and_changes_each_view(data):
    views = torch.from_numpy(data.views[:16])
    first = augment(views, torch.Generator().manual_seed(0))
    assert first.shape == views.shape and float(first.min()) >= 0 and float(first.max()) <= 1
    torch.testing.assert_close(first, augment(views, torch.Generator().manual_seed(0)))
    assert float((first - views / 255).abs().mean((1, 2, 3)).min()) > 0.005


def test_zero_shot_scores_a_perfect_and_a_blind_model():
    clip = tiny()
    text = clip.class_vectors()
    data = ClipData(np.zeros((32, 3, 64, 64), np.uint8), np.array([["x"]] * 32), np.repeat(np.arange(16), 2))
    perfect = MiniClip(clip.model, clip.config)
    perfect.encode_views = lambda views: text[torch.from_numpy(data.labels)]
    assert zero_shot(perfect, data)["averaged"] == 1.0
    blind = MiniClip(clip.model, clip.config)
    blind.encode_views = lambda views: text[:1].expand(len(views), -1)
    report = zero_shot(blind, data)
    assert report["averaged"] == pytest.approx(1 / 16, abs=1e-4) and report["per_class"]["lake"] == 1.0
