"""Tiles of rasters around photos: the right pixels, every drop counted, the same bytes after any interruption."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from graft_plugin.engine.progress import CancelToken, silent
from graft_plugin.errors import Cancelled, DownloadError, SceneError, UsageError
from training.__main__ import main
from training.collect.rasters import RasterOrder, Rasters
from training.collect.tile_cutter import TileOrder
from training.collect.tile_rules import asking_order
from training.collect.tiles import collect_tiles
from training.dataset import PairFolder

from .tile_material import DAY, Ortho, digests, pattern, write_photo_folder


def collect(photos, rasters, out, source=None, cancel=None, **order):
    source = source or Rasters(RasterOrder(tuple(raster.path for raster in rasters)))
    asked = TileOrder(photos, **{"workers": 2, **order})
    return collect_tiles(asked, source, out, cancel or CancelToken(), silent)


def spread(raster, count, seed=0, margin=230):
    rng = np.random.default_rng(seed)
    rows, cols = rng.uniform(margin, raster.height - margin, count), rng.uniform(margin, raster.width - margin, count)
    return [raster.at(row, col) for row, col in zip(rows, cols, strict=True)]


@pytest.fixture(scope="module")
def ortho(tmp_path_factory):
    return Ortho(tmp_path_factory.mktemp("ortho") / "정사영상.tif").write()


def test_a_tile_holds_the_raster_s_pixels_and_its_photos(tmp_path, ortho):
    places = {"centre": ortho.at(600.5, 800.25), "near": ortho.at(500.75, 900.0)}
    photos = write_photo_folder(tmp_path / "사진", places, directions={"near": 271.5})
    folder = collect(photos, [ortho], tmp_path / "pairs")
    assert len(folder) == 1
    sample = next(iter(folder))
    assert sample.photo_ids == ("centre", "near") and sample.crs == ortho.crs and sample.gsd_m == 1.0
    a, _, x, _, e, y = sample.transform
    left, top = int(x - ortho.left), int(ortho.top - y)
    expected = pattern(np.arange(int(x), int(x) + 448), np.arange(int(-y), int(-y) + 448))
    assert (a, e) == (1.0, -1.0) and (sample.image == expected).all()
    assert np.abs(sample.spots - [(600.5 - top, 800.25 - left), (500.75 - top, 900.0 - left)]).max() < 1e-4
    with Image.open(io.BytesIO(sample.photos[0])) as photo:
        assert photo.format == "JPEG" and max(photo.size) == 512 and not photo.getexif()
    assert folder.tiles()["source"].tolist() == ["rasters"] and folder.tiles()["sensor"].tolist() == ["naip"]
    about = json.loads(subprocess.check_output(["tar", "xOf", str(tmp_path / "pairs/shards/tiles-000000.tar"),
                                                f"{sample.tile_id}.json"]))  # fmt: skip
    assert about["photos"][1]["direction_deg"] == 271.5 and about["photos"][1]["taken"] == "2021-06-15T12:00:00Z"
    assert abs(about["photos"][0]["row"] - (600.5 - top)) < 1e-6  # exact, where float32 is not


def test_every_photo_is_kept_once_or_counted(tmp_path, ortho):
    holes = [(slice(0, 1200), slice(1000, 1600)), (slice(600, 602), slice(400, 402))]
    raster = Ortho(tmp_path / "holes.tif").write(holes)
    places = {f"good{k:02d}": raster.at(600 + 3 * k, 500 + 2 * k) for k in range(20)}
    places |= {"hole": raster.at(601.0, 401.0), "void1": raster.at(600, 1400), "void2": raster.at(650, 1420)}
    places |= {"far": (0.0, 0.0), "broken": raster.at(700, 500)}
    photos = write_photo_folder(tmp_path / "photos", places)
    (photos / "images/00/broken.jpg").write_bytes(b"\xff\xd8 no picture")
    folder = collect(photos, [raster], tmp_path / "pairs", most_photos=8)
    counts = folder.manifest["counts"]
    dropped = counts["dropped"]
    assert dropped["outside"] == 1 and dropped["nodata"] == 2 and dropped["photo_unreadable"] <= 1
    assert counts["found"] == 25 == folder.manifest["photos"] + sum(dropped.values())
    assert counts["tiles_left_out"]["nodata"] >= 2
    assert max(len(sample.photo_ids) for sample in folder) == 8
    ids = [photo for sample in folder for photo in sample.photo_ids]
    assert len(ids) == len(set(ids)) and "hole" not in ids and "broken" not in ids


def test_the_raster_with_data_is_taken_where_two_overlap(tmp_path):
    empty = Ortho(tmp_path / "a.tif").write([(slice(300, 900), slice(0, 1600))])
    full = Ortho(tmp_path / "b.tif", left=500_300, width=1200).write()
    photos = write_photo_folder(tmp_path / "photos", [empty.at(600, 800)])
    folder = collect(photos, [empty, full], tmp_path / "pairs")
    assert list(folder.tiles()["shard"]) == ["tiles-000000.tar"]
    record = json.loads(subprocess.check_output(
        f"tar xOf {tmp_path}/pairs/shards/tiles-000000.tar --wildcards '*.json'", shell=True))  # fmt: skip
    assert record["image"] == "b.tif"


def test_no_second_tile_for_a_photo_whose_first_was_left_out(tmp_path):
    """A's tile would hold B and lacks data; C's is there and covers B: B gets none of its own."""
    raster = Ortho(tmp_path / "a.tif").write([(slice(0, 1200), slice(0, 300))])
    places = {"A": raster.at(600, 400), "B": raster.at(600, 560), "C": raster.at(600, 700)}
    seed = next(seed for seed in range(100) if asking_order(["A", "B", "C"], seed) == [0, 2, 1])
    photos = write_photo_folder(tmp_path / "photos", places)
    folder = collect(photos, [raster], tmp_path / "pairs", seed=seed)
    assert [sample.photo_ids for sample in folder] == [("C",)]
    assert folder.manifest["counts"]["dropped"] == {"covered": 1, "nodata": 1}


@pytest.mark.parametrize(("crs", "left", "top"), [("EPSG:3857", 1_669_000, 5_621_000), ("EPSG:5186", 200_000, 600_000)])
def test_a_raster_of_any_crs_places_photos_exactly(tmp_path, crs, left, top):
    """A bright square, four pixels wide, is where its geotag says, whatever the raster's CRS."""
    import rasterio
    from affine import Affine

    from .tile_material import in_degrees

    pixels = np.full((3, 900, 900), 40, np.uint8)
    pixels[:, 448:452, 438:442] = 250
    transform = Affine(1, 0, left, 0, -1, top)
    path = tmp_path / "a.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=900, height=900, count=3, dtype="uint8", crs=crs, transform=transform
    ) as out:
        out.write(pixels)
    photos = write_photo_folder(tmp_path / "photos", [in_degrees(crs, left + 440, top - 450)])
    folder = collect_tiles(
        TileOrder(photos, size_px=224), Rasters(RasterOrder((path,))), tmp_path / "pairs", CancelToken(), silent
    )
    sample = next(iter(folder))
    rows, cols = np.nonzero(sample.image[0] > 145)
    middle = (rows.mean() + 0.5, cols.mean() + 0.5)
    assert np.abs(sample.spots[0] - middle).max() < 0.5


