"""Layers that are no files, read through QGIS from real local servers and from memory: places, pixels, failures."""

from __future__ import annotations

import json

import numpy as np
import pytest
import rasterio
from rasterio.warp import transform_bounds

from .imagery_server import ImageryServer

PREPARE = """
import os, shutil, threading, time
from qgis.PyQt.QtCore import *
from graft.graft_plugin.host.source import layer_source
from graft.graft_plugin.host import render, render_plan
from graft.graft_plugin.errors import GraftError
project = QgsProject.instance()
render.WAITS_S = (0.05, 0.1, 0.2)
class Fetch(QgsTask):
    'Fetches in a background thread, as the plugin does, while the main thread keeps turning.'
    def __init__(self, source, area, cancelled):
        super().__init__("fetch")
        self.source, self.area, self.cancelled, self.done, self.found = source, area, cancelled, [], None
    def run(self):
        try:
            self.found = self.source.fetch(self.area, 1.0, lambda *told: self.done.append(told), self.cancelled)
        except BaseException as error:
            self.found = error
        return True
def fetch(layer, area=None, cancelled=None):
    task = Fetch(layer_source(layer), area, cancelled or (lambda: False))
    QgsApplication.taskManager().addTask(task)
    longest = last = time.monotonic() - time.monotonic()
    last = time.monotonic()
    while task.status() not in (QgsTask.Complete, QgsTask.Terminated):
        QCoreApplication.processEvents()
        time.sleep(0.002)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    found["longest gap"] = max(found.get("longest gap", 0), longest)
    fetch.progress = task.done
    return str(task.found) if isinstance(task.found, BaseException) else task.found
def said(result):
    return result if isinstance(result, str) else result.raster
def keep(raster, name):
    'QGIS takes its temporary files with it when it ends: copy a rendered layer to where the test looks at it.'
    shutil.copytree(os.path.dirname(raster), os.path.join(argv[-1], name))
    return os.path.join(argv[-1], name, os.path.basename(raster))
"""


@pytest.fixture(scope="module")
def server(colour_scene):
    server = ImageryServer(colour_scene.path)
    yield server
    server.close()


def edges(path, colour, tolerance=40):
    """(xmin, ymin, xmax, ymax) of the pixels of a colour, in the raster's CRS, and the raster's pixel size."""
    with rasterio.open(path) as src:
        rgb, mask, t = src.read([1, 2, 3]).astype(int), src.read_masks(1), src.transform
    hit = (np.abs(rgb - np.array(colour)[:, None, None]).max(0) < tolerance) & (mask > 0)
    rows, cols = np.nonzero(hit)
    xs, ys = [t.c + t.a * col for col in (cols.min(), cols.max() + 1)], [
        t.f + t.e * row for row in (rows.max() + 1, rows.min())
    ]
    return (xs[0], ys[0], xs[1], ys[1]), t.a


