"""BigEarthNet, both versions, image by image against torchgeo's own data set classes."""

from __future__ import annotations

import json

import numpy as np
import pytest
from torchgeo.datasets import BigEarthNet, BigEarthNetV2

from graft_plugin.errors import SceneError, UsageError
from training.evaluate.layouts.bigearthnet import open_bigearthnet
from training.evaluate.layouts.types import UNJUDGED
from training.evaluate.promptsets import find_prompts

SORTED = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
RGB = [SORTED.index(band) for band in ("B04", "B03", "B02")]


def colours(image):
    """Reflectance 0 … 0.3 as 0 … 255 of torchgeo's bands."""
    return np.clip(image[RGB].numpy() / 3000 * 255, 0, 255)


@pytest.mark.parametrize("classes", [19, 43])
def test_version_1_is_what_torchgeo_reads(miniature, classes):
    root = miniature("bigearthnet-43", 5)
    theirs = BigEarthNet(str(root), split="test", bands="s2", num_classes=classes)
    ours = open_bigearthnet(root, "test", classes)
    assert len(ours) == len(theirs) == 5 and ours.split == "test" and ours.multi_label
    assert ours.classes == tuple(BigEarthNet.class_sets[classes])
    for i in range(5):
        sample, example = theirs[i], ours.read(i)
        assert sample["label"].nonzero()[:, 0].tolist() == list(example.labels)
        assert np.abs(example.image - colours(sample["image"])).max() <= 0.51
    find_prompts(None, ours.prompts, ours.classes)
    if classes == 19:
        find_prompts("plain", ours.prompts, ours.classes)


def test_version_1_drops_what_has_no_place_among_the_19(miniature, tmp_path):
    patch = "S2A_MSIL2A_20170717T113321_1_2"
    source = next((miniature("bigearthnet-43", 5) / "BigEarthNet-v1.0").iterdir())
    folder = tmp_path / patch
    folder.mkdir()
    for band in ("B04", "B03", "B02"):
        (folder / f"{patch}_{band}.tif").write_bytes((source / f"{source.name}_{band}.tif").read_bytes())
    labels = folder / f"{patch}_labels_metadata.json"
    labels.write_text(json.dumps({"labels": ["Airports", "Olive groves", "Vineyards", "Sea and ocean"]}))
    ours = open_bigearthnet(tmp_path)  # the patches' own folder, without split files
    assert ours.split == "all" and ours.keys == (patch,)
    assert [ours.classes[c] for c in ours.read(0).labels] == ["Permanent crops", "Marine waters"]
    assert len(open_bigearthnet(tmp_path, classes=43).read(0).labels) == 4
    labels.write_text('{"labels": ["Airpo')
    with pytest.raises(SceneError, match=f"{labels.name}: the labels cannot be read"):
        ours.read(0)
    labels.write_text(json.dumps({"labels": ["Atlantis"]}))
    with pytest.raises(SceneError, match="Atlantis"):
        ours.read(0)
    (folder / f"{patch}_B03.tif").write_bytes(b"")
    with pytest.raises(SceneError, match=r"B03.tif: .*damaged"):
        ours.read(0)


def test_version_2_is_what_torchgeo_reads_masks_too(miniature):
    root = miniature("bigearthnet", 8)
    theirs, ours = BigEarthNetV2(str(root), split="test", bands="s2"), open_bigearthnet(root)
    assert len(ours) == len(theirs) == 8 and ours.has_masks
    judged = 0
    for i in range(8):
        sample, example = theirs[i], ours.read(i)
        assert sample["label"].nonzero()[:, 0].tolist() == list(example.labels)
        assert np.abs(example.image - colours(sample["image"])).max() <= 0.51
        known = example.mask != UNJUDGED
        assert (sample["mask"][0].numpy()[known] == example.mask[known]).all()
        assert (sample["mask"][0].numpy()[~known] > 18).all()  # codes that are none of the 19
        judged += int(known.sum())
    assert judged > 0.5 * 8 * 120 * 120


def test_version_2_without_the_reference_maps_and_with_a_damaged_table(miniature, tmp_path):
    root = miniature("bigearthnet", 8)
    (tmp_path / "BigEarthNet-S2").symlink_to(root / "BigEarthNet-S2")
    table = tmp_path / "metadata.parquet"
    table.write_bytes((root / "metadata.parquet").read_bytes())
    layout = open_bigearthnet(tmp_path)
    assert not layout.has_masks and layout.read(0).mask is None
    with pytest.raises(UsageError, match=r"no patch of the split train.*--split all"):
        open_bigearthnet(tmp_path, "train")
    with pytest.raises(UsageError, match="19 classes, not 43"):
        open_bigearthnet(tmp_path, classes=43)
    table.write_bytes(table.read_bytes()[:700])
    with pytest.raises(SceneError, match=r"metadata.parquet: .*damaged.*again"):
        open_bigearthnet(tmp_path)


def test_another_folder_is_no_bigearthnet(tmp_path):
    (tmp_path / "photos").mkdir()
    with pytest.raises(UsageError, match=r"no BigEarthNet.*BigEarthNet-v1.0, or BigEarthNet-S2 and metadata.parquet"):
        open_bigearthnet(tmp_path)
