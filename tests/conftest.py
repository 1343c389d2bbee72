"""A tiny model in the bundled layout whose answers are known: it reads the mean colour of a patch, and nothing else.

"lake" is blue, "forest" green, "soil" red. Everything that a search goes through is the engine's own; only the weights
are chosen by hand instead of trained, so that a test knows which pixels must come out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

WORDS = ("lake", "forest", "soil", "a", "view", "of")
COLOURS = {"soil": 0, "forest": 1, "lake": 2}  # the channel that each word looks at


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory, monkeypatch):
    """No test sees or touches the user's models and embeddings."""
    monkeypatch.setenv("GRAFT_HOME", str(tmp_path_factory.mktemp("graft home")))


@pytest.fixture
def direct(monkeypatch):
    """This process reaches servers of this machine by no proxy, and may."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "GRAFT_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture(scope="session")
def colour_model(tmp_path_factory) -> Path:
    """The folder of the model; its SAM has random weights."""
    folder = tmp_path_factory.mktemp("models") / "colours"
    return write_colour_model(folder)


def write_colour_model(folder: Path) -> Path:
    """Write the model's files; returns `folder`."""
    import torch
    from open_clip.transformer import TextTransformer
    from safetensors.torch import save_file

    from graft_plugin.engine.encoders.words import WordTokenizer
    from graft_plugin.engine.sam import SamConfig, build_small_sam

    folder.mkdir(parents=True)
    torch.manual_seed(0)
    text_cfg = {"context_length": 8, "vocab_size": len(WORDS) + 4, "width": 64, "heads": 1, "layers": 1}
    sam_cfg = SamConfig(
        image_px=64, patch_px=8, dim=32, depth=2, heads=2, window=4, global_layers=(1,), prompt_dim=32,
        decoder_heads=2, decoder_mlp=64,
    )
    tower = TextTransformer(**text_cfg, output_dim=32).eval()
    with torch.inference_mode():
        texts = tower(WordTokenizer(WORDS, 8)(list(COLOURS)))
        texts = torch.nn.functional.normalize(texts, dim=-1)
    clip = {f"text.{k}": v.contiguous() for k, v in tower.state_dict().items()}
    clip |= {f"visual.{k}": v.contiguous() for k, v in _photo_tower(texts - texts.mean(0)).items()}
    save_file(clip, folder / "clip.safetensors")
    save_file(_colour_tower(texts - texts.mean(0)), folder / "graft.safetensors")
    save_file({k: v.contiguous() for k, v in build_small_sam(sam_cfg).state_dict().items()}, folder / "sam.safetensors")
    config = {
        "clip": {
            "embed_dim": 32,
            "vision_cfg": {"image_size": 64, "patch_size": 16, "width": 64, "layers": 1, "head_width": 64},
            "text_cfg": text_cfg,
        },
        "words": list(WORDS),
        "templates": ["{}"],
        "contrast": list(COLOURS),
        "sam": sam_cfg.to_dict(),
    }
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def _colour_tower(directions):
    """A GRAFT checkpoint, width 64, one layer that passes its input on; `directions` [3, 32] for red, green, blue."""
    import torch
    from open_clip.transformer import VisionTransformer

    from graft_plugin.engine.encoders.graft import to_graft_state_dict

    tower = VisionTransformer(
        image_size=224, patch_size=16, width=64, layers=1, heads=1, mlp_ratio=2, output_dim=32
    )
    state = tower.state_dict()
    for name in ("transformer.resblocks.0.attn.out_proj", "transformer.resblocks.0.mlp.c_proj"):
        state[f"{name}.weight"].zero_()
        state[f"{name}.bias"].zero_()
    state["conv1.weight"].zero_()
    for channel in range(3):
        state["conv1.weight"][channel, channel] = 1 / 256
    state["positional_embedding"].zero_()
    projector = {"0.weight": torch.ones(64), "0.bias": torch.zeros(64), "1.weight": torch.zeros(32, 64)}
    for channel, direction in enumerate(directions):
        projector["1.weight"][:, channel] = direction / direction.norm()
    return to_graft_state_dict(state, projector, logit_scale=100.0)


