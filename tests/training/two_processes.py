"""What torchrun starts twice for `test_gathered`: a batch's gradient, then the whole command."""

from __future__ import annotations

import sys
from pathlib import Path

import torch
import torch.distributed as dist

from training.__main__ import main
from training.batches import Batch
from training.config import read_config
from training.module import GraftModule
from training.tower import Tower, load_parent


def main_of_a_process(folder: Path) -> int:
    """Save this process's loss and gradient of its share of `batch.pt`, then run the training."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    rank = dist.get_rank()
    images, ground, owner, patch = torch.load(folder / "batch.pt", weights_only=True)
    cut = 5  # of 7 crops
    mine = (owner < cut) if rank == 0 else (owner >= cut)
    own = images[:cut] if rank == 0 else images[cut:]
    share = Batch(own, ground[mine], owner[mine] - (0 if rank == 0 else cut), patch[mine])
    for level in ("pixel", "image"):
        config = read_config(folder / "run.toml", {"level": level, "chunk": 2})
        module = GraftModule(Tower(load_parent(config.parent).weights), config, "fp64", {})
        loss = module.add_batch_gradient(share)
        grads = {name: p.grad for name, p in module.tower.named_parameters() if p.grad is not None}
        torch.save((loss, grads), folder / f"{level}-{rank}.pt")
    return main(["train", str(folder / "run.toml")])


if __name__ == "__main__":
    sys.exit(main_of_a_process(Path(sys.argv[1])))
