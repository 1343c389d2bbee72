"""What each land class looks like from above, painted in metres."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from .aerial_palette import (
    ASPHALT,
    BALLAST,
    BLOOM,
    CANOPY,
    CROP,
    GREEN,
    POOL,
    REED,
    RIVER,
    ROOF,
    SAND,
    SHALLOWS,
    SOIL,
    WATER,
    Mask,
    Place,
    cloudy,
    fade,
    fill,
    leaves,
    mix,
    noise,
    pick,
    relief,
    row_pattern,
    skewed,
    turned,
)
from .noise import Field


def _offset(place: Place, cover: Field) -> Field:
    """The cover moved away from the sun: where its shadow falls."""
    step = (1.5 * np.sin(place.sun_rad), 1.5 * np.cos(place.sun_rad))
    return ndimage.shift(cover, step, order=1, mode="nearest")


def _offshore_m(mask: Mask, place: Place) -> Field:
    """Metres from the nearest shore; the tile's edge is none. float32 [H, W]."""
    return ndimage.distance_transform_edt(np.pad(mask, 1, mode="edge"))[1:-1, 1:-1] * place.layout.gsd_m


def lake(rgb: Field, mask: Mask, parcel: int, place: Place, rng: np.random.Generator) -> None:
    """Still water: smoother than any field, changing offshore; bloom, wind streaks, glint, shallow or salty rims."""
    tone = 1 + skewed(rng, 0.003, 0.05) * cloudy(rng, place, rng.uniform(100, 600), 2)
    _, across = turned(place, parcel)
    if rng.random() < 0.25:  # wind streaks
        k = np.float32(2 * np.pi / max(rng.uniform(4, 40), 2.5 * place.layout.gsd_m))
        streaks = np.sin(across * k + 1.5 * noise(rng, place, 60.0)) * np.clip(cloudy(rng, place, 150.0, 2), 0, 2)
        tone += np.float32(rng.uniform(0, 0.05)) * streaks
    tone += skewed(rng, 0.001, 0.01) * noise(rng, place, rng.uniform(1, 6))
    fill(rgb, mask, pick(rng, WATER, place, 0.15), np.clip(tone, 0.5, 1.6))
    depth_m = _offshore_m(mask, place)
    if rng.random() < 0.6:  # shallow, lighter or browner rim
        reach = float(np.exp(rng.uniform(np.log(2), np.log(40))))
        weight = np.exp(-depth_m / reach) * rng.uniform(0.2, 0.9) * (1 + 0.3 * cloudy(rng, place, 60.0, 2))
        mix(rgb, mask, weight, pick(rng, SHALLOWS, place))
    if place.varied and rng.random() < 0.25:  # bloom or plume
        patch = cloudy(rng, place, rng.uniform(80, 800), 3) + rng.normal(0, 0.8)
        mix(rgb, mask, np.clip(patch, 0, 1) * rng.uniform(0.2, 0.9), pick(rng, BLOOM, place))
    if rng.random() < 0.12:  # floating plants near the shore
        weed = (cloudy(rng, place, 20.0, 3) > 1.0) & (depth_m < 15)
        mix(rgb, mask, weed.astype(np.float32) * 0.7, pick(rng, GREEN, place))
    if place.varied and rng.random() < 0.06:  # glint speckle
        rgb[mask] += np.float32(0.12) * np.abs(noise(rng, place, 2.0))[mask][:, None]


def river(rgb: Field, mask: Mask, parcel: int, place: Place, rng: np.random.Generator) -> None:
    """Running water: silty, with streaks and ripples along the current and paler shallows."""
    across = place.layout.across_m
    tone = 1 + rng.uniform(0.02, 0.06) * cloudy(rng, place, rng.uniform(30, 120), 3)
    k = np.float32(2 * np.pi / max(rng.uniform(5, 20), 3 * place.layout.gsd_m))
    tone += np.float32(rng.uniform(0.03, 0.08)) * np.sin(across * k + 1.5 * noise(rng, place, 40.0))
    tone += np.float32(rng.uniform(0.01, 0.04)) * noise(rng, place, 4.0)
    fill(rgb, mask, pick(rng, RIVER, place, 0.12), np.clip(tone, 0.5, 1.6))
    if rng.random() < 0.5:
        depth_m = _offshore_m(mask, place)
        mix(rgb, mask, np.exp(-depth_m / rng.uniform(2, 12)) * rng.uniform(0.2, 0.7), pick(rng, SHALLOWS, place))