def test_tiles_are_rendered_once_in_their_place(headless, server, colour_scene, tmp_path):
    area = transform_bounds(colour_scene.crs, "EPSG:3857", *colour_scene.lake)
    server.requests.clear()
    found = headless(
        PREPARE
        + """
project.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
layer = project.addMapLayer(QgsRasterLayer(argv[0], "tiles", "wms"))
layer.setOpacity(0.3)
area = json.loads(argv[1])
first = fetch(layer, area)
found["first"], found["progress"] = [list(first.extent), first.origin], fetch.progress
import urllib.request
marker = lambda name: urllib.request.urlopen(argv[2] + "/ok/0/0/0.png?" + name).close()
def quietly(name):
    try: marker(name)
    except OSError: pass
quietly("second")
found["second"] = said(fetch(layer, area)) == first.raster
quietly("wider")
found["wider"] = said(fetch(layer, [area[0], area[1], area[2] + 900, area[3]]))
quietly("end")
found["raster"] = keep(first.raster, "tiles")
plan = layer_source(layer).plan(area, 1.0)
found["plan"] = [plan.missing, plan.size_px, plan.megabytes]
found["kept"] = [project.crs().authid(), layer.crs().authid(), layer.opacity(), layer.source()]
world = layer_source(layer)
try:
    world.fetch(None, 1.0)
except GraftError as error:
    found["world"] = str(error)
""",
        server.xyz("ok"), json.dumps(area), server.url, tmp_path,
    )  # fmt: skip
    raster, (extent, origin) = found["raster"], found["first"]
    assert extent == pytest.approx(area) and origin == f"{server.url}/ok/{{z}}/{{x}}/{{y}}.png"
    with rasterio.open(raster) as src:
        assert src.crs.to_epsg() == 3857 and src.count == 3 and src.dtypes[0] == "uint8"
        assert src.transform.a == pytest.approx(156543.03392804097 / 2**17, rel=1e-12), "the server's own zoom"
        assert src.bounds[0] < area[0] - 200 and src.bounds[3] > area[3] + 200, "with a margin of one tile"
    where, pixel = edges(raster, (20, 60, 180))
    # the lake's four sides are not quite parallel to the tiles': its own corners in the tiles' CRS are the truth
    assert where == pytest.approx(area, abs=1.5 * pixel)
    rgba = server.picture(rasterio.open(raster).bounds, "EPSG:3857", rasterio.open(raster).shape[::-1])
    with rasterio.open(raster) as src:
        assert (src.read_masks(1) == rgba[3]).all(), "what is no imagery is masked"
        assert (src.read() == rgba[:3] * (rgba[3:] > 0)).all(), "each pixel is the server's, not a neighbour's"
    paths = [path.split("?")[0] if "?" not in path else "?" + path.split("?")[1] for path in server.requests]
    second, wider, end = (paths.index("?" + name) for name in ("second", "wider", "end"))
    tiles = [path for path in paths[:second] if path]
    good = [t for t in tiles if server.answer(t)[0] == 200]
    assert len(good) == len(set(good)) > 0, "no tile was fetched twice"
    assert found["second"] and wider == second + 1, "a second prompt on the same view fetches nothing"
    assert end > wider + 1 and not set(good) & set(paths[wider:end]), "a wider view fetches what is new"
    blocks = found["progress"][0][2]
    assert found["progress"] == [["render", done, blocks] for done in range(blocks + 1)] and blocks > 1
    assert found["plan"][0] == 0 and found["plan"][2] > 1
    assert found["kept"][:3] == ["EPSG:4326", "EPSG:3857", 0.3] and found["kept"][3] == server.xyz("ok")
    assert "million" in found["world"] and "MB" in found["world"] and "smaller area" in found["world"]
    print(f"longest gap of the event loop: {found['longest gap'] * 1000:.0f} ms")


