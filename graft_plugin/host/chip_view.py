"""Found tiles as a strip of chips: to browse with the arrows, and to mark right (1) or wrong (0)."""

from __future__ import annotations

from math import ceil
from typing import Any, Dict, List, Optional, Tuple

from qgis.PyQt.QtCore import QModelIndex, QRect, QRectF, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QImage, QKeyEvent, QPainter, QPen, QPixmap
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QListView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from .i18n import tr
from .spot_tool import LIKE_COLOUR, UNLIKE_COLOUR

WIDEST_PX = 120
"""A chip is at most so wide, and as wide as the columns make it."""
GAP_PX = 4
ROWS_SHOWN = 3
TILE = Qt.ItemDataRole.UserRole
SIGNS = {True: ("✓", LIKE_COLOUR), False: ("✗", UNLIKE_COLOUR)}


class ChipView(QListWidget):
    """Shows tiles in the order of their ranks.

    Attributes:
        marks: Id of a tile → whether it is right; kept while other tiles are shown, until `forget`.
    """

    wanted = pyqtSignal(object)
    """(tile): the user has moved to it."""
    marked = pyqtSignal()
    """A mark was set or taken back."""
    rank_wanted = pyqtSignal()
    """Enter was pressed."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.marks: Dict[str, bool] = {}
        self.setObjectName("graft_chips")
        self.setAccessibleName(tr("Found tiles"))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # or its coming would change the columns
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_ChipPainter(self))
        self.currentItemChanged.connect(self._moved)
        self.itemClicked.connect(self._moved)

    def show_tiles(self, tiles: List[Dict[str, Any]], images: List[Optional[QImage]]) -> None:
        """Show other tiles; none of them is current yet.

        Args:
            tiles: As the engine's `FoundTile` tells them.
            images: One each; None where there is no picture.
        """
        self.blockSignals(True)
        self.clear()
        for tile, image in zip(tiles, images):
            item = QListWidgetItem()
            item.setData(TILE, tile)
            if image is not None:
                item.setData(Qt.ItemDataRole.DecorationRole, QPixmap.fromImage(image))
            score = tr("score {:.3f}").format(tile["score"])
            told = [f"{tile['rank']}. {tile['scene']}", tile["acquired"] or "", score]
            item.setToolTip("\n".join(line for line in told if line))
            self.addItem(item)
        self.blockSignals(False)
        self.scrollToTop()

    def mark(self, right: bool) -> None:
        """Mark the current tile, or take the same mark back; then move on."""
        item = self.currentItem() or self.item(0)
        if item is None:
            return
        key = item.data(TILE)["id"]
        if self.marks.get(key) == right:
            del self.marks[key]
        else:
            self.marks[key] = right
        self.viewport().update()
        self.marked.emit()
        self.setCurrentRow(min(self.row(item) + 1, self.count() - 1))

    def marked_as(self, right: bool) -> List[str]:
        """Return the ids of the tiles that are marked so."""
        return [key for key, value in self.marks.items() if value == right]

    def forget(self) -> None:
        """Take all marks back."""
        self.marks = {}
        self.viewport().update()
        self.marked.emit()

    def chip_px(self) -> int:
        """Return the side of a chip, so that whole columns fill the width."""
        width = max(self.viewport().width() - 1, 2 * GAP_PX)
        return int(width / ceil(width / WIDEST_PX)) - GAP_PX

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """1 and 0 mark, Enter ranks again; the rest is a list's own."""
        if event.key() in (Qt.Key.Key_1, Qt.Key.Key_0):
            self.mark(event.key() == Qt.Key.Key_1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.rank_wanted.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: Any) -> None:  # noqa: ANN401 - QResizeEvent
        """Fit the columns to the width."""
        side = self.chip_px() + GAP_PX
        self.setGridSize(QSize(side, side))
        self.setMinimumHeight(ROWS_SHOWN * side + GAP_PX)
        super().resizeEvent(event)

    def _moved(self, item: Optional[QListWidgetItem], _before: Optional[QListWidgetItem] = None) -> None:
        if item is not None:
            self.wanted.emit(item.data(TILE))


class _ChipPainter(QStyledItemDelegate):
    """Draws a chip: the picture, its rank, its mark, and a frame where the user is."""

    def __init__(self, view: ChipView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:
        """Return a chip's size."""
        return QSize(self._view.chip_px(), self._view.chip_px())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw it."""
        side, tile = self._view.chip_px(), index.data(TILE)
        place = QRect(option.rect.topLeft(), QSize(side, side))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if picture is None:
            painter.fillRect(place, option.palette.mid())
        else:
            painter.drawPixmap(place, picture)
        self._badge(painter, place, str(tile["rank"]), QColor(0, 0, 0, 150), left=True)
        mark = self._view.marks.get(tile["id"])
        if mark is not None:
            sign, colour = SIGNS[mark]
            self._frame(painter, place, QColor(colour), 3)
            self._badge(painter, place, sign, QColor(colour), left=False)
        if option.state & QStyle.StateFlag.State_Selected:
            self._frame(painter, place, option.palette.highlight().color(), 4 if mark is None else 2)
        painter.restore()

    @staticmethod
    def _frame(painter: QPainter, place: QRect, colour: QColor, width_px: int) -> None:
        pen = QPen(colour, width_px)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        half = width_px / 2
        painter.drawRect(QRectF(place).adjusted(half, half, -half, -half))

    @staticmethod
    def _badge(painter: QPainter, place: QRect, text: str, colour: QColor, left: bool) -> None:
        """Write a few letters on a small ground, in an upper corner."""
        metrics = painter.fontMetrics()
        size: Tuple[int, int] = (max(metrics.boundingRect(text).width() + 8, metrics.height()), metrics.height())
        ground = QRect(place.left(), place.top(), *size)
        if not left:
            ground.moveRight(place.right())
        painter.fillRect(ground, colour)
        painter.setPen(QColor("white"))
        painter.drawText(ground, int(Qt.AlignmentFlag.AlignCenter), text)
