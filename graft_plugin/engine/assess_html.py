"""The report of an assessment: one HTML file with nothing outside it, for the screen and for paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from .assess_results import AssessReportResult, ClassAccuracy, Interval

STYLE = """
:root { --ink: #1c2024; --quiet: #6b7278; --line: #dfe3e0; --soft: #f4f6f4; --main: #0072b2; --map: #c9cfca }
* { box-sizing: border-box }
body { font: 15px/1.55 "Segoe UI", Roboto, "Noto Sans", "Noto Sans KR", "Malgun Gothic", sans-serif; color: var(--ink);
  max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; font-variant-numeric: tabular-nums }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem } h2 { font-size: 1.1rem; margin: 2.5rem 0 .5rem }
p { margin: .4rem 0 } .quiet, caption, th { color: var(--quiet) } .path { overflow-wrap: anywhere }
.facts { display: flex; flex-wrap: wrap; margin: 1.75rem 0; padding: 1.25rem 0; border: solid var(--line);
  border-width: 1px 0 } .facts div { margin-right: 3rem }
.facts b { display: block; font-size: 1.9rem; font-weight: 600; line-height: 1.2 }
.facts small { color: var(--quiet); font-size: .85rem }
table { border-collapse: collapse; width: 100% } th { font-weight: 500; font-size: .85rem; text-align: right }
th, td { padding: .45rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap }
th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal; color: var(--ink) }
tbody tr:last-child td { border-bottom-color: var(--quiet) } .hit { font-weight: 600; background: var(--soft) }
td.chart { width: 34%; padding-right: 0 } svg { display: block; width: 100%; height: 1.5rem }
.wide { overflow-x: auto } .key span { display: inline-block; width: .9rem; height: .6rem; margin: 0 .35rem 0 1rem }
.note { background: #fff7e6; border-left: 3px solid #e69f00; padding: .5rem .9rem; margin: .5rem 0 }
@media print { body { padding: 0; font-size: 10.5pt; max-width: none } h2 { break-after: avoid }
  table, .note, .facts { break-inside: avoid } @page { margin: 18mm } * { print-color-adjust: exact } }
"""
METHOD = (
    "The points were drawn at random within each class of the map, and every figure weighs a point by the area that it "
    "stands for: the stratified estimators of Olofsson, Foody, Herold, Stehman, Woodcock and Wulder, “Good practices "
    "for estimating area and assessing accuracy of land change”, Remote Sensing of Environment 148 (2014). The ± is "
    "1.96 standard errors, half a 95 % confidence interval. User’s accuracy: how much of what the map calls a class is "
    "that class. Producer’s accuracy: how much of what is that class the map calls so. The error-adjusted area "
    "corrects the mapped area by what the points show was missed and added."
)


def report_html(found: AssessReportResult) -> str:
    """Return the report as one HTML document."""
    title = f"Accuracy of {Path(found.result).name}"
    made = datetime.now(UTC).strftime("%Y-%m-%d")
    notes = "".join(f'<p class="note">{escape(text)}.</p>' for text in found.warnings)
    body = "\n".join(
        [
            f"<h1>{escape(title)}</h1>",
            f'<p class="quiet path">{escape(found.result)} · points: {escape(Path(found.points).name)} · {made}</p>',
            _facts(found),
            notes,
            "<h2>Accuracy by class</h2>",
            _accuracies(found.classes),
            "<h2>Area by class</h2>",
            _areas(found.classes),
            "<h2>Error matrix</h2>",
            '<p class="quiet">Judged points. Rows: the map. Columns: the reference.</p>',
            _matrix(found, [[str(value) for value in row] for row in found.counts], totals=True),
            "<h2>Error matrix in shares of the area</h2>",
            _matrix(found, [[_percent(value) for value in row] for row in found.proportions], totals=False),
            "<h2>Method</h2>",
            f"<p>{METHOD}</p>",
        ]
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _facts(found: AssessReportResult) -> str:
    total = sum(entry.mapped_m2 for entry in found.classes)
    facts = [
        ("Overall accuracy", with_margin(found.overall)),
        ("Points judged", f"{found.judged} of {found.drawn}"),
        ("Area", area_text(total)),
    ]
    parts = "".join(f"<div><small>{name}</small><b>{value}</b></div>" for name, value in facts)
    return f'<div class="facts">{parts}</div>'


def _accuracies(classes: Sequence[ClassAccuracy]) -> str:
    head = "<th>Class</th><th>User’s accuracy</th><th></th><th>Producer’s accuracy</th><th></th><th>Points</th>"
    rows = "".join(
        f"<tr><td>{escape(c.name)}</td><td>{with_margin(c.users)}</td>"
        f'<td class="chart" style="width:20%">{_bar(c.users, 1.0)}</td><td>{with_margin(c.producers)}</td>'
        f'<td class="chart" style="width:20%">{_bar(c.producers, 1.0)}</td><td>{c.judged} of {c.drawn}</td></tr>'
        for c in classes
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _areas(classes: Sequence[ClassAccuracy]) -> str:
    ends = [(c.area_m2.value or 0.0) + (c.area_m2.margin or 0.0) for c in classes]
    top = max(*ends, *(c.mapped_m2 for c in classes)) or 1.0
    head = "<th>Class</th><th>On the map</th><th>Error-adjusted</th><th></th>"
    rows = "".join(
        f"<tr><td>{escape(c.name)}</td><td>{area_text(c.mapped_m2)}</td><td>{_area_with_margin(c.area_m2)}</td>"
        f'<td class="chart">{_bar(c.area_m2, top, c.mapped_m2)}</td></tr>'
        for c in classes
    )
    key = (
        '<p class="quiet key"><span style="background:var(--map);margin-left:0"></span>on the map'
        '<span style="background:var(--main)"></span>error-adjusted, with its 95 % confidence interval</p>'
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{key}'


def _matrix(found: AssessReportResult, cells: Sequence[Sequence[str]], *, totals: bool) -> str:
    names = [escape(entry.name) for entry in found.classes]
    head = "".join(f"<th>{name}</th>" for name in names) + ("<th>Total</th>" if totals else "<th>On the map</th>")
    share = sum(entry.mapped_m2 for entry in found.classes)
    ends = [
        str(sum(found.counts[k])) if totals else _percent(found.classes[k].mapped_m2 / share) for k in range(len(names))
    ]
    rows = "".join(f"<tr><td>{name}</td>{_row(k, cells[k])}<td>{ends[k]}</td></tr>" for k, name in enumerate(names))
    return f'<div class="wide"><table><thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _row(k: int, cells: Sequence[str]) -> str:
    def parts() -> Iterator[str]:
        for j, value in enumerate(cells):
            yield f'<td class="hit">{value}</td>' if j == k else f"<td>{value}</td>"

    return "".join(parts())


def _bar(estimate: Interval, top: float, mapped: float | None = None) -> str:
    """Return a bar with its interval as a whisker, and below it what the map says, as SVG."""
    if estimate.value is None:
        return ""
    width, at = 200.0, estimate.value / top * 200.0
    main = f'<rect x="0" y="4" width="{max(at, 0.5):.2f}" height="8" fill="#0072b2"/>'
    whisker = ""
    if estimate.margin is not None:
        low, high = (max(0.0, min(width, (estimate.value + s * estimate.margin) / top * width)) for s in (-1, 1))
        whisker = f'<path d="M{low:.2f} 8H{high:.2f}M{low:.2f} 4V12M{high:.2f} 4V12" stroke="#1c2024" fill="none"/>'
    below = f'<rect x="0" y="14" width="{mapped / top * width:.2f}" height="5" fill="#c9cfca"/>' if mapped else ""
    return f'<svg viewBox="0 0 201 22" preserveAspectRatio="none" aria-hidden="true">{main}{below}{whisker}</svg>'


def with_margin(estimate: Interval) -> str:
    """Return an accuracy as a percentage with its margin."""
    if estimate.value is None:
        return "unknown"
    margin = "" if estimate.margin is None else f" ± {100 * estimate.margin:.1f}"
    return f"{100 * estimate.value:.1f}{margin} %"


def _area_with_margin(estimate: Interval) -> str:
    if estimate.value is None:
        return "unknown"
    unit, name = (1e4, "ha") if estimate.value < 1e8 else (1e6, "km²")
    margin = "" if estimate.margin is None else f" ± {estimate.margin / unit:,.1f}"
    return f"{estimate.value / unit:,.1f}{margin} {name}"


def area_text(area_m2: float) -> str:
    """Return an area in the unit that suits it."""
    return _area_with_margin(Interval(area_m2, None))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
