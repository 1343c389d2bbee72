"""A question from words to an answer: plan, search, interpretation, layers, sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from pyogrio.raw import write

from ...errors import OutputError, PlanError, UsageError
from ..cells_gpkg import check_cells_target
from ..clock import Clock
from ..gpkg import copy_to, sync
from ..loading import LoadedModels
from ..outputs import Staging, check_target
from ..progress import CancelToken, Report
from . import geometry, writer
from .budget import Budget, Limits
from .confidence import confidence
from .finder import Region
from .functions import FUNCTIONS
from .language import Named, Outcome, run_plan
from .planner import plan_for
from .requests import AskRequest
from .results import AskResult, Step
from .scene_finder import SceneFinder
from .sentence import sentence, unit_of
from .syntax import parse, texts_of

_RESERVED = ("gpkg", "rtree", "sqlite", "ogr")
"""GeoPackage and SQLite keep names that begin so."""


def run(request: AskRequest, report: Report, cancel: CancelToken, models: LoadedModels) -> AskResult:
    """See `service.run_ask`."""
    clock = Clock()
    target = None if request.out is None else check_target(request.out, (".gpkg",))
    if target is not None:
        if target.exists() and Path(request.raster).exists() and target.samefile(request.raster):
            raise UsageError("the layers would go into the raster", remedy="Name another file.", path=str(target))
        check_cells_target(target)
    with Staging() as staging:
        finder = SceneFinder(request, (), staging, clock, report, cancel, models)
        plan, planner, outcome = _answered(request, finder, clock, report, cancel)
        cancel.check()
        target = target if outcome.trace else None
        steps = _steps(outcome, target is not None, Budget(Limits(), cancel))
        sure, why = confidence(outcome.answer, outcome.found, finder.evidence, finder.choices)
        missing = tuple(text for text, regions in outcome.found.items() if not regions)
        text, unit = sentence(outcome.answer, missing, finder.crs if outcome.trace else ""), unit_of(outcome.answer)
        if target is not None:
            report("write", 0, 0)
            with clock("write"):
                _write_layers(target, steps, outcome.trace, finder.crs, staging)
        staging.commit()
    value = outcome.answer.value
    return AskResult(
        question=request.question,
        plan=plan,
        planner=planner,
        text=text,
        value=float(value.geometry.area) if isinstance(value, Region) else value,
        unit=unit,
        confidence=sure,
        why=why,
        steps=steps,
        out=None if target is None else str(target),
        crs=finder.crs if outcome.trace else "",
        warnings=tuple(finder.warnings),
        seconds=clock.total(),
    )


def _answered(
    request: AskRequest, finder: SceneFinder, clock: Clock, report: Report, cancel: CancelToken
) -> tuple[str, str, Outcome]:
    """Return (plan, who wrote it, what it came to); a plan of an endpoint is mended once."""

    def interpreted(plan: str) -> Outcome:
        finder.texts = texts_of(parse(plan, FUNCTIONS))
        return run_plan(plan, finder, cancel=cancel)

    if request.plan is not None:
        return request.plan, "given", interpreted(request.plan)
    if request.endpoint is None:
        plan = plan_for(request.question)
        return plan, "built-in", interpreted(plan)
    report("plan", 0, 0)
    dated = request.before is not None
    with clock("plan"):
        talk = writer.Talk(request.endpoint, request.question, dated=dated, offline=request.offline, cancel=cancel)
        plan = talk.plan()
    try:
        return plan, "endpoint", interpreted(plan)
    except PlanError as error:
        report("plan", 0, 0)
        with clock("plan"):
            plan = talk.mended(plan, error)
        return plan, "endpoint", interpreted(plan)


def _steps(outcome: Outcome, layers: bool, budget: Budget) -> tuple[Step, ...]:
    return tuple(
        Step(
            name=named.name,
            call=named.call,
            count=len(named.regions),
            area_m2=geometry.area_m2(named.regions, budget),
            layer=_layer(named.name) if layers else None,
        )
        for named in outcome.trace
    )


def _layer(name: str) -> str:
    return f"the_{name}" if name.lower().startswith(_RESERVED) else name


def _write_layers(target: Path, steps: tuple[Step, ...], trace: tuple[Named, ...], crs: str, staging: Staging) -> None:
    """Write every step as a layer, in a copy of the file that takes its place at the end."""
    place = staging.place(target)
    if target.exists():
        copy_to(target, place)
    for step, named in zip(steps, trace):
        shapes = [shapely.multipolygons(shapely.get_parts(region.geometry)) for region in named.regions]
        columns = {
            "text": np.array([region.text for region in named.regions], dtype=object),
            "score": np.array([region.score for region in named.regions], dtype=np.float64),
            "area_m2": np.array([region.geometry.area for region in named.regions], dtype=np.float64),
        }
        try:
            write(
                str(place), geometry=np.array(shapely.to_wkb(shapes), dtype=object), field_data=list(columns.values()),
                fields=list(columns), layer=step.layer, driver="GPKG", geometry_type="MultiPolygon", crs=crs,
                **({} if place.exists() else {"dataset_options": {"VERSION": "1.2"}}),
            )  # fmt: skip
        except (OSError, RuntimeError, ValueError) as error:
            raise OutputError(
                f"the layer {step.layer} could not be written: {error}",
                remedy="Check the free space, close the file in other programs, or name another file.",
                path=str(target),
            ) from error
    sync(place, target)
