"""Small pictures of tiles, cut from the rasters that an index was made of, for a list to browse."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...errors import GraftError
from ..grid import GsdRule
from ..progress import CancelToken, Report
from ..requests import EstimateRequest
from ..scene import Scene, SceneReader, open_scene
from .layout import IndexModel, IndexScene

CHIP_PX = 112


def cut_chips(
    places: Sequence[tuple[IndexScene, tuple[int, int]]], model: IndexModel, report: Report, cancel: CancelToken
) -> tuple[list[bytes | None], list[str]]:
    """Return a PNG of each tile, None where its raster is gone or has changed, and a sentence for each such raster."""
    chips: list[bytes | None] = [None] * len(places)
    notes: list[str] = []
    by_scene: dict[str, list[int]] = {}
    for number, (scene, _index) in enumerate(places):
        by_scene.setdefault(scene.name, []).append(number)
    done = 0
    for numbers in by_scene.values():
        entry = places[numbers[0]][0]
        try:
            with SceneReader(_opened(entry, model)) as reader:
                for number in numbers:
                    cancel.check()
                    chips[number] = _png(*reader.read(entry.grid.tile_window(places[number][1])))
        except GraftError as error:
            notes.append(f"no pictures of {entry.source}: {error.message}")
        done += len(numbers)
        report("thumbnails", done, len(places))
    return chips, notes


def _opened(entry: IndexScene, model: IndexModel) -> Scene:
    """Open a raster as it was opened when it was indexed."""
    asked = EstimateRequest.from_dict({"raster": entry.source, **entry.look})
    scene = open_scene(
        entry.source,
        sensor=entry.sensor,
        bands=asked.bands,
        stretch=asked.stretch_pairs,
        gsd_m=entry.grid.gsd_m,
        model_gsd=GsdRule({}),
        tile_px=model.tile_px,
        patch_px=model.patch_px,
    )
    if scene.grid != entry.grid:
        raise GraftError("it lies elsewhere than when it was indexed")
    return scene


def _png(rgb: NDArray[np.uint8], valid: NDArray[np.bool_]) -> bytes:
    """Return the picture, transparent where the raster has no pixels."""
    out = io.BytesIO()
    bands = [*rgb, valid.astype(np.uint8) * 255]
    picture = Image.fromarray(np.stack(bands if not valid.all() else bands[:3], axis=-1))
    picture.resize((CHIP_PX, CHIP_PX), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()
