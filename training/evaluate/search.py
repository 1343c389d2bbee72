"""The engine's search over one image with known classes: scene, embeddings, competing prompts, guided edges, SAM.

An image becomes a GeoTIFF at its ground resolution, its corner on the corner of a tile of the engine's anchored grid;
from there all steps are the engine's own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Optional

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from graft_plugin.engine.embed import embed_scene
from graft_plugin.engine.heatmap import placed_blocks
from graft_plugin.engine.progress import CancelToken, silent
from graft_plugin.engine.regions import Heat
from graft_plugin.engine.scene import Scene, SceneReader, open_scene
from graft_plugin.engine.search import Query, ScoreHistogram, Scorer
from graft_plugin.engine.sensor import Sensor

from .promptsets import PromptSet

if TYPE_CHECKING:
    from graft_plugin.engine.encoders.text import TextEncoder
    from graft_plugin.engine.encoders.types import ImageEncoder
    from graft_plugin.engine.sam import PromptedSam

CRS = "EPSG:32631"
"""Any metric CRS: only distances count."""
_NORTH, _EAST = 5_000_000.0, 500_000.0

Float = NDArray[np.float32]
Labels = NDArray[np.uint8]


@dataclass(frozen=True)
class _Texts:
    """A model's texts with the contrast bank that suits the question: none where the classes are all there is."""

    encoder: TextEncoder
    contrast: tuple[str, ...]

    @property
    def logit_scale(self) -> float:
        return self.encoder.logit_scale

    def encode(self, texts: list[str]) -> Tensor:
        return self.encoder.encode(texts)


@dataclass(frozen=True)
class Found:
    """Scores of one image.

    Attributes:
        scene: The image as the engine reads it.
        heat: Scores of the asked classes; a class's score is the sum of its texts' probabilities.
        histogram: Of these scores.
        asked: The class index of each plane.
        background: The class of what no score speaks for; None where the best class always wins.
        shape: (H, W) of the image.
        gsd_m: Metres a pixel of the image.
        cancel: Checked between steps.
    """

    scene: Scene
    heat: Heat
    histogram: ScoreHistogram
    asked: tuple[int, ...]
    background: Optional[int]
    shape: tuple[int, int]
    gsd_m: float
    cancel: CancelToken

    def labels(self) -> Labels:
        """Return the class of each pixel of the image, by the scores brought to pixels along the image's edges."""
        return self._of_image(self._fine_labels())

    def refined(self, sam: PromptedSam) -> Labels:
        """As `labels`, with SAM: where its masks lie, the class of the mask with the highest score.

        What the engine keeps of the heatmap because SAM has no better mask is in `labels` already.
        """
        from graft_plugin.engine.segment import refine

        out = self._fine_labels()
        claims = np.full(out.shape, -np.inf, np.float32)
        thresholds = self._thresholds()
        spans = [self.histogram.span(k) for k in range(len(self.asked))]
        with SceneReader(self.scene) as reader:
            regions = refine(
                reader, self.heat, thresholds, sam, area=self.heat.window, spans=spans, cancel=self.cancel
            )
            for region in regions:
                if not math.isfinite(region.sam_score):
                    continue
                mask = region.mask.repeat(region.step_px, 0).repeat(region.step_px, 1)
                common = region.window.intersection(self.heat.window)
                place = common.slices_in(self.heat.window)
                won = mask[common.slices_in(region.window)] & (claims[place] < region.score)
                claims[place][won] = region.score
                out[place][won] = self.asked[region.prompt_index]
        return self._of_image(out)

    def _fine_labels(self) -> Labels:
        """Return the class of each pixel of the heatmap's window."""
        out = np.zeros(self.heat.window.shape, np.uint8)
        asked, limits = np.array(self.asked, np.uint8), np.array(self._thresholds(), np.float32)[:, None, None]
        for row, col, block in placed_blocks(
            self.scene, self.heat, "score", guided=True, report=silent, cancel=self.cancel
        ):
            scores = np.where(np.isfinite(block), block, -np.inf)
            best = asked[scores.argmax(0)]
            if self.background is not None:
                best[~(scores >= limits).any(0)] = self.background
            out[row : row + best.shape[0], col : col + best.shape[1]] = best
        return out

    def _thresholds(self) -> list[float]:
        return [self.histogram.auto_threshold(k) for k in range(len(self.asked))]

    def _of_image(self, fine: Labels) -> Labels:
        """Take, for the centre of each pixel of the image, the scene's pixel that it lies in."""
        inverse = ~self.scene.grid.transform
        left, top = self.scene.bounds[0], self.scene.bounds[3]
        x = left + (np.arange(self.shape[1]) + 0.5) * self.gsd_m
        y = top - (np.arange(self.shape[0]) + 0.5) * self.gsd_m
        cols = np.floor(inverse.a * x + inverse.c).astype(int)  # north is up: the two axes do not mix
        rows = np.floor(inverse.e * y + inverse.f).astype(int)
        window = self.heat.window
        at = np.clip(rows - window.row, 0, window.height - 1)
        to = np.clip(cols - window.col, 0, window.width - 1)
        return fine[np.ix_(at, to)]


