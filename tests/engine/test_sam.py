"""SAM: official layouts, preprocessing, loading errors, the cache. Random weights throughout."""

from __future__ import annotations

import json
import os
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from segment_anything import SamPredictor, sam_model_registry

from graft_plugin.engine.progress import CancelToken
from graft_plugin.engine.sam import PromptedSam, SamConfig, build_small_sam, infer_config, load_sam
from graft_plugin.engine.sam_cache import SamCache
from graft_plugin.errors import Cancelled, CheckpointError, UsageError

TINY = SamConfig(
    image_px=64, patch_px=8, dim=16, depth=2, heads=2, window=4, global_layers=(1,), prompt_dim=32, decoder_heads=8,
    decoder_mlp=32,
)  # fmt: skip


@pytest.fixture
def tiny():
    torch.manual_seed(0)
    model = build_small_sam(TINY)
    for parameter in model.parameters():
        if parameter.dim() > 1 and parameter.abs().sum() == 0:
            torch.nn.init.normal_(parameter, std=0.2)
    return model


@pytest.fixture
def image():
    return np.random.default_rng(1).integers(0, 256, (3, 64, 64), dtype=np.uint8)


@pytest.mark.parametrize(
    ("name", "dim", "depth", "heads", "layers"),
    [
        ("vit_b", 768, 12, 12, (2, 5, 8, 11)),
        ("vit_l", 1024, 24, 16, (5, 11, 17, 23)),
        ("vit_h", 1280, 32, 16, (7, 15, 23, 31)),
    ],
)
def test_official_shapes_are_recognised(name, dim, depth, heads, layers):
    with torch.device("meta"):
        official = sam_model_registry[name]().state_dict()
        config = infer_config(official)
        ours = build_small_sam(config).state_dict()
    assert config == SamConfig(1024, 16, dim, depth, heads, 14, layers, 256, 2, 8, 2048)
    assert {k: v.shape for k, v in ours.items()} == {k: v.shape for k, v in official.items()}


def test_masks_equal_the_packages_own_predictor(tiny, image):
    sam = PromptedSam(tiny, model_id="tiny", sha256="0", precision="fp32")
    points = np.array([[20.0, 31.0], [50.0, 9.0]], dtype=np.float32)
    labels = np.array([1, 0])
    predictor = SamPredictor(tiny)
    predictor.set_image(image.transpose(1, 2, 0))
    expected, quality, _ = predictor.predict(points, labels, multimask_output=True)
    single, single_quality, _ = predictor.predict(points, labels, multimask_output=False)

    masks, iou = sam.masks(sam.embed(image), points[None], labels[None], (64, 64))
    assert masks.shape == (1, 4, 64, 64)
    assert np.array_equal(masks[0, 1:], expected)
    assert np.array_equal(masks[0, :1], single)
    np.testing.assert_allclose(iou[0], np.concatenate([single_quality, quality]), atol=1e-5)


def test_padded_points_change_nothing_and_batches_are_independent(tiny, image):
    sam = PromptedSam(tiny, model_id="tiny", sha256="0", precision="fp32")
    embedding = sam.embed(image)
    one = np.array([[[20.0, 31.0]]], dtype=np.float32)
    first, iou_first = sam.masks(embedding, one, np.array([[1]]), (64, 64))
    # SAM ends every list of points with one place that is no point, so that a second one weighs in its attention:
    # lists of equal length are compared
    two = np.array([[[20.0, 31.0], [0, 0]], [[7.0, 7.0], [60, 60]]], dtype=np.float32)
    batch, iou_batch = sam.masks(embedding, two, np.array([[1, -1], [1, 0]]), (64, 64))
    alone, iou_alone = sam.masks(embedding, two[1:], np.array([[1, 0]]), (64, 64))
    assert np.array_equal(batch[1], alone[0])
    np.testing.assert_allclose(iou_batch[1], iou_alone[0], atol=1e-5)
    assert not first[0, 0].any() and not batch[0, 0].any() and iou_first[0, 0] == iou_batch[0, 0] == 0


def test_a_smaller_window_is_resized_as_sam_does(tiny):
    rgb = np.zeros((3, 32, 16), dtype=np.uint8)
    rgb[:, 16:] = 200
    sam = PromptedSam(tiny, model_id="tiny", sha256="0", precision="fp32")
    masks, _ = sam.masks(sam.embed(rgb), np.array([[[8.0, 24.0]]], np.float32), np.array([[1]]), (32, 16))
    predictor = SamPredictor(tiny)
    predictor.set_image(rgb.transpose(1, 2, 0))
    expected, _, _ = predictor.predict(np.array([[8.0, 24.0]]), np.array([1]))
    assert masks.shape == (1, 4, 32, 16)
    assert (masks[0, 1:] == expected).mean() > 0.97  # PIL and torch resample the one edge differently


def test_invalid_pixels_are_shown_as_padding(tiny, image):
    sam = PromptedSam(tiny, model_id="tiny", sha256="0", precision="fp32")
    valid = np.ones((64, 64), dtype=bool)
    valid[:, 40:] = False
    other = image.copy()
    other[:, :, 40:] = 255 - other[:, :, 40:]
    assert torch.equal(sam.embed(image, valid), sam.embed(other, valid))
    assert not torch.equal(sam.embed(image), sam.embed(other))


