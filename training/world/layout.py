"""Where things are: parcels, water, lines and buildings of one procedural place, as a label map in metres."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .classes import LABEL
from .noise import Field, band_noise, fractal_noise

PARCEL_MIX: dict[str, dict[str, float]] = {
    "prairie": {"crops": 5, "soil": 2, "meadow": 2, "wetland": 0.3},
    "farmland": {"crops": 5, "soil": 2.5, "meadow": 1.5, "orchard": 3, "forest": 1},
    "wild": {"meadow": 2, "shrubland": 3, "forest": 2, "wetland": 1.5, "sand": 0.7, "soil": 0.5},
    "suburb": {"meadow": 4, "forest": 1.5, "soil": 0.6, "parking": 1.5},
    "arid": {"shrubland": 3, "sand": 3, "soil": 2, "crops": 1, "orchard": 2},
    "woodland": {"forest": 5, "meadow": 1.5, "shrubland": 1.5, "wetland": 1},
}
FOCUS_WEIGHT = {
    "lake": 3.0, "river": 3.0, "pool": 1.5, "wetland": 1.0, "forest": 0.5, "orchard": 1.5, "shrubland": 1.0,
    "meadow": 0.5, "crops": 1.0, "soil": 1.0, "sand": 1.0, "road": 2.0, "track": 1.0, "railway": 2.0,
    "building": 2.5, "parking": 1.5,
}  # fmt: skip
"""Chosen so that classes cover areas of the same order: a contrastive loss learns p(photo | patch) / p(photo), and
where one class is ten times rarer than its neighbour it wins every doubtful patch."""
_LINES = ("road", "track", "railway")
LINE_WIDTH_M = {"road": (8.0, 36.0), "track": (3.0, 8.0), "railway": (8.0, 50.0)}


@dataclass
class Layout:
    """The truth of one place.

    Attributes:
        labels: uint8 [H, W], indices into `CLASSES`.
        gsd_m: Metres a pixel.
        parcels: int32 [H, W], the parcel of each pixel: one field, one pond, one road.
        angles_rad: Row direction of each parcel, by parcel number.
        along_m: float32 [H, W], metres along the line (road, track, railway, river) that covers the pixel.
        across_m: float32 [H, W], signed metres from that line's middle.
        roof_heights_m: Height of each roof above ground.
    """

    labels: NDArray[np.uint8]
    gsd_m: float
    parcels: NDArray[np.int32]
    angles_rad: list[float]
    along_m: Field
    across_m: Field
    roof_heights_m: list[float] = field(default_factory=list)


class _Canvas:
    """The layout being painted; later strokes cover earlier ones."""

    def __init__(self, rng: np.random.Generator, size_px: int, gsd_m: float) -> None:
        self.rng, self.size, self.gsd = rng, size_px, gsd_m
        self.extent_m = size_px * gsd_m
        axis = (np.arange(size_px, dtype=np.float32) - size_px / 2 + 0.5) * np.float32(gsd_m)
        self.y, self.x = np.meshgrid(axis, axis, indexing="ij")
        zeros = np.zeros((size_px, size_px), np.float32)
        self.out = Layout(zeros.astype(np.uint8), gsd_m, zeros.astype(np.int32), [], zeros.copy(), zeros.copy())

    def turned(self, angle: float, at: tuple[float, float] = (0.0, 0.0)) -> tuple[Field, Field]:
        """Metric coordinates along and across a direction, about the point `at` (x, y)."""
        dx, dy = self.x - np.float32(at[0]), self.y - np.float32(at[1])
        c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        return dx * c + dy * s, dy * c - dx * s

    def paint(self, mask: NDArray[np.bool_], name: str, angle: float | None = None) -> None:
        self.out.angles_rad.append(float(self.rng.uniform(0, np.pi)) if angle is None else angle)
        self.out.labels[mask] = LABEL[name]
        self.out.parcels[mask] = len(self.out.angles_rad) - 1

    def anywhere(self, reach: float = 0.5) -> tuple[float, float]:
        x, y = self.rng.uniform(-reach, reach, 2) * self.extent_m
        return float(x), float(y)


def _draw(rng: np.random.Generator, mix: dict[str, float]) -> str:
    names = list(mix)
    weights = np.array([mix[n] for n in names])
    return str(rng.choice(names, p=weights / weights.sum()))


def _paint_parcels(c: _Canvas, mix: dict[str, float], size_m: float, ragged: float) -> float:
    """Split the place into parcels by repeated cuts in a turned frame. Returns the frame's angle."""
    rng, angle = c.rng, float(c.rng.choice([0.0, c.rng.uniform(0, np.pi)], p=[0.35, 0.65]))
    u, v = c.turned(angle)
    if ragged > 0:
        u = u + np.float32(ragged) * fractal_noise(rng, c.size, max(size_m / c.gsd, 8.0), 3)
        v = v + np.float32(ragged) * fractal_noise(rng, c.size, max(size_m / c.gsd, 8.0), 3)
    half = c.extent_m * 0.75
    stack = [(-half, half, -half, half)]
    leaves: list[tuple[float, float, float, float]] = []
    while stack:
        u0, u1, v0, v1 = stack.pop()
        long_side = max(u1 - u0, v1 - v0)
        if long_side < size_m * rng.uniform(0.7, 1.8) or len(stack) + len(leaves) > 40:
            leaves.append((u0, u1, v0, v1))
            continue
        t = rng.uniform(0.3, 0.7)
        if u1 - u0 > v1 - v0:
            cut = u0 + t * (u1 - u0)
            stack += [(u0, cut, v0, v1), (cut, u1, v0, v1)]
        else:
            cut = v0 + t * (v1 - v0)
            stack += [(u0, u1, v0, cut), (u0, u1, cut, v1)]
    for u0, u1, v0, v1 in leaves:
        along = angle + (0.0 if rng.random() < 0.7 else np.pi / 2)
        name = _draw(rng, mix)
        c.paint((u >= u0) & (u < u1) & (v >= v0) & (v < v1), name, along)
        if name == "crops" and rng.random() < 0.08:
            r = 0.47 * min(u1 - u0, v1 - v0)
            pivot = np.hypot(u - (u0 + u1) / 2, v - (v0 + v1) / 2) < r
            c.paint(pivot, "crops", along)
    return angle


