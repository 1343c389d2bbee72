"""Layers of a GeoPackage, by name."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Set

FIRST_COPY = 2


def layer_uri(path: str, layer: str) -> str:
    """Return how QGIS names one layer of a file."""
    return f"{path}|layername={layer}"


def free_layer_name(path: str, wanted: str) -> str:
    """Return `wanted`, or `wanted 2`, `wanted 3` … where the file has such a layer; a missing file has none."""
    taken = _names(path)
    if wanted.lower() not in taken:
        return wanted
    number = FIRST_COPY
    while f"{wanted} {number}".lower() in taken:
        number += 1
    return f"{wanted} {number}"


def _names(path: str) -> Set[str]:
    """Return the layers' names in lower case: SQLite takes names that differ in case for the same."""
    if not os.path.isfile(path):
        return set()
    try:
        with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as file:
            return {str(name).lower() for (name,) in file.execute("SELECT table_name FROM gpkg_contents")}
    except sqlite3.Error:  # the engine will say what is wrong with the file
        return set()
