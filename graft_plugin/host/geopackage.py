"""Layers of a GeoPackage, by name."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Dict, List, Sequence, Set

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


def prompt_sizes(uri: str, prompts: Sequence[str]) -> List[Dict[str, Any]]:
    """Return the number of polygons and their total area of each prompt, in the order of `prompts`.

    Args:
        uri: A layer of results; see `layer_uri`. SQLite counts without making a feature of each row.
        prompts: Those that may have none, too.

    Raises:
        sqlite3.Error: The file is no GeoPackage any more, or the layer has other fields.
    """
    path, _, layer = uri.partition("|layername=")
    table = layer.split("|")[0].replace('"', '""')
    with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as file:
        rows = file.execute(f'SELECT prompt, count(*), total(area_m2) FROM "{table}" GROUP BY prompt')
        found = {str(prompt): (count, area_m2) for prompt, count, area_m2 in rows}
    sizes = [(prompt, *found.pop(prompt, (0, 0.0))) for prompt in prompts]
    sizes += [(prompt, *size) for prompt, size in sorted(found.items())]
    return [{"prompt": prompt, "polygons": count, "area_m2": area_m2} for prompt, count, area_m2 in sizes]


def _names(path: str) -> Set[str]:
    """Return the layers' names in lower case: SQLite takes names that differ in case for the same."""
    if not os.path.isfile(path):
        return set()
    try:
        with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as file:
            return {str(name).lower() for (name,) in file.execute("SELECT table_name FROM gpkg_contents")}
    except sqlite3.Error:  # the engine will say what is wrong with the file
        return set()
