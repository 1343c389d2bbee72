"""What a plan stands on when the truth is known: the true regions, for all texts or for some."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import rasterio.features
from rasterio.transform import from_origin
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from graft_plugin.engine.ask.finder import Change, Evidence, Finder, Region
from graft_plugin.errors import UsageError

from ...mini.scenes import SCENE_CRS
from ...world.classes import LABEL
from .pixels import THING_M2, Mask
from .places import Labels
from .words import class_of

Makes = Callable[[tuple[str, ...]], Finder]
"""The texts of a plan → what finds their regions."""
CORNER = (500_000.0, 5_200_000.0)
"""Map (x, y), in `SCENE_CRS`, of the upper left corner of every image that is asked about."""


def ground(shape_px: tuple[int, ...], gsd_m: float) -> BaseGeometry:
    """Return the ground of an image of (rows, cols), in `SCENE_CRS`."""
    return box(CORNER[0], CORNER[1] - shape_px[0] * gsd_m, CORNER[0] + shape_px[1] * gsd_m, CORNER[1])


class TrueFinder:
    """Finds exactly what is there: the outlines of the label raster's things.

    Args:
        labels: uint8 [H, W], the world's classes.
        before: The same at an earlier date.
        gsd_m: Metres a pixel.
    """

    def __init__(self, labels: Labels, before: Labels | None, gsd_m: float) -> None:
        self._labels, self._before = labels, before
        self._transform = from_origin(*CORNER, gsd_m, gsd_m)
        self.view = ground(labels.shape, gsd_m)
        self.crs, self.gsd_m = SCENE_CRS, 0.0
        self.find = lru_cache(maxsize=None)(self._find)
        self.compare = lru_cache(maxsize=None)(self._compare)

    def _find(self, text: str) -> tuple[Region, ...]:
        return self._outlines(self._labels == self._label(text), text, THING_M2)

    def evidence(self, text: str) -> Evidence:
        """Return certainty, either way."""
        return Evidence(1.0 if self.find(text) else 0.0, 0.5)

    def classify(self, region: Region, labels: Sequence[str]) -> str:
        """Return the label whose class covers most of the region."""
        shares = {text: self._share(region, text) for text in labels}
        return max(shares, key=shares.__getitem__)

    def best_match(self, regions: Sequence[Region], text: str) -> Region:
        """Return the region of which the text's class covers most."""
        return max(regions, key=lambda region: self._share(region, text))

    def _compare(self, text: str) -> Change:
        if self._before is None:
            raise UsageError("there is only one date", remedy="Give the earlier one too.")
        after, before = (labels == self._label(text) for labels in (self._labels, self._before))
        return Change(self._outlines(after & ~before, text, 0.0), self._outlines(before & ~after, text, 0.0))

    def _label(self, text: str) -> int:
        name = class_of(text)
        return -1 if name is None else LABEL[name]

    def _outlines(self, mask: Mask, text: str, least_m2: float) -> tuple[Region, ...]:
        found = rasterio.features.shapes(mask.astype(np.uint8), mask=mask, transform=self._transform)
        outlines = (shape(geometry) for geometry, _ in found)
        return tuple(Region(outline, 1.0, text) for outline in outlines if outline.area >= least_m2)

    def _share(self, region: Region, text: str) -> float:
        inside = rasterio.features.geometry_mask(
            [region.geometry], self._labels.shape, self._transform, all_touched=False, invert=True
        )
        return float((self._labels[inside] == self._label(text)).mean()) if inside.any() else 0.0


class MixedFinder:
    """Takes some texts from one finder and the others from another, in the ground of the second.

    Args:
        some: Finds the texts that `takes` says yes to.
        rest: Finds the others; its view counts.
        takes: Text → whether `some` finds it.
    """

    def __init__(self, some: Finder, rest: Finder, takes: Callable[[str], bool]) -> None:
        self._some, self._rest, self._takes = some, rest, takes

    @property
    def view(self) -> BaseGeometry:
        """As of the second finder."""
        return self._rest.view

    @property
    def crs(self) -> str:
        """As of the second finder."""
        return self._rest.crs

    @property
    def gsd_m(self) -> float:
        """As of the second finder."""
        return self._rest.gsd_m

    def _of(self, text: str) -> Finder:
        return self._some if self._takes(text) else self._rest

    def find(self, text: str) -> tuple[Region, ...]:
        """As the finder of the text does."""
        return self._of(text).find(text)

    def evidence(self, text: str) -> Evidence:
        """As the finder of the text does."""
        return self._of(text).evidence(text)

    def classify(self, region: Region, labels: Sequence[str]) -> str:
        """As the second finder does."""
        return self._rest.classify(region, labels)

    def best_match(self, regions: Sequence[Region], text: str) -> Region:
        """As the finder of the text does."""
        return self._of(text).best_match(regions, text)

    def compare(self, text: str) -> Change:
        """As the finder of the text does."""
        return self._of(text).compare(text)
