"""The dialog that asks where a result is exported to."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.core import QgsVectorLayer
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ..errors import GraftError, UsageError
from .export import Export, check_name, check_path, layers_of
from .export_layer import LayerData, layer_data
from .geopackage import free_layer_name
from .i18n import tr
from .icons import graft_icon
from .messages import sentence
from .problem_line import ProblemLine
from .settings import EXPORT_FILE

WIDTH_PX = 480


class ExportDialog(QDialog):
    """Asks for an `Export`; `order` holds it once the dialog was accepted.

    Args:
        layer: The result.
        parent: The window it belongs to.
    """

    def __init__(self, layer: QgsVectorLayer, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.order: Optional[Export] = None
        self._data: LayerData = layer_data(layer)
        self._wanted = self._data.title.split(" · ")[0].replace("|", " ").replace('"', "'").strip() or "graft"
        self.setWindowTitle(tr("Export with style to GeoPackage"))
        self.setWindowIcon(graft_icon())
        self._make_fields()
        self._lay_out()
        self.file.setFilePath(EXPORT_FILE.get())
        self._look()

    def _make_fields(self) -> None:
        self.file = QgsFileWidget()
        self.file.setStorageMode(QgsFileWidget.StorageMode.SaveFile)
        self.file.setFilter("GeoPackage (*.gpkg)")
        self.file.setDialogTitle(tr("Export to"))
        self.file.setConfirmOverwrite(False)  # a file that exists gets one more layer
        self.file.lineEdit().setPlaceholderText(tr("A GeoPackage, new or existing"))
        self.file.fileChanged.connect(self._look)
        self.new = QRadioButton(tr("New layer"))
        self.new.setChecked(True)
        self.name = QLineEdit()
        self.old = QRadioButton(tr("Append to"))
        self.layers = QComboBox()
        self.layers.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.new.toggled.connect(self._show_choice)
        self.add = QCheckBox(tr("Add the exported layer to the map"))
        self.add.setChecked(True)
        self.problem = ProblemLine()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.run = self.buttons.addButton(tr("Export"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.run.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _lay_out(self) -> None:
        count = self._data.count
        words = tr("{} · 1 polygon") if count == 1 else tr("{} · {:,} polygons")
        about = QLabel(tr("Kept in the file: the style, all fields, and a description of how the polygons were made."))
        about.setWordWrap(True)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.addRow(tr("Result"), QLabel(words.format(self._data.title, count)))
        form.addRow(tr("File"), self.file)
        form.addRow(self.new, self.name)
        form.addRow(self.old, self.layers)
        form.addRow("", self.add)
        box = QVBoxLayout(self)
        box.addLayout(form)
        box.addWidget(about)
        box.addWidget(self.problem)
        box.addStretch(1)
        box.addWidget(self.buttons)
        self.setMinimumWidth(WIDTH_PX)

    def accept(self) -> None:
        """Take the order, or say what is wrong with it and stay open."""
        try:
            order = self._take()
        except GraftError as error:
            self._tell(sentence(error))
            return
        EXPORT_FILE.set(order.path)
        self.order = order
        super().accept()

    def _take(self) -> Export:
        path = check_path(_with_suffix(self.file.filePath().strip()))
        if self.old.isChecked():
            return Export(self._data, str(path), self.layers.currentText(), append=True)
        name = self.name.text().strip()
        check_name(name)
        free = free_layer_name(str(path), name)
        if free != name:
            raise UsageError(
                tr("the file has a layer “{}” already, and it is not overwritten").format(name),
                remedy=tr("Name this one otherwise; “{}” is free.").format(free),
            )
        return Export(self._data, str(path), name)

    def _look(self) -> None:
        """Propose what suits the file that is named."""
        path = _with_suffix(self.file.filePath().strip())
        fitting = []
        self._tell("")
        try:
            if path and Path(path).is_file():
                check_path(path)
                fitting = [name for name, fits in layers_of(path, self._data) if fits]
        except GraftError as error:
            self._tell(sentence(error))
        self.name.setText(free_layer_name(path, self._wanted))
        self.layers.clear()
        self.layers.addItems(fitting)
        self.layers.setToolTip("" if fitting else tr("The file has no layer with these fields, geometry and CRS."))
        self.old.setEnabled(bool(fitting))
        if not fitting:
            self.new.setChecked(True)
        self._show_choice()

    def _show_choice(self) -> None:
        self.name.setEnabled(self.new.isChecked())
        self.layers.setEnabled(self.old.isChecked())

    def _tell(self, problem: str) -> None:
        self.problem.tell(problem)
        self.adjustSize()


def _with_suffix(path: str) -> str:
    return path if not path or Path(path).suffix else path + ".gpkg"
