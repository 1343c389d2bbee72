"""How well held-out places find their own photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .module import GraftModule, batch_loss

if TYPE_CHECKING:
    from .data import PairData

_ROWS = 1024


def score_held_out(module: GraftModule, data: PairData) -> dict[str, float] | None:
    """Return the score and the loss on held-out tiles, seen as one batch; None where there are fewer than two.

    The score is the chance that a place (a patch, or at the image level a tile) is nearer to its own photo than to a
    random photo of another tile: 0.5 is guessing, 1 is perfect, whatever the number of tiles.
    """
    vectors, ground, owners, tiles = [], [], [], 0
    for batch in data.validation_batches(module.config.chunk):
        vectors.append(module.encode(batch))
        ground.append(batch.ground.to(module.device))
        owners.append(batch.owner.to(module.device) + tiles)
        tiles += len(batch)
    if tiles < 2:
        return None
    joined = tuple(torch.cat(parts) for parts in zip(*vectors, strict=True))
    photos, owner = torch.cat(ground).to(joined[0].dtype), torch.cat(owners)
    anchors = {"image": [joined[0][owner]], "pixel": [joined[0]], "both": [joined[0][owner], joined[-1]]}
    chances = [chance_of_own(a, photos, owner) for a in anchors[module.config.level]]
    loss = float(batch_loss(joined, photos, owner, module.config))
    return {"score": sum(chances) / len(chances), "loss": loss}


def chance_of_own(anchors: Tensor, ground: Tensor, owner: Tensor) -> float:
    """Return the mean chance that an anchor is nearer to its own photo than to one of another tile; a tie counts half.

    Args:
        anchors: [G, D], one for each photo.
        ground: [G, D].
        owner: The tile of each, long [G]; at least two tiles.
    """
    chances = []
    for start in range(0, len(anchors), _ROWS):
        rows = slice(start, start + _ROWS)
        near = anchors[rows] @ ground.T
        own = (anchors[rows] * ground[rows]).sum(1, keepdim=True)
        other = owner[rows, None] != owner[None]
        wins = (near < own).double() + 0.5 * (near == own).double()
        chances.append((wins * other).sum(1) / other.sum(1))
    return float(torch.cat(chances).mean())
