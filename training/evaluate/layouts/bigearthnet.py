"""BigEarthNet: Sentinel-2 patches of 120×120 pixels, 10 m a pixel, several land covers each.

Sources: Sumbul et al., IGARSS 2019 (version 1, 43 classes), Sumbul et al., IEEE GRSM 9(3), 2021 (19 classes), Clasen
et al., "reBEN", 2024 (version 2). Published forms that are read here:

- Version 1: `BigEarthNet-v1.0/<patch>/<patch>_B04.tif` …, labels in `<patch>_labels_metadata.json`.
- Version 2: `BigEarthNet-S2/<tile>/<patch>/<patch>_B04.tif` …, labels and splits in `metadata.parquet`, pixels' land
  cover in `Reference_Maps/<tile>/<patch>/<patch>_reference_map.tif` where these are unpacked.

The tables (class names, 43 → 19, CORINE codes, names of split files) are torchgeo's. Its data set classes are not used
to read pixels: they open all twelve bands and insist on the radar half; a test compares both, image by image.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Optional

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.stretch import apply_stretch
from graft_plugin.errors import SceneError, UsageError

from .pixels import existing_folder, read_plane, reflectance_stretch
from .types import UNJUDGED, Example, Layout

GSD_M = 10.0
BANDS = ("B04", "B03", "B02")
V1_FOLDER, V2_FOLDER, MAPS, TABLE = "BigEarthNet-v1.0", "BigEarthNet-S2", "Reference_Maps", "metadata.parquet"
V2_SPLITS = {"train": "train", "val": "validation", "test": "test"}


def open_bigearthnet(root: str | Path, split: str = "test", classes: int = 19) -> Layout:
    """Open either version, whichever lies there.

    Args:
        root: The folder that holds the unpacked archive, or (version 1) the folder of the patches itself.
        split: "train", "val", "test" or "all"; version 1 without its split file gives all.
        classes: 19, or 43 (version 1 only).

    Raises:
        UsageError: Neither version is there, or there is no such split.
        SceneError: A table is damaged.
    """
    home = existing_folder(root)
    if split not in (*V2_SPLITS, "all"):
        raise UsageError(f"BigEarthNet has no split {split!r}", remedy="Use train, val, test or all.")
    if (home / TABLE).is_file() and (home / V2_FOLDER).is_dir():
        if classes != 19:
            raise UsageError(
                "version 2 of BigEarthNet has 19 classes, not 43", remedy="Use --data bigearthnet.", path=str(home)
            )
        return _version_2(home, split)
    patches = home / V1_FOLDER if (home / V1_FOLDER).is_dir() else home
    if _holds_patches(patches):
        return _version_1(home, patches, split, classes)
    raise UsageError(
        "this is no BigEarthNet",
        remedy=f"Give the folder that holds {V1_FOLDER}, or {V2_FOLDER} and {TABLE}, with --root.",
        path=str(home),
    )


def _holds_patches(folder: Path) -> bool:
    """Whether the first folders inside are patches of version 1."""
    with os.scandir(folder) as entries:
        folders = (Path(e.path) for e in entries if e.is_dir())
        return any((p / f"{p.name}_labels_metadata.json").is_file() for p, _ in zip(folders, range(20)))


def _version_1(home: Path, folder: Path, split: str, classes: int) -> Layout:
    from torchgeo.datasets import BigEarthNet

    names = tuple(BigEarthNet.class_sets[classes])
    index = {name: i for i, name in enumerate(BigEarthNet.class_sets[43])}
    part, patches = _split_of_version_1(home, folder, split)

    def labels_of(patch: str) -> tuple[int, ...]:
        path = folder / patch / f"{patch}_labels_metadata.json"
        try:
            found = [index[label] for label in json.loads(path.read_text(encoding="utf-8"))["labels"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SceneError(
                f"the labels cannot be read ({type(error).__name__}: {error})",
                remedy="Unpack the archive again.",
                path=str(path),
            ) from error
        if classes == 19:  # ten of the 43 have no place among the 19
            found = [BigEarthNet.label_converter[i] for i in found if i in BigEarthNet.label_converter]
        return tuple(sorted(set(found)))

    def read(i: int) -> Example:
        return Example(patches[i], _rgb(folder / patches[i]), labels_of(patches[i]))

    return _layout(f"bigearthnet-v1-{classes}", part, names, patches, read)


def _split_of_version_1(home: Path, folder: Path, split: str) -> tuple[str, list[str]]:
    """Return the split's name and its patches: of torchgeo's or the authors' file (one `S2 patch,S1 patch` a line)."""
    from torchgeo.datasets import BigEarthNet

    if split != "all":
        for name in (BigEarthNet.splits_metadata[split]["filename"], f"{split}.csv"):
            if (home / name).is_file():
                lines = (home / name).read_text(encoding="utf-8").split()
                return split, [line.split(",")[0] for line in lines]
    with os.scandir(folder) as entries:
        return "all", sorted(e.name for e in entries if e.is_dir() and not e.name.startswith("."))


def _version_2(home: Path, split: str) -> Layout:
    from torchgeo.datasets import BigEarthNetV2

    names = tuple(BigEarthNetV2.class_set)
    patches, labels = _table(home / TABLE, split, names)
    masks = (home / MAPS).is_dir()
    lookup = np.full(1000, UNJUDGED, np.uint8)
    lookup[list(BigEarthNetV2.clc_codes)] = list(BigEarthNetV2.clc_codes.values())

    def read(i: int) -> Example:
        patch = patches[i]
        place = Path(patch.rsplit("_", 2)[0]) / patch
        mask: Optional[NDArray[np.uint8]] = None
        if masks:
            codes = read_plane(home / MAPS / place / f"{patch}_reference_map.tif")
            mask = lookup[np.clip(codes, 0, len(lookup) - 1)]
        return Example(patch, _rgb(home / V2_FOLDER / place), labels[i], mask)

    return _layout("bigearthnet-v2-19", split, names, patches, read, has_masks=masks)


def _table(path: Path, split: str, names: tuple[str, ...]) -> tuple[list[str], list[tuple[int, ...]]]:
    import pandas as pd

    try:
        table = pd.read_parquet(path, columns=["patch_id", "labels", "split"])
        if split != "all":
            table = table[table["split"] == V2_SPLITS[split]]
        index = {name: i for i, name in enumerate(names)}
        labels = [tuple(sorted({index[label] for label in row})) for row in table["labels"]]
    except (OSError, ValueError, KeyError) as error:
        raise SceneError(
            f"the table of patches is damaged, or not that of version 2 ({type(error).__name__})",
            remedy="Get metadata.parquet again.",
            path=str(path),
        ) from error
    if not labels:
        raise UsageError(f"the table names no patch of the split {split}", remedy="Use --split all.", path=str(path))
    return [str(patch) for patch in table["patch_id"]], labels


def _layout(
    name: str,
    split: str,
    classes: tuple[str, ...],
    patches: list[str],
    read: Callable[[int], Example],
    has_masks: bool = False,
) -> Layout:
    return Layout(
        name, split, classes, tuple(patches), read, multi_label=True, has_masks=has_masks, sensor="sentinel2",
        gsd_m=GSD_M, prompts=f"bigearthnet-{len(classes)}",
    )  # fmt: skip


def _rgb(folder: Path) -> NDArray[np.uint8]:
    planes = [read_plane(folder / f"{folder.name}_{band}.tif") for band in BANDS]
    return apply_stretch(np.stack(planes), reflectance_stretch())
