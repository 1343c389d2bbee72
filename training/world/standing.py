"""The things that stand in a ground view: which ones, where, how large and in which colours."""

from __future__ import annotations

import numpy as np

from .cameras import Cameras, Ground
from .classes import LABEL
from .moods import Mood, rgb
from .stage import Stage, Things

_PAINTS = np.array(
    [[0.90, 0.90, 0.90], [0.12, 0.12, 0.14], [0.60, 0.62, 0.65], [0.72, 0.12, 0.12], [0.14, 0.25, 0.55],
     [0.20, 0.38, 0.30], [0.85, 0.70, 0.20], [0.40, 0.28, 0.22]], np.float32)  # fmt: skip
_ROOFS = np.array([[0.62, 0.30, 0.20], [0.34, 0.33, 0.35], [0.46, 0.28, 0.20], [0.52, 0.53, 0.56]], np.float32)
_FRUITS = np.array([[0.86, 0.14, 0.10], [0.96, 0.56, 0.10], [0.94, 0.84, 0.25], [0.48, 0.14, 0.36]], np.float32)
_BARK = np.array([0.40, 0.30, 0.22], np.float32)
_METAL = np.array([0.92, 0.92, 0.94], np.float32)
_GLASS = np.array([0.82, 0.88, 0.96], np.float32)


def _split(place: tuple[np.ndarray, ...], chosen: np.ndarray) -> tuple[np.ndarray, ...]:
    return tuple(part[chosen] for part in place)


def _forest(s: Stage) -> None:
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


def _orchard(s: Stage) -> None:
    label, season = LABEL["orchard"], s.mood.season
    place = s.anchor(label, s.grid(label, 3.0, 48.0, (4.0, 5.0), 0.97))
    fruit = _FRUITS[(s.mood.dice[:, 0] * 4).astype(int)]
    blossom = np.where((s.mood.dice[:, 1] < 0.5)[:, None], [0.98, 0.96, 0.97], [0.97, 0.72, 0.80]).astype(np.float32)
    flowering = (season == 0) & (s.mood.dice[:, 2] < 0.6)
    third = np.where(flowering[:, None], blossom, fruit)[place[0]]
    leaves = np.where((season == 0)[:, None], s.mood.leaves[:, 1], [0.24, 0.44, 0.16]).astype(np.float32)[place[0]]
    leaves = np.where(flowering[place[0], None], 0.45 * leaves + 0.5 * third, leaves)
    leaves = np.where((season == 3)[place[0], None], rgb(0.46, 0.38, 0.24), leaves)
    s.add(place, "fruit_tree", label, (2.8, 3.9), 0.95, (leaves, _BARK, third))


def _shrubs_and_reeds(s: Stage) -> None:
    shrub, wet = LABEL["shrubland"], LABEL["wetland"]
    place = s.anchor(shrub, s.lattice(shrub, 2.8, 42.0, 2.1, keep=0.72))
    dry = s.rng.random(len(place[0])) < 0.6 * s.mood.dice[place[0], 10]
    size = 0.8 + 0.8 * s.mood.dice[:, 11]
    for kind, chosen in (("bush", ~dry), ("dry_bush", dry)):
        some = _split(place, chosen)
        olive = 0.5 * s.leaves(some[0]) + 0.5 * rgb(0.36, 0.40, 0.22)
        s.add(some, kind, shrub, (0.5, 1.4), 1.3, (olive, _BARK, _GLASS), size[some[0]])
    place = s.anchor(wet, s.lattice(wet, 2.4, 20.0, 1.15, keep=0.5))
    season = s.mood.season[place[0]]
    reed = np.where((season >= 2)[:, None], [0.72, 0.60, 0.34], [0.46, 0.58, 0.24]).astype(np.float32)
    s.add(place, "reeds", wet, (1.0, 1.9), 0.8, (reed, rgb(0.36, 0.20, 0.10), _GLASS))


def _tufts(s: Stage) -> None:
    meadow, sand, track = LABEL["meadow"], LABEL["sand"], LABEL["track"]
    place = s.lattice(meadow, 2.0, 8.0, 0.8, keep=0.3)
    blooms = (s.mood.dice[place[0], 1] > 0.45) & (s.mood.season[place[0]] < 2)
    base = s.mood.palette[:, meadow]
    petals = np.array([[0.98, 0.90, 0.25], [0.96, 0.96, 0.96], [0.85, 0.25, 0.30], [0.62, 0.45, 0.85]], np.float32)
    petal = petals[(s.mood.dice[:, 0] * 4).astype(int)]
    for kind, chosen in (("flowers", blooms), ("tuft", ~blooms)):
        some = _split(place, chosen)
        s.add(some, kind, meadow, (0.18, 0.42), 1.0, (base[some[0]] * 1.15, _BARK, petal[some[0]]))
    place = s.lattice(sand, 5.0, 25.0, 3.0, keep=0.05)
    s.add(place, "tuft", sand, (0.3, 0.7), 1.2, (rgb(0.55, 0.58, 0.32), _BARK, _GLASS))
    place = s.lattice(track, 2.5, 10.0, 0.9, keep=0.2)
    _, across = s.cameras.lines.locate(place[0], *s.cameras.to_map(*place))
    edge = s.cameras.lines.known[place[0]] & (np.abs(across) > 1.6)
    some = _split(place, edge)
    s.add(some, "tuft", track, (0.15, 0.4), 1.1, (s.grass(some[0]), _BARK, _GLASS))