def test_servers_that_fail_are_asked_again_and_named_plainly(headless, server, colour_scene, tmp_path):
    area = transform_bounds(colour_scene.crs, "EPSG:3857", *colour_scene.lake)
    server.requests.clear()
    found = headless(
        PREPARE
        + """
area = json.loads(argv[1])
layers = json.loads(argv[0])
for mode in ("flaky", "down", "denied", "html", "nothing", "gone"):
    layer = QgsRasterLayer(layers[mode], mode, "wms")
    found[mode] = said(fetch(layer, area))
found["flaky"] = keep(found["flaky"], "flaky")
layer = QgsRasterLayer(layers["coarse"], "coarse", "wms")
found["coarse"] = said(fetch(layer, area))
slow = QgsRasterLayer(layers["slow"], "slow", "wms")
pressed = []
def cancelled():
    if not pressed and time.monotonic() - began > 0.5:
        pressed.append(time.monotonic())
    return bool(pressed)
began = time.monotonic()
found["slow"] = said(fetch(slow, area, cancelled))
found["cancel s"] = time.monotonic() - pressed[0]
# cancelled between blocks: what was read stays, and the next run reads the rest only
fresh = QgsRasterLayer(layers["fresh"], "fresh", "wms")
part = lambda: len(fetch.progress) > 1
class Count:
    calls = 0
    def report(self, *told):
        self.calls += 1
count = Count()
source = layer_source(fresh)
blocks = source.plan(area, 1.0).missing
try:
    source.fetch(area, 1.0, count.report, lambda: count.calls > 1)
except GraftError as error:
    found["part"] = error.code
found["blocks"] = [blocks, source.plan(area, 1.0).missing]
source.fetch(area, 1.0)
found["blocks"].append(source.plan(area, 1.0).missing)
import resource
from qgis.PyQt.QtGui import QImage
from graft.graft_plugin.host.render_files import write_picture
from graft.graft_plugin.host.render_grid import RenderGrid
noise = QImage(os.urandom(256 * 256 * 4), 256, 256, QImage.Format.Format_RGBX8888)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    write_picture(argv[-1] + "/full.tif", noise, RenderGrid(0, 0, (1, 1)), (0, 0))
except GraftError as error:
    found["full"] = str(error), os.path.exists(argv[-1] + "/full.tif")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
# two runs of one source at once: the second waits for the first
twice = layer_source(QgsRasterLayer(layers["twice"], "twice", "wms"))
tasks = [Fetch(twice, area, lambda: False) for k in range(2)]
for task in tasks:
    QgsApplication.taskManager().addTask(task)
while any(task.found is None for task in tasks):  # QGIS deletes its half of a task that is over
    QCoreApplication.processEvents()
found["twice"] = len({said(task.found) for task in tasks})
del layer, slow, fresh
""",
        json.dumps(
            {
                **{mode: server.xyz(mode) for mode in ("flaky", "down", "denied", "html", "nothing", "slow")},
                "gone": "type=xyz&url=http://127.0.0.1:9/%7Bz%7D/%7Bx%7D/%7By%7D.png&zmax=19&zmin=0",
                "coarse": server.xyz("down", zmax=9, query="?key%3Dsecret"),
                "twice": server.xyz("ok", query="?twice"),
                "fresh": server.xyz("ok", query="?fresh"),
            }
        ),
        json.dumps(area), tmp_path,
    )  # fmt: skip
    where, pixel = edges(found["flaky"], (20, 60, 180))
    assert where == pytest.approx(area, abs=1.5 * pixel), "every tile came in the end"
    for mode, reason in {
        "down": "is overloaded or down (HTTP 503)",
        "denied": "refuses access (HTTP 403)",
        "html": "answers with text/html instead of a picture",
        "gone": "cannot be reached (Connection refused)",
    }.items():
        text = found[mode]
        assert text.startswith("http://127.0.0.1:") and "/17/" in text, text
        assert f"the layer “{mode}” cannot be rendered in EPSG:3857, zoom 17: its server {reason}" in text
        assert "goes on where it stopped" in text
    assert len([path for path in server.requests if path.startswith("/denied/")]) <= 16 * 4, "not asked for again"
    assert "nothing in this area: every pixel came back empty in EPSG:3857, zoom 17" in found["nothing"]
    assert "/nothing/17/" in found["nothing"]
    assert "zoom 9" in found["coarse"] and "secret" not in found["coarse"]
    assert found["slow"] == "cancelled" and found["cancel s"] < 1.0
    blocks, after_cancel, after_all = found["blocks"]
    assert "cannot be kept" in found["full"][0] and "Free some space" in found["full"][0] and not found["full"][1]
    again = [path for path in list(server.requests) if path.endswith("?twice") and server.answer(path)[0] == 200]
    assert found["twice"] == 1 and len(again) == len(set(again)), "rendered once"
    assert found["part"] == "cancelled" and 0 < after_cancel < blocks and after_all == 0


