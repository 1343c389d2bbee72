"""`graft:heatmap` and `graft:segment` through `processing.run` and `qgis_process`, in real QGIS; figures, not looks."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from .imagery_server import ImageryServer

PREPARE = """
import processing
from processing.core.Processing import Processing
import graft
plugin = graft.classFactory(None)
plugin.initProcessing()
Processing.initialize()
feedback = QgsProcessingFeedback(False)
def failure(**parameters):
    try:
        processing.run("graft:segment", parameters, feedback=feedback)
    except QgsProcessingException as error:
        return str(error)
box = lambda e: [e.xMinimum(), e.yMinimum(), e.xMaximum(), e.yMaximum()]
"""


def test_the_heatmap_is_where_the_lake_is(headless, colour_scene, colour_model, tmp_path):
    found = headless(
        PREPARE
        + """
result = processing.run("graft:heatmap", {"INPUT": argv[0], "PROMPTS": "lake\\nforest\\n", "NEGATIVE": "soil",
                        "MODEL": argv[1], "OUTPUT": argv[2]}, feedback=feedback)
layer = QgsRasterLayer(result["OUTPUT"], "heatmap")
sample = lambda x, y, band: layer.dataProvider().sample(QgsPointXY(x, y), band)
found.update(box=box(layer.extent()), crs=layer.crs().authid(), bands=layer.bandCount(),
    lake=[sample(500_144, 4_999_832, band)[0] for band in (1, 2)],
    wood=[sample(500_328, 4_999_680, band)[0] for band in (1, 2)],
    soil=[sample(500_032, 4_999_968, band)[0] for band in (1, 2)])
""",
        colour_scene.path, colour_model, tmp_path / "열 지도.tif",
    )  # fmt: skip
    assert found["box"] == pytest.approx(colour_scene.bounds, abs=1e-3)
    assert found["crs"] == "EPSG:32615" and found["bands"] == 2
    assert found["lake"][0] > 0.9 and found["lake"][1] < 0.1
    assert found["wood"][1] > 0.9 and found["wood"][0] < 0.1
    assert max(found["soil"]) < 0.1


def test_the_polygons_are_the_lake_and_a_second_run_adds_a_layer(headless, colour_scene, colour_model, tmp_path):
    found = headless(
        PREPARE
        + """
def run(prompt, **more):
    return processing.run("graft:segment", {"INPUT": argv[0], "PROMPTS": prompt, "MODEL": argv[1], "REFINE": False,
                          "OUTPUT": argv[2], **more}, feedback=feedback)
def features(uri):
    layer = QgsVectorLayer(uri, "polygons", "ogr")
    return [[f["prompt"], f["area_m2"], box(f.geometry().boundingBox()), layer.crs().authid()]
            for f in layer.getFeatures()]
first, second = run("lake"), run("forest", THRESHOLD=0.5)
wgs84 = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:32615"), QgsCoordinateReferenceSystem("EPSG:4326"),
                               QgsProject.instance())
west = wgs84.transformBoundingBox(QgsRectangle(500_000, 4_999_552, 500_144, 5_000_000))
area = "%r,%r,%r,%r [EPSG:4326]" % (west.xMinimum(), west.xMaximum(), west.yMinimum(), west.yMaximum())
temporary = run("forest", EXTENT=area, THRESHOLD=0.5, OUTPUT="TEMPORARY_OUTPUT")
found.update(first=features(first["OUTPUT"]), second=features(second["OUTPUT"]), uris=[first["OUTPUT"],
    second["OUTPUT"]], count=first["COUNT"], area_m2=first["AREA_M2"], nothing=features(temporary["OUTPUT"]),
    nothing_count=temporary["COUNT"])
""",
        colour_scene.path, colour_model, tmp_path / "masks.gpkg",
    )  # fmt: skip
    lake, wood = colour_scene.lake, colour_scene.wood
    ((prompt, area_m2, where, crs),) = found["first"]
    assert (prompt, crs) == ("lake", "EPSG:32615") and where == pytest.approx(lake, abs=1e-3)
    assert area_m2 == pytest.approx((lake[2] - lake[0]) * (lake[3] - lake[1]))
    assert found["count"] == 1 and found["area_m2"] == pytest.approx(area_m2)
    ((prompt, _area_m2, where, _crs),) = found["second"]
    assert prompt == "forest" and where == pytest.approx(wood, abs=1e-3)
    assert [uri.split("|layername=")[1] for uri in found["uris"]] == ["graft", "graft 2"]
    assert found["nothing"] == [] and found["nothing_count"] == 0, "the extent, in degrees, holds no wood"


def test_what_cannot_be_done_is_said_plainly(headless, colour_scene, colour_model, tmp_path):
    found = headless(
        PREPARE
        + """
