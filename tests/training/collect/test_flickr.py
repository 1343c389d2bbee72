"""Flickr's API: its errors, its records, its limits, and the walk over an area within them."""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graft_plugin.engine.progress import CancelToken
from graft_plugin.errors import DownloadError, UsageError
from training.collect.flickr import FIRST_UPLOAD, Flickr, Query, api_key, photo_of, picture_address, read_answer
from training.collect.flickr_walk import Walk
from training.collect.journal import Journal
from training.collect.net import Client, GaveUp, Passing, Politeness
from training.collect.spread import Box, Grid

from .flickr_server import JUNE_2019, KEY, FlickrServer, a_photo

QUICK = Politeness(per_s=1e6, tries=3, backoff_s=0.01, timeout_s=30)
AREA = Box(127.0, 37.0, 127.4, 37.4)
UNTIL = JUNE_2019 + 10_000_000
LICENCES = {0: "All Rights Reserved", 4: "Attribution License https://creativecommons.org/licenses/by/2.0/"}


def scattered(count, seed=0, area=AREA, first=0):
    draw = random.Random(seed)
    return [
        a_photo(first + n, draw.uniform(area.west, area.east), draw.uniform(area.south, area.north))
        for n in range(count)
    ]


def client_of(server, key=KEY, journal=None):
    return Flickr(Client(QUICK, CancelToken()), journal or Journal(None), key, server.address)


def walk(server, grid=None, want=100, seed=0, licences=(), journal=None):
    return Walk(client_of(server, journal=journal), grid or Grid(10), FIRST_UPLOAD, UNTIL, licences, want, seed)


def ids(records):
    return [record["id"] for record in records]


def all_ids(blocks):
    return [one for block in blocks for one in ids(block)]


def query(area=AREA, **other):
    return Query(area, FIRST_UPLOAD, UNTIL, **other)


def test_the_key_comes_from_the_environment(monkeypatch):
    monkeypatch.delenv("FLICKR_API_KEY", raising=False)
    with pytest.raises(UsageError, match="FLICKR_API_KEY is not set"):
        api_key()
    monkeypatch.setenv("FLICKR_API_KEY", " k \n")
    assert api_key() == "k"


def test_a_search_asks_for_what_the_rules_need():
    params = query(licences=(4, 9)).params(3)
    assert params["bbox"] == "127.0000000,37.0000000,127.4000000,37.4000000"
    assert (params["accuracy"], params["media"], params["content_type"]) == ("16", "photos", "1")
    assert params["license"] == "4,9"
    assert params["per_page"] == "250" and params["page"] == "3"
    assert params["min_upload_date"] and params["max_upload_date"]  # without them Flickr gives the last hours alone
    assert {"geo", "license", "owner_name", "date_taken", "url_z"} <= set(params["extras"].split(","))
    assert "api_key" not in params


def test_pages_come_as_flickr_gives_them():
    with FlickrServer(scattered(620)) as server:
        pages = [client_of(server).search(query(), page) for page in (1, 2, 3, 4)]
        assert [len(page.photos) for page in pages] == [250, 250, 120, 0]
        assert {page.total for page in pages} == {620} and {page.pages for page in pages} == {3}
        assert client_of(server).search(query(), 17).photos == ()  # "Excessive photo offset" is the end, no error


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [(100, UsageError, "refuses the API key"), (18, DownloadError, "Illogical arguments"),
     (3, DownloadError, "disabled"), (10, GaveUp, "not currently available"), (105, GaveUp, "unavailable"),
     (106, GaveUp, "failed")],
)
def test_flickrs_errors_are_plain(code, error, words):
    messages = {100: "Invalid API Key", 18: "Illogical arguments", 3: "Parameterless searches have been disabled",
                10: "Sorry, the Flickr search API is not currently available.", 105: "Service currently unavailable",
                106: "Write operation failed"}
    with FlickrServer([], lambda kind, number: ("fail", code, messages[code])) as server:
        with pytest.raises(error, match=words):
            client_of(server).search(query())
        assert server.count("search", sent=False) == (3 if error is GaveUp else 1)


