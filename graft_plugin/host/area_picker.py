"""The widget that asks where to look."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsDistanceArea, QgsGeometry, QgsMapLayerProxyModel, QgsProject, QgsVectorLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ..errors import GraftError, UsageError
from .area import (
    LAYER,
    POLYGONS,
    RECTANGLE,
    VISIBLE,
    Area,
    drawn_rectangle,
    selected_polygons,
    visible_map,
    whole_layer,
)
from .i18n import tr
from .messages import sentence
from .rectangle_tool import RectangleTool


class AreaPicker(QWidget):
    """Chooses the area of a run; `area()` tells it.

    Args:
        canvas: The map.
        parent: The widget it belongs to.
    """

    changed = pyqtSignal()
    """Another area is chosen, or the chosen one has changed: the map was moved, a selection or a rectangle made."""

    def __init__(self, canvas: Any, parent: Optional[QWidget] = None) -> None:  # noqa: ANN401 - QgsMapCanvas
        super().__init__(parent)
        self._canvas = canvas
        self._rectangle: Optional[Area] = None
        self._watched: Optional[QgsVectorLayer] = None
        self._before: Any = None
        self.tool = RectangleTool(canvas)
        self.tool.drawn.connect(self._take_rectangle)
        self.tool.ended.connect(self._tool_ended)
        self._make()
        canvas.extentsChanged.connect(self._map_moved)
        canvas.rotationChanged.connect(self._map_moved)
        canvas.destinationCrsChanged.connect(self._drop_rectangle)
        self._show_kind()

    def area(self) -> Area:
        """Return the area that is chosen.

        Raises:
            UsageError: There is none yet: no polygon is selected, no rectangle drawn.
        """
        kind = self.kinds.currentData()
        if kind == VISIBLE:
            return visible_map(self._canvas)
        if kind == POLYGONS:
            return selected_polygons(self.layers.currentLayer())
        if kind == RECTANGLE:
            if self._rectangle is None:
                raise UsageError(tr("no rectangle is drawn"), remedy=tr("Press Draw, then drag over the map."))
            return self._rectangle
        return whole_layer()

    def choose(self, kind: str) -> None:
        """Choose a kind of area, as the user would."""
        self.kinds.setCurrentIndex(self.kinds.findData(kind))

    def close_tool(self) -> None:
        """Take the tool and what it drew off the map; for the plugin's unloading."""
        self.tool.remove()

    def _make(self) -> None:
        self.kinds = QComboBox()
        for kind, words in (
            (VISIBLE, tr("Visible map")),
            (LAYER, tr("Whole layer")),
            (POLYGONS, tr("Selected polygons")),
            (RECTANGLE, tr("Drawn rectangle")),
        ):
            self.kinds.addItem(words, kind)
        self.kinds.currentIndexChanged.connect(self._kind_chosen)
        self.kinds.setToolTip(tr("Where to look"))
        self.setFocusProxy(self.kinds)
        self.draw = QPushButton(tr("Draw"))
        self.draw.setCheckable(True)
        self.draw.setToolTip(tr("Drag a rectangle over the map; Esc gives up."))
        self.draw.clicked.connect(self._draw)
        self.layers = QgsMapLayerComboBox()
        self.layers.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.layers.layerChanged.connect(self._layer_chosen)
        self.layers.setToolTip(tr("The layer whose selected polygons are the area"))
        self.layers.setMinimumContentsLength(8)
        self.layers.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.note = QLabel()
        self.note.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.kinds, 1)
        row.addWidget(self.draw)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        for part in (self.layers, self.note):
            part.setSizePolicy(QSizePolicy.Policy.Ignored, part.sizePolicy().verticalPolicy())
        box.addLayout(row)
        box.addWidget(self.layers)
        box.addWidget(self.note)

    def _kind_chosen(self) -> None:
        self._show_kind()
        self.changed.emit()
        if self.kinds.currentData() == RECTANGLE and self._rectangle is None and self.isVisible():
            self.draw.click()

    def _show_kind(self) -> None:
        kind = self.kinds.currentData()
        self.draw.setVisible(kind == RECTANGLE)
        self.layers.setVisible(kind == POLYGONS)
        self.tool.set_shown(kind == RECTANGLE)
        if kind != RECTANGLE and self.draw.isChecked():
            self._canvas.unsetMapTool(self.tool)
        self._watch(self.layers.currentLayer() if kind == POLYGONS else None)
        self._tell()

    def _tell(self) -> None:
        """Say in a line what is chosen, or what is missing."""
        text = ""
        kind = self.kinds.currentData()
        if kind in (POLYGONS, RECTANGLE):
            try:
                area = self.area()
                text = _size(area) if area.selection is None else _count(len(area.selection.ids))
            except GraftError as error:
                text = sentence(error)
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def _layer_chosen(self) -> None:
        self._show_kind()
        if self.kinds.currentData() == POLYGONS:
            self.changed.emit()

    def _watch(self, layer: Optional[QgsVectorLayer]) -> None:
        """Follow the selection of one layer."""
        try:
            if self._watched is not None:
                self._watched.selectionChanged.disconnect(self._selection_changed)
        except (RuntimeError, TypeError):  # the layer is gone
            pass
        self._watched = layer
        if layer is not None:
            layer.selectionChanged.connect(self._selection_changed)

    def _selection_changed(self) -> None:
        self._tell()
        self.changed.emit()

    def _map_moved(self) -> None:
        if self.kinds.currentData() == VISIBLE:
            self.changed.emit()

    def _draw(self, wanted: bool) -> None:
        if wanted:
            self._before = self._canvas.mapTool()
            self._canvas.setMapTool(self.tool)
            self._canvas.setFocus()  # so that Esc is heard
        else:
            self._canvas.unsetMapTool(self.tool)

    def _take_rectangle(self, shape: QgsGeometry) -> None:
        self._rectangle = drawn_rectangle(shape, self._canvas.mapSettings().destinationCrs())
        self._tell()
        self.changed.emit()

    def _tool_ended(self) -> None:
        self.draw.setChecked(False)
        QTimer.singleShot(0, self._give_tool_back)  # the map is about to have no tool, or the one the user has chosen

    def _give_tool_back(self) -> None:
        before, self._before = self._before, None
        try:
            if before is not None and before is not self.tool and self._canvas.mapTool() is None:
                self._canvas.setMapTool(before)
        except RuntimeError:  # the tool is gone, or the map
            pass

    def _drop_rectangle(self) -> None:
        """Forget a rectangle when the map gets another CRS, where it would be no rectangle."""
        had = self._rectangle is not None
        self._rectangle = None
        self.tool.clear()
        self._tell()
        if had:
            self.changed.emit()


def _size(area: Area) -> str:
    """Return the sides of a rectangle, for people."""
    assert area.shape is not None
    corners = area.shape.asPolygon()[0]
    measure = QgsDistanceArea()
    measure.setSourceCrs(area.crs, QgsProject.instance().transformContext())
    measure.setEllipsoid("EPSG:7030")
    sides = [measure.measureLine(corners[k], corners[k + 1]) for k in (0, 1)]
    return tr("about {} × {}").format(*(f"{m / 1000:.1f} km" if m >= 1000 else f"{m:.0f} m" for m in sides))


def _count(number: int) -> str:
    return tr("1 polygon is selected") if number == 1 else tr("{} polygons are selected").format(number)
