"""EuroSAT: the folders as published, torchgeo's tree through torchgeo's class, and damage."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from PIL import Image

from graft_plugin.errors import SceneError, UsageError
from training.evaluate.layouts.eurosat import CLASSES, TORCHGEO_TREE, open_eurosat
from training.evaluate.miniature_files import write_geotiff, write_picture


def bands(seed, side=64):
    return np.random.default_rng(seed).integers(0, 4000, (13, side, side), dtype=np.uint16)


@pytest.fixture
def tree(tmp_path):
    """Two 13-band images a class, in the folder that torchgeo unpacks, and its split file of the first of each."""
    for c, name in enumerate(CLASSES):
        for n in (1, 2):
            write_geotiff(tmp_path / TORCHGEO_TREE / name / f"{name}_{n}.tif", bands(10 * c + n), 10.0)
    (tmp_path / "eurosat-test.txt").write_text("".join(f"{name}_1.jpg\n" for name in CLASSES))
    return tmp_path


def expected(seed):
    """Reflectance 0 … 0.3 as 0 … 255, of bands 4, 3, 2, pixel by pixel."""
    stored = bands(seed)[[3, 2, 1]].astype(float)
    return np.floor(np.clip(stored / 3000 * 255, 0, 255) + 0.5)


def test_torchgeos_split_gives_the_same_pixels_as_the_folders(tree):
    by_torchgeo, by_folders = open_eurosat(tree, "test"), open_eurosat(tree, "all")
    assert by_torchgeo.split == "test" and len(by_torchgeo) == 10
    assert by_folders.split == "all" and len(by_folders) == 20
    for i in range(10):
        one, two = by_torchgeo.read(i), by_folders.read(2 * i)
        assert one.labels == two.labels == (i,) and one.key == two.key
        assert (one.image == two.image).all()
        assert np.abs(one.image - expected(10 * i + 1)).max() <= 1  # rounding of halves
    assert by_folders.gsd_m == 10.0 and by_folders.sensor == "sentinel2"


@pytest.mark.parametrize("folder", ["EuroSAT_RGB", "2750", "."])
def test_jpegs_as_published(tmp_path, folder):
    for c, name in enumerate(CLASSES):
        image = np.full((3, 64, 64), 20 * c, np.uint8)
        write_picture(tmp_path / folder / name / f"{name}_1.jpg", image)
    layout = open_eurosat(tmp_path)
    assert layout.split == "all" and layout.classes == CLASSES
    for i in range(10):
        assert layout.read(i).labels == (i,) and abs(int(layout.read(i).image.mean()) - 20 * i) <= 1


def test_a_missing_class_and_a_cut_file_are_named(tree):
    path = tree / TORCHGEO_TREE / "River" / "River_1.tif"
    path.write_bytes(path.read_bytes()[:3000])
    for split in ("test", "all"):
        layout = open_eurosat(tree, split)
        with pytest.raises(SceneError, match=r"River_1.tif: .*cut short\. Get the file again"):
            layout.read(layout.keys.index("River_1.tif"))
    (tree / TORCHGEO_TREE / "Forest").rename(tree / "gone")
    with pytest.raises(UsageError, match=r"class folders Forest are missing.*Unpack"):
        open_eurosat(tree, "all")
    with pytest.raises(UsageError, match="no such folder"):
        open_eurosat(tree / "nowhere")


def test_a_jpeg_cut_short_is_named(tmp_path):
    for name in CLASSES:
        write_picture(tmp_path / name / f"{name}_1.jpg", bands(1)[:3].astype(np.uint8))
    path = tmp_path / "Forest" / "Forest_1.jpg"
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(SceneError, match=r"Forest_1.jpg: the picture is damaged"):
        open_eurosat(tmp_path).read(1)
    Image.new("RGB", (2, 2)).save(path)
    assert open_eurosat(tmp_path).read(1).image.shape == (3, 2, 2)
    with rasterio.Env():
        assert open_eurosat(tmp_path).read(0).labels == (0,)
