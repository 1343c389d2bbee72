"""The options of searching: the default model, and the folder of stored embeddings."""

from __future__ import annotations

from typing import Any, List, Optional

from qgis.gui import QgsFileWidget
from qgis.PyQt.QtWidgets import (
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QWidget,
)

from ..client.store_folder import clear_store, store_folder, stored_bytes
from ..errors import Cancelled, StoreError
from .engine import shared_worker
from .i18n import tr
from .messages import sentence
from .model_box import ModelBox
from .options_form import aligned_form
from .settings import MODEL, STORE
from .setup import run_task
from .setup_task import SetupTask
from .setup_words import size_words


class SearchBox(QGroupBox):
    """Its fields are kept by `apply`; "Clear…" acts at once."""

    def __init__(self) -> None:
        super().__init__(tr("Searching"))
        gone: List[bool] = []
        self._gone = gone  # a method of ours would not be called any more
        self.destroyed.connect(lambda: gone.append(True))
        self.model = ModelBox(MODEL.get())
        self.model.setToolTip(tr("What a new search begins with; a model of the list, or a checkpoint's path."))
        self.store = QgsFileWidget()
        self.store.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.store.setFilePath(STORE.get())
        self.store.setDialogTitle(tr("Folder of stored embeddings"))
        self.store.lineEdit().setPlaceholderText(str(store_folder()))
        self.store.setToolTip(tr("What was computed of a raster is kept here, so that the next word is quick."))
        self.store.fileChanged.connect(lambda _path: self.measure())
        self.size = QLabel()
        self.clear = QPushButton(tr("Clear…"))
        self.clear.setObjectName("graft_clear")
        self.clear.clicked.connect(self._ask_clear)
        row = QWidget()
        box = QHBoxLayout(row)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.size, 1)
        box.addWidget(self.clear)
        form = aligned_form(self)
        form.addRow(tr("Default model"), self.model)
        form.addRow(tr("Embeddings"), self.store)
        form.addRow("", row)
        self.measure()

    def apply(self) -> None:
        """Keep the fields."""
        MODEL.set(self.model.model())
        STORE.set(self.store.filePath().strip())

    def measure(self) -> None:
        """Show the folder's size, once it is known."""
        self.size.setText(tr("Looking …"))
        self.clear.setEnabled(False)
        folder = store_folder(self.store.filePath())
        self._do(tr("GRAFT: sizing the store"), lambda cancelled: stored_bytes(folder, cancelled), self._show_size)

    def _show_size(self, amount: Any, error: Optional[BaseException]) -> None:  # noqa: ANN401 - Optional[int]
        if error is not None:
            self.size.setText("" if isinstance(error, Cancelled) else sentence(error))
            return
        self.size.setText(tr("{} stored").format(size_words(amount)) if amount else tr("Nothing is stored."))
        self.clear.setEnabled(bool(amount))

    def _ask_clear(self) -> None:
        folder = store_folder(self.store.filePath())
        question = tr("Delete the embeddings in {}?\n\nThe next search of a raster computes them again.").format(folder)
        yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
        if QMessageBox.question(self, tr("Clear the store"), question, yes | no, no) != yes:
            return
        self.clear.setEnabled(False)
        self.size.setText(tr("Deleting …"))
        worker = shared_worker()
        if worker.busy:
            self._show_size(0, StoreError(tr("a search is running"), remedy=tr("Wait for its end, then clear.")))
            self.clear.setEnabled(True)
            return

        def work(cancelled: Any) -> None:  # noqa: ANN401 - CancelFlag
            worker.stop()  # an idle engine may hold files of the store open
            clear_store(folder, cancelled)

        def ended(_result: Any, error: Optional[BaseException]) -> None:  # noqa: ANN401
            if error is None:
                self.measure()
            else:
                self._show_size(0, error)
                self.clear.setEnabled(True)

        self._do(tr("GRAFT: clearing the store"), work, ended)

    def _do(self, title: str, work: Any, ended: Any) -> None:  # noqa: ANN401 - callables
        gone = self._gone

        def told(result: Any, error: Optional[BaseException]) -> None:  # noqa: ANN401
            if not gone:
                ended(result, error)

        run_task(SetupTask(title, lambda report, cancelled: work(cancelled), told))
