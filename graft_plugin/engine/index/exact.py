"""Cosines of int8 vectors to texts, exact: the same bits whatever the block, the order, the thread or the machine.

A text vector is rounded to steps of 1/16256 of its largest value and written as 128·high + low, both int8. Products of
int8 and their sums over at most 1024 numbers are whole and below 2²⁴, so int32 and float32
both hold them exactly, and the faster of the two may be chosen. The rounding moves a cosine by less than 1e-4.
"""

from __future__ import annotations

import time
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

LARGEST_DIM = 1024
_STEPS = 127 * 128


class ExactTexts:
    """Vectors to which cosines are taken.

    Args:
        vectors: float32 [T, D], of any length.
    """

    def __init__(self, vectors: Tensor) -> None:
        self._vectors = vectors
        self.count, self.dim = vectors.shape
        top = vectors.abs().amax(dim=1).clamp_min(1e-12)
        steps = torch.round(vectors.double() / top.double()[:, None] * _STEPS).to(torch.int32)
        high = torch.div(steps + 64, 128, rounding_mode="floor")
        columns = torch.cat([high, steps - 128 * high]).T.contiguous()
        self._scale = (top / _STEPS).float()
        self._kernel = kernel(self.dim, 2 * self.count) if self.dim <= LARGEST_DIM else "split"
        self._laid_out = _laid_out(columns.to(torch.int8), self._kernel)

    def __reduce__(self) -> tuple[type[ExactTexts], tuple[Tensor]]:
        """Travel to another process as vectors: its machine may want another product."""
        return ExactTexts, (self._vectors,)

    @torch.inference_mode()
    def cosines(self, vectors: NDArray[np.int8], scale: NDArray[np.float32]) -> Tensor:
        """Return float32 [N, T]: the products of int8 [N, D] times scale [N] with the vectors."""
        rows = torch.from_numpy(vectors).reshape(-1).view(-1, self.dim)  # plain strides, of a single row too
        if self._kernel == "split":  # longer vectors: in pieces whose sums are exact, added as whole numbers
            pieces = [slice(i, i + LARGEST_DIM) for i in range(0, self.dim, LARGEST_DIM)]
            products = [(rows[:, piece].float() @ self._laid_out[piece]).to(torch.int64) for piece in pieces]
            whole = torch.stack(products).sum(dim=0)
        else:
            whole = _PRODUCTS[self._kernel](rows, self._laid_out)
        high, low = whole[:, : self.count], whole[:, self.count : 2 * self.count]
        wide = torch.int64 if self._kernel == "split" else torch.int32
        total = torch.add(low.to(wide), high.to(wide), alpha=128)  # whole: exact
        return total.mul(self._scale).mul_(torch.from_numpy(scale)[:, None])


def _laid_out(columns: Tensor, name: str) -> Tensor:
    """Return int8 columns [D, C] as a product wants them."""
    if name == "single":
        return columns.T.contiguous()[:, :, None]
    if name == "int8":
        return torch.nn.functional.pad(columns, (0, -columns.shape[1] % 16)).contiguous()
    return columns.float()


def _int8(rows: Tensor, columns: Tensor) -> Tensor:
    return torch._int_mm(rows, columns)


def _single(rows: Tensor, columns: Tensor) -> Tensor:
    """Multiply by one column after the other: for a few columns faster than a product that pads them to 16."""
    return torch.cat([torch._int_mm(rows, column) for column in columns], dim=1)


def _fp32(rows: Tensor, columns: Tensor) -> Tensor:
    return rows.float() @ columns


_PRODUCTS = {"single": _single, "int8": _int8, "fp32": _fp32}
_MOST_SINGLE = 8
_TRIAL_ROWS, _TRIALS = 3136, 8


@lru_cache(maxsize=16)
def kernel(dim: int, columns: int) -> str:
    """Return the name of the product that is fastest here and exact, found by a trial of some milliseconds.

    With one thread of torch's own, as it is used: each of our threads has one.
    """
    rows = torch.randint(-127, 128, (_TRIAL_ROWS, dim), dtype=torch.int8)
    other = torch.randint(-127, 128, (dim, columns), dtype=torch.int8)
    truth = _fp32(rows, other.float()).to(torch.int32)
    best: dict[str, float] = {}
    for name, product in _PRODUCTS.items():
        if name == "single" and columns > _MOST_SINGLE:
            continue
        try:
            if torch.equal(product(rows, _laid_out(other, name))[:, :columns].to(torch.int32), truth):
                best[name] = float("inf")
        except (RuntimeError, NotImplementedError):  # this torch or this CPU has none
            continue
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    for _ in range(_TRIALS):  # in turns, so that a busy moment hits all alike
        for name in best:
            laid_out = _laid_out(other, name)
            began = time.perf_counter()
            _PRODUCTS[name](rows, laid_out)
            best[name] = min(best[name], time.perf_counter() - began)
    torch.set_num_threads(threads)
    return min(best, key=best.__getitem__)
