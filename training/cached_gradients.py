"""The gradient of a huge batch in little memory: GradCache (Gao et al., arXiv 2101.06983).

A contrastive loss needs the vectors of the whole batch at once, but not the activations behind them. A first forward
without gradients gives the vectors; the loss gives the gradient of each vector; a second forward, chunk by chunk,
carries it on into the parameters. The sum is the whole batch's gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor

Chunk = TypeVar("Chunk")
Vectors = tuple[Tensor, ...]


def accumulate(
    encode: Callable[[Chunk], Vectors], chunks: Sequence[Chunk], loss: Callable[[Vectors], Tensor]
) -> Tensor:
    """Add the gradient of `loss(vectors of all chunks)` to the parameters behind `encode`; return the loss.

    Args:
        encode: A chunk → its vectors, one or more tensors [n, D] each; the same chunk must give the same vectors, so
            no dropout.
        chunks: Parts of the batch, of any sizes.
        loss: The chunks' vectors, joined along their first axis → a scalar.
    """
    if len(chunks) == 1:
        value = loss(encode(chunks[0]))
        value.backward()
        return value.detach()
    with torch.no_grad():
        parts = [encode(chunk) for chunk in chunks]
    joined = tuple(torch.cat(tensors).requires_grad_() for tensors in zip(*parts, strict=True))
    value = loss(joined)
    gradients = torch.autograd.grad(value, joined)
    places = [0] * len(joined)
    for chunk, part in zip(chunks, parts, strict=True):
        own = [g[at : at + len(p)] for g, at, p in zip(gradients, places, part, strict=True)]
        places = [at + len(p) for at, p in zip(places, part, strict=True)]
        torch.autograd.backward(encode(chunk), own)
    return value.detach()
