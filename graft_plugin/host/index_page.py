"""The page of the panel that searches an index: words, spots or a photo → a strip of chips that marks put in order."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Dict, List, Optional

from qgis.core import QgsProcessingUtils, QgsProject
from qgis.gui import QgsCollapsibleGroupBox, QgsFileWidget
from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from .area import crs_name
from .calls import LatestCalls
from .chip_panel import ChipPanel, row
from .found_layer import show_found
from .geopackage import layer_uri
from .guide import help_on_f1
from .i18n import tr
from .index_build import IndexBuild, suggested_folder
from .index_order import IndexOrder, Wanted, index_model, index_work, retrieve_work
from .layers import add_group, group_name, layer_makers
from .like_panel import LikePanel
from .messages import capital, sentence, show
from .prompt_field import PromptField
from .runs import Runs
from .settings import INDEX
from .setup import ensure_engine
from .source import box
from .tile_outline import TileOutline
from .work import engine_work

HELP = "index"
LAID_OUT_MS = 100
"""By then the chips have their place in the page, which can be scrolled to them."""


class IndexPage(QWidget):
    """Chooses or builds an index, searches it, and lets the user browse and mark what was found.

    Args:
        iface: QGIS.
        runs: Does what takes its time.
        parent: The widget it belongs to.
    """

    left = pyqtSignal()
    """The user wants to go back to searching a layer."""

    def __init__(self, iface: Any, runs: Runs, parent: Optional[QWidget] = None) -> None:  # noqa: ANN401
        super().__init__(parent)
        self._iface, self._runs = iface, runs
        self.calls = LatestCalls()
        self.outline = TileOutline(iface.mapCanvas())
        self._wanted: Optional[Wanted] = None
        self._layer_id = ""
        self._usable = False
        self._make_fields()
        self._make_results()
        self._lay_out()
        self._connect()
        help_on_f1(self, HELP)
        self._folder_changed(self.folder.filePath())
        self._follow()

    def _make_fields(self) -> None:
        self.back = QPushButton(tr("‹ Back to searching"))
        self.back.setFlat(True)
        self.back.setObjectName("graft_index_back")
        self.folder = QgsFileWidget()
        self.folder.lineEdit().setMinimumWidth(60)
        self.folder.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.folder.setDialogTitle(tr("The folder of an index"))
        self.folder.setFilePath(INDEX.get())
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.build = IndexBuild(self.calls)
        self.prompts = PromptField(tr("lake, forest, road …"), coloured=False)
        self.prompts.line.setAccessibleName(tr("Look for"))
        self.negatives = PromptField(tr("optional, such as: river"), coloured=False)
        self.negatives.line.setAccessibleName(tr("But not"))
        self.visible = QCheckBox(tr("Only in the visible map"))
        self.near = QCheckBox(tr("Neighbouring tiles too"))
        self.near.setToolTip(tr("Else found tiles lie three tiles apart, so that one lake does not fill the list"))
        self.search = QPushButton(tr("Search"))
        self.search.setObjectName("graft_index_search")
        self.heat = QPushButton(tr("Heatmap"))
        self.heat.setObjectName("graft_index_heat")
        self.heat.setToolTip(tr("Scores of the visible map, from the index alone: no image is looked at"))
        self.like = LikePanel(self._iface)
        self.like.find.setToolTip(tr("Search the index for tiles that look like it"))

    def _make_results(self) -> None:
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.cancel = QPushButton(tr("Cancel"))
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.results = ChipPanel()
        self.results.hide()
        self.chips = self.results.chips

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.addRow(tr("Index"), self.folder)
        form.addRow(self.state)
        self.build_group = _group(tr("Build or extend"), self.build)
        words = QFormLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        words.addRow(tr("Look for"), self.prompts)
        words.addRow(tr("But not"), self.negatives)
        words.addRow("", self.visible)
        words.addRow("", self.near)
        self.waiting = QWidget()
        self.waiting.setLayout(row(self.bar, self.cancel))
        self.waiting.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 8, 8, 8)
        outer.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        outer.addLayout(form)
        outer.addWidget(self.build_group)
        outer.addLayout(words)
        outer.addLayout(row(self.search, self.heat))
        self.example = _group(tr("By example"), self.like)
        outer.addWidget(self.example)
        outer.addWidget(self.waiting)
        outer.addWidget(self.told)
        outer.addWidget(self.results, 1)
        outer.addStretch(0)

    def _connect(self) -> None:
        self.back.clicked.connect(self.left)
        self.folder.fileChanged.connect(self._folder_changed)
        self.build.weighed.connect(self._suggest_folder)
        self.build.wanted.connect(self._build)
        self.prompts.changed.connect(self._follow)
        self.prompts.submitted.connect(self.search.click)
        self.search.clicked.connect(self._search_words)
        self.like.wanted.connect(self._search_like)
        self.heat.clicked.connect(self._draw_heat)
        self.cancel.clicked.connect(self._give_up)
        self.chips.wanted.connect(self.outline.go_to)
        self.results.rank_wanted.connect(lambda: self._ask(self._wanted) if self._wanted is not None else None)

    def showEvent(self, event: Any) -> None:  # noqa: ANN401 - QShowEvent
        """Ask for the models, for the part that builds."""
        super().showEvent(event)
        self.calls.ask("models", engine_work("models", {}), self._take_models)

    def hideEvent(self, event: Any) -> None:  # noqa: ANN401 - QHideEvent
        """Leave the map as it was."""
        super().hideEvent(event)
        self.outline.clear()

    def close_down(self) -> None:
        """Let go of the map and the thread."""
        self.like.close_tool()
        self.outline.close()
        self.calls.close()

    def _take_models(self, result: Optional[Dict[str, Any]], _error: Optional[BaseException]) -> None:
        if result is not None:
            self.build.model.set_models(result["models"])

    def _folder_changed(self, folder: str) -> None:
        model = index_model(folder)
        self._usable = bool(model)
        if model:
            self.state.setText(tr("An index made with {}.").format(Path(model).name))
            INDEX.set(folder)
        else:
            self.state.setText(
                tr("There is no index here yet: build one.") if folder else tr("Choose one, or build one.")
            )
        self.build_group.setCollapsed(bool(model))
        self.build.set_folder(folder)
        self._follow()

    def _suggest_folder(self, layer: Any) -> None:  # noqa: ANN401 - QgsRasterLayer
        if not self.folder.filePath() and layer is not None:
            self.folder.setFilePath(suggested_folder(layer.source(), layer.name()))

    def _follow(self) -> None:
        """Let what can be done be done."""
        ready = self._usable and bool(self.prompts.prompts())
        self.search.setEnabled(ready)
        self.heat.setEnabled(ready)
        self.example.setEnabled(self._usable)

    def _build(self, order: IndexOrder) -> None:
        def done(result: Dict[str, Any]) -> None:
            self._folder_changed(result["index"])
            words = tr("The index is ready: {} tiles, {} of them new.").format(result["tiles"], result["encoded_tiles"])
            show(self._iface, words)
            self.build.say("\n".join([words, *map(capital, result["failed"])]))

        ensure_engine(self._iface, lambda: self._runs.launch(tr("Indexing"), index_work(order), done))

    def _from_fields(self, **more: Any) -> Wanted:  # noqa: ANN401 - fields of `Wanted`
        canvas = self._iface.mapCanvas()
        return Wanted(
            index=self.folder.filePath(),
            negatives=self.negatives.prompts(),
            extent=box(canvas.extent()) if self.visible.isChecked() else None,
            near=self.near.isChecked(),
            crs=crs_name(canvas.mapSettings().destinationCrs()),
            **more,
        )

    def _search_words(self) -> None:
        self.prompts.take_line()
        self.negatives.take_line()
        self._begin(self._from_fields(prompts=self.prompts.prompts()))

    def _search_like(self) -> None:
        like, unlike = (tuple((point.x(), point.y()) for point in points) for points in self.like.spots())
        self._begin(self._from_fields(like=like, unlike=unlike, photo=self.like.photo))

    def _begin(self, wanted: Wanted) -> None:
        """Look for something else than before."""
        self.chips.forget()
        self._layer_id = ""
        ensure_engine(self._iface, lambda: self._ask(wanted))

    def _ask(self, wanted: Wanted) -> None:
        self._wanted = wanted
        file = QgsProcessingUtils.generateTempFilename("tiles.gpkg")
        request = wanted.to_request(self.chips.marked_as(True), self.chips.marked_as(False), file)
        self.told.setText(tr("Searching …"))
        self.waiting.show()
        self.calls.ask("retrieve", retrieve_work(request), partial(self._take, wanted))

    def _take(self, wanted: Wanted, result: Optional[Dict[str, Any]], error: Optional[BaseException]) -> None:
        self.waiting.hide()
        if result is None:
            self.told.setText(sentence(error or RuntimeError()))
            return
        tiles: List[Dict[str, Any]] = result["tiles"]
        words = tr("{} of {} tiles").format(len(tiles), f"{result['searched_tiles']:,}")
        self.told.setText("\n".join([words, *map(capital, result["warnings"])]))
        self.chips.show_tiles(tiles, result["images"])
        self.outline.clear()
        self.results.setVisible(bool(tiles))
        self.chips.setFocus()
        QTimer.singleShot(LAID_OUT_MS, self._into_view)
        layer = show_found(
            QgsProject.instance(), layer_uri(result["out"], result["layers"][0]), wanted.title, self._layer_id
        )
        self._layer_id = layer.id()

    def _into_view(self) -> None:
        """Scroll to the chips, when they have their place."""
        around = self.parent()
        while around is not None and not isinstance(around, QScrollArea):
            around = around.parent()
        if around is not None and self.results.isVisible():
            around.ensureWidgetVisible(self.results)

    def _give_up(self) -> None:
        self.calls.drop("retrieve")
        self.waiting.hide()
        self.told.setText("")

    def _draw_heat(self) -> None:
        self.prompts.take_line()
        self.negatives.take_line()
        wanted = self._from_fields(prompts=self.prompts.prompts())
        file = QgsProcessingUtils.generateTempFilename("heatmap.tif")
        work = engine_work("query", wanted.to_heat(box(self._iface.mapCanvas().extent()), file))

        def done(result: Dict[str, Any]) -> None:
            layers = [make() for make in layer_makers(result)]
            add_group(QgsProject.instance(), layers, group_name(result, Path(wanted.index).name))

        ensure_engine(self._iface, lambda: self._runs.launch(tr("Heatmap of “{}”").format(wanted.title), work, done))


def _group(title: str, inside: QWidget) -> QgsCollapsibleGroupBox:
    group = QgsCollapsibleGroupBox(title)
    group.setSaveCollapsedState(False)
    group.setCollapsed(True)
    QVBoxLayout(group).addWidget(inside)
    return group