def _paint_natural(c: _Canvas, name: str, share: float, wavelength_m: float) -> None:
    """Cover a share of the place by an irregular region of one class."""
    noise = fractal_noise(c.rng, c.size, float(np.clip(wavelength_m / c.gsd, 6, 320)), 3, 0.4)
    c.paint(noise > np.quantile(noise, 1 - share), name)


def _paint_lake(c: _Canvas, radius_m: float, at: tuple[float, float]) -> None:
    """A water body with an irregular shore, and often a rim of reeds, sand, mud or trees."""
    rng = c.rng
    stretch, angle = np.exp(rng.normal(0, 0.35)), float(rng.uniform(0, np.pi))
    u, v = c.turned(angle, at)
    d = np.hypot(u * np.float32(stretch), v / np.float32(stretch)) / np.float32(radius_m)
    rough = float(np.exp(rng.uniform(np.log(0.04), np.log(0.55))))
    level = (
        1.0
        - d
        + np.float32(rough) * fractal_noise(rng, c.size, float(np.clip(1.4 * radius_m / c.gsd, 6, 320)), 4, 0.42)
    )
    rim = rng.uniform(2.0, 30.0) / radius_m
    if rng.random() < 0.65:
        name = str(
            rng.choice(
                ["wetland", "sand", "soil", "meadow", "forest", "shrubland"], p=[0.34, 0.2, 0.14, 0.14, 0.12, 0.06]
            )
        )
        ragged = level + np.float32(rim * 0.3) * band_noise(rng, c.size, max(25.0 / c.gsd, 3.0))
        c.paint((ragged > -rim) & (c.out.labels != LABEL["lake"]), name)
    c.paint(level > 0, "lake", angle)
    if radius_m > 60 and rng.random() < 0.2:
        c.paint((level > 0.25) & (fractal_noise(rng, c.size, max(radius_m / 2 / c.gsd, 6.0), 3) > 1.6), "wetland")


