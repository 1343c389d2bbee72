"""Wall times that a busy moment cannot spoil."""

from __future__ import annotations

import time
from collections.abc import Callable


def best_of(rounds: int, *works: Callable[[], object]) -> list[float]:
    """Return the shortest wall time of each work, taken in turns so that a busy moment hits all alike."""
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for i, work in enumerate(works):
            start = time.perf_counter()
            work()
            best[i] = min(best[i], time.perf_counter() - start)
    return best
