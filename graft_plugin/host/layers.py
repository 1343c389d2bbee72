"""A run's files as styled layers, in a group of their own on top of the layer tree."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

from qgis.core import QgsLayerTreeGroup, QgsMapLayer, QgsProject, QgsRasterLayer, QgsVectorLayer

from ..errors import OutputError
from .geopackage import layer_uri
from .i18n import tr
from .styles import style_classes, style_heatmap, style_polygons

NAMED_PROMPTS = 3


def add_results(project: QgsProject, result: Dict[str, Any], source_name: str) -> QgsLayerTreeGroup:
    """Add a query's outputs to a project; nothing else of it is changed.

    Args:
        project: Where to.
        result: The engine's result: `heatmap`, `classes` and `masks` are paths or None.
        source_name: The searched layer's name.

    Returns:
        The new group: polygons above the class map above heatmaps. The class map is visible, for it shows all prompts
        at once; without one, the first prompt's heatmap.

    Raises:
        OutputError: QGIS cannot open a file; no layer was added then.
    """
    return add_group(project, [make() for make in layer_makers(result)], group_name(result, source_name))


def layer_makers(result: Dict[str, Any]) -> List[Callable[[], QgsMapLayer]]:
    """Return what opens and styles each layer of a result, in the order of `add_results`; each takes a moment."""
    prompts = [found["prompt"] for found in result["prompts"]]
    model = _model_name(result["model"])
    makers: List[Callable[[], QgsMapLayer]] = []
    if result.get("masks"):
        makers.append(partial(_polygons, result, prompts, model))
    if result.get("classes"):
        makers.append(partial(_classes, result, prompts, model))
    if result.get("heatmap"):
        makers += [partial(_heatmap, result, band, model) for band in range(1, len(prompts) + 1)]
    return makers


def group_name(result: Dict[str, Any], source_name: str) -> str:
    """Return what a run's group is called: its prompts and the searched layer."""
    return f"{_joined([found['prompt'] for found in result['prompts']])} · {source_name}"


def add_group(project: QgsProject, layers: List[QgsMapLayer], name: str) -> QgsLayerTreeGroup:
    """Add layers to a project, in a new group on top of its tree."""
    group = project.layerTreeRoot().insertGroup(0, name)
    rasters_shown = 0
    for layer in layers:
        project.addMapLayer(layer, False)
        node = group.addLayer(layer)
        node.setExpanded(True)
        if isinstance(layer, QgsRasterLayer):
            node.setItemVisibilityChecked(rasters_shown == 0)
            node.setExpanded(rasters_shown == 0)
            rasters_shown += 1
    group.setExpanded(False)  # the tree only follows a change, and had nothing to unfold when the group was empty
    group.setExpanded(True)
    return group


def _polygons(result: Dict[str, Any], prompts: List[str], model: str) -> QgsVectorLayer:
    name = f"{_joined(prompts)} · {model}"
    layer = QgsVectorLayer(layer_uri(result["masks"], result["layer"]), name, "ogr")
    require_valid(layer, result["masks"])
    style_polygons(layer, prompts)
    return layer


def _classes(result: Dict[str, Any], prompts: List[str], model: str) -> QgsRasterLayer:
    layer = QgsRasterLayer(result["classes"], tr("{} classes · {}").format(_joined(prompts), model), "gdal")
    require_valid(layer, result["classes"])
    style_classes(layer, prompts)
    return layer


def _heatmap(result: Dict[str, Any], band: int, model: str) -> QgsRasterLayer:
    found = result["prompts"][band - 1]
    layer = QgsRasterLayer(result["heatmap"], tr("{} heatmap · {}").format(found["prompt"], model), "gdal")
    require_valid(layer, result["heatmap"])
    style_heatmap(layer, band, found["maximum"] or 0.0)
    return layer


def require_valid(layer: Any, path: str) -> None:  # noqa: ANN401 - QgsMapLayer
    """Raise an `OutputError` unless QGIS could open a layer."""
    if not layer.isValid():
        raise OutputError(
            tr("QGIS cannot open this result"), remedy=tr("Open it from the Browser to see why."), path=path
        )


def _joined(prompts: List[str]) -> str:
    named = ", ".join(prompts[:NAMED_PROMPTS])
    return f"{named} …" if len(prompts) > NAMED_PROMPTS else named


def _model_name(model: str) -> str:
    """Return a model's id, or the last part of its path."""
    return Path(model).name or model


def summary(result: Dict[str, Any]) -> str:
    """Return what a run found, in one sentence for people: counts and areas, or the highest score."""
    parts = []
    for found in result["prompts"]:
        count: Optional[int] = found["polygons"]
        if count is not None:
            words = tr("{}: {} polygon, {}") if count == 1 else tr("{}: {} polygons, {}")
            parts.append(words.format(found["prompt"], count, area_words(found["area_m2"] or 0.0)))
        elif found["maximum"] is not None:
            parts.append(tr("{}: highest score {:.2f}").format(found["prompt"], found["maximum"]))
        else:
            parts.append(tr("{}: no valid pixel in this area").format(found["prompt"]))
    return "; ".join(parts)


def area_words(area_m2: float) -> str:
    """Return an area in the unit that suits it."""
    if area_m2 >= 1e6:
        return f"{area_m2 / 1e6:.2f} km²"
    return f"{area_m2 / 1e4:.2f} ha" if area_m2 >= 1e4 else f"{area_m2:.0f} m²"
