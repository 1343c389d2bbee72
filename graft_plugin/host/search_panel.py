"""What to look for, where, and with which model: the upper half of the dock."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import QgsMapLayerProxyModel, QgsRasterLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QFormLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ..errors import EngineError, GraftError, UsageError
from .area_picker import AreaPicker
from .calls import LatestCalls
from .estimate import estimate_words, estimate_work
from .i18n import tr
from .messages import sentence
from .model_picker import ModelPicker
from .order import Order
from .prompt_field import PromptField
from .sensor_fields import SensorFields
from .setup import open_setup
from .source import layer_source
from .work import engine_work

SETTLED_MS = 400
"""How long the fields and the map must rest before the engine is asked for an estimate."""


class SearchPanel(QWidget):
    """The fields of an order, an estimate of what it takes, and Run.

    Args:
        iface: QGIS.
        calls: Asks the engine for estimates and models.
        parent: The widget it belongs to.
    """

    wanted = pyqtSignal(object)
    """(Order): run this."""

    def __init__(self, iface: Any, calls: LatestCalls, parent: Optional[QWidget] = None) -> None:  # noqa: ANN401
        super().__init__(parent)
        self._iface = iface
        self._calls = calls
        self._quiet_until_shown = True
        self._lacks = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLED_MS)
        self._timer.timeout.connect(self._estimate)
        self._make_fields()
        self._lay_out()
        self._layer_changed(self.layer.currentLayer())

    def _make_fields(self) -> None:
        self.layer = QgsMapLayerComboBox()
        self.layer.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        self.layer.setMinimumContentsLength(12)
        self.layer.setToolTip(tr("The raster to search"))
        self.layer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.layer.layerChanged.connect(self._layer_changed)
        self.sensor = SensorFields()
        self.prompts = PromptField(tr("lake, forest, road …"))
        self.prompts.setObjectName("graft_prompts")
        self.prompts.line.setAccessibleName(tr("Look for"))
        self.negatives = PromptField(tr("optional, such as: river"), coloured=False)
        self.negatives.line.setAccessibleName(tr("But not"))
        self.area = AreaPicker(self._iface.mapCanvas())
        self.model = ModelPicker()
        self.estimate = QLabel()
        self.estimate.setWordWrap(True)
        self.estimate.setTextFormat(Qt.TextFormat.PlainText)
        self.setup = QPushButton(tr("Set up the engine…"))
        self.setup.clicked.connect(lambda: open_setup(self._iface, self.refresh_models))
        self.setup.hide()
        self.run = QPushButton(tr("Run"))
        self.run.setObjectName("graft_run")
        self.run.setToolTip(tr("Search the area; Enter in the empty line above does the same"))
        self.run.clicked.connect(self._run)
        self.prompts.submitted.connect(self.run.click)
        for field in (self.sensor, self.prompts, self.negatives, self.area, self.model):
            field.changed.connect(self._touched)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        for words, field, first in (
            (tr("Layer"), self.layer, self.layer),
            ("", self.sensor, self.sensor.edit),
            (tr("Look for"), self.prompts, self.prompts.line),
            (tr("But not"), self.negatives, self.negatives.line),
            (tr("Area"), self.area, self.area.kinds),
            (tr("Model"), self.model, self.model.combo),
        ):
            form.addRow(_label(words, first), field)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(form)
        box.addWidget(self.estimate)
        box.addWidget(self.setup)
        box.addWidget(self.run)

    def order(self, **more: Any) -> Order:  # noqa: ANN401 - fields of an Order
        """Return what the fields say.

        Args:
            more: Fields of the order that come from elsewhere, such as `like`.

        Raises:
            GraftError: The layer or the area cannot be used.
        """
        layer, area = self.layer.currentLayer(), self.area.area()
        if layer is None:
            raise UsageError(tr("Add a raster layer to search."))
        fields: Dict[str, Any] = {
            "raster": layer.source(),
            "layer_name": layer.name(),
            "source": layer_source(layer),
            "area": area,
            "prompts": self.prompts.prompts(),
            "negatives": self.negatives.prompts(),
            "extent": area.extent_in(layer),
            "model": self.model.model(),
            **self.sensor.values(),
        }
        return Order(**{**fields, **more})

    def close_down(self) -> None:
        """Let go of the map."""
        self._timer.stop()
        self.area.close_tool()

    def showEvent(self, event: Any) -> None:  # noqa: ANN401 - QShowEvent
        """Ask for the models when the panel is first seen."""
        super().showEvent(event)
        if self._quiet_until_shown:
            self._quiet_until_shown = False
            self.refresh_models()
            self._touched()

    def refresh_models(self) -> None:
        """Ask the engine which models there are."""
        self._calls.ask("models", engine_work("models", {}), self._take_models)

    def _take_models(self, result: Optional[Dict[str, Any]], error: Optional[BaseException]) -> None:
        if result is not None:
            self.model.set_models(result["models"])
            self._calls.ask("warm", engine_work("warm", {}), _ignore)  # or the first estimate would wait for torch
            self._touched()
        self._tell(error)

    def _layer_changed(self, layer: Optional[QgsRasterLayer]) -> None:
        self.sensor.set_layer(layer)
        self._touched()

    def _touched(self) -> None:
        """Something changed: an estimate is due when it rests."""
        layer = self.layer.currentLayer()
        ready = layer is not None and bool(self.prompts.prompts()) and self.model.ready
        self.run.setEnabled(ready)
        self._lead_on()
        if layer is not None and not self._quiet_until_shown:
            self._timer.start()

    def _lead_on(self) -> None:
        """Say what the user has to do next, where something lacks; an engine that lacks comes before all else."""
        before = self._lacks
        if self.layer.currentLayer() is None:
            self._lacks = tr("Add a raster layer to search.")
        else:
            self._lacks = "" if self.prompts.prompts() else tr("Type what to look for, such as lake.")
        if self.setup.isHidden() and self._lacks != before:
            self.estimate.setText(self._lacks or tr("Estimating …"))

    def _estimate(self) -> None:
        if not self.isVisible() or self.layer.currentLayer() is None:
            return
        try:
            work = estimate_work(self.order())
        except GraftError as error:
            problem = sentence(error)
            self.estimate.setText("" if problem == self.area.note.text() else problem)  # said once is enough
            self.run.setEnabled(False)
            return
        self._calls.ask("estimate", work, self._take_estimate)

    def _take_estimate(self, result: Optional[Dict[str, Any]], error: Optional[BaseException]) -> None:
        self._tell(error)
        if result is None:
            return
        self.estimate.setText(self._lacks or estimate_words(result))
        if "sensor" in result:
            self.sensor.say(result)

    def _tell(self, error: Optional[BaseException]) -> None:
        """Say what the engine could not do, and offer to set it up where there is none."""
        if error is not None:
            self.estimate.setText(sentence(error))
        self.setup.setVisible(isinstance(error, EngineError))

    def _run(self) -> None:
        self.prompts.take_line()
        self.negatives.take_line()
        try:
            order = self.order()
        except GraftError as error:
            self.estimate.setText(sentence(error))
            return
        self.wanted.emit(order)


def _ignore(_result: Optional[Dict[str, Any]], _error: Optional[BaseException]) -> None:
    """Leave it to the next question to tell what is wrong."""


def _label(words: str, field: QWidget) -> QLabel:
    """Return a row's label in line with the field's first widget, however high the row grows."""
    label = QLabel(words)
    label.setBuddy(field)
    label.setFixedHeight(field.sizeHint().height())
    return label