def _crops(s: Stage) -> None:
    label = LABEL["crops"]
    look = s.mood.look[:, label]
    spacing = 0.6 + 0.5 * s.mood.dice[:, 3]
    place = s.grid(label, 2.0, 13.0, (0.55, spacing), 0.85)
    colour = s.mood.palette[place[0], label]
    kind = np.choose(look, [np.where(s.mood.dice[:, 4] < 0.5, 0, 1), 2, 3])[place[0]]
    ear = rgb(1.1, 1.05, 0.9)
    gold = rgb(0.85, 0.75, 0.40)
    tall = 0.55 + 0.45 * s.mood.dice[:, 5]
    for number, (name, size, aspect) in enumerate(
        [
            ("maize", (0.9, 1.25), 0.75),
            ("sapling", (0.45, 0.7), 1.2),
            ("cereal", (0.75, 0.95), 1.0),
            ("sapling", (0.1, 0.2), 1.3),
        ]
    ):
        chosen = kind == number
        some = _split(place, chosen)
        second = colour[chosen] * ear if name == "cereal" else gold
        s.add(some, name, label, size, aspect, (colour[chosen] * 1.1, second, _GLASS), tall[some[0]])


def _buildings(s: Stage) -> None:
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


def _vehicles(s: Stage) -> None:
    label, road = LABEL["parking"], LABEL["road"]
    red = rgb(0.85, 0.10, 0.08)
    place = s.anchor(label, s.grid(label, 4.0, 42.0, (12.0, 2.7), 0.82, start=-4.5))
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


def _roadside(s: Stage) -> None:
    """Posts and lamps along roads, masts along railways."""
    road, rail, dice = LABEL["road"], LABEL["railway"], s.mood.dice
    half, tints = s.cameras.lines.half_width[:, None], (_METAL,) * 3
    level = np.zeros(6)
    for side in (-1, 1):
        place = s.on_line(road, np.arange(-1, 5) * 9.0 + 3, side * (half + 0.5) + level, dice[:, 4] < 0.5)
        s.add(place, "post", road, (0.9, 1.0), 0.16, tints)
    place = s.on_line(road, np.arange(4) * 14.0 + 4, half + 1.2 + level[:4], dice[:, 5] < 0.35)
    s.add(place, "lamp", road, (6, 7), 0.5, tints)
    place = s.on_line(rail, np.arange(5) * 12.0 + 4, -(np.minimum(half, 3) + 0.8) + level[:5], dice[:, 8] < 0.6)
    s.add(place, "mast", rail, (6, 7), 0.7, tints)


def _on_water(s: Stage) -> None:
    """Stones in and along rivers, boats and birds on lakes."""
    river, lake, dice = LABEL["river"], LABEL["lake"], s.mood.dice
    half, tints = s.cameras.lines.half_width[:, None], (_METAL, _METAL, rgb(0.62, 0.59, 0.55))
    for side in (-1, 1):
        along = np.sort(s.rng.uniform(0, 30, 14))
        across = side * (half + s.rng.uniform(-0.6, 0.6, (s.views, 14)))
        s.add(s.on_line(river, along, across, dice[:, 9] < 0.8), "rock", river, (0.25, 0.8), 1.5, tints)
    across = half * s.rng.uniform(-0.7, 0.7, (s.views, 4))
    place = s.on_line(river, s.rng.uniform(2, 22, 4), across, dice[:, 10] < 0.4)
    s.add(place, "rock", river, (0.2, 0.5), 1.6, tints)
    hull = _PAINTS[s.rng.integers(0, len(_PAINTS), s.views)]
    for kind, near, far, size, aspect in (("sailboat", 25.0, 70.0, (5, 7), 0.9), ("duck", 4.0, 14.0, (0.35, 0.5), 1.3)):
        place = s.lattice(lake, near, far, near / 4, keep=0.012)
        s.add(place, kind, lake, size, aspect, (_METAL, hull[place[0]], _METAL))


def _poolside(s: Stage, edge_m: np.ndarray) -> None:
    """Deck chairs, parasols and ladders around pools; `edge_m` as in `stand_things`."""
    pool = LABEL["pool"]
    view = np.repeat(np.flatnonzero(s.cameras.subject == pool), 60)
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
        cloth = _PAINTS[(s.mood.dice[some[0], 3] * len(_PAINTS)).astype(int)] * 0.5 + 0.45
        s.add(some, kind, pool, size, aspect, (cloth, _METAL, _METAL))


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
    stage = Stage(ground, cameras, mood, rng)
    for populate in (_forest, _orchard, _shrubs_and_reeds, _tufts, _crops, _buildings, _vehicles, _roadside, _on_water):
        populate(stage)
    if edge_m is not None:
        _poolside(stage, edge_m)
    return stage.far_to_near()