def pool(rgb: Field, mask: Mask, parcel: int, place: Place, rng: np.random.Generator) -> None:
    """A swimming pool: cyan water in a light frame."""
    fill(rgb, mask, pick(rng, POOL, place), 1 + 0.04 * noise(rng, place, 3.0))
    frame = mask & ~ndimage.binary_erosion(mask)
    if frame.sum() < 0.5 * mask.sum():
        rgb[frame] = rgb[frame] * 0.4 + 0.6 * pick(rng, SAND, place)


def wetland(rgb: Field, mask: Mask, parcel: int, place: Place, rng: np.random.Generator) -> None:
    """Reeds and sedge, mottled, with small dark openings of water."""
    tone = 1 + rng.uniform(0.08, 0.2) * cloudy(rng, place, 40.0) + 0.05 * noise(rng, place, 1.0)
    tone += rng.uniform(0.06, 0.18) * noise(rng, place, 4.0) * fade(place, 4.0)
    fill(rgb, mask, pick(rng, REED, place), np.clip(tone, 0.4, 1.7))
    openings = cloudy(rng, place, rng.uniform(12, 40), 3) - rng.uniform(0.6, 1.5)
    mix(rgb, mask, np.clip(openings * 3, 0, 0.85), pick(rng, WATER, place))
    if rng.random() < 0.5:
        mix(rgb, mask, np.clip(cloudy(rng, place, 60.0, 2), 0, 0.5), pick(rng, GREEN, place))


def _crowns(rgb: Field, mask: Mask, place: Place, rng: np.random.Generator, crown_m: float, colour: Field) -> None:
    height = noise(rng, place, crown_m) + 0.5 * noise(rng, place, crown_m / 2)
    left = fade(place, crown_m)
    slope = relief(place, height)
    slope /= slope.std() + 1e-6
    tone = 1 + left * (0.24 * slope + 0.16 * height) + 0.12 * cloudy(rng, place, 80.0, 3)
    tone += (1 - left) * 0.10 * rng.standard_normal(mask.shape, dtype=np.float32)
    fill(rgb, mask, colour, np.clip(tone, 0.25, 2.0))


def forest(rgb: Field, mask: Mask, parcel: int, place: Place, rng: np.random.Generator) -> None:
    """Closed canopy: lit and shaded crowns of 5 to 14 m, often of two kinds."""
    _crowns(rgb, mask, place, rng, rng.uniform(5, 14), pick(rng, CANOPY, place))
    if rng.random() < 0.4:
        other = mask & (cloudy(rng, place, 60.0, 2) > 0.6)
        if other.any():
            _crowns(rgb, other, place, rng, rng.uniform(5, 12), pick(rng, CANOPY, place))


def shrubland(rgb: Field, mask: Mask, parcel: int, place: Place, rng: np.random.Generator) -> None:
    """Scattered bushes over dry ground."""
    ground = pick(rng, SOIL + SAND if rng.random() < 0.75 else GREEN, place)
    fill(rgb, mask, ground, 1 + 0.08 * cloudy(rng, place, 50.0) + 0.04 * noise(rng, place, 1.5))
    size_m = rng.uniform(3.5, 8)
    left = fade(place, size_m)
    bumps = np.clip((noise(rng, place, size_m) - rng.uniform(0.2, 0.8)) * 2.5, 0, 1)
    cover = bumps * left + (1 - left) * np.clip(0.35 + 0.25 * noise(rng, place, 14.0), 0, 1)
    rgb[mask] *= 1 - 0.35 * np.clip(_offset(place, cover) - cover, 0, 1)[mask][:, None]
    mix(rgb, mask, cover * 0.9, pick(rng, CANOPY, place))


