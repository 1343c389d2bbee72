"""How well scores rank what is there above what is not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def auc(scores: NDArray[np.floating[Any]], truth: NDArray[np.bool_]) -> float:
    """Area under the ROC curve, ties counted half; NaN where one of the two classes is missing."""
    from scipy.stats import rankdata

    positive, negative = int(truth.sum()), int((~truth).sum())
    if not positive or not negative:
        return float("nan")
    rank = rankdata(scores)
    return float((rank[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))
