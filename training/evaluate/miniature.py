"""Invented miniatures of every layout, drawn from the procedural world: the whole command runs with no data at hand.

Files lie and are named as in the published sets, so that their own readers open them; what is in the pictures is the
world's land cover. The words of `prompts/*-plain.toml` are those that the bundled mini model knows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from graft_plugin.errors import UsageError

from ..world.aerial import LookName, render_aerial
from ..world.classes import LABEL, NAMES
from ..world.layout import make_layout
from .layouts.eurosat import CLASSES as EUROSAT
from .layouts.eurosat import TORCHGEO_TREE
from .miniature_files import write_band, write_geotiff, write_osm, write_picture
from .miniature_questions import write_rsvqa, write_world_questions

EUROSAT_LAND = ("crops", "forest", "shrubland", "road", "parking", "meadow", "orchard", "building", "river", "lake")
SAT6_LAND = ("building", "soil", "forest", "meadow", "road", "lake")
SAT4_LAND = ("soil", "forest", "meadow", "building")
CORINE = {
    "lake": "Water bodies", "river": "Water courses", "wetland": "Inland marshes", "forest": "Broad-leaved forest",
    "orchard": "Fruit trees and berry plantations", "shrubland": "Transitional woodland/shrub", "meadow": "Pastures",
    "crops": "Non-irrigated arable land", "soil": "Non-irrigated arable land", "sand": "Beaches, dunes, sands",
    "building": "Discontinuous urban fabric", "parking": "Industrial or commercial units",
    "road": "Road and rail networks and associated land",
}  # fmt: skip
"""Land → CORINE class; what is missing has none. The last one has no place among BigEarthNet's 19."""
OSM_TAGS = {
    "lake": {"natural": "water", "water": "lake"}, "river": {"natural": "water", "water": "river"},
    "pool": {"leisure": "swimming_pool"}, "wetland": {"natural": "wetland"}, "forest": {"natural": "wood"},
    "orchard": {"landuse": "orchard"}, "shrubland": {"natural": "scrub"}, "meadow": {"landuse": "meadow"},
    "crops": {"landuse": "farmland"}, "soil": {"natural": "bare_earth"}, "sand": {"natural": "sand"},
    "road": {"area:highway": "residential"}, "building": {"building": "yes"}, "parking": {"amenity": "parking"},
    "railway": {"landuse": "railway"},
}  # fmt: skip
"""Land → tags; tracks get none, as much of what is on the ground is missing from the map."""
REFLECTANCE = 3000 / 255
"""uint8 → reflectance × 10,000 by which the engine's stretch gives the same picture back."""


@dataclass(frozen=True)
class View:
    """One place from above: uint8 [3, S, S] RGB and uint8 [S, S] labels of the world's classes."""

    image: NDArray[np.uint8]
    labels: NDArray[np.uint8]


def make_miniature(name: str, root: Path, count: int, seed: int = 0, look: LookName = "plain") -> None:
    """Write a miniature of a layout.

    Args:
        name: As in `layouts.LAYOUTS`; "folder" gives images and masks.
        root: A folder that is empty or not there yet.
        count: About how many images.
        seed: Of the places.
        look: The world's light and sensor.

    Raises:
        UsageError: The folder holds something, or the count is too small.
    """
    if count < 1:
        raise UsageError("a miniature needs an image", remedy="Give --miniature a number of 1 or more.")
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UsageError(
            "a miniature is only written into an empty folder", remedy="Name another --root.", path=str(root)
        )
    root.mkdir(parents=True, exist_ok=True)
    draw = Places(seed, look)
    match name:
        case "eurosat":
            write_eurosat(root, draw, count)
        case "bigearthnet-43":
            write_bigearthnet_1(root, draw, count)
        case "bigearthnet":
            write_bigearthnet_2(root, draw, count)
        case "sat-4" | "sat-6":
            write_deepsat(root, draw, count, name, SAT4_LAND if name == "sat-4" else SAT6_LAND)
        case "naip-osm":
            write_naip_osm(root, draw, count)
        case "folder":
            write_pairs(root, draw, count)
        case "rsvqa-lr" | "rsvqa-hr" | "rsvqa-hr-phili":
            write_rsvqa(root, name, count, seed, look)
        case "world-questions":
            write_world_questions(root, count, seed, look)
        case _:
            raise UsageError(f"there is no layout {name!r}", remedy="See --help.")


