"""One batch over several processes: each encodes its share, all see all vectors.

Every process computes the loss of the whole batch from everyone's vectors, and keeps the gradient of its own. The
parameters' gradients, added up over the processes, are then those of one process with the whole batch.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
import torch.distributed as dist
from torch import Tensor, nn


def world_size() -> int:
    """Number of processes that train together."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def gather_rows(own: Tensor) -> tuple[Tensor, int]:
    """Return the rows [N, ...] of every process, in their order, and how many come before this one's.

    Gradients flow to this process's own rows only. Numbers of rows may differ.
    """
    world = world_size()
    if world == 1:
        return own, 0
    counts = [int(n) for n in _all(torch.tensor([len(own)], device=own.device))]
    padded = own.detach().new_zeros(max(counts), *own.shape[1:])
    padded[: len(own)] = own.detach()
    parts = [part[:n] for part, n in zip(_all(padded), counts, strict=True)]
    rank = dist.get_rank()
    parts[rank] = own
    return torch.cat(parts), sum(counts[:rank])


def gather_owners(owner: Tensor, images: int) -> Tensor:
    """Return the owners of every process's photos, counted through all processes' images."""
    if world_size() == 1:
        return owner
    before = _all(torch.tensor([images], device=owner.device))[: dist.get_rank()]
    return gather_rows(owner + sum(int(n) for n in before))[0]


def add_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Add up the parameters' gradients over all processes."""
    if world_size() == 1:
        return
    works = [dist.all_reduce(p.grad, async_op=True) for p in parameters if p.grad is not None]
    for work in works:
        if work is not None:
            work.wait()


def share_weights(module: nn.Module) -> None:
    """Give every process the first one's parameters."""
    if world_size() > 1:
        for parameter in module.parameters():
            dist.broadcast(parameter.data, 0)


def first_says(*values: float) -> list[float]:
    """Return the first process's values on every process."""
    if world_size() == 1:
        return list(values)
    device = "cuda" if dist.get_backend() == "nccl" else "cpu"
    told = torch.tensor(values, dtype=torch.float64, device=device)
    dist.broadcast(told, 0)
    return [float(v) for v in told]


def _all(own: Tensor) -> list[Tensor]:
    parts = [torch.empty_like(own) for _ in range(world_size())]
    dist.all_gather(parts, own.contiguous())
    return parts
