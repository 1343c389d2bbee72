"""Upright things in ground views, and the ways to spread them over the land."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from .cameras import Cameras, Ground
from .moods import Mood
from .sprites import atlas


@dataclass(frozen=True)
class Things:
    """N upright pictures in the scenes.

    Attributes:
        view: View of each, int [N].
        depth: Distance along the view direction, m, [N].
        lateral: Offset to the right, m, [N].
        height: Height, m, [N].
        width: Width, m, [N].
        sprite: Sprite of each, int [N].
        tints: Colours of the sprite's three channels, float32 [N, 3, 3].
        label: Land class that it shows, int [N].
    """

    view: np.ndarray
    depth: np.ndarray
    lateral: np.ndarray
    height: np.ndarray
    width: np.ndarray
    sprite: np.ndarray
    tints: np.ndarray
    label: np.ndarray

    def take(self, index: np.ndarray) -> Things:
        """Return the things at `index`."""
        return Things(*(getattr(self, field.name)[index] for field in fields(self)))


class Stage:
    """Collects the things of one batch of views."""

    def __init__(self, ground: Ground, cameras: Cameras, mood: Mood, rng: np.random.Generator) -> None:
        self.ground, self.cameras, self.mood, self.rng = ground, cameras, mood, rng
        self.views = len(cameras.x)
        self.things: list[Things] = []

    def lattice(self, label: int, near: float, far: float, pitch: float, keep: float = 1.0) -> tuple[np.ndarray, ...]:
        """Return (view, depth, lateral) of jittered points on ground of a class, in sight."""
        reach = far * 0.8
        depths, laterals = np.arange(near, far, pitch), np.arange(-reach, reach, pitch)
        view, depth, lateral = (g.ravel() for g in np.meshgrid(np.arange(self.views), depths, laterals, indexing="ij"))
        jitter = self.rng.random((2, len(view)), np.float32) * pitch
        return self._visible(label, near, far, view, depth + jitter[0], lateral + jitter[1], keep)

    def grid(
        self,
        label: int,
        near: float,
        far: float,
        steps: tuple[float, np.ndarray | float],
        keep: float,
        start: float = 0.0,
    ) -> tuple[np.ndarray, ...]:
        """Return (view, depth, lateral) of points in rows, `steps` m apart along and across (the latter by view)."""
        along = np.arange(-far, far, steps[0]) // steps[0] * steps[0] + start
        half = int(far * 0.85 / np.min(steps[1]))
        across = np.arange(-half, half + 1)
        view, a, k = (g.ravel() for g in np.meshgrid(np.arange(self.views), along, across, indexing="ij"))
        step = np.broadcast_to(np.asarray(steps[1]), (self.views,))
        middle = np.round(self.cameras.shift / step)
        a = a + self.rng.normal(0, 0.05 * steps[0], len(a))
        depth, lateral = self.cameras.unrow(view, a, (k + middle[view]) * step[view])
        return self._visible(label, near, far, view, depth, lateral, keep)

    def _visible(
        self, label: int, near: float, far: float, view: np.ndarray, depth: np.ndarray, lateral: np.ndarray, keep: float
    ) -> tuple[np.ndarray, ...]:
        cameras = self.cameras
        subject = cameras.subject[view] == label
        first = np.where(subject, near, np.maximum(near, cameras.back_m[view] + 0.6 * near + 4.0))
        seen = (depth > first) & (depth < far) & (np.abs(lateral) < depth * cameras.tan_half[view] * 1.08 + 0.6)
        if keep < 1:
            seen &= self.rng.random(len(view)) < keep
        index = np.flatnonzero(seen)
        view, depth, lateral = view[index], depth[index].astype(np.float32), lateral[index].astype(np.float32)
        index = np.flatnonzero(self.ground.at(*cameras.to_map(view, depth, lateral)) == label)
        return view[index], depth[index], lateral[index]

    def anchor(self, label: int, place: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
        """Put one thing on the spot itself in views of this class that would show hardly any near by."""
        view, depth = place[:2]
        near = np.bincount(view[depth < 18], minlength=self.views)
        bare = np.flatnonzero((near < 2) & (self.cameras.subject == label))
        aside = self.rng.uniform(-0.15, 0.15, len(bare)) * self.cameras.back_m[bare]
        more = (bare, self.cameras.back_m[bare], aside.astype(np.float32))
        return tuple(np.concatenate(pair) for pair in zip(place, more))

    def on_line(self, label: int, along: np.ndarray, across: np.ndarray, views: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return (view, depth, lateral) of points beside the centre lines; `along` [k] and `across` [V, k], m."""
        lines = self.cameras.lines
        views = np.flatnonzero(views & lines.known & (self.cameras.subject == label))
        ahead = np.sign(lines.dx * self.cameras.sin - lines.dy * self.cameras.cos)
        view = np.repeat(views, len(along))
        u = np.tile(along, len(views)) * ahead[view]
        depth, lateral = self.cameras.from_map(view, *lines.place(view, u, across[views].ravel() * ahead[view]))
        seen = (depth > 2.5) & (depth < 60)
        return view[seen], depth[seen].astype(np.float32), lateral[seen].astype(np.float32)

    def add(
        self,
        place: tuple[np.ndarray, ...],
        kind: str,
        label: int,
        height: tuple[float, float],
        aspect: float,
        tints: Sequence[np.ndarray],
        scale: np.ndarray | float = 1.0,
    ) -> None:
        """Stand a kind of sprite at the places; the tints are [n, 3] or [3]."""
        view, depth, lateral = place
        if not len(view):
            return
        tall = (self.rng.uniform(*height, len(view)) * scale).astype(np.float32)
        wide = tall * aspect * self.rng.uniform(0.85, 1.15, len(view)).astype(np.float32)
        bright = self.rng.normal(1, 0.08, (len(view), 1)).astype(np.float32)
        colours = np.stack([np.broadcast_to(tint, (len(view), 3)) for tint in tints], 1) * bright[:, None]
        sprite = atlas().pick(kind, len(view), self.rng)
        self.things.append(
            Things(view, depth, lateral, tall, wide, sprite, colours.astype(np.float32), np.full(len(view), label))
        )

    def leaves(self, view: np.ndarray, shade: float = 1.0) -> np.ndarray:
        """Foliage colours of the season, [n, 3]; each plant its own."""
        ends = self.mood.leaves[view]
        own = self.rng.random((len(view), 1), np.float32)
        return (ends[:, 0] + (ends[:, 1] - ends[:, 0]) * own) * shade

    def grass(self, view: np.ndarray, shade: float = 1.15) -> np.ndarray:
        """Grass colours, [n, 3]."""
        return self.mood.grass[view] * (shade * self.rng.uniform(0.8, 1.2, (len(view), 1)).astype(np.float32))

    def far_to_near(self) -> Things:
        """Return all things, the farthest first."""
        if not self.things:
            none, numbers = np.zeros(0, int), np.zeros(0, np.float32)
            tints = np.zeros((0, 3, 3), np.float32)
            return Things(none, numbers, numbers, numbers, numbers, none, tints, none)
        merged = [np.concatenate([getattr(part, f.name) for part in self.things]) for f in fields(Things)]
        order = np.argsort(-merged[1], kind="stable")
        return Things(*(part[order] for part in merged))
