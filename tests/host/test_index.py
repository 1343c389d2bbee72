"""The algorithms that index, retrieve, classify and compare, through `processing.run` in real QGIS."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from .test_algorithms import PREPARE

COLOURS = {"soil": (190, 90, 60), "forest": (20, 150, 40), "lake": (20, 60, 180)}
SIDE, TILE_M = 8, 224
WEST, NORTH = TILE_M * 2000, TILE_M * 20000


@pytest.fixture(scope="module")
def field(tmp_path_factory):
    """A raster of 8×8 tiles of one colour each, nine of them lakes, two forests; returns (path, kinds)."""
    kinds = np.full((SIDE, SIDE), "soil", object)
    kinds[1:8:3, 1:8:3] = "lake"
    kinds[5, 6] = kinds[2, 5] = "forest"
    path = write(tmp_path_factory.mktemp("field") / "field.tif", kinds)
    return path, kinds


def write(path, kinds, seed=3):
    """Write a raster of tiles of one colour each."""
    shades = np.random.default_rng(seed).integers(-8, 9, (*kinds.shape, 3))
    pixels = np.array([[COLOURS[kind] for kind in row] for row in kinds]) + shades
    pixels = pixels.transpose(2, 0, 1).astype(np.uint8).repeat(TILE_M, 1).repeat(TILE_M, 2)
    with rasterio.open(path, "w", driver="GTiff", width=pixels.shape[2], height=pixels.shape[1], count=3, dtype="uint8",
                       crs="EPSG:32615", transform=from_origin(WEST, NORTH, 1, 1), tiled=True) as out:  # fmt: skip
        out.write(pixels)
    return path


def kind_of(tile_id, kinds):
    _scene, row, col = tile_id.split("/")
    return kinds[int(row) + 20000, int(col) - 2000]


def box_of(row, col):
    return [WEST + col * TILE_M, NORTH - (row + 1) * TILE_M, WEST + (col + 1) * TILE_M, NORTH - row * TILE_M]


ALGORITHMS = """
import os
def run(name, **parameters):
    try:
        return processing.run("graft:" + name, parameters, feedback=feedback)
    except QgsProcessingException as error:
        return str(error)
raster, model, folder, before, after = argv
index = folder + "/색인"
dry = run("index", INPUT=[raster], MODEL=model, OUTPUT=index, ESTIMATE_ONLY=True)
found["dry"] = [dry["TILES"], dry["GIGABYTES"], os.path.exists(index)]
made = run("index", INPUT=[raster], MODEL=model, OUTPUT=index)
again = run("index", SOURCES=raster + "\\n", MODEL=model, OUTPUT=index)
found["made"] = [made["TILES"], made["OUTPUT"] == index, again["TILES"]]
def retrieve(**more):
    result = run("retrieve", INDEX=index, TOP=9, OUTPUT=folder + "/found.gpkg", **more)
    if isinstance(result, str):
        return result
    layer = QgsVectorLayer(result["OUTPUT"], "tiles", "ogr")
    return [[f["id"], f["rank"], box(f.geometry().boundingBox()), len(f["thumbnail"])] for f in layer.getFeatures()]
