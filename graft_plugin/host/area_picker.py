"""Placeholder until the real one comes."""
from typing import Any, Optional
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox
class AreaPicker(QComboBox):
    changed = pyqtSignal()
    def __init__(self, iface):
        super().__init__()
        self._iface = iface
        self.addItems(["Visible map", "Whole layer"])
        self.currentIndexChanged.connect(lambda i: self.changed.emit())
    def area(self):
        s = self._iface.mapCanvas().mapSettings()
        return (s.visibleExtent(), s.destinationCrs()) if self.currentIndex() == 0 else None
