"""`graft:finetune`: a model of one's own, from photos or corrected polygons of an area."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorLayer,
    QgsRasterLayer,
)

from ...client.finetune import Event
from ...errors import UsageError
from ..finetune_order import FinetuneOrder, checked, finetune_work, teaching_points, teaching_polygons
from ..i18n import tr
from ..source import layer_source
from .base import POLYGONS, GraftAlgorithm, told

POINTS = getattr(QgsProcessing, "SourceType", QgsProcessing).TypeVectorPoint


class FinetuneAlgorithm(GraftAlgorithm):
    """Stores a model; runs in a background thread, in a process of its own."""

    FOLDER, PHOTOS, CORRECTED = "FOLDER", "PHOTOS", "POLYGONS"
    PARENT, NAME, MINUTES = "PARENT", "NAME", "MINUTES"
    MODEL, BEFORE, AFTER = "MODEL", "BEFORE", "AFTER"

    def __init__(self) -> None:
        super().__init__()
        self._order: Optional[FinetuneOrder] = None

    def name(self) -> str:
        """Return the id below the provider's."""
        return "finetune"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Fine-tune a model")

    def shortHelpString(self) -> str:
        """Return what it does."""
        return tr(
            "Lets a model learn from ground photos, or from corrected polygons, of an area. A part of the area, blocks "
            "with a tile's distance all around, is held out: it chooses what is kept, and shows before and after. The "
            "result is a model of your own under the name that you give."
        )

    def initAlgorithm(self, configuration: Any = None) -> None:  # noqa: ANN401
        """Declare the parameters."""
        number = QgsProcessingParameterNumber.Type.Double
        helped = [
            (QgsProcessingParameterRasterLayer(self.INPUT, tr("Raster layer")), tr("The imagery to learn.")),
            (
                QgsProcessingParameterFile(
                    self.FOLDER, tr("Folder of photos"), QgsProcessingParameterFile.Behavior.Folder, optional=True
                ),
                tr("JPEG or PNG pictures that know where they were taken (EXIF)."),
            ),
            (
                QgsProcessingParameterVectorLayer(self.PHOTOS, tr("Points of photos"), [POINTS], optional=True),
                tr("Instead of a folder: points with a field “photo” that names each photo's file."),
            ),
            (
                QgsProcessingParameterVectorLayer(self.CORRECTED, tr("Corrected polygons"), [POLYGONS], optional=True),
                tr("Instead of photos: polygons with a field “prompt”. What lies outside of them is background."),
            ),
            (QgsProcessingParameterString(self.PARENT, tr("Start from"), "mini"), tr("The model to start from.")),
            (QgsProcessingParameterString(self.NAME, tr("Name")), tr("Lower-case letters, digits, dots and hyphens.")),
            (
                QgsProcessingParameterNumber(self.MINUTES, tr("Minutes"), number, 5.0, minValue=0.01),
                tr("How long it learns."),
            ),
            self.sensor(),
            (
                QgsProcessingParameterExtent(self.EXTENT, tr("Area"), optional=True),
                tr("What to use of the imagery; with polygons, where they are complete."),
            ),
        ]
        self.declare(helped)
        self.addOutput(QgsProcessingOutputString(self.MODEL, tr("Model")))
        self.addOutput(QgsProcessingOutputNumber(self.BEFORE, tr("Score before, held-out part")))
        self.addOutput(QgsProcessingOutputNumber(self.AFTER, tr("Score after, held-out part")))

    def order(self, layer: QgsRasterLayer, parameters: Dict[str, Any], context: QgsProcessingContext) -> None:
        """Keep the order; see `GraftAlgorithm`."""
        order = FinetuneOrder(
            source=layer_source(layer),
            extent=self.area(layer, parameters, context),
            parent=self.parameterAsString(parameters, self.PARENT, context).strip() or "mini",
            model_id=self.parameterAsString(parameters, self.NAME, context),
            minutes=self.parameterAsDouble(parameters, self.MINUTES, context),
            sensor=self.parameterAsEnumString(parameters, self.SENSOR, context),
            **self._taught(parameters, context),
        )
        self._order = checked(order, [])

    def _taught(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Dict[str, Any]:
        """Return what teaches, as fields of an order."""
        folder = self.parameterAsFile(parameters, self.FOLDER, context)
        points = self.parameterAsVectorLayer(parameters, self.PHOTOS, context)
        polygons = self.parameterAsVectorLayer(parameters, self.CORRECTED, context)
        if sum((bool(folder), points is not None, polygons is not None)) != 1:
            raise UsageError(tr("give photos or polygons"), remedy=tr("Set FOLDER, PHOTOS or POLYGONS, one of them."))
        if folder:
            return {"folder": folder}
        return teaching_points(points) if points is not None else teaching_polygons(polygons)

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Run it."""
        self.go_on()
        assert self._order is not None
        seconds = 60.0 * self._order.minutes

        def hear(event: Event) -> None:
            if event["event"] == "step":
                feedback.setProgress(min(100.0, 100.0 * event["seconds"] / seconds))
            elif event["event"] == "validation":
                feedback.pushInfo(tr("{:.0f} s: held-out score {:.3f}").format(event["seconds"], event["score"]))

        work = finetune_work(self._order, hear, lambda: "")
        with told():
            done = work(lambda _stage, _done, _total: None, feedback.isCanceled)
        if not done["model"]:
            feedback.pushWarning(tr("Nothing that was learnt was better on the held-out part; no model was stored."))
        return {
            self.MODEL: done["model"] or "",
            self.BEFORE: done["before"]["score"],
            self.AFTER: done["after"]["score"],
        }
