"""The tiles of an index that fit best: by text (as in GRAFT's paper), by example, by ground photo, and by marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from ...errors import UsageError
from .. import advice
from ..cells_gpkg import check_cells_target, write_cells
from ..clock import Clock
from ..crs import Bounds, crs_text, horizontal, transformer
from ..index_requests import RetrieveRequest
from ..index_results import FoundTile, RetrieveResult
from ..loading import LoadedModels
from ..outputs import check_target
from ..progress import CancelToken, Report
from ..scene import EDGE_POINTS
from ..search import Query, Scorer
from .chips import cut_chips
from .exact import ExactTexts
from .layout import IndexModel, read_model, read_scenes
from .rank import logistic, rocchio, spread
from .sheets import chosen
from .tile_list import TileList, list_tiles

LAYER = "tiles"
APART_TILES = 3.0
"""Least distance of two found tiles, in tiles, where none is asked for."""
_AT_ONCE = 1 << 16


def run(request: RetrieveRequest, report: Report, cancel: CancelToken, models: LoadedModels) -> RetrieveResult:
    """See `service.run_retrieve`."""
    clock, path = Clock(), Path(request.index).expanduser().absolute()
    target = None if request.out is None else check_target(request.out, (".gpkg",))
    if target is not None:
        check_cells_target(target)
    model = read_model(path)
    report("load", 0, 0)
    with clock("open"):
        scenes = chosen(read_scenes(path), names=request.scenes, since=request.since, until=request.until)
        tiles = list_tiles(scenes, model, "tile" if request.by == "tile" else "mean", cancel)
    with clock("load"):
        prompt = _prompt(request, models, model)
    with clock("rank"):
        report("rank", 0, len(tiles))
        scores = _scores(request, tiles, prompt, models, model, cancel)
        inside = _inside(request, tiles)
        scores[~inside] = np.nan
        scores[tiles.numbers(request.wrong)] = np.nan  # what was marked wrong is not shown again
        apart = APART_TILES * model.tile_px * min(scene.grid.gsd_m for scene in scenes)
        found = spread(scores, tiles.xy, request.top, apart if request.distance_m is None else request.distance_m)
        report("rank", len(tiles), len(tiles))
    rows = [_found(tiles, number, rank, float(scores[number])) for rank, number in enumerate(found, start=1)]
    warnings = [*_unknown(request, models, model), *tiles.damaged]
    if target is not None:
        with clock("thumbnails"):
            chips: list[bytes | None] | None = None
            notes: list[str] = []
            if request.thumbnails:
                places = [(scenes[tiles.scene[n]], (int(tiles.at[n, 0]), int(tiles.at[n, 1]))) for n in found]
                chips, notes = cut_chips(places, model, report, cancel)
            warnings += notes
        with clock("write"):
            _write(target, rows, chips)
    return RetrieveResult(
        tiles=tuple(rows),
        searched_tiles=int(inside.sum()),
        out=None if target is None else str(target),
        layers=() if target is None else (LAYER,),
        seconds=clock.total(),
        warnings=tuple(warnings),
    )


def _prompt(request: RetrieveRequest, models: LoadedModels, model: IndexModel) -> NDArray[np.float32] | None:
    """Return the unit vector [D] of texts or a photo; None where only tiles are to go by."""
    if request.photo is not None:
        vector = models.photos(model.model).encode(request.photo)
        if len(vector) != model.dim:
            raise UsageError("the ground encoder's vectors have another length", remedy="Choose another model.")
        return np.asarray(vector.float().numpy(), np.float32)
    if not request.prompts:
        return None
    vectors = models.texts(model.model).encode(list(request.prompts)).float().mean(dim=0)
    return np.asarray(torch.nn.functional.normalize(vectors, dim=0).numpy(), np.float32)


def _scores(
    request: RetrieveRequest,
    tiles: TileList,
    prompt: NDArray[np.float32] | None,
    models: LoadedModels,
    model: IndexModel,
    cancel: CancelToken,
) -> NDArray[np.float32]:
    """Return the score float32 [N] of each tile.

    Of texts alone, what they get of a softmax against negatives and the model's usual concepts, as in a heatmap (on
    procedural scenes a mean average precision of 0.89 against 0.85 of plain cosines); else the cosine to the prompt,
    moved by marks and examples.
    """
    right = [*tiles.numbers(request.right), *_at_points(request, tiles, request.like)]
    wrong = [*tiles.numbers(request.wrong), *_at_points(request, tiles, request.unlike)]
    finish: Callable[[torch.Tensor], torch.Tensor] | None = None
    if right or wrong:
        learn = logistic if request.rerank == "logistic" and right and wrong else rocchio
        vector = learn(prompt, tiles.floats(right), tiles.floats(wrong), _centre(tiles))
        columns = torch.from_numpy(vector)[None]
    elif request.prompts:
        scorer = Scorer(models.texts(model.model), Query(request.prompts, request.negatives))
        columns, finish = scorer.vectors, scorer.finish
    else:
        columns = torch.from_numpy(np.asarray(prompt))[None]
    if request.negatives and finish is None:
        others = models.texts(model.model).encode(list(request.negatives)).float()
        columns = torch.cat([columns, others])
        finish = _share_of_first(model.logit_scale)
    exact = ExactTexts(columns)
    scores = np.empty(len(tiles), np.float32)
    for start in range(0, len(tiles), _AT_ONCE):
        cancel.check()
        part = slice(start, start + _AT_ONCE)
        cosines = exact.cosines(tiles.vectors[part], tiles.scale[part])
        scores[part] = (cosines if finish is None else finish(cosines)).sum(dim=1).numpy()
    return scores


def _share_of_first(logit_scale: float) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda cosines: (logit_scale * cosines).softmax(dim=1)[:, :1]


def _centre(tiles: TileList) -> NDArray[np.float32]:
    """Return the mean [D] of the tiles, of at most 65,536 at equal steps."""
    some = range(0, len(tiles), max(1, len(tiles) // _AT_ONCE))
    return np.asarray(tiles.floats(some).mean(axis=0), np.float32)


def _at_points(request: RetrieveRequest, tiles: TileList, points: Sequence[float]) -> list[int]:
    """Return the tiles that hold map points, the newest where there are several.

    Raises:
        UsageError: No tile holds one.
    """
    found = []
    for x, y in zip(points[::2], points[1::2]):
        number = next((n for n in _holding(request, tiles, x, y)), None)
        if number is None:
            raise UsageError(f"the index has no tile at ({x:g}, {y:g})", remedy="Check the point and its CRS.")
        found.append(number)
    return found


def _holding(request: RetrieveRequest, tiles: TileList, x: float, y: float) -> list[int]:
    found: list[int] = []
    for number, scene in enumerate(tiles.scenes):
        gx, gy = _placed(request.crs, scene.grid.crs, x, y)
        edge = scene.grid.gsd_m * scene.grid.tile_px
        if np.isfinite([gx, gy]).all():
            at = int(np.floor(-gy / edge)), int(np.floor(gx / edge))
            found += np.flatnonzero((tiles.scene == number) & (tiles.at == at).all(axis=1)).tolist()
    return found


def _placed(crs: str | None, grid_crs: str, x: float, y: float) -> tuple[float, float]:
    if crs is None:
        return x, y
    try:
        own = crs_text(horizontal(CRS.from_user_input(crs)))
    except CRSError as error:
        raise UsageError(f"there is no CRS {crs!r}: {error}", remedy="Name it like EPSG:4326.") from error
    gx, gy = transformer(own, grid_crs).transform(x, y)
    return float(gx), float(gy)


def _inside(request: RetrieveRequest, tiles: TileList) -> NDArray[np.bool_]:
    """Return which tiles have their centre in the extent."""
    inside = np.ones(len(tiles), bool)
    if request.extent is None:
        return inside
    for number, scene in enumerate(tiles.scenes):
        extent: Bounds = request.extent  # type: ignore[assignment]
        if request.crs is not None:
            extent = transformer(request.crs, scene.grid.crs).transform_bounds(*extent, densify_pts=EDGE_POINTS)
        own = tiles.scene == number
        edge = scene.grid.gsd_m * scene.grid.tile_px
        x, y = (tiles.at[own, 1] + 0.5) * edge, -(tiles.at[own, 0] + 0.5) * edge
        inside[own] = (x >= extent[0]) & (x <= extent[2]) & (y >= extent[1]) & (y <= extent[3])
    if not inside.any():
        raise UsageError("the index holds no tile there", remedy="Check the extent and its CRS.")
    return inside


def _found(tiles: TileList, number: int, rank: int, score: float) -> FoundTile:
    scene = tiles.scenes[tiles.scene[number]]
    return FoundTile(
        tiles.id(number), rank, score, scene.name, scene.acquired, scene.source, tiles.bounds(number), scene.grid.crs
    )


def _unknown(request: RetrieveRequest, models: LoadedModels, model: IndexModel) -> list[str]:
    if not (request.prompts or request.negatives):
        return []
    texts = models.texts(model.model)
    asked = [(text, texts.unknown_words(text)) for text in (*request.prompts, *request.negatives)]
    return [advice.unknown_words(text, words, model.model) for text, words in asked if words]


def _write(target: Path, rows: list[FoundTile], chips: list[bytes | None] | None) -> None:
    crs = rows[0].crs if len({row.crs for row in rows}) == 1 else "EPSG:4326"
    bounds = [
        row.bounds if row.crs == crs else transformer(row.crs, crs).transform_bounds(*row.bounds) for row in rows
    ]
    columns = {
        "id": [row.id for row in rows],
        "rank": [row.rank for row in rows],
        "score": [row.score for row in rows],
        "scene": [row.scene for row in rows],
        "acquired": [row.acquired or "" for row in rows],
        "source": [row.source for row in rows],
    }
    kinds = {"rank": np.int32, "score": np.float64}
    write_cells(
        target, LAYER, np.array(bounds, np.float64).reshape(-1, 4), crs,
        {name: np.array(values, kinds.get(name, object)) for name, values in columns.items()}, chips,
    )  # fmt: skip
