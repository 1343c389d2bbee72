"""The threshold of a result, live: its histogram, its polygons redrawn while the handle moves, refined on demand."""

from __future__ import annotations

import contextlib
import os
from typing import Any, Dict, List, Optional

from qgis.core import QgsProcessingUtils, QgsProject
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..palette import prompt_colour
from .area import Area
from .calls import LatestCalls
from .elided import ElidedCombo
from .geopackage import layer_uri, prompt_sizes
from .histogram import STEP, Histogram, read_counts
from .i18n import tr
from .layers import area_words
from .messages import sentence
from .run_results import RunLayers, hide_classes, run_of, show_polygons
from .work import engine_work

LAYER = "graft"
KEPT_FILES = 2
PROMPT_CHARS = 12


class ThresholdPanel(QWidget):
    """Shows one run at a time.

    Args:
        calls: Asks the engine for the polygons.
        areas: What heatmaps were cut to, by file.
        parent: The widget it belongs to.
    """

    refine_wanted = pyqtSignal(object, list)
    """(RunLayers, thresholds): follow the outlines with SAM."""
    export_wanted = pyqtSignal(object)
    """The layer of polygons to export."""

    def __init__(self, calls: LatestCalls, areas: Dict[str, Area], parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._calls = calls
        self._areas = areas
        self._run: Optional[RunLayers] = None
        self._thresholds: List[float] = []
        self._moved = False
        self._files: List[str] = []
        self._make()
        self._lay_out()
        self.clear()

    def _make(self) -> None:
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        self.prompt = ElidedCombo(PROMPT_CHARS)
        self.prompt.setToolTip(tr("Whose scores are shown, and whose threshold is moved"))
        self.prompt.setAccessibleName(tr("Prompt"))
        self.prompt.currentIndexChanged.connect(self._show_prompt)
        self.histogram = Histogram()
        self.histogram.setAccessibleName(tr("Threshold"))
        self.histogram.moved.connect(self._move)
        self.value = QDoubleSpinBox()
        self.value.setRange(0.0, 1.0)
        self.value.setSingleStep(STEP)
        self.value.setDecimals(2)
        self.value.setKeyboardTracking(False)
        self.value.setToolTip(tr("The threshold: a place with this score or more is taken"))
        self.value.setAccessibleName(tr("Threshold"))
        self.value.valueChanged.connect(self._type)
        self.automatic = QToolButton()
        self.automatic.setText(tr("Automatic"))
        self.automatic.setToolTip(tr("Back to the threshold that was found from the histogram"))
        self.automatic.clicked.connect(self._reset)
        self.found = QLabel()
        self.found.setTextFormat(Qt.TextFormat.PlainText)
        self.found.setWordWrap(True)
        self.refine = QPushButton(tr("Refine with SAM"))
        self.refine.setToolTip(tr("Let Segment Anything follow the outlines in the imagery, from this threshold on"))
        self.refine.clicked.connect(lambda: self.refine_wanted.emit(self._run, list(self._thresholds)))
        self.export = QPushButton(tr("Export…"))
        self.export.setToolTip(tr("Save the polygons with their style to a GeoPackage"))
        self.export.clicked.connect(lambda: self.export_wanted.emit(self._run.polygons if self._run else None))

    def _lay_out(self) -> None:
        self._tools = QWidget()  # what can be done with a result; gone while there is none
        values = QHBoxLayout()
        values.setContentsMargins(0, 0, 0, 0)
        named = QLabel(tr("From score"))
        named.setBuddy(self.value)
        values.addWidget(named)
        values.addWidget(self.value)
        values.addWidget(self.automatic)
        values.addStretch(1)
        actions = QHBoxLayout()
        actions.setContentsMargins(0, 0, 0, 0)
        actions.addWidget(self.refine, 1)
        actions.addWidget(self.export, 1)
        tools = QVBoxLayout(self._tools)
        tools.setContentsMargins(0, 0, 0, 0)
        for item in (self.prompt, self.histogram):
            tools.addWidget(item)
        tools.addLayout(values)
        tools.addWidget(self.found)
        tools.addLayout(actions)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.title)
        box.addWidget(self._tools)

    def clear(self) -> None:
        """Show that there is no result."""
        self._run = None
        for question in ("vectorise", "sizes"):
            self._calls.drop(question)
        self.title.setText(tr("No result yet. Select a layer of an earlier run, or search."))
        self._tools.hide()
        self._enable(False)

    def follow(self, layer: Any) -> None:  # noqa: ANN401 - QgsMapLayer or None
        """Show the run of a layer; a layer of none changes nothing."""
        run = run_of(layer, QgsProject.instance())
        if run is not None and (self._run is None or run.heatmap != self._run.heatmap):
            self.show_run(run)

    def show_run(self, run: RunLayers) -> None:
        """Show a run."""
        self._run = run
        self._thresholds = list(run.thresholds)
        self._moved = False
        self.title.setText(run.name)
        self.prompt.blockSignals(True)
        self.prompt.clear()
        self.prompt.addItems(run.prompts)
        self.prompt.blockSignals(False)
        self.prompt.setVisible(len(run.prompts) > 1)
        self._tools.show()
        self._count()
        self._enable(True)
        self._show_prompt(0)

    def forget(self, layer_ids: List[str]) -> None:
        """Layers are about to be removed: show nothing of them any more."""
        if self._run is None:
            return
        layers = [*self._run.heatmaps.values(), *([self._run.polygons] if self._run.polygons is not None else [])]
        if any(layer.id() in layer_ids for layer in layers):
            self.clear()

    def _enable(self, on: bool) -> None:
        for item in (self.value, self.automatic, self.refine, self.export):
            item.setEnabled(on)
        if self._run is not None and self._run.polygons is None:
            self.export.setEnabled(False)

    def _show_prompt(self, index: int) -> None:
        run = self._run
        if run is None or not 0 <= index < len(run.prompts):
            return
        layer = run.heatmaps.get(index + 1) or next(iter(run.heatmaps.values()))
        self.histogram.show_counts(read_counts(layer, index + 1), self._thresholds[index], prompt_colour(index))
        self._show_value(self._thresholds[index])

    def _show_value(self, threshold: float) -> None:
        self.value.blockSignals(True)
        self.value.setValue(threshold)
        self.value.blockSignals(False)

    def _type(self, threshold: float) -> None:
        self.histogram.set_threshold(threshold)
        self._move(threshold)

    def _reset(self) -> None:
        if self._run is not None:
            self._type(self._run.thresholds[max(self.prompt.currentIndex(), 0)])
            self._show_value(self.histogram.threshold)

    def _move(self, threshold: float) -> None:
        """Ask for the polygons from this score on."""
        run = self._run
        if run is None:
            return
        self._show_value(threshold)
        self._thresholds[max(self.prompt.currentIndex(), 0)] = threshold
        target = str(QgsProcessingUtils.generateTempFilename("polygons.gpkg"))
        params = {"heatmap": run.heatmap, "thresholds": list(self._thresholds), "masks": target, "layer": LAYER}
        work = engine_work("vectorise", params, self._areas.get(run.heatmap))
        self._calls.ask("vectorise", work, self._redraw)

    def _redraw(self, result: Optional[Dict[str, Any]], error: Optional[BaseException]) -> None:
        """Show the polygons that came."""
        run = self._run
        if run is None:
            return
        if error is not None or result is None:
            self.found.setText(sentence(error or RuntimeError()))
            return
        self.found.setText(found_words(result["prompts"]))
        if not self._moved:  # once: who shows the class map again wants to see it
            self._moved = True
            hide_classes(run, QgsProject.instance())
        self._run = show_polygons(run, layer_uri(result["masks"], result["layer"]), QgsProject.instance())
        self.export.setEnabled(True)
        self._drop_older(result["masks"])

    def _drop_older(self, newest: str) -> None:
        self._files.append(newest)
        while len(self._files) > KEPT_FILES:
            with contextlib.suppress(OSError):  # open still on Windows; QGIS empties its temporary folder at its end
                os.remove(self._files.pop(0))

    def _count(self) -> None:
        """Ask for the counts and areas of the run's polygons: there may be too many to look at in the main thread."""
        layer = self._run.polygons if self._run is not None else None
        self.found.setText("")
        if layer is None:
            self._calls.drop("sizes")
            return
        uri, prompts = layer.source(), list(self._run.prompts) if self._run is not None else []
        self._calls.ask("sizes", lambda _report, _cancelled: {"prompts": prompt_sizes(uri, prompts)}, self._show_sizes)

    def _show_sizes(self, result: Optional[Dict[str, Any]], _error: Optional[BaseException]) -> None:
        if result is not None and self._run is not None:
            self.found.setText(found_words(result["prompts"]))


def found_words(prompts: List[Dict[str, Any]]) -> str:
    """Return counts and areas, a line a prompt where there are several."""
    lines = []
    for found in prompts:
        count = int(found["polygons"] or 0)
        words = tr("{} polygon, {}") if count == 1 else tr("{} polygons, {}")
        text = words.format(f"{count:,}", area_words(found["area_m2"] or 0.0))
        lines.append(f"{found['prompt']}: {text}" if len(prompts) > 1 else text)
    return "\n".join(lines)
