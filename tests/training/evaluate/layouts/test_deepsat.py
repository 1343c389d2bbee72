"""SAT-4 and SAT-6: both orientations of the labels, and files that are not what they should be."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.io import savemat

from graft_plugin.errors import SceneError, UsageError
from training.evaluate.layouts.deepsat import CLASSES, open_deepsat


def arrays(classes, count=9, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 256, (28, 28, 4, count), dtype=np.uint8)
    labels = rng.integers(0, classes, count)
    return x, np.eye(classes, dtype=np.uint8)[labels].T, labels


@pytest.mark.parametrize("name", ["sat-4", "sat-6"])
@pytest.mark.parametrize("turned", [False, True])
def test_pixels_and_labels_come_back(tmp_path, name, turned):
    x, y, labels = arrays(len(CLASSES[name]))
    savemat(tmp_path / f"{name}-full.mat", {"test_x": x, "test_y": y.T if turned else y, "train_x": x, "train_y": y})
    layout = open_deepsat(name, tmp_path)
    assert len(layout) == 9 and layout.gsd_m == 1.0 and not layout.multi_label
    for i in range(9):
        example = layout.read(i)
        assert example.labels == (labels[i],)
        assert example.image.shape == (3, 28, 28)
        assert example.image[1, 5, 20] == x[5, 20, 1, i]  # row, column, band: no axis is swapped


def test_the_file_itself_can_be_given(tmp_path):
    x, y, _ = arrays(6, 3)
    savemat(tmp_path / "mine.mat", {"train_x": x, "train_y": y})
    assert len(open_deepsat("sat-6", tmp_path / "mine.mat", "train")) == 3


def test_what_is_wrong_is_said_with_the_file(tmp_path):
    with pytest.raises(UsageError, match=r"sat-6-full.mat.*--root"):
        open_deepsat("sat-6", tmp_path)
    with pytest.raises(UsageError, match="no split 'val'"):
        open_deepsat("sat-6", tmp_path, "val")
    path = tmp_path / "sat-6-full.mat"
    x, y, _ = arrays(6)
    savemat(path, {"test_x": x, "test_y": y}, do_compression=True)
    whole = path.read_bytes()
    for part in (whole[: len(whole) // 2], whole[:60], b"", b"not a MATLAB file at all" * 20):
        path.write_bytes(part)
        with pytest.raises(SceneError, match=r"sat-6-full.mat: .*(damaged|lacks)"):
            open_deepsat("sat-6", tmp_path)
    path.write_bytes(whole)
    with pytest.raises(SceneError, match=r"one of 4 classes.*the other of SAT-4"):
        open_deepsat("sat-4", path)
    with pytest.raises(SceneError, match="lacks train_x"):
        open_deepsat("sat-6", path, "train")
    savemat(path, {"test_x": x.astype(np.float32), "test_y": y})
    with pytest.raises(SceneError, match=r"float32 \[28, 28, 4, 9\], not uint8"):
        open_deepsat("sat-6", path)
    y[:, 0] = 0
    savemat(path, {"test_x": x, "test_y": y})
    with pytest.raises(SceneError, match="labels"):
        open_deepsat("sat-6", path)
