"""The page that checks a result: points drawn over it, judged one by one, and the report that they give."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Optional

from qgis.core import QgsMapLayerProxyModel, QgsProject, QgsVectorLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt, QUrl, pyqtSignal
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ..errors import GraftError
from .assess_order import kept_file, report_words, result_of
from .chip_panel import row
from .geopackage import layer_uri
from .guide import help_on_f1
from .i18n import tr
from .messages import sentence
from .review import Review
from .review_panel import ReviewPanel
from .runs import Runs
from .setup import ensure_engine
from .work import engine_work

HELP = "assess"
USUAL_POINTS, MOST_POINTS = 100, 10_000


class AssessPage(QWidget):
    """Draws points, has them judged, and shows what they say.

    Args:
        iface: QGIS.
        runs: Does what takes its time.
        parent: The widget it belongs to.
    """

    left = pyqtSignal()
    """The user wants to go back to searching."""

    def __init__(self, iface: Any, runs: Runs, parent: Optional[QWidget] = None) -> None:  # noqa: ANN401
        super().__init__(parent)
        self._iface, self._runs = iface, runs
        self.back = QPushButton(tr("‹ Back to searching"))
        self.back.setFlat(True)
        self.result, self.points = QgsMapLayerComboBox(), QgsMapLayerComboBox()
        kinds = QgsMapLayerProxyModel.Filter
        self.result.setFilters(kinds.RasterLayer | kinds.PolygonLayer)
        self.points.setFilters(kinds.PointLayer)
        for layers in (self.result, self.points):
            layers.setMinimumContentsLength(10)
            layers.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            layers.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.result.setToolTip(tr("A class map, a heatmap or polygons of GRAFT"))
        self.count = QSpinBox()
        self.count.setRange(2, MOST_POINTS)
        self.count.setValue(USUAL_POINTS)
        self.draw = QPushButton(tr("Draw points"))
        self.draw.setObjectName("graft_assess_draw")
        self.draw.setToolTip(tr("Random points in each class; the rare ones get enough of them"))
        self.start = QPushButton(tr("Judge"))
        self.start.setObjectName("graft_assess_judge")
        self.start.setToolTip(tr("Go through these points, or go on where you stopped"))
        self.review = ReviewPanel(iface.mapCanvas())
        self.report = QPushButton(tr("Report"))
        self.report.setObjectName("graft_assess_report")
        self.report.setToolTip(tr("Accuracies and areas with confidence intervals, from the points judged so far"))
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self._lay_out()
        self._connect()
        help_on_f1(self, HELP)
        self._follow()

    def _lay_out(self) -> None:
        intro = QLabel(tr("How right is a result? Judge random points of it: accuracies and areas with margins."))
        intro.setWordWrap(True)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.addRow(tr("Result"), self.result)
        form.addRow(tr("Points"), row(self.count, self.draw))
        form.addRow(tr("Drawn"), self.points)
        form.addRow("", self.start)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 8)
        box.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        box.addWidget(intro)
        box.addLayout(form)
        box.addSpacing(8)
        for part in (self.review, self.report, self.told):
            box.addWidget(part)
        box.addStretch(1)

    def _connect(self) -> None:
        self.back.clicked.connect(self.left)
        self.draw.clicked.connect(self._draw)
        self.start.clicked.connect(lambda: self._judge(self.points.currentLayer()))
        self.report.clicked.connect(self._report)
        self.review.finished.connect(self._report)
        self.review.judged.connect(self._follow)
        for layers in (self.result, self.points):
            layers.layerChanged.connect(lambda _layer: self._follow())
        QgsProject.instance().layersWillBeRemoved.connect(self._forget)

    def close_down(self) -> None:
        """Let go of the map and the project."""
        QgsProject.instance().layersWillBeRemoved.disconnect(self._forget)
        self.review.close_down()

    def _follow(self) -> None:
        self.draw.setEnabled(self.result.currentLayer() is not None)
        self.start.setEnabled(self.points.currentLayer() is not None)
        self.report.setVisible(self.review.review is not None)
        self.report.setEnabled(self.review.review is not None and self.review.review.judged > 0)

    def _draw(self) -> None:
        layer = self.result.currentLayer()
        if layer is None:
            return
        request = {**result_of(layer), "points": self.count.value(), "out": kept_file(layer.name())}

        def done(found: Dict[str, Any]) -> None:
            name = tr("points of {}").format(layer.name())
            points = QgsVectorLayer(layer_uri(found["out"], found["layer"]), name, "ogr")
            QgsProject.instance().addMapLayer(points)
            self.points.setLayer(points)
            self._hide(layer)
            self._judge(points)

        work = engine_work("assess_sample", request)
        ensure_engine(self._iface, lambda: self._runs.launch(tr("Drawing points"), work, done))

    def _hide(self, layer: Any) -> None:  # noqa: ANN401 - QgsMapLayer
        """Take a layer out of sight: who judges should see the imagery alone."""
        node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
        if node is not None:
            node.setItemVisibilityChecked(False)

    def _judge(self, layer: Optional[QgsVectorLayer]) -> None:
        self.told.setText("")
        try:
            if layer is not None:
                self.review.begin(Review(layer))
                self._hide(layer)  # the panel rings the one that it asks about
        except GraftError as error:
            self.told.setText(sentence(error))
        self._follow()

    def _report(self) -> None:
        review = self.review.review
        if review is None or not review.judged:
            return
        points = review.layer.source().split("|")[0]
        out = str(Path(points).with_suffix(".html"))

        def done(found: Dict[str, Any]) -> None:
            kept = tr("Points and report are kept in {}").format(Path(out).parent)
            self.told.setText(f"{report_words(found)}\n{kept}")
            QDesktopServices.openUrl(QUrl.fromLocalFile(found["out"]))

        work = engine_work("assess_report", {"points": points, "out": out})
        ensure_engine(self._iface, lambda: self._runs.launch(tr("Report"), work, done))

    def _forget(self, layer_ids: Any) -> None:  # noqa: ANN401 - List[str]
        if self.review.review is not None and self.review.review.layer.id() in layer_ids:
            self.review.end()
            self._follow()
