"""What a labelled set of images is once its files are understood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Optional

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.sensor import Sensor

UNJUDGED = 255
"""Value of a mask's pixels whose class is not known; they count for nothing."""


@dataclass(frozen=True)
class Example:
    """One image and its truth.

    Attributes:
        key: Its name in the set.
        image: uint8 [3, H, W], RGB.
        labels: Indices of its classes; exactly one unless the layout is multi-label, none where only masks are known.
        mask: uint8 [H, W], class index of each pixel or `UNJUDGED`; None where the layout has no masks.
    """

    key: str
    image: NDArray[np.uint8]
    labels: tuple[int, ...]
    mask: Optional[NDArray[np.uint8]] = None


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

    def __len__(self) -> int:
        return len(self.keys)

    def indices(self, limit: Optional[int] = None) -> tuple[int, ...]:
        """Return the indices of at most `limit` images, spread evenly over the set."""
        if limit is None or limit >= len(self):
            return tuple(range(len(self)))
        return tuple(i * len(self) // limit for i in range(limit))
