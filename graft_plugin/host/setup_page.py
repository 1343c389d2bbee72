"""The page on which the engine is set up: what will happen, where and how large, how far it is, and what went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QSize, Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import (
    QAction,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QProgressBar,
    QPushButton,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from ..client import network
from ..client.folders import free_bytes
from ..client.ready import env_folder
from ..client.recipe import engine_recipe
from .i18n import tr
from .messages import sentence
from .setup import own_state, setup_log, shared_setup
from .setup_words import progress_words, size_words

ICON_PX = 20


class SetupPage(QWidget):
    """Shows the one setup of this QGIS, and lets the user start, stop and mend it."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._setup = shared_setup()
        self._make_texts()
        self._make_buttons()
        self._lay_out()
        self._setup.changed.connect(self.refresh)
        self._setup.moved.connect(self._move)
        self.refresh()

    def _make_texts(self) -> None:
        self.intro = _text(
            tr(
                "GRAFT runs its models in a Python environment of its own, beside QGIS. QGIS's Python is left alone, "
                "and nothing of yours is sent anywhere. This is done once."
            )
        )
        self.place = QLineEdit()
        self.place.setReadOnly(True)
        self.place.setFrame(False)
        self.place.setStyleSheet("background: transparent")
        self.place.setTextMargins(-2, 0, 0, 0)
        self.disk, self.download, self.status = QLabel(), QLabel(), QLabel()
        self.words = _text("")
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.sign = QLabel()
        self.sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.problem = _text("", selectable=True)

    def _make_buttons(self) -> None:
        self.build = QPushButton()
        self.build.setObjectName("graft_build")
        self.build.setDefault(True)
        self.build.clicked.connect(lambda: self._setup.build())
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.setObjectName("graft_cancel_build")
        self.cancel.clicked.connect(self._cancel)
        self.others = QPushButton(tr("Other ways"))
        self.others.setObjectName("graft_other_ways")
        menu = QMenu(self.others)
        for name, text, slot in (
            ("graft_wheels", tr("Use a folder of wheels…"), self._ask_wheels),
            ("graft_python", tr("Use an existing Python…"), self._ask_python),
            ("graft_fresh", tr("Build it anew from nothing"), lambda: self._setup.build(fresh=True)),
        ):
            action = QAction(text, menu)
            action.setObjectName(name)
            action.triggered.connect(lambda _checked=False, slot=slot: slot())
            menu.addAction(action)
        self.others.setMenu(menu)
        self.show_log = QPushButton(tr("Show log"))
        self.show_log.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(setup_log()))))

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setHorizontalSpacing(18)
        for label, field in (
            (tr("Folder"), self.place),
            (tr("Disk"), self.disk),
            (tr("Download"), self.download),
            (tr("State"), self.status),
        ):
            form.addRow(label, field)
        told = QHBoxLayout()
        told.addWidget(self.sign)
        told.addWidget(self.problem, 1)
        buttons = QHBoxLayout()
        for button in (self.build, self.cancel, self.others):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.show_log)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(10)
        box.addWidget(self.intro)
        box.addLayout(form)
        box.addWidget(self.bar)
        box.addWidget(self.words)
        box.addLayout(told)
        box.addStretch(1)
        box.addLayout(buttons)

    def refresh(self) -> None:
        """Show how things stand now."""
        setup, own = self._setup, own_state()
        cuda = network.default_has_cuda() and network.has_nvidia_driver()
        recipe = engine_recipe()
        folder = env_folder()
        self.place.setText(str(folder))
        self.place.setCursorPosition(0)
        self.disk.setText(
            tr("needs {} while it is built; {} are free").format(
                size_words(recipe.needed_bytes[cuda]), size_words(free_bytes(folder))
            )
        )
        self.download.setText(
            tr("about {}, with support for the NVIDIA card").format(size_words(recipe.download_bytes[cuda]))
            if cuda
            else tr("about {}, for the processor").format(size_words(recipe.download_bytes[cuda]))
        )
        self.status.setText(_state_words(own))
        self.bar.setVisible(setup.running)
        self.words.setVisible(setup.running)
        self.cancel.setEnabled(True)
        self._move()
        self._tell(setup.state)
        self.build.setText(
            tr("Retry") if setup.state == "failed" else tr("Repair") if own != "none" else tr("Set up")
        )
        self.build.setVisible(not setup.running)
        self.others.setVisible(not setup.running)
        self.cancel.setVisible(setup.running)
        self.show_log.setEnabled(setup_log().is_file())

    def _move(self) -> None:
        """Show how far it is; many times a second."""
        self.bar.setValue(int(self._setup.progress.percent * 10))
        if self.cancel.isEnabled():
            self.words.setText(progress_words(self._setup.progress) + " …")

    def _tell(self, state: str) -> None:
        """Show the last end beside its sign."""
        told = state in ("failed", "done")
        self.sign.setVisible(told)
        self.problem.setVisible(told)
        if state == "failed":
            icon = self.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
            self.problem.setText(sentence(self._setup.error or RuntimeError()))
        else:
            icon = QgsApplication.getThemeIcon("/mIconSuccess.svg")
            self.problem.setText(tr("The engine is ready."))
        self.sign.setPixmap(icon.pixmap(QSize(ICON_PX, ICON_PX)))

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.words.setText(tr("Stopping …"))
        self._setup.cancel()

    def _ask_wheels(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Folder of wheels (.whl files)"))
        if folder:
            self._setup.build(wheels=Path(folder))

    def _ask_python(self) -> None:
        python, _kind = QFileDialog.getOpenFileName(self, tr("A Python that has torch and GRAFT's other packages"))
        if python:
            self._setup.use_python(python)


def _state_words(own: str) -> str:
    return {
        "none": tr("not set up yet"),
        "unfinished": tr("begun, and not finished; what has come is kept"),
        "outdated": tr("built for another version of GRAFT; Repair renews it"),
        "ready": tr("ready"),
    }[own]


def _text(words: str, selectable: bool = False) -> QLabel:
    label = QLabel(words)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if selectable:
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
