"""Questions in plain language: what is asked of the engine, what an answer says, and what a project keeps of it."""

from __future__ import annotations

import shlex
import zipfile

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
    group = ask_layers.group_of(answer, project)
    layers = [node.layer() for node in group.findLayers()]
    found["again"].append([ask_answer.kept_answers(project) == [answer, older], group.name(),
        [[layer.name(), layer.featureCount(), layer.abstract()] for layer in layers], len(project.attachedFiles())])
found["no group"] = ask_layers.group_of(older, project) is None
project.writeEntry("graft", "questions", '[{"id": 1}, 7, null]')
found["odd"] = len(ask_answer.kept_answers(project))
project.writeEntry("graft", "questions", '{"a')
found["odd"] += len(ask_answer.kept_answers(project))
del layers, makers
""",
        tmp_path / "p.qgz", tmp_path / "p.qgs",
    )  # fmt: skip
    kept = [True, "How many ponds lie within 100 m of a farmer's road?", [["ponds · 12", 1, "find('pond')"]], 1]
    assert found["again"] == [kept, kept], "the second file was used by no layer, and is not saved"
    assert found["cleared"] == 0 and found["no group"] and found["odd"] == 0
    assert [name for name in zipfile.ZipFile(tmp_path / "p.qgz").namelist() if name.endswith("answer.gpkg")]
