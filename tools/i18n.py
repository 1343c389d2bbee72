"""`make i18n`: the texts of the QGIS side → resources/i18n/graft_ko.ts → graft_ko.qm.

Texts are the literals that `tr` and `tr_later` get, read from the syntax tree. What a translator wrote is never lost: a
text that left the sources stays in the .ts file as "vanished", and comes back with its translation when it returns. The
.qm is written here and not by Qt's lrelease, so that the same .ts gives the same bytes on every machine, and a test can
tell a stale one. Standard library only.
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from xml.etree import ElementTree
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "graft_plugin"
FOLDER = ROOT / "resources" / "i18n"
LANGUAGES = ("ko",)
CONTEXT = "GRAFT"
MARKERS = ("tr", "tr_later")

QM_MAGIC = bytes.fromhex("3cb86418caef9c95cd211cbf60a1bddd")
QM_LANGUAGE, QM_HASHES, QM_MESSAGES = 0xA7, 0x42, 0x69
TAG_END, TAG_TRANSLATION, TAG_SOURCE, TAG_CONTEXT, TAG_COMMENT = 1, 3, 6, 7, 8


@dataclass(frozen=True)
class Entry:
    """One text and its translation.

    Attributes:
        source: The English text.
        translation: Empty: there is none yet.
        files: Where the text is used, relative to the repository; empty: nowhere any more.
    """

    source: str
    translation: str
    files: tuple[str, ...] = ()


class MistakeError(ValueError):
    """A call of `tr` whose text cannot be known before the program runs."""


def extract(folder: Path = SOURCES, root: Path = ROOT) -> dict[str, tuple[str, ...]]:
    """Return text → the files that use it, of every Python file below `folder`.

    Raises:
        MistakeError: A text is put together inside `tr`, or translated while the module is imported.
    """
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        for call in _module_level_calls(tree):
            raise MistakeError(f"{name}:{call.lineno}: tr runs on import, before the language is known; use tr_later")
        for call in _calls(tree, MARKERS):
            for text in _literals(call.args[0], f"{name}:{call.lineno}"):
                found.setdefault(text, set()).add(name)
    return {text: tuple(sorted(files)) for text, files in sorted(found.items())}


def _calls(tree: ast.AST, names: tuple[str, ...]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names and node.args:
            yield node


def _module_level_calls(node: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls of `tr` that run when the module is imported: outside of every function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id == "tr":
            yield child
        yield from _module_level_calls(child)


def _literals(node: ast.expr, where: str) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            if text:
                yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _literals(body, where)
            yield from _literals(orelse, where)
        case ast.Name() | ast.Attribute() | ast.Subscript():
            pass  # a text that `tr_later` marked elsewhere
        case _:
            raise MistakeError(f'{where}: tr needs a plain text; put values in after it: tr("{{}} polygons").format(n)')


def read_ts(path: Path) -> dict[str, Entry]:
    """Return source → entry of a .ts file; a missing file has none."""
    if not path.exists():
        return {}
    found = {}
    for message in ElementTree.parse(path).iter("message"):
        source = message.findtext("source") or ""
        files = tuple(where.get("filename", "") for where in message.iter("location"))
        found[source] = Entry(source, message.findtext("translation") or "", files)
    return found


def updated(entries: dict[str, Entry], texts: dict[str, tuple[str, ...]]) -> dict[str, Entry]:
    """Return `entries` in line with the sources' `texts`; a translation is kept even where its text has gone."""
    kept = {source: Entry(source, entry.translation) for source, entry in entries.items() if entry.translation}
    for source, files in texts.items():
        kept[source] = Entry(source, entries[source].translation if source in entries else "", files)
    return kept