import os
good = {"INPUT": argv[0], "PROMPTS": "lake", "MODEL": argv[1], "OUTPUT": argv[2]}
found["empty"] = failure(**{**good, "PROMPTS": " \\n"})
found["model"] = failure(**{**good, "MODEL": "minni"})
found["folder"] = failure(**{**good, "OUTPUT": "/nowhere/m.gpkg"})
web = QgsRasterLayer("type=xyz&url=file:///nowhere/{z}/{x}/{y}.png&zmax=1&zmin=0", "tiles", "wms")
QgsProject.instance().addMapLayer(web)
found["web"] = failure(**{**good, "INPUT": web})
other = QgsProject.instance().addMapLayer(QgsRasterLayer(argv[0], "moved"))
other.setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
found["elsewhere"] = failure(**{**good, "INPUT": other, "EXTENT": "500000,500448,4999552,5000000 [EPSG:32615]"})
other.setCrs(QgsCoordinateReferenceSystem())
found["no crs"] = failure(**{**good, "INPUT": other})
QgsProject.instance().removeMapLayer(other.id())
QgsSettings().setValue("graft/python", "/nowhere/python")
graft.graft_plugin.host.engine.stop_worker()
found["python"] = failure(**good)
found["left"] = os.listdir(os.path.dirname(argv[2]))
del other
""",
        colour_scene.path, colour_model, tmp_path / "m.gpkg",
    )  # fmt: skip
    assert "nothing to look for. Name it in PROMPTS" in found["empty"]
    assert "minni" in found["model"] and "mini" in found["model"]
    assert "/nowhere" in found["folder"]
    assert "file:///nowhere/" in found["web"] and "empty in EPSG:3857, zoom 1. Choose an area" in found["web"]
    assert "does not touch the layer “moved”" in found["elsewhere"]
    assert "“moved” has no coordinate reference system" in found["no crs"]
    assert "/nowhere/python" in found["python"] and "make setup" in found["python"]
    assert found["left"] == []


def test_layers_that_are_no_files_give_the_same_polygons(headless, colour_scene, colour_model, tmp_path):
    server = ImageryServer(colour_scene.path)
    found = headless(
        PREPARE
        + """
from osgeo import gdal
project = QgsProject.instance()
project.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
def boxes(layer, **more):
    QgsProject.instance().addMapLayer(layer)
    layer.setOpacity(0.2)
    result = processing.run("graft:segment", {"INPUT": layer, "PROMPTS": "lake\\nforest", "MODEL": argv[1],
                            "REFINE": False, "OUTPUT": "TEMPORARY_OUTPUT", **more}, feedback=feedback)
    polygons = QgsVectorLayer(result["OUTPUT"], "polygons", "ogr")
    return [[f["prompt"], box(f.geometry().boundingBox()), polygons.crs().authid(), f["source"]]
            for f in polygons.getFeatures()]
where = "500000,500448,4999552,5000000 [EPSG:32615]"
found["xyz"] = boxes(QgsRasterLayer(argv[2], "tiles", "wms"), EXTENT=where)
gdal.GetDriverByName("GTiff").CreateCopy("/vsimem/memory.tif", gdal.Open(argv[0]))
found["memory"] = boxes(QgsRasterLayer("/vsimem/memory.tif", "memory"))
moved = QgsRasterLayer(argv[0], "moved")
moved.setCrs(QgsCoordinateReferenceSystem("EPSG:32616"))
found["moved"] = boxes(moved)
found["project"] = project.crs().authid()
project.removeAllMapLayers()
del moved
""",
        colour_scene.path, colour_model, server.xyz("ok"),
    )  # fmt: skip
    server.close()
    for kind, crs in (("xyz", "EPSG:32615"), ("memory", "EPSG:32615"), ("moved", "EPSG:32616")):
        assert [row[0] for row in found[kind]] == ["lake", "forest"], kind
        origin = {"xyz": f"{server.url}/ok/{{z}}/{{x}}/{{y}}.png", "memory": "/vsimem/memory.tif"}
        for (_prompt, where, own, source), truth in zip(found[kind], (colour_scene.lake, colour_scene.wood)):
            # a heatmap's cell is 16 m: to half a pixel the edges are on the same cells
            assert source == origin.get(kind, str(colour_scene.path)), "not the file that it was rendered into"
            assert own == crs and where == pytest.approx(truth, abs=1e-3), kind
    assert found["project"] == "EPSG:4326"


def test_cancel_stops_a_run_within_a_second_and_leaves_nothing(headless, colour_scene, colour_model, tmp_path):
    found = headless(
        PREPARE
        + """
