"""The options of questions: who writes the plan, and where an endpoint is."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from qgis.gui import QgsPasswordLineEdit
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QComboBox, QGroupBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QSizePolicy, QWidget

from ..errors import GraftError
from .engine import shared_worker
from .i18n import tr
from .messages import sentence, show_error
from .options_form import aligned_form
from .plan_writer import BUILT_IN, ENDPOINT, PlanWriter, checked_writer, keep_key, read_key
from .settings import ENDPOINT_AUTH, ENDPOINT_MODEL, ENDPOINT_URL, PLANNER
from .setup import run_task
from .setup_task import SetupTask

TRIED = "How many lakes are there?"


class PlannerBox(QGroupBox):
    """Its fields are kept by `apply`; "Test" asks the endpoint that they name at once."""

    def __init__(self) -> None:
        super().__init__(tr("Questions"))
        gone: List[bool] = []
        self._gone = gone  # a method of ours would not be called any more
        self.destroyed.connect(lambda: gone.append(True))
        self._forgotten = False
        self._make_fields()
        self._lay_out()
        self._choose()

    def _make_fields(self) -> None:
        self.writer = QComboBox()
        self.writer.addItem(tr("Built-in planner"), BUILT_IN)
        self.writer.addItem(tr("Chat endpoint (OpenAI-compatible)"), ENDPOINT)
        self.writer.setCurrentIndex(self.writer.findData(PLANNER.get()))
        self.writer.currentIndexChanged.connect(self._choose)
        self.url = QLineEdit(ENDPOINT_URL.get())
        self.url.setPlaceholderText("http://127.0.0.1:11434/v1")
        self.model = QLineEdit(ENDPOINT_MODEL.get())
        self.model.setPlaceholderText(tr("The name that the server knows it by"))
        self.key = QgsPasswordLineEdit()
        self.key.setToolTip(tr("Kept encrypted in QGIS's authentication database, and nowhere else."))
        self.forget = QPushButton(tr("Forget"))
        self.forget.clicked.connect(self._forget)
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.sent = QLabel()
        self.sent.setWordWrap(True)
        self.sent.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.test = QPushButton(tr("Test"))
        self.test.setObjectName("graft_endpoint_test")
        self.test.clicked.connect(self._test)
        self._tell_key()

    def _lay_out(self) -> None:
        form = aligned_form(self)
        form.addRow(tr("Plans come from"), self.writer)
        form.addRow("", self.sent)
        self._endpoint = [self.url, self.model, _row(self.key, self.forget), _row(self.told, self.test)]
        for words, field in zip((tr("Address"), tr("Model"), tr("Key"), ""), self._endpoint):
            form.addRow(words, field)

    def apply(self, iface: Any) -> None:  # noqa: ANN401 - QgisInterface
        """Keep the fields."""
        PLANNER.set(self.writer.currentData())
        ENDPOINT_URL.set(self.url.text().strip())
        ENDPOINT_MODEL.set(self.model.text().strip())
        typed = self.key.text().strip()
        if not typed and not self._forgotten:
            return
        try:
            ENDPOINT_AUTH.set(keep_key(typed, ENDPOINT_AUTH.get()))
        except GraftError as error:
            show_error(iface, error)

    def _choose(self) -> None:
        remote = self.writer.currentData() == ENDPOINT
        for field in self._endpoint:
            field.setEnabled(remote)
        self.sent.setText(
            tr(
                "The question and the list of what a plan may use are sent to this address; nothing of the imagery, "
                "its place or its name is. Plans that come back are read, never executed."
            )
            if remote
            else tr("It knows the common kinds of questions, runs on this machine, and sends nothing.")
        )

    def _forget(self) -> None:
        self._forgotten = True
        self.key.clear()
        self._tell_key()

    def _tell_key(self) -> None:
        kept = bool(ENDPOINT_AUTH.get()) and not self._forgotten
        self.key.setPlaceholderText(
            tr("Kept; type another to replace it") if kept else tr("None; a local server needs none")
        )
        self.forget.setEnabled(kept)

    def _test(self) -> None:
        try:
            typed = self.key.text().strip()
            key = typed or ("" if self._forgotten else read_key(ENDPOINT_AUTH.get()))
            writer = checked_writer(self.url.text().strip(), self.model.text().strip(), key)
        except GraftError as error:
            self.told.setText(sentence(error))
            return
        self.told.setText(tr("Asking …"))
        self.test.setEnabled(False)
        gone = self._gone

        def ended(result: Optional[Dict[str, Any]], error: Optional[BaseException]) -> None:
            if not gone:
                self._take(result, error)

        run_task(SetupTask(tr("GRAFT: testing the endpoint"), lambda _report, stop: try_writer(writer, stop), ended))

    def _take(self, result: Optional[Dict[str, Any]], error: Optional[BaseException]) -> None:
        self.test.setEnabled(True)
        if result is None:
            self.told.setText(sentence(error) if error is not None else "")
        else:
            self.told.setText(tr("It works: a plan came back in {:.1f} s.").format(result["seconds"]))


def try_writer(writer: PlanWriter, cancelled: Any) -> Dict[str, Any]:  # noqa: ANN401 - CancelFlag
    """Have an endpoint write the plan of an easy question; not in the main thread.

    Raises:
        GraftError: It cannot be reached, does not speak the protocol, or writes no plan that can be run.
    """
    params = {"question": TRIED, "endpoint": writer.to_request()}
    return shared_worker().call("plan", params, None, cancelled)


def _row(wide: QWidget, button: QWidget) -> QWidget:
    row = QWidget()
    box = QHBoxLayout(row)
    box.setContentsMargins(0, 0, 0, 0)
    box.addWidget(wide, 1)
    box.addWidget(button)
    return row
