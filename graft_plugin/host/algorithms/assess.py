"""`graft:assess_sample` and `graft:assess`: random points over a result, and what they say once they were judged."""

from __future__ import annotations

from typing import Any, Dict

from qgis.core import (
    QgsMapLayer,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
    QgsProcessingParameterVectorLayer,
)

from ...errors import UsageError
from ..area import crs_name
from ..assess_order import report_words, result_of
from ..geopackage import layer_uri
from ..i18n import tr
from ..source import box
from .base import GraftAlgorithm, call
from .fields import advanced
from .loaded import load_as

_TYPES = getattr(QgsProcessing, "SourceType", QgsProcessing)


class AssessSampleAlgorithm(GraftAlgorithm):
    """Draws points in each class of a result."""

    POINTS, PROMPT, THRESHOLD, SEED, OUTPUT = "POINTS", "PROMPT", "THRESHOLD", "SEED", "OUTPUT"
    COUNT = "COUNT"

    def __init__(self) -> None:
        super().__init__()
        self._request: Dict[str, Any] = {}

    def name(self) -> str:
        """Return the id below the provider's."""
        return "assess_sample"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Draw points to judge")

    def shortHelpString(self) -> str:
        """Return what it does."""
        return tr(
            "Draws random points in each class of a result, enough in the rare ones. Judge each by its place in the "
            "imagery: write into the field “reference” the class that is there, or let the panel's page “Check” lead "
            "you. “Accuracy report” then tells how right the result is."
        )

    def initAlgorithm(self, configuration: Any = None) -> None:  # noqa: ANN401
        """Declare the parameters."""
        whole, number = QgsProcessingParameterNumber.Type.Integer, QgsProcessingParameterNumber.Type.Double
        kinds = [_TYPES.TypeRaster, _TYPES.TypeVectorPolygon]
        helped = [
            (
                QgsProcessingParameterMapLayer(self.INPUT, tr("Result"), types=kinds),
                tr("A class map, a heatmap, or polygons that GRAFT made."),
            ),
            (
                QgsProcessingParameterNumber(self.POINTS, tr("How many points"), whole, 100, minValue=2),
                tr("In all; 50 in each class if there are enough, the rest by area."),
            ),
            (
                QgsProcessingParameterVectorDestination(self.OUTPUT, tr("Points"), _TYPES.TypeVectorPoint),
                tr("The GeoPackage to write; points in it that were judged are never overwritten."),
            ),
        ]
        self.declare(helped)
        more = [
            (
                QgsProcessingParameterString(self.PROMPT, tr("One prompt"), optional=True),
                tr("Of a heatmap or of polygons; not set: all of them, as classes."),
            ),
            (
                QgsProcessingParameterNumber(
                    self.THRESHOLD, tr("Threshold (0 to 1)"), number, None, optional=True, minValue=0.0, maxValue=1.0
                ),
                tr("Of a heatmap; not set: the one of its run."),
            ),
            (
                QgsProcessingParameterExtent(self.EXTENT, tr("Area"), optional=True),
                tr("Where to draw points; everywhere by default."),
            ),
            (
                QgsProcessingParameterNumber(self.SEED, tr("Seed"), whole, 0, minValue=0),
                tr("The same seed draws the same points."),
            ),
        ]
        self.declare(advanced(more))
        self.addOutput(QgsProcessingOutputNumber(self.COUNT, tr("Number of points")))

    def take(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> None:
        """Keep the request of the engine; see `GraftAlgorithm`."""
        layer = self.parameterAsLayer(parameters, self.INPUT, context)
        if not isinstance(layer, QgsMapLayer) or not layer.isValid():
            raise UsageError(tr("the result cannot be opened"), remedy=tr("Name a layer or a file in INPUT."))
        self._request = {
            **result_of(layer),
            "points": self.parameterAsInt(parameters, self.POINTS, context),
            "seed": self.parameterAsInt(parameters, self.SEED, context),
            **self.number(parameters, self.THRESHOLD, "threshold", context),
        }
        prompt = self.parameterAsString(parameters, self.PROMPT, context).strip()
        if prompt:
            self._request["prompt"] = prompt
        extent = self.parameterAsExtent(parameters, self.EXTENT, context, layer.crs())
        if not extent.isNull():
            self._request.update(extent=list(box(extent)), extent_crs=crs_name(layer.crs()))

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Run it."""
        self.go_on()
        target = self.parameterAsOutputLayer(parameters, self.OUTPUT, context)
        found = call("assess_sample", {**self._request, "out": target}, feedback)
        for entry in found["strata"]:
            feedback.pushInfo(tr("{}: {} points, {:.1%}").format(entry["name"], entry["points"], entry["share"]))
        uri = layer_uri(found["out"], found["layer"])
        load_as(context, target, uri)
        return {self.OUTPUT: uri, self.COUNT: sum(entry["points"] for entry in found["strata"])}


class AssessAlgorithm(GraftAlgorithm):
    """Writes the report that judged points give."""

    OUTPUT, JUDGED, OVERALL, MARGIN = "OUTPUT", "JUDGED", "OVERALL", "MARGIN"

    def __init__(self) -> None:
        super().__init__()
        self._points = ""

    def name(self) -> str:
        """Return the id below the provider's."""
        return "assess"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Accuracy report")

    def shortHelpString(self) -> str:
        """Return what it does."""
        return tr(
            "Tells from judged points how right a result is: overall, user's and producer's accuracy, and the area of "
            "each class corrected for the errors, all with 95 % confidence intervals (Olofsson et al. 2014)."
        )

    def initAlgorithm(self, configuration: Any = None) -> None:  # noqa: ANN401
        """Declare the parameters."""
        helped = [
            (
                QgsProcessingParameterVectorLayer(self.INPUT, tr("Judged points"), [_TYPES.TypeVectorPoint]),
                tr("Points of “Draw points to judge”, whose field “reference” says what is there, as far as judged."),
            ),
            (
                QgsProcessingParameterFileDestination(self.OUTPUT, tr("Report"), tr("Reports (*.html *.json)")),
                tr("The page to write, or a file of figures (.json)."),
            ),
        ]
        self.declare(helped)
        self.addOutput(QgsProcessingOutputNumber(self.JUDGED, tr("Number of judged points")))
        self.addOutput(QgsProcessingOutputNumber(self.OVERALL, tr("Overall accuracy (0 to 1)")))
        self.addOutput(QgsProcessingOutputNumber(self.MARGIN, tr("Margin of the overall accuracy")))

    def take(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> None:
        """Keep the points' file; see `GraftAlgorithm`."""
        layer = self.parameterAsVectorLayer(parameters, self.INPUT, context)
        if layer is None:
            raise UsageError(tr("the points cannot be opened"), remedy=tr("Name a layer or a file in INPUT."))
        self._points = layer.source().split("|")[0]

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Run it."""
        self.go_on()
        target = self.parameterAsFileOutput(parameters, self.OUTPUT, context)
        found = call("assess_report", {"points": self._points, "out": target}, feedback)
        feedback.pushInfo(report_words(found))
        overall = found["overall"]
        return {
            self.OUTPUT: found["out"],
            self.JUDGED: found["judged"],
            self.OVERALL: overall["value"],
            self.MARGIN: overall["margin"],
        }
