"""Wall seconds of a run, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Clock:
    """Wall seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Add the time until the block is left to a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - start

    def total(self) -> dict[str, float]:
        """Return the seconds by stage, rounded, with the "total" until now."""
        seconds = {**self.seconds, "total": time.perf_counter() - self.started}
        return {stage: round(value, 4) for stage, value in seconds.items()}
