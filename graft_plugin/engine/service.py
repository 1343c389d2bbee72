"""What the engine does: one function a method, and the table of handlers that the worker serves.

Importing this module is cheap: torch, rasterio and the rest are imported when a request is run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .ask.requests import AskRequest, PlanRequest
from .ask.results import AskResult, PlanResult
from .assess_requests import AssessReportRequest, AssessSampleRequest
from .assess_results import AssessReportResult, AssessSampleResult
from .compare_requests import CompareRequest
from .compare_results import CompareResult
from .index_requests import ClassifyRequest, IndexRequest, RetrieveRequest
from .index_results import ClassifyResult, IndexEstimate, IndexResult, RetrieveResult
from .progress import CancelToken, Report, silent
from .requests import EstimateRequest, FetchRequest, QueryRequest, RemoveRequest, VectoriseRequest
from .results import Estimate, QueryResult, VectoriseResult

if TYPE_CHECKING:
    from .loading import LoadedModels

Handler = Callable[[dict[str, Any], Report, CancelToken], dict[str, Any]]
"""Parameters, progress and the token → the result, JSON-ready."""


def run_query(
    request: QueryRequest,
    report: Report = silent,
    cancel: CancelToken | None = None,
    models: LoadedModels | None = None,
) -> QueryResult:
    """Search a raster for what the prompts name; write the outputs asked for, whole or not at all.

    Args:
        request: What to do.
        report: Told of progress, stage by stage.
        cancel: Looked at throughout; raises `Cancelled` out of this call when set.
        models: Models to keep loaded between calls.

    Raises:
        GraftError: A subclass that names the cause and the remedy; nothing was written then.
    """
    from .pipeline import run

    return run(request, report, cancel or CancelToken(), models)


def run_estimate(
    request: EstimateRequest,
    report: Report = silent,
    cancel: CancelToken | None = None,
    models: LoadedModels | None = None,
) -> Estimate:
    """Tell what a query would take and how it would look at the raster; loads no model and writes nothing.

    Raises:
        GraftError: As for `run_query`.
    """
    from .estimate import run
    from .loading import LoadedModels

    return run(request, cancel or CancelToken(), models or LoadedModels())


def run_vectorise(
    request: VectoriseRequest, report: Report = silent, cancel: CancelToken | None = None
) -> VectoriseResult:
    """Draw the polygons of a stored heatmap, as a query without refinement would at these thresholds.

    Raises:
        GraftError: As for `run_query`.
    """
    from .vectorise import run

    return run(request, report, cancel or CancelToken())


def run_index(
    request: IndexRequest,
    report: Report = silent,
    cancel: CancelToken | None = None,
    models: LoadedModels | None = None,
) -> IndexResult:
    """Encode what an index lacks of some rasters; stopped or killed at any moment, the next call goes on from there.

    Raises:
        GraftError: As for `run_query`; what was encoded before is kept.
    """
    from .index.build import run
    from .loading import LoadedModels

    return run(request, report, cancel or CancelToken(), models or LoadedModels())


def run_index_estimate(
    request: IndexRequest,
    report: Report = silent,
    cancel: CancelToken | None = None,
    models: LoadedModels | None = None,
) -> IndexEstimate:
    """Tell what `run_index` would take, after timing some tiles; writes nothing.

    Raises:
        GraftError: As for `run_query`.
    """
    from .index.weigh import run
    from .loading import LoadedModels

    return run(request, report, cancel or CancelToken(), models or LoadedModels())


def run_retrieve(
    request: RetrieveRequest,
    report: Report = silent,
    cancel: CancelToken | None = None,
    models: LoadedModels | None = None,
) -> RetrieveResult:
    """Find the tiles of an index that fit best; loads no image encoder.

    Raises:
        GraftError: As for `run_query`.
    """
    from .index.retrieve import run
    from .loading import LoadedModels

    return run(request, report, cancel or CancelToken(), models or LoadedModels())


def run_classify(
    request: ClassifyRequest,
    report: Report = silent,
    cancel: CancelToken | None = None,
    models: LoadedModels | None = None,
) -> ClassifyResult:
    """Give each tile of a raster the label that fits it best.

    Raises:
        GraftError: As for `run_query`.
    """
    from .classify import run
    from .loading import LoadedModels

    return run(request, report, cancel or CancelToken(), models or LoadedModels())


def run_compare(
    request: CompareRequest,
    report: Report = silent,
    cancel: CancelToken | None = None,
    models: LoadedModels | None = None,
) -> CompareResult:
    """Tell what was gained and lost of some prompts between two rasters of one place.

    Raises:
        GraftError: As for `run_query`.
    """
    from .compare import run_compare as run
    from .loading import LoadedModels

    return run(request, report, cancel or CancelToken(), models or LoadedModels())


def run_ask(
    request: AskRequest,
    report: Report = silent,
    cancel: CancelToken | None = None,
    models: LoadedModels | None = None,
) -> AskResult:
    """Answer a question in words about a raster, by a plan that is interpreted.

    Raises:
        GraftError: As for `run_query`; a `PlanError` where the question or the plan is not understood.
    """
    from .ask.run import run
    from .loading import LoadedModels

    return run(request, report, cancel or CancelToken(), models or LoadedModels())


def run_plan(request: PlanRequest, report: Report = silent, cancel: CancelToken | None = None) -> PlanResult:
    """Write the plan of a question, without running it; loads no model.

    Raises:
        GraftError: As for `run_ask`.
    """
    from .ask.planning import run

    return run(request, report, cancel or CancelToken())


def run_assess_sample(
    request: AssessSampleRequest, report: Report = silent, cancel: CancelToken | None = None
) -> AssessSampleResult:
    """Draw stratified random points over a result, for someone to judge.

    Raises:
        GraftError: As for `run_query`.
    """
    from .assess_sample import run

    return run(request, report, cancel or CancelToken())


def run_assess_report(
    request: AssessReportRequest, report: Report = silent, cancel: CancelToken | None = None
) -> AssessReportResult:
    """Tell the accuracies and areas that judged points show, with their confidence intervals.

    Raises:
        GraftError: As for `run_query`.
    """
    from .assess_report import run

    return run(request, report, cancel or CancelToken())


def software() -> str:
    """Return the engine's name and version."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"graft {version('graft-qgis')}"
    except PackageNotFoundError:
        return "graft (not installed)"