found["lakes"] = retrieve(PROMPTS="lake", DISTANCE=0)
found["apart"] = retrieve(PROMPTS="soil")
crs = QgsCoordinateReferenceSystem
to_degrees = QgsCoordinateTransform(crs("EPSG:32615"), crs("EPSG:4326"), QgsProject.instance())
spot = to_degrees.transform(QgsPointXY(448000 + 6.5 * 224, 4480000 - 5.5 * 224))
found["like"] = retrieve(LIKE="%r,%r" % (spot.x(), spot.y()), DISTANCE=0)
found["north"] = retrieve(PROMPTS="lake", DISTANCE=0, EXTENT="448000,449792,4479328,4480000 [EPSG:32615]")
worse = [row[0] for row in found["lakes"]][:3]
found["marked"] = retrieve(PROMPTS="lake", DISTANCE=0, WRONG="\\n".join(worse))
labels = {"INPUT": raster, "LABELS": "lake\\nforest\\nsoil", "MODEL": model}
classes = run("classify", **labels, OUTPUT=folder + "/classes.tif", GRID=folder + "/cells.gpkg")
processing.runAndLoadResults("graft:classify", {**labels, "OUTPUT": folder + "/classes 2.tif"}, feedback=feedback)
(loaded,) = QgsProject.instance().mapLayers().values()
found["legend"] = [[c.value, c.label, c.color.name()] for c in loaded.renderer().classes()]
layer = QgsRasterLayer(classes["OUTPUT"], "classes")
centre = lambda row, col: QgsPointXY(448000 + (col + 0.5) * 224, 4480000 - (row + 0.5) * 224)
found["classes"] = [[int(layer.dataProvider().sample(centre(row, col), 1)[0]) for col in range(8)] for row in range(8)]
cells = QgsVectorLayer(classes["GRID"], "cells", "ogr")
found["cells"] = [cells.featureCount(), [f.name() for f in cells.fields()]]
web = QgsRasterLayer("type=xyz&url=file:///nowhere/{z}/{x}/{y}.png&zmax=1&zmin=0", "tiles", "wms")
QgsProject.instance().addMapLayer(web)
found["refused"] = {
    "nothing": run("index", MODEL=model, OUTPUT=index),
    "web": run("index", INPUT=[web], MODEL=model, OUTPUT=index),
    "no index": run("retrieve", INDEX=folder, PROMPTS="lake", OUTPUT=folder + "/x.gpkg"),
    "words": run("retrieve", INDEX=index, PROMPTS=" ", OUTPUT=folder + "/x.gpkg"),
    "spots": run("retrieve", INDEX=index, LIKE="1,2,3", OUTPUT=folder + "/x.gpkg"),
    "one label": run("classify", INPUT=raster, LABELS="lake", MODEL=model, OUTPUT=folder + "/x.tif"),
}
del web, cells, loaded
for name in ("index", "retrieve", "classify", "compare", "assess_sample", "assess"):
    algorithm = QgsApplication.processingRegistry().algorithmById("graft:" + name)
    lacks = [p.name() for p in algorithm.parameterDefinitions() if not p.help() or (
        p.defaultValue() is None and not p.flags() & p.FlagOptional)]
    found[name] = [lacks, not int(algorithm.flags()) & int(QgsProcessingAlgorithm.FlagNoThreading),
                   len(algorithm.shortHelpString()) > 80]
"""


MODEL = """
flow, source = QgsProcessingModelAlgorithm("flow", "flow"), QgsProcessingModelChildParameterSource
rasters = QgsProcessingParameterMultipleLayers("rasters", "rasters", QgsProcessing.TypeRaster)
flow.addModelParameter(rasters, QgsProcessingModelParameter("rasters"))
def step(name, **given):
    child = QgsProcessingModelChildAlgorithm("graft:" + name)
    child.setChildId(name)
    for parameter, value in given.items():
        child.addParameterSources(parameter, [value])
    return child
flow.addChildAlgorithm(step("index", INPUT=source.fromModelParameter("rasters"), MODEL=source.fromStaticValue(model)))
last = step("retrieve", INDEX=source.fromChildOutput("index", "OUTPUT"), PROMPTS=source.fromStaticValue("lake"),
            TOP=source.fromStaticValue(5))
output = QgsProcessingModelOutput("tiles")
output.setChildId("retrieve")
output.setChildOutputName("OUTPUT")
last.setModelOutputs({"tiles": output})
flow.addChildAlgorithm(last)
flow.updateDestinationParameters()
result = processing.run(flow, {"rasters": [raster], "retrieve:tiles": folder + "/flow.gpkg"}, feedback=feedback)
found["model"] = QgsVectorLayer(result["retrieve:tiles"], "tiles", "ogr").featureCount()
"""

COMPARE = """
QgsProject.instance().removeAllMapLayers()
params = {"INPUT": before, "AFTER": after, "PROMPTS": "lake", "MODEL": model, "THRESHOLD": 0.5}
done = processing.run("graft:compare", {**params, "HEATMAP": folder + "/c.tif", "OUTPUT": folder + "/c.gpkg"},
                      feedback=feedback)
polygons = QgsVectorLayer(done["OUTPUT"], "change", "ogr")
found["polygons"] = sorted([f["change"], box(f.geometry().boundingBox())] for f in polygons.getFeatures())
found["areas"] = [done["GAINED_M2"], done["LOST_M2"]]
heat = QgsRasterLayer(done["HEATMAP"], "change")
centre = lambda row, col: QgsPointXY(448000 + (col + 0.5) * 224, 4480000 - (row + 0.5) * 224)
found["change"] = [heat.dataProvider().sample(centre(row, col), 1)[0] for row, col in ((0, 1), (2, 2), (1, 0))]
processing.runAndLoadResults("graft:compare", {**params, "HEATMAP": folder + "/d.tif", "OUTPUT": folder + "/d.gpkg",
                             "EXTENT": "448000,448448,4479776,4480000 [EPSG:32615]"}, feedback=feedback)
