"""No duplicates: near-identical pictures nearby, and one owner's photos of one place and minute."""

from __future__ import annotations

import io
import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance
from scipy.fft import dctn

from training.collect.duplicates import (
    DuplicateRule,
    Nearby,
    SeenMoments,
    SeenPictures,
    hash_distance,
    perceptual_hash,
)

from .flickr_server import jpeg

NOON = datetime(2020, 6, 1, 12, 0, 5, tzinfo=UTC)


def picture(seed):
    return Image.open(io.BytesIO(jpeg(seed)))


def test_the_hash_is_the_sign_of_the_low_frequencies():
    image = picture(3)
    grey = np.asarray(image.convert("L").resize((32, 32), Image.Resampling.LANCZOS), dtype=float)
    low = dctn(grey, norm="ortho")[:8, :8]
    bits = "".join("1" if b else "0" for b in (low > np.median(low)).ravel())
    assert perceptual_hash(image) == f"{int(bits, 2):016x}"


def test_copies_that_were_scaled_recompressed_or_brightened_are_near_and_others_far():
    image = picture(1)
    small = io.BytesIO()
    image.resize((320, 240)).save(small, "JPEG", quality=40)
    copies = [Image.open(small), ImageEnhance.Brightness(image).enhance(1.15)]
    limit = DuplicateRule().hash_bits
    assert all(hash_distance(perceptual_hash(image), perceptual_hash(copy)) <= limit for copy in copies)
    others = [perceptual_hash(picture(seed)) for seed in range(2, 40)]
    assert min(hash_distance(perceptual_hash(image), other) for other in others) > limit


def test_distance_counts_bits():
    assert hash_distance("0000000000000000", "ffffffffffffffff") == 64
    assert hash_distance("000000000000000f", "0000000000000001") == 3


def test_a_near_identical_picture_counts_in_its_neighbourhood_alone():
    seen = SeenPictures(DuplicateRule(hash_bits=2, hash_m=200))
    seen.add(127.0, 37.0, "00000000000000ff")
    assert seen.holds(127.0, 37.001, "00000000000000fc")  # 111 m away, 2 bits
    assert not seen.holds(127.0, 37.001, "00000000000000f8")  # 3 bits
    assert not seen.holds(127.0, 37.002, "00000000000000ff")  # 222 m away


@given(st.floats(-180, 180), st.floats(-89.9, 89.9), st.floats(0, 360), st.floats(1, 390))
@settings(deadline=None, max_examples=150)
def test_the_neighbourhood_is_a_circle_on_the_ground_everywhere(lon, lat, bearing, distance_m):
    """The point at a bearing and distance, by the formula for great circles, across meridian and pole."""
    angle, b, p = distance_m / 6_371_008.8, math.radians(bearing), math.radians(lat)
    there = math.asin(math.sin(p) * math.cos(angle) + math.cos(p) * math.sin(angle) * math.cos(b))
    turn = math.atan2(
        math.sin(b) * math.sin(angle) * math.cos(p), math.cos(angle) - math.sin(p) * math.sin(there)
    )
    east = (lon + math.degrees(turn) + 180) % 360 - 180
    nearby = Nearby(200.0)
    nearby.add(lon, lat, "here")
    found = list(nearby.around(east, math.degrees(there)))
    if abs(distance_m - 200) > 0.01:
        assert found == (["here"] if distance_m < 200 else [])


def moments():
    return SeenMoments(DuplicateRule(same_place_m=25))


def test_one_owner_place_and_minute_is_one_photo():
    seen = moments()
    assert seen.first("anna", NOON, 127.0, 37.0)
    assert not seen.first("anna", NOON + timedelta(seconds=50), 127.0, 37.0001)  # 11 m on, in the same minute
    assert seen.first("anna", NOON + timedelta(seconds=60), 127.0, 37.0)
    assert seen.first("anna", NOON, 127.0, 37.0005)  # 56 m on
    assert seen.first("berta", NOON, 127.0, 37.0)


@pytest.mark.parametrize("owner", ["anna", None])
def test_without_a_time_nothing_says_that_it_is_one_moment(owner):
    seen = moments()
    assert seen.first(owner, None, 1, 1) and seen.first(owner, None, 1, 1)


def test_without_an_owner_place_and_minute_decide():
    seen = moments()
    assert seen.first(None, NOON, 1, 1) and not seen.first(None, NOON, 1, 1)
