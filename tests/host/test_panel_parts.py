"""The panel's parts without a desktop: commands that repeat a run, words, chips, the histogram, latest calls."""

from __future__ import annotations

import shlex

ORDER = """
from graft.graft_plugin.host.order import Order
from graft.graft_plugin.host import commands
order = Order("/data/two words/래스터.tif", "layer", ("lake", "bare soil"), ("it's",), (-1.5, 2.0, 3.25, 4.0),
              0.5, "graft-naip", "naip", (3, 2, 1), 0.6, (0.0, 3000.0))
plain = Order("a.tif", "a", ("lake",), segment=False)
liked = Order("a.tif", "a", (), like=((-1.0, 2.0), (3.0, 4.5)), unlike=((5.0, 6.0),), photo="p q.jpg", refine=False)
"""


def test_commands_repeat_the_run(headless):
    found = headless(
        ORDER
        + """
found.update(graft=commands.as_graft(order), process=commands.as_qgis_process(order), python=commands.as_python(order),
    plain=[commands.as_graft(plain), commands.as_qgis_process(plain)], liked=commands.as_graft(liked),
    parameters=commands.parameters(liked), requests=[order.to_request(), plain.to_request(), liked.to_request()])
""")  # fmt: skip
    assert shlex.split(found["graft"]) == [
        "graft", "query", "/data/two words/래스터.tif", "--text", "lake", "--text", "bare soil", "--not", "it's",
        "--model", "graft-naip", "--sensor", "naip", "--bands", "3,2,1", "--gsd", "0.6", "--stretch=0.0,3000.0",
        "--extent=-1.5,2.0,3.25,4.0", "--threshold", "0.5", "--heatmap", "heatmap.tif",
        "--masks", "polygons.gpkg",
    ]  # fmt: skip
    words = shlex.split(found["process"])
    assert words[:4] == ["qgis_process", "run", "graft:segment", "--"]
    given = dict(word.split("=", 1) for word in words[4:])
    assert given["PROMPTS"] == "lake\nbare soil" and given["EXTENT"] == "-1.5,3.25,2.0,4.0"
    assert given["THRESHOLD"] == "0.5" and given["BANDS"] == "3,2,1" and given["INPUT"].endswith("래스터.tif")
    calls = []
    processing = type("processing", (), {"run": staticmethod(lambda *args: calls.append(args))})
    exec(found["python"].replace("import processing\n", ""), {"processing": processing})
    ((algorithm, parameters),) = calls
    assert algorithm == "graft:segment" and {k: str(v) for k, v in parameters.items()} == given
    assert found["plain"] == [
        "graft query a.tif --text lake --heatmap heatmap.tif",
        "qgis_process run graft:heatmap -- INPUT=a.tif PROMPTS=lake MODEL=mini OUTPUT=heatmap.tif",
    ]
    assert "--like=-1.0,2.0 --like=3.0,4.5 --unlike=5.0,6.0 --photo 'p q.jpg'" in found["liked"]
    assert found["liked"].endswith("--refine none")
    assert found["parameters"]["LIKE"] == "-1.0,2.0;3.0,4.5" and found["parameters"]["REFINE"] is False
    full, heat, like = found["requests"]
    assert full["threshold"] == 0.5 and full["extent"] == [-1.5, 2.0, 3.25, 4.0] and "refine" not in full
    assert heat == {"raster": "a.tif", "prompts": ["lake"], "model": "mini"}
    assert like["like"] == [-1.0, 2.0, 3.0, 4.5] and like["unlike"] == [5.0, 6.0] and like["refine"] == "none"


def test_fields_and_words(headless, colour_scene):
    found = headless(
        """
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from graft.graft_plugin.host.prompt_field import PromptField
from graft.graft_plugin.host.sensor_fields import SensorFields, parse_stretch
from graft.graft_plugin.host.estimate import estimate_words
field = PromptField("words")
field.resize(300, 200)
field.show()
changes = []
field.changed.connect(lambda: changes.append(field.prompts()))
done = []
field.submitted.connect(lambda: done.append(1))
QTest.keyClicks(field.line, "lake,bare soil")
found["typed"] = field.prompts()
QTest.keyClick(field.line, Qt.Key.Key_Return)
QTest.keyClick(field.line, Qt.Key.Key_Return)
QTest.keyClicks(field.line, "lake")
QTest.keyClick(field.line, Qt.Key.Key_Return)
found["entered"] = field.prompts(), len(done), len(field.findChildren(QObject, "graft_chip"))
field.findChildren(QToolButton)[-1].click()
QTest.keyClick(field.line, Qt.Key.Key_Backspace)
found["emptied"] = field.prompts(), bool(changes)
field.set_prompts(("lake", "a very long prompt about solar panels on the roofs of warehouses " * 2))
found["narrow"] = field.minimumSizeHint().width()
found["order"] = []
at = field.line.nextInFocusChain()
while at is not field.line and len(found["order"]) < 9:
    if isinstance(at, QToolButton) and at.isVisible() and at.toolTip().startswith("Remove"):
        found["order"].append(at.toolTip()[:12])
    at = at.nextInFocusChain()
sensor = SensorFields()
layer = QgsRasterLayer(argv[0], "a")
sensor.set_layer(layer)
changes.clear()
sensor.changed.connect(lambda: changes.append(1))
found["automatic"] = sensor.values()
for combo, index in zip(sensor.bands, (3, 2, 1)):
    combo.setCurrentIndex(index)
sensor.gsd.setValue(2.5)
sensor.stretch.setText("0, 3000")
sensor.stretch.editingFinished.emit()
found["chosen"] = sensor.values(), len(changes)
found["stretches"] = [parse_stretch(text) for text in ("", "1", "5 1", "a b", "0;1", "0 1 0 2 0 3", "0 1 2 3")]
estimate = dict(tiles=1200, stored_tiles=100, seconds=340, memory_bytes=2.6e9, disk_bytes=3e6, warnings=["Odd."])
found["estimate"] = estimate_words(estimate), estimate_words({**estimate, "tiles": 1, "stored_tiles": 1, "seconds": 0.1,
                                                              "disk_bytes": 0, "warnings": []})
""".replace("from qgis.PyQt.QtCore import Qt\n", "from qgis.PyQt.QtCore import QObject, Qt\nfrom qgis.PyQt.QtWidgets "
            "import QToolButton\n"),
        colour_scene.path,
    )  # fmt: skip
    assert found["typed"] == ["lake", "bare soil"]
    assert found["entered"] == [["lake", "bare soil"], 1, 2]
    assert found["emptied"] == [[], True]
    assert found["narrow"] < 200 and found["order"] == ["Remove “lake", "Remove “a ve"]
    assert found["automatic"] == {"sensor": "auto", "bands": [], "gsd_m": None, "stretch": []}
    assert found["chosen"] == [{"sensor": "auto", "bands": [3, 2, 1], "gsd_m": 2.5, "stretch": [0, 3000]}, 5]
    assert found["stretches"] == [[], [], [], [], [0, 1], [0, 1, 0, 2, 0, 3], []]
    assert "6\u00a0min · 2.6\u00a0GB" in found["estimate"][0], "a narrow panel breaks the line between parts"
    assert [words.replace("\u00a0", " ") for words in found["estimate"]] == [
        "1,200 tiles, 100 seen before · about 6 min · 2.6 GB memory · 3 MB disk\nOdd.",
        "1 tile, all seen before · about 1 s · 2.6 GB memory",
    ]


