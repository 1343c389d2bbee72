"""`graft:index`: rasters encoded once, to ask them anything afterwards."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterString,
)

from ...errors import UsageError
from ..i18n import tr
from ..index_order import IndexOrder, cost_words, index_source, index_work
from ..source import texts
from .base import GraftAlgorithm, reporter, told, warn
from .fields import advanced, lines_field, model_field, reading_fields

RASTERS = getattr(QgsProcessing, "SourceType", QgsProcessing).TypeRaster


class IndexAlgorithm(GraftAlgorithm):
    """Makes an index, or goes on with one."""

    SOURCES, MODEL, DATE, DRY, OUTPUT = "SOURCES", "MODEL", "DATE", "ESTIMATE_ONLY", "OUTPUT"
    TILES, HOURS, GIGABYTES = "TILES", "HOURS", "GIGABYTES"

    def __init__(self) -> None:
        super().__init__()
        self._order: Optional[IndexOrder] = None

    def name(self) -> str:
        """Return the id below the provider's."""
        return "index"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Index rasters")

    def shortHelpString(self) -> str:
        """Return what it does."""
        return tr(
            "Encodes rasters once into an index, a folder that answers any words afterwards without looking at the "
            "imagery again. Cancelled or killed, the same run goes on from there; run again, it takes in what is new "
            "or has changed. What it takes is told first."
        )

    def initAlgorithm(self, configuration: Any = None) -> None:  # noqa: ANN401
        """Declare the parameters."""
        helped = [
            (
                QgsProcessingParameterMultipleLayers(self.INPUT, tr("Raster layers"), RASTERS, optional=True),
                tr("Rasters with red, green and blue bands; each must be a file that stays where it is."),
            ),
            lines_field(
                self.SOURCES,
                tr("Other sources (one a line)"),
                tr("Paths of rasters, folders, VRTs, or STAC item collections (.json)."),
            ),
            model_field(self.MODEL),
            self.sensor(),
            (
                QgsProcessingParameterBoolean(self.DRY, tr("Only tell what it would take"), False),
                tr("Times some tiles, and tells hours and disk space; nothing is written."),
            ),
            (
                QgsProcessingParameterFolderDestination(self.OUTPUT, tr("Index")),
                tr("The folder of the index: a new one, or an index to go on with."),
            ),
        ]
        self.declare(helped)
        taken = tr("Such as 2021-06-01; not set: from the STAC item, or the file's name.")
        date = QgsProcessingParameterString(self.DATE, tr("Date of all rasters"), optional=True)
        self.declare(advanced([(date, taken), *reading_fields()]))
        self.addOutput(QgsProcessingOutputNumber(self.TILES, tr("Number of tiles")))
        self.addOutput(QgsProcessingOutputNumber(self.HOURS, tr("Hours")))
        self.addOutput(QgsProcessingOutputNumber(self.GIGABYTES, tr("Size in GB")))

    def take(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> None:
        """Keep the order; see `GraftAlgorithm`."""
        layers = self.parameterAsLayerList(parameters, self.INPUT, context)
        sources = texts(self.parameterAsString(parameters, self.SOURCES, context))
        if not (layers or sources):
            raise UsageError(tr("no raster was named"), remedy=tr("Name it in INPUT or SOURCES."))
        self._order = IndexOrder(
            layers=tuple(index_source(layer) for layer in layers),
            out=self.parameterAsString(parameters, self.OUTPUT, context),
            sources=sources,
            date=self.parameterAsString(parameters, self.DATE, context).strip(),
            model=self.parameterAsString(parameters, self.MODEL, context).strip() or "mini",
            sensor=self.parameterAsEnumString(parameters, self.SENSOR, context),
            **self.reading(parameters, context),
        )

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Tell what it takes, then run it."""
        self.go_on()
        assert self._order is not None
        with told():
            weighed = index_work(self._order, estimate=True)(reporter(feedback), feedback.isCanceled)
        feedback.pushInfo(cost_words(weighed))
        found = {self.OUTPUT: self._order.out, self.TILES: weighed["tiles"]}
        if self.parameterAsBoolean(parameters, self.DRY, context):
            warn(weighed, feedback)
            return {**found, self.HOURS: weighed["hours"], self.GIGABYTES: weighed["gigabytes"]}
        with told():
            done = index_work(self._order)(reporter(feedback), feedback.isCanceled)
        warn({"warnings": [*done["warnings"], *done["failed"]]}, feedback)
        feedback.pushInfo(tr("{} tiles encoded, {} were there").format(done["encoded_tiles"], done["from_index"]))
        return {
            **found,
            self.TILES: done["tiles"],
            self.HOURS: done["seconds"]["total"] / 3600,
            self.GIGABYTES: done["gigabytes"],
        }
