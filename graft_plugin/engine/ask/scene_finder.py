"""The finder of a raster: the engine's own search for each text of a plan, its tiles encoded once for all of them.

The texts of a plan compete with each other, as the prompts of a query do, where they differ in meaning: a road's pixels
are no pond's. Texts that mean nearly the same, or of which one is a kind of the other, do not take each other's pixels
away, and one that the model's own contrast holds already does not compete twice (`search.kept_contrast` tells).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
import torch
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from ...errors import UsageError
from .. import advice
from ..clock import Clock
from ..compare import find_change
from ..compare_dates import about, open_dates
from ..compare_products import outline
from ..compare_requests import CompareRequest
from ..crs import transformer
from ..loading import LoadedModels, torch_device
from ..outputs import Staging
from ..pipeline import draw
from ..polygons import PolygonBuilder
from ..preparation import Search, open_search
from ..progress import CancelToken, Report
from ..regions import Cells, Heat
from ..requests import QueryRequest
from ..scoring import Scores, score
from ..search import Query, Scorer, kept_contrast
from . import nouns
from .finder import Change, Evidence, Region
from .requests import AskRequest

_SHARED = ("model", "sensor", "bands", "stretch", "gsd_m", "device", "precision", "offline")


class SceneFinder:
    """Finds regions in one raster; see `finder.Finder`.

    Args:
        request: The raster, and how it is looked at.
        texts: What the plan looks for, as far as it is known.
        staging: For what is not kept.
        clock: Takes the stages' seconds.
        report: Told of each search's stages.
        cancel: Looked at throughout.
        models: Models to keep loaded.
    """

    def __init__(
        self,
        request: AskRequest,
        texts: Sequence[str],
        staging: Staging,
        clock: Clock,
        report: Report,
        cancel: CancelToken,
        models: LoadedModels,
    ) -> None:
        self.warnings: list[str] = []
        self.choices: dict[str, float] = {}
        """The labels that were chosen, and the least of their shares of what all the labels got."""
        self.texts = tuple(texts)
        self._request, self._staging, self._models = request, staging, models
        self._clock, self._report, self._cancel = clock, report, cancel
        self._store = request.store if request.use_store else str(staging.scratch("store"))
        self._found: dict[str, tuple[Region, ...]] = {}
        self._evidence: dict[str, Evidence] = {}
        self._view: BaseGeometry | None = None
        self._search: Search | None = None

    @property
    def view(self) -> BaseGeometry:
        """The valid pixels of what was searched, cell by cell; a first search is made for it where there was none."""
        if self._view is None:
            self._look(self._any_text())
        assert self._view is not None
        return self._view

    @property
    def crs(self) -> str:
        """The scene's metric CRS."""
        return self._opened().scene.grid.crs

    @property
    def gsd_m(self) -> float:
        """The ground resolution that was worked at."""
        return self._opened().scene.grid.gsd_m

    def find(self, text: str) -> tuple[Region, ...]:
        """Return the polygons of a query for a text."""
        if text not in self._found:
            search, scores = self._look(text)
            shapes = [polygon.geometry for polygon in draw(search, scores)]
            sure = _scores_of(search, scores, shapes)
            self._found[text] = tuple(Region(shape, score, text) for shape, score in zip(shapes, sure))
        return self._found[text]

    def evidence(self, text: str) -> Evidence:
        """Return the highest score of a text, or of its change, and the threshold."""
        if text not in self._evidence:
            self._look(text)
        return self._evidence[text]

    def classify(self, region: Region, labels: Sequence[str]) -> str:
        """Return the label with the highest mean score over a region."""
        names = tuple(dict.fromkeys(labels))
        search, asked = self._open(tuple(map(self._known, names)), (), region.geometry.bounds)
        heat = score(search, asked).heat
        means = np.nan_to_num(self._means(search, heat, region))
        best = int(means.argmax())
        share = float(means[best] / means.sum()) if means.sum() > 0 else 0.0
        self.choices[names[best]] = min(share, self.choices.get(names[best], 1.0))
        return names[best]

    def best_match(self, regions: Sequence[Region], text: str) -> Region:
        """Return the region with the highest mean score of a text."""
        search, scores = self._look(text)
        means = [float(np.nan_to_num(self._means(search, scores.heat, region), nan=-1.0)[0]) for region in regions]
        return regions[int(np.argmax(means))]

    def compare(self, text: str) -> Change:
        """Return what `graft compare` draws of a text, in the later raster's metric CRS."""
        request = self._request
        if request.before is None:
            raise UsageError(
                "the question is about two dates, and there is only one raster",
                remedy="Give the earlier one, too (--before).",
            )
        # without one, a comparison takes the extent to be in the earlier raster's CRS
        extent_crs = request.extent_crs or (self._opened().scene.crs if request.extent else None)
        asked = CompareRequest(
            before=request.before, after=request.raster, prompts=(self._known(text),), threshold=request.threshold,
            extent=request.extent, extent_crs=extent_crs, store=self._store, **self._shared(),
        )  # fmt: skip
        encoder = self._models.encoder(asked.model, torch_device(asked.device), asked.precision)
        texts = self._models.texts(asked.model)
        scorer = Scorer(texts, Query(asked.prompts), global_bias=encoder.global_bias)
        dates = open_dates(asked, encoder)
        unknown = texts.unknown_words(asked.prompts[0])
        self._warn([*about(dates), *([advice.unknown_words(text, unknown, asked.model)] if unknown else [])])
        change = find_change(
            asked, dates, encoder, scorer, self._staging, self._clock, self._report, self._cancel
        )  # fmt: skip
        drawn = outline(asked, dates, change, self._report, self._cancel)
        steps = np.abs(change.heat.scores[0])
        self._evidence[text] = Evidence(float(np.nanmax(steps)), float(change.thresholds[0]))
        gained, lost = (
            tuple(
                Region(self._moved(p.geometry, dates.before.grid.crs), abs(p.score), text)
                for p in drawn
                if p.prompt_index == side
            )
            for side in (0, 1)
        )
        return Change(gained, lost)

    def _warn(self, warnings: Sequence[str]) -> None:
        self.warnings += [warning for warning in warnings if warning not in self.warnings]

    def _moved(self, geometry: BaseGeometry, crs: str) -> BaseGeometry:
        if crs == self.crs:
            return geometry
        move = transformer(crs, self.crs)
        return shapely.make_valid(
            shapely.transform(geometry, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1])))
        )

    def _shared(self) -> dict[str, Any]:
        return {name: getattr(self._request, name) for name in _SHARED}

    def _opened(self) -> Search:
        if self._search is None:
            self._search = self._open((self._any_text(),), (), None)[0]
        return self._search

    def _any_text(self) -> str:
        """Return a text to look at the view with: the plan's first, else one that the model knows."""
        return (*self.texts, *self._models.texts(self._request.model).contrast, "land")[0]

    def _open(
        self, prompts: tuple[str, ...], negatives: tuple[str, ...], bounds: tuple[float, ...] | None
    ) -> tuple[Search, Any]:
        """Open a search of the view, or of a part of it in the scene's CRS."""
        request = self._request
        extent, crs = (request.extent, request.extent_crs) if bounds is None else (bounds, self.crs)
        query = QueryRequest(
            raster=request.raster, prompts=prompts, negatives=negatives, sam=request.sam, extent=extent, crs=crs,
            threshold=request.threshold, refine=request.refine, store=self._store, **self._shared(),
        )  # fmt: skip
        search, warnings, asked = open_search(
            query, self._staging, self._clock, self._report, self._cancel, self._models
        )
        self._warn(warnings)
        self._search = self._search or search
        return search, asked

    def _look(self, text: str) -> tuple[Search, Scores]:
        """Score the view against a text and its rivals; note what is seen of the view, and the evidence."""
        known = self._known(text)
        search, asked = self._open((known,), self._rivals(known), None)
        scores = score(search, asked)
        if self._view is None:
            self._view = _valid_ground(search, scores.heat)
        highest = float(scores.histogram.maximum[0])
        self._evidence[text] = Evidence(highest if math.isfinite(highest) else 0.0, scores.thresholds[0])
        return search, scores

    def _known(self, text: str) -> str:
        """Return a text, or its plural where a model of few words knows only that: dunes, rails.

        Raises:
            UsageError: The model never saw any word of it: whatever it found would be made up.
        """
        texts, many = self._models.texts(self._request.model), nouns.plural(text)
        words = texts.unknown_words(text)
        if words and not texts.unknown_words(many):
            return many
        if len(words) >= len(text.split()):
            raise UsageError(
                f"the model {self._request.model!r} never saw {', '.join(map(repr, words))}: it cannot look for it",
                remedy="Choose another model, or other words.",
            )
        return text

    def _rivals(self, text: str) -> tuple[str, ...]:
        """Return the plan's other texts that mean something else."""
        others = [other for other in dict.fromkeys(map(self._known, self.texts)) if other != text]
        if not others:
            return ()
        texts = self._models.texts(self._request.model)
        bank = texts.encode(list(texts.contrast)).float()
        kept: list[str] = []
        for other in others:
            vector = texts.encode([other]).float()
            rest = torch.cat([bank, texts.encode([text, *kept]).float()])
            if bool(kept_contrast(rest, vector).all()):
                kept.append(other)
        return tuple(kept)

    def _means(self, search: Search, heat: Heat, region: Region) -> NDArray[np.float64]:
        """Return the mean scores float64 [K] over a region's cells."""
        inside = rasterize(
            [region.geometry],
            out_shape=heat.scores.shape[1:],
            transform=search.scene.grid.window_transform(heat.window, heat.stride_px),
            all_touched=True,
        ).astype(bool)
        cells = np.asarray(heat.scores[:, inside], dtype=np.float64)
        known = np.isfinite(cells)
        with np.errstate(invalid="ignore"):
            return np.where(known, cells, 0.0).sum(axis=1) / known.sum(axis=1)


