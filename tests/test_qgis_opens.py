"""What a query writes opens in the QGIS of this machine, in the right place."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.desktop import find_qgis

ROOT = Path(__file__).resolve().parents[1]
QGIS = find_qgis()

LOAD = """
import json, os, sys
from qgis.core import QgsApplication, QgsRasterLayer, QgsVectorLayer
QgsApplication.setPrefixPath(os.environ["QGIS_PREFIX_PATH"], True)
app = QgsApplication([], False)
app.initQgis()
heatmap, masks, classes = sys.argv[1:4]
box = lambda e: [e.xMinimum(), e.yMinimum(), e.xMaximum(), e.yMaximum()]
raster = QgsRasterLayer(heatmap, "heatmap")
provider = raster.dataProvider()
vector = QgsVectorLayer(masks + "|layername=lakes", "lakes", "ogr")
inside = provider.sample(raster.extent().center().__class__(*map(float, sys.argv[4:6])), 1)
kinds = QgsRasterLayer(classes, "classes")
found = {
    "raster_valid": raster.isValid(), "raster_crs": raster.crs().authid(), "raster_box": box(raster.extent()),
    "band": provider.generateBandName(1), "nodata": provider.sourceHasNoDataValue(1), "inside": inside,
    "classes": [[c.value, c.label, c.color.name()] for c in kinds.renderer().classes()][:3],
    "vector_valid": vector.isValid(), "vector_crs": vector.crs().authid(),
    "features": [[f["prompt"], f["area_m2"], box(f.geometry().boundingBox()), f.geometry().isGeosValid(),
                  f["created"].isValid()] for f in vector.getFeatures()],
}
print("FOUND" + json.dumps(found))
del raster, vector, provider, kinds
app.exitQgis()
"""


def test_qgis_opens_the_heatmap_and_the_masks_in_place(colour_model, colour_scene, tmp_path, engine_env):
    if not QGIS.works():
        pytest.skip(f"{QGIS.python} has no QGIS; on Debian: apt-get install python3-qgis")
    heatmap, masks = tmp_path / "열 지도.tif", tmp_path / "마스크 a.gpkg"
    classes = tmp_path / "분류.tif"
    subprocess.run(
        [sys.executable, "-m", "graft_plugin.engine", "query", colour_scene.path, "--text", "lake", "--text", "forest",
         "--model", colour_model, "--heatmap", heatmap, "--masks", masks, "--layer", "lakes", "--refine", "none",
         "--classes", classes],
        cwd=ROOT, env=engine_env, check=True, capture_output=True,
    )
    lake = colour_scene.lake
    middle = [str((lake[0] + lake[2]) / 2), str((lake[1] + lake[3]) / 2)]
    done = subprocess.run(
        [QGIS.python, "-c", LOAD, heatmap, masks, classes, *middle],
        env={**QGIS.environment(engine_env), "QT_QPA_PLATFORM": "offscreen",
             "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path / "qgis")},
        capture_output=True, text=True, timeout=120,
    )
    line = next((line for line in done.stdout.splitlines() if line.startswith("FOUND")), None)
    assert line, done.stderr
    found = json.loads(line[5:])
    assert found["raster_valid"] and found["raster_crs"] == "EPSG:32615" and found["nodata"]
    assert found["raster_box"] == pytest.approx(colour_scene.bounds, abs=1e-3)
    assert found["band"] == "Band 1: lake"
    assert found["inside"][1] and found["inside"][0] > 0.9
    assert found["vector_valid"] and found["vector_crs"] == "EPSG:32615"
    assert found["classes"] == [[0, "none", "#ffffff"], [1, "lake", "#e69f00"], [2, "forest", "#56b4e9"]]
    (prompt, area_m2, box, valid, created), (second, *_) = found["features"]
    assert second == "forest"
    assert prompt == "lake" and valid and created
    assert box == pytest.approx(lake, abs=1e-3)
    assert area_m2 == pytest.approx((lake[2] - lake[0]) * (lake[3] - lake[1]))
