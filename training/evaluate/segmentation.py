"""Zero-shot segmentation: the class of each pixel by the engine's search, and once more with its SAM."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Optional

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.sam import PromptedSam, load_sam
from graft_plugin.errors import UsageError

from .baselines import CLIPSEG, Contender, unknown_words
from .clipseg import ClipSeg
from .job import Job, Outcome, Picture
from .layouts.types import UNJUDGED, Example
from .metrics import PixelMeter, mean
from .promptsets import PromptSet
from .search import Searcher

EXAMPLES = 8
CLIPSEG_LEVEL = 0.5
"""Below this probability of every class a pixel is background, where there is such a class."""

Labels = NDArray[np.uint8]


@dataclass
class _Way:
    """One way of using a model, as it is measured."""

    name: str
    meter: PixelMeter
    seconds: float = 0.0
    pictures: list[Picture] = field(default_factory=list)


def evaluate(contender: Contender, job: Job) -> list[Outcome]:
    """Measure one model: the mean IoU over the classes that occur in the truth, all pixels of the set together.

    Returns:
        The model's outcome, and with a SAM a second one; CLIPSeg, which draws its own edges, has only the first.

    Raises:
        UsageError: The layout has no masks.
        SceneError: An image is damaged.
        CheckpointError: The SAM's file is missing or damaged.
    """
    if not job.layout.has_masks:
        raise UsageError(
            f"{job.layout.name} has no masks of pixels",
            remedy="Use a folder with images, masks and classes.txt, naip-osm, or BigEarthNet 2 with Reference_Maps.",
        )
    sam = load_sam(job.sam, job.device) if job.sam and contender.clipseg is None else None
    ways = [_Way(contender.name, PixelMeter(len(job.layout.classes)))]
    if sam is not None:
        ways.append(_Way(f"{contender.name} + SAM {sam.model_id}", PixelMeter(len(job.layout.classes))))
    shown = set(np.linspace(0, len(job.indices) - 1, min(EXAMPLES, len(job.indices))).round().astype(int).tolist())
    for number, index in enumerate(job.indices):
        job.cancel.check()
        start = time.perf_counter()
        example = job.layout.read(index)
        reading = time.perf_counter() - start
        truth = _truth(example)
        for way, (found, seconds) in zip(ways, _answers(contender, job, example, sam), strict=True):
            way.meter.add(found, truth)
            way.seconds += reading + seconds
            if number in shown:
                way.pictures.append(Picture(example.image, example.key, truth=truth, found=found))
        job.report("segment", number + 1, len(job.indices))
    notes = unknown_words(contender.texts, job.prompts) if contender.texts else ()
    return [_outcome(way, contender.sha256, job, notes) for way in ways]


def _truth(example: Example) -> Labels:
    if example.mask is None:
        raise UsageError("the image has no mask", remedy="Use --task classification.", path=example.key)
    return example.mask


def _answers(
    contender: Contender, job: Job, example: Example, sam: Optional[PromptedSam]
) -> Iterator[tuple[Labels, float]]:
    """Yield (class of each pixel [H, W], seconds) without and with SAM; the second includes the first's."""
    start = time.perf_counter()
    if contender.clipseg is not None:
        yield by_clipseg(contender.clipseg, example.image, job.prompts), time.perf_counter() - start
        return
    encoder, texts = contender.pair("segmentation")
    searcher = Searcher(encoder, texts, job.prompts, job.layout.sensor, job.layout.gsd_m, job.cancel)
    with TemporaryDirectory(prefix="graft-evaluate-") as folder:
        found = searcher.search(example.image, Path(folder))
        yield found.labels(), time.perf_counter() - start
        if sam is not None:
            yield found.refined(sam), time.perf_counter() - start


def by_clipseg(clipseg: ClipSeg, image: NDArray[np.uint8], prompts: PromptSet) -> Labels:
    """Return the class of each pixel by CLIPSeg: of each class its likeliest text, of all classes the likeliest."""
    each = clipseg.probabilities(image, prompts.texts)
    owners = np.array(prompts.owners)
    classes = np.stack([each[owners == c].max(0) for c in prompts.asked])
    found = np.array(prompts.asked, np.uint8)[classes.argmax(0)]
    if prompts.background is not None:
        found[classes.max(0) < CLIPSEG_LEVEL] = prompts.background
    return found


def _outcome(way: _Way, sha256: str, job: Job, notes: tuple[str, ...]) -> Outcome:
    each, names = way.meter.scores(), job.layout.classes
    counts = way.meter.confusion
    judged = f"{int(counts.sum())} pixels judged; pixels of unknown class (value {UNJUDGED}) are left out."
    return Outcome(
        way.name,
        sha256,
        len(job.indices),
        way.seconds,
        {"mIoU": mean(each), "pixel accuracy": way.meter.right_share()},
        {names[c]: value for c, value in each.items()},
        "IoU",
        counts,
        "pixels by true and answered class",
        tuple(way.pictures),
        (*notes, judged, *(("Bare texts, no templates.",) if way.name.lower() == CLIPSEG else ())),
    )
