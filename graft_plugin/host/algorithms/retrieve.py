"""`graft:retrieve`: the tiles of an index that fit best."""

from __future__ import annotations

from typing import Any, Dict, List

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterCrs,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from ...errors import UsageError
from ..area import crs_name
from ..geopackage import layer_uri
from ..i18n import tr
from ..source import box, texts
from ..styles import style_tiles
from .base import POLYGONS, GraftAlgorithm, call
from .fields import Field, advanced, lines_field, spots
from .loaded import load_as

RERANKERS = ["rocchio", "logistic"]


class RetrieveAlgorithm(GraftAlgorithm):
    """Writes the tiles with their scores and pictures into a GeoPackage."""

    INDEX, PROMPTS, NEGATIVE, TOP, OUTPUT = "INDEX", "PROMPTS", "NEGATIVE", "TOP", "OUTPUT"
    LIKE, UNLIKE, PHOTO, CRS = "LIKE", "UNLIKE", "PHOTO", "CRS"
    RIGHT, WRONG, RERANK = "RIGHT", "WRONG", "RERANK"
    DISTANCE, SCENES, SINCE, UNTIL = "DISTANCE", "SCENES", "SINCE", "UNTIL"
    COUNT = "COUNT"

    def __init__(self) -> None:
        super().__init__()
        self._request: Dict[str, Any] = {}

    def name(self) -> str:
        """Return the id below the provider's."""
        return "retrieve"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Search an index")

    def shortHelpString(self) -> str:
        """Return what it does."""
        return tr(
            "Ranks the tiles of an index by how well they fit words, example spots or a ground photo, and takes the "
            "best, spread over the map. The result is the layer “tiles” of a GeoPackage with rank, score, scene and a "
            "picture of each. Ids of tiles that you name right or wrong move the ranking."
        )

    def initAlgorithm(self, configuration: Any = None) -> None:  # noqa: ANN401
        """Declare the parameters."""
        whole = QgsProcessingParameterNumber.Type.Integer
        folder = QgsProcessingParameterFile.Behavior.Folder
        helped = [
            (
                QgsProcessingParameterFile(self.INDEX, tr("Index"), folder),
                tr("The folder that “Index rasters” made."),
            ),
            lines_field(self.PROMPTS, tr("Look for (one a line)"), tr("Words for what to find; any of them counts.")),
            lines_field(
                self.NEGATIVE, tr("But not (one a line)"), tr("What looks like the prompts and is not, one a line.")
            ),
            (
                QgsProcessingParameterNumber(self.TOP, tr("How many tiles"), whole, 50, minValue=1, maxValue=10_000),
                tr("How many of the best tiles are taken."),
            ),
            (
                QgsProcessingParameterExtent(self.EXTENT, tr("Area"), optional=True),
                tr("Where to look; everywhere by default."),
            ),
            (
                QgsProcessingParameterVectorDestination(self.OUTPUT, tr("Tiles"), POLYGONS),
                tr("The GeoPackage to write; a layer “tiles” in it is replaced."),
            ),
        ]
        self.declare(helped)
        self.declare(advanced([*self._by_example(), *self._marks(), *self._choice()]))
        self.addOutput(QgsProcessingOutputNumber(self.COUNT, tr("Number of tiles")))

    def _by_example(self) -> List[Field]:
        points = tr("Map points x,y;x,y in the CRS below.")
        return [
            (
                QgsProcessingParameterString(self.LIKE, tr("Look for what is like these spots"), optional=True),
                tr("{} Instead of prompts.").format(points),
            ),
            (QgsProcessingParameterString(self.UNLIKE, tr("But unlike these spots"), optional=True), points),
            (
                QgsProcessingParameterCrs(self.CRS, tr("CRS of the spots"), "EPSG:4326", optional=True),
                tr("Longitude and latitude by default; not set: the index's own."),
            ),
            (
                QgsProcessingParameterFile(self.PHOTO, tr("Look for what a ground photo shows"), optional=True),
                tr("A photo taken on the ground, JPEG or PNG; found is where the scene looks like its surroundings."),
            ),
        ]

    def _marks(self) -> List[Field]:
        return [
            lines_field(self.RIGHT, tr("Right tiles (one a line)"), tr("Ids of tiles that are what was sought.")),
            lines_field(self.WRONG, tr("Wrong tiles (one a line)"), tr("Ids of tiles that are not.")),
            (
                QgsProcessingParameterEnum(
                    self.RERANK, tr("Learn from marks by"), RERANKERS, defaultValue="rocchio", usesStaticStrings=True
                ),
                tr("How the ranking learns from right and wrong tiles."),
            ),
        ]

    def _choice(self) -> List[Field]:
        number, date = QgsProcessingParameterNumber.Type.Double, tr("Such as 2021-06-01.")
        return [
            (
                QgsProcessingParameterNumber(
                    self.DISTANCE, tr("Least distance in metres"), number, None, optional=True, minValue=0.0
                ),
                tr("Of two tiles' centres; not set: three tiles, 0: neighbours too."),
            ),
            lines_field(self.SCENES, tr("Only scenes (one a line)"), tr("Names of scenes, or parts of them.")),
            (QgsProcessingParameterString(self.SINCE, tr("Taken since"), optional=True), date),
            (QgsProcessingParameterString(self.UNTIL, tr("Taken until"), optional=True), date),
        ]

    def take(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> None:
        """Keep the request of the engine; see `GraftAlgorithm`."""

        def text(name: str) -> str:
            return str(self.parameterAsString(parameters, name, context)).strip()

        like, unlike = spots(text(self.LIKE), self.LIKE), spots(text(self.UNLIKE), self.UNLIKE)
        request: Dict[str, Any] = {
            "prompts": list(texts(text(self.PROMPTS))),
            "negatives": list(texts(text(self.NEGATIVE))),
            "like": like,
            "unlike": unlike,
            "photo": self.parameterAsFile(parameters, self.PHOTO, context),
            "right": list(texts(text(self.RIGHT))),
            "wrong": list(texts(text(self.WRONG))),
            "scenes": list(texts(text(self.SCENES))),
            "since": text(self.SINCE),
            "until": text(self.UNTIL),
        }
        if not any(request[name] for name in ("prompts", "like", "photo", "right")):
            raise UsageError(tr("nothing to look for"), remedy=tr("Name it in PROMPTS, one a line."))
        crs = self.parameterAsCrs(parameters, self.CRS, context) if like or unlike else QgsCoordinateReferenceSystem()
        extent = self.parameterAsExtent(parameters, self.EXTENT, context, crs)
        if not extent.isNull():
            crs = crs if crs.isValid() else self.parameterAsExtentCrs(parameters, self.EXTENT, context)
            request["extent"] = list(box(extent))
        if crs.isValid():
            request["crs"] = crs_name(crs)
        self._request = {name: value for name, value in request.items() if value}
        self._request.update(self.number(parameters, self.DISTANCE, "distance_m", context))
        self._request["index"] = self.parameterAsFile(parameters, self.INDEX, context)
        self._request["top"] = self.parameterAsInt(parameters, self.TOP, context)
        self._request["rerank"] = self.parameterAsEnumString(parameters, self.RERANK, context)

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Run it."""
        self.go_on()
        target = self.parameterAsOutputLayer(parameters, self.OUTPUT, context)
        result = call("retrieve", {**self._request, "out": target}, feedback)
        feedback.pushInfo(tr("{} of {} tiles").format(len(result["tiles"]), f"{result['searched_tiles']:,}"))
        uri = layer_uri(result["out"], result["layers"][0])
        load_as(context, target, uri, style_tiles)
        return {self.OUTPUT: uri, self.COUNT: len(result["tiles"])}
