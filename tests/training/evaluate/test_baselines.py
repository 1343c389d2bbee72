"""The baselines in their true layouts, with random weights: open_clip state dicts, and a CLIPSeg of Hugging Face's."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from torch.nn import functional as F

from graft_plugin.errors import CheckpointError, UsageError
from training.evaluate import segmentation
from training.evaluate.baselines import class_vectors, load_contender, parse_baselines, unknown_words
from training.evaluate.classification import evaluate
from training.evaluate.features import encode_images
from training.evaluate.job import Job
from training.evaluate.layouts.types import Example, Layout
from training.evaluate.promptsets import named_classes
from training.evaluate.tiles import fit_tile

PROMPTS = named_classes(("lake", "forest"))
MEAN = torch.tensor((0.48145466, 0.4578275, 0.40821073))[:, None, None]
STD = torch.tensor((0.26862954, 0.26130258, 0.27577711))[:, None, None]


def test_names_with_and_without_a_model():
    assert parse_baselines("clip, remoteclip=/x/R.pt,clipseg=/y") == (
        ("clip", "openai-vit-b-16"), ("remoteclip", "/x/R.pt"), ("clipseg", "/y"),
    )  # fmt: skip
    assert parse_baselines("") == ()
    for text, words in [("clipseg", "names no model"), ("clip,clip=a", "given twice"), ("=x", "names no model")]:
        with pytest.raises(UsageError, match=words):
            parse_baselines(text)


@pytest.fixture(scope="module")
def remoteclip(tmp_path_factory):
    """RemoteCLIP's layout (open_clip names of image and text tower in one .pt), small; the model beside it."""
    torch.manual_seed(0)
    model = open_clip.model.CLIP(
        embed_dim=64,
        vision_cfg={"image_size": 64, "patch_size": 16, "width": 64, "layers": 2, "head_width": 64},
        text_cfg={"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 1, "layers": 2},
    ).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    path = tmp_path_factory.mktemp("remote") / "RemoteCLIP-tiny.pt"
    torch.save(model.state_dict(), path)
    return path, model


def test_remoteclip_answers_as_open_clip_does(remoteclip, colour_layout):
    path, model = remoteclip
    shown = [tuple(c) for c in np.random.default_rng(0).integers(0, 256, (12, 3)).tolist()]
    layout, _ = colour_layout([("red",)] * 12, shown)
    prompts = replace(named_classes(("one", "two", "three")), classes=(("a lake", "a pond"), ("forest",), ("road",)))
    prompts = replace(prompts, templates=("{}", "a satellite image of {}"))
    contender = load_contender("remoteclip", str(path), prompts, "cpu")
    job = Job(layout, layout.indices(), prompts)
    (outcome,) = evaluate(contender, job)

    def text_vector(text):
        each = F.normalize(model.encode_text(open_clip.tokenize([text, f"a satellite image of {text}"])), dim=-1)
        return F.normalize(each.mean(0), dim=0)

    with torch.inference_mode():
        texts = [F.normalize((text_vector("a lake") + text_vector("a pond")) / 2, dim=0)]
        texts = torch.stack([*texts, text_vector("forest"), text_vector("road")])
        assert torch.allclose(class_vectors(contender.texts, prompts), texts, atol=1e-4)
        tiles = torch.from_numpy(np.stack([fit_tile(layout.read(i).image, 64, "resize") for i in range(12)]))
        images = F.normalize(model.encode_image((tiles / 255 - MEAN) / STD), dim=-1)
    vectors = encode_images(contender.encoder, job).vectors
    assert (vectors * images).sum(1).min() > 0.9995, "to the half precision that this processor may compute in"
    other = (images[:1] * images[1:]).sum(1).min()
    assert other < 0.99, "and these images differ by more than that"
    answers = (vectors @ texts.T).argmax(1)
    assert outcome.confusion[0].tolist() == torch.bincount(answers, minlength=3).tolist()
    assert unknown_words(contender.texts, prompts) == ()


def test_a_missing_baseline_says_how_to_get_it():
    with pytest.raises(CheckpointError, match=r"openai-vit-b-16.*graft models fetch"):
        load_contender("clip", "openai-vit-b-16", PROMPTS, "cpu")


def test_the_bundled_model_tells_of_words_it_does_not_know():
    prompts = replace(PROMPTS, classes=(("lake",), ("volcano",)))
    contender = load_contender("mini", "mini", prompts, "cpu")
    assert unknown_words(contender.texts, prompts) == ("The model does not know the words volcano.",)
    assert len(contender.sha256) == 64 and len(contender.texts.templates) > 1, "its own templates stay"


@pytest.fixture(scope="module")
def clipseg(tmp_path_factory):
    """A folder as Hugging Face publishes it: config, safetensors, CLIP's own vocabulary, image processor."""
    from transformers import (
        CLIPSegConfig,
        CLIPSegForImageSegmentation,
        CLIPSegProcessor,
        CLIPTokenizer,
        ViTImageProcessor,
    )

    home = tmp_path_factory.mktemp("clipseg")
    tokens = open_clip.tokenizer.SimpleTokenizer()
    names = {"<start_of_text>": "<|startoftext|>", "<end_of_text>": "<|endoftext|>"}
    (home / "vocab.json").write_text(json.dumps({names.get(k, k): v for k, v in tokens.encoder.items()}))
    bpe = Path(open_clip.__file__).with_name("bpe_simple_vocab_16e6.txt.gz")
    merges = gzip.decompress(bpe.read_bytes()).decode().split("\n")[1 : 49152 - 256 - 2 + 1]
    (home / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n")
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 2}
    torch.manual_seed(0)
    config = CLIPSegConfig(
        text_config={**sizes, "projection_dim": 16, "vocab_size": 49408},
        vision_config={**sizes, "projection_dim": 16, "image_size": 64, "patch_size": 16},
        projection_dim=16, reduce_dim=8, extract_layers=[0, 1, 2], decoder_num_attention_heads=2,
        decoder_intermediate_size=16,
    )  # fmt: skip
    model = CLIPSegForImageSegmentation(config).eval()
    model.save_pretrained(home)
    images = ViTImageProcessor(
        size={"height": 64, "width": 64}, image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225]
    )
    CLIPSegProcessor(image_processor=images, tokenizer=CLIPTokenizer.from_pretrained(home)).save_pretrained(home)
    return home, model


