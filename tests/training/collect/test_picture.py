"""A look at a picture: whole or not, upright sizes, nothing that a file can hold brings it down."""

from __future__ import annotations

import io

import pytest
from PIL import Image, PngImagePlugin

from training.collect.duplicates import hash_distance
from training.collect.picture import UnreadablePicture, exif_of, look

from .flickr_server import jpeg


def test_size_is_that_of_the_upright_picture_and_so_is_the_hash():
    exif = Image.Exif()
    exif[0x0112] = 6
    upright = Image.open(io.BytesIO(jpeg(1)))
    stored = io.BytesIO()
    upright.transpose(Image.Transpose.ROTATE_90).save(stored, "JPEG", quality=95, exif=exif)
    assert Image.open(stored).size == (480, 640)
    seen = look(stored.getvalue())
    assert (seen.width, seen.height, seen.format) == (640, 480, "JPEG")
    assert hash_distance(seen.phash, look(jpeg(1)).phash) <= 2


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_picture_is_refused_wherever_it_ends(cut):
    data = jpeg(1, size=(2000, 1500))  # large enough to be decoded small
    assert look(data).width == 2000
    with pytest.raises(UnreadablePicture, match="truncated"):
        look(data[: int(len(data) * cut)])


def test_what_is_no_picture_is_refused(tmp_path):
    for name, data in {"글.jpg": "글자".encode(), "empty.jpg": b"", "page.jpg": b"<html></html>"}.items():
        (tmp_path / name).write_bytes(data)
        for way in (look, exif_of):
            with pytest.raises(UnreadablePicture):
                way(tmp_path / name)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_bomb_is_refused():
    file = io.BytesIO()
    Image.new("1", (12000, 12000)).save(file, "PNG")  # 144 megapixels in a few kilobytes
    with pytest.raises(UnreadablePicture, match="too many"):
        look(file.getvalue())


def test_a_whole_picture_with_a_damaged_exif_is_a_picture():
    file = io.BytesIO()
    info = PngImagePlugin.PngInfo()
    info.add(b"eXIf", b"MM\0*\xff\xff\xff\xff" + b"\xff" * 30)
    Image.new("RGB", (20, 10)).save(file, "PNG", pnginfo=info)
    assert look(file.getvalue()).width == 20
