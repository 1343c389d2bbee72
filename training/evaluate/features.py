"""Images of a layout as vectors, read ahead while the model works."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from graft_plugin.engine.encoders.types import ImageEncoder
from graft_plugin.errors import UsageError

from .job import Job
from .layouts.types import Example
from .tiles import fit_tile, scale_for

BATCH = 32


@dataclass(frozen=True)
class Features:
    """What a model makes of the images.

    Attributes:
        vectors: float32 [N, D], L2-normalised.
        truth: bool [N, C], which classes each image has.
        seconds: Reading and encoding.
    """

    vectors: Tensor
    truth: Tensor
    seconds: float


def encode_images(encoder: ImageEncoder, job: Job) -> Features:
    """Encode the job's images as whole tiles.

    Raises:
        UsageError: The layout has no labels.
        SceneError: An image is damaged.
        Cancelled: On request.
    """
    if not job.layout.has_labels:
        raise UsageError(f"the images of {job.layout.name} have no labels", remedy="Use --task segmentation.")
    start = time.perf_counter()
    scale = scale_for(encoder.gsd, job.layout.sensor, job.layout.gsd_m)
    truth = torch.zeros(len(job.indices), len(job.layout.classes), dtype=torch.bool)
    vectors = []
    for first, examples in _batches(job):
        tiles = np.stack([fit_tile(e.image, encoder.tile_px, job.fit, scale) for e in examples])
        vectors.append(encoder.encode(torch.from_numpy(tiles), job.cancel).image.float())
        for row, example in enumerate(examples, first):
            truth[row, list(example.labels)] = True
        job.report("encode", first + len(examples), len(job.indices))
    return Features(torch.cat(vectors), truth, time.perf_counter() - start)


def thumbnail(image: NDArray[np.uint8], side_px: int = 160) -> NDArray[np.uint8]:
    """Return the middle square of an image at a size to look at; small pixels stay squares."""
    from PIL import Image, ImageOps

    picture = Image.fromarray(np.moveaxis(image, 0, -1))
    grown = Image.Resampling.NEAREST if min(picture.size) < side_px else Image.Resampling.LANCZOS
    return np.moveaxis(np.asarray(ImageOps.fit(picture, (side_px, side_px), grown)), -1, 0)


def _batches(job: Job) -> Iterator[tuple[int, list[Example]]]:
    """Yield (position of the first, examples); the next batch is read while this one is worked on."""
    parts = [job.indices[k : k + BATCH] for k in range(0, len(job.indices), BATCH)]

    def read(part: tuple[int, ...]) -> list[Example]:
        found = []
        for index in part:
            job.cancel.check()
            found.append(job.layout.read(index))
        return found

    with ThreadPoolExecutor(1) as pool:
        coming = [pool.submit(read, part) for part in parts[:1]]
        for number in range(len(parts)):
            examples = coming.pop().result()
            coming += [pool.submit(read, part) for part in parts[number + 1 : number + 2]]
            job.cancel.check()
            yield number * BATCH, examples
