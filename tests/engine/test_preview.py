"""The preview picture: sizes, places and colours of what is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from PIL import Image
from shapely.geometry import Polygon, box

from graft_plugin.engine import preview
from graft_plugin.engine.preview import PromptPicture, area_text, nice_length, ramp, write_preview
from graft_plugin.errors import OutputError, UsageError

PLACE = Affine(2.0, 0.0, 1000.0, 0.0, -2.0, 500.0)


@pytest.fixture
def rgb():
    return np.full((3, 60, 90), 90, dtype=np.uint8)


def picture(prompt="lake", polygons=(), heat=None, **kwargs):
    heat = np.zeros((6, 9), dtype=np.float32) if heat is None else heat
    return PromptPicture(prompt, heat, list(polygons), 0.5, 100.0, **kwargs)


def panels(path):
    sheet = np.asarray(Image.open(path).convert("RGB")).astype(int)
    width = (preview.WIDTH_PX - 2 * preview.MARGIN - 2 * preview.GAP) // 3
    height = round(width * 60 / 90)
    top = preview.HEADER + preview.CAPTION
    lefts = [preview.MARGIN + i * (width + preview.GAP) for i in range(3)]
    return [sheet[top : top + height, left : left + width] for left in lefts]


def test_polygons_are_drawn_where_they_are_with_their_holes(rgb, tmp_path):
    shape = Polygon(box(1040, 420, 1140, 480).exterior, [box(1080, 440, 1100, 460).exterior])
    write_preview(tmp_path / "p.png", rgb, PLACE, [picture(polygons=[shape])], title="scene.tif", model="mini")
    pane = panels(tmp_path / "p.png")[2]
    scale = pane.shape[1] / 90

    def at(x, y):
        return pane[round((500 - y) / 2 * scale), round((x - 1000) / 2 * scale)]

    assert np.abs(at(1060, 450) - (90 + 0.28 * (np.array(preview.OUTLINE) - 90))).max() <= 2  # inside
    assert (at(1090, 450) == 90).all() and (at(1020, 450) == 90).all()  # in the hole, outside
    assert np.abs(at(1040, 450) - preview.OUTLINE).max() < 60  # on the outline


def test_heat_colours_follow_the_ramp_and_unknown_cells_stay_grey(rgb, tmp_path):
    heat = np.zeros((6, 9), dtype=np.float32)
    heat[:, 3:6], heat[:, 6:] = 1.0, np.nan
    write_preview(tmp_path / "p.png", rgb, PLACE, [picture(heat=heat)], title="t", model="m")
    pane = panels(tmp_path / "p.png")[1]
    third = pane.shape[1] // 3
    base = 90 * 0.55 + 40
    low, high, unknown = (pane[100, third * i + third // 2] for i in range(3))
    assert np.abs(low - base * 0.75).max() <= 2
    assert np.abs(high - (0.85 * np.array(preview.RAMP[-1]) + 0.15 * base)).max() <= 2
    assert np.abs(unknown - base).max() <= 1


def test_invalid_pixels_and_sizes(rgb, tmp_path):
    valid = np.ones((60, 90), dtype=bool)
    valid[:, :30] = False
    many = [picture(prompt=f"prompt {i}") for i in range(9)]
    write_preview(tmp_path / "p.png", rgb, PLACE, many, title="긴 이름 " * 40, model="m" * 200, valid=valid)
    image = Image.open(tmp_path / "p.png")
    pane = panels(tmp_path / "p.png")[0]
    assert (pane[10, 50] == preview.VOID).all() and (pane[10, 300] == 90).all()
    assert image.width <= preview.WIDTH_PX
    row = preview.CAPTION + preview.LEGEND + pane.shape[0]
    assert image.height == preview.HEADER + preview.MAX_ROWS * row + preview.FOOTER
    tall = np.zeros((3, 900, 30), dtype=np.uint8)
    write_preview(
        tmp_path / "t.png", tall, PLACE, [picture(heat=np.full((9, 3), np.nan, np.float32))], title="", model=""
    )
    assert Image.open(tmp_path / "t.png").height <= preview.TALLEST_PX + 200


def test_scale_bar_has_its_length(rgb, tmp_path):
    write_preview(tmp_path / "p.png", rgb, PLACE, [picture()], title="t", model="m")
    pane = panels(tmp_path / "p.png")[0]
    longest = max((row >= 250).all(axis=1).sum() for row in pane)
    metres = longest * (90 * 2.0 / pane.shape[1])
    assert metres == pytest.approx(50.0, abs=1.0)


def test_small_helpers():
    assert [nice_length(v) for v in (1, 4.99, 5, 19, 99, 100, 0.3)] == [1, 2, 5, 10, 50, 100, 0.2]
    assert [area_text(a) for a in (0, 900, 123_456, 40_400_000)] == ["0 ha", "0.09 ha", "12.3 ha", "4,040 ha"]
    assert np.array_equal(ramp(np.array([0.0, 0.5, 1.0])), [preview.RAMP[0], preview.RAMP[4], preview.RAMP[8]])


def test_errors_are_plain(rgb, tmp_path):
    with pytest.raises(UsageError):
        write_preview(tmp_path / "p.png", rgb, PLACE, [], title="t", model="m")
    with pytest.raises(OutputError, match=r"absent.*p\.png"):
        write_preview(tmp_path / "absent" / "p.png", rgb, PLACE, [picture()], title="t", model="m")
