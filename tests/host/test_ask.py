"""Questions in plain language: what is asked of the engine, what an answer says, and what a project keeps of it."""

from __future__ import annotations

import shlex
import zipfile

import pytest

from graft_plugin.engine.ask.planner import plan_for

ORDER = """
from graft.graft_plugin.host import ask_answer, ask_order, commands, plan_writer, settings
from graft.graft_plugin.host.order import Order
from graft.graft_plugin.errors import GraftError
place = Order("/data/two words/래스터.tif", "layer", (), extent=(-1.5, 2.0, 3.25, 4.0), model="graft-naip",
              sensor="naip", bands=(3, 2, 1), gsd_m=0.6)
earlier = ask_order.Earlier("/data/before.tif", None, None)
QUESTION = "How many ponds lie within 100 m of a farmer's road?"
RESULT = {"question": QUESTION, "plan": "ponds = find('pond')\\nanswer(count(ponds), 'ponds')", "planner": "built-in",
          "text": "12 ponds.", "value": 12, "unit": "ponds", "confidence": 0.62, "why": "Because.", "out": None,
          "steps": [{"name": "ponds", "call": "find('pond')", "count": 12, "area_m2": 840.5, "layer": "ponds"}],
          "warnings": ["beware"], "crs": "EPSG:32615", "seconds": {}}
def failure(work, *args):
    try:
        work(*args)
    except GraftError as error:
        return str(error)
"""


def test_commands_repeat_the_question_without_its_key(headless):
    found = headless(
        ORDER
        + """
QgsApplication.authManager().setMasterPassword("master", True)
settings.PLANNER.set("endpoint")
found["lacks"] = failure(plan_writer.chosen_writer)
settings.ENDPOINT_URL.set("http://127.0.0.1:9/v1")
settings.ENDPOINT_MODEL.set("qwen")
kept = plan_writer.keep_key("sk-very-secret", "")
found["replaced"] = plan_writer.keep_key("sk-other-secret", kept) == kept, plan_writer.read_key(kept)
settings.ENDPOINT_AUTH.set(kept)
writer = plan_writer.chosen_writer()
order = ask_order.AskOrder(place, QUESTION, "", earlier)
planned = ask_order.AskOrder(place, QUESTION, "answer(1)")
found["graft"] = [commands.ask_as_graft(order), commands.ask_as_graft(planned)]
found["process"], found["python"] = commands.ask_as_qgis_process(order), commands.ask_as_python(planned)
found["request"], found["shown"] = writer.to_request(), repr(writer)
found["stored"] = [str(QgsSettings().value(key)) for key in QgsSettings().allKeys()]
QgsApplication.authManager().clearMasterPassword()
QgsApplication.authManager().setMasterPassword("master", True)
found["forgotten"] = plan_writer.keep_key("", kept), failure(plan_writer.read_key, kept)
""")  # fmt: skip
    assert "the endpoint that writes plans has no address" in found["lacks"]
    assert found["replaced"] == [True, "sk-other-secret"]
    asked, planned = found["graft"]
    assert shlex.split(asked) == [
        "graft", "ask", "/data/two words/래스터.tif", "How many ponds lie within 100 m of a farmer's road?",
        "--before", "/data/before.tif", "--model", "graft-naip", "--sensor", "naip", "--bands", "3,2,1",
        "--gsd", "0.6", "--extent=-1.5,2.0,3.25,4.0", "--endpoint", "http://127.0.0.1:9/v1",
        "--endpoint-model", "qwen", "--out", "answer.gpkg",
    ]  # fmt: skip
    assert planned.endswith("--plan - <<'PLAN'\nanswer(1)\nPLAN") and "--endpoint" not in planned
    words = shlex.split(found["process"])
    assert words[:4] == ["qgis_process", "run", "graft:ask", "--"]
    given = dict(word.split("=", 1) for word in words[4:])
    assert given["BEFORE"] == "/data/before.tif" and given["EXTENT"] == "-1.5,3.25,2.0,4.0" and "PLAN" not in given
    assert given["BANDS"] == "3,2,1" and given["GSD"] == "0.6"
    calls = []
    processing = type("processing", (), {"run": staticmethod(lambda *args: calls.append(args))})
    exec(found["python"].replace("import processing\n", ""), {"processing": processing})
    assert calls[0][0] == "graft:ask" and calls[0][1]["PLAN"] == "answer(1)" and "BEFORE" not in calls[0][1]
    assert found["request"] == {"url": "http://127.0.0.1:9/v1", "model": "qwen", "key": "sk-other-secret"}
    everywhere = [*found["graft"], found["process"], found["python"], found["shown"], *found["stored"]]
    assert not any("secret" in text for text in everywhere)
    assert found["forgotten"][0] == "" and "does not give out the endpoint's key" in found["forgotten"][1]


