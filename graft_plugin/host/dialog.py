"""The small dialog behind a raster's right-click: what to look for, where, from which score on, and into which file."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsRasterLayer
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ..errors import GraftError
from .area import visible_map, whole_layer
from .elided import ElidedLabel
from .i18n import tr
from .icons import graft_icon
from .messages import sentence
from .model_box import ModelBox
from .order import Order
from .problem_line import ProblemLine
from .settings import MODEL
from .source import layer_source, texts

PROMPT_LINES = 3
NEGATIVE_LINES = 2
WIDTH_PX = 460


class QueryDialog(QDialog):
    """Asks for an `Order`; `order` holds it once the dialog was accepted.

    Args:
        layer: The raster to search.
        canvas: The map, whose visible part can be the area.
        segment: Ask for polygons; else for a heatmap.
        parent: The window it belongs to.
    """

    def __init__(self, layer: QgsRasterLayer, canvas: Any, segment: bool, parent: Optional[QWidget] = None) -> None:  # noqa: ANN401
        super().__init__(parent)
        self.order: Optional[Order] = None
        self._layer = layer
        self._canvas = canvas
        self._segment = segment
        self.setWindowTitle(tr("Segment by prompt") if segment else tr("Similarity heatmap"))
        self.setWindowIcon(graft_icon())
        self._make_fields()
        self._lay_out()
        self._tell_ready()
        self.prompts.setFocus()

    def _make_fields(self) -> None:
        self.prompts = _text_field("prompts", PROMPT_LINES, tr("such as: lake"))
        self.prompts.textChanged.connect(self._tell_ready)
        self.negatives = _text_field("negatives", NEGATIVE_LINES, tr("optional, such as: river"))
        self.visible = QRadioButton(tr("Visible map"))
        self.whole = QRadioButton(tr("Whole layer"))
        self.visible.setChecked(True)
        self.automatic = QCheckBox(tr("Automatic"))
        self.automatic.setToolTip(tr("Found for each prompt from the heatmap; it can be moved afterwards in the panel"))
        self.automatic.setChecked(True)
        self.threshold = QDoubleSpinBox()
        self.threshold.setRange(0.0, 1.0)
        self.threshold.setSingleStep(0.05)
        self.threshold.setValue(0.5)
        self.threshold.setEnabled(False)
        self.threshold.setAccessibleName(tr("Threshold"))
        self.threshold.setToolTip(tr("The threshold: a place with this score or more is taken"))
        self.automatic.toggled.connect(self.threshold.setDisabled)
        self.model = ModelBox(MODEL.get())
        self.model.setToolTip(tr("A model of the list, or a checkpoint's path. “mini” is a small demonstration."))
        self.output = QgsFileWidget()
        self.output.setStorageMode(QgsFileWidget.StorageMode.SaveFile)
        self.output.setFilter("GeoPackage (*.gpkg)" if self._segment else "GeoTIFF (*.tif)")
        self.output.setDialogTitle(tr("Save polygons as") if self._segment else tr("Save heatmap as"))
        self.output.lineEdit().setPlaceholderText(tr("Temporary file"))
        # the widget's own question would be about replacing; a GeoPackage gets a new layer instead
        self.output.setConfirmOverwrite(not self._segment)
        self.problem = ProblemLine()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.run = self.buttons.addButton(tr("Run"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.run.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.addRow(tr("Layer"), ElidedLabel(self._layer.name()))
        form.addRow(tr("Look for\n(one a line)"), self.prompts)
        form.addRow(tr("But not\n(one a line)"), self.negatives)
        form.addRow(tr("Area"), _row(self.visible, self.whole))
        if self._segment:
            form.addRow(tr("Threshold"), _row(self.automatic, self.threshold))
        form.addRow(tr("Model"), self.model)
        form.addRow(tr("Save to"), self.output)
        box = QVBoxLayout(self)
        box.addLayout(form)
        box.addWidget(self.problem)
        box.addStretch(1)
        box.addWidget(self.buttons)
        self.setMinimumWidth(WIDTH_PX)

    def _tell_ready(self) -> None:
        self.run.setEnabled(bool(texts(self.prompts.toPlainText())))

    def accept(self) -> None:
        """Take the order, or say what is wrong with it and stay open."""
        try:
            self.order = self._take()
        except GraftError as error:
            self.problem.tell(sentence(error))
            self.adjustSize()
            return
        MODEL.set(self.order.model)
        super().accept()

    def _take(self) -> Order:
        source = layer_source(self._layer)
        area = visible_map(self._canvas) if self.visible.isChecked() else whole_layer()
        by_hand = self._segment and not self.automatic.isChecked()
        return Order(
            raster=self._layer.source(),
            layer_name=self._layer.name(),
            prompts=texts(self.prompts.toPlainText()),
            negatives=texts(self.negatives.toPlainText()),
            extent=area.extent_in(self._layer),
            source=source,
            area=area,
            threshold=self.threshold.value() if by_hand else None,
            model=self.model.model(),
            output=self.output.filePath().strip(),
            segment=self._segment,
        )


def _text_field(name: str, lines: int, placeholder: str) -> QPlainTextEdit:
    field = QPlainTextEdit()
    field.setObjectName(name)
    field.setPlaceholderText(placeholder)
    field.setTabChangesFocus(True)
    field.setFixedHeight(field.fontMetrics().lineSpacing() * lines + 14)
    return field


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    box = QHBoxLayout(row)
    box.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        box.addWidget(widget)
    box.addStretch(1)
    return row
