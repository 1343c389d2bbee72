"""What a collection knows already, on disk: answers of the server, facts of each picture. From it, a run goes on.

A collection is a plain function of its settings and of these records, so that to resume is to run it again: what is in
the journal is not asked for a second time. SQLite keeps each record whole or not at all, whenever the process is
killed, and lets one process at a time into the folder.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Optional

from graft_plugin.errors import OutputError, UsageError

from .photos import disk_error

NAME = "journal.sqlite"
Table = Literal["answers", "pictures", "scores", "settings"]
_TABLES: tuple[Table, ...] = ("answers", "pictures", "scores", "settings")


class Journal:
    """Records by key, kept at once.

    Args:
        folder: The photo folder, made if missing; None for a journal in memory, for a look that leaves nothing.

    Raises:
        UsageError: Another process is at work in the folder.
        OutputError: The folder cannot be written.
    """

    def __init__(self, folder: Optional[Path]) -> None:
        self._path = Path(":memory:") if folder is None else folder / NAME
        try:
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk_error(error, self._path.parent) from error
        try:
            self._base = sqlite3.connect(self._path, timeout=0, isolation_level=None)
            self._base.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._base.execute("BEGIN EXCLUSIVE")
            for table in _TABLES:
                self._base.execute(f"CREATE TABLE IF NOT EXISTS {table} (key TEXT PRIMARY KEY, value TEXT)")
            self._base.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._plain(error) from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._base.close()

    def get(self, table: Table, key: str) -> Any:  # noqa: ANN401 - JSON
        """Return a record, None where there is none."""
        try:
            row = self._base.execute(f"SELECT value FROM {table} WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            raise self._plain(error) from error
        return None if row is None else json.loads(row[0])

    def put(self, table: Table, key: str, value: Any) -> None:  # noqa: ANN401 - JSON
        """Keep a record; it is on the disk when this returns.

        Raises:
            OutputError: The disk is full, or the file cannot be written.
        """
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        try:
            self._base.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", (key, text))
        except sqlite3.Error as error:
            raise self._plain(error) from error

    def agree(self, settings: Mapping[str, Any]) -> None:
        """Note the settings of a new collection, or check that they are those it was begun with.

        Raises:
            UsageError: They are others: the records would not fit.
        """
        for name, value in settings.items():
            before = self.get("settings", name)
            if before is None:
                self.put("settings", name, [value])
            elif before != [json.loads(json.dumps(value))]:
                raise UsageError(
                    f"this collection was begun with {name} = {before[0]}, not {value}",
                    remedy="Give the same settings to go on, or another folder for --out.",
                    path=str(self._path.parent),
                )

    def _plain(self, error: sqlite3.Error) -> UsageError | OutputError:
        text, where = str(error), str(self._path)
        if "locked" in text:
            return UsageError(
                "another process is collecting into this folder", remedy="Wait for it, or give another.", path=where
            )
        if "full" in text:
            return OutputError(
                "the disk is full; what came so far is kept",
                remedy="Make room and run it again: it goes on where it stopped.",
                path=where,
            )
        if "not a database" in text or "malformed" in text:
            return OutputError(
                "the journal of the collection is damaged", remedy="Remove it, and collect again.", path=where
            )
        return OutputError(f"the journal cannot be used ({text})", remedy="Give another folder.", path=where)
