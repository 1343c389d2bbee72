"""One training step: vectors of the whole batch, GRAFT's losses, AdamW, the learning rate of the moment."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import lightning as L
import torch
from torch import Tensor

from graft_plugin.errors import GraftError

from .batches import Batch
from .cached_gradients import Vectors, accumulate
from .config import TrainConfig
from .gathered import add_gradients, first_says, gather_owners, gather_rows
from .losses import graft_loss, pixel_loss
from .mini.optimiser import decay_groups
from .tower import Tower


class DivergedError(GraftError, ArithmeticError):
    """The loss is no number any more."""

    code = "diverged"


class GraftModule(L.LightningModule):
    """A tower in training.

    Args:
        tower: The network; parameters without gradients stay as they are.
        config: The run.
        precision: "bf16", "fp32" or "fp64", as resolved.
        about: What a checkpoint must tell of the run besides its weights, JSON-ready.

    Attributes:
        step: Optimiser steps done.
        seconds: Time spent on them, over all parts of an interrupted run.
        rested: When what lies between two steps was over.
        kept: What the callbacks want to find again after a resume, JSON-ready.
    """

    def __init__(self, tower: Tower, config: TrainConfig, precision: str, about: dict[str, Any]) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.tower = tower.double() if precision == "fp64" else tower
        self.config = config
        self.bf16 = precision == "bf16"
        self.about = about
        self.step = 0
        self.steps = 1
        self.seconds = 0.0
        self.kept: dict[str, Any] = {}
        self.rested = self._clock = time.monotonic()

    def on_train_start(self) -> None:
        """Start the clock."""
        self._clock = time.monotonic() - self.seconds
        self.rested = time.monotonic()

    def training_step(self, batch: Batch, number: int) -> dict[str, Any]:
        """Take a step on this process's share of a batch; returns what there is to log."""
        self.seconds, progress = first_says(time.monotonic() - self._clock, self.progress())
        optimizer = self.optimizers()
        if isinstance(optimizer, list):
            raise RuntimeError("there is one optimiser")
        rate = self.config.peak_lr * schedule(progress, self.config.warmup)
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad(set_to_none=True)
        loss = self.add_batch_gradient(batch)
        norm = self._cut_gradients()
        if not math.isfinite(loss) or not math.isfinite(norm):
            raise DivergedError(
                f"the loss is no number any more at step {self.step + 1}",
                remedy=f"Lower lr (now {self.config.peak_lr:g}), and start again or go on from the last checkpoint.",
            )
        optimizer.step()
        self.step += 1
        self.seconds = time.monotonic() - self._clock
        took = time.monotonic() - self.rested  # waiting for tiles is part of it
        return {"figures": {"loss": loss, "lr": rate, "gradient": norm, "images_s": self._images / took}}

    def add_batch_gradient(self, batch: Batch) -> float:
        """Add the gradient of the whole batch's loss, all processes' shares together; returns the loss."""
        ground = gather_rows(batch.ground.to(self.device))[0]
        owner = gather_owners(batch.owner.to(self.device), len(batch))
        images = int(owner.max()) + 1 if len(owner) else 0
        self._images = images
        if not images:  # no tile of the batch has a photo
            return 0.0

        def loss(own: Vectors) -> Tensor:
            return batch_loss(tuple(gather_rows(v)[0] for v in own), ground, owner, self.config)

        value = accumulate(self.encode, batch.chunks(self.config.chunk), loss)
        add_gradients(self.tower.parameters())
        return float(value)

    def encode(self, batch: Batch) -> Vectors:
        """Return the vectors that the level's loss compares: of crops [B, D], of photos' patches [G, D], or both."""
        where = self.device
        # A context of its own for each call: autocast keeps casted weights until it ends, without their gradients
        # where the first call had none.
        with torch.autocast(where.type, torch.bfloat16, enabled=self.bf16):
            image, patches = self.tower(batch.images.to(where, non_blocking=True))
        spots = patches[batch.owner.to(where), batch.patch_index.to(where)]
        return {"image": (image,), "pixel": (spots,), "both": (image, spots)}[self.config.level]

    def progress(self) -> float:
        """Return the share of the run that is done, by steps or by the clock, whichever is further."""
        done = self.step / self.steps
        if self.config.minutes is not None:
            done = max(done, (time.monotonic() - self._clock) / (60 * self.config.minutes))
        return min(1.0, done)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """AdamW; matrices decay, biases, norms and scalars do not."""
        return torch.optim.AdamW(decay_groups(self.tower, self.config.weight_decay), lr=self.config.peak_lr)

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, number: int) -> Batch:
        """Leave the batch where it is: its chunks move one by one."""
        return batch

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Write down where the run is."""
        checkpoint["graft"] = self.facts()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on from there."""
        facts = checkpoint["graft"]
        self.step, self.seconds, self.kept = facts["step"], facts["seconds"], dict(facts["kept"])

    def facts(self) -> dict[str, Any]:
        """Return what a checkpoint tells besides weights and optimiser."""
        return {**self.about, "step": self.step, "seconds": self.seconds, "kept": self.kept}

    def _cut_gradients(self) -> float:
        bound = self.config.clip_norm
        parameters = [p for p in self.tower.parameters() if p.grad is not None]
        return float(torch.nn.utils.clip_grad_norm_(parameters, math.inf if bound is None else bound))


def batch_loss(vectors: Sequence[Tensor], ground: Tensor, owner: Tensor, config: TrainConfig) -> Tensor:
    """Return the loss of a whole batch.

    Args:
        vectors: As `GraftModule.encode` gives them.
        ground: Photo vectors, float [G, D].
        owner: The crop of each photo, long [G], ascending.
        config: The level, τ, and which photos are no negatives of each other.
    """
    ground = ground.to(vectors[0].dtype)
    same = None if config.same_photo is None else ground @ ground.T >= config.same_photo
    total = vectors[0].new_zeros(())
    if config.level != "pixel":
        ignore = None if same is None else _any_photo(same, owner, len(vectors[0]))
        weight = 1.0 if config.level == "image" else config.image_weight
        total = total + weight * graft_loss(vectors[0], ground, owner, config.tau, ignore=ignore)
    if config.level != "image":
        # Only the patches with a photo matter: photo j of crop i stands in row i, column j of a narrow grid.
        counts = torch.bincount(owner)
        place = torch.arange(len(owner), device=owner.device) - (counts.cumsum(0) - counts)[owner]
        grid = vectors[-1].new_zeros(len(counts), int(counts.max()), vectors[-1].shape[-1])
        grid = grid.index_put((owner, place), vectors[-1])
        total = total + pixel_loss(grid, ground, owner, place, config.tau, ignore=same)
    return total


def _any_photo(same: Tensor, owner: Tensor, images: int) -> Tensor:
    """Return which photos look like one of an image's own, bool [images, G]."""
    found = torch.zeros(images, same.shape[1], device=same.device)
    return found.index_add(0, owner, same.float()) > 0


def schedule(progress: float, warmup: float) -> float:
    """Return the learning rate at a share of the run, as a share of its peak: up linearly, then down a cosine.

    The first step already moves: a rise from exactly zero would waste it.
    """
    if progress < warmup:
        return max(progress / warmup, 0.01)
    return 0.5 * (1 + math.cos(math.pi * (progress - warmup) / max(1e-9, 1 - warmup)))