def _paint_lakes(c: _Canvas) -> None:
    rng, kind = c.rng, c.rng.random()
    if kind < 0.22:  # one that fills most or all of the place
        _paint_lake(c, c.extent_m * rng.uniform(0.5, 1.6), c.anywhere(0.6))
    elif kind < 0.6:
        for _ in range(rng.integers(1, 3)):
            _paint_lake(c, float(np.exp(rng.uniform(np.log(18), np.log(max(40, 0.45 * c.extent_m))))), c.anywhere(0.42))
    else:  # potholes
        for _ in range(rng.integers(2, 9 + int(c.extent_m / 200))):
            _paint_lake(c, float(np.exp(rng.uniform(np.log(10), np.log(max(30, 0.16 * c.extent_m))))), c.anywhere(0.47))


def _winding(c: _Canvas, bend: float) -> tuple[Field, Field, float]:
    """(along, across) of a line through the place that bends by about `bend` of its extent."""
    rng, angle = c.rng, float(c.rng.uniform(0, np.pi))
    u, v = c.turned(angle, c.anywhere(0.35))
    across = v
    for harmonic in (1.0, 2.3, 4.1):
        amplitude = bend * c.extent_m * rng.normal(0, 0.35) / harmonic**1.3
        phase, k = rng.uniform(0, 2 * np.pi), np.float32(2 * np.pi * harmonic / c.extent_m * 0.8)
        slope = np.float32(amplitude) * k * np.cos(k * u + phase)
        across = (across - np.float32(amplitude) * np.sin(k * u + phase)) / np.sqrt(1 + 0.5 * slope**2)
    return u, across, angle


def _paint_line(c: _Canvas, name: str, width_m: float, bend: float, angle: float | None = None) -> None:
    if angle is None:
        along, across, angle = _winding(c, bend)
    else:
        along, across = c.turned(angle, c.anywhere(0.45))
    mask = np.abs(across) < max(width_m, 0.9 * c.gsd) / 2
    c.paint(mask, name, angle)
    c.out.along_m[mask], c.out.across_m[mask] = along[mask], across[mask]


def _paint_river(c: _Canvas) -> None:
    rng = c.rng
    widest = max(24.0, 0.4 * c.extent_m)
    width = float(np.exp(rng.uniform(np.log(max(12.0, 4 * c.gsd)), np.log(widest))))
    canal = rng.random() < 0.15
    along, across, angle = _winding(c, 0.0 if canal else rng.uniform(0.05, 0.6))
    wobble = 0.0 if canal else 0.22
    edge = np.abs(across) - np.float32(width / 2) * (
        1 + np.float32(wobble) * band_noise(rng, c.size, max(width * 2 / c.gsd, 6.0))
    )
    if rng.random() < 0.7:
        bank = str(rng.choice(["forest", "wetland", "meadow", "sand", "shrubland"], p=[0.35, 0.2, 0.2, 0.15, 0.1]))
        c.paint(
            edge < rng.uniform(0.1, 0.7) * width * (1 + 0.5 * band_noise(rng, c.size, max(40 / c.gsd, 4.0))),
            bank,
            angle,
        )
    if rng.random() < 0.3 and not canal:  # sand bars
        c.paint((edge < 0.12 * width) & (band_noise(rng, c.size, max(width * 2 / c.gsd, 6.0)) > 0.4), "sand", angle)
    mask = edge < 0
    c.paint(mask, "river", angle)
    c.out.along_m[mask], c.out.across_m[mask] = along[mask], across[mask]


