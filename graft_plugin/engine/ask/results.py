"""What is answered to a question: frozen dataclasses of JSON-ready values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Optional, Union


@dataclass(frozen=True)
class Step:
    """A named intermediate of a plan.

    Attributes:
        name: Its name in the plan.
        call: The expression that made it.
        count: Its regions.
        area_m2: What they cover together, overlaps counted once.
        layer: Its layer in the GeoPackage; None where none was asked for.
    """

    name: str
    call: str
    count: int
    area_m2: float
    layer: Optional[str]


@dataclass(frozen=True)
class PlanResult:
    """A plan that was written, and not run.

    Attributes:
        question: As it was asked.
        plan: In the plan language.
        planner: "built-in" or "endpoint".
        seconds: That it took.
    """

    question: str
    plan: str
    planner: str
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready data."""
        return asdict(self)


@dataclass(frozen=True)
class AskResult:
    """An answer and what it rests on.

    Attributes:
        question: As it was asked; empty where only a plan was given.
        plan: The plan that was run; it can be edited and run again.
        planner: "built-in", "endpoint" or "given".
        text: The answer as a sentence, with number and unit.
        value: The answer itself; of a region its area in square metres.
        unit: Of a number: what was counted, or a unit of measure; else empty.
        confidence: 0..1; a reading of the model's scores, not a calibrated probability (see `ask.confidence`).
        why: How it came about, in a sentence.
        steps: The named intermediates, in the order of the plan.
        out: The GeoPackage; None where none was asked for.
        crs: Of its layers.
        warnings: What the user should know, in plain sentences.
        seconds: Wall time by stage, and "total".
    """

    question: str
    plan: str
    planner: str
    text: str
    value: Union[bool, int, float, str, None]
    unit: str
    confidence: float
    why: str
    steps: tuple[Step, ...]
    out: Optional[str]
    crs: str
    warnings: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready data."""
        return asdict(self)