def test_a_wrong_key_is_the_users():
    with FlickrServer([]) as server, pytest.raises(UsageError, match="Check FLICKR_API_KEY"):
        client_of(server, key="wrong").search(query())


@pytest.mark.parametrize(
    "fault", [("fail", 105, "Service currently unavailable"), ("status", 502), ("body", b"<html>"), "cut"]
)
def test_a_passing_failure_of_a_search_passes(fault):
    with FlickrServer(scattered(3), lambda kind, number: fault if number == 1 else None) as server:
        assert client_of(server).search(query()).total == 3


@given(st.binary(max_size=60) | st.dictionaries(
    st.sampled_from(["stat", "code", "message", "photos"]),
    st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(["ok", "fail", "100"]) | st.lists(st.none()),
).map(lambda answer: json.dumps(answer).encode()))
@settings(deadline=None, max_examples=100)
def test_any_answer_is_one_or_a_plain_error(data):
    try:
        assert read_answer(data)["stat"] == "ok"
    except (Passing, DownloadError, UsageError) as error:
        assert "Flickr" in str(error) or "answer" in str(error)


def test_what_was_answered_is_not_asked_again(tmp_path):
    with FlickrServer(scattered(300)) as server:
        for _ in range(2):
            with Journal(tmp_path) as journal:
                flickr = client_of(server, journal=journal)
                assert len(flickr.search(query()).photos) == 250 and flickr.licences()[4].startswith("Attribution")
        assert (server.count("search"), server.count("licences")) == (1, 1)
        assert KEY.encode() not in b"".join(p.read_bytes() for p in tmp_path.iterdir())


def test_a_record_becomes_a_photo():
    record = {"id": "53000000001", "owner": "12@N01", "ownername": "하늘", "license": "4", "latitude": "37.5",
              "longitude": 127, "accuracy": "16", "datetaken": "2019-05-01 12:00:30", "datetakengranularity": 0,
              "datetakenunknown": "0"}
    photo = photo_of(record, LICENCES)
    assert (photo.id, photo.lon, photo.lat, photo.accuracy) == ("53000000001", 127.0, 37.5, 16)
    assert photo.taken == datetime(2019, 5, 1, 4, 0, 30, tzinfo=UTC)  # 127° / 15 is 8 hours
    assert photo.owner == "하늘 (12@N01)" and photo.licence == LICENCES[4]
    assert photo.url == "https://www.flickr.com/photos/12@N01/53000000001"
    for other in ({"datetakengranularity": "4"}, {"datetakenunknown": 1}, {"datetaken": "0000-00-00 00:00:00"}):
        assert photo_of({**record, **other}, LICENCES).taken is None
    assert photo_of({**record, "license": "99"}, LICENCES).licence == "Flickr licence 99"
    assert photo_of({**record, "id": "../../etc"}, LICENCES) is None


@given(st.dictionaries(
    st.sampled_from(["id", "owner", "ownername", "license", "latitude", "longitude", "accuracy", "datetaken", "url_z",
                     "width_z", "datetakengranularity", "datetakenunknown"]),
    st.none() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["53", "127.5", "9999-12-31 23:59:59"]),
    max_size=7,
))
@settings(deadline=None, max_examples=100)
def test_any_record_is_a_photo_or_none(record):
    photo = photo_of({"id": "1", **record}, LICENCES)
    if photo is not None:
        assert photo.id.isdigit()
        assert math.isnan(photo.lon) == math.isnan(photo.lat) and not abs(photo.lon) > 180
    address = picture_address(record)
    assert address is None or address.startswith("http")