def test_an_answer_in_words(headless):
    found = headless(
        ORDER
        + """
QLocale = ask_answer.QLocale
QLocale.setDefault(QLocale("en_US"))
def told(value, unit="", confidence=0.5, text="In m²."):
    said = {"value": value, "unit": unit, "confidence": confidence, "text": text}
    return ask_answer.answer_of({**RESULT, **said}, "farm")
found["heads"] = [told(*more).headline for more in ((12, "ponds"), (12345, "m2"), (3.14159, "ha"), (0.012345, "km2"),
                  (1234.56, "m2"), (0.0, "ha"), (2.5, "lakes per km2"), (True,),
                  (False,), ("forest",), (None,), (50.0, "%"))]
found["heads"] += [told(1, "swimming pools", text="1 swimming pool, near a road.").headline,
                   told(32100.0, "m2", text="The largest lake covers 3.21 ha.").headline]
found["sure"] = [told(1, "", confidence).confidence_words for confidence in (1.5, 0.75, 0.74, 0.1)]
found["dates"] = [ask_order.is_of_dates(*asked) for asked in (
    ("How many lakes are there?",), ("How much forest was lost between the two dates?",), ("Is there new water?",),
    ("", "c = compare(before, after, 'lake')"), ("Are there more ponds than lakes between the roads?",))]
found["examples"] = [[example, ask_order.is_of_dates(example)] for example in ask_order.EXAMPLES]
found["request"] = ask_order.AskOrder(place, QUESTION, "  ").to_request()
""")  # fmt: skip
    assert found["heads"] == [
        "12 ponds", "12,345 m²", "3.14 ha", "0.0123 km²", "1,235 m²", "0.00 ha", "2.50 lakes per km²",
        "Yes", "No", "forest", "No answer",
        "50.0 %", "1 swimming pool", "3.21 ha",
    ]  # fmt: skip
    assert found["sure"] == [
        "Confidence: high (1.00)", "Confidence: high (0.75)", "Confidence: fair (0.74)", "Confidence: low (0.10)",
    ]  # fmt: skip
    assert found["dates"] == [False, True, True, True, False]
    for example, of_dates in found["examples"]:
        assert ("compare(" in plan_for(example)) == of_dates, "each is understood"
    assert found["request"] == {"question": "How many ponds lie within 100 m of a farmer's road?"}


def test_a_project_keeps_answers_and_their_layers(headless, tmp_path):
    found = headless(
        ORDER
        + """
from graft.graft_plugin.host import ask_layers
from graft.graft_plugin.host.layers import add_group
project = QgsProject.instance()
import os
paths = [os.path.join(os.path.dirname(argv[0]), name) for name in ("a.gpkg", "b.gpkg")]
memory = QgsVectorLayer("Polygon?crs=EPSG:32615", "m", "memory")
feature = QgsFeature()
feature.setGeometry(QgsGeometry.fromWkt("POLYGON((0 0, 9 0, 9 9, 0 0))"))
memory.dataProvider().addFeatures([feature])
options = QgsVectorFileWriter.SaveVectorOptions()
options.layerName = "ponds"
QgsVectorFileWriter.writeAsVectorFormatV3(memory, paths[0], project.transformContext(), options)
open(paths[1], "w").close()
paths = [ask_layers.attach(project, path) for path in paths]
answer = ask_answer.answer_of(RESULT, "farm")
older = ask_answer.answer_of({**RESULT, "question": "Old? <&> é", "value": None}, "farm")
makers = ask_layers.layer_makers(answer, paths[0])
add_group(project, [make() for make in makers], answer.title)
ask_layers.forget_files(project)
ask_answer.keep_answers(project, [answer, older])
for name in argv:
    project.write(name)
found["again"] = []
for name in argv:
    project.clear()
    found["cleared"] = len(ask_answer.kept_answers(project))
    project.read(name)
    top = project.layerTreeRoot().children()[0]
    found["hidden"] = ask_layers.show_only(older, project) is None, top.isVisible()
    group = ask_layers.show_only(answer, project)
    layers = [node.layer() for node in group.findLayers()]
    found["again"].append([ask_answer.kept_answers(project) == [answer, older], group.name(),
        [[layer.name(), layer.featureCount(), layer.abstract()] for layer in layers],
        sum(file.endswith(ask_layers.FILE) for file in project.attachedFiles()), group.isVisible()])
project.writeEntry("graft", "questions", '[{"id": 1}, 7, null]')
found["odd"] = len(ask_answer.kept_answers(project))
project.writeEntry("graft", "questions", '{"a')
found["odd"] += len(ask_answer.kept_answers(project))
del layers, makers
""",
        tmp_path / "p.qgz", tmp_path / "p.qgs",
    )  # fmt: skip
    kept = [True, "How many ponds lie within 100 m of a farmer's road?", [["ponds · 12", 1, "find('pond')"]], 1, True]
    assert found["again"] == [kept, kept], "the second file was used by no layer, and is not saved"
    assert found["cleared"] == 0 and found["hidden"] == [True, False] and found["odd"] == 0
    assert [name for name in zipfile.ZipFile(tmp_path / "p.qgz").namelist() if name.endswith("answer.gpkg")]


