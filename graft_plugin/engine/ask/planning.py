"""Only the plan of a question, with nothing looked at: what "Test" in QGIS's options asks an endpoint for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..clock import Clock
from ..progress import CancelToken, Report
from ..request_base import require
from .requests import MAX_QUESTION, AskRequest


@dataclass(frozen=True)
class PlanRequest(AskRequest):
    """A question and who writes its plan; what an `AskRequest` says of a raster is of no matter."""

    raster: str = ""

    def __post_init__(self) -> None:
        """Check that there is a question."""
        require(0 < len(self.question.strip()) <= MAX_QUESTION, f"a question has 1 to {MAX_QUESTION} characters")


@dataclass(frozen=True)
class PlanResult:
    """A plan that was written, and that is in the plan language.

    Attributes:
        plan: The plan.
        planner: "built-in" or "endpoint".
        seconds: How long it took.
    """

    plan: str
    planner: str
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready data."""
        return asdict(self)


def run(request: PlanRequest, report: Report, cancel: CancelToken) -> PlanResult:
    """Have a plan written.

    Raises:
        GraftError: The endpoint cannot be used, or the question is not understood.
    """
    from .planner import plan_for
    from .writer import Talk

    report("plan", 0, 0)
    clock = Clock()
    if request.endpoint is None:
        plan, planner = plan_for(request.question), "built-in"
    else:
        dated = request.before is not None
        talk = Talk(request.endpoint, request.question, dated=dated, offline=request.offline, cancel=cancel)
        plan, planner = talk.plan(), "endpoint"
    return PlanResult(plan, planner, clock.total()["total"])
