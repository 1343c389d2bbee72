"""Zero-shot scores of the small CLIP on ground views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ..world.classes import CLASSES, NAMES
from .clip_data import ClipData

if TYPE_CHECKING:
    from .clip import MiniClip

ONE_PROMPT = "a photo of the {}"


@torch.inference_mode()
def zero_shot(clip: MiniClip, data: ClipData) -> dict[str, Any]:
    """Measure zero-shot classification of ground views.

    Returns:
        Accuracies on class-balanced weights: `averaged` and `one_prompt` by the classes' names, `synonyms` and
        `synonyms_one_prompt` by their synonyms (mean over rounds; each class has one of its synonyms in each round);
        `per_class`; `confused`, the worst pairs; `text_similarity_max`, the largest cosine between two names; and
        `logit_scale`.
    """
    views = torch.from_numpy(data.views)
    image = torch.cat([clip.encode_views(views[k : k + 512]) for k in range(0, len(views), 512)])
    labels = torch.from_numpy(data.labels)
    present = labels.unique()

    def recalls(names: Sequence[str], templates: Sequence[str] | None) -> tuple[Tensor, Tensor]:
        found = (image @ clip.encode_texts(names, templates).T).argmax(1)
        return torch.stack([(found[labels == label] == label).float().mean() for label in present]), found

    averaged, found = recalls(NAMES, None)
    rounds = max(len(land.synonyms) for land in CLASSES)
    others = [[land.synonyms[k % len(land.synonyms)] for land in CLASSES] for k in range(rounds)]
    confusion = torch.zeros(len(NAMES), len(NAMES))
    confusion.index_put_((labels, found), torch.ones(len(labels)), accumulate=True)
    wrong = (confusion / confusion.sum(1, keepdim=True).clamp(min=1)).fill_diagonal_(0)
    worst = wrong.flatten().topk(6)
    cosine = (clip.encode_texts(NAMES) @ clip.encode_texts(NAMES).T).fill_diagonal_(-1)
    return {
        "averaged": round(float(averaged.mean()), 4),
        "one_prompt": round(float(recalls(NAMES, [ONE_PROMPT])[0].mean()), 4),
        "synonyms": round(float(np.mean([float(recalls(r, None)[0].mean()) for r in others])), 4),
        "synonyms_one_prompt": round(float(np.mean([float(recalls(r, [ONE_PROMPT])[0].mean()) for r in others])), 4),
        "per_class": {NAMES[int(n)]: round(float(a), 4) for n, a in zip(present, averaged, strict=True)},
        "confused": [
            [NAMES[int(k) // len(NAMES)], NAMES[int(k) % len(NAMES)], round(float(v), 4)]
            for v, k in zip(worst.values, worst.indices, strict=True)
        ],
        "text_similarity_max": round(float(cosine.max()), 4),
        "logit_scale": round(float(clip.model.logit_scale.exp()), 2),
    }
