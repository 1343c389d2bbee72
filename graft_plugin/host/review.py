"""The points of an assessment while someone judges them: which is next, what was said, and a way back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, List, Optional, Tuple

from qgis.core import NULL, QgsRasterLayer, QgsVectorLayer

from ..errors import UsageError
from .i18n import tr

VIEW_M, CELLS_SHOWN = 400.0, 3.0
FIELDS = ("map_class", "reference", "stratum")
"""What the engine's points carry, besides their place."""


@dataclass(frozen=True)
class Label:
    """What a point can be judged to be.

    Attributes:
        number: Its value in the map, and its key.
        name: Its name.
    """

    number: int
    name: str


class Review:
    """Goes through the points of a layer in their order, which mixes the classes; what is said is in the file at once.

    Args:
        layer: Points that the engine drew.

    Attributes:
        labels: What a point can be.
        result: The file that the points were drawn over.

    Raises:
        UsageError: The layer has no such points.
    """

    def __init__(self, layer: QgsVectorLayer) -> None:
        names = [field.name() for field in layer.fields()]
        if any(name not in names for name in FIELDS):
            raise UsageError(
                tr("the layer “{}” holds no points of an assessment").format(layer.name()),
                remedy=tr("Draw points from a result first."),
            )
        self.layer = layer
        self._reference = names.index("reference")
        features = list(layer.getFeatures())
        self._ids = [feature.id() for feature in features]
        self._said = [_text(feature["reference"]) for feature in features]
        self._past: List[Tuple[int, str]] = []
        self.labels, self.result = _strata(layer)
        self.at = self._open_from(0)

    @property
    def count(self) -> int:
        """How many points there are."""
        return len(self._ids)

    @property
    def judged(self) -> int:
        """How many of them were judged."""
        return sum(bool(said) for said in self._said)

    @property
    def view_m(self) -> float:
        """How much of the map to show around a point, in metres, which the engine's results are in."""
        raster = QgsRasterLayer(self.result) if self.result.endswith((".tif", ".tiff")) else None
        cell_m = raster.rasterUnitsPerPixelX() if raster is not None and raster.isValid() else 0.0
        return float(max(VIEW_M, CELLS_SHOWN * cell_m))

    @property
    def said(self) -> str:
        """What the point was judged to be; empty: nothing yet."""
        return self._said[self.at] if self._ids else ""

    @property
    def can_undo(self) -> bool:
        """Whether something was said in this session."""
        return bool(self._past)

    def place(self) -> Any:  # noqa: ANN401 - Optional[QgsPointXY]
        """Return where the point lies, in the layer's CRS; None where there is none."""
        if not self._ids:
            return None
        return self.layer.getFeature(self._ids[self.at]).geometry().asPoint()

    def judge(self, label: Label) -> None:
        """Say what the point is, and go on to the next one that nobody has judged.

        Raises:
            UsageError: The file takes no changes.
        """
        self._past.append((self.at, self._said[self.at]))
        try:
            self._write(self.at, label.name)
        except UsageError:
            self._past.pop()
            raise
        self.at = self._open_from(self.at + 1)

    def undo(self) -> None:
        """Take the last judgement back, and stay at its point."""
        if self._past:
            at, before = self._past.pop()
            self._write(at, before)
            self.at = at

    def step(self, by: int) -> None:
        """Go to another point, whether or not it was judged."""
        if self._ids:
            self.at = (self.at + by) % len(self._ids)

    def _write(self, at: int, text: str) -> None:
        value: Optional[str] = text or None
        if self.layer.isEditable():
            done = self.layer.changeAttributeValue(self._ids[at], self._reference, value)
        else:
            done = self.layer.dataProvider().changeAttributeValues({self._ids[at]: {self._reference: value}})
        if not done:
            raise UsageError(
                tr("the layer “{}” cannot be changed").format(self.layer.name()),
                remedy=tr("Close its file in other programs, or check that you may write to it."),
            )
        self._said[at] = text

    def _open_from(self, start: int) -> int:
        """Return the first point from `start` on, once around, that was not judged; the last one where all were."""
        count = len(self._ids)
        ways = (k % count for k in range(start, start + count)) if count else iter(())
        return next((k for k in ways if not self._said[k]), max(0, min(start, count - 1)))


def _strata(layer: QgsVectorLayer) -> Tuple[List[Label], str]:
    """Return the classes of the points' file, and the result that they are of.

    Raises:
        UsageError: The file has no table of them.
    """
    path = layer.source().split("|")[0]
    try:
        with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as file:
            rows = file.execute("SELECT number, name, result FROM strata ORDER BY number").fetchall()
    except sqlite3.Error as error:
        raise UsageError(
            tr("the points' classes cannot be read: {}").format(error),
            remedy=tr("Draw points from a result first."),
            path=path,
        ) from error
    return [Label(int(number), str(name)) for number, name, _result in rows], str(rows[0][2]) if rows else ""


def _text(value: Any) -> str:  # noqa: ANN401 - any attribute
    return "" if value is None or value == NULL else str(value).strip()
