"""How well `graft compare` tells change from another look: `python -m training.mini.changes`, for the bundled model.

On invented places, whose truth is known: the same place under another look has not changed at all; the same place with
its lakes grown, under a third look, has changed by what they grew. On a real pair with a near infrared band (its
fourth), water is where NDWI lies above a threshold. Cells that are 10 to 90 % water in either date are left out.
"""

from __future__ import annotations

import argparse
import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.warp import Resampling, reproject
from scipy import ndimage

from graft_plugin.engine.compare_requests import CompareRequest
from graft_plugin.engine.service import run_compare

from ..world.aerial import render_aerial
from ..world.classes import LABEL
from ..world.layout import Layout, make_layout
from .scenes import write_scene

GROWN_PX = 60
FIRST_SEED = 20
ORIGIN = (500_000.0, 5_200_000.0)
Truth = tuple[NDArray[np.float32], Any, Any]
"""Water 0..1 [h, w], NaN where unknown; its transform and CRS."""


def grown(layout: Layout, pixels: int) -> Layout:
    """Return a copy of a place with its lakes wider by so many pixels on every side."""
    layout = copy.deepcopy(layout)
    lake = layout.labels == LABEL["lake"]
    far, nearest = ndimage.distance_transform_edt(~lake, return_indices=True)
    new = (far <= pixels) & ~lake
    layout.labels[new] = LABEL["lake"]
    layout.parcels[new] = layout.parcels[tuple(axis[new] for axis in nearest)]
    return layout


def scored(
    before: Path, after: Path, truth: tuple[Truth, Truth], normalise: str, text: str, work: Path
) -> dict[str, float]:
    """Compare two rasters and return what of the change is true and false, by cells."""
    heatmap = work / "change.tif"
    found = run_compare(
        CompareRequest(
            str(before), str(after), (text,), normalise=normalise, heatmap=str(heatmap), store=str(work / "store")
        )
    )
    with rasterio.open(heatmap) as src:
        change, place, crs = src.read(1), src.transform, src.crs
    shares = []
    for water, transform, own in truth:
        share = np.full(change.shape, np.nan, np.float32)
        reproject(
            water, share, src_transform=transform, src_crs=own, dst_transform=place, dst_crs=crs, src_nodata=np.nan,
            dst_nodata=np.nan, resampling=Resampling.average,
        )  # fmt: skip
        shares.append(share)
    known = np.isfinite(change) & np.logical_and.reduce([(share < 0.1) | (share > 0.9) for share in shares])
    was, is_ = (share[known] > 0.5 for share in shares)
    change, threshold = change[known], found.prompts[0].threshold
    true = np.where(is_ == was, 0, np.where(is_, 1, -1))
    told = np.where(change >= threshold, 1, np.where(change <= -threshold, -1, 0))
    hits = ((true != 0) & (told == true)).sum()
    return {
        "cells": int(known.sum()),
        "changed": int((true != 0).sum()),
        "threshold": round(threshold, 4),
        "look_shift": round(found.look_shift, 4),
        "told": int((told != 0).sum()),
        "hits": int(hits),
        "false": int((told[true == 0] != 0).sum()),
    }


def invented(seed: int, work: Path) -> dict[str, tuple[Path, Path, tuple[Truth, Truth]]]:
    """Draw a place three times; return its pairs of rasters with their truth, by kind."""
    first = make_layout(np.random.default_rng([seed, 77]), size_px=1024, gsd_m=1.0, focus="lake")
    places = {"first": first, "same": first, "grown": grown(first, GROWN_PX)}
    paths, waters = {}, {}
    for number, (name, layout) in enumerate(places.items()):
        paths[name] = work / f"{seed}-{name}.tif"
        write_scene(paths[name], render_aerial(layout, np.random.default_rng([seed, number]), "varied"), 1.0, ORIGIN)
        with rasterio.open(paths[name]) as src:
            waters[name] = (layout.labels == LABEL["lake"]).astype(np.float32), src.transform, src.crs
    return {name: (paths["first"], paths[name], (waters["first"], waters[name])) for name in ("same", "grown")}


def water_of(path: Path, threshold: float) -> Truth:
    """Return the water of a raster of red, green, blue and near infrared, where its NDWI lies above a threshold."""
    with rasterio.open(path) as src:
        bands = src.read().astype(np.float32)
        index = (bands[1] - bands[3]) / (bands[1] + bands[3] + 1e-6)
        water = np.where(bands[:3].sum(axis=0) > 0, index > threshold, np.nan).astype(np.float32)
        return water, src.transform, src.crs


def summed(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Return the shares over all cells of some pairs."""
    total = {name: sum(row[name] for row in rows) for name in ("cells", "changed", "told", "hits", "false")}
    return {
        "false_change": round(total["false"] / (total["cells"] - total["changed"]), 4),
        "precision": round(total["hits"] / max(1, total["told"]), 4),
        "recall": round(total["hits"] / max(1, total["changed"]), 4),
    }


def main() -> None:
    """Print one JSON line a pair and way, then the shares over all pairs of a kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--places", type=int, default=24, help="how many invented places")
    parser.add_argument("--pair", nargs=4, metavar=("BEFORE", "AFTER", "NDWI", "NDWI"), help="a real pair instead")
    parser.add_argument("--text", default="lake")
    args = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for place in range(1 if args.pair else args.places):
            if args.pair:
                before, after = Path(args.pair[0]), Path(args.pair[1])
                truth = water_of(before, float(args.pair[2])), water_of(after, float(args.pair[3]))
                pairs = {"real": (before, after, truth)}
            else:
                pairs = invented(FIRST_SEED + place, work)
            for kind, pair in pairs.items():
                for way in ("none", "auto"):
                    row = scored(*pair, way, args.text, work)
                    rows.append({"place": place, "kind": kind, "normalise": way, **row})
                    print(json.dumps(rows[-1]), flush=True)
    for kind in sorted({row["kind"] for row in rows}):
        for way in ("none", "auto"):
            own = [row for row in rows if (row["kind"], row["normalise"]) == (kind, way)]
            print(json.dumps({"all": kind, "normalise": way, "pairs": len(own), **summed(own)}))


if __name__ == "__main__":
    main()
