"""What every task is given and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.progress import CancelToken, Report, silent

from .layouts.types import Layout
from .promptsets import PromptSet
from .tiles import Fit


@dataclass(frozen=True)
class Job:
    """One measurement, the same for every model.

    Attributes:
        layout: The images and their truth.
        indices: Which images.
        prompts: The texts of the classes.
        fit: How an image becomes a tile, for tasks on whole images.
        top_k: Depths of mAP@k and P@k in retrieval.
        sam: The SAM that refines segmentations; None for none.
        device: A torch device.
        report: Told of the stages.
        cancel: Checked for each batch or image.
    """

    layout: Layout
    indices: tuple[int, ...]
    prompts: PromptSet
    fit: Fit = "resize"
    top_k: tuple[int, ...] = (20, 100)
    sam: Optional[str] = None
    device: str = "cpu"
    report: Report = silent
    cancel: CancelToken = field(default_factory=CancelToken)


@dataclass(frozen=True)
class Picture:
    """An example to look at.

    Attributes:
        image: uint8 [3, H, W].
        title: A few words under it.
        right: Whether the answer is right; None where that is no yes or no.
        truth: Class index of each pixel [H, W], `UNJUDGED` where unknown; None for whole images.
        found: The answer's, likewise.
        group: Pictures of one group stand in one row; "" for no groups.
    """

    image: NDArray[np.uint8]
    title: str
    right: Optional[bool] = None
    truth: Optional[NDArray[np.uint8]] = None
    found: Optional[NDArray[np.uint8]] = None
    group: str = ""


@dataclass(frozen=True)
class Answered:
    """A question and what came of it.

    Attributes:
        key: The image.
        question: As it was asked.
        kind: Its kind.
        truth: The true answer, as text.
        answer: The answer, likewise.
        right: Whether it is right.
        plan: What was run; "" where the question was not understood.
        error: Why there is no answer, or "".
        whole: Whether the truth is a count.
    """

    key: str
    question: str
    kind: str
    truth: str
    answer: str
    right: bool
    plan: str
    error: str
    whole: bool = False


@dataclass(frozen=True)
class Outcome:
    """What one model reached, in one way of using it.

    Attributes:
        model: Its name, with the way where there are several ("mini + SAM mini").
        sha256: Of its file.
        count: Images measured.
        seconds: For reading, encoding and scoring them; the model's loading is left out.
        scores: Names of the metrics → values in 0..1, the most telling first.
        per_class: Class → the value of the metric that `per_class_metric` names; classes that do not occur left out.
        per_class_metric: Its name.
        confusion: int64 [C, C], rows the truth; None where there is none.
        confusion_title: What its rows and columns count.
        pictures: Examples.
        notes: What a reader should know, one sentence each.
        answered: Every question and its answer, where questions were asked.
    """

    model: str
    sha256: str
    count: int
    seconds: float
    scores: Mapping[str, float]
    per_class: Mapping[str, float]
    per_class_metric: str
    confusion: Optional[NDArray[np.int64]] = None
    confusion_title: str = ""
    pictures: tuple[Picture, ...] = ()
    notes: tuple[str, ...] = ()
    answered: tuple[Answered, ...] = ()
