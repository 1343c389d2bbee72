"""The panel: ask, follow, and work with what was found."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from qgis.core import QgsCoordinateTransform, QgsCsException, QgsPointXY, QgsProject
from qgis.gui import QgsCollapsibleGroupBox, QgsDockWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QMenu,
    QMessageBox,
    QScrollArea,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..errors import GraftError
from .ask_page import AskPage
from .assess_page import AssessPage
from .calls import LatestCalls
from .commands import as_graft, as_python, as_qgis_process
from .copy_button import CopyButton
from .finetune_page import FinetunePage
from .finetune_session import ExitGuard, FinetuneSession
from .flow_layout import FlowLayout
from .guide import help_on_f1, open_help
from .i18n import tr
from .index_page import IndexPage
from .like_panel import LikePanel
from .messages import show, show_error
from .options import PAGE
from .order import Order, Points
from .report import report_problem
from .run_results import RunLayers
from .run_strip import RunStrip
from .runs import Runs
from .search_panel import SearchPanel
from .settings import MODEL
from .setup import ensure_engine
from .threshold_panel import ThresholdPanel
from .tools_menu import fill_tools
from .work import engine_work

WIDTH_PX = 320
HELP = "first-query"


class GraftDock(QgsDockWidget):
    """The dock; it holds no state of its own beyond what its fields show.

    Args:
        iface: QGIS.
        runs: Starts the runs.
    """

    def __init__(self, iface: Any, runs: Runs) -> None:  # noqa: ANN401 - QgisInterface
        super().__init__(tr("GRAFT"), iface.mainWindow())
        self.setObjectName("GraftDock")
        self._iface = iface
        self._runs = runs
        self.calls = LatestCalls()
        self.search = SearchPanel(iface, self.calls)
        self.strip = RunStrip()
        self.threshold = ThresholdPanel(self.calls, runs.areas)
        self.like = LikePanel(iface)
        self.session = FinetuneSession()
        self._guard = ExitGuard(iface, self.session)
        self.finetune: Optional[FinetunePage] = None
        self.index: Optional[IndexPage] = None
        self.assess: Optional[AssessPage] = None
        self.ask = AskPage(iface, runs, self.search)
        self.teach, self.more = QToolButton(), QToolButton()
        self.indexed, self.check, self.tools = QToolButton(), QToolButton(), QToolButton()
        fill_tools(self.tools, iface, self._known)
        self.copy = CopyButton(iface, self.search.order, (as_graft, as_qgis_process, as_python))
        self._make_more()
        self.teach.setText(tr("Fine-tune…"))
        self.teach.setObjectName("graft_finetune")
        self.teach.setToolTip(tr("Let a model learn from photos or corrected polygons of your area"))
        self.teach.clicked.connect(self.show_finetune)
        self.indexed.setText(tr("Index…"))
        self.indexed.setObjectName("graft_index")
        self.indexed.setToolTip(tr("Search imagery that was encoded once: a county in a second, as chips to browse"))
        self.indexed.clicked.connect(self.show_index)
        self.check.setText(tr("Check…"))
        self.check.setObjectName("graft_assess")
        self.check.setToolTip(tr("Judge random points of a result: accuracies and areas with margins"))
        self.check.clicked.connect(self.show_assess)
        self._lay_out()
        self._connect()

    def _make_more(self) -> None:
        self.more.setText(tr("Help"))
        self.more.setToolTip(tr("The user guide (F1), the options, and a report of a problem"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        menu.addAction(tr("User guide")).triggered.connect(lambda: open_help(HELP))
        menu.addAction(tr("Options…")).triggered.connect(
            lambda: self._iface.showOptionsDialog(self._iface.mainWindow(), PAGE)
        )
        menu.addAction(tr("Report a problem")).triggered.connect(lambda: report_problem(self._iface))
        self.more.setMenu(menu)
        help_on_f1(self, HELP)

    def _lay_out(self) -> None:
        inside = QWidget()
        box = QVBoxLayout(inside)
        box.setContentsMargins(6, 8, 6, 8)
        box.addWidget(self.search)
        box.addWidget(self.strip)
        for title, panel, open_ in (
            (tr("Result"), self.threshold, True),
            (tr("More like this"), self.like, False),
        ):
            group = QgsCollapsibleGroupBox(title)
            group.setSaveCollapsedState(False)
            group.setCollapsed(not open_)
            inner = QVBoxLayout(group)
            inner.addWidget(panel)
            box.addWidget(group)
        ends = QWidget()
        flow = FlowLayout(ends)
        for button in (self.copy, self.tools, self.indexed, self.check, self.teach, self.more):
            flow.addWidget(button)
        box.addWidget(ends)
        box.addStretch(1)
        self.pages = QStackedWidget()
        self.pages.addWidget(_scrolled(inside))
        self.pages.addWidget(_scrolled(self.ask))
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.addTab(tr("Search"))
        self.tabs.addTab(tr("Ask"))
        whole = QWidget()
        stack = QVBoxLayout(whole)
        stack.setContentsMargins(0, 4, 0, 0)
        stack.setSpacing(0)
        stack.addWidget(self.tabs)
        stack.addWidget(self.pages)
        self.setWidget(whole)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        self.pages.currentChanged.connect(self._page_turned)
        self.ask.place_wanted.connect(lambda: self.pages.setCurrentIndex(0))
        self.search.wanted.connect(self._start)
        self.search.model.fetch_wanted.connect(self._fetch)
        self.search.model.remove_wanted.connect(self._remove)
        self.session.made.connect(self._made)
        self.like.wanted.connect(self._find_like)
        self.threshold.refine_wanted.connect(self._refine)
        self._runs.started.connect(self._started)
        self._runs.ended.connect(self._ended)
        self._runs.shown.connect(self.threshold.show_run)
        self._iface.layerTreeView().currentLayerChanged.connect(self.threshold.follow)
        QgsProject.instance().layersWillBeRemoved.connect(self._forget)

    def _known(self) -> Dict[str, Any]:
        """Return what the fields say, as parameters of an algorithm."""
        layer = self.search.layer.currentLayer()
        known = {"INPUT": layer.id() if layer is not None else None, "MODEL": self.search.model.model()}
        return {**known, "PROMPTS": "\n".join(self.search.prompts.prompts())}

    def show_finetune(self) -> None:
        """Turn to the page that fine-tunes."""
        if self.finetune is None:
            self.finetune = FinetunePage(self._iface, self.session)
            self.finetune.left.connect(lambda: self.pages.setCurrentIndex(0))
            self.finetune.parent_model.fetch_wanted.connect(self._fetch)
            self.finetune.parent_model.remove_wanted.connect(self._remove)
            self._finetune_at = self.pages.addWidget(_scrolled(self.finetune))
        self.pages.setCurrentIndex(self._finetune_at)

    def show_index(self) -> None:
        """Turn to the page that searches an index."""
        if self.index is None:
            self.index = IndexPage(self._iface, self._runs)
            self.index.left.connect(lambda: self.pages.setCurrentIndex(0))
            self.index.build.model.fetch_wanted.connect(self._fetch)
            self.index.build.model.remove_wanted.connect(self._remove)
            self._index_at = self.pages.addWidget(_scrolled(self.index))
        self.pages.setCurrentIndex(self._index_at)

    def show_assess(self) -> None:
        """Turn to the page that checks a result."""
        if self.assess is None:
            self.assess = AssessPage(self._iface, self._runs)
            self.assess.left.connect(lambda: self.pages.setCurrentIndex(0))
            self._assess_at = self.pages.addWidget(_scrolled(self.assess))
        self.pages.setCurrentIndex(self._assess_at)

    def _page_turned(self, index: int) -> None:
        self.tabs.setVisible(index < self.tabs.count())
        if index < self.tabs.count():
            self.tabs.setCurrentIndex(index)

    def close_down(self) -> None:
        """Let go of QGIS: signals, the map tool, the thread."""
        self._guard.remove()
        self.ask.close_down()
        self.session.cancel()
        self.session.blockSignals(True)
        if self.finetune is not None:
            self.finetune.close_down()
        for page in (self.index, self.assess):
            if page is not None:
                page.close_down()
        self._iface.layerTreeView().currentLayerChanged.disconnect(self.threshold.follow)
        QgsProject.instance().layersWillBeRemoved.disconnect(self._forget)
        self.search.close_down()
        self.like.close_tool()
        self.calls.close()

    def _start(self, order: Order) -> None:
        ensure_engine(self._iface, lambda: self._runs.start(order))

    def _refine(self, run: RunLayers, thresholds: List[float]) -> None:
        ensure_engine(self._iface, lambda: self._runs.refine(run, thresholds))

    def _fetch(self, model: str) -> None:
        work = engine_work("fetch", {"model": model})
        self._runs.launch(tr("Downloading {}").format(model), work, lambda _result: self.search.refresh_models())

    def _made(self, model: str) -> None:
        self.search.model.choose(model)
        self.search.refresh_models()
        show(self._iface, tr("The model “{}” is ready.").format(model))

    def _remove(self, model: str) -> None:
        question = tr("Delete the model “{}”? Results that were made with it stay.").format(model)
        buttons = QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No
        answer = QMessageBox.question(self, tr("GRAFT"), question, buttons, QMessageBox.StandardButton.No)
        if answer != QMessageBox.StandardButton.Yes:
            return
        work = engine_work("remove", {"model": model})
        self._runs.launch(tr("Deleting {}").format(model), work, lambda _result: self._removed(model))

    def _removed(self, model: str) -> None:
        if MODEL.get() == model:
            self.search.model.choose(MODEL.default)
        self.search.refresh_models()
        if self.finetune is not None:
            self.finetune.refresh_models()

    def _find_like(self) -> None:
        layer = self.search.layer.currentLayer()
        if layer is None:
            return
        like, unlike = self.like.spots()
        try:
            spots = {"like": self._in_layer(like), "unlike": self._in_layer(unlike)}
            order = self.search.order(prompts=(), negatives=(), photo=self.like.photo, **spots)
        except (GraftError, QgsCsException) as error:
            show_error(self._iface, error)
            return
        self._start(order)

    def _in_layer(self, points: List[QgsPointXY]) -> Points:
        crs = self._iface.mapCanvas().mapSettings().destinationCrs()
        to_layer = QgsCoordinateTransform(crs, self.search.layer.currentLayer().crs(), QgsProject.instance())
        moved = [to_layer.transform(point) for point in points]
        return tuple((point.x(), point.y()) for point in moved)

    def _started(self, task: Any) -> None:  # noqa: ANN401 - EngineTask
        self.strip.follow(task)
        self.search.setEnabled(False)
        self.like.setEnabled(False)

    def _ended(self, task: Any) -> None:  # noqa: ANN401 - EngineTask
        self.strip.leave(task)
        if not self._runs.busy:
            self.search.setEnabled(True)
            self.like.setEnabled(True)

    def _forget(self, layer_ids: List[str]) -> None:
        self.threshold.forget(layer_ids)


def _scrolled(inside: QWidget) -> QScrollArea:
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QScrollArea.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setWidget(inside)
    scroll.setMinimumWidth(WIDTH_PX)
    return scroll
