"""What a plan may spend: each expense is charged before it is made."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ...errors import PlanError
from ..progress import CancelToken

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """What one plan may spend.

    Attributes:
        steps: Nodes of its syntax tree that are evaluated.
        seconds: Of its own; what the finder takes is not counted.
        objects: Members of all lists and region sets that it makes, and 64 characters of text, ever.
        vertices: Of all geometries that go into operations.
        number: No number may be larger.
        text: Characters of one text.
    """

    steps: int = 100_000
    seconds: float = 60.0
    objects: int = 1_000_000
    vertices: int = 100_000_000
    number: float = 1e15
    text: int = 1_000


class Budget:
    """Counts what a plan spends, and looks at the token.

    Args:
        limits: What it may spend.
        cancel: Raises `Cancelled` out of `step` and `vertices`.
    """

    def __init__(self, limits: Limits, cancel: CancelToken) -> None:
        self.limits, self._cancel = limits, cancel
        self._steps = self._objects = self._vertices = 0
        self._started = time.monotonic()
        self._elsewhere = 0.0

    def step(self) -> None:
        """Charge the evaluation of a node."""
        self._cancel.check()
        self._steps += 1
        _within("steps", self._steps, self.limits.steps)
        _within("seconds", time.monotonic() - self._started - self._elsewhere, self.limits.seconds)

    def objects(self, count: int) -> None:
        """Charge members of a list or of a set of regions."""
        self._objects += count
        _within("objects", self._objects, self.limits.objects)

    def vertices(self, count: int) -> None:
        """Charge the vertices that go into an operation."""
        self.step()
        self._vertices += count
        _within("vertices", self._vertices, self.limits.vertices)

    def number(self, value: float) -> float:
        """Return a number that is not too large.

        Raises:
            PlanError: It is, or it is none.
        """
        if not abs(value) <= self.limits.number:  # what is no number, too
            raise PlanError(f"a number is beyond {self.limits.number:g}")
        return value

    def text(self, length: int) -> None:
        """Charge a text of so many characters."""
        if length > self.limits.text:
            raise PlanError(f"a text is longer than {self.limits.text} characters")
        self.objects(1 + length // 64)

    def elsewhere(self, work: Callable[[], T]) -> T:
        """Return what some work gives, whose time is not the plan's."""
        start = time.monotonic()
        try:
            return work()
        finally:
            self._elsewhere += time.monotonic() - start


def _within(what: str, spent: float, limit: float) -> None:
    if spent > limit:
        raise PlanError(
            f"it takes more than {limit:g} {what}", remedy="Make the plan simpler, or ask about a smaller area."
        )
