"""Smooth random fields: crops of precomputed band-limited textures, so that a field costs one copy."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

_BANK_PX = 1024
_WAVELENGTHS_PX = (2.5, 3.5, 5.0, 7.0, 10.0, 14.0, 20.0, 28.0, 40.0, 56.0, 80.0, 112.0, 160.0, 224.0, 320.0)


@lru_cache(maxsize=1)
def _bank() -> tuple[Field, ...]:
    rng = np.random.default_rng(20231206)
    freq = np.hypot(np.fft.fftfreq(_BANK_PX)[:, None], np.fft.rfftfreq(_BANK_PX)[None, :])
    fields = []
    for wavelength in _WAVELENGTHS_PX:
        spectrum = np.fft.rfft2(rng.standard_normal((_BANK_PX, _BANK_PX)))
        band = np.exp(-0.5 * ((freq * wavelength - 1.0) / 0.45) ** 2)
        field = np.fft.irfft2(spectrum * band, s=(_BANK_PX, _BANK_PX))
        fields.append((field / field.std()).astype(np.float32))
    return tuple(fields)


def band_noise(rng: np.random.Generator, size_px: int, wavelength_px: float) -> Field:
    """Return a zero-mean, unit-variance random field of one wavelength.

    Args:
        rng: The source of randomness.
        size_px: Height and width, at most 1024.
        wavelength_px: The dominant wavelength. Below 2 pixels the field is white noise, weakened as averaging would.

    Returns:
        float32 [size_px, size_px].
    """
    if wavelength_px < 2.0:
        return rng.standard_normal((size_px, size_px), dtype=np.float32) * np.float32(max(wavelength_px, 0.1) / 2.0)
    index = int(np.argmin([abs(np.log(w / wavelength_px)) for w in _WAVELENGTHS_PX]))
    field = _bank()[index]
    row, col = rng.integers(0, _BANK_PX, 2)
    if row + size_px <= _BANK_PX and col + size_px <= _BANK_PX:
        crop = field[row : row + size_px, col : col + size_px]
    else:
        rows = (np.arange(size_px) + row) % _BANK_PX
        cols = (np.arange(size_px) + col) % _BANK_PX
        crop = field[rows[:, None], cols[None, :]]
    if rng.random() < 0.5:
        crop = crop.T
    return np.ascontiguousarray(crop[:: -1 if rng.random() < 0.5 else 1])


def fractal_noise(
    rng: np.random.Generator, size_px: int, wavelength_px: float, octaves: int = 4, persistence: float = 0.5
) -> Field:
    """Return a unit-variance sum of octaves, from `wavelength_px` down by halves. float32 [size_px, size_px]."""
    total = np.zeros((size_px, size_px), np.float32)
    power = 0.0
    for octave in range(octaves):
        weight = persistence**octave
        total += np.float32(weight) * band_noise(rng, size_px, max(wavelength_px / 2**octave, 0.5))
        power += weight**2
    return total / np.float32(np.sqrt(power))
