"""GeoPackages: appended to in one piece, never damaged."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import CRS
from shapely.geometry import MultiPolygon, box

from graft_plugin.engine import gpkg
from graft_plugin.engine.gpkg import FIELDS, Provenance, append_polygons
from graft_plugin.engine.polygons import FoundPolygon
from graft_plugin.errors import OutputError, UsageError

CRS_CODE = "EPSG:32614"
WHEN = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


def found(k=0, x=500000.0, sam=0.8):
    return FoundPolygon(k, box(x, 5200000, x + 30, 5200010), 0.75, sam, 300.0, 80.0)


def provenance():
    return Provenance(("lake", "숲"), (0.4, 0.5), "mini", "ab" * 32, 2.5, "/data/a b.tif", WHEN)


def put(path, rows, layer="graft", crs=CRS_CODE):
    return append_polygons(path, layer, rows, crs, provenance())


def rows_of(path, layer="graft"):
    return pyogrio.read_dataframe(path, layer=layer)


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@pytest.fixture
def path(tmp_path):
    folder = tmp_path / "내 결과 x"
    folder.mkdir()
    return folder / "물 masks.gpkg"


def test_what_is_written_is_read_back(path):
    assert put(path, [found(), found(1, 500100.0, float("nan"))]) == 2
    frame = rows_of(path)
    assert [c for c in frame.columns if c != "geometry"] == list(FIELDS)
    assert frame["prompt"].tolist() == ["lake", "숲"]
    assert frame["score"].tolist() == [0.75, 0.75]
    assert frame["sam_score"].tolist()[0] == 0.8 and np.isnan(frame["sam_score"][1])
    assert frame["threshold"].tolist() == [0.4, 0.5]
    assert frame["area_m2"].tolist() == [300.0, 300.0] and frame["perimeter_m"].tolist() == [80.0, 80.0]
    assert frame["gsd_m"].tolist() == [2.5, 2.5] and set(frame["source"]) == {"/data/a b.tif"}
    assert set(frame["model"]) == {"mini"} and set(frame["model_sha256"]) == {"ab" * 32}
    assert frame["created"][0].timestamp() == WHEN.timestamp()
    assert CRS(frame.crs) == CRS(CRS_CODE)
    assert frame.geometry[0].equals(box(500000, 5200000, 500030, 5200010))
    assert frame.geometry[0].geom_type == "MultiPolygon"


def test_null_and_time_zone_are_as_the_standard_says(path):
    put(path, [found(sam=float("nan"))])
    with contextlib.closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT sam_score, created FROM graft").fetchone() == (None, "2024-05-06T07:08:09.000Z")
        assert database.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
        assert database.execute(
            "SELECT count(*) FROM gpkg_extensions WHERE extension_name='gpkg_rtree_index'"
        ).fetchone() == (1,)


def test_appending_keeps_what_is_there(path):
    put(path, [found()])
    other = np.array([shapely.to_wkb(shapely.Point(1, 2))], dtype=object)
    pyogrio.raw.write(
        str(path), other, [np.array([7])], ["n"], layer="mine", geometry_type="Point", crs="EPSG:4326", append=True
    )
    before = rows_of(path, "mine")
    put(path, [found(x=500200.0), found(x=500300.0)])
    put(path, [found()], layer="second layer")
    assert rows_of(path, "mine").equals(before)
    assert len(rows_of(path)) == 3 and len(rows_of(path, "second layer")) == 1
    assert not [p.name for p in path.parent.iterdir() if p != path]


def test_no_polygon_still_makes_the_layer(path):
    assert put(path, []) == 0
    info = pyogrio.read_info(path, layer="graft")
    assert dict(zip(info["fields"], info["ogr_types"], strict=True)) == FIELDS
    assert info["geometry_type"] == "MultiPolygon" and info["features"] == 0
    assert put(path, [found()]) == 1 and put(path, []) == 0
    assert len(rows_of(path)) == 1


def test_a_users_own_field_stays(path):
    put(path, [found()])
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("ALTER TABLE graft ADD COLUMN checked TEXT DEFAULT 'not yet'")
        database.commit()
    put(path, [found()])
    assert rows_of(path)["checked"].tolist() == ["not yet", "not yet"]


def test_a_layer_of_single_polygons_gets_single_polygons(path):
    put(path, [])
    frame = rows_of(path)
    path.unlink()
    pyogrio.write_dataframe(frame, path, layer="graft", geometry_type="Polygon")
    both = MultiPolygon([box(0, 0, 1, 1), box(2, 0, 4, 1)])
    assert put(path, [FoundPolygon(0, both, 0.5, 0.5, both.area, both.length), found()]) == 3
    frame = rows_of(path)
    assert set(frame.geom_type) == {"Polygon"} and frame["area_m2"].tolist() == [1.0, 2.0, 300.0]


def refuse(path, match, **kwargs):
    before = digest(path)
    with pytest.raises(OutputError, match=match) as caught:
        put(path, [found()], **kwargs)
    assert caught.value.remedy and str(path) in str(caught.value)
    assert digest(path) == before
    assert not [p.name for p in path.parent.iterdir() if p != path]


def test_what_does_not_fit_is_refused_and_untouched(path):
    path.write_bytes(b"II*\0 a picture, say" * 50)
    refuse(path, "not a GeoPackage")
    path.write_bytes(b"")
    refuse(path, "not a GeoPackage")
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE t (x)")
        database.commit()
    refuse(path, "not a GeoPackage")
    path.unlink()
    put(path, [found()])
    refuse(path, "EPSG:32614, the polygons in EPSG:26914", crs="EPSG:26914")
    refuse(path, "'Graft'|'graft'", layer="GRAFT")
    wkb = np.array([shapely.to_wkb(box(0, 0, 1, 1))], dtype=object)
    pyogrio.raw.write(
        str(path), wkb, [np.array([7])], ["n"], layer="other", geometry_type="Polygon", crs=CRS_CODE, append=True
    )
    refuse(path, "lacks the field 'prompt'", layer="other")
    whole = path.read_bytes()
    path.write_bytes(whole[:5000])
    refuse(path, "opened|written")
    with pytest.raises(UsageError):
        put(path, [], layer=" ")


def test_a_full_disk_leaves_the_file_as_it_was(path):
    put(path, [found()])
    before = digest(path)
    code = f"""
