"""The things that stand in a ground view: which ones, where, how large and in which colours."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from .cameras import Cameras, Ground
from .classes import LABEL
from .moods import Mood
from .sprites import atlas

_PAINTS = np.array(
    [[0.90, 0.90, 0.90], [0.12, 0.12, 0.14], [0.60, 0.62, 0.65], [0.72, 0.12, 0.12], [0.14, 0.25, 0.55],
     [0.20, 0.38, 0.30], [0.85, 0.70, 0.20], [0.40, 0.28, 0.22]], np.float32)  # fmt: skip
_ROOFS = np.array([[0.62, 0.30, 0.20], [0.34, 0.33, 0.35], [0.46, 0.28, 0.20], [0.52, 0.53, 0.56]], np.float32)
_FRUITS = np.array([[0.86, 0.14, 0.10], [0.96, 0.56, 0.10], [0.94, 0.84, 0.25], [0.48, 0.14, 0.36]], np.float32)
_BARK = np.array([0.40, 0.30, 0.22], np.float32)
_GLASS = np.array([0.82, 0.88, 0.96], np.float32)


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


class _Stage:
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
        self, label: int, near: float, far: float, steps: tuple[float, np.ndarray | float], keep: float, start: float = 0.0
    ) -> tuple[np.ndarray, ...]:
        """Return (view, depth, lateral) of points in rows: `steps` m along and across (a number, or one for each view)."""
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
        view, depth, lateral = place
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
        tints: tuple[np.ndarray, np.ndarray, np.ndarray],
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


def _split(place: tuple[np.ndarray, ...], chosen: np.ndarray) -> tuple[np.ndarray, ...]:
    return tuple(part[chosen] for part in place)


def _forest(s: _Stage) -> None:
    label, mood = LABEL["forest"], s.mood
    place = s.anchor(label, s.lattice(label, 6.0, 46.0, 3.8, keep=0.8))
    share = np.choose((mood.dice[:, 10] * 4).astype(int), [0.05, 0.1, 0.5, 0.95])
    needle = s.rng.random(len(place[0])) < share[place[0]]
    winter = mood.season[place[0]] == 3
    green = np.array([0.22, 0.44, 0.22], np.float32)
    pines = needle & (mood.dice[place[0], 11] < 0.3)
    s.add(_split(place, needle & ~pines), "conifer", label, (9, 20), 0.5, (green, _BARK, _GLASS))
    s.add(_split(place, pines), "pine", label, (12, 20), 0.55, (green * 1.2, _BARK * 1.25, _GLASS))
    s.add(_split(place, ~needle & winter), "bare_tree", label, (9, 17), 0.75, (_BARK, _BARK, _GLASS))
    full = _split(place, ~needle & ~winter)
    s.add(full, "broadleaf", label, (9, 17), 0.8, (s.leaves(full[0]), _BARK, _GLASS))
    under = s.lattice(label, 5.0, 30.0, 4.6, keep=0.4)
    s.add(under, "bush", label, (0.7, 1.8), 1.3, (s.leaves(under[0], 0.7), _BARK, _GLASS))


def _orchard(s: _Stage) -> None:
    label, season = LABEL["orchard"], s.mood.season
    place = s.anchor(label, s.grid(label, 3.0, 48.0, (4.0, 5.0), 0.97))
    fruit = _FRUITS[(s.mood.dice[:, 0] * 4).astype(int)]
    blossom = np.where((s.mood.dice[:, 1] < 0.5)[:, None], [0.98, 0.96, 0.97], [0.97, 0.72, 0.80]).astype(np.float32)
    flowering = (season == 0) & (s.mood.dice[:, 2] < 0.6)
    third = np.where(flowering[:, None], blossom, fruit)[place[0]]
    leaves = np.where((season == 0)[:, None], s.mood.leaves[:, 1], [0.24, 0.44, 0.16]).astype(np.float32)[place[0]]
    leaves = np.where(flowering[place[0], None], 0.45 * leaves + 0.5 * third, leaves)
    leaves = np.where((season == 3)[place[0], None], np.float32([0.46, 0.38, 0.24]), leaves)
    s.add(place, "fruit_tree", label, (2.8, 3.9), 0.95, (leaves, _BARK, third))


def _low_plants(s: _Stage) -> None:
    shrub, wet, meadow, sand, track = (LABEL[n] for n in ("shrubland", "wetland", "meadow", "sand", "track"))
    place = s.anchor(shrub, s.lattice(shrub, 2.8, 42.0, 2.1, keep=0.72))
    dry = s.rng.random(len(place[0])) < 0.6 * s.mood.dice[place[0], 10]
    size = 0.8 + 0.8 * s.mood.dice[:, 11]
    for kind, chosen in (("bush", ~dry), ("dry_bush", dry)):
        some = _split(place, chosen)
        olive = 0.5 * s.leaves(some[0]) + 0.5 * np.float32([0.36, 0.40, 0.22])
        s.add(some, kind, shrub, (0.5, 1.4), 1.3, (olive, _BARK, _GLASS), size[some[0]])
    place = s.anchor(wet, s.lattice(wet, 2.4, 20.0, 1.15, keep=0.5))
    season = s.mood.season[place[0]]
    reed = np.where((season >= 2)[:, None], [0.72, 0.60, 0.34], [0.46, 0.58, 0.24]).astype(np.float32)
    s.add(place, "reeds", wet, (1.0, 1.9), 0.8, (reed, np.float32([0.36, 0.20, 0.10]), _GLASS))
    place = s.lattice(meadow, 2.0, 8.0, 0.8, keep=0.3)
    blooms = (s.mood.dice[place[0], 1] > 0.45) & (s.mood.season[place[0]] < 2)
    base = s.mood.palette[:, meadow]
    petals = np.array([[0.98, 0.90, 0.25], [0.96, 0.96, 0.96], [0.85, 0.25, 0.30], [0.62, 0.45, 0.85]], np.float32)
    petal = petals[(s.mood.dice[:, 0] * 4).astype(int)]
    for kind, chosen in (("flowers", blooms), ("tuft", ~blooms)):
        some = _split(place, chosen)
        s.add(some, kind, meadow, (0.18, 0.42), 1.0, (base[some[0]] * 1.15, _BARK, petal[some[0]]))
    place = s.lattice(sand, 5.0, 25.0, 3.0, keep=0.05)
    s.add(place, "tuft", sand, (0.3, 0.7), 1.2, (np.float32([0.55, 0.58, 0.32]), _BARK, _GLASS))
    place = _split(s.lattice(track, 2.5, 10.0, 0.9, keep=0.2), slice(None))
    along, across = s.cameras.lines.locate(place[0], *s.cameras.to_map(*place))
    edge = s.cameras.lines.known[place[0]] & (np.abs(across) > 1.6)
    some = _split(place, edge)
    s.add(some, "tuft", track, (0.15, 0.4), 1.1, (s.grass(some[0]), _BARK, _GLASS))


def _crops(s: _Stage) -> None:
    label = LABEL["crops"]
    look = s.mood.look[:, label]
    spacing = 0.6 + 0.5 * s.mood.dice[:, 3]
    place = s.grid(label, 2.0, 13.0, (0.55, spacing), 0.85)
    colour = s.mood.palette[place[0], label]
    kind = np.choose(look, [np.where(s.mood.dice[:, 4] < 0.5, 0, 1), 2, 3])[place[0]]
    ear = np.float32([1.1, 1.05, 0.9])
    gold = np.float32([0.85, 0.75, 0.40])
    tall = 0.55 + 0.45 * s.mood.dice[:, 5]
    for number, (name, size, aspect) in enumerate(
        [("maize", (0.9, 1.25), 0.75), ("sapling", (0.45, 0.7), 1.2), ("cereal", (0.75, 0.95), 1.0), ("sapling", (0.1, 0.2), 1.3)]
    ):
        chosen = kind == number
        some = _split(place, chosen)
        second = colour[chosen] * ear if name == "cereal" else gold
        s.add(some, name, label, size, aspect, (colour[chosen] * 1.1, second, _GLASS), tall[some[0]])


def _buildings(s: _Stage) -> None:
    label, mood = LABEL["building"], s.mood
    kinds = np.array(["house_gable", "house_long", "barn", "block", "shed"])
    aspects, heights = (1.15, 1.7, 1.3, 1.5, 2.2), ((6, 7.5), (5.5, 6.8), (6, 8), (7, 10), (4.5, 6))
    chances = np.array([0.28, 0.34, 0.13, 0.15, 0.10])
    main = np.flatnonzero(s.cameras.subject == label)
    spots = (main, s.cameras.back_m[main], s.rng.uniform(-1.5, 1.5, len(main)).astype(np.float32))
    behind = s.lattice(label, 24.0, 85.0, 11.0, keep=0.8)
    for place, own in ((spots, True), (behind, False)):
        choice = s.rng.choice(5, len(place[0]), p=chances)
        wall = mood.palette[place[0], label]
        if not own:
            other = s.rng.permutation(len(mood.palette))[s.rng.integers(0, len(mood.palette), len(place[0]))]
            wall = mood.palette[other, label]
        roof = _ROOFS[s.rng.integers(0, 4, len(place[0]))]
        for number, kind in enumerate(kinds):
            some = choice == number
            tints = (wall[some], roof[some], _GLASS)
            s.add(_split(place, some), kind, label, heights[number], aspects[number], tints)


def _vehicles(s: _Stage) -> None:
    label, road = LABEL["parking"], LABEL["road"]
    red = np.float32([0.85, 0.10, 0.08])
    place = s.grid(label, 4.0, 42.0, (12.0, 2.7), 0.82, start=-4.5)
    aside = np.abs(np.cos(s.cameras.turn)) < 0.7
    end = s.rng.random(len(place[0]))
    for kind, chosen, aspect in (
        ("car_rear", ~aside[place[0]] & (end < 0.5), 1.18),
        ("car_front", ~aside[place[0]] & (end >= 0.5), 1.18),
        ("car_side", aside[place[0]], 2.7),
    ):
        some = _split(place, chosen)
        paint = _PAINTS[s.rng.integers(0, len(_PAINTS), len(some[0]))]
        s.add(some, kind, label, (1.4, 1.7), aspect, (paint, red, _GLASS))
    lane = np.minimum(s.cameras.lines.half_width * 0.5, 1.9)[:, None]
    for kind, chance, side in (("car_rear", 0.45, 1), ("car_front", 0.35, -1)):
        some = s.on_line(road, s.rng.uniform(9, 30, 1), side * lane, s.rng.random(s.views) < chance)
        paint = _PAINTS[s.rng.integers(0, len(_PAINTS), len(some[0]))]
        s.add(some, kind, road, (1.4, 1.6), 1.18, (paint, red, _GLASS))


def _furniture(s: _Stage, edge_m: np.ndarray | None) -> None:
    """Posts, masts, boats, stones, deck chairs: what makes a place plain to a viewer."""
    road, rail, river, lake, pool = (LABEL[n] for n in ("road", "railway", "river", "lake", "pool"))
    half, grey = s.cameras.lines.half_width[:, None], np.float32([0.92, 0.92, 0.94])
    dice = s.mood.dice
    for side in (-1, 1):
        along = np.arange(-1, 5) * 9.0 + 3
        s.add(s.on_line(road, along, side * (half + 0.5) + np.zeros(6), dice[:, 4] < 0.5), "post", road, (0.9, 1.0), 0.16, (grey,) * 3)
    s.add(s.on_line(road, np.arange(4) * 14.0 + 4, half + 1.2 + np.zeros(4), dice[:, 5] < 0.35), "lamp", road, (6, 7), 0.5, (grey,) * 3)
    along = np.arange(5) * 12.0 + 4
    s.add(s.on_line(rail, along, -(np.minimum(half, 3) + 0.8) + np.zeros(5), dice[:, 8] < 0.6), "mast", rail, (6, 7), 0.7, (grey,) * 3)
    stone = np.float32([0.62, 0.59, 0.55])
    for side in (-1, 1):
        along = np.sort(s.rng.uniform(0, 30, 14))
        across = side * (half + s.rng.uniform(-0.6, 0.6, (s.views, 14)))
        s.add(s.on_line(river, along, across, dice[:, 9] < 0.8), "rock", river, (0.25, 0.8), 1.5, (grey, grey, stone))
    midstream = half * s.rng.uniform(-0.7, 0.7, (s.views, 4))
    s.add(s.on_line(river, s.rng.uniform(2, 22, 4), midstream, dice[:, 10] < 0.4), "rock", river, (0.2, 0.5), 1.6, (grey, grey, stone))
    hull = _PAINTS[s.rng.integers(0, len(_PAINTS), s.views)]
    for kind, near, far, keep, size, aspect in (
        ("sailboat", 25.0, 70.0, 0.012, (5, 7), 0.9),
        ("duck", 4.0, 14.0, 0.012, (0.35, 0.5), 1.3),
    ):
        place = s.lattice(lake, near, far, near / 4, keep=keep)
        s.add(place, kind, lake, size, aspect, (grey, hull[place[0]], grey))
    if edge_m is None:
        return
    view = np.flatnonzero(s.cameras.subject == pool)
    view = np.repeat(view, 60)
    depth = (s.cameras.back_m[view] + s.rng.uniform(0.5, 14, len(view))).astype(np.float32)
    lateral = s.rng.uniform(-9, 9, len(view)).astype(np.float32)
    gap = Ground(edge_m, s.ground.gsd_m).at(*s.cameras.to_map(view, depth, lateral))
    order = s.rng.random(len(view))
    for kind, low, high, keep, size, aspect in (
        ("lounger", 1.0, 3.0, 0.35, (0.75, 0.95), 1.7),
        ("parasol", 1.4, 3.4, 0.08, (2.1, 2.6), 0.95),
        ("ladder", -0.2, 0.7, 0.25, (1.0, 1.2), 0.7),
    ):
        chosen = (gap > low) & (gap < high) & (order < keep)
        some = (view[chosen], depth[chosen], lateral[chosen])
        cloth = _PAINTS[(dice[some[0], 3] * len(_PAINTS)).astype(int)] * 0.5 + 0.45
        s.add(some, kind, pool, size, aspect, (cloth, grey, grey))


def stand_things(
    ground: Ground, cameras: Cameras, mood: Mood, rng: np.random.Generator, edge_m: np.ndarray | None
) -> Things:
    """Return everything that stands in the views, far things first.

    Args:
        ground: The label map.
        cameras: The views.
        mood: Their light and palettes.
        rng: Source of chance.
        edge_m: Signed distance from the edges of pools, m, [H, W]; None where there is none.
    """
    stage = _Stage(ground, cameras, mood, rng)
    for populate in (_forest, _orchard, _low_plants, _crops, _buildings, _vehicles):
        populate(stage)
    _furniture(stage, edge_m)
    parts = stage.things
    if not parts:
        nothing = np.zeros(0, np.float32)
        return Things(nothing.astype(int), *[nothing] * 4, nothing.astype(int), np.zeros((0, 3, 3), np.float32), nothing.astype(int))
    merged = Things(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Things)))
    return merged.take(np.argsort(-merged.depth, kind="stable"))
