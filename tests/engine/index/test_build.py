"""`graft index` as a user types it: killed with SIGKILL, two at once, files that change, vanish or break, STAC."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from graft_plugin.engine.index.build import folder_bytes
from graft_plugin.engine.index.field import count_present
from graft_plugin.engine.index.layout import ARRAYS, read_model, read_scenes
from graft_plugin.engine.index.shards import ShardReader

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import sys, time
from graft_plugin.engine.encoders.encoder import VitEncoder
from graft_plugin.engine import cli
encode, log = VitEncoder.encode, open(sys.argv[1], "a")
def slow(self, images, cancel=None):
    out = encode(self, images, cancel)
    time.sleep(0.02 * len(images))
    log.write(f"{len(images)}\\n"); log.flush()
    return out
VitEncoder.encode = slow
sys.exit(cli.main(sys.argv[2:]))
"""


def contents(index: Path) -> dict:
    """Every vector of an index, by scene and shard, as bytes."""
    found, model = {}, read_model(index)
    for scene in read_scenes(index):
        reader = ShardReader(scene, model)
        for shard in reader.shards():
            whole = reader.whole(shard)
            found[Path(scene.source).name, shard] = [whole[name].tobytes() for name in ARRAYS] + [reader.mark(shard)]
    return found


def present(index: Path) -> int:
    model = read_model(index)
    return sum(count_present(scene, model, scene.tiles) for scene in read_scenes(index))


