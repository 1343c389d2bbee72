"""What is told of two dates: frozen dataclasses like those of `results`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from .index_results import Result


@dataclass(frozen=True)
class ChangeResult(Result):
    """What changed of one prompt.

    Attributes:
        prompt: The text.
        threshold: Change of the score from which a place counts.
        auto_threshold: The one that the two dates' own scatter gives, whether or not it was used.
        gained_m2, lost_m2: Area of the cells that count, in square metres.
        largest_gain, largest_loss: Of all cells, in -1..1; None where both dates have no valid cell.
        gained, lost: Number of polygons; None where none were asked for.
    """

    prompt: str
    threshold: float
    auto_threshold: float
    gained_m2: float
    lost_m2: float
    largest_gain: Optional[float]
    largest_loss: Optional[float]
    gained: Optional[int] = None
    lost: Optional[int] = None


@dataclass(frozen=True)
class CompareResult(Result):
    """The change between two dates.

    Attributes:
        before, after, model, model_sha256, gsd_m, crs, stride_px: What was looked at, and how.
        look_shift: Length of the vector that was taken off the embeddings of `after`, which have length 1: what light,
            season and sensor change everywhere (see `change`). 0 where they were left alone.
        compared_m2: Area that both dates show.
        prompts: One entry for each prompt, in order.
        heatmap, masks, layer, preview: What was written; None where not asked for.
        encoded_tiles, from_store: Of both dates, as in `QueryResult`.
        seconds: Wall time by stage, and "total".
        warnings: What the user should know, in plain sentences.
    """

    before: str
    after: str
    model: str
    model_sha256: str
    gsd_m: float
    crs: str
    stride_px: int
    look_shift: float
    compared_m2: float
    prompts: tuple[ChangeResult, ...]
    heatmap: Optional[str]
    masks: Optional[str]
    layer: Optional[str]
    preview: Optional[str]
    encoded_tiles: int
    from_store: int
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
