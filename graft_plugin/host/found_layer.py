"""The tiles that were found in an index as a layer: one a search, whose marks give it other tiles."""

from __future__ import annotations

from qgis.core import QgsDataProvider, QgsProject, QgsVectorLayer

from ..errors import OutputError
from .i18n import tr
from .styles import style_tiles


def show_found(project: QgsProject, uri: str, name: str, layer_id: str = "") -> QgsVectorLayer:
    """Show found tiles: in the layer of this id, if it is there still and nobody edits it, else in a new one on top.

    Raises:
        OutputError: QGIS cannot open the file.
    """
    layer = project.mapLayer(layer_id)
    if isinstance(layer, QgsVectorLayer) and not layer.isEditable():
        layer.setDataSource(uri, layer.name(), "ogr", QgsDataProvider.ProviderOptions())
        layer.triggerRepaint()
        return layer
    layer = QgsVectorLayer(uri, name, "ogr")
    if not layer.isValid():
        raise OutputError(tr("QGIS cannot open this result"), path=uri.split("|")[0])
    style_tiles(layer)
    project.addMapLayer(layer, False)
    node = project.layerTreeRoot().insertLayer(0, layer)
    node.setExpanded(False)
    return layer