def ts_text(entries: dict[str, Entry], language: str) -> str:
    """Return a .ts file in Qt's format, by source, so that branches that add texts merge."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<!DOCTYPE TS>"]
    lines += [f'<TS version="2.1" language="{language}" sourcelanguage="en">', "<context>"]
    lines.append(f"    <name>{CONTEXT}</name>")
    for source, entry in sorted(entries.items()):
        state = ' type="vanished"' if not entry.files else "" if entry.translation else ' type="unfinished"'
        lines.append("    <message>")
        lines += [f'        <location filename="{escape(name)}"/>' for name in entry.files]
        lines.append(f"        <source>{escape(source)}</source>")
        lines.append(f"        <translation{state}>{escape(entry.translation)}</translation>")
        lines.append("    </message>")
    return "\n".join([*lines, "</context>", "</TS>", ""])


def qm_bytes(entries: dict[str, Entry], language: str) -> bytes:
    """Return a .qm file for QTranslator, with the entries that are in use and translated.

    Its layout is that of Qt's qtranslator.cpp: sections of tag, length and data; messages of tagged parts; and a table
    of (hash of the source, offset of its message), sorted, to look them up in.
    """
    hashes, messages = [], bytearray()
    for source, entry in sorted(entries.items()):
        if entry.translation and entry.files:
            hashes.append((_elf_hash(source.encode()), len(messages)))
            parts = (
                (TAG_TRANSLATION, entry.translation.encode("utf-16-be")),
                (TAG_COMMENT, b""),
                (TAG_SOURCE, source.encode()),
                (TAG_CONTEXT, CONTEXT.encode()),
            )
            messages += b"".join(struct.pack(">BI", tag, len(data)) + data for tag, data in parts)
            messages += bytes([TAG_END])
    table = b"".join(struct.pack(">II", *row) for row in sorted(hashes))
    sections = ((QM_LANGUAGE, language.encode()), (QM_HASHES, table), (QM_MESSAGES, bytes(messages)))
    return QM_MAGIC + b"".join(struct.pack(">BI", tag, len(data)) + data for tag, data in sections)


def _elf_hash(data: bytes) -> int:
    """Return the hash that Qt looks a source up by."""
    value = 0
    for byte in data:
        value = (value << 4) + byte
        top = value & 0xF0000000
        value = (value ^ (top >> 24)) & ~top & 0xFFFFFFFF
    return value or 1


def problems(entries: dict[str, Entry]) -> list[str]:
    """Return what is wrong with the translations of the texts in use, one sentence each."""
    found = []
    for source, entry in sorted(entries.items()):
        if not entry.files:
            continue
        if not entry.translation:
            found.append(f"not translated ({entry.files[0]}): {source!r}")
        elif _fields(source) != _fields(entry.translation):
            found.append(f"other {{}} than in its source: {source!r} → {entry.translation!r}")
        elif (source.endswith("…"), source.count("\n")) != (
            entry.translation.endswith("…"),
            entry.translation.count("\n"),
        ):
            found.append(f"other … or line breaks than in its source: {source!r} → {entry.translation!r}")
    return found


def _fields(text: str) -> list[tuple[str, str]]:
    """Return the {} of a text: in order where they have no number, else by number."""
    fields = [(name, spec or "") for _text, name, spec, _conversion in Formatter().parse(text) if name is not None]
    return sorted((name or str(k), spec) for k, (name, spec) in enumerate(fields))


def main() -> int:
    """Bring every language up to date; say what is left to translate."""
    texts = extract()
    FOLDER.mkdir(parents=True, exist_ok=True)
    missing = []
    for language in LANGUAGES:
        ts = FOLDER / f"graft_{language}.ts"
        entries = updated(read_ts(ts), texts)
        ts.write_text(ts_text(entries, language), encoding="utf-8")
        ts.with_suffix(".qm").write_bytes(qm_bytes(entries, language))
        missing += [f"{language}: {problem}" for problem in problems(entries)]
        print(f"{ts.relative_to(ROOT)}: {len(texts)} texts, {len(missing)} to mend")
    if missing:
        print("\n".join([*missing, "Write them into the .ts file and run it again: make i18n"]))
    return 1 if missing else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MistakeError as error:
        sys.exit(re.sub(r"\s+", " ", str(error)))