class Searcher:
    """Searches images for a prompt set's classes.

    Args:
        encoder: The model.
        texts: Its texts.
        prompts: The classes' texts.
        sensor: Whose ground resolution applies.
        gsd_m: Metres a pixel of the images; None where unknown, and a pixel is then taken for one of the model's.
        cancel: Checked between steps.
    """

    def __init__(
        self,
        encoder: ImageEncoder,
        texts: TextEncoder,
        prompts: PromptSet,
        sensor: Sensor,
        gsd_m: Optional[float],
        cancel: CancelToken,
    ) -> None:
        self._encoder, self._prompts, self._sensor, self._cancel = encoder, prompts, sensor, cancel
        self._gsd_m = gsd_m if gsd_m is not None else encoder.gsd.gsd_for(sensor, 1.0)
        bank = texts.contrast if prompts.background is not None else ()
        self._scorer = Scorer(_Texts(texts, bank), Query(prompts.texts), global_bias=encoder.global_bias)

    def search(self, image: NDArray[np.uint8], folder: Path) -> Found:
        """Score an image, uint8 [3, H, W]; `folder` takes its GeoTIFF and must live as long as the result."""
        encoder, path = self._encoder, folder / "image.tif"
        _write(path, image, self._gsd_m, encoder.tile_px * encoder.gsd.gsd_for(self._sensor, self._gsd_m))
        scene = open_scene(
            str(path),
            sensor=self._sensor,
            bands=(1, 2, 3),
            model_gsd=encoder.gsd,
            tile_px=encoder.tile_px,
            patch_px=encoder.patch_px,
        )
        field = embed_scene(
            scene, encoder, window=scene.window, stride_px=encoder.patch_px, store=None, cancel=self._cancel
        )
        stride, area = field.stride_px, field.window
        planes = np.full(
            (len(self._prompts.asked), area.height // stride, area.width // stride), np.nan, dtype=np.float32
        )
        histogram = ScoreHistogram(len(planes), self._scorer.kind)
        for block in field.blocks():
            part = self._summed(self._scorer.score(block.patches, block.image))
            part[:, ~block.valid] = np.nan
            histogram.add(part)
            rows, cols = (slice(s.start // stride, s.stop // stride) for s in block.window.slices_in(area))
            planes[:, rows, cols] = part
        heat = Heat(planes, area, stride, encoder.patch_px)
        return Found(
            scene, heat, histogram, self._prompts.asked, self._prompts.background, image.shape[1:], self._gsd_m,
            self._cancel,
        )  # fmt: skip

    def _summed(self, scores: Float) -> Float:
        """Add up the probabilities [texts, h, w] of each class's texts."""
        owners = np.array(self._prompts.owners)
        planes: Sequence[Float] = [scores[owners == c].sum(0) for c in self._prompts.asked]
        return np.stack(planes)


def _write(path: Path, image: NDArray[np.uint8], gsd_m: float, tile_m: float) -> None:
    """Write RGB uint8 [3, H, W] as a GeoTIFF whose upper left corner is a corner of a tile."""
    import rasterio
    from rasterio.transform import from_origin

    corner = (round(_EAST / tile_m) * tile_m, round(_NORTH / tile_m) * tile_m)
    profile = {
        "driver": "GTiff", "count": 3, "height": image.shape[1], "width": image.shape[2], "dtype": "uint8",
        "crs": CRS, "transform": from_origin(*corner, gsd_m, gsd_m), "photometric": "rgb",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as out:
        out.write(image)
