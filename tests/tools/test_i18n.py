"""Texts, their Korean, and the .qm made from them; QTranslator itself reads it in tests/host/test_translation.py."""

from __future__ import annotations

import pytest

from tools import i18n
from tools.i18n import Entry


def test_every_text_has_its_korean_and_the_files_are_fresh():
    texts = i18n.extract()
    assert len(texts) > 50 and "Segment by prompt…" in texts and "Drawing masks" in texts
    for language in i18n.LANGUAGES:
        ts = i18n.FOLDER / f"graft_{language}.ts"
        entries = i18n.read_ts(ts)
        now = i18n.updated(entries, texts)
        assert i18n.problems(now) == [], "make i18n, then fill in the .ts"
        assert ts.read_text(encoding="utf-8") == i18n.ts_text(now, language), "the .ts is stale: make i18n"
        assert ts.with_suffix(".qm").read_bytes() == i18n.qm_bytes(now, language), "the .qm is stale: make i18n"


def planted(tmp_path, source):
    (tmp_path / "a.py").write_text(source)
    return i18n.extract(tmp_path, tmp_path)


def test_texts_are_found_wherever_tr_gets_them(tmp_path):
    found = planted(
        tmp_path,
        'TABLE = {"a": tr_later("from a table")}\n'
        "def f(many):\n"
        '    label.setText(tr("{} polygons" if many else "one polygon").format(many))\n'
        '    note = tr("joined "\n        "over lines")\n'
        '    return tr(TABLE["a"]), other.tr("not ours"), tr("")\n',
    )
    assert found == dict.fromkeys(("from a table", "{} polygons", "one polygon", "joined over lines"), ("a.py",))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('def f(n):\n    return tr(f"{n} polygons")', "a.py:2: tr needs a plain text"),
        ('def f(n):\n    return tr("polygons: " + n)', "a.py:2: tr needs a plain text"),
        ('def f(n):\n    return tr("{} polygons".format(n))', "a.py:2: tr needs a plain text"),
        ('NAME = tr("GRAFT")', "a.py:1: tr runs on import"),
        ('class Dock:\n    title = tr("GRAFT")', "a.py:2: tr runs on import"),
    ],
)
def test_a_text_that_could_never_be_translated_is_a_mistake(tmp_path, source, words):
    with pytest.raises(i18n.MistakeError, match=words):
        planted(tmp_path, source)


def test_a_translation_outlives_its_text(tmp_path):
    ts = tmp_path / "a.ts"
    entries = {"lake": Entry("lake", "호수"), "gone": Entry("gone", "")}
    ts.write_text(i18n.ts_text(i18n.updated(entries, {"<new> & “old”\nline": ("b.py",)}), "ko"), encoding="utf-8")
    read = i18n.read_ts(ts)
    assert read == {"lake": Entry("lake", "호수"), "<new> & “old”\nline": Entry("<new> & “old”\nline", "", ("b.py",))}
    assert 'type="vanished">호수' in ts.read_text(encoding="utf-8")
    back = i18n.updated(read, {"lake": ("c.py",)})
    assert back == {"lake": Entry("lake", "호수", ("c.py",))}


def test_what_is_wrong_with_a_translation_is_named():
    entries = [
        Entry("{} in {}", "{} 안", ("a.py",)),
        Entry("{:.1f} s", "{}초", ("a.py",)),
        Entry("{0} of {1}", "{1} 중 {0}", ("a.py",)),
        Entry("Run…", "실행", ("a.py",)),
        Entry("Area", "", ("a.py",)),
        Entry("not used", ""),
    ]
    found = i18n.problems({entry.source: entry for entry in entries})
    assert len(found) == 4
    for source in ("'{} in {}'", "'{:.1f} s'", "'Run…'", "'Area'"):
        assert sum(source in line for line in found) == 1


def test_the_qm_holds_what_is_used_and_translated_under_qts_hash():
    data = i18n.qm_bytes({"lake": Entry("lake", "호수", ("a.py",)), "old": Entry("old", "낡음")}, "ko")
    assert data.startswith(i18n.QM_MAGIC) and "호수".encode("utf-16-be") in data
    assert "낡음".encode("utf-16-be") not in data
    # ((((('l' << 4) + 'a') << 4) + 'k') << 4) + 'e', which is below 2^28 and so has nothing to fold
    assert (((((0x6C << 4) + 0x61) << 4) + 0x6B << 4) + 0x65).to_bytes(4, "big") in data