import threading, time, os
class Feedback(QgsProcessingFeedback):
    def setProgressText(self, text):
        found.setdefault("stages", []).append(text)
        if text == "Drawing masks":
            self.cancel()
            found["at"] = time.monotonic()
parameters = {"INPUT": argv[0], "PROMPTS": "lake", "MODEL": argv[1], "OUTPUT": argv[2], "THRESHOLD": 0.1}
try:
    processing.run("graft:segment", parameters, feedback=Feedback(False))
except QgsProcessingException as error:
    found["error"] = str(error)
found["seconds"] = time.monotonic() - found.pop("at")
found["left"] = os.listdir(os.path.dirname(argv[2]))
""",
        colour_scene.path, "mini", tmp_path / "m.gpkg",
    )  # fmt: skip
    assert "Cancelled" in found["error"] and found["seconds"] < 1.0, found
    assert found["stages"][:2] == ["Loading the model", "Looking at the imagery"]
    assert found["left"] == []


def test_every_parameter_has_a_default_or_must_be_given_and_a_help(headless):
    found = headless(
        PREPARE
        + """
for name in ("heatmap", "segment"):
    algorithm = QgsApplication.processingRegistry().algorithmById("graft:" + name)
    found[name] = {p.name(): [bool(p.help()), p.defaultValue(), bool(p.flags() & p.FlagOptional)]
                   for p in algorithm.parameterDefinitions()}
    found[name + " threaded"] = not int(algorithm.flags()) & int(QgsProcessingAlgorithm.FlagNoThreading)
    found[name + " help"] = len(algorithm.shortHelpString())
"""
    )
    shared = {"INPUT", "PROMPTS", "NEGATIVE", "MODEL", "SENSOR", "EXTENT", "OUTPUT"}
    shared |= {"LIKE", "UNLIKE", "PHOTO", "BANDS", "GSD", "STRETCH"}
    assert set(found["heatmap"]) == shared and set(found["segment"]) == shared | {"THRESHOLD", "REFINE"}
    for name in ("heatmap", "segment"):
        assert found[name + " threaded"] and found[name + " help"] > 80
        for parameter, (has_help, default, optional) in found[name].items():
            assert has_help, parameter
            assert default is not None or optional or parameter in {"INPUT", "PROMPTS", "OUTPUT"}, parameter


def test_qgis_process_runs_it_without_a_window(qgis_env, colour_scene, colour_model, tmp_path):
    if shutil.which("qgis_process.bin") is None:
        pytest.skip("there is no qgis_process; on Debian: apt-get install qgis")
    env = {**qgis_env, "QT_QPA_PLATFORM": "offscreen", "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path / "profile")}

    def run(*words):
        return subprocess.run(["qgis_process.bin", *words], env=env, capture_output=True, text=True, timeout=120)

    assert run("plugins", "enable", "graft").returncode == 0
    common = [f"INPUT={colour_scene.path}", f"MODEL={colour_model}", "REFINE=false", f"OUTPUT={tmp_path / 'm.gpkg'}"]
    done = run("--json", "run", "graft:segment", "--", "PROMPTS=lake", *common)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout[done.stdout.index("{") :])["results"]
    assert results["COUNT"] == 1 and results["AREA_M2"] == pytest.approx(96 * 112)
    done = run("run", "graft:segment", "--", "PROMPTS= ", *common)
    assert done.returncode == 1 and "nothing to look for" in done.stdout + done.stderr
