"""What the tests of the training share: a small CLIP with random weights, and a small pair folder."""

from __future__ import annotations

from pathlib import Path

import pytest


def write_clip(path: Path, *, width=64, layers=2, image_px=64, patch_px=16, dim=32, seed=0) -> Path:
    """Write the image tower of an open_clip model, `visual.` and all, with random weights; returns `path`."""
    import torch
    from open_clip.transformer import VisionTransformer
    from safetensors.torch import save_file

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        tower = VisionTransformer(
            image_size=image_px, patch_size=patch_px, width=width, layers=layers, heads=width // 64, mlp_ratio=2,
            output_dim=dim,
        )  # fmt: skip
        state = {f"visual.{name}": value.clone() for name, value in tower.state_dict().items()}
        for value in state.values():
            value += 0.02 * torch.randn_like(value)
    save_file({name: value.contiguous() for name, value in state.items()}, path)
    return path


@pytest.fixture(scope="session")
def small_clip(tmp_path_factory) -> Path:
    """A CLIP of 2 layers that looks at 64 pixels in patches of 16; parent and ground model at once."""
    return write_clip(tmp_path_factory.mktemp("clip") / "small.safetensors")


@pytest.fixture(scope="session")
def small_pairs(tmp_path_factory) -> Path:
    """A pair folder of 14 tiles of 112 pixels with 1 to 3 photos each."""
    from .pair_folder import write_tiles

    return write_tiles(tmp_path_factory.mktemp("pairs") / "pairs", 14, size=112)


@pytest.fixture
def one_thread():
    """Sums in one order: runs are compared to the bit."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
