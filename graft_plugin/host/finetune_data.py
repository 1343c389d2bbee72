"""What teaches: a folder of photos, a layer of photo points, or corrected polygons."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import QgsMapLayerProxyModel
from qgis.gui import QgsFileWidget, QgsMapLayerComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QStackedWidget, QVBoxLayout, QWidget

from ..errors import UsageError
from .finetune_order import teaching_points, teaching_polygons
from .i18n import tr

FOLDER, POINTS, POLYGONS = "folder", "points", "polygons"


class TeachingPicker(QWidget):
    """A kind of data, and the field that names it."""

    changed = pyqtSignal()
    """Something else was chosen."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.kinds = QComboBox()
        for kind, words in (
            (FOLDER, tr("Photos in a folder")),
            (POINTS, tr("Photos of a point layer")),
            (POLYGONS, tr("Corrected polygons")),
        ):
            self.kinds.addItem(words, kind)
        self.kinds.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.kinds.setMinimumContentsLength(12)
        self.folder = QgsFileWidget()
        self.folder.lineEdit().setMinimumWidth(60)
        self.folder.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.folder.setDialogTitle(tr("A folder of photos that know where they were taken"))
        self.folder.fileChanged.connect(lambda _path: self.changed.emit())
        self.points, self.polygons = QgsMapLayerComboBox(), QgsMapLayerComboBox()
        self.points.setFilters(QgsMapLayerProxyModel.Filter.PointLayer)
        self.polygons.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.fields = QStackedWidget()
        for field in (self.folder, self.points, self.polygons):
            self.fields.addWidget(field)
        for layers in (self.points, self.polygons):
            layers.setMinimumContentsLength(8)
            layers.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            layers.layerChanged.connect(lambda _layer: self.changed.emit())
        self.kinds.currentIndexChanged.connect(self._chosen)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.kinds)
        box.addWidget(self.fields)

    @property
    def kind(self) -> str:
        """`FOLDER`, `POINTS` or `POLYGONS`."""
        return str(self.kinds.currentData())

    def choose(self, kind: str) -> None:
        """Choose a kind, as the user would."""
        self.kinds.setCurrentIndex(self.kinds.findData(kind))

    def values(self) -> Dict[str, Any]:
        """Return the fields of an order.

        Raises:
            UsageError: Nothing is chosen, or the layer lacks a field.
        """
        if self.kind == FOLDER:
            folder = self.folder.filePath().strip()
            if not folder:
                raise UsageError(tr("no folder of photos is chosen"), remedy=tr("Choose one."))
            return {"folder": folder}
        layer = (self.points if self.kind == POINTS else self.polygons).currentLayer()
        if layer is None:
            raise UsageError(tr("the project has no such layer"), remedy=tr("Add one, or choose other data."))
        return teaching_points(layer) if self.kind == POINTS else teaching_polygons(layer)

    def _chosen(self) -> None:
        self.fields.setCurrentIndex(self.kinds.currentIndex())
        self.changed.emit()