loaded = {l.type(): l for l in QgsProject.instance().mapLayers().values()}
renderer = loaded[QgsMapLayerType.RasterLayer].renderer()
found["ends"] = [renderer.classificationMin() == -renderer.classificationMax(), renderer.classificationMax() > 0.9]
found["change legend"] = [c.label() for c in loaded[QgsMapLayerType.VectorLayer].renderer().categories()]
found["part"] = [f["change"] for f in loaded[QgsMapLayerType.VectorLayer].getFeatures()]
del loaded, renderer, polygons, heat
elsewhere = QgsProject.instance().addMapLayer(QgsRasterLayer(after, "moved"))
elsewhere.setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
try:
    processing.run("graft:compare", {**params, "AFTER": elsewhere, "HEATMAP": folder + "/e.tif"}, feedback=feedback)
except QgsProcessingException as error:
    found["elsewhere"] = str(error)
del elsewhere
"""


def check_change(found):
    """One lake came, one went, and one stayed in another light."""
    assert found["polygons"] == [["gained", box_of(0, 1)], ["lost", box_of(2, 2)]]
    assert found["areas"] == [TILE_M**2, TILE_M**2]
    gained, lost, same = found["change"]
    assert gained > 0.9 and lost < -0.9 and abs(same) < 0.1
    assert found["ends"] == [True, True] and found["change legend"] == ["gained", "lost"]
    assert found["part"] == ["gained"]
    assert "does not touch the layer “moved”" in found["elsewhere"]


def test_the_algorithms_index_retrieve_classify_and_compare(headless, field, colour_model, tmp_path):
    path, kinds = field
    before = np.full((4, 4), "soil", object)
    before[2, 2] = before[3, 0] = "lake"
    after = before.copy()
    after[2, 2], after[0, 1] = "soil", "lake"
    dates = write(tmp_path / "2020.tif", before), write(tmp_path / "2023.tif", after, seed=4)
    found = headless(PREPARE + ALGORITHMS + MODEL + COMPARE, path, colour_model, tmp_path, *dates)
    check_change(found)
    tiles, gigabytes, there = found["dry"]
    assert tiles == SIDE**2 and gigabytes > 0 and not there, "an estimate writes nothing"
    assert found["made"] == [SIDE**2, True, SIDE**2]
    assert [kind_of(row[0], kinds) for row in found["lakes"]] == ["lake"] * 9
    assert [row[1] for row in found["lakes"]] == list(range(1, 10)) and min(row[3] for row in found["lakes"]) > 50
    lakes = [box_of(row, col) for row, col in np.argwhere(kinds == "lake")]
    assert sorted(row[2] for row in found["lakes"]) == sorted(lakes)
    centres = np.array([np.reshape(row[2], (2, 2)).mean(axis=0) for row in found["apart"]])
    apart = np.sqrt(((centres[:, None] - centres[None]) ** 2).sum(-1)) + 1e9 * np.eye(len(centres))
    assert apart.min() >= 3 * TILE_M
    assert [kind_of(row[0], kinds) for row in found["like"]][:2] == ["forest"] * 2
    assert {kind_of(row[0], kinds) for row in found["north"][:3]} == {"lake"}
    assert min(row[2][1] for row in found["north"]) >= NORTH - 3 * TILE_M
    assert not {row[0] for row in found["lakes"][:3]} & {row[0] for row in found["marked"]}
    values = {"lake": 1, "forest": 2, "soil": 3}
    assert found["classes"] == [[values[kind] for kind in row] for row in kinds]
    assert found["legend"] == [[1, "lake", "#e69f00"], [2, "forest", "#56b4e9"], [3, "soil", "#009e73"]]
    assert found["cells"] == [SIDE**2, ["fid", "label", "probability", "margin", "second", "class"]]
    told = found["refused"]
    assert "no raster was named" in told["nothing"] and "“tiles” is no file" in told["web"]
    assert "it is no index" in told["no index"] and "nothing to look for" in told["words"]
    assert "pairs of numbers" in told["spots"] and "2 to 250 labels" in told["one label"]
    assert found["model"] == 5
    fixed = {"index": ["OUTPUT"], "retrieve": ["INDEX", "OUTPUT"], "classify": ["INPUT", "LABELS", "OUTPUT"],
             "compare": ["INPUT", "AFTER", "HEATMAP"], "assess_sample": ["INPUT", "OUTPUT"],
             "assess": ["INPUT", "OUTPUT"]}  # fmt: skip
    for name, given in fixed.items():
        assert found[name] == [given, True, True]
