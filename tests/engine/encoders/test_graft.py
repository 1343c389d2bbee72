"""GRAFT checkpoints against transformers' CLIPVisionModelWithProjection and a projector, on random weights."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from graft_plugin.engine import load_encoder
from graft_plugin.engine.encoders import encoder as module
from graft_plugin.engine.encoders.encoder import VitEncoder, resolve_precision
from graft_plugin.engine.encoders.graft import read_graft, to_graft_state_dict, to_open_clip
from graft_plugin.engine.encoders.load import DEFAULT_GSD
from graft_plugin.engine.progress import CancelToken
from graft_plugin.errors import Cancelled, CheckpointError, UsageError

MEAN = torch.tensor((0.48145466, 0.4578275, 0.40821073))[:, None, None]
STD = torch.tensor((0.26862954, 0.26130258, 0.27577711))[:, None, None]
B = "satellite_image_backbone."
POSITION = f"{B}vision_model.embeddings.position_embedding.weight"


class Reference:
    """The public description, in transformers; weights large enough that every part shows in the outputs."""

    def __init__(self, width=128, layers=3, image_px=64, patch_px=16, dim=32, seed=0):
        transformers = pytest.importorskip("transformers")
        torch.manual_seed(seed)
        self.model = transformers.CLIPVisionModelWithProjection(
            transformers.CLIPVisionConfig(
                hidden_size=width,
                intermediate_size=4 * width,
                num_hidden_layers=layers,
                num_attention_heads=width // 64,
                image_size=image_px,
                patch_size=patch_px,
                projection_dim=dim,
            )
        ).eval()
        self.projector = torch.nn.Sequential(torch.nn.LayerNorm(width), torch.nn.Linear(width, dim, bias=False))
        with torch.no_grad():
            for parameter in [*self.model.parameters(), *self.projector.parameters()]:
                parameter.add_(torch.randn_like(parameter) * (0.3 if parameter.ndim == 1 else 0.06))

    def state(self):
        state = {f"{B}{k}": v for k, v in self.model.state_dict().items()}
        state[f"{B}vision_model.embeddings.position_ids"] = torch.arange(17)[None]
        state.update({f"projector.{k}": v for k, v in self.projector.state_dict().items()})
        return state | {"logit_scale": torch.tensor(1 / 0.07)}

    @torch.inference_mode()
    def __call__(self, images):
        out = self.model(pixel_values=(images / 255 - MEAN) / STD)
        patches = F.normalize(self.projector(out.last_hidden_state), dim=-1)[:, 1:]
        return F.normalize(out.image_embeds, dim=-1), patches


@pytest.fixture(scope="module")
def reference():
    return Reference()


def images(count=3, px=64, seed=1):
    return torch.randint(0, 256, (count, 3, px, px), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))


def encoder(state, precision="fp32", **change):
    weights = replace(read_graft(state, "test.ckpt"), **change)
    return VitEncoder(weights, model_id="test", sha256="", gsd=DEFAULT_GSD, precision=precision)


def errors(found, expected):
    image, patches = expected
    return (found.image - image).abs().max().item(), (found.patches.flatten(1, 2) - patches).abs().max().item()


def test_official_layout_equals_transformers(reference):
    found = encoder(reference.state()).encode(images())
    assert found.image.shape == (3, 32)
    assert found.patches.shape == (3, 4, 4, 32)
    assert max(errors(found, reference(images()))) < 1e-5


def test_vit_b_16_official_lightning_file(tmp_path):
    reference = Reference(768, 12, 224, 16, 512)
    path = tmp_path / "graft_naip.ckpt"
    torch.save({"state_dict": reference.state(), "epoch": 9, "pytorch-lightning_version": "2.0"}, path)
    model = load_encoder(path, precision="fp32")
    assert (model.dim, model.tile_px, model.patch_px, model.global_bias) == (512, 224, 16, 0.0)
    pixels, expected = images(2, 224), reference(images(2, 224))
    assert max(errors(model.encode(pixels), expected)) < 1e-4
    half = load_encoder(path, precision="bf16").encode(pixels)
    assert (half.image * expected[0]).sum(-1).min() > 0.999
    assert (half.patches.flatten(1, 2) * expected[1]).sum(-1).min() > 0.999
    assert half.image.dtype == half.patches.dtype == torch.float32


def test_the_wrong_gelu_shows(reference):
    found = encoder(reference.state(), quick_gelu=False).encode(images())
    assert min(errors(found, reference(images()))) > 1e-3


def test_encode_does_not_depend_on_the_batch(reference):
    model = encoder(reference.state())
    whole, one = model.encode(images(60)), model.encode(images(60)[41:42])
    assert torch.allclose(whole.patches[41], one.patches[0], atol=1e-6)
    assert torch.allclose(whole.patches.norm(dim=-1), torch.ones(60, 4, 4), atol=1e-5)
    assert model.encode(images(0)).image.shape == (0, 32)


@pytest.mark.parametrize("prefix", [B, ""])
def test_bare_variants_use_the_training_free_block(reference, prefix, tmp_path):
    state = {f"{prefix}{k}": v.contiguous() for k, v in reference.model.state_dict().items()}
    save_file(state, tmp_path / "bare.safetensors")
    model = load_encoder(tmp_path / "bare.safetensors", precision="fp32")
    assert model.global_bias == -0.3
    assert torch.allclose(model.encode(images()).image, reference(images())[0], atol=1e-5)
    tower = to_open_clip(read_graft(state, ""))
    same = encoder(to_graft_state_dict(tower.state_dict(), None))
    assert torch.equal(same.encode(images()).patches, model.encode(images()).patches)


def test_vision_model_without_projection_is_explained(reference):
    bare = {k: v for k, v in reference.model.state_dict().items() if k.startswith("vision_model.")}
    with pytest.raises(CheckpointError, match=r"visual_projection\.weight is missing"):
        read_graft(bare, "x.bin")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda s: s.pop(f"{B}vision_model.encoder.layers.1.mlp.fc2.bias"), "missing.*layers.1.mlp.fc2.bias"),
        (lambda s: s.pop("projector.1.weight"), r"missing projector\.1\.weight"),
        (lambda s: s.update({"projector.1.bias": torch.zeros(32)}), r"unexpected projector\.1\.bias"),
        (lambda s: s.update({"text_model.x": torch.zeros(1)}), r"unexpected text_model\.x"),
        (lambda s: s.update({f"{B}vision_model.extra": torch.zeros(1)}), "unexpected vision_model.extra"),
        (lambda s: s.update({"projector.1.weight": torch.zeros(32, 64)}), "projector's shapes"),
        (lambda s: s.update({f"{B}vision_model.post_layernorm.bias": torch.zeros(64)}), "ln_post.bias.*64"),
        (lambda s: s.update({POSITION: torch.zeros(16, 128)}), "position"),
    ],
)
def test_anything_missing_or_unexpected_is_named(reference, change, says):
    state = reference.state()
    change(state)
    with pytest.raises(CheckpointError, match=says) as caught:
        read_graft(state, "folder/file.ckpt")
    assert "folder/file.ckpt" in str(caught.value)


def test_export_is_the_inverse_of_import(reference):
    state = reference.state()
    weights = read_graft(state, "")
    again = to_graft_state_dict(to_open_clip(weights).state_dict(), weights.projector, 1 / 0.07)
    state.pop(f"{B}vision_model.embeddings.position_ids")
    assert set(again) == set(state)
    assert all(torch.equal(again[k], v) for k, v in state.items())
    assert all(again[k].is_contiguous() for k in again)
    assert weights.logit_scale == pytest.approx(1 / 0.07)


def test_open_clip_tower_equals_transformers(reference):
    tower = to_open_clip(read_graft(reference.state(), "")).eval()
    with torch.inference_mode():
        found = F.normalize(tower((images() / 255 - MEAN) / STD), dim=-1)
    assert torch.allclose(found, reference(images())[0], atol=1e-5)
    assert all(p.requires_grad for p in tower.parameters())


@pytest.mark.parametrize("bad", [torch.zeros(1, 3, 32, 32, dtype=torch.uint8), torch.zeros(1, 3, 64, 64)])
def test_wrong_tiles_are_refused(reference, bad):
    with pytest.raises(UsageError, match="uint8"):
        encoder(reference.state()).encode(bad)


def test_precision_and_device_are_checked(reference):
    with pytest.raises(UsageError, match="precision"):
        encoder(reference.state(), precision="fp8")
    with pytest.raises(UsageError, match="device"):
        VitEncoder(read_graft(reference.state(), ""), model_id="", sha256="", gsd=DEFAULT_GSD, device="warp")


def test_auto_takes_bfloat16_where_the_processor_has_it(monkeypatch):
    for has, expected in ((True, "bf16"), (False, "fp32")):
        monkeypatch.setattr(module, "cpu_has_bf16", lambda has=has: has)
        assert resolve_precision("auto", torch.device("cpu")) == expected
    assert isinstance(module.cpu_has_bf16(), bool)


def test_cancel(reference):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        encoder(reference.state()).encode(images(), token)


def test_plain_layers_equal_the_packed_ones(reference, monkeypatch):
    packed = encoder(reference.state()).encode(images())
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    plain = encoder(reference.state()).encode(images())
    assert torch.allclose(packed.patches, plain.patches, atol=1e-5)
    assert torch.allclose(packed.image, plain.image, atol=1e-5)
