"""A field for a model where the engine is not asked which are there: the shipped list, or a checkpoint's path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import List, Optional, Tuple

from qgis.PyQt.QtWidgets import QComboBox, QSizePolicy, QWidget

from .settings import MODEL

SHORTEST_CHARS = 24


class ModelBox(QComboBox):
    """A list whose text can be written over.

    Args:
        model: Id or path of the model that it shows first.
        parent: The widget it belongs to.
    """

    def __init__(self, model: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setEditable(True)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(SHORTEST_CHARS)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for key, title in listed_models():
            self.addItem(title, key)
        at = self.findData(model)
        self.setCurrentIndex(at)
        if at < 0:
            self.setEditText(model)
        self.lineEdit().setCursorPosition(0)

    def model(self) -> str:
        """Return the id or the path; the default where the field is empty."""
        text = self.currentText().strip()
        at = self.findText(text)
        return str(self.itemData(at)) if at >= 0 else text or MODEL.default


def listed_models() -> List[Tuple[str, str]]:
    """Return (id, words) of each model that can search, as the shipped list has them."""
    path = Path(__file__).resolve().parents[2] / "resources" / "models.json"
    models = json.loads(path.read_text(encoding="utf-8"))["models"]
    return [(str(m["id"]), f"{m['id']}: {m['title']}") for m in models if m["kind"] == "image-text"]
