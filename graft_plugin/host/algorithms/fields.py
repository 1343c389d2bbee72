"""Parameters that several algorithms have, each with its help, and what was written into them."""

from __future__ import annotations

from typing import Any, List, Sequence, Tuple

from qgis.core import (
    QgsProcessingParameterDefinition,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ...errors import UsageError
from ..i18n import tr

Field = Tuple[Any, str]
"""A parameter and its help."""

BANDS, GSD, STRETCH = "BANDS", "GSD", "STRETCH"


def model_field(name: str) -> Field:
    """Return the parameter of the model."""
    return (
        QgsProcessingParameterString(name, tr("Model"), "mini"),
        tr("A model's id (“graft models” lists them) or a checkpoint's path. “mini” is a demonstration."),
    )


def lines_field(name: str, label: str, words: str) -> Field:
    """Return an optional parameter of texts, one a line."""
    return QgsProcessingParameterString(name, label, multiLine=True, optional=True), words


def reading_fields() -> List[Field]:
    """Return the parameters of how a raster is read, which few need."""
    return [
        (
            QgsProcessingParameterString(BANDS, tr("Bands (red,green,blue)"), optional=True),
            tr("Band numbers from 1 on, such as 3,2,1; not set: by the sensor."),
        ),
        (
            QgsProcessingParameterNumber(
                GSD,
                tr("Ground resolution in metres"),
                QgsProcessingParameterNumber.Type.Double,
                None,
                optional=True,
                minValue=0.0,
            ),
            tr("Metres a pixel to work at; not set: the model's own for the sensor."),
        ),
        (
            QgsProcessingParameterString(STRETCH, tr("Stretch (low,high)"), optional=True),
            tr("The raster's values that become black and white; not set: by the sensor."),
        ),
    ]


def advanced(fields: Sequence[Field]) -> Sequence[Field]:
    """Have QGIS fold these parameters away; returns them."""
    for parameter, _words in fields:
        parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
    return fields


def numbers(text: str, name: str) -> List[float]:
    """Return the numbers of a text such as `1,2;3,4`.

    Raises:
        UsageError: There is something else in it.
    """
    try:
        return [float(word) for word in text.replace(";", ",").split(",") if word.strip()]
    except ValueError as error:
        raise UsageError(
            tr("{} must be numbers, not “{}”").format(name, text), remedy=tr("Separate them by commas.")
        ) from error


def spots(text: str, name: str) -> List[float]:
    """Return the coordinates x1, y1, x2, … of map points.

    Raises:
        UsageError: They are no pairs of numbers.
    """
    found = numbers(text, name)
    if len(found) % 2:
        raise UsageError(tr("{} must be pairs of numbers").format(name), remedy=tr("Write x,y;x,y."))
    return found
