"""Exports into real GeoPackages: style and metadata read back by a fresh layer and by OGR; failures change no byte."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

PREPARE = """
import hashlib, os, shutil, sqlite3, stat, resource
from qgis.PyQt.QtCore import QDateTime, QVariant
from qgis.PyQt.QtGui import QColor
from graft.graft_plugin.errors import GraftError
from graft.graft_plugin.host import export
from graft.graft_plugin.host.export import Export, exported_metadata, layers_of, run_export
from graft.graft_plugin.host.export_layer import layer_data
from graft.graft_plugin.host.geopackage import layer_uri
from graft.graft_plugin.host.styles import style_polygons
folder = argv[0]
FIELDS = ("prompt:string", "score:double", "sam_score:double", "area_m2:double", "perimeter_m:double", "model:string",
          "model_sha256:string", "threshold:double", "gsd_m:double", "source:string", "created:datetime")
def result(*prompts, per_prompt=2):
    'A result layer as the engine writes it, with its style.'
    source = "MultiPolygon?crs=EPSG:32615&" + "&".join("field=" + field for field in FIELDS)
    layer = QgsVectorLayer(source, "lake · mini", "memory")
    made = QDateTime.fromString("2026-11-25T10:00:00Z", Qt_ISODate)
    features = []
    for index, prompt in enumerate(prompts):
        for k in range(per_prompt):
            feature = QgsFeature(layer.fields())
            feature.setGeometry(QgsGeometry.fromWkt("MULTIPOLYGON(((%d 0, %d 0, %d 10, %d 0)))" % (k, k + 10, k, k)))
            feature.setAttributes([prompt, 0.5 + k, None, 50.0, 34.0, "mini", "ab" * 32, 0.25 + index, 1.0,
                                   "/data/it's a 농장.tif", made])
            features.append(feature)
    layer.dataProvider().addFeatures(features)
    style_polygons(layer, prompts)
    return layer
from qgis.PyQt.QtCore import Qt
Qt_ISODate = Qt.DateFormat.ISODate
def do(layer, path, name, append=False, cancelled=lambda: False):
    try:
        return run_export(Export(layer_data(layer), path, name, append), lambda *told: None, cancelled)
    except GraftError as error:
        return str(error)
def digest(path):
    return hashlib.sha256(open(path, "rb").read()).hexdigest()
def look(path, name):
    layer = QgsVectorLayer(layer_uri(path, name), "again", "ogr")
    layer.loadDefaultStyle()
    renderer, meta = layer.renderer(), exported_metadata(path, name)
    colours = ([[c.value(), c.symbol().symbolLayer(0).strokeColor().name()] for c in renderer.categories()]
               if renderer.type() == "categorizedSymbol" else renderer.symbol().symbolLayer(0).strokeColor().name())
    rows = [[f["prompt"], f["score"], f["model_sha256"], f["threshold"], f["source"],
             f["created"].toUTC().toString(Qt_ISODate), f.geometry().asWkt()] for f in layer.getFeatures()]
    return {"valid": layer.isValid(), "crs": layer.crs().authid(), "renderer": renderer.type(), "colours": colours,
            "rows": rows, "title": meta and meta.title(), "abstract": meta and meta.abstract(),
            "licences": meta and meta.licenses(), "history": meta and len(meta.history()),
            "qgis": [layer.metadata().title(), layer.metadata().abstract()]}
"""


def dump(path, *tables):
    """The SQL of some tables of a file, rows and schema."""
    with closing(sqlite3.connect(path)) as file:
        schema = [sql for name, sql in file.execute("SELECT tbl_name, sql FROM sqlite_master") if name in tables]
        quoted = [name.replace('"', '""') for name in tables]
        return schema, [file.execute(f'SELECT * FROM "{name}"').fetchall() for name in quoted]


def test_an_export_opens_again_with_style_and_says_how_it_was_made(headless, tmp_path):
    path = tmp_path / "내 지도's.gpkg"
    found = headless(
        PREPARE
        + """
