"""EXIF of photos as cameras write it, and as damaged and hostile files hold it."""

from __future__ import annotations

import io
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from training.collect.exif import PhotoExif, by_longitude, parse_exif, read_exif

UTC = UTC
SEOUL = {1: "N", 2: (37.0, 33.0, 58.5), 3: "E", 4: (126.0, 58.0, 40.8)}
TIME = {36867: "2021:05:04 03:02:01"}


def test_all_that_a_phone_writes_is_read_from_a_real_file():
    exif = Image.Exif()
    exif[315], exif[33432] = "김하늘".encode(), "CC BY 4.0"
    exif.get_ifd(0x8769).update({**TIME, 36881: "+09:00"})
    exif.get_ifd(0x8825).update({**SEOUL, 9: "A", 16: "T", 17: 271.5, 31: 4.7, 6: 38.0})
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG", exif=exif)
    with Image.open(io.BytesIO(file.getvalue())) as image:
        read = read_exif(image)
    assert read.lat == pytest.approx(37 + 33 / 60 + 58.5 / 3600) and read.lon == pytest.approx(126.978)
    assert (read.error_m, read.measuring) == (pytest.approx(4.7), True)
    assert (read.direction_deg, read.direction_ref) == (pytest.approx(271.5), "true")
    assert read.taken == datetime(2021, 5, 3, 18, 2, 1, tzinfo=UTC) and read.taken_from == "offset"
    assert (read.owner, read.licence) == ("김하늘", "CC BY 4.0")


def test_south_and_west_are_negative_and_the_references_are_needed():
    south = parse_exif({}, {}, {**SEOUL, 1: "S", 3: b"W\0"})
    assert south.lat == pytest.approx(-37.56625) and south.lon == pytest.approx(-126.978)
    assert parse_exif({}, {}, {k: v for k, v in SEOUL.items() if k != 1}) == PhotoExif()
    assert parse_exif({}, {}, {k: v for k, v in SEOUL.items() if k != 4}).lat is None  # half a position is none


@pytest.mark.parametrize(
    "angle",
    [(91.0, 0.0, 0.0), (37.0, 61.0, 0.0), (37.0, 0.0, 61.0), (-37.0, 0.0, 0.0), (IFDRational(1, 0), 0, 0),
     (), (1, 2, 3, 4), ("a", "b", "c"), None, (math.nan, 0, 0)],
)
def test_an_angle_that_is_none_is_no_position(angle):
    assert parse_exif({}, {}, {**SEOUL, 2: angle}).lat is None


@pytest.mark.parametrize(
    "angle", [(37.56625,), (37, 33.975), (IFDRational(37, 1), IFDRational(33, 1), IFDRational(585, 10)), 37.56625]
)
def test_an_angle_in_any_of_its_forms(angle):
    assert parse_exif({}, {}, {**SEOUL, 2: angle}).lat == pytest.approx(37.56625)


def test_direction_keeps_its_reference():
    assert parse_exif({}, {}, {16: "M", 17: (90.0,)}).direction_ref == "magnetic"
    assert parse_exif({}, {}, {17: 360.0}) == PhotoExif(direction_deg=0.0)
    assert parse_exif({}, {}, {16: "T", 17: -5.0}) == parse_exif({}, {}, {16: "T", 17: 361.0}) == PhotoExif()


def test_times_in_the_order_of_their_worth():
    gps = {29: "2021:05:03", 7: (18.0, 2.0, 30.0)}
    exact = datetime(2021, 5, 3, 18, 2, 30, tzinfo=UTC)
    assert parse_exif({}, {**TIME, 36880: "-03:30"}, gps).taken == datetime(2021, 5, 4, 6, 32, 1, tzinfo=UTC)
    assert parse_exif({}, TIME, {**gps, **SEOUL}).taken == exact
    by_sun = parse_exif({}, TIME, SEOUL)
    assert by_sun.taken == datetime(2021, 5, 3, 19, 2, 1, tzinfo=UTC) and by_sun.taken_from == "longitude"  # 127° / 15
    assert parse_exif({}, TIME, {}).taken is None  # local time of nowhere


@pytest.mark.parametrize(
    "text", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2021:02:30 00:00:00", "1904:01:01 00:00:00", "today"]
)
def test_a_clock_that_was_never_set_is_no_time(text):
    assert parse_exif({}, {36867: text, 36881: "+00:00"}, SEOUL).taken is None


def test_the_suns_offset_is_a_twenty_fourth_of_the_earth():
    noon = datetime(2020, 1, 1, 12)
    assert by_longitude(noon, 0) == noon.replace(tzinfo=UTC)
    assert by_longitude(noon, -122) == noon.replace(tzinfo=UTC) + timedelta(hours=8)
    assert by_longitude(datetime.max, -180).tzinfo is UTC


ONE = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.binary(max_size=30)
    | st.sampled_from(["N", "S", "E", "W", "T", "M", "A", "V"])
    | st.sampled_from(["2021:05:04 03:02:01", "9999:12:31 23:59:59", "+09:00", "-14:59", "2021:05:04"])
    | st.builds(IFDRational, st.integers(-(2**31), 2**32), st.integers(-(2**31), 2**32))
)
ANYTHING = ONE | st.lists(ONE, max_size=4).map(tuple)
TAGS = st.sampled_from([1, 2, 3, 4, 7, 9, 16, 17, 29, 31, 315, 33432, 36867, 36880, 36881])


@given(*[st.dictionaries(TAGS, ANYTHING, max_size=6)] * 3)
@example({}, {36867: "9999:12:31 23:59:59", 36881: "-14:59"}, {})
@example({}, {36867: "9999:12:31 23:59:59"}, {**SEOUL, 1: "S", 3: "W"})
@settings(deadline=None, max_examples=100)
def test_whatever_the_tags_hold_the_answer_is_sane(main, detail, gps):
    read = parse_exif(main, detail, gps)
    assert (read.lon is None) == (read.lat is None)
    if read.lon is not None:
        assert abs(read.lon) <= 180 and abs(read.lat) <= 90
    assert read.direction_deg is None or 0 <= read.direction_deg < 360
    assert read.taken is None or read.taken.utcoffset() == timedelta(0)
    assert read.error_m is None or 0 <= read.error_m < math.inf
    for text in (read.owner, read.licence):
        assert text is None or (text.strip() == text != "" and text.isprintable())


@pytest.mark.filterwarnings("ignore")
@given(st.binary(max_size=200), st.integers(0, 200))
@settings(deadline=None, max_examples=60)
def test_a_damaged_block_is_no_exif_and_no_error(noise, at):
    exif = Image.Exif()
    exif.get_ifd(0x8825).update(SEOUL)
    block = bytearray(exif.tobytes())
    block[at : at + len(noise)] = noise
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG", exif=bytes(block))
    with Image.open(io.BytesIO(file.getvalue())) as image:
        read = read_exif(image)
    assert read.lat is None or abs(read.lat) <= 90
