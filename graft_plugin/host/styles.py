"""How results look: heat that lets the imagery through where there is none, polygons in their prompt's colour."""

from __future__ import annotations

from typing import Sequence

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsColorRampShader,
    QgsFillSymbol,
    QgsGradientColorRamp,
    QgsGradientStop,
    QgsGraduatedSymbolRenderer,
    QgsPalettedRasterRenderer,
    QgsPalLayerSettings,
    QgsRasterLayer,
    QgsRasterShader,
    QgsRendererCategory,
    QgsRendererRange,
    QgsSingleBandPseudoColorRenderer,
    QgsSingleSymbolRenderer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

from ..palette import prompt_colour
from .i18n import tr, tr_later

HEATMAP_OPACITY = 0.65
CLASSES_OPACITY = 0.55
GAINED, LOST = "#0072b2", "#d55e00"
"""Of change, in colours that colour-blind readers can tell apart."""
OUTLINE_MM = 0.6
FILL_ALPHA = 55

_HEAT = ((0.0, "#00420a68"), (0.25, "#70781c6d"), (0.5, "#b0bc3754"), (0.75, "#e0ed6925"), (1.0, "#fffbe45a"))
_CLASSES = 9
_LAST = 10_000
_RANKS = ((1, 10, "#fbe45a"), (11, 25, "#ed6925"), (26, 50, "#bc3754"), (51, _LAST, "#781c6d"))
"""First and last rank, and the colour of the outline: the heatmap's, from its hottest down."""


def style_heatmap(layer: QgsRasterLayer, band: int, maximum: float) -> None:
    """Colour one band of a heatmap from 0, which is transparent, to its highest score.

    Args:
        layer: The heatmap.
        band: 1-based.
        maximum: The band's highest score.
    """
    top = maximum if maximum > 0 else 1.0
    stops = [QgsGradientStop(at, QColor(colour)) for at, colour in _HEAT[1:-1]]
    ramp = QgsGradientColorRamp(QColor(_HEAT[0][1]), QColor(_HEAT[-1][1]), False, stops)
    function = QgsColorRampShader(0.0, top, ramp, QgsColorRampShader.Type.Interpolated)
    function.classifyColorRamp(_CLASSES, band, layer.extent(), layer.dataProvider())
    shader = QgsRasterShader(0.0, top)
    shader.setRasterShaderFunction(function)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), band, shader)
    renderer.setClassificationMin(0.0)
    renderer.setClassificationMax(top)
    layer.setRenderer(renderer)
    layer.setOpacity(HEATMAP_OPACITY)


def style_classes(layer: QgsRasterLayer, prompts: Sequence[str]) -> None:
    """Colour a class map: each class in its prompt's colour; 0, which belongs to none, has no class and stays clear.

    Args:
        layer: The class map: 1… for the prompts.
        prompts: In the order of the classes.
    """
    classes = [
        QgsPalettedRasterRenderer.Class(index + 1, QColor(prompt_colour(index)), prompt)
        for index, prompt in enumerate(prompts)
    ]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes))
    layer.setOpacity(CLASSES_OPACITY)


def style_labels(layer: QgsRasterLayer, labels: Sequence[str]) -> None:
    """Colour a classified raster as its file says, with its labels as the legend, not all 256 values of a byte."""
    table = {entry.value: entry.color for entry in layer.dataProvider().colorTable(1)}
    named = [QgsPalettedRasterRenderer.Class(k, table[k], label) for k, label in enumerate(labels, start=1)]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, named))
    layer.setOpacity(CLASSES_OPACITY)


def style_change(layer: QgsRasterLayer, band: int, largest: float) -> None:
    """Colour one band of a heatmap of change: what was gained and what was lost, clear where nothing changed.

    Args:
        layer: The heatmap, after minus before.
        band: 1-based.
        largest: The largest change of either sign.
    """
    top = largest if largest > 0 else 1.0
    stops = [QgsGradientStop(0.5, QColor("#00ffffff"))]
    ramp = QgsGradientColorRamp(QColor(LOST), QColor(GAINED), False, stops)
    function = QgsColorRampShader(-top, top, ramp, QgsColorRampShader.Type.Interpolated)
    function.classifyColorRamp(_CLASSES, band, layer.extent(), layer.dataProvider())
    shader = QgsRasterShader(-top, top)
    shader.setRasterShaderFunction(function)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), band, shader)
    renderer.setClassificationMin(-top)
    renderer.setClassificationMax(top)
    layer.setRenderer(renderer)
    layer.setOpacity(HEATMAP_OPACITY)


def style_change_polygons(layer: QgsVectorLayer) -> None:
    """Draw polygons of gain and loss in the colours of their heatmap."""
    categories = [
        QgsRendererCategory(value, _filled(QColor(colour)), tr(words))
        for value, colour, words in (("gained", GAINED, tr_later("gained")), ("lost", LOST, tr_later("lost")))
    ]
    layer.setRenderer(QgsCategorizedSymbolRenderer("change", categories))


def style_tiles(layer: QgsVectorLayer) -> None:
    """Outline found tiles in the heat of their rank, which stands in them; the imagery inside stays as it is."""
    ranges = []
    for first, last, colour in _RANKS:
        symbol = QgsFillSymbol.createSimple(
            {"style": "no", "outline_color": colour, "outline_width": str(OUTLINE_MM), "joinstyle": "miter"}
        )
        words = f"{first} – {last}" if last < _LAST else f"{first} –"
        ranges.append(QgsRendererRange(first - 0.5, last + 0.5, symbol, words))
    layer.setRenderer(QgsGraduatedSymbolRenderer("rank", ranges))
    settings, text = QgsPalLayerSettings(), QgsTextFormat()
    text.setSize(8)
    halo = QgsTextBufferSettings()
    halo.setEnabled(True)
    text.setBuffer(halo)
    settings.setFormat(text)
    settings.fieldName = "rank"
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)


def style_polygons(layer: QgsVectorLayer, prompts: Sequence[str]) -> None:
    """Draw polygons in the colour of their prompt: a thin veil and a clear outline."""
    if len(prompts) == 1:
        layer.setRenderer(QgsSingleSymbolRenderer(_symbol(0)))
    else:
        categories = [QgsRendererCategory(prompt, _symbol(k), prompt) for k, prompt in enumerate(prompts)]
        layer.setRenderer(QgsCategorizedSymbolRenderer("prompt", categories))
    layer.setLabelsEnabled(False)


def style_step(layer: QgsVectorLayer, number: int) -> None:
    """Draw an intermediate of an answer in the colour of its 0-based number."""
    layer.setRenderer(QgsSingleSymbolRenderer(_symbol(number)))
    layer.setLabelsEnabled(False)


def _symbol(index: int) -> QgsFillSymbol:
    return _filled(QColor(prompt_colour(index)))


def _filled(colour: QColor) -> QgsFillSymbol:
    rgb = f"{colour.red()},{colour.green()},{colour.blue()}"
    return QgsFillSymbol.createSimple(
        {
            "color": f"{rgb},{FILL_ALPHA}",
            "outline_color": f"{rgb},255",
            "outline_width": str(OUTLINE_MM),
            "outline_width_unit": "MM",
            "joinstyle": "round",
        }
    )
