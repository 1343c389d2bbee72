"""Manners towards a server: turns, waits, retries, limits, stops."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from graft_plugin.engine.progress import CancelToken
from graft_plugin.errors import Cancelled, DownloadError, OfflineError
from training.collect.net import Client, GaveUp, NotThere, Politeness, retry_after_s

from .flickr_server import FlickrServer, a_photo, jpeg

QUICK = Politeness(per_s=1000, tries=3, backoff_s=0.01, timeout_s=10)
PHOTO = a_photo(1, 1, 1)


def picture_of(server):
    return f"{server.root}/pictures/{PHOTO['id']}_z.jpg"


def fetch(plan, manners=QUICK, cancel=None):
    with FlickrServer([PHOTO], plan) as server:
        client = Client(manners, cancel or CancelToken())
        return client.get(picture_of(server)), server


def first(*faults):
    return lambda kind, number: faults[number - 1] if number <= len(faults) else None


@pytest.mark.parametrize("fault", [("status", 503), ("status", 500), ("status", 429), "cut", "drop"])
def test_a_passing_failure_is_tried_again(fault):
    data, server = fetch(first(fault, fault))
    assert data == jpeg(1) and server.count("picture", sent=False) == 3


def test_after_its_tries_it_gives_up_and_says_what_it_saw():
    with pytest.raises(GaveUp, match=r"failed 3 times \(503"):
        fetch(lambda kind, number: ("status", 503))
    with pytest.raises(GaveUp, match="ended"):
        fetch(lambda kind, number: "cut")


def test_it_waits_as_long_as_the_server_says():
    started = time.monotonic()
    _, server = fetch(first(("status", 429, 1)))
    assert time.monotonic() - started >= 1.0 and server.count("picture", sent=False) == 2


def test_a_wait_of_hours_ends_the_run_instead():
    with pytest.raises(DownloadError, match="wait 120 minutes"):
        fetch(first(("status", 429, 7200)))


def test_what_is_gone_or_refused_is_asked_for_once():
    with FlickrServer([PHOTO]) as server, pytest.raises(NotThere):
        Client(QUICK, CancelToken()).get(f"{server.root}/pictures/7_z.jpg")
    for status in (401, 403, 400):
        with pytest.raises(DownloadError, match=str(status)):
            fetch(lambda kind, number, status=status: ("status", status) if number == 1 else None)


def test_turns_are_shared_by_all_threads():
    with FlickrServer([PHOTO]) as server:
        client = Client(Politeness(per_s=20, timeout_s=10), CancelToken())
        started = time.monotonic()
        threads = [threading.Thread(target=client.get, args=(picture_of(server),)) for _ in range(11)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert time.monotonic() - started >= 0.5  # ten waits of 1/20 s
        assert server.count("picture", sent=False) == 11


def test_a_stop_ends_a_long_wait_at_once():
    cancel = CancelToken()
    threading.Timer(0.5, cancel.cancel).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        fetch(first(("status", 429, 600)), cancel=cancel)
    assert time.monotonic() - started < 30


def test_a_silent_server_is_a_passing_failure():
    with FlickrServer([PHOTO], first("hang")) as server:
        assert Client(Politeness(1000, 2, 0.01, timeout_s=0.5), CancelToken()).get(picture_of(server)) == jpeg(1)


def test_the_offline_switch_opens_no_socket(monkeypatch):
    monkeypatch.setenv("GRAFT_OFFLINE", "1")
    with FlickrServer([PHOTO]) as server:
        with pytest.raises(OfflineError):
            Client(QUICK, CancelToken()).get(picture_of(server))
        assert server.asked == []


def test_an_address_of_another_kind_is_refused():
    with pytest.raises(DownloadError, match="http"):
        Client(QUICK, CancelToken()).get("file:///etc/passwd")


def test_errors_do_not_tell_the_key():
    client = Client(QUICK, CancelToken())
    with pytest.raises(GaveUp) as caught:
        client.get("http://127.0.0.1:9/rest", {"api_key": "SECRET"})  # nothing listens there
    assert "refused" in str(caught.value)
    chain, error = [], caught.value
    while error is not None:
        chain.append(str(error))
        error = error.__cause__
    assert "SECRET" not in " ".join(chain)


def test_retry_after_is_seconds_or_a_date():
    now = datetime(2024, 1, 1, tzinfo=UTC)
    assert retry_after_s("90", now) == 90
    assert retry_after_s(format_datetime(now + timedelta(seconds=75), usegmt=True), now) == 75
    assert retry_after_s(format_datetime(now - timedelta(days=1), usegmt=True), now) == 0
    assert [retry_after_s(value, now) for value in (None, "", "soon", "-5", "1.5")] == [None] * 5