def test_layers_of_other_kinds_keep_their_values(headless, server, colour_scene, tmp_path):
    found = headless(
        PREPARE
        + """
from osgeo import gdal
scene = argv[0]
wms = QgsRasterLayer(argv[1], "wms", "wms")
found["wms valid"] = wms.isValid()
found["wms"] = keep(said(fetch(wms, [500_000, 4_999_552, 500_448, 5_000_000])), "wms")
gdal.GetDriverByName("GTiff").CreateCopy("/vsimem/memory.tif", gdal.Open(scene))
memory = QgsRasterLayer("/vsimem/memory.tif", "memory", "gdal")
found["memory"] = keep(said(fetch(memory)), "memory")
found["memory view"] = [list(fetch(memory, [500_100, 4_999_780, 500_110, 4_999_790]).extent)]
values = gdal.GetDriverByName("GTiff").Create("/vsimem/values.tif", 64, 48, 2, gdal.GDT_Float32)
values.SetGeoTransform((500_000, 0.25, 0, 5_000_000, 0, -0.5))
values.SetProjection(gdal.Open(scene).GetProjection())
import struct
for band in (1, 2):
    numbers = [band * 1000 + k * 0.5 for k in range(64 * 48)]
    numbers[5] = -9.0
    values.GetRasterBand(band).WriteRaster(0, 0, 64, 48, struct.pack("%df" % len(numbers), *numbers))
    values.GetRasterBand(band).SetNoDataValue(-9.0)
    values.GetRasterBand(band).SetDescription("B0%d" % band)
del values
floats = QgsRasterLayer("/vsimem/values.tif", "values", "gdal")
found["values"] = keep(said(fetch(floats)), "values")
moved = QgsRasterLayer(scene, "moved")
moved.setCrs(QgsCoordinateReferenceSystem("EPSG:32616"))
found["moved"] = said(fetch(moved))
found["moved again"] = [os.stat(found["moved"]).st_mtime_ns, os.stat(said(fetch(moved))).st_mtime_ns]
inline = gdal.Translate("", gdal.Open(scene), format="VRT").GetMetadata("xml:VRT")[0]
found["inline"] = said(fetch(QgsRasterLayer(inline, "inline")))
found["file"] = said(fetch(QgsRasterLayer(scene, "file")))
found["option"] = said(fetch(QgsRasterLayer(scene + "|option:NUM_THREADS=2", "option")))
zipped = argv[2] + "/scene.zip"
import zipfile
with zipfile.ZipFile(zipped, "w") as out:
    out.write(scene, "scene.tif")
found["zip"] = said(fetch(QgsRasterLayer("/vsizip/" + zipped + "/scene.tif", "zip")))
found["refused"] = []
for name, source, kind in (("broken", "/nowhere.tif", "gdal"), ("placeless", scene, "gdal")):
    layer = QgsRasterLayer(source, name, kind)
    if name == "placeless":
        layer.setCrs(QgsCoordinateReferenceSystem())
    try:
        layer_source(layer)
    except GraftError as error:
        found["refused"].append(str(error))
virtual = QgsRasterDataProvider.VirtualRasterParameters()
virtual.crs, virtual.extent, virtual.width, virtual.height = memory.crs(), memory.extent(), 448, 448
part = QgsRasterDataProvider.VirtualRasterInputLayers()
part.name, part.provider, part.uri = "moved", "gdal", scene
virtual.rInputLayers, virtual.formula = [part], '"moved@1" / 2 + 0.25'
computed = QgsRasterLayer(QgsRasterDataProvider.encodeVirtualRasterProviderUri(virtual), "computed", "virtualraster")
found["virtual"] = keep(said(fetch(computed)), "virtual")
from graft.graft_plugin.host.render_grid import ground_m, picture_pixel
context = project.transformContext()
system = QgsCoordinateReferenceSystem
found["ground"] = [ground_m(system("EPSG:3857"), (0, 5621521, 10, 5621531), context),
                   ground_m(system("EPSG:4326"), (0, 45, 0.01, 45.01), context),
                   ground_m(system("EPSG:32615"), (500_000, 5_000_000, 500_010, 5_000_010), context)]
found["pixel"] = [picture_pixel(1.0, 0.7071, ()), picture_pixel(10.0, 1.0004, ()), picture_pixel(1.0, 111_200.0, ()),
                  picture_pixel(1.0, 0.7071, (0.597, 1.194, 2.389)), picture_pixel(1.0, 1.0, (0.597, 1.194, 2.389)),
                  picture_pixel(1.0, 1.0, (9.5, 19.1))]
found["scene"] = [moved.crs().authid(), gdal.Open(scene).GetSpatialRef().GetAuthorityCode(None)]
del layer
""",
        colour_scene.path, server.wms, tmp_path,
    )  # fmt: skip
    lake = colour_scene.lake
    assert found["wms valid"]
    where, pixel = edges(found["wms"], (20, 60, 180))
    assert pixel == 1.0 and where == pytest.approx(lake, abs=0.5), "to half a pixel"
    with rasterio.open(colour_scene.path) as truth, rasterio.open(found["memory"]) as memory:
        assert memory.profile["dtype"] == "uint8" and memory.count == 4 and memory.crs == truth.crs
        assert memory.transform == truth.transform and (memory.read() == truth.read()).all()
    assert found["memory view"] == [[500_100, 4_999_780, 500_110, 4_999_790]]
    with rasterio.open(found["values"]) as values:
        assert values.dtypes == ("float32", "float32") and values.nodatavals == (-9, -9)
        assert values.descriptions == ("B01", "B02")
        # 0.25 x 0.5 m a pixel for a model of 1 m: every pixel is kept, none is picked
        assert values.shape == (48, 64) and values.transform.a == 0.25 and values.transform.e == -0.5
        band = values.read(2)
        assert band[0, 5] == -9 and band[47, 63] == 2000 + (64 * 48 - 1) * 0.5
    with rasterio.open(colour_scene.path) as truth, rasterio.open(found["moved"]) as moved:
        assert moved.crs.to_epsg() == 32616 and moved.transform == truth.transform
        assert moved.count == 4 and (moved.read() == truth.read()).all()
    assert found["moved again"][0] == found["moved again"][1], "the embeddings of the first run still fit"
    for name in ("inline", "option", "zip"):
        with rasterio.open(found[name]) as other, rasterio.open(colour_scene.path) as truth:
            assert (other.read() == truth.read()).all(), name
    assert found["file"] == str(colour_scene.path) and found["zip"].startswith("/vsizip/")
    assert "“broken” is broken" in found["refused"][0]
    assert "“placeless” has no coordinate reference system" in found["refused"][1]
    with rasterio.open(found["virtual"]) as virtual, rasterio.open(colour_scene.path) as truth:
        assert virtual.crs == truth.crs and virtual.dtypes[0].startswith("float")
        assert (virtual.read(1) == truth.read(1) / 2 + 0.25).all()
    assert found["ground"] == pytest.approx([np.cos(np.radians(45)), 111_132, 1.0004], rel=4e-3)
    assert found["pixel"] == pytest.approx([1.4, 10.0, 8.9e-6, 1.194, 1.194, 9.5]), "never coarser by more than 25 %"
    assert found["scene"] == ["EPSG:32616", "32615"], "neither the layer nor the file was changed"