def _rectangle(c: _Canvas, at: tuple[float, float], length: float, width: float, angle: float) -> NDArray[np.bool_]:
    u, v = c.turned(angle, at)
    return (np.abs(u) < length / 2) & (np.abs(v) < width / 2)


def _paint_building(c: _Canvas, at: tuple[float, float], angle: float, large: bool) -> None:
    rng = c.rng
    length = float(rng.uniform(30, 100) if large else rng.uniform(11, 26))
    width = length * float(rng.uniform(0.35, 0.9))
    roof = _rectangle(c, at, length, width, angle)
    wet = np.isin(c.out.labels[roof], (LABEL["lake"], LABEL["river"]))
    if not roof.any() or wet.mean() > 0.2:
        return
    c.paint(roof, "building", angle)
    c.out.roof_heights_m.append(float(rng.uniform(5, 14) if large else rng.uniform(3.5, 8)))


def _paint_settlement(c: _Canvas, centre: tuple[float, float], reach_m: float, angle: float, pools: float) -> None:
    """Houses in loose rows, with yards, trees, pools and car parks."""
    rng = c.rng
    spacing = float(rng.uniform(22, 45))
    large = bool(rng.random() < 0.45)
    spots = np.array([(i, j) for i in range(-6, 7) for j in range(-6, 7)], float) * spacing * (2.2 if large else 1.0)
    spots = spots[np.hypot(*spots.T) < reach_m]
    rng.shuffle(spots)
    ca, sa = np.cos(angle), np.sin(angle)
    for i, j in spots[: int(rng.integers(2, 26))]:
        i, j = i + rng.normal(0, spacing * 0.08), j + rng.normal(0, spacing * 0.08)
        at = (centre[0] + i * ca - j * sa, centre[1] + i * sa + j * ca)
        turn = angle + (0.0 if rng.random() < 0.6 else np.pi / 2) + float(rng.normal(0, 0.05))
        if large and rng.random() < 0.5:
            lot = (at[0] + spacing * 1.1 * ca, at[1] + spacing * 1.1 * sa)
            c.paint(_rectangle(c, lot, rng.uniform(25, 70), rng.uniform(20, 50), angle), "parking", angle)
        if rng.random() < 0.4:
            r = float(rng.uniform(3, 7))
            u, v = c.turned(
                0.0, (at[0] + rng.uniform(-1, 1) * spacing * 0.5, at[1] + rng.uniform(-1, 1) * spacing * 0.5)
            )
            c.paint(np.hypot(u, v) < r, "forest")
        _paint_building(c, at, turn, large)
        if rng.random() < pools:
            beside = (at[0] - 0.42 * spacing * sa, at[1] + 0.42 * spacing * ca)
            c.paint(_rectangle(c, beside, rng.uniform(8, 18), rng.uniform(5, 10), turn), "pool", turn)


