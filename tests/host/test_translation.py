"""QGIS in Korean: the menu, the dialog and the algorithms speak it; after unload the plugin leaves no translator."""

from __future__ import annotations

import json

from tools import i18n
from tools.i18n import Entry


def test_qts_own_reader_understands_every_entry_of_our_qm(headless, tmp_path):
    entries = i18n.read_ts(i18n.FOLDER / "graft_ko.ts")
    used = {source: entry for source, entry in entries.items() if entry.files}
    # long enough for the hash to fold, and with letters outside ASCII
    used["é" * 40] = Entry("é" * 40, "긴 글", ("a.py",))
    qm = tmp_path / "한국어.qm"
    qm.write_bytes(i18n.qm_bytes(used, "ko"))
    found = headless(
        """
from qgis.PyQt.QtCore import QCoreApplication, QTranslator
reader = QTranslator()
found["loaded"] = reader.load(argv[0]) and QCoreApplication.installTranslator(reader)
found["texts"] = {text: QCoreApplication.translate("GRAFT", text) for text in json.loads(argv[1])}
found["unknown"] = [QCoreApplication.translate("GRAFT", "no such text"), QCoreApplication.translate("Other", "Run")]
QCoreApplication.removeTranslator(reader)
""",
        qm, json.dumps(list(used)),
    )  # fmt: skip
    assert found["loaded"]
    assert found["texts"] == {source: entry.translation for source, entry in used.items()}
    assert found["unknown"] == ["no such text", "Run"]


def test_qgis_in_korean_shows_korean(desktop, colour_scene):
    found = desktop(
        """
    layer = project.addMapLayer(QgsRasterLayer(argv[0], "farm"))
    menu, action = menu_action(layer, "graft_segment")
    found["menu"] = [a.text() for a in menu.actions() if a.objectName().startswith("graft_")]
    provider = QgsApplication.processingRegistry().providerById("graft")
    found["algorithms"] = sorted(a.displayName() for a in provider.algorithms())
    translate = lambda: QCoreApplication.translate("GRAFT", "Raster layer")
    found["loaded"] = translate()
    qgis.utils.unloadPlugin("graft")
    found["unloaded"] = translate()
""",
        colour_scene.path,
        locale="ko",
    )
    assert {"프롬프트로 분할…", "유사도 히트맵…"} <= set(found["menu"])
    assert {"유사도 히트맵", "프롬프트로 분할"} <= set(found["algorithms"])
    assert (found["loaded"], found["unloaded"]) == ("래스터 레이어", "Raster layer")
