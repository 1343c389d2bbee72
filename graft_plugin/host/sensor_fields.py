"""How the raster is read: sensor, bands, ground resolution, stretch. Automatic, shown, and editable."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from qgis.core import QgsRasterLayer
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from .i18n import tr

SENSORS = ("auto", "naip", "sentinel2", "rgb")
LARGEST_GSD_M = 1000.0


class SensorFields(QWidget):
    """One line that says how the raster will be read, and behind it the fields that change it."""

    changed = pyqtSignal()
    """A field was changed by the user."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._quiet = False
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.edit = QToolButton()
        self.edit.setText(tr("Edit"))
        self.edit.setCheckable(True)
        self.edit.setToolTip(tr("Choose bands, ground resolution and stretch yourself"))
        self._make_fields()
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.summary, 1)
        line.addWidget(self.edit)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addLayout(line)
        box.addWidget(self._fields)
        self._fields.hide()
        self.edit.toggled.connect(self._fields.setVisible)

    def _make_fields(self) -> None:
        self._fields = QWidget()
        form = QFormLayout(self._fields)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.sensor = QComboBox()
        for value, words in zip(SENSORS, (tr("Recognise"), "NAIP", "Sentinel-2", tr("Other (RGB)"))):
            self.sensor.addItem(words, value)
        self.sensor.currentIndexChanged.connect(self._tell)
        form.addRow(tr("Sensor"), self.sensor)
        self.bands: List[QComboBox] = []
        for words in (tr("Red"), tr("Green"), tr("Blue")):
            combo = QComboBox()
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(10)
            combo.currentIndexChanged.connect(self._tell)
            self.bands.append(combo)
            form.addRow(words, combo)
        self.gsd = QDoubleSpinBox()
        self.gsd.setRange(0.0, LARGEST_GSD_M)
        self.gsd.setDecimals(2)
        self.gsd.setSpecialValueText(tr("The model's own"))
        self.gsd.setSuffix(" m")
        self.gsd.valueChanged.connect(self._tell)
        form.addRow(tr("Resolution"), self.gsd)
        self.stretch = QLineEdit()
        self.stretch.setPlaceholderText(tr("automatic; or low, high"))
        self.stretch.setToolTip(tr("The values that become black and white, such as: 0, 3000"))
        self.stretch.editingFinished.connect(self._tell)
        form.addRow(tr("Stretch"), self.stretch)

    def set_layer(self, layer: Optional[QgsRasterLayer]) -> None:
        """Take a raster's bands; what was chosen for another raster is forgotten."""
        self._quiet = True
        for combo in self.bands:
            combo.clear()
            combo.addItem(tr("Automatic"), 0)
            for band in range(1, (layer.bandCount() if layer is not None else 0) + 1):
                combo.addItem(layer.bandName(band), band)  # type: ignore[union-attr]
        self.sensor.setCurrentIndex(0)
        self.gsd.setValue(0.0)
        self.stretch.clear()
        # until the engine has looked at it; with no layer there is nothing to edit
        self.summary.setText(tr("Bands and resolution: automatic") if layer is not None else "")
        self.summary.setToolTip("")
        self.edit.setEnabled(layer is not None)
        self._quiet = False

    def values(self) -> Dict[str, Any]:
        """Return the fields of an `Order`: sensor, bands, gsd_m, stretch."""
        bands = tuple(int(combo.currentData() or 0) for combo in self.bands)
        return {
            "sensor": self.sensor.currentData(),
            "bands": bands if all(bands) else (),
            "gsd_m": round(self.gsd.value(), 4) or None,
            "stretch": parse_stretch(self.stretch.text()),
        }

    def say(self, estimate: Dict[str, Any]) -> None:
        """Show how the engine would read the raster."""
        self.summary.setText(describe(estimate))
        self.summary.setToolTip(stretch_words(estimate.get("stretch")))

    def _tell(self) -> None:
        if not self._quiet:
            self.changed.emit()


def parse_stretch(text: str) -> Tuple[float, ...]:
    """Return (low, high) from a text such as `0, 3000`; empty where it says no such thing."""
    try:
        numbers = tuple(float(word) for word in text.replace(",", " ").replace(";", " ").split())
    except ValueError:
        return ()
    return numbers if len(numbers) in (2, 6) and all(a < b for a, b in zip(numbers[::2], numbers[1::2])) else ()


def describe(estimate: Dict[str, Any]) -> str:
    """Return how a raster is read, in a line: sensor, bands, pixel and working resolution."""
    sensors = {"naip": "NAIP", "sentinel2": "Sentinel-2", "rgb": tr("RGB image")}
    parts = [sensors.get(estimate["sensor"], str(estimate["sensor"]))]
    bands = ", ".join(str(band) for band in estimate["bands"])
    parts.append(tr("bands {}").format(bands))
    native, worked = estimate["native_gsd_m"], estimate["gsd_m"]
    near = abs(native - worked) < 0.02 * worked
    parts.append(f"{worked:.3g} m" if near else tr("{:.3g} m pixels read at {:.3g} m").format(native, worked))
    return " · ".join(parts)


def stretch_words(stretch: Any) -> str:  # noqa: ANN401 - the engine's word
    """Return what is done to the raster's values before the model sees them."""
    if not stretch:
        return tr("8-bit values are taken as they are.")
    return tr("Stretched to 8 bits: {}").format(stretch)