def _paint_focus(c: _Canvas, name: str, angle: float) -> None:
    """Make sure that the class of interest is there, at a size that the place can show."""
    rng = c.rng
    if name == "lake":
        _paint_lakes(c)
    elif name == "river":
        _paint_river(c)
    elif name in _LINES:
        low, high = LINE_WIDTH_M[name]
        for _ in range(rng.integers(1, 4)):
            straight = rng.random() < 0.5
            turn = angle + (0.0 if rng.random() < 0.5 else np.pi / 2) if straight and rng.random() < 0.6 else None
            _paint_line(
                c, name, float(rng.uniform(low, high)), 0.0 if straight else float(rng.uniform(0.05, 0.4)), turn
            )
    elif name in ("building", "pool"):
        pools = 0.9 if name == "pool" else 0.1
        for _ in range(rng.integers(1, 4)):
            _paint_settlement(c, c.anywhere(0.4), float(rng.uniform(0.15, 0.7)) * min(c.extent_m, 500), angle, pools)
        if name == "pool" and rng.random() < 0.7:
            c.paint(_rectangle(c, c.anywhere(0.3), rng.uniform(25, 60), rng.uniform(14, 30), angle), "pool", angle)
    elif name == "parking":
        for _ in range(rng.integers(1, 4)):
            side = rng.uniform(30, min(160, 0.7 * c.extent_m), 2)
            c.paint(_rectangle(c, c.anywhere(0.4), side[0], side[1], angle), "parking", angle)
        _paint_settlement(c, c.anywhere(0.4), 0.3 * min(c.extent_m, 400), angle, 0.02)
    else:
        tilled = name in ("crops", "soil", "orchard")  # mostly with straight edges
        if rng.random() < (0.9 if tilled else 0.5) and name != "wetland":
            for parcel in range(len(c.out.angles_rad)):
                if rng.random() < 0.5:
                    c.out.labels[c.out.parcels == parcel] = LABEL[name]
        else:
            _paint_natural(c, name, float(rng.uniform(0.3, 0.95)), float(rng.uniform(0.4, 1.2)) * c.extent_m)


def make_layout(
    rng: np.random.Generator, *, size_px: int = 224, gsd_m: float = 1.0, focus: str | None = None
) -> Layout:
    """Draw one place.

    Args:
        rng: The source of randomness.
        size_px: Height and width in pixels.
        gsd_m: Metres a pixel; things keep their size in metres, so a coarse place holds more of them.
        focus: A class that must be there; drawn evenly when not given, so that rare classes are not rare.

    Returns:
        The layout; labels are indices into `CLASSES`.
    """
    name = focus or _draw(rng, FOCUS_WEIGHT)
    for _ in range(4):
        layout = _draw_place(rng, size_px, gsd_m, name)
        if (layout.labels == LABEL[name]).mean() > (0.002 if name in ("pool", "railway", "track") else 0.02):
            break
    return layout


def _draw_place(rng: np.random.Generator, size_px: int, gsd_m: float, name: str) -> Layout:
    c = _Canvas(rng, size_px, gsd_m)
    kinds = list(PARCEL_MIX)
    kind = "suburb" if name in ("pool", "parking") and rng.random() < 0.7 else str(rng.choice(kinds))
    size_m = float(np.exp(rng.uniform(np.log(90), np.log(800 if kind == "prairie" else 400)))) * max(1.0, gsd_m / 4)
    ragged = (
        float(rng.uniform(3, 15)) * gsd_m**0.5 if kind in ("wild", "arid", "woodland") else float(rng.choice([0, 2]))
    )
    angle = _paint_parcels(c, PARCEL_MIX[kind], size_m, ragged)
    for extra in ("forest", "shrubland", "wetland", "meadow"):
        if rng.random() < 0.06:
            _paint_natural(c, extra, float(rng.uniform(0.05, 0.25)), float(rng.uniform(0.3, 0.8)) * c.extent_m)
    for extra, chance in (("track", 0.35), ("road", 0.3), ("railway", 0.06)):
        if rng.random() < chance:
            low, high = LINE_WIDTH_M[extra]
            _paint_line(
                c, extra, float(rng.uniform(low, high)), 0.0, angle + (0.0 if rng.random() < 0.5 else np.pi / 2)
            )
    if name not in _LINES and name not in ("building", "pool"):
        _paint_focus(c, name, angle)
    if rng.random() < 0.22:
        _paint_lake(c, float(np.exp(rng.uniform(np.log(10), np.log(0.3 * c.extent_m)))), c.anywhere())
    if rng.random() < 0.08:
        _paint_river(c)
    if rng.random() < 0.3:
        _paint_settlement(c, c.anywhere(), float(rng.uniform(30, 90)), angle, 0.15)
    if name in _LINES or name in ("building", "pool"):
        _paint_focus(c, name, angle)
    return c.out
