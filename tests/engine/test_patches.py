"""Shifted grids: each cell of the stride raster is the centre of one patch, and of one only."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graft_plugin.engine.grid import Grid, Window
from graft_plugin.engine.patches import patch_window, stride_shifts
from graft_plugin.errors import UsageError


def test_shifts_and_their_seams():
    grid = Grid("EPSG:26914", 1.0)
    assert stride_shifts(grid, 16) == ((0, 0),)
    rows = sorted({dy for dy, _ in stride_shifts(grid, 4)})
    assert [dy % 16 for dy in rows] == [2, 6, 10, 14] and len(stride_shifts(grid, 4)) == 16
    assert min(np.diff([*rows, rows[0] + 224])) >= 48  # seams far apart
    for bad in (0, 5, 32, 3):
        with pytest.raises(UsageError):
            stride_shifts(grid, bad)


@given(st.integers(-9999, 9999), st.integers(1, 40), st.sampled_from([16, 8, 4]))
def test_patch_windows_of_all_shifts_share_out_the_cells(row, cells, stride):
    grid = Grid("EPSG:26914", 1.0)
    window = Window(row * stride, 0, cells * stride, stride)
    tops = []
    for dy, dx in stride_shifts(grid, stride):
        area = patch_window(grid, window, stride, (dy, dx))
        if area.width:
            assert (area.row - dy) % 16 == 0 and area.height % 16 == 0
            tops += range(area.row, area.stop[0], 16)
    assert sorted(tops) == [window.row + k * stride - (16 - stride) // 2 for k in range(cells)]
