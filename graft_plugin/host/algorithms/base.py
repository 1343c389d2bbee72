"""What the algorithms that search a raster share: parameters → a request → the engine → outputs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from qgis.core import (
    QgsGeometry,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsRasterLayer,
)
from qgis.PyQt.QtGui import QIcon

from ...errors import Cancelled, GraftError, UsageError
from ..area import drawn_rectangle, whole_layer
from ..clip import name_origin
from ..engine import shared_worker
from ..i18n import tr
from ..icons import graft_icon
from ..model_gsd import model_gsd_m
from ..progress import RunProgress
from ..source import Box, LayerSource, layer_source, texts

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

    def declare(self, helped: Sequence[Tuple[Any, str]]) -> None:
        """Add parameters, each with its help."""
        for parameter, words in helped:
            parameter.setHelp(words)
            self.addParameter(parameter)

    def sensor(self) -> Tuple[Any, str]:
        """Return the parameter of the sensor with its help."""
        return (
            QgsProcessingParameterEnum(self.SENSOR, tr("Sensor"), SENSORS, defaultValue="auto", usesStaticStrings=True),
            tr("Decides bands, stretch and ground resolution; “auto” looks at the raster's bands."),
        )

    def prepareAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Turn the parameters into what is to be done."""
        layer = self.parameterAsRasterLayer(parameters, self.INPUT, context)
        if layer is None:
            raise QgsProcessingException(self.invalidRasterError(parameters, self.INPUT))
        try:
            self.order(layer, parameters, context)
        except GraftError as error:  # what is raised here, Processing reports as "there were errors": `told` raises it
            self._refused = error
        return True

    def order(self, layer: QgsRasterLayer, parameters: Dict[str, Any], context: QgsProcessingContext) -> None:
        """Keep what is to be done with a raster.

        Raises:
            GraftError: The parameters make no sense.
        """
        raise NotImplementedError

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