def test_killed_and_gone_on_with_nothing_is_encoded_twice(tmp_path, colour_model, engine_env, graft, write_colours):
    (tmp_path / "in").mkdir()
    write_colours(tmp_path / "in" / "a_20120731.tif", 1400)
    write_colours(tmp_path / "in" / "b_20160816.tif", 700, seed=1, corner=(520_000, 5_000_000))
    index, log = tmp_path / "ix", tmp_path / "log"
    words = ["index", str(tmp_path / "in"), "--out", str(index), "--model", str(colour_model), "--json"]
    command = [sys.executable, "-c", SCRIPT, str(log), *words]
    kept = 0
    for kill_at in (3, 20):
        log.write_text("")
        process = subprocess.Popen(command, cwd=ROOT, env=engine_env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while not (index / "zarr.json").exists() or present(index) < kept + kill_at:
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        now = present(index)
        through = sum(map(int, log.read_text().split()))
        assert kept + kill_at <= now <= kept + through  # nothing that was kept before went through the model again
        kept = now
    log.write_text("")
    done = subprocess.run(command, cwd=ROOT, env=engine_env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["tiles"] == present(index) and result["from_index"] == kept
    assert sum(map(int, log.read_text().split())) == result["encoded_tiles"] == result["tiles"] - kept
    assert graft("index", tmp_path / "in", "--out", tmp_path / "straight")[0] == 0
    assert contents(index) == contents(tmp_path / "straight")
    assert [scene.acquired for scene in read_scenes(index)] == ["2016-08-16", "2012-07-31"]
    log.write_text("")
    again = json.loads(subprocess.run(command, cwd=ROOT, env=engine_env, capture_output=True, text=True).stdout)
    assert again["encoded_tiles"] == 0 and log.read_text() == ""


def test_the_estimate_tells_what_the_index_then_takes(tmp_path, graft, write_colours):
    write_colours(tmp_path / "a.tif", 900)
    status, out, _err = graft("index", tmp_path / "a.tif", "--out", tmp_path / "ix", "--dry-run", "--json")
    told = json.loads(out)
    assert status == 0 and not (tmp_path / "ix").exists()
    status, out, _err = graft("index", tmp_path / "a.tif", "--out", tmp_path / "ix", "--json")
    done = json.loads(out)
    assert told["tiles"] == done["tiles"] == done["encoded_tiles"] == present(tmp_path / "ix")
    assert told["hours"] == pytest.approx(told["tiles"] / told["tiles_per_s"] / 3600, abs=1e-4)
    arrays = sum(folder_bytes(p) for s in read_scenes(tmp_path / "ix") for p in (s.folder / n / "c" for n in ARRAYS))
    assert 0.98 < told["gigabytes"] * 1e9 / arrays < 1.02
    status, out, _err = graft("index", tmp_path / "a.tif", "--out", tmp_path / "ix", "--dry-run", "--json")
    assert json.loads(out)["stored_tiles"] == told["tiles"] and json.loads(out)["gigabytes"] == 0


def test_two_writers_end_in_one_plain_line(tmp_path, colour_model, engine_env, graft, write_colours):
    raster, index = write_colours(tmp_path / "a.tif", 700), tmp_path / "ix"
    words = ["index", str(raster), "--out", str(index), "--model", str(colour_model)]
    first = subprocess.Popen([sys.executable, "-c", SCRIPT, str(tmp_path / "log"), *words], cwd=ROOT, env=engine_env,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    while not (index / "zarr.json").exists() or not present(index):
        assert first.poll() is None, first.communicate()[1]
        time.sleep(0.02)
    os.kill(first.pid, signal.SIGSTOP)  # it holds the lock for as long as we look
    status, out, err = graft("index", raster, "--out", index)
    os.kill(first.pid, signal.SIGCONT)
    assert (status, out) == (2, "") and "another process is writing" in err[0] and len(err) == 1
    assert first.wait() == 0
    assert graft("index", raster, "--out", index)[0] == 0


def test_a_changed_file_replaces_its_scene_and_a_vanished_one_stays(tmp_path, graft, write_colours):
    (tmp_path / "in").mkdir()
    one, two = write_colours(tmp_path / "in" / "a.tif", 300), write_colours(tmp_path / "in" / "b.tif", 300, seed=1)
    assert graft("index", tmp_path / "in", "--out", tmp_path / "ix")[0] == 0
    before = {Path(s.source).name: s.name for s in read_scenes(tmp_path / "ix")}
    write_colours(one, 320, seed=2)
    two.unlink()
    status, out, _err = graft("index", tmp_path / "in", "--out", tmp_path / "ix", "--json")
    result = json.loads(out)
    after = {Path(s.source).name: s.name for s in read_scenes(tmp_path / "ix")}
    assert status == 0 and result["replaced"] == [before["a.tif"]] and not (tmp_path / "ix" / before["a.tif"]).exists()
    assert after["b.tif"] == before["b.tif"] and after["a.tif"] != before["a.tif"]


@pytest.mark.parametrize("what", ["changed", "vanished"])
def test_a_source_that_changes_in_the_middle_is_told(tmp_path, graft, write_colours, monkeypatch, what):
    from graft_plugin.engine.encoders.encoder import VitEncoder

    (tmp_path / "in").mkdir()
    write_colours(tmp_path / "in" / "a.tif", 300)
    raster = write_colours(tmp_path / "in" / "b.tif", 300, seed=1)
    calls = []

    def encode(self, images, cancel=None, real=VitEncoder.encode):
        calls.append(len(images))
        if sum(calls) > 4 and raster.exists():  # a has four tiles
            raster.unlink()
            if what == "changed":
                write_colours(raster, 320, seed=2)
        return real(self, images, cancel)

    with monkeypatch.context() as patch:
        patch.setattr(VitEncoder, "encode", encode)
        status, out, err = graft("index", tmp_path / "in", "--out", tmp_path / "ix", "--json")
    said = [line for line in err if "tiles:" not in line]
    assert status == 2 and len(said) == 1 and f"b.tif: it {what} while it was indexed" in said[0]
    assert len(json.loads(out)["scenes"]) == 1
    if what == "changed":
        assert graft("index", tmp_path / "in", "--out", tmp_path / "ix")[0] == 0
        assert graft("index", tmp_path / "in", "--out", tmp_path / "straight")[0] == 0
        assert contents(tmp_path / "ix") == contents(tmp_path / "straight")
    assert graft("query", tmp_path / "ix", "--text", "lake", "--heatmap", tmp_path / "h.tif")[0] == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits the size of files")
def test_a_full_disk_ends_in_one_line_and_is_gone_on_with(tmp_path, colour_model, engine_env, graft, write_colours):
    """Full while a shard's arrays are written, from a journal of 71 kB (test_field fills it in a journal)."""
    raster, index = write_colours(tmp_path / "a.tif", 900), tmp_path / "ix"
    limit = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    limit += "resource.setrlimit(resource.RLIMIT_FSIZE, (90_000, 90_000));"
    words = ["index", str(raster), "--out", str(index), "--model", str(colour_model)]
    code = f"import sys; from graft_plugin.engine import cli; {limit} sys.exit(cli.main(sys.argv[1:]))"
    how = {"cwd": ROOT, "env": engine_env, "capture_output": True, "text": True}
    done = subprocess.run([sys.executable, "-c", code, *words], **how)
    lines = [line for line in done.stderr.splitlines() if "note:" not in line and "tiles:" not in line]
    assert (done.returncode, done.stdout, len(lines)) == (2, "", 1) and "Free some disk space" in lines[0], done.stderr
    kept = present(index)
    assert kept == 10 and not list(index.glob("*/present/*"))
    status, out, _err = graft("index", raster, "--out", index, "--json")
    assert status == 0 and json.loads(out)["from_index"] == kept
    assert graft("index", raster, "--out", tmp_path / "straight")[0] == 0
    assert contents(index) == contents(tmp_path / "straight")


def test_a_damaged_raster_does_not_keep_the_others_out(tmp_path, graft, write_colours):
    (tmp_path / "in").mkdir()
    write_colours(tmp_path / "in" / "a.tif", 300)
    (tmp_path / "in" / "b.tif").write_bytes(b"no raster")
    status, out, err = graft("index", tmp_path / "in", "--out", tmp_path / "ix")
    assert status == 2 and len(err) == 1 and "b.tif" in err[0] and "GDAL cannot open it" in err[0]
    assert "rasters   1\n" in out and len(read_scenes(tmp_path / "ix")) == 1


def test_stac_items_give_paths_and_dates(tmp_path, graft, write_colours):
    pystac = pytest.importorskip("pystac")
    from datetime import UTC, datetime

    items = []
    for number, day in enumerate((3, 9)):
        write_colours(tmp_path / f"tile{number}.tif", 300, seed=number)
        item = pystac.Item(f"i{number}", None, None, datetime(2021, 6, day, 10, tzinfo=UTC), {})
        item.add_asset("thumbnail", pystac.Asset("x.png", media_type="image/png"))
        item.add_asset("visual", pystac.Asset(f"./tile{number}.tif", media_type=pystac.MediaType.COG))
        items.append(item)
    collection = tmp_path / "items.json"
    collection.write_text(json.dumps(pystac.ItemCollection(items).to_dict()))
    assert graft("index", collection, "--out", tmp_path / "ix")[0] == 0
    scenes = read_scenes(tmp_path / "ix")
    assert [scene.acquired for scene in scenes] == ["2021-06-09T10:00:00+00:00", "2021-06-03T10:00:00+00:00"]
    assert [Path(scene.source).name for scene in scenes] == ["tile1.tif", "tile0.tif"]


def test_int8_loses_next_to_nothing(tmp_path, graft, colour_scene):
    assert graft("index", colour_scene.path, "--out", tmp_path / "ix")[0] == 0
    status, out, _err = graft("index-loss", tmp_path / "ix", "--text", "lake", "--text", "forest", "--json")
    loss = json.loads(out)
    assert status == 0 and loss["tiles"] == present(tmp_path / "ix")
    assert loss["correlation"] > 0.999 and loss["greatest_difference"] < 0.05
