"""The contact sheet: every photo's number at its place, none over another; mistakes are named."""

from __future__ import annotations

import itertools
import math

import numpy as np
from PIL import Image

from training.__main__ import main
from training.pair_writer import write_pairs
from training.show import TILE_PX, spread_labels

from .test_dataset import a_tile


def test_labels_keep_apart_and_near_their_places():
    rng = np.random.default_rng(0)
    places = [(200 + x, 200 + y) for x, y in rng.normal(0, 4, (25, 2)).tolist()] + [(0.0, 0.0), (447.0, 447.0)]
    labels = spread_labels(places, 24, 448)
    assert min(math.dist(a, b) for a, b in itertools.combinations(labels, 2)) >= 24
    assert all(12 <= v <= 448 - 12 for label in labels for v in label)
    assert max(math.dist(a, b) for a, b in zip(places, labels, strict=True)) < 110
    assert spread_labels([(100.0, 50.0)], 24, 448) == [(100.0, 50.0)]  # where there is room, on its place


def test_the_sheet_shows_tiles_with_marks_and_photos(tmp_path, capsys):
    tiles = [a_tile(number) for number in range(3)]
    write_pairs(tmp_path / "pairs", tiles, shard_tiles=2)
    out = tmp_path / "sheet.png"
    assert main(["show", str(tmp_path / "pairs"), "--out", str(out), "--tiles", "9"]) == 0
    assert str(out) in capsys.readouterr().out
    sheet = np.asarray(Image.open(out).convert("RGB")).astype(int)
    assert sheet.shape[0] > 3 * TILE_PX
    yellow = (np.abs(sheet - (255, 214, 0)).max(-1) < 8)[:, : TILE_PX + 24]
    top = 24 + 22 + 6
    for number, (record, *_) in enumerate(tiles):
        row = top + number * (TILE_PX + 22 + 6 + 24)
        for photo in record.photos:
            y, x = row + photo.row * TILE_PX / 64, 24 + photo.col * TILE_PX / 64
            near = yellow[max(0, int(y) - 40) : int(y) + 40, max(0, int(x) - 40) : int(x) + 40]
            assert near.sum() > 100
    first = out.read_bytes()
    assert main(["show", str(tmp_path / "pairs"), "--out", str(out), "--tiles", "1", "--seed", "4"]) == 0
    assert out.read_bytes() != first


def test_mistakes_are_named(tmp_path, capsys):
    write_pairs(tmp_path / "empty", [])
    out = str(tmp_path / "sheet.png")
    assert main(["show", str(tmp_path / "empty"), "--out", out]) == 2
    assert main(["show", str(tmp_path / "none"), "--out", out]) == 2
    assert main(["show", str(tmp_path / "empty"), "--out", str(tmp_path / "sheet.jpg")]) == 2
    said = capsys.readouterr().err
    assert "holds no tile" in said and "not a whole folder" in said and ".png" in said
