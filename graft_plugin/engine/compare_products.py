"""What a comparison leaves: its polygons, the metadata of its heatmap, and its result."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .change import Change
from .clock import Clock
from .compare_dates import Dates
from .compare_requests import DEFAULT_CHANGE_LAYER, CompareRequest
from .compare_results import ChangeResult, CompareResult
from .gpkg import Provenance, append_polygons
from .grid import Window
from .polygons import FoundPolygon, PolygonBuilder
from .products import source_name
from .progress import CancelToken, Report
from .regions import Heat, thresholded
from .search import Scorer
from .service import software

if TYPE_CHECKING:
    from .encoders.types import ImageEncoder

OUTPUTS = {"heatmap": (".tif", ".tiff"), "masks": (".gpkg",), "preview": (".png",)}
"""A request's names of its outputs, and how their files' names end."""


class Signed:
    """A heatmap of changes as two of scores, the second of them negated: gains and losses, both positive."""

    def __init__(self, heat: Heat) -> None:
        self._heat = heat
        self.window, self.stride_px = heat.window, heat.stride_px

    def read(self, window: Window) -> NDArray[np.float32]:
        """Return float32 [2K, h, w]: the gains of all prompts, then their losses."""
        change = self._heat.read(window)
        return np.concatenate([change, -change])


def outline(
    request: CompareRequest, dates: Dates, change: Change, report: Report, cancel: CancelToken
) -> list[FoundPolygon]:
    """Return the polygons of gains (prompts 0 to K-1) and losses (K to 2K-1); the scores of losses are negative."""
    builder, count = PolygonBuilder(dates.before.grid), len(request.prompts)
    for cells in thresholded(Signed(change.heat), 2 * change.thresholds, report=report, cancel=cancel):
        builder.add(cells)
    report("polygons", 0, 0)
    found = builder.build(simplify_m=request.simplify_m, cancel=cancel)
    return [replace(p, score=-p.score) if p.prompt_index >= count else p for p in found]


def tags_of(
    request: CompareRequest, dates: Dates, encoder: ImageEncoder, scorer: Scorer, change: Change
) -> dict[str, str]:
    """Return where the heatmap comes from; with what `vectorise.open_heatmap` wants to find."""
    return {
        "software": software(),
        "model": encoder.model_id,
        "model_sha256": encoder.sha256,
        "source": source_name(request.after),
        "before": source_name(request.before),
        "gsd_m": repr(dates.before.grid.gsd_m),
        "stride_px": str(change.heat.stride_px),
        "scores": "change",
        "scores_of": scorer.kind,
        "normalise": request.normalise,
        "look_shift": repr(change.look.length),
        "prompts": json.dumps(request.prompts, ensure_ascii=False),
        "negatives": json.dumps(request.negatives, ensure_ascii=False),
        "thresholds": json.dumps(change.thresholds),
        "auto_thresholds": json.dumps(change.auto),
    }


def append(
    request: CompareRequest,
    dates: Dates,
    encoder: ImageEncoder,
    change: Change,
    polygons: list[FoundPolygon],
    target: Path,
) -> None:
    """Append the polygons to their layer."""
    count = len(request.prompts)
    provenance = Provenance(
        prompts=2 * request.prompts,
        thresholds=tuple(2 * change.thresholds),
        model=encoder.model_id,
        model_sha256=encoder.sha256,
        gsd_m=dates.before.grid.gsd_m,
        source=source_name(request.after),
        more={
            "change": ("gained",) * count + ("lost",) * count,
            "before": (source_name(request.before),) * (2 * count),
        },
    )
    append_polygons(target, request.layer or DEFAULT_CHANGE_LAYER, polygons, dates.before.grid.crs, provenance)


def result_of(
    request: CompareRequest,
    dates: Dates,
    encoder: ImageEncoder,
    change: Change,
    polygons: list[FoundPolygon] | None,
    targets: Mapping[str, Path],
    warnings: list[str],
    clock: Clock,
) -> CompareResult:
    """Return what is told of the comparison."""
    cell_m2 = (change.heat.stride_px * dates.before.grid.gsd_m) ** 2
    totals = [_Totals.of(plane, change.thresholds[k]) for k, plane in enumerate(change.heat.scores)]
    count = len(request.prompts)

    def drawn(index: int) -> int | None:
        return None if polygons is None else sum(p.prompt_index == index for p in polygons)

    return CompareResult(
        before=request.before,
        after=request.after,
        model=encoder.model_id,
        model_sha256=encoder.sha256,
        gsd_m=dates.before.grid.gsd_m,
        crs=dates.before.grid.crs,
        stride_px=change.heat.stride_px,
        look_shift=change.look.length,
        compared_m2=totals[0].known * cell_m2,
        prompts=tuple(
            ChangeResult(
                prompt=prompt,
                threshold=change.thresholds[k],
                auto_threshold=change.auto[k],
                gained_m2=totals[k].gained * cell_m2,
                lost_m2=totals[k].lost * cell_m2,
                largest_gain=totals[k].highest,
                largest_loss=totals[k].lowest,
                gained=drawn(k),
                lost=drawn(k + count),
            )
            for k, prompt in enumerate(request.prompts)
        ),
        **{name: str(targets[name]) if name in targets else None for name in OUTPUTS},
        layer=(request.layer or DEFAULT_CHANGE_LAYER) if "masks" in targets else None,
        encoded_tiles=change.encoded,
        from_store=change.stored,
        seconds=clock.total(),
        warnings=tuple(warnings),
    )


@dataclass(frozen=True)
class _Totals:
    """Cells of one prompt, and the ends of their changes."""

    known: int
    gained: int
    lost: int
    highest: float
    lowest: float

    @classmethod
    def of(cls, plane: NDArray[np.float32], threshold: float) -> _Totals:
        """Count, strip by strip."""
        known = gained = lost = 0
        highest, lowest = -math.inf, math.inf
        for start in range(0, len(plane), 1024):
            part = np.asarray(plane[start : start + 1024])
            part = part[np.isfinite(part)]
            known, gained, lost = (
                known + part.size, gained + int((part >= threshold).sum()), lost + int((part <= -threshold).sum())
            )  # fmt: skip
            if part.size:
                highest, lowest = max(highest, float(part.max())), min(lowest, float(part.min()))
        return cls(known, gained, lost, highest, lowest)
