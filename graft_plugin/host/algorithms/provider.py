"""The Processing provider `graft`."""

from __future__ import annotations

from typing import List

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from ..icons import graft_icon
from .ask import AskAlgorithm
from .assess import AssessAlgorithm, AssessSampleAlgorithm
from .classify import ClassifyAlgorithm
from .compare import CompareAlgorithm
from .finetune import FinetuneAlgorithm
from .heatmap import HeatmapAlgorithm
from .index import IndexAlgorithm
from .retrieve import RetrieveAlgorithm
from .segment import SegmentAlgorithm

_ALGORITHMS = (
    HeatmapAlgorithm,
    SegmentAlgorithm,
    AskAlgorithm,
    ClassifyAlgorithm,
    CompareAlgorithm,
    IndexAlgorithm,
    RetrieveAlgorithm,
    AssessSampleAlgorithm,
    AssessAlgorithm,
    FinetuneAlgorithm,
)


class GraftProvider(QgsProcessingProvider):
    """Offers what the engine can do."""

    def id(self) -> str:
        """Return the id that algorithm names start with."""
        return "graft"

    def name(self) -> str:
        """Return the name in the toolbox."""
        return "GRAFT"

    def icon(self) -> QIcon:
        """Return the icon in the toolbox."""
        return graft_icon()

    def loadAlgorithms(self) -> None:
        """Register the algorithms."""
        for algorithm in _ALGORITHMS:
            self.addAlgorithm(algorithm())

    def supportedOutputRasterLayerExtensions(self) -> List[str]:
        """Return what a heatmap can be written as."""
        return ["tif", "tiff"]

    def supportedOutputVectorLayerExtensions(self) -> List[str]:
        """Return what polygons can be written as."""
        return ["gpkg"]

    def defaultRasterFileExtension(self) -> str:
        """Return the suffix of a temporary heatmap."""
        return "tif"

    def defaultVectorFileExtension(self, hasGeometry: bool = True) -> str:
        """Return the suffix of temporary polygons."""
        return "gpkg"

    def supportsNonFileBasedOutput(self) -> bool:
        """Return False: the engine writes files."""
        return False
