"""More like this: spots clicked on the map, or a photo taken on the ground, instead of words."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List, Optional, Tuple

from qgis.core import QgsPointXY
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QDragEnterEvent, QDropEvent
from qgis.PyQt.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from .i18n import tr
from .spot_tool import SpotTool

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png")


class LikePanel(QWidget):
    """Collects examples.

    Args:
        iface: QGIS.
        parent: The widget it belongs to.
    """

    wanted = pyqtSignal()
    """The user wants to find what the examples look like."""

    def __init__(self, iface: Any, parent: Optional[QWidget] = None) -> None:  # noqa: ANN401 - QgisInterface
        super().__init__(parent)
        self._canvas = iface.mapCanvas()
        self._photo = ""
        self.tool = SpotTool(self._canvas)
        self.tool.changed.connect(self._show)
        self.pick = QPushButton(tr("Click on the map"))
        self.pick.setCheckable(True)
        self.pick.setToolTip(tr("Click what to look for; with Shift, what it is not; right-click takes one back"))
        self.pick.toggled.connect(self._pick)
        self.tool.deactivated.connect(lambda: self.pick.setChecked(False))
        self.choose = QPushButton(tr("Ground photo…"))
        self.choose.setToolTip(tr("Find where the scene looks like the place where this photo was taken"))
        self.choose.clicked.connect(self._choose)
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.clear = QToolButton()
        self.clear.setText(tr("Clear"))
        self.clear.setToolTip(tr("Forget the spots and the photo"))
        self.clear.clicked.connect(self.reset)
        self.find = QPushButton(tr("Find"))
        self.find.setToolTip(tr("Search the area for what looks like it, with the layer and the model above"))
        self.find.clicked.connect(self.wanted)
        self.setAcceptDrops(True)
        self._lay_out()
        self._show()

    def _lay_out(self) -> None:
        sources, ends = QHBoxLayout(), QHBoxLayout()
        for row in (sources, ends):
            row.setContentsMargins(0, 0, 0, 0)
        sources.addWidget(self.pick, 1)
        sources.addWidget(self.choose, 1)
        ends.addWidget(self.told, 1)
        ends.addWidget(self.clear)
        ends.addWidget(self.find)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(sources)
        box.addLayout(ends)

    @property
    def photo(self) -> str:
        """The photo's path; empty where there is none."""
        return self._photo

    def spots(self) -> Tuple[List[QgsPointXY], List[QgsPointXY]]:
        """Return the spots that are like it and unlike it, in the map's CRS."""
        return self.tool.like, self.tool.unlike

    def reset(self) -> None:
        """Forget all examples."""
        self._photo = ""
        self.tool.clear()
        self._show()

    def close_tool(self) -> None:
        """Give the map back, with nothing of ours left on it."""
        self.tool.clear()
        self._canvas.unsetMapTool(self.tool)

    def take_photo(self, path: str) -> None:
        """Look for the surroundings of a photo."""
        self._photo = path
        self.tool.clear()
        self._show()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Let a photo be dropped."""
        if self._dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take a photo."""
        path = self._dropped(event)
        if path:
            event.acceptProposedAction()
            self.take_photo(path)

    def _dropped(self, event: Any) -> str:  # noqa: ANN401 - a drop event
        paths = [url.toLocalFile() for url in event.mimeData().urls()]
        photos = [path for path in paths if path.lower().endswith(PHOTO_SUFFIXES)]
        return photos[0] if photos else ""

    def _pick(self, on: bool) -> None:
        if on:
            self._photo = ""
            self._canvas.setMapTool(self.tool)
        else:
            self._canvas.unsetMapTool(self.tool)
        self._show()

    def _choose(self) -> None:
        path, _filter = QFileDialog.getOpenFileName(
            self, tr("Open a ground photo"), "", tr("Photos (*.jpg *.jpeg *.png *.JPG *.JPEG *.PNG)")
        )
        if path:
            self.take_photo(path)

    def _show(self) -> None:
        like, unlike = self.spots()
        if self._photo:
            self.told.setText(Path(self._photo).name)
        elif like or unlike:
            self.told.setText(tr("{} like, {} unlike").format(len(like), len(unlike)))
        elif self.pick.isChecked():
            self.told.setText(tr("Click; Shift-click for unlike"))
        else:
            self.told.setText(tr("Or drop a photo taken on the ground here"))
        self.find.setEnabled(bool(self._photo or like))
        self.clear.setEnabled(bool(self._photo or like or unlike))
