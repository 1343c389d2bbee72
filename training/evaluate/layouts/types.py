"""What a labelled set of images is once its files are understood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Optional, Union

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.sensor import Sensor

UNJUDGED = 255
"""Value of a mask's pixels whose class is not known; they count for nothing."""


Value = Union[bool, int, float, str, None]
"""An answer; None where there was none."""


@dataclass(frozen=True)
class Question:
    """A question about an image and its true answer.

    Attributes:
        text: As it is asked.
        kind: The kind that its answer counts under.
        truth: Yes or no, a number, or a word.
        unit: Of a number: "m2", "m", "share", or "" for counts.
        slack: By how much a number may be off, in its unit.
        terms: What has to be found for it; () where that is not known.
        plan: A plan that answers it, in the engine's language; "" where none is known.
    """

    text: str
    kind: str
    truth: Union[bool, int, float, str]
    unit: str = ""
    slack: float = 0.0
    terms: tuple[str, ...] = ()
    plan: str = ""


@dataclass(frozen=True)
class Example:
    """One image and its truth.

    Attributes:
        key: Its name in the set.
        image: uint8 [3, H, W], RGB.
        labels: Indices of its classes; exactly one unless the layout is multi-label, none where only masks are known.
        mask: uint8 [H, W], class index of each pixel or `UNJUDGED`; None where the layout has no masks.
        questions: What is asked of it.
        before: The same place at an earlier date, uint8 [3, H, W]; None where there is only one.
        mask_before: Its mask.
    """

    key: str
    image: NDArray[np.uint8]
    labels: tuple[int, ...]
    mask: Optional[NDArray[np.uint8]] = None
    questions: tuple[Question, ...] = ()
    before: Optional[NDArray[np.uint8]] = None
    mask_before: Optional[NDArray[np.uint8]] = None


@dataclass(frozen=True)
class Layout:
    """A set of images on disk; images are read one by one, when they are asked for.

    Attributes:
        name: As it is asked for on the command line, with its variant.
        split: Which part of the set this is: "test", "all", …
        classes: Names of the classes, in the order of their indices.
        keys: Names of the images.
        read: Index → image and truth; raises a `GraftError` that names the file where it is damaged.
        multi_label: Whether an image can have several classes.
        has_labels: Whether images have classes.
        has_masks: Whether images have masks.
        sensor: Whose presets of ground resolution apply.
        gsd_m: Metres a pixel; None where it is not known.
        prompts: Name of the prompt set that goes with the classes; None where the classes' own names are the prompts.
        has_questions: Whether questions are asked of the images.
        name_answer: (kind of question, value, unit) → the class that an answer counts as, for sets that compare
            classes; None where a question's own slack judges.
    """

    name: str
    split: str
    classes: tuple[str, ...]
    keys: tuple[str, ...]
    read: Callable[[int], Example]
    multi_label: bool = False
    has_labels: bool = True
    has_masks: bool = False
    sensor: Sensor = "rgb"
    gsd_m: Optional[float] = None
    prompts: Optional[str] = None
    has_questions: bool = False
    name_answer: Optional[Callable[[str, Value, str], str]] = None

    def __len__(self) -> int:
        return len(self.keys)

    def indices(self, limit: Optional[int] = None) -> tuple[int, ...]:
        """Return the indices of at most `limit` images, spread evenly over the set."""
        if limit is None or limit >= len(self):
            return tuple(range(len(self)))
        return tuple(i * len(self) // limit for i in range(limit))
