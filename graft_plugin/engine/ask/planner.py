"""The built-in planner: common shapes of English questions to plans, and a plain word about what it cannot read.

What it counts, and tells of, are whole things: "ponds within 100 m of a road" are ponds of which some part is so near.
What it measures is ground: "how much forest lies within 100 m of a road" is that part of the forest, not every forest
that comes so near. "Near" without a distance is read as within 100 m, "next to" and "along" as within 20 m, and the
answer says so.
"""

from __future__ import annotations

from . import measures, shapes
from .reader import Reader
from .words import UNDERSTOOD, not_understood, words_of

__all__ = ["UNDERSTOOD", "plan_for"]


def plan_for(question: str) -> str:
    """Return the plan of a question.

    Raises:
        PlanError: It has none of the shapes that are known; says which are, and what was not understood.
    """
    words = words_of(question)
    while words and words[0] in ("in_view", ",", "please"):
        words = words[1:]
    other = measures.widest(question) or measures.change(words)
    if other:
        return other
    for shape in _SHAPES:
        reader = Reader(words)
        plan = shape(reader)
        if plan:
            return plan
    raise not_understood(words or ["nothing"])


_SHAPES = (
    shapes.distance, shapes.count, shapes.every, shapes.more, shapes.as_many, measures.share, measures.area,
    shapes.extreme, shapes.density, shapes.either, shapes.exists,
)  # fmt: skip
