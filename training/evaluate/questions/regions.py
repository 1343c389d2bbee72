"""What a model finds in an image, through the engine's own search: the thresholded heatmap, or SAM's masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Optional

import shapely
from pyogrio.raw import read as read_vectors
from shapely.geometry.base import BaseGeometry

from graft_plugin.engine.ask.finder import Change, Evidence, Finder, Region
from graft_plugin.engine.loading import LoadedModels
from graft_plugin.engine.progress import CancelToken
from graft_plugin.engine.requests import QueryRequest
from graft_plugin.engine.service import run_query
from graft_plugin.errors import UsageError

from ...mini.scenes import SCENE_CRS, write_scene
from ..baselines import Contender
from ..job import Job
from ..layouts.types import Example
from .finders import CORNER, TrueFinder, ground

LEAST_EDGE_M2 = 1.0
"""Slivers between the outlines of two dates below this size are no change."""
LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Thresholds of which the best is taken where the truth is known."""

Chooser = Callable[[str, str], Optional[float]]
"""Text, raster → threshold; None for the engine's own."""


class QueryFinder:
    """Finds by one `graft query` a text; the store keeps the image's embeddings between them.

    Args:
        request: The query, without prompts; its raster is the later date.
        before: The raster of the earlier date; None where there is none.
        view: The ground of the raster.
        folder: Takes the masks.
        models: Keeps the models loaded.
        cancel: Passed on.
        choose: Chooses thresholds.
    """

    def __init__(
        self,
        request: QueryRequest,
        before: Optional[Path],
        view: BaseGeometry,
        folder: Path,
        models: LoadedModels,
        cancel: CancelToken,
        choose: Chooser = lambda _text, _raster: None,
    ) -> None:
        self._request, self._before, self._folder = request, before, folder
        self._models, self._cancel, self._choose = models, cancel, choose
        self.view, self.crs, self.gsd_m = view, SCENE_CRS, 1.0
        self._query = lru_cache(maxsize=None)(self._queried)

    def find(self, text: str) -> tuple[Region, ...]:
        """Return the polygons of the later date."""
        return self._query(text, self._request.raster)[0]

    def evidence(self, text: str) -> Evidence:
        """Return the highest score and the threshold."""
        return self._query(text, self._request.raster)[1]

    def classify(self, region: Region, labels: Sequence[str]) -> str:
        """Return the label whose polygons cover most of the region."""
        return max(labels, key=lambda text: _covered(region, self.find(text)))

    def best_match(self, regions: Sequence[Region], text: str) -> Region:
        """Return the region of which the text's polygons cover most."""
        return max(regions, key=lambda region: _covered(region, self.find(text)))

    def compare(self, text: str) -> Change:
        """Return where the polygons of the two dates differ."""
        if self._before is None:
            raise UsageError("there is only one date", remedy="Give the earlier one too.")
        after, before = (
            shapely.union_all([region.geometry for region in self._query(text, raster)[0]])
            for raster in (self._request.raster, str(self._before))
        )
        return Change(_parts(after.difference(before), text), _parts(before.difference(after), text))

    def _queried(self, text: str, raster: str) -> tuple[tuple[Region, ...], Evidence]:
        return self.at(text, raster, self._choose(text, raster))

    def at(self, text: str, raster: str, threshold: Optional[float]) -> tuple[tuple[Region, ...], Evidence]:
        """Return the polygons of one date at a threshold, and what the scores say."""
        masks = self._folder / "masks.gpkg"
        masks.unlink(missing_ok=True)
        request = replace(self._request, raster=raster, prompts=(text,), masks=str(masks), threshold=threshold)
        found = run_query(request, cancel=self._cancel, models=self._models).prompts[0]
        meta, _, geometry, fields = read_vectors(masks)
        scores = fields[list(meta["fields"]).index("score")]
        regions = tuple(Region(g, float(s), text) for g, s in zip(shapely.from_wkb(geometry), scores))
        return regions, Evidence(found.maximum or 0.0, found.threshold or 0.0)


class ImageFinders:
    """Makes the finders of each image for one model.

    Args:
        contender: The model.
        job: The measurement.
    """

    def __init__(self, contender: Contender, job: Job) -> None:
        contender.pair("questions")
        self._model, self._job, self._models = contender.model, job, LoadedModels()

    def of(self, example: Example, folder: Path, truths: Sequence[TrueFinder] = ()) -> dict[str, Finder]:
        """Write the image into the folder; return what finds in it, by the end of its name in the table.

        Args:
            example: The image.
            folder: Must live as long as the finders.
            truths: The true regions of the image and of the earlier one; () where unknown. With them and a SAM there is
                a finder that takes, of each text, the threshold whose regions fit the truth best.
        """
        job, gsd_m = self._job, self._job.layout.gsd_m or 1.0
        raster, before = folder / "image.tif", None
        write_scene(raster, example.image, gsd_m, CORNER)
        if example.before is not None:
            before = folder / "before.tif"
            write_scene(before, example.before, gsd_m, CORNER)
        request = QueryRequest(
            str(raster), model=self._model, sensor=job.layout.sensor, bands=(1, 2, 3), refine="none",
            store=str(folder / "store"), device=job.device, prompts=("any",),
        )  # fmt: skip
        rest = before, ground(example.image.shape[1:], gsd_m), folder, self._models, job.cancel
        heat = QueryFinder(request, *rest)
        found: dict[str, Finder] = {"": heat}
        if job.sam:
            refined, end = replace(request, refine="sam", sam=job.sam), f" + SAM {job.sam}"
            if truths:
                known = dict(zip((str(raster), str(before)), truths))
                found[f"{end}, best thresholds"] = QueryFinder(
                    refined, *rest, lambda text, at: _best(heat, text, at, known[at])
                )
            found[end] = QueryFinder(refined, *rest)
        return found


def _best(heat: QueryFinder, text: str, raster: str, truth: TrueFinder) -> Optional[float]:
    """Return the threshold at which the heatmap's regions have the highest IoU with the truth; None without a truth."""
    true = shapely.union_all([region.geometry for region in truth.find(text)])
    if true.is_empty:
        return None

    def iou(level: float) -> float:
        found = shapely.union_all([region.geometry for region in heat.at(text, raster, level)[0]])
        return float(found.intersection(true).area / found.union(true).area)

    return max(LEVELS, key=iou)


def _parts(geometry: BaseGeometry, text: str) -> tuple[Region, ...]:
    polygons = (part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon")
    return tuple(Region(part, 1.0, text) for part in polygons if part.area >= LEAST_EDGE_M2)


def _covered(region: Region, by: Sequence[Region]) -> float:
    return float(shapely.union_all([one.geometry for one in by]).intersection(region.geometry).area)
