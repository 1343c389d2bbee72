"""Pairs as thumbnails: a ground photo beside the imagery around the place where it was taken."""

from __future__ import annotations

import os
from typing import Any, List, Optional, Sequence

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QIcon, QImage, QImageReader, QPainter, QPen, QPixmap
from qgis.PyQt.QtWidgets import QListView, QListWidget, QListWidgetItem, QWidget

from ..errors import Cancelled
from .calls import LatestCalls
from .finetune_marks import COLOURS
from .i18n import tr, tr_later

SIDE_PX = 60
GAP_PX = 2
SHOWN = 24
"""Pairs that are shown: enough to see whether photos and places fit."""
PARTS = {"train": tr_later("teaches"), "held": tr_later("judges"), "buffer": tr_later("not used: between the two")}


class PairsView(QListWidget):
    """Shows some of the pairs; a click tells which one is wanted on the map."""

    wanted = pyqtSignal(object)
    """(pair): show it on the map."""

    def __init__(self, calls: LatestCalls, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._calls = calls
        self._layer: Optional[QgsRasterLayer] = None
        self._side_m = 1.0
        self._waiting: List[int] = []
        self._job: Any = None
        self._round = 0
        self.pairs: List[Sequence[Any]] = []
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setIconSize(QSize(2 * SIDE_PX + GAP_PX, SIDE_PX))
        self.setGridSize(QSize(2 * SIDE_PX + GAP_PX + 8, SIDE_PX + 8))
        self.setFixedHeight(2 * (SIDE_PX + 8) + 6)
        self.itemClicked.connect(lambda item: self.wanted.emit(self.pairs[self.row(item)]))

    def show_pairs(self, pairs: Sequence[Sequence[Any]], layer: QgsRasterLayer, side_m: float) -> None:
        """Show pairs [file, lon, lat, part].

        Args:
            pairs: All of them; some of each part are shown.
            layer: The imagery.
            side_m: Side of the imagery around a photo, metres.
        """
        self.stop()
        self.clear()
        self.pairs = chosen(pairs)
        self._layer, self._side_m = layer, side_m
        for pair in self.pairs:
            item = QListWidgetItem()
            item.setToolTip(f"{os.path.basename(pair[0])}\n{tr(PARTS[pair[3]])}")
            self.addItem(item)
        files = [str(pair[0]) for pair in self.pairs]
        self._calls.ask("thumbnails", lambda _report, void: {"images": _thumbnails(files, void)}, self._take)

    def stop(self) -> None:
        """Draw no more."""
        self._round += 1
        self._waiting = []
        self._calls.drop("thumbnails")
        if self._job is not None:
            self._job.cancelWithoutBlocking()
            self._job = None

    def _take(self, result: Any, _error: Optional[BaseException]) -> None:  # noqa: ANN401
        if result is None or self._layer is None:
            return
        self._photos: List[QImage] = result["images"]
        for row in range(self.count()):
            self.item(row).setIcon(QIcon(self._picture(row, None)))
        self._waiting = list(range(self.count()))
        self._next()

    def _next(self) -> None:
        """Draw the imagery of the next pair in the background."""
        if not self._waiting or self._layer is None:
            return
        row, at = self._waiting.pop(0), self._round
        settings = QgsMapSettings()
        settings.setLayers([self._layer])
        settings.setDestinationCrs(self._layer.crs())
        settings.setOutputSize(QSize(SIDE_PX, SIDE_PX))
        settings.setExtent(around(self.pairs[row], self._layer.crs(), self._side_m))
        settings.setTransformContext(QgsProject.instance().transformContext())
        job = self._job = QgsMapRendererParallelJob(settings)

        def drawn() -> None:
            if at == self._round and self._job is job:
                self.item(row).setIcon(QIcon(self._picture(row, job.renderedImage())))
                self._next()

        job.finished.connect(drawn)
        job.start()

    def _picture(self, row: int, imagery: Optional[QImage]) -> QPixmap:
        """Return the photo beside the imagery, with a ring where it was taken in its part's colour."""
        picture = QPixmap(2 * SIDE_PX + GAP_PX, SIDE_PX)
        picture.fill(QColor(0, 0, 0, 0))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawImage(QPointF(0, 0), self._photos[row])
        right = QRectF(SIDE_PX + GAP_PX, 0, SIDE_PX, SIDE_PX)
        if imagery is not None:
            painter.drawImage(right, imagery)
        pen = QPen(QColor(COLOURS[self.pairs[row][3]]), 2)
        painter.setPen(pen)
        painter.drawEllipse(right.center(), 6.0, 6.0)
        painter.end()
        return picture


def chosen(pairs: Sequence[Sequence[Any]]) -> List[Sequence[Any]]:
    """Return the pairs to show: of those that teach and those that judge, evenly spread over the list."""
    used = [pair for pair in pairs if pair[3] != "buffer"]
    step = max(1.0, len(used) / SHOWN)
    return [used[int(k * step)] for k in range(min(SHOWN, len(used)))]


def around(pair: Sequence[Any], crs: QgsCoordinateReferenceSystem, side_m: float) -> QgsRectangle:
    """Return the square around a pair's place, in a CRS whose units may be degrees."""
    to_layer = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4326"), crs, QgsProject.instance())
    place = to_layer.transform(QgsPointXY(pair[1], pair[2]))
    half = side_m / 2 if not crs.isGeographic() else side_m / 2 / 111_320.0
    return QgsRectangle(place.x() - half, place.y() - half, place.x() + half, place.y() + half)


def _thumbnails(files: Sequence[str], void: Any) -> List[QImage]:  # noqa: ANN401 - a flag to ask
    """Return the middle squares of pictures, turned upright; in any thread."""
    found = []
    for file in files:
        if void():
            raise Cancelled()
        reader = QImageReader(file)
        reader.setAutoTransform(True)
        size = reader.size()
        if size.isValid():  # a large JPEG is decoded small
            reader.setScaledSize(size.scaled(SIDE_PX, SIDE_PX, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
        image = reader.read()
        if image.isNull():
            image = QImage(SIDE_PX, SIDE_PX, QImage.Format.Format_RGB32)
            image.fill(QColor("#cccccc"))
        left, top = (image.width() - SIDE_PX) // 2, (image.height() - SIDE_PX) // 2
        found.append(image.copy(max(0, left), max(0, top), SIDE_PX, SIDE_PX))
    return found
