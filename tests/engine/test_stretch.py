"""From stored values to 8-bit colours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graft_plugin.engine.stretch import apply_stretch, choose_stretch

VALID = np.ones((40, 50), bool)


def layer(low, high, seed=0):
    return np.random.default_rng(seed).uniform(low, high, (3, 40, 50))


def test_uint8_passes():
    pixels = np.random.default_rng(0).integers(0, 256, (3, 40, 50)).astype("uint8")
    assert choose_stretch("naip", "uint8", pixels.astype(float), VALID) is None
    assert apply_stretch(pixels, None) is pixels


@pytest.mark.parametrize(("low", "high", "want"), [
    (200, 2500, (0.0, 3000.0)),  # reflectance × 10,000
    (0.02, 0.25, (0.0, 0.3)),  # reflectance
    (3000, 12000, (1000.0, 4000.0)),  # clouds and snow only: bright in any case
    (1150, 3500, (1000.0, 4000.0)),  # with the offset of baseline 04.00
    (0.12, 0.4, (0.1, 0.4)),
])  # fmt: skip
def test_sentinel2_preset(low, high, want):
    stretch = choose_stretch("sentinel2", "uint16", layer(low, high), VALID)
    assert stretch == (pytest.approx(want),) * 3


def test_declared_scale_and_offset_win():
    stretch = choose_stretch("sentinel2", "uint16", layer(1150, 3500), VALID, (1e-4,) * 3, (-0.1,) * 3)
    assert stretch == (pytest.approx((1000.0, 4000.0)),) * 3
    assert apply_stretch(np.full((3, 1, 1), 2500.0), stretch).ravel().tolist() == [128] * 3


def test_percentiles_of_valid_pixels_only():
    pixels, valid = layer(100, 200), VALID.copy()
    pixels[1] += 1000
    valid[:, :10] = False
    pixels[:, :, :10] = -5e5
    pixels[0, 0, 20], pixels[0, 0, 21], pixels[0, 0, 22] = np.nan, np.inf, -3.4e38
    stretch = choose_stretch("rgb", "float32", pixels, valid)
    for (low, high), band in zip(stretch, pixels):
        band = band[valid & np.isfinite(band) & (np.abs(band) < 1e30)]
        assert (low, high) == pytest.approx(tuple(np.percentile(band, (2, 98))))


@pytest.mark.parametrize("value", [0.0, -7.0, 1e9])
def test_constant_layers(value):
    (low, high), *_ = choose_stretch("rgb", "float64", np.full((3, 40, 50), value), VALID)
    assert low == value and high > low
    assert choose_stretch("rgb", "float64", layer(0, 1), np.zeros_like(VALID)) == ((0.0, 1.0),) * 3


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=3, max_size=30),
       st.floats(-1e4, 1e4), st.floats(1e-3, 1e5))  # fmt: skip
def test_any_value_becomes_a_colour_in_order(values, low, width):
    with np.errstate(over="ignore"):
        out = apply_stretch(np.array(values * 3, "float32").reshape(3, 1, -1), ((low, low + width),) * 3)
    assert out.dtype == np.uint8 and (out[0] == out[2]).all()
    pairs = sorted((v, int(c)) for v, c in zip(values, out[0, 0]) if not np.isnan(v))
    assert [c for _, c in pairs] == sorted(c for _, c in pairs)
    assert all(c == 0 for v, c in zip(values, out[0, 0]) if np.isnan(v))
