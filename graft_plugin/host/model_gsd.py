"""The ground resolution of a model, as the list of models says it; the engine has the last word on what it works at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict

USUAL_M = {"sentinel2": 10.0}
"""For models that the list does not know, by sensor; 1 m for every other sensor."""


def model_gsd_m(model: str, sensor: str) -> float:
    """Return the metres a pixel at which a layer is rendered for a model.

    Args:
        model: Id in the list, or a checkpoint's path.
        sensor: The preset; "auto" is taken for pictures, which is what rendered layers are.
    """
    kind = "rgb" if sensor == "auto" else sensor
    usual = USUAL_M.get(kind, 1.0)
    return float(next((entry.get("gsd", {}).get("presets", {}).get(kind, usual) for entry in _models(model)), usual))


def model_licence(model: str) -> str:
    """Return the licence of a model in the list; empty where the list does not know it."""
    return next((str(entry.get("licence", "")) for entry in _models(model)), "")


def _models(wanted: str) -> Any:  # noqa: ANN401 - an iterator of entries
    path = Path(__file__).resolve().parents[2] / "resources" / "models.json"
    listed: Dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return (entry for entry in listed["models"] if entry["id"] == wanted)
