"""SAT-4 and SAT-6: NAIP patches of 28×28 pixels, 1 m a pixel; one MATLAB file each.

Source: Basu et al., "DeepSat: a learning framework for satellite imagery", SIGSPATIAL 2015. `sat-4-full.mat` and
`sat-6-full.mat` hold train_x, test_x (uint8 [28, 28, 4, N]: row, column, red-green-blue-near infrared, patch) and
train_y, test_y (one-hot; [C, N] in the files, [N, C] in their description: both are read).
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from graft_plugin.errors import SceneError, UsageError

from .types import Example, Layout

Name = Literal["sat-4", "sat-6"]
CLASSES: dict[str, tuple[str, ...]] = {
    "sat-4": ("barren land", "trees", "grassland", "none"),
    "sat-6": ("building", "barren land", "trees", "grassland", "road", "water"),
}
GSD_M = 1.0
SIDE_PX = 28
SPLITS = ("train", "test")
_DAMAGE = (ValueError, TypeError, KeyError, IndexError, EOFError, OSError, zlib.error, struct.error)


def open_deepsat(name: Name, root: str | Path, split: str = "test") -> Layout:
    """Open SAT-4 or SAT-6.

    Args:
        name: Which of the two.
        root: The .mat file, or the folder that holds it.
        split: "train" or "test".

    Raises:
        UsageError: There is no such file or split.
        SceneError: The file is damaged, or holds other arrays.
    """
    if split not in SPLITS:
        raise UsageError(f"{name} has no split {split!r}", remedy="Use train or test.")
    path = _find(name, Path(root).expanduser())
    images, labels = _load(name, path, split)

    def read(index: int) -> Example:
        image = np.ascontiguousarray(np.moveaxis(images[:, :, :3, index], -1, 0))
        return Example(f"{split} {index}", image, (int(labels[index]),))

    keys = tuple(f"{split} {i}" for i in range(len(labels)))
    return Layout(name, split, CLASSES[name], keys, read, sensor="naip", gsd_m=GSD_M, prompts=name)


def _find(name: str, root: Path) -> Path:
    if root.is_file():
        return root
    known = root / f"{name}-full.mat"
    if known.is_file():
        return known
    raise UsageError(
        f"there is no {known.name}",
        remedy=f"Unpack the archive of SAT-4 and SAT-6, and give the folder that holds {known.name} with --root.",
        path=str(root),
    )


def _load(name: str, path: Path, split: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return patches uint8 [28, 28, 4, N] and class indices [N]."""
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    names = (f"{split}_x", f"{split}_y")
    try:
        arrays = loadmat(path, variable_names=names)
    except NotImplementedError as error:
        raise SceneError(
            "the file is in MATLAB's 7.3 form, which is not the published one",
            remedy="Save it in MATLAB with the option -v7, or get the published file.",
            path=str(path),
        ) from error
    except (MatReadError, *_DAMAGE) as error:
        raise SceneError(
            "the file is damaged or cut short, or no MATLAB file", remedy="Get it again.", path=str(path)
        ) from error
    lacking = [key for key in names if key not in arrays]
    if lacking:
        raise SceneError(
            f"the file lacks {' and '.join(lacking)}", remedy=f"Give {name}-full.mat as published.", path=str(path)
        )
    return _checked(name, path, arrays[names[0]], arrays[names[1]])


def _checked(name: str, path: Path, x: NDArray, y: NDArray) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    count, classes = x.shape[-1], len(CLASSES[name])
    if x.shape != (SIDE_PX, SIDE_PX, 4, count) or x.dtype != np.uint8:
        raise SceneError(
            f"the images are {x.dtype} {list(x.shape)}, not uint8 [28, 28, 4, N]",
            remedy=f"Give {name}-full.mat as published.",
            path=str(path),
        )
    hot = y if y.shape == (classes, count) else y.T
    if hot.shape != (classes, count) or not (hot.sum(0) == 1).all():
        raise SceneError(
            f"the labels {list(y.shape)} are not one of {classes} classes for each of {count} images",
            remedy=f"Is this the other of SAT-4 and SAT-6? Give {name}-full.mat.",
            path=str(path),
        )
    return x, hot.argmax(0).astype(np.int64)