def orchard(rgb: Field, mask: Mask, parcel: int, place: Place, rng: np.random.Generator) -> None:
    """Trees on a regular grid over grass or soil."""
    fill(rgb, mask, pick(rng, SOIL if rng.random() < 0.5 else GREEN, place), 1 + 0.06 * cloudy(rng, place, 40.0))
    along, across = turned(place, parcel)
    row_m = float(rng.uniform(5.0, 11.0))
    tree_m = row_m * float(rng.uniform(0.6, 1.0))
    wobble = 0.25 * noise(rng, place, 12.0)
    du = (np.mod(along + wobble, tree_m) - tree_m / 2) / tree_m
    dv = (np.mod(across + wobble, row_m) - row_m / 2) / row_m
    left = fade(place, row_m * 0.8)
    crowns = np.clip((rng.uniform(0.3, 0.46) - np.hypot(du, dv)) * 6, 0, 1) * left + (1 - left) * 0.5
    cover: Field = np.where(noise(rng, place, tree_m * 2) > 1.9, 0, crowns).astype(np.float32)
    rgb[mask] *= 1 - 0.4 * np.clip(_offset(place, cover) - cover, 0, 1)[mask][:, None]
    mix(rgb, mask, cover * 0.95, pick(rng, CANOPY, place))


def meadow(rgb: Field, mask: Mask, parcel: int, place: Place, rng: np.random.Generator) -> None:
    """Grass: softly mottled, now and then mown in stripes."""
    tone = 1 + skewed(rng, 0.02, 0.12) * cloudy(rng, place, rng.uniform(20, 90)) + 0.02 * noise(rng, place, 8.0)
    tone += leaves(rng, place) + rng.uniform(0.01, 0.05) * noise(rng, place, 2.0)
    if rng.random() < 0.08:
        _, across = turned(place, parcel)
        period = max(float(rng.uniform(4, 16)), 3 * place.layout.gsd_m)
        tone += np.float32(rng.uniform(0.02, 0.07)) * np.sign(np.sin(across * np.float32(2 * np.pi / period)))
    fill(rgb, mask, pick(rng, GREEN, place), np.clip(tone, 0.5, 1.6))
    if rng.random() < 0.5:
        mix(rgb, mask, np.clip(0.5 * cloudy(rng, place, 70.0, 3), 0, 0.6), pick(rng, GREEN, place))


def crops(rgb: Field, mask: Mask, parcel: int, place: Place, rng: np.random.Generator) -> None:
    """A sown field: even colour, rows, wheel tracks, patchy growth; from bare rows to ripe or cut."""
    tone = 1 + skewed(rng, 0.01, 0.09) * cloudy(rng, place, rng.uniform(30, 200), 4)
    tone += skewed(rng, 0.015, 0.14) * row_pattern(place, parcel, rng, rng.uniform(0.8, 9), rng.uniform(0.5, 3))
    fill(rgb, mask, pick(rng, CROP, place), np.clip(tone + leaves(rng, place), 0.5, 1.6))
    if rng.random() < 0.5:  # thin growth shows the soil
        thin = cloudy(rng, place, rng.uniform(20, 120), 4) - rng.uniform(0.3, 1.8)
        mix(rgb, mask, np.clip(thin, 0, 0.8), pick(rng, SOIL, place))
    if rng.random() < 0.25:  # washed-out knolls and salty spots
        knoll = cloudy(rng, place, rng.uniform(15, 80), 4) - rng.uniform(1.0, 2.2)
        pale = pick(rng, SAND if rng.random() < 0.5 else SOIL, place)
        mix(rgb, mask, np.clip(3 * knoll, 0, rng.uniform(0.3, 0.9)), pale)
    if rng.random() < 0.3:  # lusher or weedier hollows
        lush = cloudy(rng, place, rng.uniform(30, 120), 3) - rng.uniform(0.6, 1.8)
        mix(rgb, mask, np.clip(lush, 0, 0.8), pick(rng, CROP + REED, place))
    if rng.random() < 0.45:  # wheel tracks
        _, across = turned(place, parcel)
        gap = float(rng.uniform(12, 36))
        lane = np.abs(np.mod(across, gap) - gap / 2)
        wheels = (np.abs(lane - 1.0) < max(0.35, 0.4 * place.layout.gsd_m)).astype(np.float32)
        mix(rgb, mask, wheels * np.float32(rng.uniform(0.15, 0.5) * fade(place, 3.0)), pick(rng, SOIL, place))
    if rng.random() < 0.15:  # swaths or stubble bands
        _, across = turned(place, parcel)
        bands = np.sign(np.sin(across * np.float32(2 * np.pi / rng.uniform(14, 50))))
        rgb[mask] *= (1 + 0.1 * bands)[mask][:, None]


