"""`graft:heatmap`: where a raster looks like what the prompts name."""

from __future__ import annotations

from typing import Any, Dict

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingParameterRasterDestination

from ..i18n import tr
from .query import QueryAlgorithm


class HeatmapAlgorithm(QueryAlgorithm):
    """Writes a float32 GeoTIFF with a band for each prompt, scores in 0..1."""

    def name(self) -> str:
        """Return the id below the provider's."""
        return "heatmap"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Similarity heatmap")

    def shortHelpString(self) -> str:
        """Return what it does."""
        return tr(
            "Scores every place of a raster by how much it looks like the prompts. The result is a float32 GeoTIFF "
            "with a band for each prompt, 0 (not at all) to 1 (surely), in the raster's own projection or its UTM zone."
        )

    def initAlgorithm(self, configuration: Any = None) -> None:  # noqa: ANN401
        """Declare the parameters."""
        super().initAlgorithm(configuration)
        output = QgsProcessingParameterRasterDestination(self.OUTPUT, tr("Heatmap"))
        output.setHelp(tr("The GeoTIFF to write; an existing file is replaced."))
        self.addParameter(output)

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Run it."""
        target = self.parameterAsOutputLayer(parameters, self.OUTPUT, context)
        return {self.OUTPUT: self.query({"heatmap": target}, feedback)["heatmap"]}
