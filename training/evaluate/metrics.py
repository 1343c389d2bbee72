"""The numbers, by torchmetrics, with its conventions said in words and its traps stepped round."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .layouts.types import UNJUDGED


def accuracy(found: Tensor, truth: Tensor, classes: int) -> tuple[float, dict[int, float]]:
    """Return the share of right answers, and that of each class that occurs.

    Args:
        found: int64 [N], class indices.
        truth: int64 [N].
        classes: C.
    """
    from torchmetrics.functional.classification import multiclass_accuracy

    overall = multiclass_accuracy(found, truth, num_classes=classes, average="micro")
    each = multiclass_accuracy(found, truth, num_classes=classes, average="none")
    return float(overall), {int(c): float(each[c]) for c in truth.unique()}


def label_precision(scores: Tensor, truth: Tensor) -> dict[int, float]:
    """Return the average precision of each class that occurs: the area under its precision-recall steps.

    Args:
        scores: float32 [N, C], any monotone score of "this image has that class".
        truth: bool [N, C].
    """
    from torchmetrics.functional.classification import binary_average_precision

    # Scores outside 0..1 would be taken for logits, and scores inside not: brought to 0..1 the rule does not matter.
    scaled = _to_unit(scores)
    return {
        c: float(binary_average_precision(scaled[:, c], truth[:, c].long()))
        for c in range(truth.shape[1])
        if truth[:, c].any()
    }


def precision_at(similarity: Tensor, relevant: Tensor, top_k: int) -> float:
    """Return AP@k of one query: the mean, over the relevant images among the first k, of the precision at their rank.

    0 where none of the first k is relevant. (This is torchmetrics' definition; others divide by min(k, all relevant).)

    Args:
        similarity: float32 [N].
        relevant: bool [N].
        top_k: k.
    """
    from torchmetrics.functional.retrieval import retrieval_average_precision

    # torchmetrics calls whatever scores 0 or less irrelevant, which half of all cosines would be.
    return float(retrieval_average_precision(0.5 + _to_unit(similarity), relevant.long(), top_k=top_k))


def share_at(similarity: Tensor, relevant: Tensor, top_k: int) -> float:
    """Return P@k of one query: the share of the first k images, or of all where there are fewer, that are relevant.

    Args:
        similarity: float32 [N].
        relevant: bool [N].
        top_k: k.
    """
    from torchmetrics.functional.retrieval import retrieval_precision

    ranked = 0.5 + _to_unit(similarity)
    return float(retrieval_precision(ranked, relevant.long(), top_k=top_k, adaptive_k=True))


def confusion(found: Tensor, truth: Tensor, classes: int) -> NDArray[np.int64]:
    """Return counts int64 [C, C], rows the truth."""
    from torchmetrics.functional.classification import multiclass_confusion_matrix

    return np.asarray(multiclass_confusion_matrix(found, truth, num_classes=classes).numpy(), np.int64)


class PixelMeter:
    """Intersection over union of pixels, filled image by image.

    Args:
        classes: C.
    """

    def __init__(self, classes: int) -> None:
        from torchmetrics.classification import MulticlassJaccardIndex

        self._metric = MulticlassJaccardIndex(classes, average="none", ignore_index=UNJUDGED)

    def add(self, found: NDArray[np.integer], truth: NDArray[np.integer]) -> None:
        """Count an image: class indices [H, W]; pixels whose truth is `UNJUDGED` are left out."""
        self._metric.update(*(torch.from_numpy(np.ascontiguousarray(a, np.int64)) for a in (found, truth)))

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Pixels int64 [C, C], rows the truth."""
        return np.asarray(self._metric.confmat.numpy(), np.int64)

    def scores(self) -> dict[int, float]:
        """Return the IoU of each class that occurs in the truth."""
        present = self.confusion.sum(1) > 0
        if not present.any():
            return {}
        values = self._metric.compute()
        return {int(c): float(values[c]) for c in np.flatnonzero(present)}

    def right_share(self) -> float:
        """Return the share of judged pixels that are right; NaN where none is judged."""
        counts = self.confusion
        return float(np.trace(counts) / counts.sum()) if counts.any() else math.nan


def mean(values: dict[int, float]) -> float:
    """Return the mean over the classes; NaN where there are none."""
    return float(np.mean(list(values.values()))) if values else math.nan


def _to_unit(scores: Tensor) -> Tensor:
    """Bring scores to 0..1 by one straight line, in double precision so that no two of them become equal."""
    values = scores.double()
    low, high = (values.min(), values.max()) if values.numel() else (values.sum(), values.sum())
    return (values - low) / (high - low) if high > low else torch.zeros_like(values)
