"""The aerial view: repeatable, uint8, and with the textures that tell the classes apart."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from training.world.aerial import render_aerial
from training.world.classes import LABEL
from training.world.layout import make_layout
from training.world.noise import band_noise, fractal_noise


def view(seed: int, look: str, **options):
    rng = np.random.default_rng(seed)
    layout = make_layout(rng, **options)
    return layout, render_aerial(layout, rng, look)


def test_same_seed_same_view():
    assert (view(3, "varied")[1] == view(3, "varied")[1]).all()
    assert (view(3, "varied")[1] != view(4, "varied")[1]).any()


@pytest.mark.parametrize("look", ["plain", "varied"])
@pytest.mark.parametrize("gsd_m", [1.0, 10.0])
def test_shape_and_type(look, gsd_m):
    _, image = view(0, look, size_px=96, gsd_m=gsd_m)
    assert image.shape == (3, 96, 96) and image.dtype == np.uint8


def test_water_is_smoother_than_forest():
    water, forest = [], []
    for seed in range(30):
        layout, image = view(seed, "plain", focus="lake" if seed % 2 else "forest")
        grey = image.mean(0)
        rough = np.sqrt(np.maximum(ndimage.uniform_filter(grey**2, 5) - ndimage.uniform_filter(grey, 5) ** 2, 0))
        for name, into in (("lake", water), ("forest", forest)):
            inside = ndimage.binary_erosion(layout.labels == LABEL[name], iterations=4)
            if inside.sum() > 500:
                into.append(np.median(rough[inside]))
    assert np.median(forest) > 3 * np.median(water)


def test_varied_colours_vary_more_than_plain_ones():
    def spread(look):
        means = []
        for seed in range(25):
            layout, image = view(seed, look, focus="meadow", size_px=128)
            means.append(image[:, layout.labels == LABEL["meadow"]].mean(1))
        return np.nanstd(means, axis=0).mean()

    assert spread("varied") > 1.5 * spread("plain")


@pytest.mark.parametrize("wavelength", [4.0, 16.0, 60.0])
def test_noise_has_its_wavelength_and_unit_variance(wavelength):
    field = band_noise(np.random.default_rng(0), 512, wavelength)
    power = np.abs(np.fft.rfft2(field - field.mean())) ** 2
    freq = np.hypot(np.fft.fftfreq(512)[:, None], np.fft.rfftfreq(512)[None])
    peak = (power * freq).sum() / power.sum()
    assert 0.6 < peak * wavelength < 1.7
    assert 0.5 < field.std() < 1.6
    assert fractal_noise(np.random.default_rng(1), 256, wavelength).shape == (256, 256)
