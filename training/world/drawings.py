"""Drawings of the things that stand on the ground: trees, houses, cars, reeds and the like.

A drawing holds weights, not colours: the red, green and blue channels weigh three tints that are chosen for each view
(foliage, trunk, fruit; wall, roof, window; paint, lamps, glass), so that one drawing serves every season and light.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import ImageDraw

CANVAS_PX = 128
Draw = ImageDraw.ImageDraw
Painter = Callable[[Draw, np.random.Generator], None]


def _first(value: float) -> tuple[int, int, int, int]:
    return (int(np.clip(value, 0, 1) * 255), 0, 0, 255)


def _second(value: float) -> tuple[int, int, int, int]:
    return (0, int(np.clip(value, 0, 1) * 255), 0, 255)


def _third(value: float) -> tuple[int, int, int, int]:
    return (0, 0, int(np.clip(value, 0, 1) * 255), 255)


def _disc(draw: Draw, x: float, y: float, rx: float, ry: float, fill: tuple[int, int, int, int]) -> None:
    draw.ellipse((x - rx, y - ry, x + rx, y + ry), fill=fill)


def _foliage(
    draw: Draw, rng: np.random.Generator, centre: tuple[float, float], radii: tuple[float, float], blobs: int
) -> None:
    """Paint a crown of leaf blobs, lit from above."""
    (cx, cy), (rx, ry) = centre, radii
    _disc(draw, cx, cy, rx * 0.8, ry * 0.8, _first(0.45))
    angle, reach = rng.uniform(0, 2 * math.pi, blobs), np.sqrt(rng.uniform(0, 1, blobs))
    xs, ys = cx + rx * reach * np.cos(angle), cy + ry * reach * np.sin(angle)
    for k in np.argsort(-ys):
        lit = 0.5 + 0.33 * (cy - ys[k]) / ry - 0.12 * (xs[k] - cx) / rx + rng.normal(0, 0.12)
        size = rng.uniform(0.1, 0.24) * min(rx, ry)
        _disc(draw, xs[k], ys[k], size * 1.25, size, _first(0.25 + 0.75 * lit))


def broadleaf(draw: Draw, rng: np.random.Generator) -> None:
    """Tree with a round crown and a trunk; tints: foliage, bark."""
    trunk, lean = rng.uniform(4, 7), rng.uniform(-6, 6)
    base = rng.uniform(70, 88)
    draw.polygon(
        [(64 - trunk, 128), (64 + trunk, 128), (64 + lean + 3, base - 20), (64 + lean - 3, base - 20)],
        fill=_second(0.7),
    )
    draw.line([(64 + trunk * 0.5, 128), (64 + lean + 1, base - 16)], fill=_second(0.45), width=3)
    for side in (-1, 1):
        draw.line([(64 + lean * 0.7, base), (64 + lean + side * 28, base - 34)], fill=_second(0.6), width=4)
    _foliage(draw, rng, (64 + lean, base * 0.5 + 2), (rng.uniform(44, 58), base * 0.5), 150)


def conifer(draw: Draw, rng: np.random.Generator) -> None:
    """Spruce: layered boughs on a straight trunk; tints: foliage, bark."""
    draw.rectangle((60, 100, 68, 128), fill=_second(0.6))
    width, start = rng.uniform(30, 42), rng.uniform(100, 112)
    for y in np.linspace(start, 4, 26):
        half = width * (y / start) ** 1.1 + 2
        for _ in range(5):
            x = 64 + rng.uniform(-half, half)
            lit = 0.65 - 0.5 * abs(x - 64) / (half + 1) + rng.normal(0, 0.13) + (0.2 if x < 64 else 0)
            drop = 6 * abs(x - 64) / (half + 1)
            draw.polygon([(x - 9, y + 10 + drop), (x, y - 7), (x + 9, y + 10 + drop)], fill=_first(lit))


def pine(draw: Draw, rng: np.random.Generator) -> None:
    """Tall bare stem with a high crown; tints: foliage, bark."""
    draw.polygon([(60, 128), (68, 128), (66, 20), (62, 20)], fill=_second(0.8))
    draw.line([(66, 128), (65, 24)], fill=_second(0.5), width=2)
    for _ in range(4):
        _foliage(draw, rng, (64 + rng.uniform(-20, 20), rng.uniform(16, 50)), (rng.uniform(16, 26), 12), 40)


def bare_tree(draw: Draw, rng: np.random.Generator) -> None:
    """Leafless tree; tints: unused, bark."""

    def branch(x: float, y: float, angle: float, length: float, width: float) -> None:
        nx, ny = x + length * math.sin(angle), y - length * math.cos(angle)
        draw.line([(x, y), (nx, ny)], fill=_second(0.5 + rng.uniform(0, 0.3)), width=max(2, int(width)))
        if length > 7:
            for side in (-1, 1):
                branch(nx, ny, angle + side * rng.uniform(0.2, 0.65), length * rng.uniform(0.66, 0.84), width * 0.68)

    branch(64, 128, 0.0, 34, 10)


def fruit_tree(draw: Draw, rng: np.random.Generator) -> None:
    """Low round tree on a short trunk, with fruits; tints: foliage, bark, fruit."""
    draw.polygon([(58, 128), (70, 128), (67, 90), (61, 90)], fill=_second(0.7))
    _foliage(draw, rng, (64, 54), (56, 50), 130)
    for _ in range(34):
        angle, reach = rng.uniform(0, 2 * math.pi), math.sqrt(rng.uniform(0, 0.85))
        _disc(draw, 64 + 54 * reach * math.cos(angle), 54 + 48 * reach * math.sin(angle), 4, 4, _third(0.9))


def bush(draw: Draw, rng: np.random.Generator) -> None:
    """Shrub that sits on the ground; tint: foliage."""
    for _ in range(int(rng.integers(2, 5))):
        half = rng.uniform(22, 34)
        _foliage(draw, rng, (64 + rng.uniform(-28, 28), 128 - half * 0.9), (half, half * rng.uniform(0.9, 1.5)), 60)


def dry_bush(draw: Draw, rng: np.random.Generator) -> None:
    """Twiggy shrub; tints: leaves, twigs."""
    for _ in range(46):
        angle, length = rng.normal(0, 0.7), rng.uniform(40, 112)
        x, y = 64 + length * math.sin(angle), 128 - length * math.cos(angle)
        draw.line([(64 + rng.normal(0, 5), 128), (x, y)], fill=_second(rng.uniform(0.45, 0.8)), width=2)
        for _ in range(3):
            _disc(draw, x + rng.normal(0, 5), y + rng.normal(0, 5), 5, 4, _first(rng.uniform(0.4, 1.0)))


def reeds(draw: Draw, rng: np.random.Generator) -> None:
    """Clump of reeds with brown cattail heads; tints: blades, heads."""
    for k in range(44):
        x, lean, top = rng.uniform(14, 114), rng.normal(0, 9), rng.uniform(4, 60)
        draw.line(
            [(x, 128), (x + lean * 0.4, (128 + top) / 2), (x + lean, top)], fill=_first(rng.uniform(0.4, 1)), width=3
        )
        if k % 4 == 0:
            draw.line([(x + lean * 0.9, top + 20), (x + lean, top)], fill=_second(rng.uniform(0.7, 1.0)), width=7)


def tuft(draw: Draw, rng: np.random.Generator) -> None:
    """Grass tuft; tint: blades."""
    for _ in range(30):
        x, lean, top = 64 + rng.normal(0, 12), rng.normal(0, 26), rng.uniform(10, 70)
        draw.line(
            [(x, 128), (x + lean * 0.3, (128 + top) / 2), (x + lean, top)], fill=_first(rng.uniform(0.5, 1)), width=3
        )


def flowers(draw: Draw, rng: np.random.Generator) -> None:
    """Grass with flower heads; tints: blades, unused, petals."""
    tuft(draw, rng)
    for _ in range(9):
        x, y = 64 + rng.normal(0, 26), rng.uniform(8, 60)
        draw.line([(64 + (x - 64) * 0.3, 128), (x, y)], fill=_first(0.6), width=2)
        _disc(draw, x, y, 7, 6, _third(rng.uniform(0.8, 1)))


def maize(draw: Draw, rng: np.random.Generator) -> None:
    """Upright crop plant with arched leaves; tints: leaves, tassel."""
    draw.line([(64, 128), (64, 16)], fill=_first(0.6), width=5)
    for y in np.linspace(110, 30, 7):
        for side in (-1, 1):
            reach, lift = rng.uniform(26, 46), rng.uniform(14, 28)
            points = [(64, y), (64 + side * reach * 0.5, y - lift), (64 + side * reach, y - lift * 0.3)]
            draw.line(points, fill=_first(rng.uniform(0.6, 1)), width=6)
    draw.line([(64, 20), (58, 2)], fill=_second(0.9), width=4)
    draw.line([(64, 20), (70, 2)], fill=_second(0.9), width=4)


def cereal(draw: Draw, rng: np.random.Generator) -> None:
    """Clump of cereal stalks with heavy ears; tints: stalks, ears."""
    for _ in range(34):
        x, lean, top = rng.uniform(8, 120), rng.normal(0, 5), rng.uniform(8, 44)
        draw.line([(x, 128), (x + lean, top)], fill=_first(rng.uniform(0.5, 0.9)), width=3)
        draw.line([(x + lean, top + 20), (x + lean * 1.6, top)], fill=_second(rng.uniform(0.7, 1)), width=6)


def sapling(draw: Draw, rng: np.random.Generator) -> None:
    """Low leafy crop plant; tint: leaves."""
    for _ in range(12):
        angle = rng.normal(0, 0.8)
        x, y = 64 + 52 * math.sin(angle), 128 - rng.uniform(40, 90) * math.cos(angle)
        draw.line([(64, 126), (x, y)], fill=_first(0.6), width=4)
        _disc(draw, x, y, 14, 9, _first(rng.uniform(0.6, 1)))


def rock(draw: Draw, rng: np.random.Generator) -> None:
    """Boulder, lit from above; tint: stone (third)."""
    angles = np.sort(rng.uniform(math.pi, 2 * math.pi, 7))
    outline = [(64 + 58 * math.cos(a), 124 + rng.uniform(50, 80) * math.sin(a)) for a in angles]
    draw.polygon([(4, 128), *outline, (124, 128)], fill=_third(0.55))
    draw.polygon([(20, 110), *[(x * 0.9 + 3, y + 4) for x, y in outline], (84, 104)], fill=_third(0.85))


def _wheels(draw: Draw, xs: tuple[float, ...], y: float, r: float) -> None:
    for x in xs:
        _disc(draw, x, y, r, r, _third(0.08))
        _disc(draw, x, y, r * 0.5, r * 0.5, _third(0.45))


def car_side(draw: Draw, rng: np.random.Generator) -> None:
    """Car from the side, 2.6 times as long as high; tints: paint, lamps, glass."""
    roof = rng.uniform(14, 22)
    draw.polygon([(24, 64), (40, roof), (88, roof), (110, 62)], fill=_first(0.8))
    draw.polygon([(32, 62), (44, roof + 9), (62, roof + 9), (62, 62)], fill=_third(0.42))
    draw.polygon([(67, 62), (67, roof + 9), (86, roof + 9), (100, 62)], fill=_third(0.5))
    draw.rounded_rectangle((3, 58, 125, 108), 14, fill=_first(0.95))
    draw.rectangle((4, 92, 124, 108), fill=_first(0.6))
    draw.rectangle((3, 66, 10, 78), fill=_second(1.0))
    draw.rectangle((117, 66, 124, 76), fill=_third(1.0))
    _wheels(draw, (28, 100), 106, 20)


def _car_end(draw: Draw, rng: np.random.Generator, lamp: Callable[[float], tuple[int, int, int, int]]) -> None:
    roof = rng.uniform(8, 18)
    draw.rectangle((14, 98, 34, 128), fill=_third(0.06))
    draw.rectangle((94, 98, 114, 128), fill=_third(0.06))
    draw.polygon([(16, 62), (30, roof), (98, roof), (112, 62)], fill=_first(0.85))
    draw.polygon([(24, 58), (35, roof + 9), (93, roof + 9), (104, 58)], fill=_third(0.4))
    draw.rounded_rectangle((6, 56, 122, 112), 10, fill=_first(0.92))
    draw.rectangle((6, 92, 122, 112), fill=_first(0.55))
    draw.rectangle((46, 88, 82, 100), fill=_third(0.95))
    for x in (10, 98):
        draw.rectangle((x, 66, x + 20, 80), fill=lamp(1.0))


def car_rear(draw: Draw, rng: np.random.Generator) -> None:
    """Car from behind; tints: paint, lamps, glass."""
    _car_end(draw, rng, _second)


def car_front(draw: Draw, rng: np.random.Generator) -> None:
    """Car from the front; tints: paint, unused, glass and lamps."""
    _car_end(draw, rng, _third)
    draw.rectangle((38, 70, 90, 82), fill=_third(0.12))


def _windows(draw: Draw, box: tuple[float, float, float, float], nx: int, ny: int, size: tuple[float, float]) -> None:
    xs, ys = np.linspace(box[0], box[2], nx), np.linspace(box[1], box[3], ny)
    for x in xs:
        for y in ys:
            draw.rectangle((x - size[0] - 2, y - size[1] - 2, x + size[0] + 2, y + size[1] + 2), fill=_third(0.95))
            draw.rectangle((x - size[0], y - size[1], x + size[0], y + size[1]), fill=_third(0.3))
            draw.line([(x, y - size[1]), (x, y + size[1])], fill=_third(0.85), width=2)


def house_gable(draw: Draw, rng: np.random.Generator) -> None:
    """House with its gable to the viewer; tints: wall, roof, glass."""
    eave = rng.uniform(50, 66)
    draw.rectangle((14, eave, 114, 128), fill=_first(0.9))
    draw.polygon([(14, eave), (64, 10), (114, eave)], fill=_first(0.8))
    draw.polygon(
        [(2, eave + 6), (64, 0), (126, eave + 6), (114, eave + 8), (64, 16), (14, eave + 8)], fill=_second(0.85)
    )
    door = rng.choice([34.0, 64.0, 92.0])
    _windows(draw, (36, eave + 24, 92, eave + 24), 3, 1, (8, 9))
    draw.rectangle((door - 10, 88, door + 10, 128), fill=_second(0.45))
    _windows(draw, (64, eave - 18, 64, eave - 18), 1, 1, (7, 8))


def house_long(draw: Draw, rng: np.random.Generator) -> None:
    """House with a long pitched roof, a chimney and a door; tints: wall, roof, glass."""
    eave = rng.uniform(52, 66)
    draw.rectangle((88, 4, 100, 40), fill=_first(0.6))
    draw.rectangle((6, eave, 122, 128), fill=_first(0.92))
    inset = rng.uniform(2, 26)
    draw.polygon([(0, eave + 4), (inset, 16), (128 - inset, 16), (128, eave + 4)], fill=_second(0.85))
    for y in np.linspace(20, eave, 8):
        draw.line([(inset * (eave - y) / eave, y), (128 - inset * (eave - y) / eave, y)], fill=_second(0.72), width=2)
    draw.line([(0, eave + 5), (128, eave + 5)], fill=_third(0.9), width=3)
    _windows(draw, (22, eave + 26, 106, eave + 26), 4, 1, (8, 10))
    draw.rectangle((56, eave + 18, 74, 128), fill=_second(0.4))


def barn(draw: Draw, rng: np.random.Generator) -> None:
    """Barn with a wide door; tints: boards, roof, trim."""
    eave = rng.uniform(56, 70)
    draw.polygon([(8, 128), (8, eave), (30, 26), (64, 8), (98, 26), (120, eave), (120, 128)], fill=_first(0.85))
    for x in range(12, 120, 8):
        draw.line([(x, eave - 10), (x, 128)], fill=_first(0.7), width=2)
    draw.line([(4, eave + 2), (28, 24), (64, 4), (100, 24), (124, eave + 2)], fill=_second(0.9), width=8)
    draw.rectangle((38, 76, 90, 128), fill=_third(0.85))
    draw.rectangle((42, 80, 86, 128), fill=_first(0.5))
    draw.line([(42, 80), (86, 128)], fill=_third(0.85), width=3)
    draw.line([(86, 80), (42, 128)], fill=_third(0.85), width=3)


def block(draw: Draw, rng: np.random.Generator) -> None:
    """Flat-roofed block with rows of windows; tints: wall, roof edge, glass."""
    top = rng.uniform(8, 30)
    draw.rectangle((4, top, 124, 128), fill=_first(0.9))
    draw.rectangle((2, top - 5, 126, top + 4), fill=_second(0.8))
    floors = int(rng.integers(2, 5))
    _windows(draw, (20, top + 18, 108, 104), int(rng.integers(4, 7)), floors, (6, 0.3 * (90 - top * 0.5) / floors))
    draw.rectangle((56, 110, 72, 128), fill=_second(0.35))


def shed(draw: Draw, rng: np.random.Generator) -> None:
    """Low industrial hall with gates; tints: cladding, roof, gates."""
    draw.polygon([(0, 58), (64, 40), (128, 58), (128, 66), (0, 66)], fill=_second(0.85))
    draw.rectangle((2, 62, 126, 128), fill=_first(0.9))
    for x in range(6, 126, 6):
        draw.line([(x, 64), (x, 128)], fill=_first(0.78), width=2)
    for x in (16, 56, 96):
        draw.rectangle((x, 86, x + 24, 128), fill=_third(rng.uniform(0.4, 0.9)))


def sailboat(draw: Draw, rng: np.random.Generator) -> None:
    """Sailing boat; tints: sail, hull."""
    draw.line([(60, 108), (60, 4)], fill=_third(0.5), width=3)
    draw.polygon([(64, 8), (64, 98), (108, 98)], fill=_first(1.0))
    draw.polygon([(56, 16), (56, 98), (24, 98)], fill=_first(0.85))
    draw.polygon([(16, 106), (116, 106), (100, 126), (30, 126)], fill=_second(0.9))


def duck(draw: Draw, rng: np.random.Generator) -> None:
    """Water bird; tints: body, bill."""
    _disc(draw, 70, 104, 44, 22, _first(0.9))
    _disc(draw, 28, 70, 16, 15, _first(1.0))
    draw.polygon([(22, 78), (44, 78), (50, 106), (28, 106)], fill=_first(0.95))
    draw.polygon([(0, 74), (16, 66), (16, 78)], fill=_second(1.0))


def lamp(draw: Draw, rng: np.random.Generator) -> None:
    """Street lamp; tint: metal (third)."""
    draw.line([(60, 128), (60, 6)], fill=_third(0.5), width=4)
    draw.line([(60, 8), (92, 4)], fill=_third(0.5), width=4)
    draw.rectangle((84, 2, 104, 8), fill=_third(0.9))


def mast(draw: Draw, rng: np.random.Generator) -> None:
    """Mast of a railway's overhead line; tint: metal (third)."""
    draw.line([(28, 128), (28, 4)], fill=_third(0.45), width=5)
    draw.line([(28, 18), (112, 18)], fill=_third(0.45), width=3)
    draw.line([(28, 40), (100, 18)], fill=_third(0.45), width=3)
    draw.line([(100, 18), (100, 30)], fill=_third(0.35), width=4)


