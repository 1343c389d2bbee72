"""A finder whose regions are given: what a plan comes to is known beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from shapely import box
from shapely.geometry.base import BaseGeometry

from graft_plugin.engine.ask.finder import Change, Evidence, Region
from graft_plugin.errors import PlanError


@dataclass
class Given:
    """Finds what it was given."""

    things: dict[str, list[BaseGeometry]]
    view: BaseGeometry = field(default_factory=lambda: box(0, 0, 1000, 1000))
    crs: str = "EPSG:32618"
    gsd_m: float = 1.0
    changes: dict[str, Change] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def find(self, text):
        self.asked.append(text)
        return tuple(Region(shape, self.scores.get(text, 0.8), text) for shape in self.things.get(text, ()))

    def evidence(self, text):
        return Evidence(self.scores.get(text, 0.8 if self.things.get(text) else 0.1), 0.5)

    def classify(self, region, labels):
        return labels[int(region.geometry.centroid.x) % len(labels)]

    def best_match(self, regions, text):
        return max(regions, key=lambda region: region.score)

    def compare(self, text):
        if text not in self.changes:
            raise PlanError("there is only one date", remedy="Give the earlier raster, too.")
        return self.changes[text]


@pytest.fixture
def given() -> Given:
    """A square kilometre: a road along the south, ponds beside it and far from it, one of them in a forest."""
    wood = box(300, 600, 700, 900).difference(box(450, 700, 500, 750))
    return Given(
        {
            "pond": [box(100, 100, 120, 120), box(450, 700, 500, 750), box(800, 60, 810, 70)],
            "road": [box(0, 40, 1000, 50)],
            "forest": [wood],
            "lake": [],
        }
    )
