"""`graft assess`: points lie in the class that they name, as many as asked for, and a judged sample finds the truth."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from pyogrio.raw import write as write_features
from rasterio.transform import from_origin

from graft_plugin.engine import assess_sample, cli
from graft_plugin.engine.assess_requests import AssessReportRequest, AssessSampleRequest
from graft_plugin.engine.assess_sample import allocate
from graft_plugin.engine.compare_requests import CompareRequest
from graft_plugin.engine.progress import CancelToken
from graft_plugin.engine.requests import QueryRequest
from graft_plugin.engine.service import HANDLERS, run_assess_report, run_assess_sample, run_compare, run_query
from graft_plugin.errors import Cancelled, OutputError, SceneError, UsageError

X, Y = 500_000.0, 5_000_000.0


@pytest.fixture
def run(capsys):
    """`run("sample"|"report", *words)` runs the command; returns (status, stdout, stderr)."""

    def command(*words):
        status = cli.main(["assess", *map(str, words)])
        out, err = capsys.readouterr()
        return status, out, err

    return command


def class_map(path, values, crs="EPSG:32615", gsd=10.0):
    """Write a map of the classes 0 to 2, 255 where there is none, its names beside it as the engine does."""
    with rasterio.open(
        path, "w", driver="GTiff", width=values.shape[1], height=values.shape[0], count=1, dtype="uint8", crs=crs,
        transform=from_origin(X, Y, gsd, gsd), nodata=255,
    ) as out:  # fmt: skip
        out.write(values, 1)
    names = "".join(f"<Category>{name}</Category>" for name in ("none", "lake", "forest"))
    xml = f'<PAMDataset><PAMRasterBand band="1"><CategoryNames>{names}</CategoryNames></PAMRasterBand></PAMDataset>'
    path.with_name(path.name + ".aux.xml").write_text(xml)
    return path


@pytest.fixture
def landscape(tmp_path):
    """A map [700, 900] of 2 % lake and 20 % forest with a corner of nothing; (path, values)."""
    rng = np.random.default_rng(1)
    values = np.zeros((700, 900), np.uint8)
    values[rng.random(values.shape) < 0.2] = 2
    values[:140, 300:390] = 1
    values[600:, 800:] = 255
    return class_map(tmp_path / "map.tif", values), values


def points_of(path):
    return pyogrio.read_dataframe(path, layer="points")


def values_at(path, points, band=1):
    with rasterio.open(path) as src:
        return np.array([value[band - 1] for value in src.sample(zip(points.x, points.y, strict=True))])


def judge(path, references, first=None):
    """Fill in `reference`, as QGIS does, by id; of the first so many points only."""
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            database.create_function(name, 1, lambda _geometry: None)
        rows = [(text, number) for number, text in list(enumerate(references, start=1))[:first]]
        database.executemany("UPDATE points SET reference = ? WHERE id = ?", rows)


def test_points_lie_in_their_class_and_strata_tell_the_area(run, landscape, tmp_path):
    path, values = landscape
    status, out, err = run("sample", path, "--points", 300, "--out", tmp_path / "p.gpkg", "--seed", 5, "--json")
    assert status == 0, err
    result = json.loads(out)
    frame = points_of(tmp_path / "p.gpkg")
    assert list(frame.columns[:-1]) == ["id", "map_class", "reference", "stratum", "x", "y"]
    assert frame.id.tolist() == list(range(1, 301)) and frame.reference.isna().all()
    assert np.array_equal(values_at(path, frame), frame.stratum)
    names = {0: "none", 1: "lake", 2: "forest"}
    assert frame.map_class.tolist() == [names[k] for k in frame.stratum]
    assert np.allclose(shapely.get_x(frame.geometry), frame.x) and frame.crs.to_epsg() == 32615
    drawn = {entry["name"]: entry["points"] for entry in result["strata"]}
    assert drawn["lake"] >= 50 and sum(drawn.values()) == 300 and drawn["none"] > drawn["forest"] > 50
    area = {entry["name"]: entry["area_m2"] for entry in result["strata"]}
    assert area == {name: 100.0 * (values == k).sum() for k, name in names.items()}
    share = {entry["name"]: entry["share"] for entry in result["strata"]}
    assert sum(share.values()) == pytest.approx(1.0)
    assert frame.stratum.head(100).nunique() == 3  # mixed: whoever stops early has judged a random part
    table = pyogrio.read_dataframe(tmp_path / "p.gpkg", layer="strata")
    assert dict(zip(table.name, table.area_m2, strict=True)) == area and set(table.seed) == {5}


def test_the_same_seed_draws_the_same_points_whatever_the_blocks(landscape, tmp_path, monkeypatch):
    path, _values = landscape

    def drawn(seed, name):
        run_assess_sample(AssessSampleRequest(str(path), str(tmp_path / name), 120, seed=seed))
        return points_of(tmp_path / name)

    first, again, other = drawn(3, "a.gpkg"), drawn(3, "b.gpkg"), drawn(4, "c.gpkg")
    assert first.x.tolist() == again.x.tolist() and set(first.x).isdisjoint(other.x)
    monkeypatch.setattr(assess_sample, "BLOCK_CELLS", 64)
    frame = drawn(3, "d.gpkg")
    assert np.array_equal(values_at(path, frame), frame.stratum)


def test_every_place_of_a_class_is_as_likely(tmp_path):
    values = np.zeros((600, 600), np.uint8)
    values[:, 300:] = 1
    path = class_map(tmp_path / "halves.tif", values)
    run_assess_sample(AssessSampleRequest(str(path), str(tmp_path / "p.gpkg"), 8000, at_least=0))
    frame = points_of(tmp_path / "p.gpkg")
    for stratum in (0, 1):
        own = frame[frame.stratum == stratum]
        col, row = (own.x - X) / 10 - 300 * stratum, (Y - own.y) / 10
        counts, _x, _y = np.histogram2d(col, row, bins=(3, 6), range=((0, 300), (0, 600)))
        expected = len(own) / 18
        assert ((counts - expected) ** 2 / expected).sum() < 40.8  # chi-squared, 17 degrees of freedom, 0.1 %
        assert np.histogram(col % 1, bins=4)[0].min() > 0.2 * len(own)  # anywhere in a cell


def test_allocation():
    assert allocate({0: 9000, 1: 900, 2: 100}, 200, 50) == {0: 95, 1: 55, 2: 50}
    assert allocate({0: 9000, 1: 900, 2: 100}, 200, 0) == {0: 180, 1: 18, 2: 2}
    assert allocate({0: 9000, 1: 3}, 100, None) == {0: 97, 1: 3}  # no more points than cells
    assert allocate({0: 5, 1: 3}, 100, 1) == {0: 5, 1: 3}
    assert sum(allocate({k: 1000 + k for k in range(7)}, 101, None).values()) == 101
    with pytest.raises(UsageError, match="too few"):
        allocate({0: 10, 1: 10, 2: 10}, 100, 40)


@pytest.fixture(scope="module")
def searched(tmp_path_factory, colour_scene, colour_model):
    """A query's heatmap, class map and polygons, and a comparison's heatmap and polygons; by name."""
    folder = tmp_path_factory.mktemp("searched")
    paths = {name: folder / name for name in ("h.tif", "c.tif", "m.gpkg", "dh.tif", "dm.gpkg")}
    text = {name: str(path) for name, path in paths.items()}
    run_query(
        QueryRequest(
            str(colour_scene.path), ("lake", "forest"), model=str(colour_model), refine="none", heatmap=text["h.tif"],
            classes=text["c.tif"], masks=text["m.gpkg"],
        )
    )  # fmt: skip
    dry = folder / "dry.tif"
    with rasterio.open(colour_scene.path) as src:
        pixels, profile = src.read(), src.profile
    box = colour_scene.lake
    rows, cols = slice(5_000_000 - box[3], 5_000_000 - box[1]), slice(box[0] - 500_000, box[2] - 500_000)
    pixels[:, rows, cols] = pixels[:, :1, :1]
    with rasterio.open(dry, "w", **profile) as out:
        out.write(pixels)
    run_compare(
        CompareRequest(
            str(colour_scene.path), str(dry), ("lake", "forest"), model=str(colour_model), heatmap=text["dh.tif"],
            masks=text["dm.gpkg"],
        )
    )  # fmt: skip
    return paths


LAKE_M2, WOOD_M2, ALL_M2 = 96.0 * 112, 144.0 * 64, 448.0**2


@pytest.mark.parametrize(
    ("result", "prompt", "areas"),
    [
        ("c.tif", None, {"none": ALL_M2 - LAKE_M2 - WOOD_M2, "lake": LAKE_M2, "forest": WOOD_M2}),
        ("h.tif", None, {"none": ALL_M2 - LAKE_M2 - WOOD_M2, "lake": LAKE_M2, "forest": WOOD_M2}),
        ("h.tif", "lake", {"not lake": ALL_M2 - LAKE_M2, "lake": LAKE_M2}),
        ("m.gpkg", "forest", {"not forest": ALL_M2 - WOOD_M2, "forest": WOOD_M2}),
        ("m.gpkg", None, {"none": ALL_M2 - LAKE_M2 - WOOD_M2, "forest": WOOD_M2, "lake": LAKE_M2}),
        ("dh.tif", "lake", {"unchanged": ALL_M2 - LAKE_M2, "lost": LAKE_M2}),
        ("dm.gpkg", "lake", {"unchanged": ALL_M2 - LAKE_M2, "lost": LAKE_M2}),
    ],
)
def test_every_kind_of_result(searched, colour_scene, tmp_path, result, prompt, areas):
    request = AssessSampleRequest(str(searched[result]), str(tmp_path / "p.gpkg"), 60, prompt=prompt)
    found = run_assess_sample(request)
    assert {entry.name: entry.area_m2 for entry in found.strata} == areas
    frame = points_of(tmp_path / "p.gpkg")
    boxes = {"lake": colour_scene.lake, "lost": colour_scene.lake, "forest": colour_scene.wood}
    for name, box in boxes.items():
        if name in areas:
            inside = shapely.contains(shapely.box(*box), frame.geometry.values)
            assert (inside == (frame.map_class == name)).all()


def test_the_area_that_was_searched_and_the_extent_bound_the_points(searched, colour_scene, tmp_path):
    xmin, ymin, xmax, ymax = colour_scene.bounds
    outline = shapely.box(xmin + 32, ymin + 64, xmax - 100, ymax)
    area = tmp_path / "area.gpkg"
    write_features(
        str(area), geometry=shapely.to_wkb(np.array([outline])), field_data=[], fields=[], layer="a", driver="GPKG",
        geometry_type="Polygon", crs=colour_scene.crs,
    )  # fmt: skip
    common = {"prompt": "lake", "points": 80}
    request = AssessSampleRequest(str(searched["m.gpkg"]), str(tmp_path / "p.gpkg"), area=str(area), **common)
    found = run_assess_sample(request)
    assert sum(entry.area_m2 for entry in found.strata) == pytest.approx(outline.area)
    assert shapely.covers(outline, points_of(tmp_path / "p.gpkg").geometry.values).all()
    extent = (xmin + 96.0, ymax - 224.0, xmin + 192.0, ymax - 0.0)
    request = AssessSampleRequest(str(searched["h.tif"]), str(tmp_path / "q.gpkg"), extent=extent, **common)
    assert sum(entry.area_m2 for entry in run_assess_sample(request).strata) == 96.0 * 224
    assert shapely.covers(shapely.box(*extent), points_of(tmp_path / "q.gpkg").geometry.values).all()


def test_a_judged_sample_finds_the_truth(run, tmp_path):
    """The map misses half of the lakes; the error-adjusted area does not."""
    rng = np.random.default_rng(11)
    truth = np.zeros((500, 500), np.uint8)
    truth[:, :100] = 1
    values = np.where(rng.random(truth.shape) < 0.5, truth, 0).astype(np.uint8)
    path = class_map(tmp_path / "half.tif", values)
    points = tmp_path / "p.gpkg"
    assert run("sample", path, "--points", 400, "--at-least", 100, "--out", points)[0] == 0
    frame = points_of(points)
    right = truth[((Y - frame.y) // 10).astype(int), ((frame.x - X) // 10).astype(int)]
    judge(
        points,
        [("lake", "1")[k % 2] if there else ("none", "0", " NONE ")[k % 3] for k, there in enumerate(right)],
        380,
    )
    status, out, err = run("report", points, "--out", tmp_path / "r.html", "--json")
    assert status == 0, err
    result = json.loads(out)
    none, lake = result["classes"]
    assert result["judged"] == 380 and result["drawn"] == 400 and "20 of the points have no reference" in err
    assert lake["mapped_m2"] == pytest.approx(100 * 25_000, rel=0.02)
    assert abs(lake["area_m2"]["value"] - 100 * 50_000) < lake["area_m2"]["margin"] < 100 * 15_000
    assert abs(lake["producers"]["value"] - 0.5) < lake["producers"]["margin"]
    assert lake["users"] == {"value": 1.0, "margin": 0.0} and "may be something else" in err
    assert abs(none["users"]["value"] - 8 / 9) < none["users"]["margin"]
    assert np.array(result["counts"]).sum() == 380 and np.array(result["proportions"]).sum() == pytest.approx(1.0)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert f"{100 * result['overall']['value']:.1f} ± {100 * result['overall']['margin']:.1f} %" in page
    assert not re.search(r"(src|href)=|url\(|@import|https?://", page)  # nothing outside the file
    assert run("report", points, "--out", tmp_path / "r.json")[0] == 0
    assert json.loads((tmp_path / "r.json").read_text())["overall"] == result["overall"]


def test_too_few_judged_points_are_told_of_not_guessed(run, landscape, tmp_path):
    path, _values = landscape
    points = tmp_path / "p.gpkg"
    assert run("sample", path, "--points", 60, "--out", points)[0] == 0
    status, out, err = run("report", points, "--json", "--out", tmp_path / "r.html")
    assert status == 0 and json.loads(out)["overall"] == {"value": None, "margin": None}
    assert err.count("no point that the map calls") == 3 and "unknown" in (tmp_path / "r.html").read_text()
    frame = points_of(points)
    seen = {"lake": 0}

    def reference(name):
        seen[name] = seen.get(name, 0) + 1
        return name if name != "lake" or seen[name] == 1 else None

    judge(points, [reference(name) for name in frame.map_class])
    status, out, err = run("report", points, "--json")
    result = json.loads(out)
    assert "only one point that the map calls 'lake'" in err
    assert result["overall"]["value"] == 1.0 and result["overall"]["margin"] is None


def test_a_reference_that_is_no_class_and_other_mistakes_end_in_one_plain_line(run, landscape, searched, tmp_path):
    path, _values = landscape
    points = tmp_path / "p.gpkg"
    assert run("sample", path, "--points", 60, "--out", points)[0] == 0
    judge(points, ["river"], 1)
    status, out, err = run("report", points)
    assert status == 2 and not out and err.count("\n") == 1 and "'river' is no class" in err and "'lake'" in err
    with pytest.raises(OutputError, match="1 judged point"):  # nobody's work is drawn over
        run_assess_sample(AssessSampleRequest(str(path), str(points), 60))
    judge(points, [None], 1)
    assert run("sample", path, "--points", 60, "--out", points)[0] == 0
    assert run("report", searched["m.gpkg"])[0] == 2
    for words in (
        [searched["h.tif"], "--prompt", "river"], [searched["m.gpkg"], "--threshold", "0.5"],
        [path, "--prompt", "lake"], [searched["dh.tif"]], [tmp_path / "absent.tif"], [tmp_path / "absent.gpkg"],
        [searched["h.tif"], "--extent", "0,0,1,1"], [searched["h.tif"], "--at-least", "40"],
    ):  # fmt: skip
        status, out, err = run("sample", *words, "--points", 60, "--out", tmp_path / "q.gpkg")
        assert status == 2 and not out and err.startswith("graft: ") and err.count("\n") == 1, err
    degrees = class_map(tmp_path / "degrees.tif", np.zeros((5, 5), np.uint8), "EPSG:3857")
    with pytest.raises(SceneError, match="true metres"):
        run_assess_sample(AssessSampleRequest(str(degrees), str(tmp_path / "q.gpkg"), 10))


def test_a_cancelled_drawing_leaves_nothing_and_the_worker_knows_both_methods(landscape, tmp_path):
    path, _values = landscape
    cancel = CancelToken()
    request = AssessSampleRequest(str(path), str(tmp_path / "p.gpkg"), 60)
    with pytest.raises(Cancelled):
        run_assess_sample(request, lambda stage, _done, _total: stage == "count" and cancel.cancel(), cancel)
    assert not (tmp_path / "p.gpkg").exists()
    found = HANDLERS["assess_sample"](request.to_dict(), lambda *_args: None, CancelToken())
    assert sum(entry["points"] for entry in found["strata"]) == 60
    report = HANDLERS["assess_report"]({"points": found["out"]}, lambda *_args: None, CancelToken())
    assert report["judged"] == 0 and run_assess_report(AssessReportRequest(found["out"])).drawn == 60
