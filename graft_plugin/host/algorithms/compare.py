"""`graft:compare`: what was gained and lost between two dates."""

from __future__ import annotations

from functools import partial
from typing import Any, Dict, Optional, Tuple

from qgis.core import (
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterVectorDestination,
    QgsRasterLayer,
    QgsRectangle,
)

from ...client.children import CancelFlag
from ...errors import UsageError
from ..area import drawn_rectangle
from ..geopackage import free_layer_name, layer_uri
from ..i18n import tr
from ..layers import area_words
from ..progress import Report
from ..source import Box, LayerSource, Source, box, layer_source, texts
from ..styles import style_change, style_change_polygons
from .base import POLYGONS, RasterAlgorithm
from .fields import advanced, lines_field, model_field, reading_fields
from .loaded import load_as


class CompareAlgorithm(RasterAlgorithm):
    """Writes the change of the prompts' scores, and polygons of gain and loss."""

    AFTER, PROMPTS, NEGATIVE, THRESHOLD, AS_THEY_ARE = "AFTER", "PROMPTS", "NEGATIVE", "THRESHOLD", "AS_THEY_ARE"
    HEATMAP, OUTPUT = "HEATMAP", "OUTPUT"
    GAINED_M2, LOST_M2 = "GAINED_M2", "LOST_M2"

    def __init__(self) -> None:
        super().__init__()
        self._after: Optional[LayerSource] = None
        self._after_area: Optional[Box] = None

    def name(self) -> str:
        """Return the id below the provider's."""
        return "compare"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Compare two dates")

    def shortHelpString(self) -> str:
        """Return what it does."""
        return tr(
            "Tells where what the prompts name was gained and lost between two rasters of one place, whose CRS, extent "
            "and pixels may differ. What light, season and sensor change everywhere is taken off first. The results "
            "are polygons of gain and loss, and a heatmap of the change, −1 to 1."
        )

    def initAlgorithm(self, configuration: Any = None) -> None:  # noqa: ANN401
        """Declare the parameters."""
        number = QgsProcessingParameterNumber.Type.Double
        helped = [
            (
                QgsProcessingParameterRasterLayer(self.INPUT, tr("Before")),
                tr("The earlier raster, with red, green and blue bands; the result is on its grid."),
            ),
            (
                QgsProcessingParameterRasterLayer(self.AFTER, tr("After")),
                tr("A later raster of the same place."),
            ),
            lines_field(self.PROMPTS, tr("Look for (one a line)"), tr("What was gained or lost, one a line.")),
            lines_field(
                self.NEGATIVE, tr("But not (one a line)"), tr("What looks like the prompts and is not, one a line.")
            ),
            model_field(self.MODEL),
            self.sensor(),
            self.where(),
            (
                QgsProcessingParameterNumber(
                    self.THRESHOLD, tr("Threshold (0 to 1)"), number, None, optional=True, minValue=0.0, maxValue=1.0
                ),
                tr("The change of the score from which a place counts; not set: found from both rasters."),
            ),
            (
                QgsProcessingParameterRasterDestination(self.HEATMAP, tr("Change")),
                tr("The GeoTIFF to write, a band for each prompt; an existing file is replaced."),
            ),
            (
                QgsProcessingParameterVectorDestination(self.OUTPUT, tr("Gained and lost"), POLYGONS, optional=True),
                tr("The GeoPackage to write. In a file that exists, a new layer is added; no layer is overwritten."),
            ),
        ]
        self.declare(helped)
        as_they_are = QgsProcessingParameterBoolean(self.AS_THEY_ARE, tr("Compare the rasters as they are"), False)
        words = tr("Leave in what light, season and sensor change everywhere.")
        self.declare(advanced([(as_they_are, words), *reading_fields()]))
        self.addOutput(QgsProcessingOutputNumber(self.GAINED_M2, tr("Area gained in square metres")))
        self.addOutput(QgsProcessingOutputNumber(self.LOST_M2, tr("Area lost in square metres")))

    def order(self, layer: QgsRasterLayer, parameters: Dict[str, Any], context: QgsProcessingContext) -> None:
        """Keep the request of the engine; see `GraftAlgorithm`."""
        after = self.parameterAsRasterLayer(parameters, self.AFTER, context)
        if after is None:
            raise QgsProcessingException(self.invalidRasterError(parameters, self.AFTER))
        prompts = texts(self.parameterAsString(parameters, self.PROMPTS, context))
        if not prompts:
            raise UsageError(tr("nothing to look for"), remedy=tr("Name it in PROMPTS, one a line."))
        own: Dict[str, Any] = {
            "prompts": list(prompts),
            "negatives": list(texts(self.parameterAsString(parameters, self.NEGATIVE, context))),
            **self.number(parameters, self.THRESHOLD, "threshold", context),
        }
        if self.parameterAsBoolean(parameters, self.AS_THEY_ARE, context):
            own["normalise"] = "none"
        self._after = layer_source(after)
        wanted = QgsRectangle(*(self.area(layer, parameters, context) or box(layer.extent())))
        self._after_area = drawn_rectangle(QgsGeometry.fromRect(wanted), layer.crs()).extent_in(after)
        self.request(layer, parameters, context, own)

    def located(self, report: Report, cancelled: CancelFlag) -> Tuple[Source, Dict[str, Any]]:
        """Return the raster of the earlier date, and the fields that name both."""
        before = self.fetched(self._source, self._area, report, cancelled)
        after = self.fetched(self._after, self._after_area, report, cancelled)
        return before, {"before": before.raster, "after": after.raster}

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Run it."""
        heatmap = self.parameterAsOutputLayer(parameters, self.HEATMAP, context)
        target = self.parameterAsOutputLayer(parameters, self.OUTPUT, context)
        outputs: Dict[str, Any] = {"heatmap": heatmap}
        if target:
            outputs.update(masks=target, layer=free_layer_name(target, "change"))
        result = self.ask("compare", outputs, feedback)
        for found in result["prompts"]:
            gained, lost = area_words(found["gained_m2"]), area_words(found["lost_m2"])
            feedback.pushInfo(tr("{}: {} gained, {} lost").format(found["prompt"], gained, lost))
        first = result["prompts"][0]
        largest = max(first["largest_gain"] or 0.0, -(first["largest_loss"] or 0.0))
        load_as(context, heatmap, heatmap, partial(style_change, band=1, largest=largest))
        answer = {
            self.HEATMAP: result["heatmap"],
            self.GAINED_M2: sum(found["gained_m2"] for found in result["prompts"]),
            self.LOST_M2: sum(found["lost_m2"] for found in result["prompts"]),
        }
        if target:
            answer[self.OUTPUT] = layer_uri(result["masks"], result["layer"])
            load_as(context, target, answer[self.OUTPUT], style_change_polygons)
        return answer
