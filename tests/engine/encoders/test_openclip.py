"""open_clip towers: the image vector is open_clip's, the patches are SegEarth-OV's, written out slowly here."""

from __future__ import annotations

import open_clip
import pytest
import torch
from torch.nn import functional as F

from graft_plugin.engine import load_encoder
from graft_plugin.engine.encoders.encoder import VitEncoder
from graft_plugin.engine.encoders.load import DEFAULT_GSD
from graft_plugin.engine.encoders.openclip import match_architecture, read_open_clip
from graft_plugin.errors import CheckpointError, UsageError

MEAN = torch.tensor((0.48145466, 0.4578275, 0.40821073))[:, None, None]
STD = torch.tensor((0.26862954, 0.26130258, 0.27577711))[:, None, None]


def build(quick_gelu, width=128, layers=3):
    torch.manual_seed(3)
    model = open_clip.model.CLIP(
        embed_dim=48,
        vision_cfg={"image_size": 64, "patch_size": 16, "width": width, "layers": layers, "head_width": 64},
        text_cfg={"context_length": 16, "vocab_size": 60, "width": 64, "heads": 1, "layers": 1},
        quick_gelu=quick_gelu,
    ).eval()
    with torch.no_grad():
        for parameter in model.visual.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model


def images(px=64):
    return torch.randint(0, 256, (3, 3, px, px), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def encoder(state, precision="fp32", **kwargs):
    weights = read_open_clip(state, "x.pt", **kwargs)
    return VitEncoder(weights, model_id="x", sha256="", gsd=DEFAULT_GSD, precision=precision)


@torch.inference_mode()
def slow_patches(visual, pixels):
    """Facts 1-2 of SegEarth-OV, one image, one head, one token at a time."""
    out = []
    for image in (pixels / 255 - MEAN) / STD:
        x = visual._embeds(image[None])
        for block in visual.transformer.resblocks[:-1]:
            x = block(x)
        last = visual.transformer.resblocks[-1]
        x = last.ln_1(x)[0]
        heads, width = last.attn.num_heads, x.shape[1]
        size = width // heads
        projected = x @ last.attn.in_proj_weight.T + last.attn.in_proj_bias
        rows = []
        for token in range(len(x)):
            parts = []
            for head in range(heads):
                q, k, v = (projected[:, i * width + head * size :][:, :size] for i in range(3))
                attention = sum(torch.softmax(size**-0.5 * (z[token] @ z.T), dim=0) for z in (q, k, v))
                parts.append(attention @ v)
            rows.append(torch.cat(parts) @ last.attn.out_proj.weight.T + last.attn.out_proj.bias)
        dense = visual.ln_post(torch.stack(rows)) @ visual.proj
        out.append(F.normalize(dense[1:], dim=-1))
    return torch.stack(out)


@pytest.mark.parametrize("quick_gelu", [True, False])
def test_image_and_patches(quick_gelu):
    model = build(quick_gelu)
    found = encoder(model.state_dict(), quick_gelu=quick_gelu)
    encoded = found.encode(images())
    with torch.inference_mode():
        expected = model.encode_image((images() / 255 - MEAN) / STD, normalize=True)
    assert found.global_bias == -0.3
    assert torch.allclose(encoded.image, expected, atol=1e-5)
    assert torch.allclose(encoded.patches.flatten(1, 2), slow_patches(model.visual, images()), atol=1e-5)
    half = encoder(model.state_dict(), "bf16", quick_gelu=quick_gelu).encode(images())
    assert (half.image * expected).sum(-1).min() > 0.999
    assert (half.patches * encoded.patches).sum(-1).min() > 0.999


@pytest.mark.parametrize("name", ["ViT-B-16-quickgelu", "ViT-B-32", "ViT-L-14"])
def test_true_architectures_by_their_names(name):
    """The real sizes, with the number of layers cut so that the test is quick; L/14's tile is not a multiple of 16."""
    config = open_clip.get_model_config(name)
    config["vision_cfg"]["layers"], config["text_cfg"]["layers"] = 1, 1
    model = open_clip.model.CLIP(**config).eval()
    found = encoder(dict(model.state_dict()), quick_gelu=config.get("quick_gelu", False))
    assert (found.tile_px, found.patch_px) == (224, config["vision_cfg"]["patch_size"])
    encoded = found.encode(images(224))
    side = 224 // found.patch_px
    assert encoded.patches.shape == (3, side, side, config["embed_dim"])
    with torch.inference_mode():
        expected = model.encode_image((images(224) / 255 - MEAN) / STD, normalize=True)
    assert torch.allclose(encoded.image, expected, atol=1e-5)


def test_openai_layout_equals_transformers():
    """The same random weights in OpenAI's names and in Hugging Face's give the same image vectors."""
    transformers = pytest.importorskip("transformers")
    from graft_plugin.engine.encoders.graft import to_graft_state_dict

    model = build(True)
    hf = transformers.CLIPVisionModelWithProjection(
        transformers.CLIPVisionConfig(
            hidden_size=128, intermediate_size=512, num_hidden_layers=3, num_attention_heads=2,
            image_size=64, patch_size=16, projection_dim=48,
        )
    ).eval()  # fmt: skip
    names = to_graft_state_dict(model.visual.state_dict(), None)
    names.pop("logit_scale")
    hf.load_state_dict({k.removeprefix("satellite_image_backbone."): v for k, v in names.items()})
    archive = {k: v.half().float() for k, v in model.state_dict().items() if "visual" not in k} | {
        k: v for k, v in model.state_dict().items() if "visual" in k
    }
    archive |= {k: torch.tensor(64) for k in ("input_resolution", "context_length", "vocab_size")}
    encoded = encoder(archive).encode(images())  # its three scalars tell OpenAI's archive, and with it QuickGELU
    with torch.inference_mode():
        expected = F.normalize(hf(pixel_values=(images() / 255 - MEAN) / STD).image_embeds, dim=-1)
    assert torch.allclose(encoded.image, expected, atol=1e-5)


def test_wrapped_file_and_tower_alone(tmp_path):
    model = build(False)
    torch.save({"epoch": 1, "state_dict": {f"module.{k}": v for k, v in model.state_dict().items()}}, tmp_path / "a.pt")
    torch.save(model.visual.state_dict(), tmp_path / "b.pt")
    one, two = (load_encoder(tmp_path / n, precision="fp32").encode(images()) for n in ("a.pt", "b.pt"))
    assert torch.equal(one.image, two.image)
    assert torch.equal(one.patches, two.patches)


def test_architecture_is_matched_and_checked():
    config = open_clip.get_model_config("ViT-B-32")
    with torch.device("meta"):
        model = open_clip.model.CLIP(**config)
    state = {k: torch.empty_like(v, device="cpu") for k, v in model.state_dict().items()}
    assert match_architecture(read_open_clip(state, "").shape) == "ViT-B-32"
    with pytest.raises(CheckpointError, match="not those of ViT-B-16"):
        read_open_clip(state, "x.pt", architecture="ViT-B-16")
    with pytest.raises(UsageError, match="no architecture"):
        read_open_clip(state, "x.pt", architecture="ViT-Q")
    with pytest.raises(UsageError, match="not one of CLIP's own"):
        read_open_clip(state, "x.pt", architecture="ViT-B-16-SigLIP")
    assert read_open_clip(state, "", architecture="ViT-B-32-quickgelu").quick_gelu
    assert not read_open_clip(state, "", architecture="ViT-B-32").quick_gelu


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda s: s.pop("visual.ln_pre.bias"), "missing visual.ln_pre.bias"),
        (lambda s: s.update({"visual.extra": torch.zeros(1)}), "unexpected visual.extra"),
        (lambda s: s.update({"decoder.x": torch.zeros(1)}), "unexpected decoder.x"),
        (lambda s: s.update({"visual.trunk.x": torch.zeros(1)}), "timm"),
        (lambda s: s.update({"visual.layer1.0.x": torch.zeros(1)}), "ResNet"),
    ],
)
def test_anything_missing_or_unexpected_is_named(change, says):
    state = build(False, layers=1).state_dict()
    change(state)
    with pytest.raises(CheckpointError, match=says):
        read_open_clip(state, "x.pt")


def test_a_file_of_neither_family(tmp_path):
    torch.save({"fc.weight": torch.zeros(2, 2)}, tmp_path / "x.pt")
    with pytest.raises(CheckpointError, match=r"neither.*fc\.weight"):
        load_encoder(tmp_path / "x.pt")
