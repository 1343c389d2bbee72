"""`graft:segment`: polygons around what the prompts name."""

from __future__ import annotations

from typing import Any, Dict

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterNumber,
    QgsProcessingParameterVectorDestination,
)

from ..geopackage import free_layer_name, layer_uri
from ..i18n import tr
from .base import POLYGONS
from .loaded import load_as
from .query import QueryAlgorithm


class SegmentAlgorithm(QueryAlgorithm):
    """Writes a layer of polygons, with prompt, score, area and provenance, into a GeoPackage."""

    THRESHOLD = "THRESHOLD"
    REFINE = "REFINE"
    COUNT = "COUNT"
    AREA_M2 = "AREA_M2"

    def name(self) -> str:
        """Return the id below the provider's."""
        return "segment"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Segment by prompt")

    def shortHelpString(self) -> str:
        """Return what it does."""
        return tr(
            "Draws polygons around what the prompts name: a similarity heatmap is thresholded, and Segment Anything "
            "refines its outlines. The result is a layer in a GeoPackage with prompt, score, area and provenance."
        )

    def initAlgorithm(self, configuration: Any = None) -> None:  # noqa: ANN401
        """Declare the parameters."""
        super().initAlgorithm(configuration)
        number = QgsProcessingParameterNumber.Type.Double
        helped = [
            (
                QgsProcessingParameterNumber(
                    self.THRESHOLD, tr("Threshold (0 to 1)"), number, None, optional=True, minValue=0.0, maxValue=1.0
                ),
                tr("The score from which a place belongs to a prompt; not set: found from each heatmap's histogram."),
            ),
            (
                QgsProcessingParameterBoolean(self.REFINE, tr("Refine with Segment Anything"), True),
                tr("Follow the outlines in the imagery; without it the polygons are the thresholded heatmap's cells."),
            ),
            (
                QgsProcessingParameterVectorDestination(self.OUTPUT, tr("Polygons"), POLYGONS),
                tr("The GeoPackage to write. In a file that exists, a new layer is added; no layer is overwritten."),
            ),
        ]
        for parameter, words in helped:
            parameter.setHelp(words)
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputNumber(self.COUNT, tr("Number of polygons")))
        self.addOutput(QgsProcessingOutputNumber(self.AREA_M2, tr("Total area in square metres")))

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Run it."""
        target = self.parameterAsOutputLayer(parameters, self.OUTPUT, context)
        outputs: Dict[str, Any] = {"masks": target, "layer": free_layer_name(target, "graft")}
        outputs.update(self.number(parameters, self.THRESHOLD, "threshold", context))
        if not self.parameterAsBoolean(parameters, self.REFINE, context):
            outputs["refine"] = "none"
        result = self.query(outputs, feedback)
        uri = layer_uri(result["masks"], result["layer"])
        load_as(context, target, uri)
        return {
            self.OUTPUT: uri,
            self.COUNT: sum(found["polygons"] for found in result["prompts"]),
            self.AREA_M2: sum(found["area_m2"] for found in result["prompts"]),
        }
