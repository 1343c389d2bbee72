"""What int8 vectors lose: some tiles of an index encoded again and kept as float16, and both asked the same."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from ...errors import SceneError, UsageError
from ..embed import embed_scene
from ..grid import TileIndex
from ..index_results import IndexLoss
from ..loading import LoadedModels, torch_device
from ..preparation import look_at
from ..progress import CancelToken
from ..requests import EstimateRequest
from ..search import Query, Scorer
from ..store import EmbeddingStore, TileField
from .layout import IndexModel, IndexScene, read_model, read_scenes
from .score import BlockScorer
from .shards import ShardReader

BEST_PATCHES, BEST_TILES = 0.01, 0.1
Pairs = list[tuple[NDArray[np.float32], NDArray[np.float32]]]


def measure(index: str, prompts: tuple[str, ...], most_tiles: int, device: str, cancel: CancelToken) -> IndexLoss:
    """Compare the scores of int8 and float16 vectors over blocks spread over an index.

    Raises:
        UsageError: The path is no index, or an empty one.
        SceneError: A source has changed since, or is gone.
    """
    path, models = Path(index).expanduser().absolute(), LoadedModels()
    model = read_model(path)
    encoder = models.encoder(model.model, torch_device(device), model.precision)
    if encoder.sha256 != model.sha256:
        raise UsageError("the model's file has changed since the index was made", path=model.model)
    quick = BlockScorer(models.texts(model.model), prompts, (), model)
    slow = Scorer(models.texts(model.model), Query(prompts), global_bias=model.global_bias)
    cells: Pairs = []
    tiles: Pairs = []
    for scene, block in _mixed(path, model):
        cancel.check()
        if len(tiles) >= most_tiles:
            break
        found = ShardReader(scene, model).block(block)
        there = np.argwhere(found.tile_scale > 0).tolist()[: most_tiles - len(tiles)]
        wanted = [TileIndex(found.first.row + r, found.first.col + c) for r, c in there]
        if not wanted:
            continue
        with TemporaryDirectory() as folder:
            field = _again(scene, encoder, found.window, Path(folder), cancel)
            ours, our_tiles = quick.patches(found), quick.tiles(found)
            for tile in wanted:
                image, patches, valid = field.read(tile)
                row, col, s = tile.row - found.first.row, tile.col - found.first.col, model.side
                theirs = slow.score(patches, np.broadcast_to(image, patches.shape))
                mine = ours[:, row * s : row * s + s, col * s : col * s + s]
                cells.append((mine[:, valid], theirs[:, valid]))
                tiles.append((our_tiles[:, row, col, None], slow.score(image[None], np.zeros_like(image[None]))))
    if not cells:
        raise UsageError("the index holds no tile yet", path=str(path))
    a, b = (np.concatenate([pair[k] for pair in cells], axis=1) for k in (0, 1))
    c, d = (np.concatenate([pair[k] for pair in tiles], axis=1) for k in (0, 1))
    return IndexLoss(
        tiles=len(tiles),
        patches=a.shape[1],
        prompts=prompts,
        correlation=min(float(np.corrcoef(x, y)[0, 1]) for x, y in zip(a, b)),
        top_overlap=min(overlap(x, y, BEST_PATCHES) for x, y in zip(a, b)),
        greatest_difference=float(np.abs(a - b).max()),
        tile_top_overlap=min(overlap(x, y, BEST_TILES) for x, y in zip(c, d)),
    )


def overlap(one: NDArray[np.float32], other: NDArray[np.float32], share: float) -> float:
    """Return the share of the best of one that are among the best of the other."""
    count = max(1, round(share * one.size))
    best = [set(np.argsort(-values, kind="stable")[:count].tolist()) for values in (one, other)]
    return len(best[0] & best[1]) / count


def _mixed(path: Path, model: IndexModel) -> list[tuple[IndexScene, tuple[int, int]]]:
    """Return the blocks of the whole index, mixed by a fixed seed."""
    every = []
    for scene in read_scenes(path):
        reader = ShardReader(scene, model)
        every += [(scene, block) for shard in reader.shards() for block in reader.blocks_of(shard)]
    return [every[k] for k in np.random.default_rng(0).permutation(len(every)).tolist()]


def _again(scene: IndexScene, encoder: object, window: object, folder: Path, cancel: CancelToken) -> TileField:
    request = EstimateRequest.from_dict({"raster": scene.source, "use_store": False, **scene.look})
    opened = look_at(request, encoder)  # type: ignore[arg-type]
    if opened.identity() != scene.key["scene"]:
        raise SceneError("it has changed since it was indexed", remedy="Run graft index again.", path=scene.source)
    field = embed_scene(
        opened, encoder, window=window, stride_px=scene.grid.patch_px, store=EmbeddingStore(folder), cancel=cancel  # type: ignore[arg-type]
    )  # fmt: skip
    return field.layers[0].tiles