def test_bf16_embedding_is_close(tiny, image):
    full = PromptedSam(tiny, model_id="tiny", sha256="0", precision="fp32").embed(image)
    half = PromptedSam(tiny, model_id="tiny", sha256="0", precision="bf16").embed(image)
    assert half.dtype == torch.float32
    assert 0 < (full - half).abs().max() < 0.2 * full.abs().max()


def test_load_from_pth_and_safetensors(tiny, tmp_path, image):
    torch.save(tiny.state_dict(), tmp_path / "sam x.pth")
    save_file({k: v.half() for k, v in tiny.state_dict().items()}, tmp_path / "sam.safetensors")
    pth = load_sam(tmp_path / "sam x.pth")
    assert pth.image_px == 64 and pth.precision == "fp32" and len(pth.sha256) == 64
    assert torch.equal(pth.embed(image), PromptedSam(tiny, model_id="", sha256="").embed(image))
    half = load_sam(tmp_path / "sam.safetensors")
    torch.testing.assert_close(half.embed(image), pth.embed(image), atol=0.02, rtol=0.02)


def test_a_config_beside_the_file_gives_what_shapes_cannot(tmp_path):
    cfg = SamConfig(**{**TINY.to_dict(), "global_layers": (1,), "decoder_heads": 4})
    save_file(build_small_sam(cfg).state_dict(), tmp_path / "sam.safetensors")
    (tmp_path / "config.json").write_text(json.dumps({"sam": cfg.to_dict()}))
    assert load_sam(tmp_path / "sam.safetensors").model.mask_decoder.transformer.layers[0].self_attn.num_heads == 4
    (tmp_path / "config.json").write_text(json.dumps({"sam": {**cfg.to_dict(), "wrong": 1}}))
    with pytest.raises(CheckpointError, match="wrong"):
        load_sam(tmp_path / "sam.safetensors")


class _Evil:
    def __reduce__(self):
        return os.mkdir, ("pwned",)


def test_bad_files_are_plain_errors(tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save(tiny.state_dict(), "good.pth")
    whole = Path("good.pth").read_bytes()
    Path("cut.pth").write_bytes(whole[: len(whole) // 2])
    Path("text.pth").write_text("not a checkpoint")
    Path("cut.safetensors").write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00{}")
    Path("evil.pth").write_bytes(pickle.dumps(_Evil()))
    torch.save({"weight": torch.zeros(3)}, "other.pth")
    state = tiny.state_dict()
    state.pop("image_encoder.neck.1.bias")
    torch.save(state, "short.pth")
    for name in ("cut.pth", "text.pth", "cut.safetensors", "evil.pth", "other.pth", "absent.pth"):
        with pytest.raises(CheckpointError) as caught:
            load_sam(name)
        assert name in str(caught.value)
    with pytest.raises(CheckpointError, match=r"image_encoder\.neck\.1\.bias missing"):
        load_sam("short.pth")
    assert not Path("pwned").exists()
    with pytest.raises(UsageError, match="no_such_model"):
        load_sam("no_such_model")
    state = dict(tiny.state_dict())
    state["image_encoder.blocks.0.attn.rel_pos_h"] = torch.zeros(7, 3)
    torch.save(state, "odd.pth")
    with pytest.raises(CheckpointError, match=r"odd\.pth"):
        load_sam("odd.pth")


def test_cancel_stops_inside_the_encoder(tiny, image):
    sam = PromptedSam(tiny, model_id="tiny", sha256="0")
    token = CancelToken()
    seen = []

    def during_the_first_block(*_):
        seen.append(1)
        token.cancel()

    tiny.image_encoder.blocks[0].register_forward_hook(during_the_first_block)
    with pytest.raises(Cancelled):
        sam.embed(image, cancel=token)
    assert seen == [1]
    assert not tiny.image_encoder.blocks[1]._forward_pre_hooks


def test_cache_returns_what_was_put_and_survives_damage(tmp_path):
    cache = SamCache(tmp_path / "sam", {"scene": "a", "sha256": "b"})
    embedding = torch.randn(1, 4, 8, 8)
    assert cache.get(-16, 32) is None
    cache.put(-16, 32, embedding)
    torch.testing.assert_close(cache.get(-16, 32), embedding.half().float())
    assert SamCache(tmp_path / "sam", {"scene": "a", "sha256": "c"}).get(-16, 32) is None
    (cache.folder / "-16_32.npy").write_bytes(b"\x93NUMPY")
    assert cache.get(-16, 32) is None
    assert not list(cache.folder.glob("*.tmp"))


def test_cache_drops_the_longest_unused(tmp_path):
    one = torch.zeros(1, 4, 8, 8)  # 512 bytes and a header of 128
    cache = SamCache(tmp_path, {}, max_bytes=2000)
    for i in range(3):
        cache.put(i, 0, one)
        os.utime(cache.folder / f"{i}_0.npy", (i + 1, i + 1))
    cache.get(0, 0)
    cache.put(3, 0, one)
    left = {p.name for p in cache.folder.glob("*.npy")}
    assert "1_0.npy" not in left and {"0_0.npy", "3_0.npy"} <= left


def test_cache_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "file").write_text("")
    SamCache(tmp_path / "file", {}).put(0, 0, torch.zeros(1, 1, 2, 2))


def test_concurrent_writers_leave_a_whole_entry(tmp_path):
    cache = SamCache(tmp_path, {})
    threads = [threading.Thread(target=cache.put, args=(0, 0, torch.full((1, 2, 4, 4), float(i)))) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(cache.get(0, 0).flatten().tolist())) == 1
