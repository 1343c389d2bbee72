"""What QGIS opens when an algorithm is done: the right layer of a file, in its style."""

from __future__ import annotations

from typing import Any, Callable, ClassVar, List, Optional

from qgis.core import QgsProcessingContext, QgsProcessingLayerPostProcessorInterface


class Styled(QgsProcessingLayerPostProcessorInterface):
    """Gives a loaded layer its style.

    Args:
        style: `style(layer)`.
    """

    _waiting: ClassVar[List[Styled]] = []
    """QGIS keeps no reference to what it will call."""

    def __init__(self, style: Callable[[Any], None]) -> None:
        super().__init__()
        self._style = style
        Styled._waiting.append(self)

    def postProcessLayer(self, layer: Any, context: QgsProcessingContext, feedback: Any) -> None:  # noqa: ANN401
        """Do it; in the main thread."""
        self._style(layer)
        layer.triggerRepaint()
        Styled._waiting.remove(self)


def load_as(
    context: QgsProcessingContext, target: str, uri: str, style: Optional[Callable[[Any], None]] = None
) -> None:
    """Have QGIS load a layer of the file that was named, if it is to load that at all, and style it."""
    wanted = context.layersToLoadOnCompletion()
    if target not in wanted:
        return
    if uri != target:
        wanted[uri] = wanted.pop(target)
        context.setLayersToLoadOnCompletion(wanted)
    if style is not None:
        context.layerToLoadOnCompletionDetails(uri).setPostProcessor(Styled(style))
