"""Batches of tiles and the stored features of their photos; what a step sees depends on (seed, step) alone.

Crops, flips, turns and the order of tiles are drawn from generators seeded by (seed, epoch, tile), never from a state
that runs on: so a run that goes on from a checkpoint sees what it would have seen, however many processes read tiles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from graft_plugin.errors import Cancelled, UsageError

from .config import TrainConfig, run_key
from .dataset import INDEX, PairFolder
from .features import GroundFeatures, store_features
from .pairs import crop, draw_corner, flip, in_tile, turn
from .shards import Tile, TileFolder
from .split import hold_out

_SHARDS_TOGETHER = 16
_VALIDATION_TILES = 1000
_VALIDATION_PHOTOS = 4


@dataclass(frozen=True)
class Item:
    """A crop with the photos inside: image uint8 [3, S, S], ground float16 [K, D], patch_index int64 [K]."""

    image: NDArray[np.uint8]
    ground: NDArray[np.float16]
    patch_index: NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """Crops with their photos, grouped by crop.

    Attributes:
        images: uint8 [B, 3, S, S].
        ground: Photo vectors, float32 [G, D].
        owner: The crop of each photo, long [G], ascending.
        patch_index: The patch that holds each photo's geotag, long [G], row * w + col.
    """

    images: Tensor
    ground: Tensor
    owner: Tensor
    patch_index: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def chunks(self, size: int) -> list[Batch]:
        """Split into parts of at most `size` crops; a batch without crops is one part."""
        parts = []
        for start in range(0, max(1, len(self.images)), size):
            mine = (self.owner >= start) & (self.owner < start + size)
            parts.append(
                Batch(
                    self.images[start : start + size],
                    self.ground[mine],
                    self.owner[mine] - start,
                    self.patch_index[mine],
                )
            )
        return parts


def collate(items: Sequence[Item]) -> Batch:
    """Join crops into a batch; those without photos are left out, and a batch may end up without crops."""
    found = [item for item in items if len(item.patch_index)]
    counts = torch.tensor([len(item.patch_index) for item in found], dtype=torch.long)
    none = items[0]
    return Batch(
        images=torch.from_numpy(np.stack([item.image for item in found] or [none.image])[: len(found)]),
        ground=torch.from_numpy(np.concatenate([item.ground for item in found] or [none.ground]).astype(np.float32)),
        owner=torch.repeat_interleave(torch.arange(len(found)), counts),
        patch_index=torch.from_numpy(np.concatenate([item.patch_index for item in found] or [none.patch_index])),
    )


@dataclass(frozen=True)
class Crops:
    """How tiles become crops.

    Attributes:
        side_px: Side of a crop.
        patch_px: Side of a patch.
        seed: Of the draws.
        augment: Flip and turn.
        jitter: Change colours.
        fixed: The middle of a tile, nothing drawn: for validation.
    """

    side_px: int
    patch_px: int
    seed: int = 0
    augment: bool = True
    jitter: bool = False
    fixed: bool = False


class Tiles(Dataset):
    """Crops by (epoch, row of the folder); one without photos where none of the tile's has features."""

    def __init__(self, folder: TileFolder, features: GroundFeatures, crops: Crops) -> None:
        self.folder = folder
        self.features = features
        self.crops = crops

    def __getitem__(self, place: tuple[int, int]) -> Item:
        epoch, row = place
        tile = self.folder.read(row)
        usable = np.array([name in self.features for name in tile.photo_ids], bool)
        usable &= in_tile(tile.spots, tile.image.shape[-1])
        if not usable.any():
            side = self.crops.side_px
            none = np.zeros((0, self.features.dim), np.float16)
            return Item(np.zeros((3, side, side), np.uint8), none, np.zeros(0, np.int64))
        names = [name for name, use in zip(tile.photo_ids, usable, strict=True) if use]
        rng = np.random.default_rng([self.crops.seed, epoch, row])
        image, spots, kept = cut(tile, tile.spots[usable], self.crops, rng)
        if self.crops.fixed:
            kept, spots = kept[:_VALIDATION_PHOTOS], spots[:_VALIDATION_PHOTOS]
        row_col = (spots // self.crops.patch_px).astype(np.int64)
        index = row_col[:, 0] * (self.crops.side_px // self.crops.patch_px) + row_col[:, 1]
        return Item(image, self.features[[names[k] for k in kept]], index)


def cut(
    tile: Tile, spots: NDArray[np.float32], crops: Crops, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.int64]]:
    """Cut a crop that holds at least one of `spots`, flip and turn it.

    Returns:
        The crop uint8 [3, side, side], the spots inside [K, 2] in its own pixels, and their rows in `spots`.

    Raises:
        UsageError: The tile is smaller than a crop.
    """
    size, side = tile.image.shape[-1], crops.side_px
    if size < side:
        raise UsageError(
            f"the tile {tile.tile_id} has {size} pixels a side, the model needs {side}",
            remedy="Collect larger tiles, or choose another model.",
        )
    if crops.fixed:
        first = np.floor(spots[0]).astype(int)
        top, left = (int(v) for v in np.clip((size - side) // 2, first - side + 1, first).clip(0, size - side))
    else:
        top, left = draw_corner(rng, spots, size, side)
    image, moved, kept = crop(tile.image, spots, (top, left), side)
    if crops.augment and not crops.fixed:
        if rng.random() < 0.5:
            image, moved = flip(image, moved)
        image, moved = turn(image, moved, int(rng.integers(4)))
    if crops.jitter and not crops.fixed:
        image = _jitter(image, rng)
    return np.ascontiguousarray(image), moved, kept


def _jitter(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    from .mini.satellite import jitter

    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    changed = jitter(torch.from_numpy(np.ascontiguousarray(image))[None], generator)[0]
    return (255 * changed).round().to(torch.uint8).numpy()


class StepBatches(Sampler):
    """The tiles of every step from `start` on, as (epoch, row); the whole batch's, or one process's share of it.

    Args:
        rows: The tiles to draw from.
        shard: The shard of each of them: neighbours in the order come from few shards at a time.
        batch: Tiles a step.
        steps: Length of the run.
        seed: Of the order.
        start: The first step to give.
        rank: Which process asks, of `world`.
        world: Number of processes.
    """

    def __init__(
        self,
        rows: NDArray[np.int64],
        shard: NDArray[np.int64],
        *,
        batch: int,
        steps: int,
        seed: int,
        start: int = 0,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.rows, self.shard = rows, shard
        self.batch = min(batch, len(rows))
        self.steps, self.seed, self.start = steps, seed, start
        self.rank, self.world = rank, world

    @property
    def steps_an_epoch(self) -> int:
        """Whole batches in the tiles."""
        return len(self.rows) // self.batch

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        epoch, order = -1, self.rows
        for step in range(self.start, self.steps):
            wanted, number = divmod(step, self.steps_an_epoch)
            if wanted != epoch:
                epoch, order = wanted, self.order(wanted)
            whole = order[number * self.batch : (number + 1) * self.batch]
            yield [(epoch, int(row)) for row in np.array_split(whole, self.world)[self.rank]]

    def order(self, epoch: int) -> NDArray[np.int64]:
        """Return all tiles in the order of an epoch: shards drawn a few at a time, their tiles mixed."""
        rng = np.random.default_rng([self.seed, epoch])
        shards = rng.permutation(np.unique(self.shard))
        parts = []
        for start in range(0, len(shards), _SHARDS_TOGETHER):
            mine = np.flatnonzero(np.isin(self.shard, shards[start : start + _SHARDS_TOGETHER]))
            parts.append(self.rows[rng.permutation(mine)])
        return np.concatenate(parts)


class StepLoader(DataLoader):
    """A loader that goes on at the step where the run is; Lightning asks such loaders for their state."""

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: the step is the module's."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take nothing."""


class PairData(L.LightningDataModule):
    """The tiles of a pair folder with stored ground features, split by space.

    Args:
        config: The run.
        ground_model: Whose ground encoder sees the photos.
        side_px: Side of a crop.
        patch_px: Side of a patch.
        report: Gets the events of `store_features`.
        stop: True ends the computing of features.
    """

    def __init__(
        self,
        config: TrainConfig,
        ground_model: str,
        side_px: int,
        patch_px: int,
        report: Callable[[dict[str, Any]], None] = lambda event: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__()
        self.config = config
        self.ground_model = ground_model
        self.crops = Crops(side_px, patch_px, config.seed, config.augment, config.jitter)
        self.report, self.stop = report, stop
        self._ready = False

    def prepare_data(self) -> None:
        """Compute the features that are missing; on one process of each machine."""
        for path in (self.config.pairs, self.config.validation_pairs):
            if path is not None:
                store_features(
                    PairFolder(path), self.ground_model, self.config.features_folder, device=self.config.device,
                    report=self.report, stop=self.stop, key=TileFolder(path).key,
                )  # fmt: skip
                if self.stop():
                    raise Cancelled("stopped before the training began; ground features that are done are kept")

    def setup(self, stage: str = "fit") -> None:
        """Find the tiles, split them, and open the features."""
        if self._ready:
            return
        from graft_plugin.engine.encoders.checksum import file_sha256
        from graft_plugin.engine.encoders.photo import photo_tower

        config = self.config
        digest = file_sha256(photo_tower(self.ground_model)[1])
        self.features = GroundFeatures(config.features_folder / f"ground-{digest[:16]}")
        folder = TileFolder(config.pairs)
        if config.validation_pairs is not None:
            self.rows = np.arange(len(folder))
            other = TileFolder(config.validation_pairs)
            held = np.arange(len(other))
        else:
            other = folder
            self.rows, held = hold_out(_boxes(config.pairs, folder.ids), config.validation_share, config.seed)
        few = np.random.default_rng([config.seed, 3]).permutation(held)[:_VALIDATION_TILES]
        self.held = np.sort(few)
        self.folder = folder
        self.tiles = Tiles(folder, self.features, self.crops)
        self.validation = Tiles(
            other, self.features, Crops(self.crops.side_px, self.crops.patch_px, config.seed, fixed=True)
        )
        self.key = run_key({"tiles": folder.ids, "photos": len(self.features)})
        self._ready = True

    @property
    def steps(self) -> int:
        """Length of the run in steps; a very long one where the clock ends it."""
        config = self.config
        if config.steps is not None:
            return config.steps
        if config.minutes is not None:
            return 1 << 40
        return max(1, round(config.epochs * self.batches().steps_an_epoch))

    def batches(self, **place: int) -> StepBatches:
        """Return the batches of the run; see `StepBatches` for `start`, `rank`, `world`."""
        steps = place.pop("steps", 0)
        return StepBatches(
            self.rows, self.folder.shard[self.rows], batch=self.config.batch, steps=steps, seed=self.config.seed,
            **place,
        )  # fmt: skip

    def train_dataloader(self) -> StepLoader:
        """Return the batches from the module's step on, this process's share of each."""
        trainer = self.trainer
        if trainer is None:
            raise RuntimeError("there is no trainer")
        sampler = self.batches(
            steps=self.steps, start=int(trainer.lightning_module.step), rank=trainer.global_rank,  # type: ignore[arg-type]
            world=trainer.world_size,
        )  # fmt: skip
        workers = self.config.workers
        return StepLoader(
            self.tiles, batch_sampler=sampler, num_workers=workers, collate_fn=collate,
            prefetch_factor=4 if workers else None,
        )  # fmt: skip

    def validation_batches(self, size: int) -> Iterator[Batch]:
        """Yield the held-out tiles in batches, always the same crops."""
        for start in range(0, len(self.held), size):
            batch = collate([self.validation[0, int(row)] for row in self.held[start : start + size]])
            if len(batch):
                yield batch


def _boxes(folder: Path, ids: Sequence[str]) -> NDArray[np.float64]:
    """Return (west, south, east, north) of tiles by the folder's index."""
    table = PairFolder(folder).tiles().set_index("tile_id")
    try:
        return table.geometry.loc[list(ids)].bounds.to_numpy(np.float64)
    except KeyError as error:
        raise UsageError(
            f"the index lacks tiles of the shards ({error})",
            remedy="Collect the tiles again.",
            path=str(folder / INDEX),
        ) from error
