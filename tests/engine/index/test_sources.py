"""Sources on servers: item collections page by page, pictures in ranges, changed and vanished ones, the switch."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from graft_plugin.engine.index.layout import ARRAYS, read_model, read_scenes
from graft_plugin.engine.index.shards import ShardReader
from graft_plugin.engine.index.sources import list_sources
from graft_plugin.errors import OfflineError, SceneError

from ...servers import Ranged, files_served


def item(number: int, href: str) -> dict:
    return {
        "type": "Feature", "stac_version": "1.0.0", "id": f"i{number}", "geometry": None, "links": [],
        "properties": {"datetime": f"2021-06-0{number + 1}T10:00:00Z"},
        "assets": {"thumbnail": {"href": "x.png", "type": "image/png"}, "image": {"href": href, "type": "image/tiff"}},
    }  # fmt: skip


def page(*items: dict, following: dict | None = None) -> str:
    links = [{"rel": "next", **following}] if following else []
    return json.dumps({"type": "FeatureCollection", "features": list(items), "links": links})


def vectors(index: Path) -> dict:
    """The bytes of an index's arrays, by the raster's name."""
    found, model = {}, read_model(index)
    for scene in read_scenes(index):
        reader = ShardReader(scene, model)
        for shard in reader.shards():
            whole = reader.whole(shard)
            found[Path(scene.source).name, shard] = [whole[name].tobytes() for name in ARRAYS]
    return found


@pytest.fixture
def served(tmp_path, write_colours):
    """A folder with two pictures and a collection of two pages."""
    folder = tmp_path / "served"
    (folder / "bucket").mkdir(parents=True)
    for number in range(2):
        write_colours(folder / "bucket" / f"tile{number}.tif", 600, seed=number)
    (folder / "items.json").write_text(page(item(0, "bucket/tile0.tif"), following={"href": "items.json?page=2"}))
    (folder / "items.json?page=2").write_text(page(item(1, "./bucket/tile1.tif")))
    return folder


class Pages(Ranged):
    """As `Ranged`; the query is a part of the file's name."""

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.replace("?", "%3F"))


def test_a_collection_on_a_server_is_indexed_and_its_changes_noticed(tmp_path, graft, served, direct, write_colours):
    hits: list[str] = []
    with files_served(served, Pages, hits=hits) as address:
        words = ("index", f"{address}/items.json", "--out", tmp_path / "ix", "--json")
        assert graft(*words, "--offline")[0] == 2 and hits == []
        status, out, err = graft(*words)
        assert status == 0, err
        whole = [hit for hit in hits if hit.startswith("GET") and "tif" in hit and "bytes=" not in hit]
        assert not whole and any("tile0.tif bytes=" in hit for hit in hits)
        scenes = read_scenes(tmp_path / "ix")
        assert [(Path(s.source).name, s.acquired[:10]) for s in scenes] == [
            ("tile1.tif", "2021-06-02"), ("tile0.tif", "2021-06-01"),
        ]  # fmt: skip
        assert graft("index", served / "bucket", "--out", tmp_path / "local")[0] == 0
        assert vectors(tmp_path / "ix") == vectors(tmp_path / "local")
        assert json.loads(graft(*words)[1])["encoded_tiles"] == 0

        write_colours(served / "bucket" / "tile0.tif", 640, seed=5)
        os.utime(served / "bucket" / "tile0.tif", (1e9, 1e9))
        (served / "bucket" / "tile1.tif").unlink()
        status, out, err = graft(*words)
        result = json.loads(out)
        assert status == 2 and "tile1.tif" in err[-1] and "cannot open it" in err[-1]
        assert result["replaced"] == [s.name for s in scenes if "tile0" in s.source] and len(result["scenes"]) == 1
        assert len(read_scenes(tmp_path / "ix")) == 2  # what was indexed of the vanished one stays
        graft("index", served / "bucket", "--out", tmp_path / "fresh")
        assert {k: v for k, v in vectors(tmp_path / "ix").items() if k[0] == "tile0.tif"} == vectors(tmp_path / "fresh")


def test_object_storage_is_read_where_the_environment_tells(tmp_path, graft, served, direct, monkeypatch):
    for name, value in (("ENDPOINT", ""), ("HTTPS", "NO"), ("VIRTUAL_HOSTING", "FALSE")):
        monkeypatch.setenv(f"AWS_{'S3_' if value == '' else ''}{name}", value)
    monkeypatch.setenv("AWS_NO_SIGN_REQUEST", "YES")
    collection = tmp_path / "items.json"
    collection.write_text(page(item(0, "s3://bucket/tile0.tif")))
    with files_served(served, Ranged) as address:
        monkeypatch.setenv("AWS_S3_ENDPOINT", address.removeprefix("http://"))
        status, _out, err = graft("index", collection, "--out", tmp_path / "ix")
        assert status == 0, err
    assert [scene.source for scene in read_scenes(tmp_path / "ix")] == ["/vsis3/bucket/tile0.tif"]


def test_addresses_become_gdals_and_the_switch_is_obeyed(tmp_path, monkeypatch):
    collection = tmp_path / "items.json"
    hrefs = ["https://a.org/x.tif?sig=1%2F2", "gs://b/x.tif", "az://c/x.tif", "s3://d/x.tif", "/data/x.tif", "x.tif"]
    collection.write_text(page(*(item(number, href) for number, href in enumerate(hrefs))))
    want = ["/vsicurl/https://a.org/x.tif?sig=1%2F2", "/vsigs/b/x.tif", "/vsiaz/c/x.tif", "/vsis3/d/x.tif",
            "/data/x.tif", str(tmp_path / "x.tif")]  # fmt: skip
    assert sorted(source.path for source in list_sources([str(collection)])) == sorted(want)
    assert [s.path for s in list_sources(["https://a.org/y.tif"])] == ["/vsicurl/https://a.org/y.tif"]
    collection.write_text(page(item(0, "x.tif"), following={"href": "https://a.org/search", "method": "POST"}))
    with pytest.raises(SceneError, match="POST"):
        list_sources([str(collection)])
    with pytest.raises(OfflineError):
        list_sources(["https://a.org/items"], offline=True)
    monkeypatch.setenv("GRAFT_OFFLINE", "1")
    with pytest.raises(OfflineError):
        list_sources(["https://a.org/items.json"])


def test_a_server_that_fails_ends_in_one_line(tmp_path, graft, served, direct):
    (served / "words.json").write_text("<html>")
    with files_served(served, Ranged) as address:
        for name, said in (("nothing.json", "answered 404"), ("words.json", "cannot be read as STAC")):
            status, _out, err = graft("index", f"{address}/{name}", "--out", tmp_path / "ix")
            assert status == 2 and len(err) == 1 and said in err[0] and name in err[0]
