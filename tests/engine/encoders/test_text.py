from __future__ import annotations

import open_clip
import pytest
import torch
from torch.nn import functional as F

from graft_plugin.engine.encoders import text as module
from graft_plugin.engine.encoders.text import TextEncoder, build_text_tower, clip_tokenizer
from graft_plugin.errors import CheckpointError, UsageError


def build(quick_gelu=True):
    torch.manual_seed(5)
    return open_clip.model.CLIP(
        embed_dim=32,
        vision_cfg={"image_size": 32, "patch_size": 16, "width": 64, "layers": 1, "head_width": 64},
        text_cfg={"context_length": 77, "vocab_size": 49408, "width": 128, "heads": 2, "layers": 2},
        quick_gelu=quick_gelu,
    ).eval()


@pytest.fixture(scope="module")
def clip():
    return build()


def encoder(clip, templates=("{}",), **kwargs):
    tower, length, dim = build_text_tower(clip.state_dict(), "x.pt", quick_gelu=True)
    return TextEncoder(tower, clip_tokenizer(length), dim=dim, logit_scale=100.0, templates=templates, **kwargs)


def test_equals_open_clip(clip):
    texts = ["lake", "a dirt road between two fields", "lake"]
    with torch.inference_mode():
        expected = clip.encode_text(open_clip.tokenize(texts), normalize=True)
    found = encoder(clip).encode(texts)
    assert found.dtype == torch.float32
    assert torch.allclose(found, expected, atol=1e-5)
    assert encoder(clip).encode([]).shape == (0, 32)


def test_custom_text_clip_layout(clip):
    state = open_clip.model.convert_to_custom_text_state_dict(clip.state_dict())
    tower, length, dim = build_text_tower(state, "x.pt", quick_gelu=True)
    found = TextEncoder(tower, clip_tokenizer(length), dim=dim, logit_scale=1.0).encode(["lake"])
    assert torch.equal(found, encoder(clip).encode(["lake"]))


def test_the_activation_matters(clip):
    tower, length, dim = build_text_tower(clip.state_dict(), "x.pt", quick_gelu=False)
    found = TextEncoder(tower, clip_tokenizer(length), dim=dim, logit_scale=1.0).encode(["lake"])
    assert (found - encoder(clip).encode(["lake"])).abs().max() > 1e-4


def test_templates_are_averaged_after_normalisation(clip):
    templates = ("{}", "a satellite image of {}", "{} from above")
    with torch.inference_mode():
        parts = clip.encode_text(open_clip.tokenize([t.replace("{}", "{lake}") for t in templates]), normalize=True)
    found = encoder(clip, templates).encode(["{lake}"])  # braces of a prompt are text
    assert torch.allclose(found[0], F.normalize(parts.mean(0), dim=-1), atol=1e-5)


def test_encodes_a_text_once(clip, monkeypatch):
    texts = encoder(clip)
    texts.encode(["lake", "road"])
    monkeypatch.setattr(texts, "_tower", None)
    assert texts.encode(["road", "lake", "road"]).shape == (3, 32)
    monkeypatch.setattr(module, "_CACHED", 1)
    texts.encode(["road", "lake"])
    assert list(texts._cache) == ["lake"]


def test_open_vocabulary_knows_every_word(clip):
    assert encoder(clip, contrast=("road",)).unknown_words("xylograph") == ()
    assert encoder(clip, contrast=("road",)).contrast == ("road",)


def test_mistakes(clip):
    with pytest.raises(UsageError, match="empty"):
        encoder(clip).encode(["  "])
    with pytest.raises(UsageError, match="list"):
        encoder(clip).encode("lake")
    with pytest.raises(UsageError, match="template"):
        encoder(clip, ("a lake",))
    with pytest.raises(CheckpointError, match="no text tower"):
        build_text_tower({"visual.proj": torch.zeros(1)}, "x.pt", quick_gelu=True)
    broken = clip.state_dict()
    del broken["ln_final.bias"]
    with pytest.raises(CheckpointError, match=r"missing ln_final\.bias"):
        build_text_tower(broken, "x.pt", quick_gelu=True)
