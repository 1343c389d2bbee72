"""The part of the index page that builds: a raster layer, what it would take, and the build itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Optional

from qgis.core import QgsMapLayerProxyModel
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ..errors import GraftError
from .calls import LatestCalls
from .i18n import tr
from .index_order import IndexOrder, cost_words, index_source, index_work
from .messages import sentence
from .model_picker import ModelPicker
from .sensor_fields import SensorFields


class IndexBuild(QWidget):
    """Asks for an index of one layer; it can be built once it is known what that takes.

    Args:
        calls: Asks the engine.
        parent: The widget it belongs to.
    """

    wanted = pyqtSignal(object)
    """(IndexOrder): build it."""
    weighed = pyqtSignal(object)
    """(layer): an estimate is asked for; time to have a folder."""

    def __init__(self, calls: LatestCalls, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._calls = calls
        self._order: Optional[IndexOrder] = None
        self.folder = ""
        self.layer = QgsMapLayerComboBox()
        self.layer.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        self.layer.setMinimumContentsLength(12)
        self.layer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.sensor = SensorFields()
        self.model = ModelPicker(remember=False)
        self.estimate = QPushButton(tr("Estimate"))
        self.estimate.setObjectName("graft_index_estimate")
        self.estimate.setToolTip(
            tr("Time some tiles, and tell how long the whole layer takes and what it needs on disk")
        )
        self.build = QPushButton(tr("Build"))
        self.build.setObjectName("graft_index_build")
        self.build.setToolTip(tr("Estimate first. A build that was cancelled goes on where it was."))
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.hide()
        self._lay_out()
        self.estimate.clicked.connect(self._weigh)
        self.build.clicked.connect(self._build)
        self.layer.layerChanged.connect(self._layer_changed)
        for part in (self.sensor, self.model):
            part.changed.connect(self.void)
        self._layer_changed(self.layer.currentLayer())

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        for words, field in ((tr("Layer"), self.layer), ("", self.sensor), (tr("Model"), self.model)):
            form.addRow(words, field)
        buttons = QHBoxLayout()
        buttons.addWidget(self.estimate, 1)
        buttons.addWidget(self.build, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(form)
        box.addWidget(self.told)
        box.addLayout(buttons)

    def set_folder(self, folder: str) -> None:
        """Build there."""
        self.folder = folder
        self.void()

    def void(self) -> None:
        """What was estimated is of other fields now."""
        self._order = None
        self._calls.drop("index_estimate")
        self.say("")
        self._follow()

    def say(self, text: str) -> None:
        """Tell the user something; nothing: hide the line."""
        self.told.setText(text)
        self.told.setVisible(bool(text))

    def order(self) -> IndexOrder:
        """Return what the fields say.

        Raises:
            GraftError: The layer cannot be indexed.
        """
        layers = (index_source(self.layer.currentLayer()),)
        return IndexOrder(layers=layers, out=self.folder, model=self.model.model(), **self.sensor.values())

    def _layer_changed(self, layer: Any) -> None:  # noqa: ANN401 - Optional[QgsRasterLayer]
        self.sensor.set_layer(layer)
        self.void()

    def _follow(self) -> None:
        self.estimate.setEnabled(self.layer.currentLayer() is not None and self.model.ready)
        self.build.setEnabled(self._order is not None)

    def _weigh(self) -> None:
        layer = self.layer.currentLayer()
        self.weighed.emit(layer)
        try:
            order = self.order()
        except GraftError as error:
            self.say(sentence(error))
            return
        self.say(tr("Timing some tiles …"))
        self.estimate.setEnabled(False)
        work = index_work(order, estimate=True)
        self._calls.ask("index_estimate", work, lambda result, error: self._take(order, result, error))

    def _take(self, order: IndexOrder, result: Optional[Dict[str, Any]], error: Optional[BaseException]) -> None:
        self._order = order if result is not None else None
        self.say(cost_words(result) if result is not None else sentence(error or RuntimeError()))
        self._follow()

    def _build(self) -> None:
        if self._order is not None:
            order, self._order = self._order, None
            self._follow()
            self.wanted.emit(order)


def suggested_folder(source: str, name: str) -> str:
    """Return where an index of a layer could be: beside its file."""
    beside = Path(source.split("|")[0]).parent
    stem = "".join(letter if letter.isalnum() else "_" for letter in name).strip("_") or "raster"
    return str(beside / f"{stem}_index")
