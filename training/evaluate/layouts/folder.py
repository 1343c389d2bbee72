"""Folders of the user's own: one folder a class, or images beside masks.

- `ROOT/<class>/…`: pictures or GeoTIFFs; a folder's name is its class.
- `ROOT/images/<name>.<ending>` and `ROOT/masks/<name>.png` or `.tif` (one band of class numbers), with
  `ROOT/classes.txt`: one line `NUMBER NAME` a class. The name `background` is what no prompt is asked for; pixels
  with a number that the file does not list are not judged.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from graft_plugin.engine.sensor import Sensor
from graft_plugin.errors import SceneError, UsageError

from .pixels import PICTURES, RASTERS, existing_folder, list_files, read_plane, read_rgb
from .types import UNJUDGED, Example, Layout

BACKGROUND = "background"
_ENDINGS = (*PICTURES, *RASTERS)


def open_folder(root: str | Path, sensor: Sensor = "rgb", gsd_m: float | None = None) -> Layout:
    """Open a folder of images: pairs where it has `masks`, else one folder a class.

    Raises:
        UsageError: It is neither; the remedy says what is expected.
    """
    home = existing_folder(root)
    if (home / "masks").is_dir():
        return _pairs(home, sensor, gsd_m)
    folders = sorted(p for p in home.iterdir() if p.is_dir() and not p.name.startswith("."))
    files = [(path, c) for c, folder in enumerate(folders) for path in list_files(folder, _ENDINGS)]
    if len(folders) < 2 or not files:
        raise UsageError(
            "the folder holds neither two or more class folders with images nor images, masks and classes.txt",
            remedy="Put each class's images into a folder with its name, or add masks and classes.txt.",
            path=str(home),
        )

    def read(index: int) -> Example:
        path, label = files[index]
        return Example(str(path.relative_to(home)), read_rgb(path, sensor), (label,))

    keys = tuple(str(path.relative_to(home)) for path, _ in files)
    return Layout("folder", "all", tuple(p.name for p in folders), keys, read, sensor=sensor, gsd_m=gsd_m)


def _pairs(home: Path, sensor: Sensor, gsd_m: float | None) -> Layout:
    names = read_classes(home / "classes.txt")
    lookup = {number: i for i, number in enumerate(names)}
    if not (home / "images").is_dir():
        raise UsageError("there is a folder masks, but no folder images", remedy="Add it.", path=str(home))
    masks = {path.stem: path for path in list_files(home / "masks", _ENDINGS)}
    images = list_files(home / "images", _ENDINGS)
    alone = [path for path in images if path.stem not in masks]
    if alone or not images:
        what = f"the image has no mask {alone[0].stem}.png" if alone else "the folder images holds no image"
        where = alone[0] if alone else home / "images"
        raise UsageError(what, remedy="Give each image a mask of the same name.", path=str(where))

    def read(index: int) -> Example:
        path = images[index]
        image, values = read_rgb(path, sensor), read_plane(masks[path.stem])
        if values.shape != image.shape[1:]:
            raise SceneError(
                f"the mask is {values.shape[1]}×{values.shape[0]} pixels, its image "
                f"{image.shape[2]}×{image.shape[1]}",
                remedy="Write both at the same size.",
                path=str(masks[path.stem]),
            )
        mask = np.full(values.shape, UNJUDGED, np.uint8)
        for number, label in lookup.items():
            mask[values == number] = label
        present = np.unique(mask)
        background = {i for i, name in enumerate(names.values()) if name == BACKGROUND}
        labels = tuple(int(v) for v in present if v != UNJUDGED and v not in background)
        return Example(path.name, image, labels, mask)

    return Layout(
        "folder", "all", tuple(names.values()), tuple(p.name for p in images), read, multi_label=True, has_masks=True,
        sensor=sensor, gsd_m=gsd_m,
    )  # fmt: skip


def read_classes(path: Path) -> dict[int, str]:
    """Read a classes file: number → name, in order of the lines.

    Raises:
        UsageError: It is missing, or a line is not `NUMBER NAME`, or a number or name comes twice.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "the classes file is missing or no text",
            remedy="Write classes.txt with one line NUMBER NAME a class.",
            path=str(path),
        ) from error
    names: dict[int, str] = {}
    for at, line in enumerate(lines, 1):
        number, _, name = line.strip().partition(" ")
        if not line.strip() or line.startswith("#"):
            continue
        if not number.isdigit() or not name.strip() or int(number) in names or name.strip() in names.values():
            raise UsageError(
                f"line {at} is not a new NUMBER NAME: {line.strip()!r}", remedy="Write, say: 3 forest", path=str(path)
            )
        names[int(number)] = name.strip()
    if not 2 <= len(names) < UNJUDGED:
        raise UsageError("the file must list two classes or more", remedy="Add the others.", path=str(path))
    return names
