"""What the algorithms that search a raster share: parameters → a request → the engine → outputs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Dict, Iterator, Optional, Sequence, Tuple

from qgis.core import (
    NULL,
    QgsGeometry,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterRasterLayer,
    QgsRasterLayer,
)
from qgis.PyQt.QtGui import QIcon

from ...client.children import CancelFlag
from ...errors import Cancelled, GraftError
from ..area import drawn_rectangle, whole_layer
from ..clip import name_origin
from ..engine import shared_worker
from ..i18n import tr
from ..icons import graft_icon
from ..model_gsd import model_gsd_m
from ..progress import Report, RunProgress
from ..source import Box, LayerSource, Source, layer_source
from .fields import BANDS, GSD, STRETCH, Field, numbers

SENSORS = ["auto", "naip", "sentinel2", "rgb"]


class GraftAlgorithm(QgsProcessingAlgorithm):
    """What every algorithm shares that takes a raster; what a user did wrong is told when it runs.

    It runs in a background thread: `prepareAlgorithm` looks at layers, in the main thread, and `processAlgorithm` waits
    for servers, where a layer is no file, and for the engine.
    """

    INPUT = "INPUT"
    SENSOR = "SENSOR"
    EXTENT = "EXTENT"

    def __init__(self) -> None:
        super().__init__()
        self._refused: Optional[GraftError] = None

    def createInstance(self) -> QgsProcessingAlgorithm:
        """Return a new one of its kind, for one run."""
        return type(self)()

    def icon(self) -> QIcon:
        """Return the icon in the toolbox."""
        return graft_icon()

    def declare(self, helped: Sequence[Field]) -> None:
        """Add parameters, each with its help."""
        for parameter, words in helped:
            parameter.setHelp(words)
            self.addParameter(parameter)

    def sensor(self) -> Field:
        """Return the parameter of the sensor with its help."""
        return (
            QgsProcessingParameterEnum(self.SENSOR, tr("Sensor"), SENSORS, defaultValue="auto", usesStaticStrings=True),
            tr("Decides bands, stretch and ground resolution; “auto” looks at the raster's bands."),
        )

    def prepareAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Turn the parameters into what is to be done."""
        try:
            self.take(parameters, context)
        except GraftError as error:  # what is raised here, Processing reports as "there were errors": `told` raises it
            self._refused = error
        return True

    def take(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> None:
        """Keep what is to be done, of a raster; an algorithm that takes none has its own.

        Raises:
            GraftError: The parameters make no sense.
        """
        layer = self.parameterAsRasterLayer(parameters, self.INPUT, context)
        if layer is None:
            raise QgsProcessingException(self.invalidRasterError(parameters, self.INPUT))
        self.order(layer, parameters, context)

    def order(self, layer: QgsRasterLayer, parameters: Dict[str, Any], context: QgsProcessingContext) -> None:
        """Keep what is to be done with a raster.

        Raises:
            GraftError: The parameters make no sense.
        """
        raise NotImplementedError

    def reading(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Dict[str, Any]:
        """Return how rasters are to be read as fields of a request, as far as it was given."""
        bands = [int(band) for band in numbers(self.parameterAsString(parameters, BANDS, context), BANDS)]
        stretch = numbers(self.parameterAsString(parameters, STRETCH, context), STRETCH)
        gsd_m = self.parameterAsDouble(parameters, GSD, context)
        wanted = {"bands": bands, "stretch": stretch, "gsd_m": gsd_m if gsd_m > 0 else None}
        return {name: value for name, value in wanted.items() if value}

    def number(
        self, parameters: Dict[str, Any], name: str, field: str, context: QgsProcessingContext
    ) -> Dict[str, Any]:
        """Return an optional number as a field of a request; nothing where it was not set."""
        value = parameters.get(name)
        if value is None or value == NULL or value == "":
            return {}
        return {field: self.parameterAsDouble(parameters, name, context)}

    def go_on(self) -> None:
        """Tell now what was wrong with the parameters.

        Raises:
            QgsProcessingException: Something was.
        """
        if self._refused is not None:
            raise QgsProcessingException(str(self._refused)) from self._refused

    def area(self, layer: QgsRasterLayer, parameters: Dict[str, Any], context: QgsProcessingContext) -> Optional[Box]:
        """Return the part of a raster that was asked for, in its CRS; None for all of it."""
        area = self.parameterAsExtent(parameters, self.EXTENT, context, layer.crs())
        shown = whole_layer() if area.isNull() else drawn_rectangle(QgsGeometry.fromRect(area), layer.crs())
        return shown.extent_in(layer)


@contextmanager
def told() -> Iterator[None]:
    """Turn the engine's errors into Processing's."""
    try:
        yield
    except Cancelled as error:
        raise QgsProcessingException(tr("Cancelled; nothing was written.")) from error
    except GraftError as error:
        raise QgsProcessingException(str(error)) from error


def reporter(feedback: QgsProcessingFeedback) -> Report:
    """Return what tells Processing of the engine's progress."""
    progress = RunProgress()

    def report(stage: str, done: int, total: int) -> None:
        if progress.take(stage, done, total):
            feedback.setProgressText(progress.words)
        feedback.setProgress(progress.percent)

    return report


def call(method: str, request: Dict[str, Any], feedback: QgsProcessingFeedback) -> Dict[str, Any]:
    """Have the engine do something that needs no raster layer, and return its result.

    Raises:
        QgsProcessingException: It failed, or was cancelled.
    """
    with told():
        result = shared_worker().call(method, request, reporter(feedback), feedback.isCanceled)
    warn(result, feedback)
    return result


def warn(result: Dict[str, Any], feedback: QgsProcessingFeedback) -> None:
    """Hand the engine's warnings on."""
    for warning in result["warnings"]:
        feedback.pushWarning(warning)


class RasterAlgorithm(GraftAlgorithm):
    """Has the engine do something with a raster; a subclass says what."""

    MODEL = "MODEL"

    def __init__(self) -> None:
        super().__init__()
        self._request: Dict[str, Any] = {}
        self._source: Optional[LayerSource] = None
        self._area: Optional[Box] = None

    def raster(self) -> Field:
        """Return the parameter of the raster with its help."""
        return (
            QgsProcessingParameterRasterLayer(self.INPUT, tr("Raster layer")),
            tr(
                "A raster with red, green and blue bands. It is resampled to the model's ground resolution. A "
                "layer that is no file (XYZ, WMS …) is rendered first, at that resolution and without its styling."
            ),
        )

    def where(self) -> Field:
        """Return the parameter of the area with its help."""
        return (
            QgsProcessingParameterExtent(self.EXTENT, tr("Area"), optional=True),
            tr("Where to look; the whole layer by default. It does not change what is found at a place."),
        )

    def request(
        self, layer: QgsRasterLayer, parameters: Dict[str, Any], context: QgsProcessingContext, own: Dict[str, Any]
    ) -> None:
        """Keep the raster and the request of the engine: `own` fields, and those of the raster and the model."""
        self._source = layer_source(layer)
        self._area = self.area(layer, parameters, context)
        self._request = {
            "model": self.parameterAsString(parameters, self.MODEL, context).strip() or "mini",
            "sensor": self.parameterAsEnumString(parameters, self.SENSOR, context),
            **self.reading(parameters, context),
            **own,
        }

    def located(self, report: Report, cancelled: CancelFlag) -> Tuple[Source, Dict[str, Any]]:
        """Return the raster, which may have to be rendered first, and the request's fields that name it."""
        source = self.fetched(self._source, self._area, report, cancelled)
        return source, {"raster": source.raster}

    def fetched(
        self, source: Optional[LayerSource], area: Optional[Box], report: Report, cancelled: CancelFlag
    ) -> Source:
        """Return what the engine opens of a layer."""
        assert source is not None
        gsd_m = self._request.get("gsd_m") or model_gsd_m(self._request["model"], self._request["sensor"])
        return source.fetch(area, gsd_m, report, cancelled)

    def ask(self, method: str, outputs: Dict[str, Any], feedback: QgsProcessingFeedback) -> Dict[str, Any]:
        """Have the engine run the request with `outputs` added, and return its result.

        Raises:
            QgsProcessingException: It failed, or was cancelled.
        """
        self.go_on()
        report = reporter(feedback)
        with told():
            source, fields = self.located(report, feedback.isCanceled)
            if source.extent is not None:
                fields["extent"] = list(source.extent)
            request = {**self._request, **fields, **outputs}
            result = shared_worker().call(method, request, report, feedback.isCanceled)
            name_origin(result, source)
        warn(result, feedback)
        feedback.pushInfo(
            tr("Model {}, {:g} m a pixel, {:.1f} s").format(
                result["model"], result["gsd_m"], result["seconds"].get("total", 0.0)
            )
        )
        return result


POLYGONS = getattr(QgsProcessing, "SourceType", QgsProcessing).TypeVectorPolygon
"""The kind of layer that polygons are, in the spelling of every QGIS 3."""