def soil(rgb: Field, mask: Mask, parcel: int, place: Place, rng: np.random.Generator) -> None:
    """Ploughed or bare earth: furrows, and dark wet or pale salty blotches with soft edges."""
    tone = 1 + skewed(rng, 0.02, 0.12) * cloudy(rng, place, rng.uniform(30, 150), 4) + 0.03 * noise(rng, place, 1.5)
    tone += skewed(rng, 0.02, 0.05) * noise(rng, place, 2.5 * place.layout.gsd_m)  # clods
    tone += skewed(rng, 0.015, 0.1) * row_pattern(place, parcel, rng, rng.uniform(0.8, 5), 1.0)
    fill(rgb, mask, pick(rng, SOIL, place), np.clip(tone, 0.4, 1.6))
    if rng.random() < 0.5:
        damp = np.clip(cloudy(rng, place, rng.uniform(40, 160), 3) - rng.uniform(0.2, 1.5), 0, 1)
        rgb[mask] *= (1 - rng.uniform(0.2, 0.6) * damp)[mask][:, None]
    if rng.random() < 0.15:
        mix(rgb, mask, np.clip(cloudy(rng, place, 50.0, 3) - 1.0, 0, 0.8), pick(rng, SAND, place))


def sand(rgb: Field, mask: Mask, parcel: int, place: Place, rng: np.random.Generator) -> None:
    """Beach, bars, dunes and salt flats: bright, with ripples and tufts."""
    ripple = relief(place, noise(rng, place, rng.uniform(6, 25)) * 2)
    tone = 1 + rng.uniform(0.01, 0.05) * ripple + 0.05 * cloudy(rng, place, 60.0) + 0.02 * noise(rng, place, 1.5)
    fill(rgb, mask, pick(rng, SAND, place), np.clip(tone, 0.5, 1.3))
    if rng.random() < 0.3:
        mix(rgb, mask, (noise(rng, place, 5.0) > 1.4).astype(np.float32) * 0.7, pick(rng, GREEN, place))


def road(rgb: Field, mask: Mask, parcel: int, place: Place, rng: np.random.Generator) -> None:
    """Asphalt or concrete with lane marks and cars."""
    layout = place.layout
    tone = 1 + 0.04 * cloudy(rng, place, 30.0, 2) + 0.02 * noise(rng, place, 1.0)
    fill(rgb, mask, pick(rng, ASPHALT, place), tone)
    across, along = np.abs(layout.across_m), layout.along_m
    if layout.gsd_m < 1.6 and rng.random() < 0.7:
        dash = (across < 0.5) & (np.mod(along, 12) < 6)
        mix(rgb, mask, dash.astype(np.float32) * 0.5, np.array([0.9, 0.9, 0.85], np.float32))
    if layout.gsd_m < 2.6 and rng.random() < 0.6:
        lane = np.abs(across - rng.uniform(1.5, 4)) < 1.1
        car = lane & (np.mod(along + 7.3 * np.sign(layout.across_m), float(rng.uniform(15, 60))) < 4.5)
        rgb[mask & car] = pick(rng, ROOF, place)


def track(rgb: Field, mask: Mask, parcel: int, place: Place, rng: np.random.Generator) -> None:
    """A dirt track: pale ruts, often with grass between."""
    fill(rgb, mask, pick(rng, SOIL + SAND, place), 1 + 0.07 * cloudy(rng, place, 20.0, 3))
    if place.layout.gsd_m < 1.6 and rng.random() < 0.6:
        middle = (np.abs(place.layout.across_m) < 0.7).astype(np.float32)
        mix(rgb, mask, middle * 0.6, pick(rng, GREEN, place))


