"""Forms whose fields stand in one line, also across group boxes."""

from __future__ import annotations

from qgis.PyQt.QtWidgets import QFormLayout, QLabel, QWidget

LABEL_CHARS = 18


class _AlignedForm(QFormLayout):
    def addRow(self, label: str, field: QWidget) -> None:
        named = QLabel(label)
        named.setMinimumWidth(named.fontMetrics().averageCharWidth() * LABEL_CHARS)
        super().addRow(named, field)


def aligned_form(widget: QWidget) -> QFormLayout:
    """Return a widget's new form, with labels of one width."""
    form = _AlignedForm(widget)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    return form
