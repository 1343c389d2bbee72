"""What an answer rests on, as styled layers in a group of their own; their file belongs to the project."""

from __future__ import annotations

import shutil
from functools import partial
from typing import Callable, List, Optional

from qgis.core import QgsLayerTreeGroup, QgsMapLayer, QgsProject, QgsVectorLayer

from .ask_answer import Answer, AskStep
from .geopackage import layer_uri
from .layers import require_valid
from .styles import style_step

KEY = "graft/answer"
FILE = "answer.gpkg"
KEPT = "skipMemoryLayersCheck"
"""QGIS takes a layer in its folder for temporary files for lost; this one is saved with the project."""


def attach(project: QgsProject, path: str) -> str:
    """Make a file part of the project: saved within it, or beside it where that is a .qgs; return where it is now."""
    kept = str(project.createAttachedFile(FILE))
    shutil.move(path, kept)
    return kept


def forget_files(project: QgsProject) -> None:
    """Take the files of answers out of the project that no layer of it uses."""
    used = [layer.source() for layer in project.mapLayers().values()]
    for path in project.attachedFiles():
        if path.endswith(FILE) and not any(source.startswith(path) for source in used):
            project.removeAttachedFile(path)


def layer_makers(answer: Answer, path: str) -> List[Callable[[], QgsMapLayer]]:
    """Return what opens and styles each intermediate: the last of the plan first, in the first colour."""
    shown = [step for step in reversed(answer.steps) if step.layer]
    return [partial(_layer, answer, step, number, path) for number, step in enumerate(shown)]


def show_only(answer: Answer, project: QgsProject) -> Optional[QgsLayerTreeGroup]:
    """Show the layers of one answer, and hide those of all others; return its group, if it is there still."""
    found = None
    for layer in project.mapLayers().values():
        told = layer.customProperty(KEY)
        node = project.layerTreeRoot().findLayer(layer.id()) if told else None
        group = node.parent() if node is not None else None
        if group is None or group.parent() is None:  # the user has put it elsewhere
            continue
        group.setItemVisibilityChecked(told == answer.id)
        found = group if told == answer.id else found
    return found


def _layer(answer: Answer, step: AskStep, number: int, path: str) -> QgsVectorLayer:
    layer = QgsVectorLayer(layer_uri(path, step.layer), f"{step.name} · {step.count}", "ogr")
    require_valid(layer, path)
    style_step(layer, number)
    layer.setAbstract(step.call)
    layer.setCustomProperty(KEY, answer.id)
    layer.setCustomProperty(KEPT, 1)
    return layer
