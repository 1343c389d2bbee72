"""The steps of a run over a pair folder; what a step sees depends on (seed, step) alone.

So a run that goes on from a checkpoint sees what it would have seen, however many processes read tiles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Sampler

from graft_plugin.engine.encoders.checksum import file_sha256
from graft_plugin.engine.encoders.photo import photo_tower
from graft_plugin.errors import Cancelled, UsageError

from .batches import Batch, Crops, Tiles, collate
from .config import TrainConfig, run_key
from .dataset import INDEX, PairFolder
from .features import GroundFeatures, store_features
from .shards import TileFolder
from .split import hold_out

_SHARDS_TOGETHER = 16
_VALIDATION_TILES = 1000


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
            prefetch_factor=2 if workers else None,
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
