"""What an index is asked for by the panel or by Processing: requests, and their work off the main thread."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from qgis.core import QgsRasterLayer
from qgis.PyQt.QtGui import QImage

from ..client.children import CancelFlag
from ..errors import UsageError
from .engine import shared_worker
from .estimate import GIGABYTE, joined, size_words, time_words
from .i18n import tr
from .messages import capital
from .order import Points
from .progress import Report
from .source import Box, LayerSource, layer_source
from .work import Work

LAYER = "tiles"
"""Where the engine writes the tiles that it found."""


@dataclass(frozen=True)
class IndexOrder:
    """Rasters to be indexed.

    Attributes:
        layers: The raster layers.
        out: The index's folder.
        sources: Other rasters, folders and STAC item collections, by their paths.
        model, sensor, bands, stretch, gsd_m, date: As in the engine's `IndexRequest`.
    """

    layers: Tuple[LayerSource, ...]
    out: str
    sources: Tuple[str, ...] = ()
    model: str = "mini"
    sensor: str = "auto"
    bands: Tuple[int, ...] = ()
    stretch: Tuple[float, ...] = ()
    gsd_m: Optional[float] = None
    date: str = ""

    def to_request(self) -> Dict[str, Any]:
        """Return the engine's request; not in the main thread, for a layer may need a small file written first."""
        request: Dict[str, Any] = {
            "sources": [*(layer.fetch(None, 1.0).raster for layer in self.layers), *self.sources],
            "out": self.out,
            "model": self.model,
            "sensor": self.sensor,
        }
        wanted = {"bands": list(self.bands), "stretch": list(self.stretch), "gsd_m": self.gsd_m, "date": self.date}
        return {**request, **{name: value for name, value in wanted.items() if value}}


def index_source(layer: QgsRasterLayer) -> LayerSource:
    """Look at a layer that is to be indexed, in the main thread.

    Raises:
        GraftError: It cannot be read, or its pixels would be gone tomorrow.
    """
    source = layer_source(layer)
    if source.file is None:
        raise UsageError(
            tr("the layer “{}” is no file, and an index comes back to its files").format(layer.name()),
            remedy=tr("Save it first: right-click the layer, Export, Save As."),
        )
    return source


def index_work(order: IndexOrder, estimate: bool = False) -> Work:
    """Return the work of indexing, or of telling what it would take."""

    def work(report: Report, cancelled: CancelFlag) -> Dict[str, Any]:
        if not order.out.strip():
            raise UsageError(tr("no folder is chosen for the index"), remedy=tr("Choose one."))
        method = "index_estimate" if estimate else "index"
        return shared_worker().call(method, order.to_request(), report, cancelled)

    return work


@dataclass(frozen=True)
class Wanted:
    """What is looked for in an index.

    Attributes:
        index: Its folder.
        prompts, negatives: Texts.
        like, unlike: Spots, in `crs`.
        photo: A ground photo; empty: none.
        extent: Where to look, in `crs`; None: everywhere.
        crs: "EPSG:n" or WKT.
        near: Whether found tiles may be neighbours; else they are spread, as the engine does.
        top: How many tiles.
    """

    index: str
    prompts: Tuple[str, ...] = ()
    negatives: Tuple[str, ...] = ()
    like: Points = ()
    unlike: Points = ()
    photo: str = ""
    extent: Optional[Box] = None
    crs: str = ""
    near: bool = False
    top: int = 50

    @property
    def title(self) -> str:
        """What is looked for, in a few words."""
        return ", ".join(self.prompts) or (Path(self.photo).name if self.photo else tr("like this"))

    def to_request(self, right: List[str], wrong: List[str], out: str) -> Dict[str, Any]:
        """Return the engine's `retrieve` request.

        Args:
            right: Ids of the tiles that were marked so.
            wrong: Likewise.
            out: The GeoPackage to write.
        """
        wanted: Dict[str, Any] = {
            "prompts": list(self.prompts),
            "negatives": list(self.negatives),
            "like": [number for point in self.like for number in point],
            "unlike": [number for point in self.unlike for number in point],
            "photo": self.photo,
            "extent": list(self.extent or ()),
            "crs": self.crs if self.like or self.extent else "",
            "right": right,
            "wrong": wrong,
        }
        given = {name: value for name, value in wanted.items() if value}
        spread = {"distance_m": 0.0} if self.near else {}
        return {"index": self.index, "top": self.top, "out": out, **spread, **given}

    def to_heat(self, view: Box, out: str) -> Dict[str, Any]:
        """Return the engine's `query` request: the scores of the texts in a part of the map."""
        texts = {"prompts": list(self.prompts), "negatives": list(self.negatives)}
        return {"raster": self.index, **texts, "extent": list(view), "crs": self.crs, "heatmap": out}


def retrieve_work(request: Dict[str, Any]) -> Work:
    """Return the work of a retrieval: the engine's result, and `images`, one a tile, None where there is no picture."""

    def work(report: Report, cancelled: CancelFlag) -> Dict[str, Any]:
        result = shared_worker().call("retrieve", request, report, cancelled)
        return {**result, "images": pictures(result["out"])}

    return work


def pictures(path: str) -> List[Optional[QImage]]:
    """Return the pictures of the tiles in a GeoPackage in the order of their ranks; in any thread."""
    with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as file:
        rows = file.execute(f"SELECT thumbnail FROM {LAYER} ORDER BY rank").fetchall()
    return [None if data is None else QImage.fromData(data) for (data,) in rows]


def index_model(folder: str) -> str:
    """Return the model that an index was made with, as the file at its head says; empty: it is no index."""
    try:
        with open(os.path.join(folder, "zarr.json"), encoding="utf-8") as file:
            return str(json.load(file)["attributes"]["graft"]["model"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def cost_words(weighed: Dict[str, Any]) -> str:
    """Return what indexing would take: tiles, time, disk, and what cannot be indexed."""
    tiles, stored = weighed["tiles"], weighed["stored_tiles"]
    parts = [tr("1 tile") if tiles == 1 else tr("{} tiles").format(f"{tiles:,}")]
    if stored:
        parts.append(tr("{} in the index").format(f"{stored:,}"))
    parts.append(tr("about {}").format(time_words(weighed["hours"] * 3600)))
    disk, free = (size_words(weighed[name] * GIGABYTE) for name in ("gigabytes", "free_gigabytes"))
    parts.append(tr("{} of {} free disk").format(disk, free))
    parts.append(tr("{} memory").format(size_words(weighed["memory_bytes"])))
    return "\n".join([joined(parts), *map(capital, (*weighed["warnings"], *weighed["failed"]))])
