"""Which layers belong to one run: remembered on the layers themselves, so that it holds in a project opened again."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Optional

from qgis.core import (
    QgsDataProvider,
    QgsLayerTreeGroup,
    QgsMapLayer,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)

from .styles import style_polygons

KEY = "graft/run"


@dataclass(frozen=True)
class RunLayers:
    """One run's layers.

    Attributes:
        name: The group's.
        request: The engine's request, JSON-ready.
        prompts: The texts in the order of the heatmap's bands.
        heatmap: The heatmap's file.
        thresholds: One a prompt, as the run had them.
        polygons: The layer of polygons, if it is there still.
        heatmaps: The heatmap's layers that are there still, by band.
    """

    name: str
    request: Dict[str, Any]
    prompts: List[str]
    heatmap: str
    thresholds: List[float]
    polygons: Optional[QgsVectorLayer]
    heatmaps: Dict[int, QgsRasterLayer]


def mark(group: QgsLayerTreeGroup, request: Dict[str, Any], result: Dict[str, Any]) -> None:
    """Write a run's request and result on each of its layers."""
    prompts = result["prompts"]
    text = json.dumps(
        {
            "request": request,
            "heatmap": result["heatmap"],
            "prompts": [found["prompt"] for found in prompts],
            "thresholds": [found["threshold"] for found in prompts],
        }
    )
    for node in group.findLayers():
        node.layer().setCustomProperty(KEY, text)


def run_of(layer: Optional[QgsMapLayer], project: QgsProject) -> Optional[RunLayers]:
    """Return the run that a layer belongs to; None where it belongs to none or its heatmap layer is gone."""
    text = layer.customProperty(KEY) if layer is not None else None
    if layer is None or not text:
        return None
    try:
        told = json.loads(text)
        heatmap = told["heatmap"]
    except (ValueError, KeyError, TypeError):
        return None
    polygons: Optional[QgsVectorLayer] = None
    heatmaps: Dict[int, QgsRasterLayer] = {}
    for other in project.mapLayers().values():
        if other.customProperty(KEY) != text:
            continue
        if isinstance(other, QgsVectorLayer):
            polygons = other if polygons is None or other.isTemporary() else polygons
        elif isinstance(other, QgsRasterLayer) and other.source() == heatmap:
            heatmaps[int(other.renderer().usesBands()[0])] = other
    if not heatmaps:
        return None
    node = project.layerTreeRoot().findLayer(next(iter(heatmaps.values())).id())
    group = node.parent() if node is not None else None
    name = group.name() if group is not None else layer.name()
    return RunLayers(name, told["request"], told["prompts"], heatmap, told["thresholds"], polygons, heatmaps)


def show_polygons(run: RunLayers, uri: str, project: QgsProject) -> RunLayers:
    """Show other polygons for a run: in its layer where that is a temporary one, else in a new layer above the heatmap.

    A file that the user has named is not taken out of sight: it keeps its own layer.
    """
    layer = run.polygons
    if layer is not None and layer.isTemporary():
        layer.setDataSource(uri, layer.name(), "ogr", QgsDataProvider.ProviderOptions())
        layer.triggerRepaint()
        return run
    heatmap = next(iter(run.heatmaps.values()))
    name = layer.name() if layer is not None else ", ".join(run.prompts)
    live = QgsVectorLayer(uri, name, "ogr")
    style_polygons(live, run.prompts)
    live.setCustomProperty(KEY, heatmap.customProperty(KEY))
    project.addMapLayer(live, False)
    node = project.layerTreeRoot().findLayer(heatmap.id())
    (node.parent() if node is not None else project.layerTreeRoot()).insertLayer(0, live)
    return replace(run, polygons=live)


def hide_classes(run: RunLayers, project: QgsProject) -> None:
    """Take a run's class map out of sight: it shows the thresholds that the run had, and others are shown now."""
    key = next(iter(run.heatmaps.values())).customProperty(KEY)
    for layer in project.mapLayers().values():
        same = isinstance(layer, QgsRasterLayer) and layer.customProperty(KEY) == key
        if same and layer.source() != run.heatmap:
            node = project.layerTreeRoot().findLayer(layer.id())
            if node is not None:
                node.setItemVisibilityChecked(False)