def _photo_tower(directions):
    """The image tower of a CLIP that reads the mean colour of a photo, in the space of the colour tower's patches."""
    import torch
    from open_clip.transformer import VisionTransformer

    tower = VisionTransformer(image_size=64, patch_size=16, width=64, layers=1, heads=1, mlp_ratio=2, output_dim=32)
    state = {name: torch.zeros_like(value) for name, value in tower.state_dict().items()}
    for name in ("ln_pre", "ln_post", "transformer.resblocks.0.ln_1", "transformer.resblocks.0.ln_2"):
        state[f"{name}.weight"].fill_(1.0)
    for channel in range(3):
        state["conv1.weight"][channel, channel] = 1 / 256
    state["transformer.resblocks.0.attn.in_proj_weight"][128:] = torch.eye(64)  # queries and keys of 0: the plain mean
    state["transformer.resblocks.0.attn.out_proj.weight"].copy_(torch.eye(64))
    for channel, direction in enumerate(directions):
        state["proj"][channel] = direction / direction.norm()
    return state


@dataclass(frozen=True)
class ColourScene:
    """A NAIP-like scene of soil with a lake and a wood on the patches' edges; boxes are (xmin, ymin, xmax, ymax)."""

    path: Path
    crs: str = "EPSG:32615"
    bounds: tuple[int, ...] = (500_000, 4_999_552, 500_448, 5_000_000)
    lake: tuple[int, ...] = (500_096, 4_999_776, 500_192, 4_999_888)
    wood: tuple[int, ...] = (500_256, 4_999_648, 500_400, 4_999_712)

    def write(self) -> ColourScene:
        """Write the raster, 1 m a pixel, R, G, B and near infrared; returns the scene."""
        import numpy as np
        import rasterio
        from rasterio.transform import from_origin

        xmin, ymin, xmax, ymax = self.bounds
        pixels = np.empty((4, ymax - ymin, xmax - xmin), np.uint8)
        pixels[:] = np.array([190, 90, 60, 100])[:, None, None]
        for box, colour in ((self.lake, (20, 60, 180, 10)), (self.wood, (20, 150, 40, 200))):
            rows, cols = slice(ymax - box[3], ymax - box[1]), slice(box[0] - xmin, box[2] - xmin)
            pixels[:, rows, cols] = np.array(colour)[:, None, None]
        with rasterio.open(
            self.path, "w", driver="GTiff", width=pixels.shape[2], height=pixels.shape[1], count=4, dtype="uint8",
            crs=self.crs, transform=from_origin(xmin, ymax, 1, 1), tiled=True, blockxsize=256, blockysize=256,
        ) as out:
            out.write(pixels)
        return self


@pytest.fixture(scope="session")
def colour_scene(tmp_path_factory) -> ColourScene:
    """The scene, written once."""
    return ColourScene(tmp_path_factory.mktemp("scenes") / "colours.tif").write()


@pytest.fixture(scope="session")
def engine_env(tmp_path_factory):
    """The environment of an engine's process that a test starts: its own home, one thread."""
    home = tmp_path_factory.mktemp("graft home")
    return {**os.environ, "GRAFT_HOME": str(home), "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}


def make_wheel(folder: Path, name: str, version: str = "1.0", filler_bytes: int = 0) -> Path:
    """Write a wheel of one module, which knows its version; returns its path."""
    files = {
        f"{name}.py": f"VERSION = {version!r}\n".encode(),
        f"{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{name}-{version}.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
        b"Tag: py3-none-any\n",
    }
    if filler_bytes:
        files[f"{name}_data.bin"] = bytes(hashlib.shake_256(name.encode()).digest(filler_bytes))
    record = []
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(data)}")
    record.append(f"{name}-{version}.dist-info/RECORD,,")
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        for path, data in files.items():
            file.writestr(path, data)
        file.writestr(f"{name}-{version}.dist-info/RECORD", "\n".join(record) + "\n")
    return wheel


@pytest.fixture(scope="session")
def wheels_of():
    """`wheels_of(folder, name…, name=bytes…)` fills a folder with wheels, of so much data each, and returns it."""

    def make(folder: Path, *names: str, **filled: int) -> Path:
        for name in names:
            make_wheel(folder, name)
        for name, filler_bytes in filled.items():
            make_wheel(folder, name, filler_bytes=filler_bytes)
        return folder

    return make
