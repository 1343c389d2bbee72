"""Indexing, retrieval and classification from QGIS: the algorithms, and the page with its strip of chips."""

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
    shades = np.random.default_rng(3).integers(-8, 9, (SIDE, SIDE, 3))
    pixels = np.zeros((3, SIDE * TILE_M, SIDE * TILE_M), np.uint8)
    for (row, col), kind in np.ndenumerate(kinds):
        at = slice(row * TILE_M, row * TILE_M + TILE_M), slice(col * TILE_M, col * TILE_M + TILE_M)
        pixels[:, at[0], at[1]] = (np.array(COLOURS[kind]) + shades[row, col])[:, None, None]
    path = tmp_path_factory.mktemp("field") / "field.tif"
    with rasterio.open(path, "w", driver="GTiff", width=SIDE * TILE_M, height=SIDE * TILE_M, count=3, dtype="uint8",
                       crs="EPSG:32615", transform=from_origin(WEST, NORTH, 1, 1), tiled=True) as out:  # fmt: skip
        out.write(pixels)
    return path, kinds


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
raster, model, folder = argv
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
for name in ("index", "retrieve", "classify"):
    algorithm = QgsApplication.processingRegistry().algorithmById("graft:" + name)
    lacks = [p.name() for p in algorithm.parameterDefinitions() if not p.help() or (
        p.defaultValue() is None and not p.flags() & p.FlagOptional)]
    found[name] = [lacks, not int(algorithm.flags()) & int(QgsProcessingAlgorithm.FlagNoThreading),
                   len(algorithm.shortHelpString()) > 80]
"""


def test_the_algorithms_index_retrieve_and_classify(headless, field, colour_model, tmp_path):
    path, kinds = field
    found = headless(PREPARE + ALGORITHMS, path, colour_model, tmp_path)
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
    fixed = {"index": ["OUTPUT"], "retrieve": ["INDEX", "OUTPUT"], "classify": ["INPUT", "LABELS", "OUTPUT"]}
    for name, given in fixed.items():
        assert found[name] == [given, True, True]