def test_workers_and_shards_do_not_change_what_is_there(tmp_path, ortho):
    photos = write_photo_folder(tmp_path / "photos", spread(ortho, 12))
    one = collect(photos, [ortho], tmp_path / "one", workers=1, shard_tiles=2)
    three = collect(photos, [ortho], tmp_path / "three", workers=3, shard_tiles=2)
    assert digests(one.path) == digests(three.path) and len(one) >= 4
    again = collect(photos, [ortho], tmp_path / "one", workers=1, shard_tiles=2)  # nothing left to do
    assert digests(again.path) == digests(three.path)
    assert not list(one.path.rglob(".parts")) and not list(one.path.rglob("*.part"))
    other = collect(photos, [ortho], tmp_path / "other", seed=5, shard_tiles=2)
    assert [s.tile_id for s in other] != [s.tile_id for s in one]


class Stops:
    """A source that fails, or asks to stop, at its n-th image."""

    def __init__(self, inner, at, how):
        self.inner, self.at, self.how, self.read = inner, at, how, 0

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def images(self, spot):
        self.read += 1
        if self.read == self.at:
            self.how()
        yield from self.inner.images(spot)


def test_a_source_that_fails_stops_all_and_is_gone_on_with(tmp_path, ortho):
    photos = write_photo_folder(tmp_path / "photos", spread(ortho, 10))
    whole = collect(photos, [ortho], tmp_path / "whole", shard_tiles=2)

    def fail():
        raise DownloadError("the server is away")

    out = tmp_path / "pairs"
    for stop in (3, 2):
        source = Stops(Rasters(RasterOrder((ortho.path,))), stop, fail)
        with pytest.raises(DownloadError, match="away"):
            collect(photos, [ortho], out, source=source, workers=1, shard_tiles=2)
        with pytest.raises(UsageError, match="not a whole folder"):
            PairFolder(out)
    source = Stops(Rasters(RasterOrder((ortho.path,))), 0, fail)
    folder = collect(photos, [ortho], out, source=source, workers=1, shard_tiles=2)
    assert digests(folder.path) == digests(whole.path)
    assert source.read == len(whole) - 3  # two were there after the first stop, one more after the second