def test_wmts_and_wcs_keep_places_and_values_and_no_server_is_asked_offline(headless, server, colour_scene, tmp_path):
    server.requests.clear()
    found = headless(
        PREPARE
        + """
import urllib.request
from graft.graft_plugin.host.settings import OFFLINE
from graft.graft_plugin.host.offline import over_network
from graft.graft_plugin.host.algorithms.heatmap import HeatmapAlgorithm
sources, scene = json.loads(argv[0]), argv[1]
layers = {kind: QgsRasterLayer(source, kind, "wcs" if kind == "wcs" else "wms") for kind, source in sources.items()}
found["valid"] = {kind: layer.isValid() for kind, layer in layers.items()}
area = json.loads(argv[2])
for kind in ("wmts", "wcs"):
    result = fetch(layers[kind], area)
    found[kind] = keep(result.raster, kind) if hasattr(result, "raster") else str(result)
    found[kind + " origin"] = getattr(result, "origin", "")
# XYZ and WMS were not read yet: whatever is asked for them from here on is a hit
earlier = {kind: layer_source(layer) for kind, layer in layers.items()}
def mark(name):
    try: urllib.request.urlopen(argv[3] + "/nothing/0/0/0.png?" + name).close()
    except OSError: pass
mark("offline")
OFFLINE.set(True)
layers["remote file"] = QgsRasterLayer(scene, "remote file")
layers["remote file"].source = lambda: "/vsicurl/http://me:secret@127.0.0.1/scene.tif"
def refusal(do):
    try:
        do()
    except GraftError as error:
        return [error.code, str(error)]
for kind, layer in layers.items():
    found["offline " + kind] = refusal(lambda: layer_source(layer))
for kind, source in earlier.items():
    found["late " + kind] = refusal(lambda: source.fetch(area, 1.0))
context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
context.setProject(project)
project.addMapLayer(layers["xyz"], False)
algorithm = HeatmapAlgorithm().create()
try:
    given = {"INPUT": layers["xyz"].id(), "PROMPTS": "lake", "OUTPUT": argv[-1] + "/h.tif"}
    algorithm.run(given, context, feedback, {}, False)
except QgsProcessingException as error:
    found["algorithm"] = str(error)
found["here"] = layer_source(QgsRasterLayer(scene, "file")).remote, said(fetch(QgsRasterLayer(scene, "file")))
OFFLINE.set(False)
os.environ["GRAFT_OFFLINE"] = "1"
found["by environment"] = refusal(lambda: layer_source(layers["wms"]))
del os.environ["GRAFT_OFFLINE"]
mark("online")
found["wms again"] = refusal(lambda: earlier["wms"].fetch(area, 1.0))
mark("end")
virtual = "?crs=EPSG:32615&extent=0,0,9,9&width=9&height=9&formula=%22a@1%22&a:provider="
found["kinds"] = {name: over_network(*kind) for name, kind in {
    "file": ("gdal", scene), "memory": ("gdal", "/vsimem/a.tif"), "zip": ("gdal", "/vsizip//a/http.zip/b.tif"),
    "curl": ("gdal", "/vsicurl/http://a/b.tif"), "chained": ("gdal", "/vsizip/vsis3/a/b.zip/c.tif"),
    "address": ("gdal", "https://a/b.tif"), "xml": ("gdal", "<GDAL_WMS><Service><ServerUrl>http://a</ServerUrl>"),
    "folder of tiles": ("wms", "type=xyz&url=file:///a/%7Bz%7D/%7Bx%7D/%7By%7D.png"),
    "postgres": ("postgresraster", "dbname='a'"), "arcgis": ("arcgismapserver", "url='http://a'"),
    "virtual": ("virtualraster", virtual + "gdal&a:uri=/a/b.tif"),
    "virtual of tiles": ("virtualraster", virtual + "wms&a:uri=" + "type%3Dxyz%26url%3Dhttp://a"),
}.items()}
layers.clear()
del layer, earlier, algorithm
""",
        json.dumps({"xyz": server.xyz("ok", query="?offline"), "wms": server.wms, "wmts": server.wmts,
                    "wcs": server.wcs}),
        colour_scene.path, json.dumps(colour_scene.lake), server.url, tmp_path,
    )  # fmt: skip
    assert found["valid"] == dict.fromkeys(("xyz", "wms", "wmts", "wcs"), True)
    where, pixel = edges(found["wmts"], (20, 60, 180))
    assert pixel == 1.0 and where == pytest.approx(colour_scene.lake, abs=0.5), "to half a pixel"
    tiles = [path for path in server.requests if "GetTile" in path]
    assert tiles and all("TILEMATRIX=near&" in path + "&" for path in tiles), "the level of the model's resolution"
    with rasterio.open(colour_scene.path) as truth, rasterio.open(found["wcs"]) as values:
        assert values.crs == truth.crs and values.count == truth.count and values.dtypes == truth.dtypes
        assert values.transform.a == truth.transform.a, "its own pixels"
        window = rasterio.windows.from_bounds(*values.bounds, truth.transform)
        assert (values.read() == truth.read(window=window)).all()
    assert found["wmts origin"] == f"{server.url}/wmts" and found["wcs origin"] == f"{server.url}/wcs"
    paths = [path.split("?")[-1] for path in server.requests]
    offline, online, end = (paths.index(name) for name in ("offline", "online", "end"))
    assert server.requests[offline + 1 : online] == [], "not one request while the switch was on"
    assert end > online + 1 and found["wms again"] is None, "and there were, once it was off"
    for kind in ("xyz", "wms", "wmts", "wcs"):
        for when in ("offline", "late"):
            code, text = found[f"{when} {kind}"]
            assert code == "offline" and f"the layer “{kind}” is read over the network, and the offline switch" in text
            assert text.startswith(server.url) and "file on this computer" in text
    assert found["offline remote file"][0] == "offline" and "secret" not in found["offline remote file"][1]
    assert "offline switch is on" in found["algorithm"] and found["by environment"][0] == "offline"
    assert found["here"] == ["", str(colour_scene.path)], "a file is none of the switch's business"
    assert {name for name, remote in found["kinds"].items() if remote} == {
        "curl", "chained", "address", "xml", "postgres", "arcgis", "virtual of tiles",
    }  # fmt: skip
