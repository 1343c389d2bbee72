"""A result as the engine's assessment takes it, and what its report says in a few lines."""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Dict

from qgis.core import QgsRasterLayer

from ..home import graft_home
from .i18n import tr
from .layers import area_words


def result_of(layer: Any) -> Dict[str, Any]:  # noqa: ANN401 - QgsMapLayer
    """Return a layer of a result as fields of the engine's request."""
    path, _, rest = layer.source().partition("|")
    if isinstance(layer, QgsRasterLayer):
        return {"result": path}
    name = rest.partition("layername=")[2].split("|")[0]
    return {"result": path, "layer": name} if name else {"result": path}


def kept_file(name: str) -> str:
    """Return a new file for the points of a layer, where it outlives QGIS: half an hour of judging goes into it."""
    stem = "".join(letter if letter.isalnum() else "_" for letter in name).strip("_") or "points"
    folder = Path(graft_home()) / "assess"
    with suppress(OSError):  # the engine says what is wrong with the folder
        folder.mkdir(parents=True, exist_ok=True)
    names = (stem if number == 1 else f"{stem}_{number}" for number in count(1))
    return str(next(file for name in names if not (file := folder / f"{name}.gpkg").exists()))


def report_words(found: Dict[str, Any]) -> str:
    """Return what a report says, in a few lines; the rest is in its file."""
    lines = [tr("{} of {} points judged").format(found["judged"], found["drawn"])]
    if found["overall"]["value"] is not None:
        lines.append(tr("Overall accuracy {}").format(_share(found["overall"])))
    for entry in found["classes"]:
        area = entry["area_m2"]
        if area["value"] is not None:
            margin = "" if area["margin"] is None else f" ± {area_words(area['margin'])}"
            lines.append(f"{entry['name']}: {area_words(area['value'])}{margin}")
    return "\n".join(lines)


def _share(interval: Dict[str, Any]) -> str:
    margin = interval["margin"]
    return f"{interval['value']:.1%}" + ("" if margin is None else f" ± {margin:.1%}")
