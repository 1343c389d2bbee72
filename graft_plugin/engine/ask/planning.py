"""A question's plan, written and not run."""

from __future__ import annotations

import time

from ..progress import CancelToken, Report
from .planner import plan_for
from .requests import PlanRequest
from .results import PlanResult
from .writer import Talk


def run(request: PlanRequest, report: Report, cancel: CancelToken) -> PlanResult:
    """See `service.run_plan`."""
    started = time.monotonic()
    report("plan", 0, 0)
    if request.endpoint is None:
        plan, planner = plan_for(request.question), "built-in"
    else:
        talk = Talk(request.endpoint, request.question, dated=request.dated, offline=request.offline, cancel=cancel)
        plan, planner = talk.plan(), "endpoint"
    return PlanResult(request.question, plan, planner, round(time.monotonic() - started, 4))
