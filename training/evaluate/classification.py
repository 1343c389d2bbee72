"""Zero-shot classification: the class whose text lies nearest to the image; with several labels, a ranking for each."""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import Tensor

from .baselines import Contender, class_vectors, unknown_words
from .features import encode_images, thumbnail
from .job import Job, Outcome, Picture
from .metrics import accuracy, confusion, label_precision, mean

EXAMPLES = 12


def evaluate(contender: Contender, job: Job) -> list[Outcome]:
    """Measure one model.

    Single label: accuracy, and its mean over the classes. Several: mAP, the mean over the classes that occur (and have
    a text) of the average precision of their ranking by cosine; `top1` is the share of images whose first class is one
    of theirs.

    Raises:
        UsageError: The layout has no labels, or the model classifies nothing.
        SceneError: An image is damaged.
    """
    encoder, texts = contender.pair("classification")
    features = encode_images(encoder, job)
    start = time.perf_counter()
    cosines = features.vectors @ class_vectors(texts, job.prompts).T
    asked = torch.tensor(job.prompts.asked)
    answer = asked[cosines.argmax(1)]
    names, count = job.layout.classes, len(job.layout.classes)
    hit = features.truth[torch.arange(len(answer)), answer]
    if job.layout.multi_label:
        each = {int(asked[c]): ap for c, ap in label_precision(cosines, features.truth[:, asked]).items()}
        scores, metric = {"mAP": mean(each), "top1": float(hit.float().mean())}, "AP"
        image, label = features.truth.nonzero(as_tuple=True)
        counts = confusion(answer[image], label, count)
        title = "images with this label, by the class that came first"
    else:
        truth = features.truth.float().argmax(1)
        share, each = accuracy(answer, truth, count)
        scores, metric = {"accuracy": share, "mean class accuracy": mean(each)}, "accuracy"
        counts, title = confusion(answer, truth, count), "images by true and answered class"
    return [
        Outcome(
            contender.name,
            contender.sha256,
            len(answer),
            features.seconds + time.perf_counter() - start,
            scores,
            {names[c]: value for c, value in each.items()},
            metric,
            counts,
            title,
            _examples(job, answer, features.truth, hit),
            unknown_words(texts, job.prompts),
        )
    ]


def _examples(job: Job, answer: Tensor, truth: Tensor, hit: Tensor) -> tuple[Picture, ...]:
    """Return images that were answered right and wrong, half and half as far as there are both, spread over the set."""
    right, wrong = hit.nonzero()[:, 0].tolist(), (~hit).nonzero()[:, 0].tolist()
    few = min(EXAMPLES // 2, len(wrong)), min(EXAMPLES // 2, len(right))
    chosen = [*_spread(right, EXAMPLES - few[0]), *_spread(wrong, EXAMPLES - few[1])]
    names, pictures = job.layout.classes, []
    for row in chosen:
        example = job.layout.read(job.indices[row])
        own = [names[c] for c in truth[row].nonzero()[:, 0].tolist()]
        text = names[int(answer[row])] if hit[row] else f"{names[int(answer[row])]}, is {', '.join(own) or 'none'}"
        pictures.append(Picture(thumbnail(example.image), text, bool(hit[row])))
    return tuple(pictures)


def _spread(rows: list[int], count: int) -> list[int]:
    return [rows[i] for i in np.unique(np.linspace(0, len(rows) - 1, min(count, len(rows))).round().astype(int))]
