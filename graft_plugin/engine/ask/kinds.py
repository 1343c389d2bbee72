"""The kinds of values that a plan has, and how arguments are checked to be of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...errors import PlanError
from .finder import Change, Region
from .geometry import Regions

MAX_FINDS = 24
"""Texts that one plan may look for, and labels to choose from: each find is a search of its own."""


@dataclass(frozen=True)
class Scene:
    """One of the two dates: the value of `before` and `after`."""

    name: str


def as_regions(value: Any, what: str) -> Regions:  # noqa: ANN401 - any value of a plan
    """Return one region, many, or none at all as a tuple."""
    if value is None:
        return ()
    if isinstance(value, Region):
        return (value,)
    if isinstance(value, (tuple, list)) and all(isinstance(item, Region) for item in value):
        return tuple(value)
    raise PlanError(f"{what} must be regions, not {kind_of(value)}")


def kind_of(value: Any) -> str:  # noqa: ANN401
    """Return what kind of value something is, in words."""
    kinds = {bool: "yes or no", int: "a number", float: "a number", str: "a text", Region: "a region", list: "a list"}
    kinds |= {tuple: "regions", Change: "a change", Scene: "a date", type(None): "nothing: none was found"}
    return kinds.get(type(value), "something else")


def _region(value: Any, what: str) -> Region:  # noqa: ANN401
    some = as_regions(value, what)
    if len(some) != 1:
        raise PlanError(f"{what} must be one region, not {len(some)}")
    return some[0]


def _text(value: Any, what: str) -> str:  # noqa: ANN401
    if not isinstance(value, str):
        raise PlanError(f"{what} must be a text, not {kind_of(value)}")
    return value


def _texts(value: Any, what: str) -> list[str]:  # noqa: ANN401
    if not isinstance(value, list) or not 2 <= len(value) <= MAX_FINDS:
        raise PlanError(f"{what} must be a list of 2 to {MAX_FINDS} texts")
    return [_text(item, what) for item in value]


def number(value: Any, what: str) -> float:  # noqa: ANN401
    """Return a number, yes and no as 1 and 0."""
    if not isinstance(value, (int, float)):
        raise PlanError(f"{what} must be a number, not {kind_of(value)}")
    return value


def _metres(value: Any, what: str) -> float:  # noqa: ANN401
    metres = number(value, what)
    if not 0 <= metres <= 1e7:
        raise PlanError(f"{what} must be metres from 0 on, not {metres:g}")
    return float(metres)


def _scene(value: Any, what: str) -> Scene:  # noqa: ANN401
    if not isinstance(value, Scene):
        raise PlanError(f"{what} must be before or after, not {kind_of(value)}")
    return value


def _change(value: Any, what: str) -> Change:  # noqa: ANN401
    if not isinstance(value, Change):
        raise PlanError(f"{what} must be what compare gave, not {kind_of(value)}")
    return value


def _many(value: Any, what: str) -> list[Any]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        raise PlanError(f"{what} must be a list, not {kind_of(value)}")
    return list(value)


def _numbers(value: Any, what: str) -> list[float]:  # noqa: ANN401
    return [number(item, what) for item in _many(value, what)]


def _any(value: Any, what: str) -> Any:  # noqa: ANN401
    return value


KINDS: dict[str, Callable[[Any, str], Any]] = {
    "regions": as_regions,
    "region": _region,
    "text": _text,
    "texts": _texts,
    "number": number,
    "numbers": _numbers,
    "metres": _metres,
    "date": _scene,
    "change": _change,
    "list": _many,
    "value": _any,
}
