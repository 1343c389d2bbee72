"""An answer and what it rests on, as the panel shows it and the project keeps it."""

from __future__ import annotations

import contextlib
import json
import math
import re
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Dict, List, Tuple, Union

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QLocale

from .i18n import tr, tr_later
from .layers import area_words

SCOPE, KEY = "graft", "questions"
MOST_KEPT = 200
DIGITS = 3
"""Of a measure: more would claim what a threshold does not give."""

Value = Union[bool, int, float, str, None]

_SQUARES = re.compile(r"\b(k?m|ft)2\b")
LEVELS = ((0.75, tr_later("high")), (0.5, tr_later("fair")), (0.0, tr_later("low")))
WRITERS = {
    "built-in": tr_later("Written by the built-in planner."),
    "endpoint": tr_later("Written by the endpoint of the options."),
    "given": tr_later("Run as it was given."),
}


@dataclass(frozen=True)
class AskStep:
    """A named intermediate: its name and expression in the plan, its regions, and its layer in the file, if any."""

    name: str
    call: str
    count: int
    area_m2: float
    layer: str = ""


@dataclass(frozen=True)
class Answer:
    """One question and its answer; fields as in the engine's `AskResult`.

    Attributes:
        id: By which its layers know it.
        asked: Local time, ISO.
        layer_name: The raster layer that was asked.
    """

    id: str
    asked: str
    layer_name: str
    question: str
    plan: str
    planner: str
    text: str
    value: Value
    unit: str
    confidence: float
    why: str
    steps: Tuple[AskStep, ...] = ()
    warnings: Tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The question; where a plan was given, that may ask something else, this is said."""
        if self.planner != "given":
            return self.question
        return tr("{} (own plan)").format(self.question) if self.question else self.text

    @property
    def headline(self) -> str:
        """The answer in a word or a number with its unit."""
        if isinstance(self.value, bool):
            return tr("Yes") if self.value else tr("No")
        if self.value is None:
            return tr("No answer")
        if isinstance(self.value, str):
            return self.value
        said = self.text.split()
        if self.value == 1 and said[:1] == ["1"]:  # the unit is a plural, the sentence knows the singular
            return " ".join(said[: 1 + len(self.unit.split())]).rstrip(".,")
        if self.unit == "m2" and "m²" not in self.text:  # of a region, whose sentence has the unit that suits it
            return area_words(self.value)
        unit = _SQUARES.sub(r"\1²", self.unit)
        return f"{number_words(self.value)} {unit}".strip()

    @property
    def confidence_words(self) -> str:
        """How sure, as a word and a number."""
        level = next(words for least, words in LEVELS if self.confidence >= least)
        return tr("Confidence: {} ({:.2f})").format(tr(level), self.confidence)


def answer_of(result: Dict[str, Any], layer_name: str) -> Answer:
    """Return the engine's result of a question as an answer of now."""
    steps = tuple(
        AskStep(s["name"], s["call"], int(s["count"]), float(s["area_m2"]), s["layer"] or "") for s in result["steps"]
    )
    return Answer(
        id=uuid.uuid4().hex,
        asked=datetime.now().isoformat(timespec="minutes"),
        layer_name=layer_name,
        steps=steps,
        warnings=tuple(result["warnings"]),
        **{key: result[key] for key in ("question", "plan", "planner", "text", "value", "unit", "why")},
        confidence=min(1.0, max(0.0, float(result["confidence"]))),
    )


def number_words(value: Union[int, float]) -> str:
    """Return a number as the user's language writes it; a measure with three digits that count."""
    locale = QLocale()
    if isinstance(value, int):
        return str(locale.toString(value))
    size = math.floor(math.log10(abs(value))) if value else 0
    return str(locale.toString(float(value), "f", min(6, max(0, DIGITS - 1 - size))))


def kept_answers(project: QgsProject) -> List[Answer]:
    """Return the answers that a project keeps, the newest first; an entry that cannot be read is left out."""
    try:
        entries = json.loads(project.readEntry(SCOPE, KEY, "[]")[0])
    except ValueError:
        return []
    found: List[Answer] = []
    for entry in entries if isinstance(entries, list) else []:
        with contextlib.suppress(TypeError, ValueError, KeyError, AttributeError):  # by another version, or by hand
            found.append(_read(entry))
    return found


def keep_answers(project: QgsProject, answers: List[Answer]) -> None:
    """Have a project keep answers instead of those that it has; it is saved by its user."""
    if answers:
        project.writeEntry(SCOPE, KEY, json.dumps([asdict(answer) for answer in answers[:MOST_KEPT]]))
    else:
        project.removeEntry(SCOPE, KEY)


def _read(entry: Dict[str, Any]) -> Answer:
    texts = ("id", "asked", "layer_name", "question", "plan", "planner", "text", "unit", "why")
    return Answer(
        **{name: str(entry[name]) for name in texts},
        value=entry["value"],
        confidence=float(entry["confidence"]),
        steps=tuple(AskStep(**step) for step in entry["steps"]),
        warnings=tuple(map(str, entry["warnings"])),
    )
