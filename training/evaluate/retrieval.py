"""Text → image retrieval: each class's text ranks every image; an image is relevant if it has the class."""

from __future__ import annotations

import time

from torch import Tensor

from graft_plugin.errors import UsageError

from .baselines import Contender, class_vectors, unknown_words
from .features import encode_images, thumbnail
from .job import Job, Outcome, Picture
from .metrics import mean, precision_at, share_at

SHOWN_QUERIES, SHOWN_IMAGES = 6, 6


def evaluate(contender: Contender, job: Job) -> list[Outcome]:
    """Measure one model: mAP@k and P@k, means over the classes that occur and have a text.

    AP@k alone is kind to a query that finds one image at once and no other among the first k; P@k is not.

    Raises:
        UsageError: The layout has no labels, no class occurs, or the model retrieves nothing.
        SceneError: An image is damaged.
    """
    encoder, texts = contender.pair("retrieval")
    features = encode_images(encoder, job)
    start = time.perf_counter()
    cosines = (features.vectors @ class_vectors(texts, job.prompts).T).T
    queries = {c: row for row, c in enumerate(job.prompts.asked) if features.truth[:, c].any()}
    if not queries:
        raise UsageError("no image has a class that is asked for", remedy="Take more images, or other prompts.")
    found = {
        k: {c: precision_at(cosines[row], features.truth[:, c], k) for c, row in queries.items()} for k in job.top_k
    }
    shares = {
        k: {c: share_at(cosines[row], features.truth[:, c], k) for c, row in queries.items()} for k in job.top_k
    }
    seconds = features.seconds + time.perf_counter() - start
    names, deepest = job.layout.classes, job.top_k[-1]
    return [
        Outcome(
            contender.name,
            contender.sha256,
            len(features.vectors),
            seconds,
            {f"mAP@{k}": mean(found[k]) for k in job.top_k} | {f"P@{k}": mean(shares[k]) for k in job.top_k},
            {names[c]: value for c, value in found[deepest].items()},
            f"AP@{deepest}",
            pictures=_first(job, cosines, features.truth, queries),
            notes=(*unknown_words(texts, job.prompts), f"{len(queries)} queries, one a class."),
        )
    ]


def _first(job: Job, cosines: Tensor, truth: Tensor, queries: dict[int, int]) -> tuple[Picture, ...]:
    """Return the first images of some queries, spread over the classes."""
    step = max(1, len(queries) // SHOWN_QUERIES)
    pictures = []
    for c in list(queries)[::step][:SHOWN_QUERIES]:
        for image in cosines[queries[c]].argsort(descending=True, stable=True)[:SHOWN_IMAGES].tolist():
            own = [job.layout.classes[i] for i in truth[image].nonzero()[:, 0].tolist()]
            shown = thumbnail(job.layout.read(job.indices[image]).image)
            title = ", ".join(own) or "none"
            pictures.append(Picture(shown, title, bool(truth[image, c]), group=job.layout.classes[c]))
    return tuple(pictures)