PROCESSING = """
import processing
from osgeo import gdal
from processing.core.Processing import Processing
import graft
plugin = graft.classFactory(None)
plugin.initProcessing()
Processing.initialize()
def run(**more):
    try:
        return processing.run("graft:ask", {"INPUT": argv[0], "MODEL": argv[1], **more},
                              feedback=QgsProcessingFeedback(False))
    except QgsProcessingException as error:
        return str(error)
found["lakes"] = run(QUESTION="How many lakes are there?", OUTPUT=argv[2])
found["layers"] = [QgsVectorLayer(uri, "a", "ogr").featureCount() for uri in found["lakes"]["LAYERS"]]
found["area"] = run(QUESTION="ignored", PLAN='answer(area_m2(find("forest")), unit="m2")', THRESHOLD=0.5)
utm, wgs84 = QgsCoordinateReferenceSystem("EPSG:32615"), QgsCoordinateReferenceSystem("EPSG:4326")
to_wgs84 = QgsCoordinateTransform(utm, wgs84, QgsProject.instance())
box = to_wgs84.transformBoundingBox(QgsRectangle(500328, 4999552, 500448, 5000000))
east = "%r,%r,%r,%r [EPSG:4326]" % (box.xMinimum(), box.xMaximum(), box.yMinimum(), box.yMaximum())
found["east"] = run(QUESTION="Is there a lake?", EXTENT=east)
found["same"] = run(QUESTION="How much forest was lost between the two dates?", BEFORE=argv[0])
gdal.Warp(argv[3], argv[0], dstSRS="EPSG:32616")
found["moved"] = run(QUESTION="How much forest was lost between the two dates?", BEFORE=argv[3], EXTENT=east)
found["refused"] = [run(), run(QUESTION="Why?"), run(PLAN="import os")]
"""


def test_the_algorithm_answers_like_the_page(headless, colour_scene, colour_model, tmp_path):
    found = headless(PROCESSING, colour_scene.path, colour_model, tmp_path / "answer.gpkg", tmp_path / "moved.tif")
    lakes = found["lakes"]
    assert (lakes["ANSWER"], lakes["VALUE"], lakes["UNIT"]) == ("1 lake.", 1.0, "lakes") and lakes["CONFIDENCE"] > 0.5
    assert lakes["WRITTEN_PLAN"].startswith('lakes = find("lake")') and found["layers"] == [1]
    wood = colour_scene.wood
    assert found["area"]["VALUE"] == pytest.approx((wood[2] - wood[0]) * (wood[3] - wood[1]), rel=0.1)
    assert found["area"]["LAYERS"] == [] and "OUTPUT" not in found["area"]
    assert found["east"]["ANSWER"] == "There is no lake." and found["east"]["VALUE"] == 0.0
    assert found["same"]["VALUE"] == 0.0 and found["same"]["UNIT"] == "ha"
    assert isinstance(found["moved"], dict), found["moved"]
    assert found["moved"]["VALUE"] < 0.2, "the earlier raster may lie in another CRS than the area"
    nothing, unknown, unsafe = found["refused"]
    assert "nothing was asked. Ask it in QUESTION" in nothing and "does not understand" in unknown
    assert "import" in unsafe
