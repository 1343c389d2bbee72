"""What was learnt about a raster when it was opened, kept on disk beside its embeddings.

Opening a scene reads the whole layer once, decimated, for its statistics and its valid pixels: minutes for a large
raster without overviews. A second prompt must not pay for that, as it does not pay for encoding.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .files import replace_text
from .grid import Grid, Window
from .scene import Scene
from .source import Validity

FORMAT = 1
SIDECARS = (".aux.xml", ".ovr", ".msk", ".tfw", ".tifw", ".wld", ".prj", ".hdr", ".rrd", ".aux", ".xml", ".IMD", ".RPB")
"""Endings of files that GDAL may read beside a raster, whether in place of its ending or after it."""


def remembered_scene(root: Path, key: Mapping[str, Any], path: str, look: Callable[[], Scene]) -> Scene:
    """Return the scene that an earlier run saw, if no file of the raster has changed since; else look, and remember.

    Args:
        root: Folder of the memory; made when first needed. That it cannot be written is no error.
        key: Everything besides the files that decides how the scene is opened, JSON-ready.
        path: The raster, as GDAL opens it.
        look: Opens the scene.

    Raises:
        GraftError: Whatever `look` raises.
    """
    if not os.path.isfile(path):
        return look()
    text = json.dumps([FORMAT, os.path.realpath(path), path, key], sort_keys=True)
    file = root / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"
    found = _recall(file, path)
    if found is not None:
        return found
    beside = _stamps(_candidates(path))
    scene = look()
    stamps = _stamps([name for name, _, _ in scene.files])
    if all(mtime for _, mtime, _ in scene.files) and stamps == [list(stamp) for stamp in scene.files]:
        with contextlib.suppress(OSError):
            replace_text(file, json.dumps({"scene": asdict(scene), "beside": beside}))
    return scene


def _recall(file: Path, path: str) -> Scene | None:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        scene = _scene(data["scene"])
        beside = data["beside"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    same = _stamps([name for name, _, _ in scene.files]) == [list(stamp) for stamp in scene.files]
    return scene if same and beside == _stamps(_candidates(path)) else None


def _scene(data: dict[str, Any]) -> Scene:
    """Rebuild a scene from JSON, where tuples have become lists."""
    own = {key: _tuples(value) for key, value in data.items()}
    own |= {"grid": Grid(**data["grid"]), "window": Window(**data["window"]), "validity": Validity(**data["validity"])}
    return Scene(**own)


def _tuples(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _candidates(path: str) -> list[str]:
    stem = os.path.splitext(path)[0]
    return [path, *(path + end for end in SIDECARS), *(stem + end for end in SIDECARS)]


def _stamps(names: list[str]) -> list[list[Any]]:
    """Return [real path, mtime in ns, bytes] of the files that exist."""
    stamps = []
    for name in names:
        with contextlib.suppress(OSError):
            status = os.stat(name)
            stamps.append([os.path.realpath(name), status.st_mtime_ns, status.st_size])
    return stamps
