"""Flickr to a photo folder, through the command, against a server that speaks the API and fails as servers do."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from training.__main__ import main
from training.collect.photos import read_photos
from training.collect.spread import Grid

from .flickr_server import JUNE_2019, KEY, FlickrServer, a_photo, jpeg
from .places365 import CATEGORIES, constant_network, save, save_table

ROOT = Path(__file__).resolve().parents[3]
BOX = ("127.0", "37.0", "127.25", "37.25")
QUICK = ("--rate", "100000", "--picture-rate", "100000", "--backoff", "0.01", "--tries", "3", "--per-cell", "2")


def scattered(count, seed=1):
    draw = random.Random(seed)
    return [a_photo(n, draw.uniform(127.0, 127.25), draw.uniform(37.0, 37.25)) for n in range(count)]


def arguments(server, out, *more):
    return ["collect", "photos", "flickr", "--box", *BOX, "--out", str(out), "--address", server.address, *QUICK,
            "--until", "2019-12-31", *(() if "--places365" in more else ("--no-outdoor-filter",)), *more]


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.setenv("FLICKR_API_KEY", KEY)


def manifest(out):
    return json.loads((out / "manifest.json").read_text(encoding="utf-8"))


def images(out):
    return {path.stem: path.read_bytes() for path in (out / "images").rglob("*.jpg")}


def test_from_the_api_to_the_folder(tmp_path, capsys):
    photos = scattered(40)
    photos[0] |= {"accuracy": "15"}  # the server filters it: it is never found
    photos += [a_photo(50, 127.11, 37.11, media="video"), a_photo(51, 127.12, 37.12, picture=None),
               a_photo(52, 127.13, 37.13, sizes={})]
    with FlickrServer(photos) as server:
        out = tmp_path / "사진 모음"
        assert main(arguments(server, out)) == 0
        table = read_photos(out)
        cells = Counter(Grid(10).cell(p.x, p.y) for p in table.geometry)
        assert max(cells.values()) <= 2 and len(cells) >= 9
        said = manifest(out)
        assert said["complete"] and said["found"] == 41 == said["kept"] + sum(said["dropped"].values())
        assert said["dropped"]["gone"] <= 1 and said["dropped"]["no_picture"] == 1
        assert set(images(out)) == set(table["id"])
        for row in table.itertuples():
            number = int(row.id) - 50_000_000_000
            assert (out / row.file).read_bytes() == jpeg(number)
            assert row.licence == "Attribution License https://creativecommons.org/licenses/by/2.0/"
            assert row.owner == f"사람 {number} ({number}@N01)" and row.url.endswith(row.id)
            assert (row.accuracy, row.width, row.height) == (16, 640, 480)
        assert KEY.encode() not in b"".join(p.read_bytes() for p in out.iterdir() if p.is_file())
        before, asked = (out / "photos.parquet").read_bytes(), len(server.asked)
        assert main(arguments(server, out)) == 0
        assert (out / "photos.parquet").read_bytes() == before and len(server.asked) == asked
    assert capsys.readouterr().out.count(f"kept {len(table)} of 41 photos") == 2


def test_every_rule_drops_what_it_should(tmp_path):
    crowd = [a_photo(n, 127.1 + n * 1e-3, 37.1) for n in range(6)]
    crowd[1] |= {"owner": crowd[0]["owner"], "ownername": crowd[0]["ownername"], "longitude": crowd[0]["longitude"],
                 "datetaken": crowd[0]["datetaken"]}  # same owner, place and minute
    crowd[3] |= {"picture": crowd[2]["picture"], "longitude": str(float(crowd[2]["longitude"]) + 1e-4)}  # the same view
    broken = {crowd[4]["id"]: jpeg(4)[:9000], crowd[5]["id"]: b"GIF89a not there any more"}
    with FlickrServer(crowd, pictures=broken) as server:
        assert main(arguments(server, tmp_path, "--per-cell", "25")) == 0
    said = {rule: n for rule, n in manifest(tmp_path)["dropped"].items() if n}
    assert said == {"same_moment": 1, "near_duplicate": 1, "unreadable": 2}
    assert len(read_photos(tmp_path)) == 2 == len(images(tmp_path))  # the near-duplicate's file is gone too


def test_the_outdoor_filter_reports_what_it_dropped(tmp_path, capsys):
    """A Places365 network that always sees the same ten rooms drops every photo; with other flags, none."""
    scores = [0.0] * CATEGORIES
    scores[:10] = [5.0] * 10
    weights = save(constant_network(scores), tmp_path / "가중치.pth.tar")
    for outdoors in (False, True):
        table = save_table([outdoors] * 10 + [not outdoors] * 355, tmp_path / f"{outdoors}.txt")
        with FlickrServer(scattered(5)) as server:
            out = tmp_path / f"photos {outdoors}"
            more = ("--places365", str(weights), "--places365-table", str(table), "--per-cell", "25")
            assert main(arguments(server, out, *more)) == 0
        said = manifest(out)
        assert (said["kept"], said["dropped"]["indoor"]) == ((5, 0) if outdoors else (0, 5))
        assert set(read_photos(out)["outdoor"]) == ({1.0} if outdoors else set()) and said["outdoor_filter"]
        assert f"outdoor filter: places365 resnet18, {said['dropped']['indoor']} dropped" in capsys.readouterr().out
        assert len(images(out)) == said["kept"]


def test_failures_that_pass_leave_no_trace(tmp_path):
    """Every second request fails in some way; the folder is that of a server that never fails."""
    faults = [("status", 429, 0), ("status", 503), "cut", ("fail", 105, "Service currently unavailable"), "drop"]

    def plan(kind, number):
        if number % 2 == 0:
            return None
        fault = faults[number // 2 % len(faults)]
        return "short" if kind == "picture" and fault[0] == "fail" else fault

    photos = scattered(60)
    with FlickrServer(photos, plan) as bad, FlickrServer(photos) as good:
        assert main(arguments(bad, tmp_path / "bad", "--workers", "1")) == 0
        assert main(arguments(good, tmp_path / "good")) == 0
        assert len(bad.asked) > 1.8 * len(good.asked)
    assert images(tmp_path / "bad") == images(tmp_path / "good")
    one, other = (read_photos(tmp_path / name).drop(columns="file") for name in ("bad", "good"))
    assert one.equals(other)


def test_one_picture_on_which_the_server_fails_is_left_out_and_a_dead_server_ends_the_run(tmp_path, capsys):
    photos = scattered(12)
    sick = FlickrServer(photos)
    with sick as server:
        server.plan = lambda kind, number: ("status", 500) if kind == "picture" and number <= 3 else None
        assert main(arguments(server, tmp_path / "one", "--workers", "1")) == 0
        assert manifest(tmp_path / "one")["dropped"]["unreachable"] == 1
        server.plan = lambda kind, number: ("status", 500) if kind == "picture" else None
        assert main(arguments(server, tmp_path / "dead", "--workers", "1")) == 2
        assert "failed 3 times (500" in capsys.readouterr().err
        assert not manifest(tmp_path / "dead")["complete"]
        server.plan = lambda kind, number: None
        assert main(arguments(server, tmp_path / "dead")) == 0  # nothing was given up for good
    assert manifest(tmp_path / "dead")["dropped"]["unreachable"] == 0 and manifest(tmp_path / "dead")["complete"]


def start(server, out):
    environment = {**os.environ, "FLICKR_API_KEY": KEY, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "training", *arguments(server, out, "--workers", "1", "--timeout", "100")]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_killed_anywhere_it_goes_on_where_it_was(tmp_path):
    """kill -9 in a search, in a picture, in a later picture; then to the end: as if it had never been killed."""
    photos = [*scattered(300), *(a_photo(1000 + n, 127.2, 37.2, dateupload=JUNE_2019 + n) for n in range(4))]
    out = tmp_path / "끊긴 사진"
    with FlickrServer(photos) as server:
        for kind, number in (("search", 2), ("picture", 3), ("picture", 6)):
            server.reached.clear()
            server.plan = lambda k, n, at=(kind, number): "hang" if (k, n) == at else None
            process = start(server, out)
            assert server.reached.wait(200), process.communicate(timeout=5)
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert not (out / "photos.parquet").exists()
        process = start(server, out)
        said, _ = process.communicate(timeout=250)
        assert process.returncode == 0, said
        again = {what: n for what, n in Counter(one for one in server.sent).items() if n > 1}
        assert again == {}  # no answer and no picture came whole twice
    with FlickrServer(photos) as server:
        assert main(arguments(server, tmp_path / "whole")) == 0
    one, other = (read_photos(folder) for folder in (out, tmp_path / "whole"))
    assert len(one) > 10 and one.equals(other)
    assert images(out) == images(tmp_path / "whole")
    assert not list(out.rglob("*.part"))


def test_ctrl_c_writes_what_is_kept_and_says_so(tmp_path):
    with FlickrServer(scattered(300), lambda *request: "hang" if request == ("picture", 4) else None) as server:
        process = start(server, tmp_path / "out")
        assert server.reached.wait(200)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=250)
    assert process.returncode == 2
    assert said.decode().strip().splitlines()[-1] == (
        "training: stopped. Run it again: it goes on where it stopped."
    )
    said = manifest(tmp_path / "out")
    assert not said["complete"] and said["kept"] == len(read_photos(tmp_path / "out")) == 3


def test_a_deleted_picture_comes_back(tmp_path):
    with FlickrServer(scattered(20)) as server:
        assert main(arguments(server, tmp_path)) == 0
        before = images(tmp_path)
        next((tmp_path / "images").rglob("*.jpg")).unlink()
        asked = server.count("picture")
        assert main(arguments(server, tmp_path)) == 0
        assert images(tmp_path) == before and server.count("picture") == asked + 1


def test_a_full_disk_is_a_plain_error_and_goes_on_after_it(tmp_path, capsys):
    disk = tmp_path / "작은 디스크"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)]
    mounted = subprocess.run(mount, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        with FlickrServer(scattered(60)) as server:
            assert main(arguments(server, disk / "out")) == 2
            said = capsys.readouterr().err.strip().splitlines()[-1]
            assert "the disk is full; what came so far is kept" in said and "goes on" in said
            assert not list(disk.rglob("*.part"))
            first = server.count("picture")
            subprocess.run(["mount", "-o", "remount,size=20m", str(disk)], check=True)
            assert main(arguments(server, disk / "out")) == 0
            assert server.count("picture") >= first
            assert len(read_photos(disk / "out")) == len(images(disk / "out")) > 0
            twice = [what for what, n in Counter(w for k, w in server.sent if k == "search").items() if n > 2]
            assert twice == []
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def test_a_dry_run_estimates_and_writes_nothing(tmp_path, capsys):
    with FlickrServer(scattered(200)) as server:
        assert main(arguments(server, tmp_path / "out", "--dry-run")) == 0
        said = capsys.readouterr().out
        assert server.count("picture") <= 5
        assert not (tmp_path / "out").exists()
        assert main(arguments(server, tmp_path / "out")) == 0
    kept = len(read_photos(tmp_path / "out"))
    assert f"about {kept} photos (± 0)" in said  # all 9 cells were asked, and there are no duplicates
    size = sum(map(len, images(tmp_path / "out").values())) / 1e6
    told = float(said.splitlines()[1].split()[0])
    assert abs(told - size) / size < 0.3


def test_mistakes_are_plain_lines(tmp_path, capsys, monkeypatch):
    with FlickrServer(scattered(3)) as server:
        base = arguments(server, tmp_path / "out")
        cases = [(["--per-cell", "0"], "cap a cell"), (["--since", "2020-01-01"], "--until lies before --since"),
                 (["--address", f"{server.root}/elsewhere/1_x"], "no API at this address"),
                 (["--cell-km", "0"], "sensible")]
        for more, words in cases:
            assert main([*base, *more]) == 2
            said = capsys.readouterr().err.strip().splitlines()
            assert len(said) == 1 and words in said[0], said
        monkeypatch.setenv("GRAFT_OFFLINE", "1")
        assert main(arguments(server, tmp_path / "offline")) == 2
        assert "offline switch" in capsys.readouterr().err
        monkeypatch.delenv("FLICKR_API_KEY")
        assert main(base) == 2
        assert "FLICKR_API_KEY is not set" in capsys.readouterr().err