def test_clipseg_is_run_as_its_authors_do(clipseg):
    home, model = clipseg
    contender = load_contender("CLIPSeg", str(home), PROMPTS, "cpu")
    image = np.random.default_rng(1).integers(0, 256, (3, 64, 64), dtype=np.uint8)
    texts = ["lake", "a forest of tall trees"]
    found = contender.clipseg.probabilities(image, texts)
    pixels = (torch.from_numpy(image) / 255 - torch.tensor([0.485, 0.456, 0.406])[:, None, None]) / torch.tensor(
        [0.229, 0.224, 0.225]
    )[:, None, None]
    for t, text in enumerate(texts):  # one by one, with open_clip's tokens, no padding
        ids = open_clip.tokenize([text])
        ids = ids[:, : int((ids != 0).sum())]
        with torch.inference_mode():
            logits = model(input_ids=ids, pixel_values=pixels[None], attention_mask=torch.ones_like(ids)).logits
        assert np.allclose(found[t], logits.reshape(64, 64).sigmoid().numpy(), atol=1e-4)
    assert not np.allclose(found[0], found[1], atol=1e-4)
    assert contender.clipseg.probabilities(image[:, :40, :56], texts * 10).shape == (20, 40, 56)
    with pytest.raises(UsageError, match="segments and does nothing else"):
        contender.pair("retrieval")


def test_clipseg_beside_the_others_has_one_row_even_with_sam(clipseg):
    truth = np.zeros((40, 56), np.uint8)
    truth[10:], truth[:, :8] = 1, 255
    image = np.random.default_rng(2).integers(0, 256, (3, 40, 56), dtype=np.uint8)
    example = Example("one", image, (), truth)
    layout = Layout("folder", "all", ("lake", "forest"), ("one",), lambda _: example, has_masks=True)
    contender = load_contender("clipseg", str(clipseg[0]), PROMPTS, "cpu")
    (outcome,) = segmentation.evaluate(contender, Job(layout, (0,), PROMPTS, sam="mini"))
    answer = contender.clipseg.probabilities(image, PROMPTS.texts).argmax(0)
    judged = truth != 255
    expected = np.bincount(2 * truth[judged].astype(int) + answer[judged], minlength=4).reshape(2, 2)
    assert (outcome.confusion == expected).all() and outcome.sha256 == contender.sha256
    assert "Bare texts, no templates." in outcome.notes


def test_a_damaged_clipseg_is_named(clipseg, tmp_path):
    home, _ = clipseg
    with pytest.raises(CheckpointError, match="no folder of a CLIPSeg"):
        load_contender("clipseg", str(tmp_path), PROMPTS, "cpu")
    for file in home.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(CheckpointError, match="cannot be loaded"):
        load_contender("clipseg", str(tmp_path), PROMPTS, "cpu")
    from safetensors.torch import load_file, save_file

    state = load_file(home / "model.safetensors")
    state.pop("decoder.film_mul.weight")
    save_file(state, weights, metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match=r"lacks 1 parameters, decoder.film_mul.weight"):
        load_contender("clipseg", str(tmp_path), PROMPTS, "cpu")