def post(draw: Draw, rng: np.random.Generator) -> None:
    """Roadside marker post, white with a dark band; tint: white (third)."""
    draw.rectangle((52, 10, 76, 128), fill=_third(0.95))
    draw.rectangle((52, 30, 76, 50), fill=_third(0.12))


def lounger(draw: Draw, rng: np.random.Generator) -> None:
    """Deck chair beside a pool; tints: cloth, unused, frame."""
    draw.polygon([(8, 96), (84, 96), (120, 44), (112, 38), (78, 86), (8, 86)], fill=_first(1.0))
    for x in (18, 76):
        draw.line([(x, 96), (x, 128)], fill=_third(0.8), width=5)


def parasol(draw: Draw, rng: np.random.Generator) -> None:
    """Parasol; tints: cloth, second cloth, pole."""
    draw.line([(64, 40), (64, 128)], fill=_third(0.7), width=4)
    draw.pieslice((4, 4, 124, 100), 180, 360, fill=_first(1.0))
    for start in (200, 250, 300):
        draw.pieslice((4, 4, 124, 100), start, start + 24, fill=_second(1.0))


def ladder(draw: Draw, rng: np.random.Generator) -> None:
    """Steel ladder of a pool; tint: metal (third)."""
    for x in (40, 84):
        draw.arc((x - 14, 8, x + 14, 60), 180, 360, fill=_third(0.9), width=6)
        draw.line([(x + 14, 34), (x + 14, 128)], fill=_third(0.9), width=6)
        draw.line([(x - 14, 34), (x - 14, 96)], fill=_third(0.8), width=6)


PAINTERS: dict[str, tuple[Painter, int]] = {
    "broadleaf": (broadleaf, 8), "conifer": (conifer, 6), "pine": (pine, 4), "bare_tree": (bare_tree, 6),
    "fruit_tree": (fruit_tree, 5), "bush": (bush, 8), "dry_bush": (dry_bush, 5), "reeds": (reeds, 8), "tuft": (tuft, 6),
    "flowers": (flowers, 5), "maize": (maize, 5), "cereal": (cereal, 5), "sapling": (sapling, 4), "rock": (rock, 6),
    "car_side": (car_side, 3), "car_rear": (car_rear, 3), "car_front": (car_front, 3), "house_gable": (house_gable, 4),
    "house_long": (house_long, 5), "barn": (barn, 3), "block": (block, 4), "shed": (shed, 2), "sailboat": (sailboat, 1),
    "duck": (duck, 1), "lamp": (lamp, 1), "mast": (mast, 1), "post": (post, 1), "lounger": (lounger, 1),
    "parasol": (parasol, 1), "ladder": (ladder, 1),
}  # fmt: skip
