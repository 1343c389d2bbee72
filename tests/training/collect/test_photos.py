"""The photo folder on disk: the same columns whatever the values, whole or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import geopandas
import pytest

from graft_plugin.errors import OutputError, UsageError
from training.collect.photos import Photo, photo_path, read_photos, write_photos

FULL = Photo(
    "7", "flickr", 126.978, 37.566, "images/ab/7.jpg", "하늘 (1@N01)", "CC0", "https://x/7",
    datetime(2020, 5, 1, 3, 4, 5, tzinfo=UTC), 16, 271.5, "true", 640, 480, "00ff00ff00ff00ff", 0.75,
)
BARE = Photo("f1", "folder", -1.5, -2.5, "/사진/가 나.jpg")
COUNTS = {"found": 5, "dropped": {"indoor": 3}}


def test_what_is_written_is_read(tmp_path):
    folder = tmp_path / "사진 모음"
    folder.mkdir()
    write_photos(folder, [FULL, BARE], {"cell_km": 10}, COUNTS, complete=True)
    table = read_photos(folder)
    assert table.crs.to_epsg() == 4326
    assert (table.geometry.x.tolist(), table.geometry.y.tolist()) == ([126.978, -1.5], [37.566, -2.5])
    first, second = table.to_dict("records")
    for name in ("id", "source", "file", "owner", "licence", "url", "accuracy", "direction_deg", "direction_ref",
                 "width", "height", "phash", "outdoor"):
        assert first[name] == getattr(FULL, name), name
    assert first["taken"] == FULL.taken
    for name in ("owner", "licence", "url", "taken", "accuracy", "direction_deg", "outdoor"):
        assert table[name].isna().tolist() == [False, True], name
    assert photo_path(folder, first["file"]) == folder / "images/ab/7.jpg"
    assert str(photo_path(folder, second["file"])) == BARE.file
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["kept"] == 2 and manifest["complete"] and manifest["dropped"] == {"indoor": 3}
    assert manifest["licences"] == {"CC0": 1, "unknown": 1} and manifest["settings"] == {"cell_km": 10}


def test_columns_do_not_hang_on_the_values(tmp_path):
    kinds = []
    for name, photos in {"full": [FULL], "bare": [BARE], "none": []}.items():
        (tmp_path / name).mkdir()
        write_photos(tmp_path / name, photos, {}, COUNTS, complete=False)
        kinds.append(dict(geopandas.read_parquet(tmp_path / name / "photos.parquet").dtypes))
    assert kinds[0] == kinds[1] == kinds[2]
    assert str(kinds[0]["taken"]) == "datetime64[ms, UTC]" and str(kinds[0]["accuracy"]) == "Int16"


def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch):
    write_photos(tmp_path, [FULL], {}, COUNTS, complete=True)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}

    def full(self, path, **_):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(geopandas.GeoDataFrame, "to_parquet", full)
    with pytest.raises(OutputError, match="disk is full"):
        write_photos(tmp_path, [BARE], {}, COUNTS, complete=True)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_folder_that_is_none_is_a_plain_error(tmp_path):
    with pytest.raises(UsageError, match=r"holds no photos\.parquet"):
        read_photos(tmp_path)
    (tmp_path / "photos.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(UsageError, match="cannot be read"):
        read_photos(tmp_path)
    geopandas.GeoDataFrame({"id": ["1"]}, geometry=geopandas.points_from_xy([1], [1]), crs=4326).to_parquet(
        tmp_path / "photos.parquet"
    )
    with pytest.raises(UsageError, match="lacks accuracy, direction_deg"):
        read_photos(tmp_path)
