"""What a plan may call: each function with its parameters, what it says of itself, and what it does.

This table is all of the API: the interpreter calls by it, and the text that an endpoint is given is made of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Optional

from ...errors import PlanError
from . import geometry
from .budget import Budget
from .finder import Change, Finder, Region
from .geometry import Regions
from .kinds import KINDS, MAX_FINDS, Scene, kind_of


@dataclass(frozen=True)
class Answer:
    """What a plan answers.

    Attributes:
        value: A number, a text, yes or no, a region, or None where there is nothing to tell of.
        unit: Of a number: a plural noun, or a unit of measure.
        about: What follows the number; or what there is or is not, or the region's name.
    """

    value: Any
    unit: str = ""
    about: str = ""


@dataclass
class Context:
    """What functions work with."""

    finder: Finder
    budget: Budget
    found: dict[str, Regions] = field(default_factory=dict)
    """By text: a text that is found again is the very same regions. Of a text that is compared, what changed."""
    changes: dict[str, Change] = field(default_factory=dict)

    def check(self, text: str) -> None:
        """Refuse a text that names nothing, and the one too many."""
        if not text.strip():
            raise PlanError("find needs a text that is not empty")
        if len({*self.found, *self.changes, text}) > MAX_FINDS:
            raise PlanError(f"a plan can look for {MAX_FINDS} texts at most")


@dataclass(frozen=True)
class Function:
    """A function of the plan language.

    Attributes:
        parameters: (name, kind) of each; see `KINDS`. A kind with ? may be left out, as "" or None.
        says: What it does, in a line.
        run: Context and the checked arguments → the value.
    """

    parameters: tuple[tuple[str, str], ...]
    says: str
    run: Callable[..., Any]

    def bind(self, name: str, given: list[Any], named: dict[str, Any]) -> list[Any]:
        """Return the checked arguments in order.

        Raises:
            PlanError: There are too many or too few, an unknown one, or one of another kind.
        """
        names = [parameter for parameter, _kind in self.parameters]
        if len(given) > len(names):
            raise PlanError(f"{name} takes {len(names)} values: {', '.join(names)}")
        values = dict(zip(names, given))
        for key, value in named.items():
            if key not in names or key in values:
                raise PlanError(f"{name} has no {key[:40]}, or has it twice; it takes {', '.join(names)}")
            values[key] = value
        out = []
        for key, kind in self.parameters:
            if key not in values:
                if not kind.endswith("?"):
                    raise PlanError(f"{name} needs {key}")
                out.append("" if kind == "text?" else None)
                continue
            out.append(KINDS[kind.removesuffix("?")](values[key], f"{key} of {name}"))
        return out


def _find(context: Context, text: str) -> Regions:
    context.check(text)
    if text not in context.found:
        context.found[text] = context.budget.elsewhere(lambda: context.finder.find(text))
    return context.found[text]


def _compare(context: Context, before: Scene, after: Scene, text: str) -> Change:
    context.check(text)
    if before.name == after.name:
        raise PlanError("compare needs the two dates, before and after")
    if text not in context.changes:
        change = context.changes[text] = context.budget.elsewhere(lambda: context.finder.compare(text))
        context.found.setdefault(text, (*change.gained, *change.lost))
    change = context.changes[text]
    return change if before.name == "before" else Change(change.lost, change.gained)


def _classify(context: Context, region: Region, labels: list[str]) -> str:
    return context.budget.elsewhere(lambda: context.finder.classify(region, labels))


def _best_match(context: Context, regions: Regions, text: str) -> Optional[Region]:
    return context.budget.elsewhere(lambda: context.finder.best_match(regions, text)) if regions else None


def _area(context: Context, regions: Regions, *, per: float = 1.0) -> float:
    return geometry.area_m2(regions, context.budget) / per


def _view_area(context: Context) -> float:
    view = context.budget.elsewhere(lambda: context.finder.view)
    if not view.area > 0:
        raise PlanError("the view holds no valid pixel", remedy="Ask about another area.")
    return float(view.area)


def _view(context: Context) -> Region:
    return Region(context.budget.elsewhere(lambda: context.finder.view), 1.0, "view")


def _share(context: Context, regions: Regions) -> float:
    return _area(context, regions) / _view_area(context)


def _density(context: Context, regions: Regions) -> float:
    return len(regions) / (_view_area(context) / 1e6)


def _touching(context: Context, a: Regions, b: Regions) -> Regions:
    return geometry.near(a, b, context.finder.gsd_m + 1e-6, context.budget)


def _answer(context: Context, value: Any, unit: str, about: str) -> Answer:  # noqa: ANN401
    if isinstance(value, (tuple, list)) and len(value) == 1:
        value = value[0]
    if not (value is None or isinstance(value, (bool, int, float, str, Region))):
        raise PlanError(f"an answer is a number, a text, yes or no, or one region, not {kind_of(value)}")
    return Answer(value, unit, about)


def _rounded(context: Context, value: float, digits: Optional[float]) -> float:
    places = int(digits or 0)
    if abs(places) > 12:
        raise PlanError("digits of round must lie between -12 and 12")
    return round(value, places) if places else math.floor(value + 0.5)


def _pick(context: Context, values: list[float], *, best: Callable[..., float]) -> Optional[float]:
    return best(values, default=None)


def _spatial(run: Callable[..., Any]) -> Callable[..., Any]:
    return lambda context, *values: run(*values, context.budget)


_R, _AB = ("regions", "regions"), (("a", "regions"), ("b", "regions"))

FUNCTIONS: dict[str, Function] = {
    "find": Function(
        (("text", "text"),), "regions of what a short noun phrase in the singular names: find('pond')", _find
    ),
    "view": Function((), "all of the ground that is looked at, as one region", _view),
    "count": Function((_R,), "how many regions", lambda _c, r: len(r)),
    "exists": Function((_R,), "whether there is any", lambda _c, r: bool(r)),
    "area_m2": Function((_R,), "square metres that they cover together", _area),
    "area_ha": Function((_R,), "the same in hectares", partial(_area, per=1e4)),
    "area_km2": Function((_R,), "the same in square kilometres", partial(_area, per=1e6)),
    "share": Function((_R,), "their share of the view, 0 to 1", _share),
    "density": Function((_R,), "regions a square kilometre of the view", _density),
    "near": Function((*_AB, ("metres", "metres")), "those of a at most so far from some b", _spatial(geometry.near)),
    "away_from": Function(
        (*_AB, ("metres", "metres")), "those of a farther than that from every b", _spatial(geometry.away_from)
    ),
    "touching": Function(_AB, "those of a that touch or overlap some b", _touching),
    "ground_near": Function(
        (*_AB, ("metres", "metres")), "the ground of a at most so far from some b", _spatial(geometry.ground_near)
    ),
    "others": Function(
        (_R, ("some", "regions")), "those that are not among some", lambda _c, r, s: geometry.without(r, s)
    ),
    "inside": Function(
        _AB, "those of a that lie by half or more in b, whose holes count as b", _spatial(geometry.inside)
    ),
    "outside": Function(_AB, "the others of a", _spatial(geometry.outside)),
    **{
        f"{way}_of": Function(
            _AB, f"those of a whose centre lies {way} of some b's", _spatial(partial(geometry.towards, way))
        )
        for way in geometry.DIRECTIONS
    },
    "largest": Function((_R,), "the region of the greatest area", lambda _c, r: geometry.extreme(r, largest=True)),
    "smallest": Function((_R,), "the region of the least area", lambda _c, r: geometry.extreme(r, largest=False)),
    "nearest": Function(_AB, "the region of a that is nearest to some b", _spatial(geometry.nearest)),
    "distance_m": Function(_AB, "metres between the nearest a and b, edge to edge", _spatial(geometry.distance_m)),
    "intersect": Function(_AB, "the ground that a and b share", _spatial(geometry.intersect)),
    "union": Function(_AB, "the regions of both, joined where one lies mostly in another", _spatial(geometry.union)),
    "subtract": Function(_AB, "a without the ground of b", _spatial(geometry.subtract)),
    "classify": Function((("region", "region"), ("labels", "texts")), "the label that fits it best", _classify),
    "best_match": Function((_R, ("text", "text")), "the region that fits a text best", _best_match),
    "compare": Function(
        (("before", "date"), ("after", "date"), ("text", "text")),
        "what changed of a text: compare(before, after, 'forest'); only where two dates are given",
        _compare,
    ),
    "gained": Function((("change", "change"),), "regions that are there only after", lambda _c, x: x.gained),
    "lost": Function((("change", "change"),), "regions that were there only before", lambda _c, x: x.lost),
    "len": Function((("list", "list"),), "how many members", lambda _c, x: len(x)),
    "sum": Function((("numbers", "numbers"),), "their sum", lambda c, x: c.budget.number(math.fsum(x))),
    "min": Function((("numbers", "numbers"),), "the least of a list", partial(_pick, best=min)),
    "max": Function((("numbers", "numbers"),), "the greatest of a list", partial(_pick, best=max)),
    "any": Function((("list", "list"),), "whether one of a list is true", lambda _c, x: any(x)),
    "all": Function((("list", "list"),), "whether all of a list are true", lambda _c, x: all(x)),
    "abs": Function((("number", "number"),), "without its sign", lambda _c, x: abs(x)),
    "round": Function((("number", "number"), ("digits", "number?")), "rounded", _rounded),
    "answer": Function(
        (("value", "value"), ("unit", "text?"), ("about", "text?")),
        "the answer; the plan ends here. value: a number with its unit (a plural noun, '%', 'm', 'km', 'm2', 'ha', "
        "'km2' …), yes or no, one region, or a text; about: of a number what follows it ('of forest', 'within 100 m of "
        "a road'), of yes or no what there is ('a pond near a road'), of a region its name ('the largest pond')",
        _answer,
    ),
}


def api_text() -> str:
    """Return the whole API as lines of text."""
    lines = []
    for name, function in FUNCTIONS.items():
        inside = ", ".join(
            f"{parameter}{'=…' if kind.endswith('?') else ''}" for parameter, kind in function.parameters
        )
        lines.append(f"{name}({inside}): {function.says}")
    return "\n".join(lines)
