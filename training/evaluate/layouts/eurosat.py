"""EuroSAT: 27,000 Sentinel-2 tiles of 64×64 pixels, 10 m a pixel, ten classes.

Source: Helber et al., "EuroSAT", IEEE JSTARS 12(7), 2019. Published forms that are read here:

- RGB: `<Class>/<Class>_<n>.jpg`, in a folder named EuroSAT_RGB (Zenodo 7711810) or 2750 (the first host).
- MS: `<Class>/<Class>_<n>.tif`, 13 bands uint16 (B01 … B12, B8A), in EuroSAT_MS, or in torchgeo's
  `ds/images/remote_sensing/otherDatasets/sentinel_2/tif`.
- Where torchgeo's split files (`eurosat-test.txt` …) lie in the root beside its tree, torchgeo's own class reads it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from graft_plugin.engine.stretch import apply_stretch
from graft_plugin.errors import SceneError, UsageError

from .pixels import PICTURES, RASTERS, existing_folder, list_files, read_rgb, reflectance_stretch
from .types import Example, Layout

CLASSES = (
    "AnnualCrop", "Forest", "HerbaceousVegetation", "Highway", "Industrial",
    "Pasture", "PermanentCrop", "Residential", "River", "SeaLake",
)  # fmt: skip
TORCHGEO_TREE = "ds/images/remote_sensing/otherDatasets/sentinel_2/tif"
FOLDERS = ("", "EuroSAT_RGB", "2750", "EuroSAT/2750", "EuroSAT_MS", TORCHGEO_TREE)
SPLITS = ("train", "val", "test")
GSD_M = 10.0
RGB_BANDS = (4, 3, 2)


def open_eurosat(root: str | Path, split: str = "test") -> Layout:
    """Open EuroSAT.

    Args:
        root: The unpacked data set, or the folder above it.
        split: "train", "val" or "test" of torchgeo's split files; without these, or with "all", every image.

    Raises:
        UsageError: The folder does not hold the ten classes' folders.
    """
    home = existing_folder(root)
    if split in SPLITS and (home / f"eurosat-{split}.txt").is_file() and (home / TORCHGEO_TREE).is_dir():
        return _layout(split, *_by_torchgeo(home, split))
    return _layout("all", *_by_folders(_tree(home)))


def _layout(split: str, keys: list[str], read: Callable[[int], Example]) -> Layout:
    return Layout(
        "eurosat", split, CLASSES, tuple(keys), read, sensor="sentinel2", gsd_m=GSD_M, prompts="eurosat"
    )


def _tree(home: Path) -> Path:
    for name in FOLDERS:
        if all((home / name / label).is_dir() for label in CLASSES):
            return home / name
    best = max((home / name for name in FOLDERS), key=lambda folder: sum((folder / c).is_dir() for c in CLASSES))
    lacking = ", ".join(label for label in CLASSES if not (best / label).is_dir())
    raise UsageError(
        f"this is not EuroSAT: the class folders {lacking} are missing",
        remedy="Unpack EuroSAT_RGB.zip or EuroSAT_MS.zip and give its folder with --root.",
        path=str(home),
    )


def _by_folders(tree: Path) -> tuple[list[str], Callable[[int], Example]]:
    files = [(path, c) for c, name in enumerate(CLASSES) for path in list_files(tree / name, (*PICTURES, *RASTERS))]
    if not files:
        raise UsageError("the class folders hold no .jpg or .tif", remedy="Unpack the archive again.", path=str(tree))

    def read(index: int) -> Example:
        path, label = files[index]
        raster = path.suffix.lower() in RASTERS
        image = read_rgb(
            path, "sentinel2", bands=RGB_BANDS if raster else None, stretch=reflectance_stretch() if raster else None
        )
        return Example(path.name, image, (label,))

    return [path.name for path, _ in files], read


def _by_torchgeo(home: Path, split: str) -> tuple[list[str], Callable[[int], Example]]:
    from torchgeo.datasets import EuroSAT

    try:
        data: Any = EuroSAT(str(home), split=split, bands=EuroSAT.rgb_bands, download=False)
    except FileNotFoundError as error:  # torchvision's, where a class has no image of the split
        raise UsageError(
            f"EuroSAT's {split} split names images that are not there ({error})",
            remedy="Unpack EuroSATallBands.zip again, or use --split all.",
            path=str(home),
        ) from error
    keys = [Path(path).name for path, _ in data.samples]

    def read(index: int) -> Example:
        path, _ = data.samples[index]
        try:
            sample = data[index]
        except OSError as error:
            raise SceneError(
                "the raster is damaged or cut short", remedy="Get the file again.", path=str(path)
            ) from error
        image = apply_stretch(sample["image"].numpy().astype(np.float32), reflectance_stretch())
        return Example(keys[index], image, (CLASSES.index(data.classes[int(sample["label"])]),))

    return keys, read