def _answer(request: type[Any], run: Callable[..., Any], with_models: bool = True) -> Handler:
    """Return the handler of a method: parameters → `request` → `run`, and its result as data."""

    def handle(params: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
        asked = request.from_dict(params)
        report("load", 0, 0)
        if not with_models:
            return dict(run(asked, report, cancel).to_dict())
        from .loading import shared_models

        return dict(run(asked, report, cancel, shared_models()).to_dict())

    return handle


def _handle_models(params: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    report("load", 0, 0)
    from .encoders.catalogue import list_models

    return {"models": [state.to_dict() for state in list_models()]}


def _handle_fetch(params: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    request = FetchRequest.from_dict(params)
    report("load", 0, 0)
    from .encoders.models import fetch_all

    state, fetched = fetch_all(request.model, offline=request.offline, report=report, cancel=cancel)
    return {**state.to_dict(), "fetched": fetched}


def _handle_warm(params: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """Import what an estimate needs, while nobody waits for one: torch alone takes a second or more."""
    report("load", 0, 0)
    from . import estimate

    return {"modules": [estimate.__name__]}


def _handle_remove(params: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    request = RemoveRequest.from_dict(params)
    report("load", 0, 0)
    from .encoders.derived import remove

    remove(request.model)
    return {"removed": request.model}


HANDLERS: dict[str, Handler] = {
    "query": _answer(QueryRequest, run_query),
    "estimate": _answer(EstimateRequest, run_estimate),
    "warm": _handle_warm,
    "vectorise": _answer(VectoriseRequest, run_vectorise, with_models=False),
    "models": _handle_models,
    "fetch": _handle_fetch,
    "remove": _handle_remove,
    "index": _answer(IndexRequest, run_index),
    "index_estimate": _answer(IndexRequest, run_index_estimate),
    "retrieve": _answer(RetrieveRequest, run_retrieve),
    "classify": _answer(ClassifyRequest, run_classify),
    "compare": _answer(CompareRequest, run_compare),
    "ask": _answer(AskRequest, run_ask),
    "plan": _answer(PlanRequest, run_plan, with_models=False),
    "assess_sample": _answer(AssessSampleRequest, run_assess_sample, with_models=False),
    "assess_report": _answer(AssessReportRequest, run_assess_report, with_models=False),
}
"""Method of the protocol → handler; a new method is one line here."""
