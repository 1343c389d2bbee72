"""What the tests of an index share: the command, with the colour model, and rasters of random colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from graft_plugin.engine import cli


def _write(path: Path, side: int, seed: int = 0, crs: str = "EPSG:32615", corner=(500_000, 5_000_000)) -> Path:
    pixels = np.random.default_rng(seed).integers(1, 255, (3, side // 16, side // 16)).astype(np.uint8)
    with rasterio.open(
        path, "w", driver="GTiff", width=side, height=side, count=3, dtype="uint8", crs=crs,
        transform=from_origin(*corner, 1, 1), tiled=True,
    ) as out:  # fmt: skip
        out.write(pixels.repeat(16, 1).repeat(16, 2))
    return path


@pytest.fixture
def write_colours():
    """`write_colours(path, side, seed, …)` writes a raster of random 16-pixel squares of 1 m; returns its path."""
    return _write


@pytest.fixture
def graft(capsys, colour_model):
    """Run the command in this process; returns (status, stdout, the lines of stderr but the notes, in `.notes`)."""

    def run(*words):
        words = [str(word) for word in words]
        status = cli.main([*words, "--model", str(colour_model)] if words[0] in ("index", "classify") else words)
        out, err = capsys.readouterr()
        run.notes = [line for line in err.splitlines() if "note:" in line]
        return status, out, [line for line in err.splitlines() if "note:" not in line]

    return run
