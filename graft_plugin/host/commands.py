"""A run as text that repeats it: a `graft` line, a `qgis_process` line, and Python for QGIS's console."""

from __future__ import annotations

import shlex
from typing import Any, Dict, List

from .ask_order import AskOrder
from .order import Order
from .plan_writer import BUILT_IN
from .settings import ENDPOINT_MODEL, ENDPOINT_URL, PLANNER

ASK = "graft:ask"


def as_graft(order: Order) -> str:
    """Return the line for the engine's command line."""
    words = ["graft", "query", order.raster]
    for option, values in (("--text", order.prompts), ("--not", order.negatives)):
        for value in values:
            words += [option, value]
    for option, points in (("--like", order.like), ("--unlike", order.unlike)):
        for point in points:
            words.append(f"{option}={_numbers(point)}")  # with "=": a west coordinate starts with a minus
    if order.photo:
        words += ["--photo", order.photo]
    words += _place_words(order)
    if order.threshold is not None:
        words += ["--threshold", repr(order.threshold)]
    words += ["--heatmap", "heatmap.tif"]
    if order.segment:
        words += ["--masks", order.output or "polygons.gpkg"]
        if not order.refine:
            words += ["--refine", "none"]
    return shlex.join(words)


def as_qgis_process(order: Order) -> str:
    """Return the line for `qgis_process`."""
    return _process_line(_algorithm(order), parameters(order))


def as_python(order: Order) -> str:
    """Return a call for QGIS's Python console."""
    return _python_call(_algorithm(order), parameters(order))


def parameters(order: Order) -> Dict[str, Any]:
    """Return the run as parameters of `graft:segment` or `graft:heatmap`; defaults are left out."""
    wanted: Dict[str, Any] = {
        "INPUT": order.raster,
        "PROMPTS": "\n".join(order.prompts),
        "NEGATIVE": "\n".join(order.negatives),
        "LIKE": _points(order.like),
        "UNLIKE": _points(order.unlike),
        "PHOTO": order.photo,
        "MODEL": order.model,
        "SENSOR": "" if order.sensor == "auto" else order.sensor,
        "BANDS": _numbers(order.bands),
        "GSD": order.gsd_m,
        "STRETCH": _numbers(order.stretch),
        "EXTENT": _numbers(order.extent[k] for k in (0, 2, 1, 3)) if order.extent else "",
        "THRESHOLD": order.threshold if order.segment else None,
    }
    found = {name: value for name, value in wanted.items() if value not in ("", None)}
    if order.segment and not order.refine:
        found["REFINE"] = False
    found["OUTPUT"] = order.output or ("polygons.gpkg" if order.segment else "heatmap.tif")
    return found


def ask_as_graft(order: AskOrder) -> str:
    """Return a question's line for the engine's command line; a key is no part of it."""
    words = ["graft", "ask", order.place.raster, order.question]
    if order.before is not None:
        words += ["--before", order.before.raster]
    words += _place_words(order.place)
    if PLANNER.get() != BUILT_IN and not order.plan:
        words += ["--endpoint", ENDPOINT_URL.get(), "--endpoint-model", ENDPOINT_MODEL.get()]
    words += ["--out", "answer.gpkg"]
    line = shlex.join([word for word in words if word])
    return f"{line} --plan - <<'PLAN'\n{order.plan}\nPLAN" if order.plan else line


def ask_as_qgis_process(order: AskOrder) -> str:
    """Return a question's line for `qgis_process`."""
    return _process_line(ASK, ask_parameters(order))


def ask_as_python(order: AskOrder) -> str:
    """Return a question as a call for QGIS's Python console."""
    return _python_call(ASK, ask_parameters(order))


def ask_parameters(order: AskOrder) -> Dict[str, Any]:
    """Return a question as parameters of `graft:ask`; defaults are left out."""
    place = parameters(order.place)
    wanted: Dict[str, Any] = {
        "INPUT": order.place.raster,
        "QUESTION": order.question,
        "PLAN": order.plan,
        "BEFORE": order.before.raster if order.before is not None else "",
        **{name: place[name] for name in ("MODEL", "SENSOR", "EXTENT", "BANDS", "GSD", "STRETCH") if name in place},
        "OUTPUT": "answer.gpkg",
    }
    return {name: value for name, value in wanted.items() if value}


def _place_words(order: Order) -> List[str]:
    """Return how a raster is read, as options of any command."""
    words: List[str] = []
    if order.model != "mini":
        words += ["--model", order.model]
    if order.sensor != "auto":
        words += ["--sensor", order.sensor]
    if order.bands:
        words += ["--bands", _numbers(order.bands)]
    if order.gsd_m:
        words += ["--gsd", repr(order.gsd_m)]
    if order.stretch:
        words.append(f"--stretch={_numbers(order.stretch)}")
    if order.extent:
        words.append(f"--extent={_numbers(order.extent)}")
    return words


def _process_line(algorithm: str, given: Dict[str, Any]) -> str:
    values = [f"{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in given.items()]
    return shlex.join(["qgis_process", "run", algorithm, "--", *values])


def _python_call(algorithm: str, given: Dict[str, Any]) -> str:
    body = "\n".join(f"    {name!r}: {value!r}," for name, value in given.items())
    return f"import processing\n\nprocessing.run({algorithm!r}, {{\n{body}\n}})"


def _algorithm(order: Order) -> str:
    return "graft:segment" if order.segment else "graft:heatmap"


def _numbers(values: Any) -> str:  # noqa: ANN401 - any iterable of numbers
    return ",".join(repr(value) for value in values)


def _points(points: Any) -> str:  # noqa: ANN401 - Points
    parts: List[str] = [_numbers(point) for point in points]
    return ";".join(parts)