class QueryAlgorithm(GraftAlgorithm):
    """Searches a raster for prompts; a subclass says what is written."""

    PROMPTS = "PROMPTS"
    NEGATIVE = "NEGATIVE"
    MODEL = "MODEL"
    LIKE = "LIKE"
    UNLIKE = "UNLIKE"
    PHOTO = "PHOTO"
    BANDS = "BANDS"
    GSD = "GSD"
    STRETCH = "STRETCH"
    OUTPUT = "OUTPUT"

    def __init__(self) -> None:
        super().__init__()
        self._request: Dict[str, Any] = {}
        self._source: Optional[LayerSource] = None
        self._area: Optional[Box] = None

    def initAlgorithm(self, configuration: Any = None) -> None:  # noqa: ANN401
        """Declare the parameters."""
        helped = [
            (
                QgsProcessingParameterRasterLayer(self.INPUT, tr("Raster layer")),
                tr(
                    "A raster with red, green and blue bands. It is resampled to the model's ground resolution. A "
                    "layer that is no file (XYZ, WMS …) is rendered first, at that resolution and without its styling."
                ),
            ),
            (
                QgsProcessingParameterString(
                    self.PROMPTS, tr("Look for (one a line)"), multiLine=True, optional=True
                ),
                tr("Words for what to find, one a line. Several prompts compete: a place belongs to the best."),
            ),
            (
                QgsProcessingParameterString(
                    self.NEGATIVE, tr("But not (one a line)"), multiLine=True, optional=True
                ),
                tr("What looks like the prompts and is not, one a line."),
            ),
            (
                QgsProcessingParameterString(self.MODEL, tr("Model"), "mini"),
                tr("A model's id (“graft models” lists them) or a checkpoint's path. “mini” is a demonstration."),
            ),
            self.sensor(),
            (
                QgsProcessingParameterExtent(self.EXTENT, tr("Area"), optional=True),
                tr("Where to look; the whole layer by default. It does not change what is found at a place."),
            ),
        ]
        self.declare(helped)
        advanced = self._advanced()
        for parameter, _words in advanced:
            parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        self.declare(advanced)

    def _advanced(self) -> List[Tuple[Any, str]]:
        """Return the parameters that few need, with their help."""
        spots = tr("Map points x,y;x,y in the layer's CRS.")
        return [
            (
                QgsProcessingParameterString(self.LIKE, tr("Look for what is like these spots"), optional=True),
                tr("{} Instead of prompts.").format(spots),
            ),
            (QgsProcessingParameterString(self.UNLIKE, tr("But unlike these spots"), optional=True), spots),
            (
                QgsProcessingParameterFile(self.PHOTO, tr("Look for what a ground photo shows"), optional=True),
                tr("A photo taken on the ground, JPEG or PNG; found is where the scene looks like its surroundings."),
            ),
            (
                QgsProcessingParameterString(self.BANDS, tr("Bands (red,green,blue)"), optional=True),
                tr("Band numbers from 1 on, such as 3,2,1; not set: by the sensor."),
            ),
            (
                QgsProcessingParameterNumber(
                    self.GSD,
                    tr("Ground resolution in metres"),
                    QgsProcessingParameterNumber.Type.Double,
                    None,
                    optional=True,
                    minValue=0.0,
                ),
                tr("Metres a pixel to work at; not set: the model's own for the sensor."),
            ),
            (
                QgsProcessingParameterString(self.STRETCH, tr("Stretch (low,high)"), optional=True),
                tr("The raster's values that become black and white; not set: by the sensor."),
            ),
        ]

    def order(self, layer: QgsRasterLayer, parameters: Dict[str, Any], context: QgsProcessingContext) -> None:
        """Keep the request of the engine; see `GraftAlgorithm`."""
        prompts = texts(self.parameterAsString(parameters, self.PROMPTS, context))
        examples = self._examples(parameters, context)
        if not (prompts or examples):
            raise UsageError(tr("nothing to look for"), remedy=tr("Name it in PROMPTS, one a line."))
        self._source = layer_source(layer)
        self._area = self.area(layer, parameters, context)
        self._request = {
            "prompts": list(prompts),
            "negatives": list(texts(self.parameterAsString(parameters, self.NEGATIVE, context))),
            "model": self.parameterAsString(parameters, self.MODEL, context).strip() or "mini",
            "sensor": self.parameterAsEnumString(parameters, self.SENSOR, context),
            **examples,
            **self._reading(parameters, context),
        }

    def _examples(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Dict[str, Any]:
        """Return the examples to look for as fields of the request, those that were given."""
        found: Dict[str, Any] = {}
        for name, field in ((self.LIKE, "like"), (self.UNLIKE, "unlike")):
            spots = numbers(self.parameterAsString(parameters, name, context), name)
            if len(spots) % 2:
                raise UsageError(tr("{} must be pairs of numbers").format(name), remedy=tr("Write x,y;x,y."))
            if spots:
                found[field] = spots
        photo = self.parameterAsFile(parameters, self.PHOTO, context)
        return {**found, "photo": photo} if photo else found

    def _reading(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Dict[str, Any]:
        """Return how the raster is to be read as fields of the request, as far as it was given."""
        bands = [int(band) for band in numbers(self.parameterAsString(parameters, self.BANDS, context), self.BANDS)]
        stretch = numbers(self.parameterAsString(parameters, self.STRETCH, context), self.STRETCH)
        gsd_m = self.parameterAsDouble(parameters, self.GSD, context)
        wanted = {"bands": bands, "stretch": stretch, "gsd_m": gsd_m if gsd_m > 0 else None}
        return {name: value for name, value in wanted.items() if value}

    def query(self, outputs: Dict[str, Any], feedback: QgsProcessingFeedback) -> Dict[str, Any]:
        """Have the engine run the request with `outputs` added, and return its result.

        Raises:
            QgsProcessingException: It failed, or was cancelled.
        """
        if self._refused is not None or self._source is None:
            raise QgsProcessingException(str(self._refused)) from self._refused
        progress = RunProgress()

        def report(stage: str, done: int, total: int) -> None:
            if progress.take(stage, done, total):
                feedback.setProgressText(progress.words)
            feedback.setProgress(progress.percent)

        with told():
            gsd_m = self._request.get("gsd_m") or model_gsd_m(self._request["model"], self._request["sensor"])
            source = self._source.fetch(self._area, gsd_m, report, feedback.isCanceled)
            request = {**self._request, "raster": source.raster, **outputs}
            if source.extent is not None:
                request["extent"] = list(source.extent)
            result = shared_worker().call("query", request, report, feedback.isCanceled)
            name_origin(result, source)
        for warning in result["warnings"]:
            feedback.pushWarning(warning)
        feedback.pushInfo(
            tr("Model {}, {:g} m a pixel, {:.1f} s").format(
                result["model"], result["gsd_m"], result["seconds"].get("total", 0.0)
            )
        )
        return result


def numbers(text: str, name: str) -> List[float]:
    """Return the numbers of a text such as `1,2;3,4`.

    Raises:
        UsageError: There is something else in it.
    """
    try:
        return [float(word) for word in text.replace(";", ",").split(",") if word.strip()]
    except ValueError as error:
        raise UsageError(
            tr("{} must be numbers, not “{}”").format(name, text), remedy=tr("Separate them by commas.")
        ) from error


POLYGONS = getattr(QgsProcessing, "SourceType", QgsProcessing).TypeVectorPolygon
"""The kind of layer that polygons are, in the spelling of every QGIS 3."""
