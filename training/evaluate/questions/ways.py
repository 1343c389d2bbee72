"""Ways of answering: which planner, which regions. Their differences say which part loses an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graft_plugin.engine.ask.finder import Finder, Region
from graft_plugin.engine.ask.functions import FUNCTIONS
from graft_plugin.engine.ask.language import run_plan
from graft_plugin.engine.ask.planner import plan_for
from graft_plugin.engine.ask.sentence import unit_of
from graft_plugin.engine.ask.syntax import parse, texts_of
from graft_plugin.engine.progress import CancelToken
from graft_plugin.errors import PlanError, UsageError

from ..layouts.types import Question, Value
from .finders import Makes, MixedFinder
from .words import class_of


@dataclass(frozen=True)
class Reply:
    """What came of a question.

    Attributes:
        plan: What was run; "" where there was none.
        value: The answer; of a region its area.
        unit: Of a number.
        error: Why there is no answer, or "".
    """

    plan: str
    value: Value
    unit: str
    error: str = ""


@dataclass(frozen=True)
class Way:
    """One way of answering.

    Attributes:
        name: As the table shows it.
        finder: A question and the texts of its plan → what finds the regions.
        given: Run the question's own plan instead of the planner's.
        pairs: Only for questions that look for several things.
    """

    name: str
    finder: Callable[[Question, tuple[str, ...]], Finder]
    given: bool = False
    pairs: bool = False


def reply_to(question: Question, way: Way, cancel: CancelToken) -> Reply:
    """Answer a question one way; a plan that fails, or that the model has no words for, is a reply without a value."""
    plan = ""
    try:
        plan = question.plan if way.given else plan_for(question.text)
        finder = way.finder(question, texts_of(parse(plan, FUNCTIONS)))
        answer = run_plan(plan, finder, cancel=cancel).answer
    except (PlanError, UsageError) as error:  # not understood, or of words that the model never saw
        return Reply(plan, None, "", str(error))
    value = float(answer.value.geometry.area) if isinstance(answer.value, Region) else answer.value
    return Reply(plan, value, unit_of(answer))


def ways_of(name: str, found: dict[str, Makes], truth: Finder | None) -> list[Way]:
    """Return the ways in which a model is measured.

    Args:
        name: Of the model.
        found: The end of a way's name → what the model finds; the last one is what `graft ask` does.
        truth: The true regions, where they are known; with them come the ways that tell the parts apart.
    """
    ways = [Way(f"{name}{end}", _found(makes)) for end, makes in found.items()]
    if truth is None:
        return ways
    known = [Way("true regions, given plans", _always(truth), given=True), Way("true regions", _always(truth))]
    end, last = list(found.items())[-1]
    mixed = [
        Way(f"{name}{end}, {which} thing true", _mixed(truth, last, at), pairs=True)
        for which, at in (("no", None), ("first", 0), ("second", 1))
    ]
    return [*known, *ways, *mixed]


def _found(makes: Makes) -> Callable[[Question, tuple[str, ...]], Finder]:
    return lambda _question, texts: makes(texts)


def _always(finder: Finder) -> Callable[[Question, tuple[str, ...]], Finder]:
    return lambda _question, _texts: finder


def _mixed(truth: Finder, rest: Makes, at: int | None) -> Callable[[Question, tuple[str, ...]], Finder]:
    """Return what takes the one thing of a question from the truth."""

    def finder(question: Question, texts: tuple[str, ...]) -> Finder:
        wanted = None if at is None else class_of(question.terms[at])
        return MixedFinder(truth, rest(texts), lambda text: wanted is not None and class_of(text) == wanted)

    return finder
