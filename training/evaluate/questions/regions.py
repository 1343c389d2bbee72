"""What a model finds in an image: the finder of `graft ask`, and the same with one of its steps changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Optional

import shapely
from shapely.geometry.base import BaseGeometry

from graft_plugin.engine.ask.finder import Change, Region
from graft_plugin.engine.ask.requests import AskRequest
from graft_plugin.engine.ask.scene_finder import SceneFinder
from graft_plugin.engine.clock import Clock
from graft_plugin.engine.loading import LoadedModels
from graft_plugin.engine.outputs import Staging
from graft_plugin.engine.pipeline import draw
from graft_plugin.engine.polygons import FoundPolygon
from graft_plugin.engine.preparation import Search
from graft_plugin.engine.progress import CancelToken, silent
from graft_plugin.engine.scoring import Scores

from ...mini.scenes import write_scene
from ..baselines import Contender
from ..job import Job
from ..layouts.types import Example
from .finders import CORNER, Makes, TrueFinder

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Thresholds of which the best is taken where the truth is known."""


@dataclass(frozen=True)
class Study:
    """How a finder differs from that of `graft ask`, and what it found so far.

    Attributes:
        request: The image, and how it is looked at.
        truth: With it, each text gets the threshold at which the heatmap's regions have the highest IoU with the truth.
        kept: Regions by text and rivals, and changes by text.
    """

    request: AskRequest
    truth: Optional[TrueFinder] = None
    kept: dict[tuple[str, ...], tuple[Region, ...]] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)


class StudiedFinder(SceneFinder):
    """`graft ask`'s finder for the texts of one plan, with a study's differences."""

    def __init__(
        self, study: Study, texts: tuple[str, ...], staging: Staging, models: LoadedModels, cancel: CancelToken
    ) -> None:
        super().__init__(study.request, texts, staging, Clock(), silent, cancel, models)
        self._study = study

    def find(self, text: str) -> tuple[Region, ...]:
        """Return the regions of a text."""
        kept, key = self._study.kept, (text, *self._rivals(self._known(text)))
        if key not in kept:
            kept[key] = super().find(text)
        return kept[key]

    def _look(self, text: str) -> tuple[Search, Scores]:
        """Score the view, and take the best threshold where the truth is known."""
        search, scores = super()._look(text)
        truth = () if self._study.truth is None else self._study.truth.find(text)
        return search, _best(search, scores, truth) if truth else scores

    def compare(self, text: str) -> Change:
        """Return what `graft compare` finds."""
        if text not in self._study.changes:
            self._study.changes[text] = super().compare(text)
        return self._study.changes[text]


class ImageFinders:
    """Makes the finders of each image for one model.

    Args:
        contender: The model.
        job: The measurement.
        staging: For what is not kept.
    """

    def __init__(self, contender: Contender, job: Job, staging: Staging) -> None:
        contender.pair("questions")
        self._model, self._job, self._staging, self._models = contender.model, job, staging, LoadedModels()

    def of(self, example: Example, folder: Path, truth: Optional[TrueFinder] = None) -> dict[str, Makes]:
        """Write the image into the folder; return what finds in it, by the end of its name in the table.

        Args:
            example: The image.
            folder: Must live as long as the finders.
            truth: The true regions; with them and a SAM there is a finder whose thresholds are the best.
        """
        job, paths = self._job, {}
        for name, image in (("image", example.image), ("before", example.before)):
            if image is not None:
                paths[name] = str(folder / f"{name}.tif")
                write_scene(folder / f"{name}.tif", image, job.layout.gsd_m or 1.0, CORNER)
        request = AskRequest(
            paths["image"], "?", before=paths.get("before"), model=self._model, sam=job.sam or "mini",
            sensor=job.layout.sensor, bands=(1, 2, 3), store=str(folder / "store"), device=job.device,
        )  # fmt: skip
        studies = {"": Study(replace(request, refine="none"))}
        if job.sam and truth is not None:
            studies[f" + SAM {job.sam}, best thresholds"] = Study(request, truth=truth)
        if job.sam:
            studies[f" + SAM {job.sam}"] = Study(request)
        return {end: self._maker(study) for end, study in studies.items()}

    def _maker(self, study: Study) -> Makes:
        return lambda texts: StudiedFinder(study, texts, self._staging, self._models, self._job.cancel)


def _best(search: Search, scores: Scores, truth: tuple[Region, ...]) -> Scores:
    """Return the scores with the threshold at which the heatmap's regions fit the truth best."""
    true, heat = _union(truth), replace(search, request=replace(search.request, refine="none"))

    def iou(level: float) -> float:
        found = _union(draw(heat, replace(scores, thresholds=[level])))
        return float(found.intersection(true).area / found.union(true).area)

    return replace(scores, thresholds=[max(LEVELS, key=iou)])


def _union(regions: tuple[Region, ...] | list[FoundPolygon]) -> BaseGeometry:
    return shapely.union_all([region.geometry for region in regions])
