"""Photos in shards are upright, small, and tell nothing but the picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from training.collect.picture import UnreadablePicture
from training.collect.shrink import small_jpeg


def test_upright_small_and_bare(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter: to be turned back
    exif[0x013B] = "the photographer"
    picture = np.zeros((600, 1200, 3), np.uint8)
    picture[:, :300] = (250, 10, 10)  # left as stored, so above as seen
    path = tmp_path / "a.jpg"
    Image.fromarray(picture).save(path, quality=95, exif=exif, comment=b"at home")
    data = small_jpeg(path)
    with Image.open(io.BytesIO(data)) as seen:
        assert seen.size == (256, 512) and seen.format == "JPEG"
        pixels = np.asarray(seen)
        assert not seen.getexif() and "comment" not in seen.info
    assert pixels[20, 128, 0] > 200 and pixels[400, 128, 0] < 50
    assert b"home" not in data and b"photographer" not in data
    assert small_jpeg(path) == data


def test_small_and_grey_ones_keep_their_size(tmp_path):
    path = tmp_path / "b.png"
    Image.fromarray(np.full((40, 30), 99, np.uint8)).save(path)
    with Image.open(io.BytesIO(small_jpeg(path))) as seen:
        assert seen.size == (30, 40) and seen.mode == "RGB"


def test_what_cannot_be_read_is_said_to_be(tmp_path):
    whole = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (300, 300, 3), dtype=np.uint8)).save(whole, "JPEG")
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(whole.getvalue()[:9000])
    for path in (cut, tmp_path / "none.jpg"):
        with pytest.raises(UnreadablePicture):
            small_jpeg(path)