def test_the_histogram_counts_cells_and_moves_with_mouse_and_keys(headless, tmp_path):
    import numpy as np
    import rasterio
    from rasterio.transform import from_origin

    scores = np.linspace(0, 0.999, 1600, dtype="float32").reshape(40, 40)
    scores[0, :10] = -1
    path = tmp_path / "heat.tif"
    with rasterio.open(path, "w", driver="GTiff", width=40, height=40, count=1, dtype="float32", nodata=-1,
                       crs="EPSG:32615", transform=from_origin(0, 0, 16, 16)) as out:  # fmt: skip
        out.write(scores, 1)
    found = headless(
        """
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from graft.graft_plugin.host.histogram import Histogram, read_counts
layer = QgsRasterLayer(argv[0], "h")
counts = read_counts(layer, 1)
found["counts"] = len(counts), sum(counts), max(counts), min(counts)
widget = Histogram()
widget.resize(200, 76)
widget.show()
widget.show_counts(counts, 0.3, "#e69f00")
moves = []
widget.moved.connect(moves.append)
QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(100, 30))
QTest.keyClick(widget, Qt.Key.Key_Right)
QTest.keyClick(widget, Qt.Key.Key_PageUp)
QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(199, 30))
found["moves"] = moves
widget.set_threshold(0.2)
found["quiet"] = len(moves), widget.threshold
picture = widget.grab().toImage()
colours = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(40, 70)}
found["coloured"] = "#e69f00" in colours
app.setStyleSheet("QLabel { color: #d0d1d2; background: #222222 }")  # as a dark theme does it
picture = widget.grab().toImage()
found["ink"] = picture.pixelColor(int(7 + 1 + 0.2 * (200 - 16)), 71).name()
""",
        path,
    )
    assert found["counts"][:2] == [100, 1590] and found["counts"][2] <= 17
    assert found["moves"] == [0.5, 0.51, 0.61, 1.0] and found["quiet"] == [4, 0.2] and found["coloured"]
    assert found["ink"] == "#d0d1d2", "the handle is drawn in the theme's ink"


def test_only_the_latest_question_of_a_kind_is_answered(headless):
    found = headless("""
import threading, time
from qgis.PyQt.QtCore import QCoreApplication
from graft.graft_plugin.errors import Cancelled, UsageError
from graft.graft_plugin.host.calls import LatestCalls
begun, asked, threads = threading.Event(), [], set()
def question(n):
    def work(report, cancelled):
        asked.append(n)
        threads.add(threading.current_thread().name)
        if n == 1:
            begun.set()
            while not cancelled():
                time.sleep(0.001)
            raise Cancelled()
        if n == 5:
            raise UsageError("no")
        return {"n": n}
    return work
calls = LatestCalls()
answers = []
def then(result, error):
    main = threading.current_thread() is threading.main_thread()
    answers.append([result and result["n"], error and str(error), main])
calls.ask("a", question(1), then)
begun.wait(5)
for n in (2, 3, 4):
    calls.ask("a", question(n), then)
calls.ask("b", question(5), then)
until = time.monotonic() + 5
while len(answers) < 2 and time.monotonic() < until:
    QCoreApplication.processEvents()
calls.ask("a", question(6), then)
calls.drop("a")
time.sleep(0.1)
QCoreApplication.processEvents()
calls.close()
found.update(answers=answers, asked=asked[:1] + asked[-2:], threads=list(threads))
""")
    assert found["answers"][0] == [4, None, True] and found["answers"][1][0] is None and len(found["answers"]) == 2
    assert "no" in found["answers"][1][1] and found["answers"][1][2]
    assert found["threads"] == ["graft-calls"]