def railway(rgb: Field, mask: Mask, parcel: int, place: Place, rng: np.random.Generator) -> None:
    """Ballast with sleepers and pairs of rails."""
    layout = place.layout
    tone = 1 + 0.07 * noise(rng, place, 1.5) + 0.05 * cloudy(rng, place, 20.0, 2)
    fill(rgb, mask, pick(rng, BALLAST, place), tone)
    rail = np.abs(np.mod(np.abs(layout.across_m), 4.5) - 0.75) < max(0.3, 0.5 * layout.gsd_m)
    steel = np.array([0.25, 0.22, 0.2], np.float32)
    mix(rgb, mask, rail.astype(np.float32) * np.float32(0.55 * fade(place, 3.0)), steel)
    if layout.gsd_m < 1.6:
        rgb[mask & (np.mod(layout.along_m, 2.4) < 1.0)] *= np.float32(rng.uniform(0.8, 0.95))


def building(rgb: Field, mask: Mask, parcel: int, place: Place, rng: np.random.Generator) -> None:
    """A roof: flat with fixtures, or two slopes, one lit."""
    colour = pick(rng, ROOF, place, 0.18)
    if rng.random() < 0.4:
        fill(rgb, mask, colour, 1 + 0.04 * noise(rng, place, 6.0))
        rgb[mask & (noise(rng, place, 5.0) > 1.7)] *= np.float32(0.7)
        return
    _, across = turned(place, parcel)
    row, col = (int(v) for v in ndimage.center_of_mass(mask))
    lit = np.float32(0.22 * np.sin(place.layout.angles_rad[parcel] - place.sun_rad))
    tone = 1 + lit * np.sign(across - across[row, col]) + 0.02 * noise(rng, place, 1.5)
    fill(rgb, mask, colour, np.clip(tone, 0.3, 1.6))


def parking(rgb: Field, mask: Mask, parcel: int, place: Place, rng: np.random.Generator) -> None:
    """Asphalt with rows of cars and stall lines."""
    fill(rgb, mask, pick(rng, ASPHALT, place), 1 + 0.04 * cloudy(rng, place, 30.0, 2))
    along, across = turned(place, parcel)
    bay, stall, gsd = np.mod(across, 17.0), np.mod(along, 2.7), place.layout.gsd_m
    if gsd > 3.0:
        rgb[mask] *= (1 + 0.16 * rng.standard_normal(mask.shape, dtype=np.float32))[mask][:, None]
        return
    in_row = (bay < 5.0) | ((bay > 11.0) & (bay < 16.0))
    if gsd < 1.6:
        lines = (in_row & (stall < 0.4)).astype(np.float32) * 0.5
        mix(rgb, mask, lines, np.array([0.88, 0.88, 0.86], np.float32))
    slot = (np.floor(along / 2.7) * 7919 + np.floor(across / 8.5) * 104729).astype(np.int64)
    dice = (slot * 2654435761 % 1000) / 1000.0
    inner = (stall > 0.5) & (stall < 2.5) & (np.mod(bay, 11.0) > 0.3) & (np.mod(bay, 11.0) < 4.7)
    which = mask & in_row & inner & (dice < rng.uniform(0.2, 0.95))
    paints = [pick(rng, ROOF + ASPHALT, place, 0.3) for _ in range(6)]
    paints += [np.full(3, 0.93, np.float32), np.full(3, 0.1, np.float32)]
    rgb[which] = np.stack(paints)[(dice[which] * 7919).astype(int) % len(paints)]


Painter = Callable[[Field, Mask, int, Place, np.random.Generator], None]
PAINTERS: dict[str, Painter] = {
    "lake": lake, "river": river, "pool": pool, "wetland": wetland, "forest": forest, "orchard": orchard,
    "shrubland": shrubland, "meadow": meadow, "crops": crops, "soil": soil, "sand": sand, "road": road,
    "track": track, "railway": railway, "building": building, "parking": parking,
}  # fmt: skip
