"""Joint bilateral upsampling against a loop that follows the paper's formula."""

from __future__ import annotations

import math

import numpy as np
import pytest

from graft_plugin.engine.upsample import FLOOR, joint_bilateral_upsample
from graft_plugin.errors import UsageError


def slow(heat, rgb, factor, sigma_cells, sigma_colour, radius):
    h, w = heat.shape
    image = rgb.astype(float)
    cells = image.reshape(3, h, factor, w, factor).mean((2, 4))
    out = np.full((h * factor, w * factor), np.nan)
    for y in range(h * factor):
        for x in range(w * factor):
            r0, c0 = y // factor, x // factor
            if np.isnan(heat[r0, c0]):
                continue
            total = norm = 0.0
            for r in range(max(0, r0 - radius), min(h, r0 + radius + 1)):
                for c in range(max(0, c0 - radius), min(w, c0 + radius + 1)):
                    if np.isnan(heat[r, c]):
                        continue
                    away = ((y + 0.5) / factor - 0.5 - r) ** 2 + ((x + 0.5) / factor - 0.5 - c) ** 2
                    unlike = ((image[:, y, x] - cells[:, r, c]) ** 2).sum()
                    weight = math.exp(-away / 2 / sigma_cells**2) * (math.exp(-unlike / 2 / sigma_colour**2) + FLOOR)
                    total += weight * heat[r, c]
                    norm += weight
            out[y, x] = total / norm
    return out


def test_equals_the_slow_loop_with_unknown_cells():
    rng = np.random.default_rng(0)
    heat = rng.random((5, 4)).astype(np.float32)
    heat[1, 2] = heat[4, 0] = np.nan
    rgb = rng.integers(0, 256, (3, 20, 16), dtype=np.uint8)
    fast = joint_bilateral_upsample(heat, rgb, 4, sigma_cells=0.8, sigma_colour=60.0, radius_cells=2)
    np.testing.assert_allclose(fast, slow(heat, rgb, 4, 0.8, 60.0, 2), rtol=2e-5, atol=1e-6)
    assert fast.dtype == np.float32
    both = joint_bilateral_upsample(np.stack([heat, 1 - heat]), rgb, 4, sigma_cells=0.8, sigma_colour=60.0)
    np.testing.assert_allclose(both[0], fast, rtol=1e-6)
    np.testing.assert_allclose(both[0] + both[1], np.where(np.isnan(fast), np.nan, 1.0), rtol=1e-5)


def test_an_edge_between_cells_moves_to_the_images_edge():
    heat = np.zeros((6, 6), dtype=np.float32)
    heat[:, :3] = 1.0
    heat[:, 3] = 0.1  # the edge cuts this cell at 6 of its 16 pixels, and the score missed that
    rgb = np.full((3, 96, 96), 40, dtype=np.uint8)
    rgb[:, :, 54:] = 160
    up = joint_bilateral_upsample(heat, rgb, 16)
    edge = (up[48] >= 0.5).sum()
    assert abs(edge - 54) <= 1
    flat = joint_bilateral_upsample(heat, np.full_like(rgb, 90), 16)
    assert abs((flat[48] >= 0.5).sum() - 54) > 1  # without a guide the edge is elsewhere


def test_constant_stays_constant_and_blocks_agree_with_the_whole():
    rng = np.random.default_rng(1)
    rgb = rng.integers(0, 256, (3, 64, 64), dtype=np.uint8)
    constant = joint_bilateral_upsample(np.full((8, 8), 0.3, np.float32), rgb, 8)
    np.testing.assert_allclose(constant, 0.3, rtol=1e-5)
    heat = rng.random((8, 8)).astype(np.float32)
    whole = joint_bilateral_upsample(heat, rgb, 8)
    part = joint_bilateral_upsample(heat[1:], rgb[:, 8:], 8)
    np.testing.assert_allclose(part[16:], whole[24:], rtol=1e-5)


def test_wrong_guide_is_a_plain_error():
    with pytest.raises(UsageError, match="guide"):
        joint_bilateral_upsample(np.zeros((2, 2), np.float32), np.zeros((3, 30, 32), np.uint8), 16)