def test_a_stop_on_request_is_gone_on_with(tmp_path, ortho):
    photos = write_photo_folder(tmp_path / "photos", spread(ortho, 10))
    whole = collect(photos, [ortho], tmp_path / "whole")
    cancel = CancelToken()
    source = Stops(Rasters(RasterOrder((ortho.path,))), 2, cancel.cancel)
    with pytest.raises(Cancelled):
        collect(photos, [ortho], tmp_path / "pairs", source=source, cancel=cancel, workers=1)
    assert digests(collect(photos, [ortho], tmp_path / "pairs").path) == digests(whole.path)


def test_a_kill_in_mid_work_changes_nothing(tmp_path, ortho):
    """The real command, killed with SIGKILL at three stages of its work, each time from where it was."""
    photos = write_photo_folder(tmp_path / "photos", spread(ortho, 40, margin=10))
    whole = collect(photos, [ortho], tmp_path / "whole", shard_tiles=2, most_nodata=0.4)
    out = tmp_path / "pairs"
    command = [sys.executable, "-m", "training", "collect", "tiles", "rasters", str(ortho.path), "--photos",
               str(photos), "--out", str(out), "--shard-tiles", "2", "--nodata", "0.4", "--workers", "1"]  # fmt: skip
    kills = 0
    for shards in range(3):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while process.poll() is None:
            parts = len(list(out.glob(".parts/*.tar")))
            if len(list(out.glob("shards/*.tar"))) >= shards and parts:
                os.kill(process.pid, signal.SIGKILL)
                kills += 1
                break
            time.sleep(0.002)
        process.communicate()
        assert not (out / "manifest.json").exists()
    assert kills == 3
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert digests(out) == digests(whole.path)
    assert len(whole) >= 8


def test_other_settings_are_refused_and_so_are_other_photos(tmp_path, ortho):
    photos = write_photo_folder(tmp_path / "photos", [ortho.at(600, 800)])
    collect(photos, [ortho], tmp_path / "pairs")
    with pytest.raises(UsageError, match="seed = 0, not 1"):
        collect(photos, [ortho], tmp_path / "pairs", seed=1)
    more = write_photo_folder(tmp_path / "more", [ortho.at(600, 700)])
    with pytest.raises(UsageError, match="photos"):
        collect(more, [ortho], tmp_path / "pairs")


def test_mistakes_are_named(tmp_path, ortho, capsys):
    photos = write_photo_folder(tmp_path / "photos", [ortho.at(600, 800)])
    with pytest.raises(SceneError, match="no such file"):
        Rasters(RasterOrder((tmp_path / "none.tif",)))
    with pytest.raises(UsageError, match="holds no raster"):
        Rasters(RasterOrder((photos,)))
    begin = ["collect", "tiles", "rasters", str(ortho.path), "--photos"]
    assert main([*begin, str(tmp_path), "--out", str(tmp_path / "x")]) == 2
    assert main([*begin, str(photos), "--out", str(photos)]) == 2
    said = capsys.readouterr().err
    assert "photos.parquet" in said and "same folder" in said


def test_a_dry_run_estimates_and_writes_nothing(tmp_path, ortho, capsys):
    photos = write_photo_folder(tmp_path / "photos", [*spread(ortho, 12), (0.0, 0.0)])
    command = [
        "collect",
        "tiles",
        "rasters",
        str(ortho.path),
        "--photos",
        str(photos),
        "--out",
        str(tmp_path / "pairs"),
    ]
    assert main([*command, "--dry-run"]) == 0
    estimate = capsys.readouterr().out
    assert not (tmp_path / "pairs").exists() and "outside the rasters" in estimate
    assert main(command) == 0
    folder = PairFolder(tmp_path / "pairs")
    assert f"{len(folder)} tiles with 12 of 13 photos" in capsys.readouterr().out
    assert f"about {len(folder)} tiles" in estimate
    size = sum(path.stat().st_size for path in (tmp_path / "pairs/shards").glob("*"))
    told = float(estimate.split(" MB")[0].splitlines()[-1].replace(",", ""))
    assert told == pytest.approx(size / 1e6, rel=0.3)


def test_a_photo_without_a_time_is_fine_where_time_does_not_matter(tmp_path, ortho):
    photos = write_photo_folder(tmp_path / "photos", {"a": ortho.at(600, 800)}, taken=None)
    folder = collect(photos, [ortho], tmp_path / "pairs")
    assert len(folder) == 1 and DAY.year == 2021
