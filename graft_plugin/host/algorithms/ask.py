"""`graft:ask`: a question in plain language, its answer, and the layers that it rests on."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import (
    NULL,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputMultipleLayers,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsRasterLayer,
)

from ...errors import UsageError
from ..ask_answer import answer_of
from ..ask_order import EXAMPLES, AskOrder, Earlier, ask_work
from ..geopackage import layer_uri
from ..i18n import tr
from ..order import Order
from ..plan_writer import PlanWriter, chosen_writer
from ..source import layer_source
from .base import GraftAlgorithm, reporter, told, warn
from .fields import advanced, lines_field, model_field, reading_fields


class AskAlgorithm(GraftAlgorithm):
    """Answers a question; runs in a background thread."""

    QUESTION, PLAN, BEFORE = "QUESTION", "PLAN", "BEFORE"
    MODEL, THRESHOLD, OUTPUT = "MODEL", "THRESHOLD", "OUTPUT"
    ANSWER, VALUE, UNIT, CONFIDENCE = "ANSWER", "VALUE", "UNIT", "CONFIDENCE"
    WRITTEN, LAYERS = "WRITTEN_PLAN", "LAYERS"

    def __init__(self) -> None:
        super().__init__()
        self._order: Optional[AskOrder] = None
        self._writer: Optional[PlanWriter] = None

    def name(self) -> str:
        """Return the id below the provider's."""
        return "ask"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Ask a question")

    def shortHelpString(self) -> str:
        """Return what it does."""
        return tr(
            "Answers a question in English about a raster. A small plan is written for it, by the built-in planner or "
            "by the endpoint of the options, and run; what the answer rests on can be kept as layers. Understood are:"
        ) + "".join(f"<br>• {example}" for example in EXAMPLES)

    def initAlgorithm(self, configuration: Any = None) -> None:  # noqa: ANN401
        """Declare the parameters."""
        number = QgsProcessingParameterNumber.Type.Double
        helped = [
            (
                QgsProcessingParameterRasterLayer(self.INPUT, tr("Raster layer")),
                tr("The raster to ask about; for questions between two dates, the later one."),
            ),
            (QgsProcessingParameterString(self.QUESTION, tr("Question"), optional=True), tr("In English.")),
            lines_field(
                self.PLAN,
                tr("Plan"),
                tr("A plan to run as it is, such as an earlier answer's; not set: it is written for the question."),
            ),
            (
                QgsProcessingParameterRasterLayer(self.BEFORE, tr("Raster layer before"), optional=True),
                tr("The same place earlier; only for questions between two dates."),
            ),
            model_field(self.MODEL),
            self.sensor(),
            (
                QgsProcessingParameterExtent(self.EXTENT, tr("Area"), optional=True),
                tr("What the question is about; the whole layer by default."),
            ),
            (
                QgsProcessingParameterNumber(
                    self.THRESHOLD, tr("Threshold (0 to 1)"), number, None, optional=True, minValue=0.0, maxValue=1.0
                ),
                tr("The score from which a place counts; not set: found for each text."),
            ),
            (
                QgsProcessingParameterFileDestination(
                    self.OUTPUT, tr("Layers of the answer"), "GeoPackage (*.gpkg)", None, True, False
                ),
                tr("A GeoPackage with a layer for each name in the plan; other layers of a file that is there stay."),
            ),
        ]
        self.declare(helped)
        self.declare(advanced(reading_fields()))
        for output in (
            QgsProcessingOutputString(self.ANSWER, tr("Answer")),
            QgsProcessingOutputNumber(self.VALUE, tr("The answer's number")),
            QgsProcessingOutputString(self.UNIT, tr("Its unit")),
            QgsProcessingOutputNumber(self.CONFIDENCE, tr("Confidence (0 to 1)")),
            QgsProcessingOutputString(self.WRITTEN, tr("The plan that was run")),
            QgsProcessingOutputMultipleLayers(self.LAYERS, tr("What the answer rests on")),
        ):
            self.addOutput(output)

    def order(self, layer: QgsRasterLayer, parameters: Dict[str, Any], context: QgsProcessingContext) -> None:
        """Keep the question; see `GraftAlgorithm`."""
        question = self.parameterAsString(parameters, self.QUESTION, context).strip()
        plan = self.parameterAsString(parameters, self.PLAN, context).strip()
        if not (question or plan):
            raise UsageError(tr("nothing was asked"), remedy=tr("Ask it in QUESTION, or give a PLAN."))
        place = Order(
            raster=layer.source(),
            layer_name=layer.name(),
            prompts=(),
            extent=self.area(layer, parameters, context),
            threshold=self._threshold(parameters, context),
            model=self.parameterAsString(parameters, self.MODEL, context).strip() or "mini",
            sensor=self.parameterAsEnumString(parameters, self.SENSOR, context),
            source=layer_source(layer),
            **self.reading(parameters, context),
        )
        earlier = self.parameterAsRasterLayer(parameters, self.BEFORE, context)
        before = None
        if earlier is not None:
            before = Earlier(earlier.source(), layer_source(earlier), self.area(earlier, parameters, context))
        self._order = AskOrder(place, question, plan, before)
        self._writer = None if plan else chosen_writer()

    def _threshold(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Optional[float]:
        given = parameters.get(self.THRESHOLD)
        return None if given in (None, NULL, "") else self.parameterAsDouble(parameters, self.THRESHOLD, context)

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Run it."""
        self.go_on()
        assert self._order is not None
        out = self.parameterAsFileOutput(parameters, self.OUTPUT, context)
        with told():
            result = ask_work(self._order, self._writer, out)(reporter(feedback), feedback.isCanceled)
        warn(result, feedback)
        answer = answer_of(result, self._order.place.layer_name)
        feedback.pushInfo(f"{answer.text}\n{answer.confidence_words}. {answer.why}\n\n{answer.plan}")
        value = answer.value
        found = {
            self.ANSWER: answer.text,
            self.UNIT: answer.unit,
            self.CONFIDENCE: answer.confidence,
            self.WRITTEN: answer.plan,
            self.LAYERS: [layer_uri(out, step.layer) for step in answer.steps if out and step.layer],
        }
        if isinstance(value, (bool, int, float)):
            found[self.VALUE] = float(value)
        return {**found, self.OUTPUT: out} if out else found
