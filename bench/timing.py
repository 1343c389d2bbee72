"""Wall times that a busy moment cannot spoil."""

from __future__ import annotations

import time
from collections.abc import Callable


def best_of(rounds: int, *works: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Return the shortest time of each work, taken in turns so that a busy moment hits all alike.

    With `time.process_time` it is that of all threads together, in which other processes count little.
    """
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for i, work in enumerate(works):
            start = clock()
            work()
            best[i] = min(best[i], clock() - start)
    return best
