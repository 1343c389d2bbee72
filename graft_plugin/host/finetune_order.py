"""What a fine-tuning run is asked for by the page or by Processing, and its work off the main thread."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, List, Optional, Tuple

from qgis.core import QgsVectorLayer

from ..client.children import CancelFlag
from ..client.finetune import Event, Wish, finetune_command, run_finetune
from ..errors import UsageError
from .engine import set_engine
from .export import Export, run_export
from .export_layer import LayerData, layer_data
from .i18n import tr
from .messages import log
from .model_gsd import model_gsd_m
from .settings import DEVICE
from .source import Box, LayerSource, Source

PHOTO_FIELDS = ("photo", "file", "path", "filename", "image", "picture")
"""Names of fields that name photos' files; QGIS's "Import geotagged photos" writes `photo`."""
PROMPT_FIELD = "prompt"
TABLE = "graft"


@dataclass(frozen=True)
class FinetuneOrder:
    """One run to be done.

    Attributes:
        source: Where the imagery comes from.
        extent: In the layer's CRS; None: the whole of it.
        folder: Folder of geotagged photos; empty: there is none.
        points: Points that name photos.
        polygons: Corrected polygons.
        field: The field with the photos' files or the prompts.
        parent: Id or path of the model to start from.
        model_id: Id of the result.
        minutes: Length of the learning.
        sensor: Preset of bands, stretch and GSD; `bands`, `stretch`, `gsd_m` as in a search.
    """

    source: LayerSource
    extent: Optional[Box] = None
    folder: str = ""
    points: Optional[LayerData] = None
    polygons: Optional[LayerData] = None
    field: str = ""
    parent: str = "mini"
    model_id: str = ""
    minutes: float = 5.0
    sensor: str = "auto"
    bands: Tuple[int, ...] = ()
    stretch: Tuple[float, ...] = ()
    gsd_m: Optional[float] = None

    def words(self, source: Source, table: str) -> List[str]:
        """Return the arguments of `python -m training finetune`.

        Args:
            source: The raster as the engine opens it.
            table: The file that points or polygons were written to.
        """
        words = [source.raster]
        if self.folder:
            words += ["--photos", self.folder]
        else:
            words += ["--polygons" if self.polygons is not None else "--photos", table, "--layer", TABLE]
        if self.field and not self.folder:
            words += ["--field", self.field]
        if source.extent is not None:
            words.append("--extent=" + ",".join(repr(float(value)) for value in source.extent))
        words += ["--parent", self.parent, "--sensor", self.sensor, "--device", DEVICE.get()]
        if self.bands:
            words += ["--bands", ",".join(map(str, self.bands))]
        if self.stretch:
            words.append("--stretch=" + ",".join(repr(float(value)) for value in self.stretch))
        if self.gsd_m:
            words += ["--gsd", repr(self.gsd_m)]
        return words

    @property
    def taught_by(self) -> Optional[LayerData]:
        """The vector layer that teaches; None for a folder."""
        return self.points if self.points is not None else self.polygons


Report = Callable[[str, int, int], None]


def finetune_work(order: FinetuneOrder, on_event: Callable[[Event], None], wish: Wish, plan: bool = False) -> Any:  # noqa: ANN401
    """Return the work of a run: `work(report, cancelled)` → its last event. Made in the main thread.

    Args:
        order: What to do.
        on_event: Told of each event, in the work's thread.
        wish: What the user wants of it, see `client.finetune`.
        plan: Whether only to tell what would teach and what would judge.
    """

    def work(report: Report, cancelled: CancelFlag) -> Event:
        engine = set_engine(cancelled)
        gsd_m = order.gsd_m or model_gsd_m(order.parent, order.sensor)
        source = order.source.fetch(order.extent, gsd_m, report, cancelled)
        folder = tempfile.mkdtemp(prefix="graft-finetune-")
        try:
            table = os.path.join(folder, "taught.gpkg")
            if order.taught_by is not None:
                run_export(Export(order.taught_by, table, TABLE), report, cancelled)
            more = ["--plan"] if plan else ["--as", order.model_id, "--minutes", repr(order.minutes)]
            command = finetune_command(engine, [*order.words(source, table), *more])
            return run_finetune(command, engine.env, on_event, lambda: "cancel" if cancelled() else wish(), log)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    return work


def teaching_points(layer: QgsVectorLayer) -> Dict[str, Any]:
    """Return the fields of an order that is taught by a layer of photo points.

    Raises:
        UsageError: No field of the layer names files.
    """
    return {"points": layer_data(layer), "field": _field(layer, PHOTO_FIELDS)}


def teaching_polygons(layer: QgsVectorLayer) -> Dict[str, Any]:
    """Return the fields of an order that is taught by a layer of polygons.

    Raises:
        UsageError: No field of the layer holds prompts.
    """
    return {"polygons": layer_data(layer), "field": _field(layer, (PROMPT_FIELD,))}


def checked(order: FinetuneOrder, taken: List[str]) -> FinetuneOrder:
    """Return an order whose id can be used.

    Raises:
        UsageError: It cannot name a model, or another has it.
    """
    name = order.model_id.strip()
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", name):
        raise UsageError(
            tr("“{}” cannot be a model's name").format(name),
            remedy=tr("Use lower-case letters, digits, dots and hyphens."),
        )
    if name in taken:
        raise UsageError(tr("there is a model “{}” already").format(name), remedy=tr("Choose another name."))
    return replace(order, model_id=name)


def free_id(parent: str, layer_name: str, taken: List[str]) -> str:
    """Return a name for the result that no model has, from those of the parent and the layer."""
    stem = re.sub(r"[^a-z0-9.]+", "-", f"{os.path.basename(parent)}-{layer_name}".lower()).strip("-.")[:48] or "model"
    number = 1
    while (name := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return name


def _field(layer: QgsVectorLayer, names: Tuple[str, ...]) -> str:
    own = {field.name().lower(): field.name() for field in layer.fields()}
    found = next((own[name] for name in names if name in own), "")
    if not found:
        raise UsageError(
            tr("the layer “{}” has no field called {}").format(layer.name(), tr(" or ").join(names)),
            remedy=tr("Choose another layer, or add the field."),
        )
    return str(found)