def test_the_smallest_picture_that_is_large_enough_is_fetched():
    sizes = {"url_n": "https://x/n", "width_n": 320, "url_z": "https://x/z", "width_z": "640", "height_z": 480,
             "url_l": "https://x/l", "width_l": 1024}
    assert picture_address(sizes) == "https://x/z"
    del sizes["url_z"], sizes["url_l"]
    assert picture_address({**sizes, "url_m": "https://x/m", "width_m": 500}) == "https://x/m"
    assert picture_address({"url_z": "file:///etc/passwd", "width_z": 640}) is None


def test_an_area_within_the_limit_is_listed_whole():
    photos = scattered(700)
    with FlickrServer(photos) as server:
        blocks = list(walk(server).blocks([AREA]))
        assert sorted(all_ids(blocks)) == sorted(p["id"] for p in photos)
        assert server.count("search") == 3


def test_a_box_beyond_the_limit_is_halved_and_no_photo_is_lost_or_met_twice():
    photos = scattered(9000)
    with FlickrServer(photos) as server:
        found = all_ids(walk(server).blocks([AREA]))
        assert sorted(found) == sorted(p["id"] for p in photos)
        asked = [json.loads(what) for kind, what in server.asked if kind == "search"]
        assert max(int(one["page"]) for one in asked) <= 16  # never beyond the 4,000th


def test_a_photo_on_the_border_of_two_blocks_comes_once():
    grid = Grid(10)
    (row, column), (rows, _) = grid.cells(AREA)
    border = grid.box((row + rows // 2, column)).south  # where the first halving cuts
    photos = [*scattered(4100), *(a_photo(9000 + n, 127.01 + n / 1000, border) for n in range(30))]
    with FlickrServer(photos) as server:
        counts = Counter(all_ids(walk(server, grid).blocks([AREA])))
    assert set(counts.values()) == {1} and set(counts) == {p["id"] for p in photos}


def test_a_crowded_cell_is_sampled_fairly_by_date():
    """6,000 photos of one place, two thirds of them in one day: its pages come as often as its photos do."""
    cell = Grid(10).box(Grid(10).cell(127.2, 37.2))
    middle = ((cell.west + cell.east) / 2, (cell.south + cell.north) / 2)
    uploads = [JUNE_2019 + (n if n < 4000 else 400_000 * (n - 3999)) for n in range(6000)]
    photos = [a_photo(n, *middle, dateupload=uploads[n]) for n in range(6000)]
    early = {p["id"] for p in photos[:4000]}
    with FlickrServer(photos) as server:
        shares, walks = [], []
        for seed in range(3):
            walks.append(walk(server, want=1000, seed=seed))
            walks[-1].until = photos[-1]["dateupload"]
            (records,) = walks[-1].blocks([Box(127.0, 37.0, 127.4, 37.4)])
            shares.append(sum(one in early for one in ids(records)) / len(records))
            assert len(records) >= 1000 and walks[-1].unlisted == 6000 - len(records)
        assert abs(sum(shares) / 3 - 4000 / 6000) < 0.2
        again = walk(server, want=1000, seed=3)
        again.until = photos[-1]["dateupload"]
        assert ids(next(again.blocks([AREA]))) != ids(next(walks[1].blocks([AREA])))


def test_a_second_with_more_photos_than_flickr_lists_ends():
    photos = [a_photo(n, 127.2, 37.2, dateupload=JUNE_2019) for n in range(60)]
    with FlickrServer(photos, most=250) as server:
        import training.collect.flickr_walk as module

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "MOST_RESULTS", 50)
            (records,) = walk(server, Grid(100), want=10).blocks([AREA])
    assert len(records) == 60  # one page holds them all


def test_licences_are_asked_for():
    photos = [a_photo(n, 127.1, 37.1, license=str(n % 3)) for n in range(9)]
    with FlickrServer(photos) as server:
        found = all_ids(walk(server, licences=(0, 2)).blocks([AREA]))
    assert len(found) == 6
