"""What the algorithms share that search a raster for prompts or for examples."""

from __future__ import annotations

from typing import Any, Dict, List

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
    QgsRasterLayer,
)

from ...errors import UsageError
from ..i18n import tr
from ..source import texts
from .base import RasterAlgorithm
from .fields import Field, advanced, lines_field, model_field, reading_fields, spots


class QueryAlgorithm(RasterAlgorithm):
    """Searches a raster for prompts; a subclass says what is written."""

    PROMPTS = "PROMPTS"
    NEGATIVE = "NEGATIVE"
    LIKE = "LIKE"
    UNLIKE = "UNLIKE"
    PHOTO = "PHOTO"
    OUTPUT = "OUTPUT"

    def initAlgorithm(self, configuration: Any = None) -> None:  # noqa: ANN401
        """Declare the parameters."""
        looked_for = tr("Words for what to find, one a line. Several prompts compete: a place belongs to the best.")
        unwanted = tr("What looks like the prompts and is not, one a line.")
        helped = [
            self.raster(),
            lines_field(self.PROMPTS, tr("Look for (one a line)"), looked_for),
            lines_field(self.NEGATIVE, tr("But not (one a line)"), unwanted),
            model_field(self.MODEL),
            self.sensor(),
            self.where(),
        ]
        self.declare(helped)
        self.declare(advanced([*self._by_example(), *reading_fields()]))

    def _by_example(self) -> List[Field]:
        """Return the parameters of examples to look for, with their help."""
        points = tr("Map points x,y;x,y in the layer's CRS.")
        return [
            (
                QgsProcessingParameterString(self.LIKE, tr("Look for what is like these spots"), optional=True),
                tr("{} Instead of prompts.").format(points),
            ),
            (QgsProcessingParameterString(self.UNLIKE, tr("But unlike these spots"), optional=True), points),
            (
                QgsProcessingParameterFile(self.PHOTO, tr("Look for what a ground photo shows"), optional=True),
                tr("A photo taken on the ground, JPEG or PNG; found is where the scene looks like its surroundings."),
            ),
        ]

    def order(self, layer: QgsRasterLayer, parameters: Dict[str, Any], context: QgsProcessingContext) -> None:
        """Keep the request of the engine; see `GraftAlgorithm`."""
        prompts = texts(self.parameterAsString(parameters, self.PROMPTS, context))
        examples = self._examples(parameters, context)
        if not (prompts or examples):
            raise UsageError(tr("nothing to look for"), remedy=tr("Name it in PROMPTS, one a line."))
        negatives = texts(self.parameterAsString(parameters, self.NEGATIVE, context))
        own = {"prompts": list(prompts), "negatives": list(negatives), **examples}
        self.request(layer, parameters, context, own)

    def _examples(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Dict[str, Any]:
        """Return the examples to look for as fields of the request, those that were given."""
        fields = ((self.LIKE, "like"), (self.UNLIKE, "unlike"))
        found: Dict[str, Any] = {
            field: points
            for name, field in fields
            if (points := spots(self.parameterAsString(parameters, name, context), name))
        }
        photo = self.parameterAsFile(parameters, self.PHOTO, context)
        return {**found, "photo": photo} if photo else found

    def query(self, outputs: Dict[str, Any], feedback: QgsProcessingFeedback) -> Dict[str, Any]:
        """Have the engine search; see `ask`."""
        return self.ask("query", outputs, feedback)
