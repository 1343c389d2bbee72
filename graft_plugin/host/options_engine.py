"""The options of the engine: its Python, how it stands, where it runs, and what it may take."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from qgis.gui import QgsFileWidget
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QWidget,
)

from ..client.environment import PYTHON_VARIABLE
from ..client.memory import limit_bytes, machine_bytes
from ..client.ready import env_folder, env_python
from .engine import renew_worker
from .i18n import tr
from .options_form import aligned_form
from .report import report_problem
from .settings import DEVICE, IDLE_MINUTES, MEMORY_GB, OFFLINE, PYTHON
from .setup import forget_engine, open_setup, own_state, shared_setup


class EngineBox(QGroupBox):
    """Its fields are kept by `apply`.

    Args:
        iface: QGIS.
    """

    def __init__(self, iface: Any) -> None:  # noqa: ANN401 - QgisInterface
        super().__init__(tr("Engine"))
        self._iface = iface
        self._make_fields()
        self._lay_out()
        self._setup = shared_setup()
        self._setup.changed.connect(self._tell_state)
        self._setup.moved.connect(self._tell_state)
        self.python.fileChanged.connect(lambda _path: self._tell_state())
        self._tell_state()

    def _make_fields(self) -> None:
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.set_up = QPushButton()
        self.set_up.setObjectName("graft_set_up")
        self.set_up.clicked.connect(lambda: open_setup(self._iface, parent=self.window()))
        self.python = QgsFileWidget()
        self.python.setFilePath(PYTHON.get())
        self.python.setDialogTitle(tr("A Python that has torch and GRAFT's other packages"))
        self.python.lineEdit().setPlaceholderText(str(env_python(env_folder())))
        self.python.setToolTip(tr("Empty: GRAFT's own environment. Or an existing Python that has GRAFT's packages."))
        self.device = QComboBox()
        for value, text in (
            ("auto", tr("Automatic")),
            ("cpu", tr("Processor (CPU)")),
            ("cuda", tr("NVIDIA graphics card (CUDA)")),
            ("mps", tr("Apple graphics (MPS)")),
        ):
            self.device.addItem(text, value)
        self.device.setCurrentIndex(self.device.findData(DEVICE.get()))
        self.memory = QDoubleSpinBox()
        self.memory.setRange(0.0, max(MEMORY_GB.get(), float(round(machine_bytes() / 1e9))))
        self.memory.setDecimals(1)
        self.memory.setSuffix(tr(" GB"))
        self.memory.setSpecialValueText(tr("Automatic ({:.0f} GB)").format(limit_bytes(0) / 1e9))
        self.memory.setValue(MEMORY_GB.get())
        self.memory.setToolTip(tr("An engine that holds more is ended, with a message; QGIS goes on."))
        self.idle = QSpinBox()
        self.idle.setRange(int(IDLE_MINUTES.minimum or 0), int(IDLE_MINUTES.maximum or 0))
        self.idle.setSuffix(tr(" minutes"))
        self.idle.setSpecialValueText(tr("Never"))
        self.idle.setValue(IDLE_MINUTES.get())
        self.idle.setToolTip(tr("An idle engine ends and gives its memory back; the next search starts it again."))
        self.offline = QCheckBox(tr("Offline: make no network call"))
        self.offline.setChecked(OFFLINE.get())
        self.offline.setToolTip(
            tr("Models are not downloaded, web layers are not read, and the engine is not set up from the network.")
        )
        self.report = QPushButton(tr("Report a problem…"))
        self.report.setObjectName("graft_report")
        self.report.setToolTip(tr("Copies versions, settings and the log's end, without names and paths."))
        self.report.clicked.connect(lambda: report_problem(self._iface))

    def _lay_out(self) -> None:
        form = aligned_form(self)
        form.addRow(tr("State"), _row(self.state, self.set_up, stretch=0))
        form.addRow(tr("Python"), self.python)
        form.addRow(tr("Run on"), self.device)
        form.addRow(tr("Memory limit"), self.memory)
        form.addRow(tr("End when idle for"), self.idle)
        form.addRow("", self.offline)
        form.addRow("", _row(self.report))

    def apply(self) -> None:
        """Keep the fields; a running search is not disturbed."""
        named = PYTHON.get()
        before = (named, OFFLINE.get())
        PYTHON.set(self.python.filePath().strip())
        DEVICE.set(self.device.currentData())
        MEMORY_GB.set(round(self.memory.value(), 1))
        IDLE_MINUTES.set(self.idle.value())
        OFFLINE.set(self.offline.isChecked())
        if PYTHON.get() != named:
            forget_engine()
        if (PYTHON.get(), OFFLINE.get()) != before:
            renew_worker()

    def _tell_state(self) -> None:
        if self._setup.state == "done" and self.python.filePath() != PYTHON.get():
            self.python.setFilePath(PYTHON.get())
        own, checkout = own_state(), Path(__file__).resolve().parents[2]
        words = {
            "none": tr("GRAFT's own environment is not set up."),
            "unfinished": tr("GRAFT's own environment is not finished."),
            "outdated": tr("GRAFT's own environment was built for another version."),
            "ready": tr("GRAFT's own environment is ready."),
        }[own]
        if self._setup.running:
            words = tr("Being set up: {:.0f} %").format(self._setup.progress.percent)
        elif self.python.filePath().strip():
            words = tr("The Python below is used.")
        elif os.environ.get(PYTHON_VARIABLE, "").strip():
            words = tr("The Python named in {} is used.").format(PYTHON_VARIABLE)
        elif own != "ready" and env_python(checkout / ".venv").is_file():
            words = tr("The environment in {} is used.").format(checkout / ".venv")
        self.state.setText(words)
        self.set_up.setText(tr("Show…") if self._setup.running else tr("Set up…") if own == "none" else tr("Repair…"))


def _row(*widgets: QWidget, stretch: int = 1) -> QWidget:
    row = QWidget()
    box = QHBoxLayout(row)
    box.setContentsMargins(0, 0, 0, 0)
    for number, widget in enumerate(widgets):
        box.addWidget(widget, 1 if number == 0 and not stretch else 0)
    if stretch:
        box.addStretch(stretch)
    return row