path = folder + "/내 지도's.gpkg"
two, one = result("lake", "forest"), result("lake")
found["first"] = do(two, path, "it's a 호수"), look(path, "it's a 호수")
shutil.copy(path, folder + "/first.gpkg")
found["second"] = do(one, path, "lake"), look(path, "lake"), look(path, "it's a 호수")["colours"]
found["layers"] = layers_of(path, layer_data(one))
before = digest(path)
found["taken"] = do(one, path, "LAKE"), digest(path) == before
shutil.copy(path, folder + "/second.gpkg")
one.renderer().symbol().symbolLayer(0).setStrokeColor(QColor("#123456"))
found["appended"] = do(one, path, "lake", True), look(path, "lake")
other = QgsVectorLayer("MultiPolygon?crs=EPSG:32615&field=prompt:string", "other", "memory")
found["unlike"] = do(other, path, "plain"), do(one, path, "plain", True), do(one, path, "nowhere", True)
import subprocess
found["ogr"] = subprocess.run(["ogrinfo", "-ro", "-q", path], capture_output=True, text=True).stdout
found["left"] = sorted(os.listdir(folder))
del two, one, other
""",
        tmp_path,
    )
    count, first = found["first"]
    assert count == 4 and first["valid"] and first["crs"] == "EPSG:32615" and first["renderer"] == "categorizedSymbol"
    assert first["colours"] == [["lake", "#e69f00"], ["forest", "#56b4e9"]]
    assert first["rows"][0][:6] == ["lake", 0.5, "ab" * 32, 0.25, "/data/it's a 농장.tif", "2026-11-25T10:00:00Z"]
    assert first["rows"][3][0] == "forest" and first["rows"][0][6].startswith("MultiPolygon (((0 0")
    abstract = first["abstract"]
    assert "“lake”: 2 polygons, 100 m², threshold 0.25; “forest”: 2 polygons" in abstract
    for part in ("/data/it's a 농장.tif", "model mini (SHA-256 abababababab…)", "1 m a pixel", "2026-11-25T10:00:00Z"):
        assert part in abstract
    assert first["title"] == "lake · mini" and first["licences"] == ["model mini: GPL-3.0-or-later"]
    assert first["qgis"] == [first["title"], abstract], "QGIS shows it in the layer's properties"
    count, second, colours = found["second"]
    assert count == 2 and second["colours"] == "#e69f00" and colours == first["colours"]
    assert ["it's a 호수", True] in found["layers"] and ["lake", True] in found["layers"] and len(found["layers"]) == 2
    assert "“lake” is there already" in found["taken"][0] and found["taken"][1]
    count, appended = found["appended"]
    assert count == 2 and len(appended["rows"]) == 4 and appended["colours"] == "#e69f00", "the layer keeps its style"
    assert appended["history"] == 2 and appended["abstract"] == second["abstract"]
    made, refused, missing = found["unlike"]
    assert made == 0 and "differs in score" in refused and "no layer “nowhere”" in missing
    assert dump(path, "it's a 호수") == dump(tmp_path / "first.gpkg", "it's a 호수"), "untouched by what came later"
    assert "lake (Multi Polygon)" in found["ogr"]
    assert found["left"] == ["first.gpkg", "second.gpkg", path.name]
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert file.execute("SELECT count(*) FROM layer_styles WHERE useAsDefault").fetchone() == (3,)
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []


def test_an_export_that_fails_leaves_every_byte(headless, tmp_path):
    found = headless(
        PREPARE
        + """
layer, many = result("lake"), result("lake", per_prompt=60_000)
path = folder + "/there.gpkg"
do(layer, path, "lake")
before = digest(path)
calls = []
def later():
    calls.append(1)
    return len(calls) > 20
found["cancelled"] = do(many, path, "more", False, later), digest(path) == before
resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, resource.RLIM_INFINITY))
found["full"] = do(many, path, "more"), digest(path) == before
found["full new"] = do(many, folder + "/new.gpkg", "more"), os.path.exists(folder + "/new.gpkg")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
writer = sqlite3.connect(path, isolation_level=None)
writer.execute("BEGIN IMMEDIATE")
export.BUSY_S = 0.5
found["locked"] = do(layer, path, "more"), digest(path) == before
writer.close()
os.chmod(path, 0o444)
found["read-only"] = do(layer, path, "more"), digest(path) == before
os.chmod(path, 0o644)
for name, text in (("text.gpkg", b"not a database" * 100), ("empty.gpkg", b"")):
    open(folder + "/" + name, "wb").write(text)
    found[name] = do(layer, folder + "/" + name, "more"), open(folder + "/" + name, "rb").read() == text
found["shape"] = do(layer, folder + "/x.shp", "more")
found["folder"] = do(layer, "/nowhere/x.gpkg", "more")
found["names"] = [do(layer, path, name) for name in ("", " ", "gpkg_x", "layer_styles", "a|b", 'a"b')]
found["unchanged"] = digest(path) == before
# open in QGIS, with a layer in the project: nothing is replaced under it, and it sees the new layer
shown = QgsVectorLayer(layer_uri(path, "lake"), "shown", "ogr")
shown.startEditing()
found["wal"] = os.path.exists(path + "-wal")
inode = os.stat(path).st_ino
calls.clear()
rows = lambda uri: QgsVectorLayer(uri, "x", "ogr").featureCount()
found["cancelled open"] = do(many, path, "more", False, later), QgsVectorLayer(layer_uri(path, "more")).isValid()
found["open"] = do(layer, path, "more"), rows(layer_uri(path, "more")), os.stat(path).st_ino == inode
shown.rollBack()
found["shown"] = shown.isValid(), sum(1 for f in shown.getFeatures())
found["left"] = sorted(os.listdir(folder))
del shown, layer, many
""",
        tmp_path,
    )
    assert found["cancelled"] == ["cancelled", True]
    text, same = found["full"]
    assert same and "there.gpkg" in text and "the file is as it was" in text and "free space" in text
    assert "free space" in found["full new"][0] and not found["full new"][1]
    assert "another program is writing to the file" in found["locked"][0] and found["locked"][1]
    assert "read-only" in found["read-only"][0] and found["read-only"][1]
    for name in ("text.gpkg", "empty.gpkg"):
        assert "no GeoPackage" in found[name][0] and found[name][1], name
    assert ".gpkg" in found["shape"] and "folder does not exist" in found["folder"]
    assert all("name" in text or "called" in text for text in found["names"]), found["names"]
    assert found["unchanged"] and found["wal"]
    assert found["cancelled open"] == ["cancelled", False]
    assert found["open"] == [2, 2, True] and found["shown"] == [True, 2]
    assert [name for name in found["left"] if name.startswith(".")] == []
    with closing(sqlite3.connect(tmp_path / "there.gpkg")) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    shutil.rmtree(tmp_path)
