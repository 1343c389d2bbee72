"""`graft:classify`: the label that fits each tile of a raster best."""

from __future__ import annotations

from functools import partial
from typing import Any, Dict

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
    QgsRasterLayer,
)

from ...errors import UsageError
from ..geopackage import free_layer_name, layer_uri
from ..i18n import tr
from ..source import texts
from ..styles import style_labels
from .base import POLYGONS, RasterAlgorithm
from .fields import advanced, model_field, reading_fields
from .loaded import load_as


class ClassifyAlgorithm(RasterAlgorithm):
    """Writes a raster of classes with a palette and, if wanted, the cells as polygons."""

    LABELS, OTHER, CELL, GRID, OUTPUT = "LABELS", "OTHER", "CELL", "GRID", "OUTPUT"
    DOUBTFUL = "DOUBTFUL"

    def name(self) -> str:
        """Return the id below the provider's."""
        return "classify"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Classify by labels")

    def shortHelpString(self) -> str:
        """Return what it does."""
        return tr(
            "Gives each cell of a grid the label that fits it best, of those that you name, with no training. The "
            "result is a raster with a palette and a legend and, if wanted, polygons with the label, its probability "
            "and its margin over the next one."
        )

    def initAlgorithm(self, configuration: Any = None) -> None:  # noqa: ANN401
        """Declare the parameters."""
        whole = QgsProcessingParameterNumber.Type.Integer
        helped = [
            self.raster(),
            (
                QgsProcessingParameterString(self.LABELS, tr("Labels (one a line)"), multiLine=True),
                tr("What there is, two labels or more, one a line; synonyms with | between them: forest|woods."),
            ),
            (
                QgsProcessingParameterString(self.OTHER, tr("Label of all else"), optional=True),
                tr("A class of this name for what no label fits, such as “other”; not set: every cell gets a label."),
            ),
            (
                QgsProcessingParameterNumber(self.CELL, tr("Cell in pixels"), whole, None, optional=True, minValue=4),
                tr("Edge of a cell at the model's resolution, a multiple of its patch (16); not set: a tile (224)."),
            ),
            model_field(self.MODEL),
            self.sensor(),
            self.where(),
            (
                QgsProcessingParameterRasterDestination(self.OUTPUT, tr("Classes")),
                tr("The GeoTIFF to write; an existing file is replaced."),
            ),
            (
                QgsProcessingParameterVectorDestination(
                    self.GRID, tr("Cells"), POLYGONS, optional=True, createByDefault=False
                ),
                tr("A GeoPackage for the cells as polygons; in a file that exists, a new layer is added."),
            ),
        ]
        self.declare(helped)
        self.declare(advanced(reading_fields()))
        words = tr("Share of cells whose best two labels are nearly as good")
        self.addOutput(QgsProcessingOutputNumber(self.DOUBTFUL, words))

    def order(self, layer: QgsRasterLayer, parameters: Dict[str, Any], context: QgsProcessingContext) -> None:
        """Keep the request of the engine; see `GraftAlgorithm`."""
        labels = texts(self.parameterAsString(parameters, self.LABELS, context))
        if not labels:
            raise UsageError(tr("there is no label"), remedy=tr("Name two or more in LABELS, one a line."))
        other = self.parameterAsString(parameters, self.OTHER, context).strip()
        cell = self.parameterAsInt(parameters, self.CELL, context)
        given = {"other": other, "cell_px": cell}
        own = {"labels": list(labels), **{name: value for name, value in given.items() if value}}
        self.request(layer, parameters, context, own)

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Run it."""
        target = self.parameterAsOutputLayer(parameters, self.OUTPUT, context)
        grid = self.parameterAsOutputLayer(parameters, self.GRID, context)
        outputs: Dict[str, Any] = {"classes": target}
        if grid:
            outputs.update(grid=grid, layer=free_layer_name(grid, "classes"))
        result = self.ask("classify", outputs, feedback)
        labels = [found["label"] for found in result["labels"]]
        for found in result["labels"]:
            feedback.pushInfo(tr("{}: {} cells, {:.1%}").format(found["label"], found["cells"], found["share"]))
        load_as(context, target, target, partial(style_labels, labels=labels))
        answer = {self.OUTPUT: result["classes"], self.DOUBTFUL: result["doubtful"]}
        if grid:
            answer[self.GRID] = layer_uri(result["grid"], result["layer"])
            load_as(context, grid, answer[self.GRID])
        return answer
