"""The models that there are, each with its state, and a way to a file of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from .elided import ElidedCombo
from .i18n import tr
from .settings import MODEL

OTHER = "\0other"
MEGABYTE = 1e6
SHORTEST_CHARS = 14


class ModelPicker(QWidget):
    """A list of models, a line about the chosen one, and a button where it must be fetched first.

    Args:
        parent: The widget it belongs to.
        remember: Whether a new search begins with what is chosen here.
    """

    changed = pyqtSignal()
    """Another model was chosen."""
    fetch_wanted = pyqtSignal(str)
    """The user wants this model to be downloaded."""
    remove_wanted = pyqtSignal(str)
    """The user wants this model of their own to be deleted."""

    def __init__(self, parent: Optional[QWidget] = None, remember: bool = True) -> None:
        super().__init__(parent)
        self._remember = remember
        self._models: Dict[str, Dict[str, Any]] = {}
        self.combo = ElidedCombo(SHORTEST_CHARS)
        self.combo.setAccessibleName(tr("Model"))
        self.setFocusProxy(self.combo)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.fetch = QToolButton()
        self.fetch.setText(tr("Download"))
        self.fetch.clicked.connect(lambda: self.fetch_wanted.emit(self.model()))
        self.remove = QToolButton()
        self.remove.setText(tr("Remove…"))
        self.remove.setToolTip(tr("Delete this model, which you added or made"))
        self.remove.clicked.connect(lambda: self.remove_wanted.emit(self.model()))
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.combo, 1)
        line.addWidget(self.fetch)
        line.addWidget(self.remove)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addLayout(line)
        box.addWidget(self.note)
        self._fill([], MODEL.get())
        self.combo.activated.connect(self._chosen)

    def model(self) -> str:
        """Return the id or the path of the chosen model."""
        return str(self.combo.currentData() or MODEL.default)

    @property
    def ready(self) -> bool:
        """Whether the chosen model can be used now; a file is taken at its word until the engine opens it."""
        known = self._models.get(self.model())
        return known is None or known["state"] == "ready"

    def set_models(self, models: List[Dict[str, Any]]) -> None:
        """Show what the engine knows; models that cannot answer texts are left out."""
        self._fill([model for model in models if model.get("kind") == "image-text"], self.model())

    def choose(self, model: str) -> None:
        """Choose a model, for this search and the next ones."""
        MODEL.set(model)
        if self.combo.findData(model) < 0:
            self.combo.insertItem(0, model, model)
        self._select(model)
        self.changed.emit()

    def _fill(self, models: List[Dict[str, Any]], chosen: str) -> None:
        self._models = {model["id"]: model for model in models}
        self.combo.clear()
        for model in models:
            self.combo.addItem(f"{model.get('title') or model['id']}  ({state_words(model)})", model["id"])
        if self.combo.findData(chosen) < 0:
            self.combo.addItem(Path(chosen).name, chosen)
        self.combo.insertSeparator(self.combo.count())
        self.combo.addItem(tr("Another file…"), OTHER)
        self._select(chosen)

    def _select(self, model: str) -> None:
        self.combo.setCurrentIndex(self.combo.findData(model))
        known = self._models.get(model)
        self.fetch.setVisible(known is not None and known["state"] == "download")
        self.remove.setVisible(bool(known and known.get("user")))
        self.note.setText(lack_words(known) if known else "")
        self.note.setVisible(bool(self.note.text()))
        told = [self.combo.currentText(), model]
        if known:
            told += [str(known.get("notes") or ""), f"{tr('Licence')}: {known['licence']}"]
        self.combo.setToolTip("\n".join(dict.fromkeys(line for line in told if line)))

    def _chosen(self, _index: int) -> None:
        model = self.combo.currentData()
        if model == OTHER:
            path, _filter = QFileDialog.getOpenFileName(
                self, tr("Open a checkpoint"), "", tr("Checkpoints (*.safetensors *.ckpt *.pt *.pth *.bin)")
            )
            self._select(MODEL.get())
            if not path:
                return
            model = path
            if self.combo.findData(path) < 0:
                self.combo.insertItem(0, Path(path).name, path)
        if self._remember:
            MODEL.set(model)
        self._select(model)
        self.changed.emit()


def lack_words(model: Dict[str, Any]) -> str:
    """Return what must be done before a model can be used; empty where it can be."""
    if model["state"] == "ready":
        return ""
    if model["state"] == "download":
        size = model.get("size_bytes")
        return tr("{:.0f} MB to download first.").format(size / MEGABYTE) if size else tr("To be downloaded first.")
    return " ".join([str(model.get("notes") or ""), tr("Then choose the file under “Another file…”.")]).strip()


def state_words(model: Dict[str, Any]) -> str:
    """Return a model's state in words."""
    if model["state"] == "ready":
        return tr("ready")
    if model["state"] == "download":
        size = model.get("size_bytes")
        return tr("download of {:.0f} MB").format(size / MEGABYTE) if size else tr("needs a download")
    return tr("needs a file")