import resource, signal, sys
sys.path.insert(0, {str(ROOT)!r})
sys.path.insert(0, {str(Path(__file__).parent)!r})
import test_gpkg as t
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
rows = [t.found()] * 5000
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
try:
    t.put({str(path)!r}, rows)
except t.OutputError as error:
    print("refused", error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith("refused"), done.stderr
    assert digest(path) == before and len(rows_of(path)) == 1
    assert not [p.name for p in path.parent.iterdir() if p != path]


def test_a_kill_leaves_the_file_as_it_was_and_the_next_run_sweeps(path):
    put(path, [found()])
    before = digest(path)
    code = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
sys.path.insert(0, {str(Path(__file__).parent)!r})
import test_gpkg as t
t.put({str(path)!r}, [t.found()] * 60_000)
"""
    worker = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:  # until the copy has begun to grow
        if sum(p.stat().st_size for p in path.parent.glob(".graft-*/*.gpkg*")) > path.stat().st_size + 1_000_000:
            break
        time.sleep(0.005)
    worker.send_signal(signal.SIGKILL)
    assert worker.wait() == -signal.SIGKILL
    assert digest(path) == before and len(rows_of(path)) == 1
    put(path, [found()])
    assert len(rows_of(path)) == 2
    assert not [p.name for p in path.parent.iterdir() if p != path]


@contextlib.contextmanager
def another_program(path, *statements):
    """Hold the file open elsewhere after some statements. (Two SQLite libraries in one process do not see each
    other's locks.)
    """
    code = f"""
import sqlite3
c = sqlite3.connect({str(path)!r}, isolation_level=None)
for s in {statements!r}: c.execute(s).fetchall()
print("ready", flush=True)
input()
if c.in_transaction: c.rollback()
print(c.execute("SELECT count(*) FROM graft").fetchone()[0])
c.close()
"""
    program = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        assert program.stdout.readline() == "ready\n"
        yield program
    finally:
        if program.returncode is None:
            program.communicate("\n", timeout=30)


def test_a_file_open_elsewhere_is_appended_to_in_place(path):
    put(path, [found()])
    inode = path.stat().st_ino
    edit = "CREATE TABLE notes AS SELECT 'edited in QGIS' AS note"  # stays in the -wal file
    with another_program(path, "PRAGMA journal_mode = wal", edit) as program:
        put(path, [found()])
        assert program.communicate("\n", timeout=30)[0] == "2\n"
    assert path.stat().st_ino == inode
    with contextlib.closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM graft").fetchone() == (2,)
        assert database.execute("SELECT note FROM notes").fetchone() == ("edited in QGIS",)


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_busy_file_is_a_plain_error(path, mode, monkeypatch):
    monkeypatch.setattr(gpkg, "BUSY_S", 0.2)
    put(path, [found()])
    begin = "BEGIN IMMEDIATE", "CREATE TABLE notes (x)"
    with (
        another_program(path, f"PRAGMA journal_mode = {mode}", *begin),
        pytest.raises(OutputError, match="other programs"),
    ):
        put(path, [found()])
    assert len(rows_of(path)) == 1


def test_a_journal_left_by_a_crash_is_rolled_back_first(path):
    put(path, [found()])
    code = f"""
import os, sqlite3
c = sqlite3.connect({str(path)!r}, isolation_level=None)
c.execute("PRAGMA cache_size = 1"); c.execute("BEGIN")
c.execute("CREATE TABLE half (x)")
for i in range(2000): c.execute("INSERT INTO half VALUES (zeroblob(900))")
os._exit(1)
"""
    subprocess.run([sys.executable, "-c", code])
    assert path.with_name(path.name + "-journal").exists()
    put(path, [found()])
    assert len(rows_of(path)) == 2 and "half" not in {n for n, _ in pyogrio.list_layers(path)}


def test_a_link_stays_a_link(path, tmp_path):
    put(path, [found()])
    link = tmp_path / "link.gpkg"
    link.symlink_to(path)
    put(link, [found()])
    assert link.is_symlink() and len(rows_of(path)) == 2


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="ogrinfo is not installed")
def test_ogrinfo_opens_it_without_complaint(path):
    put(path, [found(), found(1)])
    done = subprocess.run(["ogrinfo", "-so", str(path), "graft"], capture_output=True, text=True)
    assert done.returncode == 0 and "Feature Count: 2" in done.stdout
    assert not done.stderr.strip()


def test_a_missing_folder_is_a_plain_error(tmp_path):
    with pytest.raises(OutputError, match="absent"):
        put(tmp_path / "absent" / "a.gpkg", [found()])
