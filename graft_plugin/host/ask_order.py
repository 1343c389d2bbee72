"""A question that the user asked, from whichever page or tool it came, and the work of answering it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, Optional

from ..client.children import CancelFlag
from .engine import shared_worker
from .model_gsd import model_gsd_m
from .order import Order
from .plan_writer import PlanWriter
from .progress import Report
from .source import Box, LayerSource
from .work import Work, fetch_source, located

EXAMPLES = (
    "How many lakes are there?",
    "Is there a river?",
    "What area do forests cover, in hectares?",
    "What share of the view is water?",
    "Which is the largest lake?",
    "How far is the nearest lake from a road?",
    "How many ponds lie within 100 m of a road?",
    "How much forest was lost between the two dates?",
)
"""One of each kind that is understood with no endpoint; in English, as the planner reads no other language."""

_OF_DATES = re.compile(
    r"\b(chang\w*|(two|both) (dates|images|scenes|pictures|years)|between \d{4}|since|over time|in the meantime|by now|"
    r"before|then|lost|loss|disappear\w*|vanish\w*|gone|cleared|removed|destroyed|demolished|shr[aiu]nk\w*|"
    r"decreas\w*|declin\w*|gain\w*|appeared|new|built|gr[eo]wn?|added|created|increas\w*|planted|expand\w*)\b",
    re.IGNORECASE,
)
"""Words that a question between dates has; it shows a field, and the engine decides."""

_COMPARES = re.compile(r"\bcompare\s*\(")


@dataclass(frozen=True)
class Earlier:
    """The raster that shows the same place earlier.

    Attributes:
        raster: The layer's source, for people and for commands.
        source: Where its pixels come from.
        extent: The area in its CRS; None: the whole of it.
    """

    raster: str
    source: LayerSource
    extent: Optional[Box]


@dataclass(frozen=True)
class AskOrder:
    """One question.

    Attributes:
        place: Where, with which model and how it is read; its prompts are of no matter.
        question: As it was typed.
        plan: To be run as it is; empty: it is written first.
        before: For questions of change.
    """

    place: Order
    question: str
    plan: str = ""
    before: Optional[Earlier] = None

    def to_request(self) -> Dict[str, Any]:
        """Return the engine's `ask` request as far as it holds for any raster."""
        request: Dict[str, Any] = {"question": self.question}
        if self.plan.strip():
            request["plan"] = self.plan
        return request


def is_of_dates(question: str, plan: str = "") -> bool:
    """Tell whether a question seems to be one between two dates, or a plan is."""
    return bool(_COMPARES.search(plan) or _OF_DATES.search(question))


def ask_work(order: AskOrder, writer: Optional[PlanWriter], out: str) -> Work:
    """Return the work of a question.

    Args:
        order: What is asked.
        writer: Who writes the plan; None: the built-in planner. It is not asked where there is a plan.
        out: GeoPackage for what the answer rests on; empty: not wanted.
    """

    def work(report: Report, cancelled: CancelFlag) -> Dict[str, Any]:
        request = located(order.place, fetch_source(order.place, report, cancelled))
        request.pop("prompts")
        request.update(order.to_request())
        if order.before is not None:
            gsd_m = order.place.gsd_m or model_gsd_m(order.place.model, order.place.sensor)
            request["before"] = order.before.source.fetch(order.before.extent, gsd_m, report, cancelled).raster
        if writer is not None and "plan" not in request:
            request["endpoint"] = writer.to_request()
        if out:
            request["out"] = out
        return shared_worker().call("ask", request, report, cancelled)

    return work
