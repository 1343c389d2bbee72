"""A user's own folders: class folders, images with masks, and what can be wrong with them."""

from __future__ import annotations

import numpy as np
import pytest

from graft_plugin.errors import SceneError, UsageError
from training.evaluate.layouts.folder import open_folder
from training.evaluate.layouts.types import UNJUDGED
from training.evaluate.miniature_files import write_band, write_geotiff, write_picture


def picture(value, side=12):
    return np.full((3, side, side), value, np.uint8)


def test_class_folders(tmp_path):
    write_picture(tmp_path / "wood" / "b.png", picture(30))
    write_picture(tmp_path / "wood" / "a.jpg", picture(60))
    write_geotiff(tmp_path / "lake" / "c.tif", np.full((4, 12, 12), 90, np.uint8), 1.0)
    (tmp_path / "wood" / "notes.txt").write_text("not an image")
    layout = open_folder(tmp_path, gsd_m=0.5)
    assert layout.classes == ("lake", "wood") and layout.gsd_m == 0.5 and layout.prompts is None
    assert [layout.read(i).labels for i in range(3)] == [(0,), (1,), (1,)]
    assert [int(layout.read(i).image.mean()) for i in range(3)] == [90, 60, 30]


def test_sixteen_bits_are_stretched_by_the_engines_rule(tmp_path):
    bands = np.linspace(100, 900, 12 * 12 * 3).reshape(3, 12, 12).astype(np.uint16)
    write_geotiff(tmp_path / "a" / "x.tif", bands, 1.0)
    write_picture(tmp_path / "b" / "x.png", picture(1))
    image = open_folder(tmp_path).read(0).image
    assert image.dtype == np.uint8 and image.min() == 0 and image.max() == 255


def pairs(root, mask):
    write_picture(root / "images" / "one.png", picture(70))
    write_picture(root / "masks" / "one.png", mask)
    (root / "classes.txt").write_text("# number name\n7 lake\n0 background\n\n3 bare soil\n")
    return open_folder(root)


def test_masks_become_class_indices_and_what_is_not_listed_is_not_judged(tmp_path):
    mask = np.zeros((12, 12), np.uint8)
    mask[:4], mask[4:6], mask[6] = 7, 3, 200
    example = pairs(tmp_path, mask).read(0)
    assert pairs(tmp_path, mask).classes == ("lake", "background", "bare soil")
    assert (example.mask[:4] == 0).all() and (example.mask[4:6] == 2).all() and (example.mask[7:] == 1).all()
    assert (example.mask[6] == UNJUDGED).all()
    assert example.labels == (0, 2)  # background is no label


def test_a_mask_with_a_palette_and_one_as_geotiff(tmp_path):
    from PIL import Image

    layout = pairs(tmp_path, np.full((12, 12), 7, np.uint8))
    index = Image.new("P", (12, 12), 3)
    index.putpalette([0, 0, 0] * 3 + [255, 0, 0])
    index.save(tmp_path / "masks" / "one.png")
    assert (layout.read(0).mask == 2).all()
    (tmp_path / "masks" / "one.png").unlink()
    write_band(tmp_path / "masks" / "one.tif", np.full((12, 12), 0, np.uint16), 1.0)
    assert (open_folder(tmp_path).read(0).mask == 1).all()


def test_mistakes_are_named_with_file_and_remedy(tmp_path):
    with pytest.raises(UsageError, match=r"neither two or more class folders.*classes.txt"):
        open_folder(tmp_path)
    layout = pairs(tmp_path, np.zeros((6, 12), np.uint8))
    with pytest.raises(SceneError, match=r"one.png: the mask is 12×6 pixels, its image 12×12.*same size"):
        layout.read(0)
    write_picture(tmp_path / "masks" / "one.png", picture(3))
    with pytest.raises(SceneError, match="colours instead of class numbers"):
        layout.read(0)
    write_picture(tmp_path / "images" / "two.png", picture(3))
    with pytest.raises(UsageError, match=r"two.png: the image has no mask two.png"):
        open_folder(tmp_path)
    for text, words in [
        ("7 lake\n7 wood\n", "line 2"),
        ("lake\n", "line 1 is not a new NUMBER NAME"),
        ("1 a\n", "two classes"),
    ]:
        (tmp_path / "classes.txt").write_text(text)
        with pytest.raises(UsageError, match=words) as caught:
            open_folder(tmp_path)
        assert "classes.txt" in str(caught.value)
    (tmp_path / "classes.txt").unlink()
    with pytest.raises(UsageError, match=r"classes.txt: the classes file is missing"):
        open_folder(tmp_path)
