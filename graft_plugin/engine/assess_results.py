"""What is told of the accuracy of a result: frozen dataclasses like those of `results`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from .index_results import Result


@dataclass(frozen=True)
class Stratum(Result):
    """A class of the map, from which points are drawn.

    Attributes:
        number: The class's value in a class map; 1 for a single prompt and 0 for the rest.
        name: The prompt, or "not …", or "none".
        area_m2, share: Of the map, in square metres and of the whole area.
        points: Drawn.
    """

    number: int
    name: str
    area_m2: float
    share: float
    points: int


@dataclass(frozen=True)
class AssessSampleResult(Result):
    """Points that were drawn.

    Attributes:
        result, out, layer: From what, and where they are.
        crs: Of the points.
        strata: One entry a class.
        seconds: Wall time by stage, and "total".
        warnings: What the user should know, in plain sentences.
    """

    result: str
    out: str
    layer: str
    crs: str
    strata: tuple[Stratum, ...]
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Interval(Result):
    """An estimate with its 95 % confidence interval; None where too few points were judged for it.

    Attributes:
        value: The estimate.
        margin: Half the interval's width, 1.96 standard errors.
    """

    value: Optional[float]
    margin: Optional[float]


@dataclass(frozen=True)
class ClassAccuracy(Result):
    """What the points say of one class.

    Attributes:
        name: Of the class.
        users, producers: Accuracies, 0..1.
        mapped_m2: Area on the map.
        area_m2: Error-adjusted area.
        drawn, judged: Points in the class of the map.
    """

    name: str
    users: Interval
    producers: Interval
    mapped_m2: float
    area_m2: Interval
    drawn: int
    judged: int


@dataclass(frozen=True)
class AssessReportResult(Result):
    """The accuracy of a result.

    Attributes:
        points, out: From which file, and where the report is; None where not asked for.
        result: The result that was judged.
        classes: One entry a class; rows and columns of the matrices are in this order.
        counts: Points by (class of the map, class of the reference).
        proportions: The same as shares of the area; they add up to 1 where every class was judged.
        overall: Overall accuracy.
        drawn, judged: Points in all.
        warnings: What the user should know, in plain sentences.
    """

    points: str
    out: Optional[str]
    result: str
    classes: tuple[ClassAccuracy, ...]
    counts: tuple[tuple[int, ...], ...]
    proportions: tuple[tuple[float, ...], ...]
    overall: Interval
    drawn: int
    judged: int
    warnings: tuple[str, ...] = ()
