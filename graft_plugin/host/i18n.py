"""Texts that the user reads, in QGIS's language: resources/i18n, which `make i18n` keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

CONTEXT = "GRAFT"
FOLDER = Path(__file__).resolve().parents[2] / "resources" / "i18n"

_translator: Optional[QTranslator] = None


def tr(text: str) -> str:
    """Return `text`, a literal or what `tr_later` marked, in the user's language."""
    return str(QCoreApplication.translate(CONTEXT, text))


def tr_later(text: str) -> str:
    """Mark a text of a table for translation; `tr` is called where it is shown."""
    return text


def install_translator() -> None:
    """Have `tr` speak QGIS's language, where there is a translation."""
    global _translator
    remove_translator()
    locale = str(QgsApplication.locale())
    for name in (locale, locale[:2]):
        file = FOLDER / f"graft_{name}.qm"
        if file.is_file():
            translator = QTranslator()
            if translator.load(str(file)) and QCoreApplication.installTranslator(translator):
                _translator = translator  # Qt keeps no reference of its own
            return


def remove_translator() -> None:
    """Have `tr` speak English again."""
    global _translator
    if _translator is not None:
        QCoreApplication.removeTranslator(_translator)
        _translator = None