def _scores_of(search: Search, scores: Scores, shapes: Sequence[BaseGeometry]) -> list[float]:
    """Return the mean score of each shape's cells from the threshold on; the threshold where it has none of its own."""
    if not shapes:
        return []
    heat, threshold = scores.heat, scores.thresholds[0]
    labels = rasterize(
        [(shape, number) for number, shape in enumerate(shapes, start=1)],
        out_shape=heat.scores.shape[1:],
        transform=search.scene.grid.window_transform(heat.window, heat.stride_px),
        dtype="int32",
    )
    plane = np.asarray(heat.scores[0])
    with np.errstate(invalid="ignore"):
        labels[~(plane >= threshold)] = 0
    with np.errstate(invalid="ignore", divide="ignore"):
        means = ndimage.mean(plane, labels, np.arange(1, len(shapes) + 1))
    return [float(mean) if math.isfinite(mean) else threshold for mean in means]


def _valid_ground(search: Search, heat: Heat) -> BaseGeometry:
    """Return the ground of the cells that have a score, within the raster's bounds."""
    known = np.isfinite(np.asarray(heat.scores[0]))
    frame = shapely.box(*search.scene.bounds)
    whole = shapely.box(*search.scene.grid.window_bounds(heat.window))
    if known.all():
        return whole.intersection(frame)
    builder = PolygonBuilder(search.scene.grid)
    builder.add(Cells(0, heat.window, known, known.astype(np.float32), heat.stride_px))
    return shapely.union_all([polygon.geometry for polygon in builder.build()]).intersection(frame)
