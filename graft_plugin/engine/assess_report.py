"""From judged points to accuracies and areas with their confidence intervals."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from .accuracy import Z95, estimate
from .assess_html import report_html
from .assess_points import Points, read_points
from .assess_requests import AssessReportRequest
from .assess_results import AssessReportResult, ClassAccuracy, Interval, Stratum
from .outputs import Staging, check_target
from .progress import CancelToken, Report

Counts = NDArray[np.int64]


def run(request: AssessReportRequest, report: Report, cancel: CancelToken) -> AssessReportResult:
    """See `service.run_assess_report`."""
    target = None if request.out is None else check_target(request.out, (".html", ".json"))
    report("open", 0, 0)
    path = Path(request.points).expanduser()
    points, strata, result = read_points(path)
    counts = error_matrix(points, strata, request.points)
    found = judge(counts, strata, request.points, result, None if target is None else str(target))
    if target is not None:
        report("write", 0, 0)
        with Staging() as staging:
            text = report_html(found) if target.suffix.lower() == ".html" else json.dumps(found.to_dict(), indent=2)
            staging.place(target).write_text(text, encoding="utf-8")
            staging.commit()
    return found


def error_matrix(points: Points, strata: Sequence[Stratum], path: str) -> Counts:
    """Return the judged points by class of the map (rows) and of the reference (columns).

    Raises:
        UsageError: A reference names no class of the map.
    """
    row = {entry.number: k for k, entry in enumerate(strata)}
    numbers = {str(number): k for number, k in row.items()}
    column = numbers | {entry.name.casefold(): k for k, entry in enumerate(strata)}
    counts = np.zeros((len(strata), len(strata)), np.int64)
    for stratum, reference in zip(points.stratum.tolist(), points.reference.tolist(), strict=True):
        text = "" if reference is None else str(reference).strip()
        if not text:
            continue
        if text.casefold() not in column or stratum not in row:
            names = ", ".join(repr(entry.name) for entry in strata)
            raise UsageError(
                f"the reference {text!r} is no class of the map" if stratum in row else f"stratum {stratum} is unknown",
                remedy=f"Write one of {names}, or its number; leave it empty where nobody has looked.",
                path=path,
            )
        counts[row[stratum], column[text.casefold()]] += 1
    return counts


def judge(counts: Counts, strata: Sequence[Stratum], path: str, result: str, out: str | None) -> AssessReportResult:
    """Return the accuracies and areas that judged points show."""
    total = sum(entry.area_m2 for entry in strata)
    found = estimate(counts, np.array([entry.area_m2 / total for entry in strata]))
    judged = counts.sum(axis=1)
    classes = tuple(
        ClassAccuracy(
            name=entry.name,
            users=interval(*found.users[k]),
            producers=interval(*found.producers[k]),
            mapped_m2=entry.area_m2,
            area_m2=interval(*(found.areas[k] * total)),
            drawn=entry.points,
            judged=int(judged[k]),
        )
        for k, entry in enumerate(strata)
    )
    return AssessReportResult(
        points=path,
        out=out,
        result=result,
        classes=classes,
        counts=tuple(tuple(row) for row in counts.tolist()),
        proportions=tuple(tuple(row) for row in np.nan_to_num(found.proportions).tolist()),
        overall=interval(*found.overall),
        drawn=sum(entry.points for entry in strata),
        judged=int(judged.sum()),
        warnings=tuple(_warnings(counts, strata)),
    )


def interval(value: float, error: float) -> Interval:
    """Return an estimate with half its 95 % confidence interval; None for what is not known."""
    return Interval(float(value) if np.isfinite(value) else None, float(Z95 * error) if np.isfinite(error) else None)


def _warnings(counts: Counts, strata: Sequence[Stratum]) -> Iterator[str]:
    judged = counts.sum(axis=1)
    left = sum(entry.points for entry in strata) - int(judged.sum())
    if left:
        yield f"{left} of the points {'have' if left != 1 else 'has'} no reference yet and did not count"
    for k, entry in enumerate(strata):
        if judged[k] == 0:
            yield (
                f"no point that the map calls {entry.name!r} is judged: what its {entry.share:.1%} of the area holds "
                "is unknown, and so are the figures of the whole. Judge at least two"
            )
        elif judged[k] == 1:
            yield f"only one point that the map calls {entry.name!r} is judged: no interval can be told. Judge one more"
        elif counts[k].max() == judged[k]:
            found, most = strata[int(counts[k].argmax())].name, min(1.0, 3 / judged[k])
            yield (
                f"all {judged[k]} judged points that the map calls {entry.name!r} are {found!r}, without spread: "
                f"up to {most:.0%} of it may be something else all the same"
            )