class Places:
    """Draws places in order; the same seed gives the same ones."""

    def __init__(self, seed: int, look: LookName) -> None:
        self._seed, self._look, self._next = seed, look, 0

    def view(self, land: str, size_px: int, gsd_m: float) -> View:
        """Draw the next place, with a kind of land that must be there."""
        self._next += 1
        rng = np.random.default_rng([self._seed, self._next, 404])
        layout = make_layout(rng, size_px=size_px, gsd_m=gsd_m, focus=land)
        return View(render_aerial(layout, rng, self._look), layout.labels)

    def window(self, land: str, side_px: int, gsd_m: float, wanted: float, size_px: int) -> View:
        """Return the window of a place that holds most of a land: of up to five places, the first with enough."""
        best, most = None, -1.0
        for _ in range(5):
            view = self.view(land, size_px, gsd_m)
            row, col, share = _richest(view.labels == LABEL[land], side_px)
            if share > most:
                cut = slice(row, row + side_px), slice(col, col + side_px)
                best, most = View(view.image[:, cut[0], cut[1]], view.labels[cut]), share
            if share >= wanted:
                break
        assert best is not None
        return best


def write_eurosat(root: Path, places: Places, count: int, split: str = "test") -> None:
    """Write EuroSAT as torchgeo unpacks it (13 bands, split file) and, of the same images, EuroSAT_RGB."""
    names: list[str] = []
    for number in range(max(1, count // len(EUROSAT))):
        for label, land in zip(EUROSAT, EUROSAT_LAND):
            wide = land in ("road", "river", "building", "parking")
            view = places.window(land, 128, 2.5 if wide else 5.0, 0.35 if wide else 0.85, 224)
            image = _coarser(view.image, 2)
            name = f"{label}_{number + 1}"
            write_geotiff(root / TORCHGEO_TREE / label / f"{name}.tif", _sentinel(image), 10.0)
            write_picture(root / "EuroSAT_RGB" / label / f"{name}.jpg", image)
            names.append(f"{name}.jpg")
    (root / f"eurosat-{split}.txt").write_text("\n".join(names) + "\n")


def write_deepsat(root: Path, places: Places, count: int, name: str, lands: Sequence[str]) -> None:
    """Write sat-4-full.mat or sat-6-full.mat; a quarter of the images are the training half."""
    from scipy.io import savemat

    each = max(1, count // len(lands))
    found = list(_patches(places, lands, each, 28))
    order = np.random.default_rng(len(found)).permutation(len(found))
    stack = np.stack([found[i][0] for i in order], -1)
    hot = np.eye(len(lands), dtype=np.uint8)[[found[i][1] for i in order]].T
    few = max(1, len(found) // 4)
    arrays = {"train_x": stack[..., :few], "train_y": hot[:, :few], "test_x": stack, "test_y": hot}
    savemat(root / f"{name}-full.mat", arrays, do_compression=True)


def _patches(places: Places, lands: Sequence[str], each: int, side: int) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Yield (uint8 [28, 28, 4], class) of patches that are as pure as their land allows."""
    for label, land in enumerate(lands):
        for _ in range(each):
            view = places.window(land, side, 1.0, 0.95 if land not in ("building", "road") else 0.6, 224)
            near_infrared = _near_infrared(view)
            yield np.moveaxis(np.concatenate([view.image, near_infrared[None]]), 0, -1), label


def write_bigearthnet_1(root: Path, places: Places, count: int) -> None:
    """Write version 1: a folder a patch with a file a band and its labels, and torchgeo's split files."""
    lines = []
    for number in range(count):
        patch = f"S2A_MSIL2A_20170717T113321_{number}_{number + 20}"
        view = places.view(NAMES[number % len(NAMES)], 240, 5.0)
        folder = root / "BigEarthNet-v1.0" / patch
        _write_bands(folder, _coarser(view.image, 2))
        data = {
            "labels": sorted({CORINE[land] for land in _lands(view.labels) if land in CORINE}),
            "coordinates": {"ulx": 500000, "uly": 5200000, "lrx": 501200, "lry": 5198800},
            "projection": "EPSG:32631",
            "tile_source": "invented",
            "acquisition_date": "2017-07-17 11:33:21",
        }
        (folder / f"{patch}_labels_metadata.json").write_text(json.dumps(data))
        lines.append(f"{patch},S1A_IW_GRDH_1SDV_20170717T113321_{number}_{number + 20}")
    for split in ("train", "val", "test"):
        own = lines if split == "test" else lines[:1]
        (root / f"bigearthnet-{split}.csv").write_text("\n".join(own) + "\n")


def write_bigearthnet_2(root: Path, places: Places, count: int) -> None:
    """Write version 2: patches by tile, reference maps of CORINE codes, and metadata.parquet."""
    import pandas as pd
    from torchgeo.datasets import BigEarthNet, BigEarthNetV2

    nineteen = BigEarthNetV2.class_set
    code_of = {index: code for code, index in reversed(BigEarthNetV2.clc_codes.items())}
    rows = []
    (root / "BigEarthNet-S1").mkdir()  # torchgeo wants it to be there
    for number in range(count):
        tile = "S2A_MSIL2A_20170613T101031_N9999_R022_T33UUP"
        patch = f"{tile}_{number}_{number + 50}"
        view = places.view(NAMES[number % len(NAMES)], 240, 5.0)
        _write_bands(root / "BigEarthNet-S2" / tile / patch, _coarser(view.image, 2))
        names43 = BigEarthNet.class_sets[43]
        codes, labels = np.full(view.labels.shape, 999, np.uint16), set()
        for land, name in CORINE.items():
            index = BigEarthNet.label_converter.get(names43.index(name))
            if index is None:
                continue
            codes[view.labels == LABEL[land]] = code_of[index]
            if land in _lands(view.labels):
                labels.add(nineteen[index])
        where = root / "Reference_Maps" / tile / patch / f"{patch}_reference_map.tif"
        write_band(where, codes[::2, ::2], 10.0)
        rows.append({"patch_id": patch, "labels": sorted(labels), "split": "test", "country": "Nowhere",
                     "s1_name": f"S1A_IW_GRDH_1SDV_{number}", "s2v1_name": patch})  # fmt: skip
    pd.DataFrame(rows).to_parquet(root / "metadata.parquet")


def write_naip_osm(root: Path, places: Places, count: int) -> None:
    """Write NAIP tiles with near infrared, and their land as tagged polygons."""
    features = []
    for number in range(count):
        view = places.view(NAMES[(number * 5) % len(NAMES)], 448, 1.0)
        path = root / "images" / f"tile_{number:03d}.tif"
        bands = np.concatenate([view.image, _near_infrared(view)[None]])
        corner = (500_000.0 + 448.0 * number, 5_200_000.0)
        write_geotiff(path, bands, 1.0, corner)
        features += write_osm(view.labels, {LABEL[land]: tags for land, tags in OSM_TAGS.items()}, 1.0, corner)
    data = {"type": "FeatureCollection", "generator": "invented", "features": features}
    (root / "osm.geojson").write_text(json.dumps(data))


def write_pairs(root: Path, places: Places, count: int) -> None:
    """Write images, masks and a classes file, as a user would."""
    for number in range(count):
        view = places.view(NAMES[(number * 5) % len(NAMES)], 224, 1.0)
        write_picture(root / "images" / f"place_{number:03d}.png", view.image)
        write_picture(root / "masks" / f"place_{number:03d}.png", view.labels + 1)
    (root / "classes.txt").write_text("".join(f"{label + 1} {name}\n" for name, label in LABEL.items()))


def _write_bands(folder: Path, image: NDArray[np.uint8]) -> None:
    """Write the twelve bands of Level-2A, a file each, at their own resolutions."""
    bands = _sentinel(image)
    names = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B09", "B10", "B11", "B12", "B8A")
    coarse = {"B01": 6, "B09": 6, "B05": 2, "B06": 2, "B07": 2, "B8A": 2, "B11": 2, "B12": 2}
    for name, band in zip(names, bands):
        if name != "B10":  # Level-2A has no cirrus band
            step = coarse.get(name, 1)
            write_band(folder / f"{folder.name}_{name}.tif", band[::step, ::step], 10.0 * step)


def _sentinel(image: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Return 13 bands of reflectance × 10,000, in EuroSAT's order; red, green and blue are the image's, others grey."""
    red, green, blue = (np.rint(band * REFLECTANCE).astype(np.uint16) for band in image)
    grey = ((red.astype(np.uint32) + green + blue) // 3).astype(np.uint16)
    return np.stack([grey, blue, green, red, *[grey] * 9])


def _near_infrared(view: View) -> NDArray[np.uint8]:
    """Return a band in which plants are bright and water is dark."""
    plants = np.isin(view.labels, [LABEL[n] for n in ("forest", "orchard", "shrubland", "meadow", "crops", "wetland")])
    return np.where(plants, 200, view.image[0] // 2).astype(np.uint8)


def _lands(labels: NDArray[np.uint8], least: float = 0.02) -> set[str]:
    """Return the lands that cover at least a share of a place."""
    shares = np.bincount(labels.ravel(), minlength=len(NAMES)) / labels.size
    return {NAMES[c] for c in np.flatnonzero(shares >= least)}


def _coarser(image: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Average blocks of pixels, as a coarser sensor does."""
    bands, rows, cols = image.shape
    blocks = image.reshape(bands, rows // factor, factor, cols // factor, factor)
    return np.rint(blocks.mean((2, 4))).astype(np.uint8)


def _richest(mask: NDArray[np.bool_], side: int) -> tuple[int, int, float]:
    """Return (row, col) of the window of a side that holds most of a mask, and the share that it covers."""
    total = np.pad(mask.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    sums = total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
    row, col = np.unravel_index(int(sums.argmax()), sums.shape)
    return int(row), int(col), float(sums.max() / side**2)
