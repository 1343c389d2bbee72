"""The page of the panel that fine-tunes a model on local imagery."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from qgis.core import QgsMapLayerProxyModel
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ..errors import GraftError
from .area import LAYER
from .area_picker import AreaPicker
from .calls import LatestCalls
from .finetune_data import POLYGONS, TeachingPicker
from .finetune_marks import Marks
from .finetune_order import FinetuneOrder, checked, finetune_work, free_id
from .finetune_pairs import PairsView
from .finetune_progress import FinetuneProgress
from .finetune_session import FinetuneSession
from .guide import help_on_f1
from .i18n import tr
from .messages import sentence
from .model_gsd import model_gsd_m
from .model_picker import ModelPicker
from .sensor_fields import SensorFields
from .setup import ensure_engine
from .source import layer_source
from .work import engine_work

HELP = "fine-tune"
TILE_PX = 224
MOST_MINUTES = 24 * 60


class FinetunePage(QWidget):
    """The fields of a run, its pairs on the map and as thumbnails, and the run itself.

    Args:
        iface: QGIS.
        session: The run.
        parent: The widget it belongs to.
    """

    left = pyqtSignal()
    """The user wants to go back to searching."""

    def __init__(self, iface: Any, session: FinetuneSession, parent: Optional[QWidget] = None) -> None:  # noqa: ANN401
        super().__init__(parent)
        self._iface = iface
        self._session = session
        self._calls = LatestCalls()
        self._taken: List[str] = []
        self._named = False
        self.marks = Marks(iface.mapCanvas())
        self._make_fields()
        self._make_buttons()
        self._lay_out()
        self._connect()
        help_on_f1(self, HELP)
        self._follow()

    def _make_fields(self) -> None:
        self.layer = QgsMapLayerComboBox()
        self.layer.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        self.layer.setMinimumContentsLength(12)
        self.layer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.sensor = SensorFields()
        self.data = TeachingPicker()
        self.area = AreaPicker(self._iface.mapCanvas())
        self.area.choose(LAYER)
        self.parent_model = ModelPicker(remember=False)
        self.minutes = QSpinBox()
        self.parent_model.combo.setMinimumContentsLength(12)
        self.minutes.setRange(1, MOST_MINUTES)
        self.minutes.setValue(5)
        self.minutes.setSuffix(tr(" minutes"))
        self.name = QLineEdit()
        self.name.setObjectName("graft_finetune_name")
        self.pairs = PairsView(self._calls)
        self.pairs.hide()
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.hide()
        self.progress = FinetuneProgress(self._session)

    def _make_buttons(self) -> None:
        self.back = QPushButton(tr("‹ Back to searching"))
        self.back.setFlat(True)
        self.back.setObjectName("graft_finetune_back")
        self.look = QPushButton(tr("Show the data"))
        self.look.setObjectName("graft_finetune_look")
        self.look.setToolTip(tr("On the map: green teaches, orange is held out to judge, grey lies between the two"))
        self.run = QPushButton(tr("Fine-tune"))
        self.run.setObjectName("graft_finetune_run")

    def _lay_out(self) -> None:
        intro = QLabel(tr("Let a model learn from photos or polygons of this area. A part of it is held out to judge."))
        intro.setWordWrap(True)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        for words, field in (
            (tr("Imagery"), self.layer),
            ("", self.sensor),
            (tr("Area"), self.area),
            (tr("Learn from"), self.data),
            (tr("Start from"), self.parent_model),
            (tr("Length"), self.minutes),
            (tr("Name"), self.name),
        ):
            form.addRow(words, field)
        buttons = QHBoxLayout()
        buttons.addWidget(self.look, 1)
        buttons.addWidget(self.run, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 8)
        box.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        box.addWidget(intro)
        box.addLayout(form)
        box.addLayout(buttons)
        for part in (self.told, self.pairs, self.progress):
            box.addWidget(part)
        box.addStretch(1)

    def _connect(self) -> None:
        self.back.clicked.connect(self.left)
        self.look.clicked.connect(lambda: self._with_order(self._plan))
        self.run.clicked.connect(lambda: self._with_order(self._begin))
        self.layer.layerChanged.connect(self._layer_changed)
        self.data.changed.connect(self._data_changed)
        self.parent_model.changed.connect(self._suggest)
        self.name.textEdited.connect(lambda _text: setattr(self, "_named", True))
        self.pairs.wanted.connect(self._go_to)
        self._session.changed.connect(self._follow)
        self._session.moved.connect(self._heard)
        self._layer_changed(self.layer.currentLayer())

    def order(self) -> FinetuneOrder:
        """Return what the fields say.

        Raises:
            GraftError: Something is missing, or cannot be used.
        """
        layer = self.layer.currentLayer()
        values = self.sensor.values()
        return FinetuneOrder(
            source=layer_source(layer),
            extent=self.area.area().extent_in(layer),
            parent=self.parent_model.model(),
            model_id=self.name.text(),
            minutes=float(self.minutes.value()),
            sensor=values.get("sensor", "auto"),
            bands=tuple(values.get("bands", ())),
            stretch=tuple(values.get("stretch", ())),
            gsd_m=values.get("gsd_m"),
            **self.data.values(),
        )

    def refresh_models(self) -> None:
        """Ask the engine which models there are."""
        self._calls.ask("models", engine_work("models", {}), self._take_models)

    def showEvent(self, event: Any) -> None:  # noqa: ANN401 - QShowEvent
        """Ask for the models, and for which names are taken."""
        super().showEvent(event)
        self.refresh_models()

    def hideEvent(self, event: Any) -> None:  # noqa: ANN401 - QHideEvent
        """Leave the map as it was."""
        super().hideEvent(event)
        self.marks.clear()

    def close_down(self) -> None:
        """Let go of the map and the thread."""
        self.pairs.stop()
        self.area.close_tool()
        self.marks.close()
        self._calls.close()

    def _with_order(self, use: Any) -> None:  # noqa: ANN401 - FinetuneOrder → None
        try:
            order = self.order()
        except GraftError as error:
            self._say(sentence(error))
            return
        ensure_engine(self._iface, lambda: use(order))

    def _begin(self, order: FinetuneOrder) -> None:
        try:
            order = checked(order, self._taken)
        except GraftError as error:
            self._say(sentence(error))
            return
        self._say("")
        self.progress.set_minutes(order.minutes)
        self._session.begin(order)

    def _plan(self, order: FinetuneOrder) -> None:
        self._say(tr("Looking at the data …"))
        self.look.setEnabled(False)
        work = finetune_work(order, lambda _event: None, lambda: "", plan=True)
        self._calls.ask("plan", work, lambda plan, error: self._take_plan(order, plan, error))

    def _take_plan(self, order: FinetuneOrder, plan: Optional[Dict[str, Any]], error: Optional[BaseException]) -> None:
        self.look.setEnabled(True)
        layer = self.layer.currentLayer()
        if plan is None or layer is None:
            self._say(sentence(error) if error is not None else "")
            return
        self._say(plan_words(plan))
        self.marks.show(plan["pairs"], plan["held_out"], layer.crs())
        self.pairs.setVisible(bool(plan["pairs"]))
        if plan["pairs"]:
            gsd_m = order.gsd_m or model_gsd_m(order.parent, order.sensor)
            self.pairs.show_pairs(plan["pairs"], layer, TILE_PX * gsd_m)

    def _take_models(self, result: Optional[Dict[str, Any]], _error: Optional[BaseException]) -> None:
        if result is not None:
            self.parent_model.set_models(result["models"])
            self._taken = [model["id"] for model in result["models"]]
            self._suggest()

    def _layer_changed(self, layer: Any) -> None:  # noqa: ANN401 - Optional[QgsRasterLayer]
        self.sensor.set_layer(layer)
        self._data_changed()
        self._suggest()

    def _data_changed(self) -> None:
        """What was shown is of other data now."""
        self.marks.clear()
        self.pairs.stop()
        self.pairs.hide()
        self._say(
            tr("What lies outside the polygons counts as background: correct them all over the area.")
            if self.data.kind == POLYGONS
            else ""
        )
        self._follow()

    def _suggest(self) -> None:
        layer = self.layer.currentLayer()
        if layer is not None and not self._named:
            self.name.setText(free_id(self.parent_model.model(), layer.name(), self._taken))

    def _follow(self) -> None:
        usable = self.layer.currentLayer() is not None and not self._session.running
        self.run.setEnabled(usable)
        self.look.setEnabled(usable)

    def _heard(self, event: Dict[str, Any]) -> None:
        if event["event"] == "start" and self.layer.currentLayer() is not None and self.isVisible():
            self.marks.show_blocks(event["held_out"], self.layer.currentLayer().crs())
        if event["event"] == "done":
            self._named = False
            QTimer.singleShot(0, self.refresh_models)

    def _go_to(self, pair: Any) -> None:  # noqa: ANN401 - [file, lon, lat, part]
        canvas = self._iface.mapCanvas()
        canvas.setCenter(self.marks.place_of(pair))
        canvas.refresh()

    def _say(self, text: str) -> None:
        self.told.setText(text)
        self.told.setVisible(bool(text))


def plan_words(plan: Dict[str, Any]) -> str:
    """Return what would teach and what would judge."""
    if not plan["pairs"]:
        return tr("{} polygons of {}; the orange blocks are held out to judge").format(
            plan.get("polygons", 0), ", ".join(plan.get("prompts", ()))
        )
    counts = {part: sum(pair[3] == part for pair in plan["pairs"]) for part in ("train", "held", "buffer")}
    words = tr("{train} photos teach, {held} judge, {buffer} lie between the two").format(**counts)
    dropped = sum(plan.get("dropped", {}).values())
    return words if not dropped else words + tr("; {} have no place here or cannot be read").format(dropped)
