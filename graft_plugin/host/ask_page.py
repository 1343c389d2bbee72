"""The page of the panel that answers questions in plain language."""

from __future__ import annotations

from textwrap import shorten
from typing import Any, Dict, List, Optional

from qgis.core import Qgis, QgsMapLayer, QgsMapLayerProxyModel, QgsProcessingUtils, QgsProject
from qgis.gui import QgsCollapsibleGroupBox, QgsMapLayerComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ..errors import GraftError
from .area import POLYGONS
from .ask_answer import Answer, answer_of
from .ask_answer_view import AnswerView
from .ask_history import AskHistory
from .ask_layers import attach, forget_files, layer_makers, show_only
from .ask_order import AskOrder, Earlier, ask_work, is_of_dates
from .ask_plan import PlanBox
from .ask_question import Examples, QuestionField
from .commands import ask_as_graft, ask_as_python, ask_as_qgis_process
from .copy_button import CopyButton
from .guide import help_on_f1
from .i18n import tr
from .layers import add_group
from .messages import sentence, show
from .plan_writer import chosen_writer
from .run_strip import RunStrip
from .runs import Runs
from .search_panel import SearchPanel
from .setup import ensure_engine
from .source import layer_source

HELP = "ask"
TITLE_CHARS = 60


class AskPage(QWidget):
    """A question, its answer, the plan behind it, and what was asked before.

    Args:
        iface: QGIS.
        runs: Starts the runs.
        search: Where layer, area, model and sensor are chosen.
        parent: The widget it belongs to.
    """

    place_wanted = pyqtSignal()
    """The user wants to choose another layer, area or model."""

    def __init__(self, iface: Any, runs: Runs, search: SearchPanel, parent: Optional[QWidget] = None) -> None:  # noqa: ANN401
        super().__init__(parent)
        self._iface, self._runs, self._search = iface, runs, search
        self._task: Any = None
        self._make_fields()
        self._lay_out()
        self._connect()
        help_on_f1(self, HELP)
        self._new_project()

    def _make_fields(self) -> None:
        self.place = QLabel()
        self.place.setWordWrap(True)
        self.place.setToolTip(tr("Layer, area and model are those of the Search tab"))
        self.question = QuestionField()
        self.examples = Examples()
        self.earlier = QgsMapLayerComboBox()
        self.earlier.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        self.earlier.setAllowEmptyLayer(True)
        self.earlier.setLayer(None)
        self.earlier.setMinimumContentsLength(10)
        self.earlier.setToolTip(tr("A raster of the same place, taken earlier"))
        self.run = QPushButton(tr("Ask"))
        self.run.setObjectName("graft_ask_run")
        self.copy = CopyButton(self._iface, self.order, (ask_as_graft, ask_as_qgis_process, ask_as_python))
        self.strip = RunStrip()
        self.answer = AnswerView()
        self.plan = PlanBox()
        self.history = AskHistory()

    def _lay_out(self) -> None:
        self.dates = QWidget()
        row = QHBoxLayout(self.dates)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(QLabel(tr("Before")))
        row.addWidget(self.earlier, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.run, 1)
        buttons.addWidget(self.copy)
        box = QVBoxLayout(self)
        box.setContentsMargins(6, 8, 6, 8)
        box.addWidget(self.place)
        box.addWidget(self.question)
        box.addWidget(self.dates)
        box.addLayout(buttons)
        for part in (self.strip, self.answer, self.examples):
            box.addWidget(part)
        self.plan_group = _group(tr("Plan"), self.plan)
        self.history_group = _group(tr("Asked before"), self.history)
        box.addWidget(self.plan_group)
        box.addWidget(self.history_group)
        box.addStretch(1)

    def _connect(self) -> None:
        self.place.linkActivated.connect(lambda _href: self.place_wanted.emit())
        self.question.textChanged.connect(self._touched)
        self.question.submitted.connect(self.run.click)
        self.examples.chosen.connect(self._take_example)
        self.plan.edited.connect(self._touched)
        self.plan.wanted.connect(lambda: self._ask(self.plan.plan()))
        self.run.clicked.connect(lambda: self._ask(""))
        self.history.wanted.connect(self.show_again)
        self.history.cleared.connect(lambda: forget_files(QgsProject.instance()))
        self.history.cleared.connect(self._touched)
        self._search.layer.layerChanged.connect(self._touched)
        self._search.area.changed.connect(self._touched)
        self._search.model.changed.connect(self._touched)
        self._runs.started.connect(self._started)
        self._runs.ended.connect(self._ended)
        QgsProject.instance().readProject.connect(self._new_project)
        QgsProject.instance().cleared.connect(self._new_project)

    def close_down(self) -> None:
        """Let go of QGIS's signals."""
        QgsProject.instance().readProject.disconnect(self._new_project)
        QgsProject.instance().cleared.disconnect(self._new_project)
        self._runs.started.disconnect(self._started)
        self._runs.ended.disconnect(self._ended)

    def order(self, plan: Optional[str] = None) -> AskOrder:
        """Return what the fields say.

        Args:
            plan: To be run as it is; None: the one of the box, if the user has changed it.

        Raises:
            GraftError: The layer or the area cannot be used.
        """
        place = self._search.order(prompts=(), negatives=())
        if plan is None:
            plan = self.plan.plan() if self.plan.changed else ""
        layer = self.earlier.currentLayer() if not self.dates.isHidden() else None
        before = None
        if layer is not None:
            before = Earlier(layer.source(), layer_source(layer), place.area.extent_in(layer))
        return AskOrder(place, self.question.question(), plan, before)

    def show_again(self, answer: Answer) -> None:
        """Show an answer of before, and its layers where they are."""
        self.question.setPlainText(answer.question)
        self._show(answer)
        group = show_only(answer, QgsProject.instance())
        if group is not None:
            self._iface.layerTreeView().setCurrentLayer(group.findLayers()[0].layer())

    def _ask(self, plan: str) -> None:
        try:
            order = self.order(plan)
            writer = None if order.plan else chosen_writer()
        except GraftError as error:
            self._fail(error)
            return
        ensure_engine(self._iface, lambda: self._start(order, writer))

    def _start(self, order: AskOrder, writer: Any) -> None:  # noqa: ANN401 - Optional[PlanWriter]
        project = QgsProject.instance()
        path = str(QgsProcessingUtils.generateTempFilename("answer.gpkg"))

        def done(result: Dict[str, Any]) -> None:
            answer = answer_of(result, order.place.layer_name)
            result["warnings"] = ()  # they stand with the answer
            self.history.add(answer)
            self._show(answer)
            show(self._iface, answer.text, Qgis.MessageLevel.Success)
            if any(step.layer for step in answer.steps):
                makers = layer_makers(answer, attach(project, path))
                self._runs.open_in_turn(makers, [], lambda layers: opened(answer, layers))

        def opened(answer: Answer, layers: List[QgsMapLayer]) -> None:
            add_group(project, layers, shorten(answer.title, TITLE_CHARS, placeholder=" …"))
            show_only(answer, project)
            forget_files(project)

        def failed(error: BaseException) -> None:
            if not order.plan:
                self.plan.show_plan("", "")  # the one that stands there is another question's
            self._fail(error)

        title = tr("Question about {}").format(order.place.layer_name)
        self._task = self._runs.launch(title, ask_work(order, writer, path), done, failed)
        self.answer.hide()
        self.strip.follow(self._task)

    def _show(self, answer: Answer) -> None:
        self.answer.show_answer(answer)
        self.plan.show_plan(answer.plan, answer.planner)
        self._touched()

    def _fail(self, error: BaseException) -> None:
        self.answer.show_problem(sentence(error))
        self._touched()

    def _take_example(self, question: str) -> None:
        self.question.setPlainText(question)
        self.question.setFocus()
        self.question.moveCursor(self.question.textCursor().MoveOperation.End)

    def _touched(self) -> None:
        """Show what belongs to what the fields say now."""
        layer, question = self._search.layer.currentLayer(), self.question.question()
        self.place.setText(self._place_words(layer))
        self.examples.setVisible(not question)
        self.plan_group.setVisible(bool(self.plan.writer.text() or self.plan.plan()))
        self.history_group.setVisible(self.history.list.count() > 0)
        self.earlier.setExceptedLayerList([layer] if layer is not None else [])
        self.dates.setVisible(is_of_dates(question, self.plan.plan()))
        free = layer is not None and self._search.model.ready and not self._runs.busy
        self.run.setEnabled(free and bool(question))
        self.plan.again.setEnabled(free and bool(self.plan.plan()))
        self.copy.setEnabled(layer is not None and bool(question or self.plan.plan()))

    def _place_words(self, layer: Any) -> str:  # noqa: ANN401 - Optional[QgsRasterLayer]
        if layer is None:
            return tr("Add a raster layer to ask about.")
        kinds = self._search.area.kinds
        around = tr("Rectangle around the selected polygons")
        area = around if kinds.currentData() == POLYGONS else kinds.currentText()
        names = (layer.name(), area, self._search.model.model())
        words = " · ".join(name.replace("&", "&amp;").replace("<", "&lt;") for name in names)
        return f'{words} <a href="place">{tr("Change it")}</a>'

    def _started(self, _task: Any) -> None:  # noqa: ANN401 - EngineTask
        self._touched()

    def _ended(self, task: Any) -> None:  # noqa: ANN401 - EngineTask
        if task is self._task:
            self._task = None
        self.strip.leave(task)
        self._touched()

    def _new_project(self) -> None:
        if self._task is not None:  # its answer and its file would go into another project
            self._task.cancel()
        self.history.refresh()
        self.answer.hide()
        self.plan.show_plan("", "")
        self._touched()


def _group(title: str, inside: QWidget) -> QgsCollapsibleGroupBox:
    group = QgsCollapsibleGroupBox(title)
    group.setSaveCollapsedState(False)
    inner = QVBoxLayout(group)
    inner.addWidget(inside)
    return group
