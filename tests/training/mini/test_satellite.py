"""The satellite training: geometry of crops, the start from CLIP, and a run that learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from open_clip.transformer import QuickGELU, VisionTransformer

from training.mini.satellite import (
    Material,
    Satellite,
    SatelliteRun,
    draw_batch,
    jitter,
    start_from_clip,
    train_satellite,
)
from training.mini.tiles import TileSet


def clip_tower(width=64, layers=2, dim=16):
    torch.manual_seed(0)
    return VisionTransformer(
        image_size=64, patch_size=8, width=width, layers=layers, heads=width // 64, mlp_ratio=4.0, output_dim=dim,
        act_layer=QuickGELU,
    )  # fmt: skip


def coordinate_tiles(count=4, size=240, spots=10):
    """Tiles whose pixels say where they are: channel 0 is the row, 1 the column, 2 the tile."""
    rows, cols = np.mgrid[:size, :size]
    images = np.stack([np.stack([rows, cols, np.full_like(rows, n)]) for n in range(count)]).astype(np.uint8)
    rng = np.random.default_rng(0)
    places = rng.integers(0, size, (count, spots, 2)).astype(np.int16)
    return TileSet(images, np.zeros((count, size, size), np.uint8), np.ones(count, np.float32), places)


@pytest.mark.parametrize("side_px", [224, 112])
@pytest.mark.parametrize("seed", range(6))
def test_photos_stay_on_their_patch_through_crops_flips_and_turns(seed, side_px):
    tiles = coordinate_tiles()
    ground = np.stack([np.concatenate([s, np.full((len(s), 1), n)], 1) for n, s in enumerate(tiles.spots)])
    batch = draw_batch(np.random.default_rng(seed), Material(tiles, ground.astype(np.float16)), 3, side_px, 16)
    assert len(batch.ground) == len(batch.owner) == len(batch.patch_index)
    for photo, owner, patch in zip(batch.ground, batch.owner, batch.patch_index, strict=True):
        r, c = divmod(int(patch), side_px // 16)
        block = batch.images[owner, :, r * 16 : r * 16 + 16, c * 16 : c * 16 + 16].reshape(3, -1).T
        assert (block == photo.to(torch.uint8)).all(1).any(), "the patch does not hold the photo's pixel"


def test_every_crop_holds_a_photo_that_was_taken_anywhere():
    tiles = coordinate_tiles(count=3, size=240, spots=2)
    tiles.spots[:] = [[0, 239], [239, 0]]  # corners, which a crop drawn at random hardly ever holds
    material = Material(tiles, np.zeros((3, 2, 4), np.float16))
    for seed in range(10):
        batch = draw_batch(np.random.default_rng(seed), material, 3, 112, 16)
        assert set(batch.owner[batch.anywhere].tolist()) == {0, 1, 2}


def test_start_from_clip_keeps_the_response_to_a_flat_image():
    tower = clip_tower()
    satellite = Satellite(64, 2, 16)
    start_from_clip(satellite, tower)
    flat = torch.full((1, 3, 224, 224), 0.3)
    ours = satellite.visual.conv1(flat)[0, :, 3, 3]
    theirs = tower.conv1(flat[:, :, :64, :64])[0, :, 3, 3]
    assert torch.allclose(ours, theirs, atol=1e-5)
    assert torch.equal(
        satellite.visual.transformer.resblocks[1].mlp.c_fc.weight, tower.transformer.resblocks[1].mlp.c_fc.weight
    )
    assert torch.equal(satellite.projector[1].weight, tower.proj.T)


def test_vectors_are_unit_length():
    image, patches = Satellite(64, 1, 16).eval()(torch.rand(2, 3, 224, 224))
    assert image.shape == (2, 16) and patches.shape == (2, 196, 16)
    assert torch.allclose(image.norm(dim=-1), torch.ones(2), atol=1e-5)
    assert torch.allclose(patches.norm(dim=-1), torch.ones(2, 196), atol=1e-5)


def test_a_crop_takes_its_part_of_the_position_grid():
    model = Satellite(64, 1, 16).eval()
    model.visual.transformer = torch.nn.Identity()  # no attention: each patch by itself
    images = torch.rand(1, 3, 224, 224)
    _, all_patches = model(images)
    _, patches = model(images[..., 48:160, 80:192], (3, 5))
    assert torch.allclose(all_patches.view(14, 14, -1)[3:10, 5:12], patches.view(7, 7, -1), atol=1e-6)


def test_jitter_keeps_range_and_place():
    images = torch.zeros(4, 3, 32, 32, dtype=torch.uint8)
    images[:, :, 10:14, 20:24] = 255
    out = jitter(images, torch.Generator().manual_seed(0))
    assert out.min() >= 0 and out.max() <= 1
    assert (out[:, :, 11:13, 21:23].mean((1, 2, 3)) > out[:, :, 20:, :10].mean((1, 2, 3)) + 0.2).all()


def two_tone_tiles(count=24, size=224, spots=8):
    """Left halves dark, right halves bright; photos of the two sides have opposite vectors."""
    rng = np.random.default_rng(3)
    images = rng.integers(20, 60, (count, 3, size, size)).astype(np.uint8)
    images[..., size // 2 :] += 150
    places = rng.integers(0, size, (count, spots, 2)).astype(np.int16)
    vectors = np.zeros((count, spots, 16), np.float16)
    vectors[..., 0] = np.where(places[..., 1] < size // 2, 1, -1)
    return TileSet(images, np.zeros((count, size, size), np.uint8), np.ones(count, np.float32), places), vectors


def test_training_learns_and_repeats():
    tiles, vectors = two_tone_tiles()
    run = SatelliteRun(seed=1, steps=14, batch=4, crop_batch=8, whole_share=0.6, width=64, layers=1, peak_lr=2e-3)
    rows: list[dict[str, float]] = []
    both = Material(tiles, vectors)
    model = train_satellite(run, both, both, clip_tower(layers=1), rows.append)
    again = train_satellite(run, both, both, clip_tower(layers=1))
    for a, b in zip(model.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    with torch.inference_mode():
        _, patches = model(torch.from_numpy(tiles.images[:2]).float() / 255)
    side = patches.view(2, 14, 14, -1)[..., 0]
    assert (side[:, :, :6].mean() - side[:, :, 8:].mean()) > 0.5
