"""Teaching by corrected polygons: prompt texts against the patches inside and outside of them.

A patch's target is what covers it: the share of each prompt's polygons, and the rest as background. The model answers
as in a query, a softmax over the prompts and the background bank at its own logit scale; the bank's concepts count
together as the background, so that nothing is learnt of which concept it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import torch
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize
from torch import Tensor
from torch.nn import functional as F

from graft_plugin.engine.crs import transformer
from graft_plugin.engine.encoders.text import TextEncoder
from graft_plugin.engine.grid import Window
from graft_plugin.engine.search import kept_contrast
from graft_plugin.errors import UsageError

from ..pairs import as_spots, crop, flip_and_turn
from ..ranking import auc
from .area import Area
from .split import Split, split_area
from .teaching import EncodePatches, Lesson, encode_windows, halves, most_pictures

LEAST = 2
"""Quarter-tile cells of each prompt that each part needs."""
IGNORED = 255
MOST_PROMPTS = 254
_CELLS = 4  # along a tile's side, for the split
_OUTSIDE = 1.0  # pictures without a polygon, for each one with


@dataclass(frozen=True)
class Corrected:
    """Polygons on the pixel grid of the imagery.

    Attributes:
        prompts: The texts.
        shapes: Their polygons in the CRS of the scene's grid.
        kinds: int64, the prompt of each.
    """

    prompts: tuple[str, ...]
    shapes: NDArray[np.object_]
    kinds: NDArray[np.int64]

    def labels(self, area: Area, window: Window, step_px: int = 1) -> NDArray[np.uint8]:
        """Return what covers each cell of a window: 0 for nothing, else the prompt's number from 1 on."""
        shape = (window.height // step_px, window.width // step_px)
        transform: Affine = area.scene.grid.window_transform(window, step_px)
        near = self._tree.query(shapely.box(*area.scene.grid.window_bounds(window)))
        pairs = [(self.shapes[i], int(self.kinds[i]) + 1) for i in sorted(near.tolist())]
        if not pairs:
            return np.zeros(shape, np.uint8)
        found: NDArray[np.uint8] = rasterize(pairs, shape, fill=0, transform=transform, dtype="uint8")
        return found

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes)


def read_polygons(source: str, area: Area, layer: str | None = None, name: str | None = None) -> Corrected:
    """Read corrected polygons.

    Args:
        source: A GeoPackage, or any file of polygons.
        area: The imagery.
        layer: Its layer; None: its only one, or "graft".
        name: Its field with the prompts; None: "prompt".

    Raises:
        UsageError: It cannot be read, has no such field, or no polygon touches the imagery.
    """
    from pyogrio import list_layers
    from pyogrio.errors import DataLayerError, DataSourceError
    from pyogrio.raw import read

    if not Path(source).exists():
        raise UsageError("there is no such file of polygons", remedy="Check the path.", path=source)
    field = name or "prompt"
    try:
        layers = [str(found) for found in list_layers(source)[:, 0]]
        if layer is None and len(layers) > 1 and "graft" not in layers:
            told = ", ".join(layers)
            raise UsageError(f"the file has the layers {told}", remedy="Name one with --layer.", path=source)
        meta, _, shapes, columns = read(source, layer=layer or ("graft" if "graft" in layers else None))
    except (DataSourceError, DataLayerError) as error:
        raise UsageError(f"the polygons cannot be read ({error})", path=source) from error
    fields = [str(column) for column in meta["fields"]]
    if field not in fields or not meta["crs"]:
        raise UsageError(
            f"the polygons have no field {field!r} with their prompts, or no CRS", remedy="Name it with --field.",
            path=source,
        )
    geometry = shapely.make_valid(shapely.from_wkb(shapes))
    move = transformer(meta["crs"], area.scene.grid.crs)
    geometry = shapely.transform(geometry, lambda xy: np.stack(move.transform(xy[:, 0], xy[:, 1]), 1))
    texts = np.array([str(text).strip() if text is not None else "" for text in columns[fields.index(field)]])
    inside = shapely.intersects(geometry, shapely.box(*area.scene.grid.window_bounds(area.window)))
    keep = inside & (texts != "") & (shapely.get_dimensions(geometry) == 2)
    if not keep.any():
        raise UsageError("no polygon with a prompt lies on the imagery", remedy="Check the layer.", path=source)
    prompts, kinds = np.unique(texts[keep], return_inverse=True)
    if len(prompts) > MOST_PROMPTS:
        raise UsageError(f"the polygons have {len(prompts)} prompts, and {MOST_PROMPTS} are the most", path=source)
    return Corrected(tuple(str(p) for p in prompts), geometry[keep], kinds.astype(np.int64))


def split_polygons(area: Area, polygons: Corrected, seed: int) -> Split:
    """Hold a part of the area out, so that both parts have every prompt.

    Raises:
        UsageError: There is no such split.
    """
    step = area.tile_px // _CELLS
    window = Window(area.window.row, area.window.col, *(v // step * step for v in area.window.shape))
    labels = polygons.labels(area, window, step)
    cells = np.argwhere(labels > 0)
    spots = (cells + 0.5) * step + (window.row, window.col)
    return split_area(area.window, area.tile_px, spots, labels[labels > 0].astype(np.int64) - 1, seed, LEAST)


class PolygonTeaching:
    """See `Teaching`.

    Args:
        area: The imagery.
        polygons: What was corrected; what lies outside of them is background.
        split: The parts.
        texts: The parent's text encoder, frozen.
        seed: Of the choice of pictures, where there are more than fit.
    """

    kind = "polygons"

    def __init__(self, area: Area, polygons: Corrected, split: Split, texts: TextEncoder, seed: int) -> None:
        self._area, self._polygons, self._split = area, polygons, split
        asked = texts.encode(list(polygons.prompts)).float()
        bank = texts.encode(list(texts.contrast)).float() if texts.contrast else asked[:0]
        self._texts = torch.cat([asked, bank[kept_contrast(bank, asked)]])
        self._scale = texts.logit_scale
        self._without_bank = len(self._texts) == len(polygons.prompts)  # the prompts are all that the model knows
        self._cut(np.random.default_rng([seed, 33]))
        kinds = {window: self._kinds(window) for window in split.held_tiles()}
        there = set().union(*kinds.values())
        self._judges = halves(list(kinds), lambda half: set().union(*(kinds[window] for window in half)) == there)

    @property
    def counts(self) -> dict[str, Any]:
        """How much there is."""
        return {
            "train": self._touching,
            "held": len(self._split.held_tiles()),
            "pictures": len(self.pictures),
            "polygons": len(self._polygons.shapes),
            "prompts": list(self._polygons.prompts),
        }

    @property
    def apart(self) -> bool:
        """Whether the two halves of the held-out part differ."""
        return self._judges[0] != self._judges[1]

    def lesson(self, rng: np.random.Generator, count: int, crop_px: int) -> Lesson:
        """Draw crops with what covers each patch."""
        side = self.pictures.shape[-1]
        images, covers, none = [], [], as_spots([])
        for i in rng.choice(len(self.pictures), min(count, len(self.pictures)), replace=False):
            top, left = rng.integers(0, side - crop_px + 1, 2).tolist()
            both, none, _ = crop(np.concatenate([self.pictures[i], self._labels[i][None]]), none, (top, left), crop_px)
            both, _ = flip_and_turn(rng, both, none)
            images.append(both[:3])
            covers.append(both[3])
        return Lesson(torch.from_numpy(np.stack(images)), torch.from_numpy(self._shares(np.stack(covers))))

    def loss(self, patches: Tensor, target: Any) -> Tensor:  # noqa: ANN401 - shares [B, h, w, K + 1]
        """Return the cross entropy of prompts and background against the shares; patches without data do not count."""
        log_p = self._log_shares(patches)
        shares = target.to(log_p.device)
        if self._without_bank:
            shares = torch.cat([shares[..., :1] * 0, shares[..., 1:]], -1)
        weight = shares.sum(-1)
        loss = -(shares * log_p).sum(-1)
        return loss.sum() / weight.sum().clamp(min=1e-6)

    def judge(self, encode: EncodePatches, final: bool) -> dict[str, float]:
        """Score the prompts on a half of the held-out tiles, patch by patch.

        Returns:
            score: The mean of `iou` and `auc`. iou: mean over the prompts of the intersection over union of the
            patches that a prompt wins, with those that it mostly covers. auc: mean area under the ROC curve.
        """
        windows = self._judges[1 if final else 0]
        maps = torch.stack(encode_windows(encode, lambda window: self._area.read(window)[0], windows))
        shares = self._shares(np.stack([self._with_gaps(window) for window in windows]))
        probability = self._log_shares(maps).exp().numpy()
        counted = shares.sum(-1) > 0
        if self._without_bank:  # outside the polygons the model has nothing to say
            counted &= shares.argmax(-1) > 0
        truth, found = shares.argmax(-1)[counted], probability.argmax(-1)[counted]
        ious, aucs = [], []
        for kind in range(1, 1 + len(self._polygons.prompts)):
            if not (truth == kind).any():
                continue
            ious.append(((truth == kind) & (found == kind)).sum() / ((truth == kind) | (found == kind)).sum())
            aucs.append(auc(probability[..., kind][counted], truth == kind))
        if not ious:
            return {"score": 0.0, "iou": 0.0, "auc": 0.5}
        iou, area_under = float(np.mean(ious)), float(np.nan_to_num(np.nanmean(aucs), nan=0.5))
        return {"score": (iou + area_under) / 2, "iou": iou, "auc": area_under}

    def _log_shares(self, patches: Tensor) -> Tensor:
        """Return log probabilities [..., K + 1], the background first."""
        logits = self._scale * (patches.float() @ self._texts.T.to(patches.device))
        log_p = F.log_softmax(logits, -1)
        count = len(self._polygons.prompts)
        rest = log_p[..., count:]
        background = rest.logsumexp(-1, keepdim=True) if rest.shape[-1] else torch.full_like(log_p[..., :1], -30.0)
        return torch.cat([background, log_p[..., :count]], -1)

    def _shares(self, labels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the share of background and of each prompt in each patch, float32 [B, h, w, K + 1]; no data: zeros."""
        patch, (count, side) = self._area.patch_px, labels.shape[:2]
        cells = labels.reshape(count, side // patch, patch, side // patch, patch)
        kinds = 1 + len(self._polygons.prompts)
        shares = np.stack([(cells == kind).mean((2, 4), dtype=np.float32) for kind in range(kinds)], -1)
        return np.where((cells == IGNORED).any((2, 4))[..., None], 0, shares).astype(np.float32)

    def _kinds(self, window: Window) -> set[int]:
        """Return the prompts, from 1 on, that cover a patch of a tile more than anything else does."""
        shares = self._shares(self._with_gaps(window)[None])
        return set(shares.argmax(-1)[shares.sum(-1) > 0].tolist()) - {0}

    def _with_gaps(self, window: Window) -> NDArray[np.uint8]:
        labels = self._polygons.labels(self._area, window)
        labels[~self._area.read(window)[1]] = IGNORED
        return labels

    def _cut(self, rng: np.random.Generator) -> None:
        """Cut training pictures over the part that teaches: those with polygons, and as many without."""
        side, inside = self._area.picture_px, self._area.window
        starts = [
            sorted({min(start, stop - side) for start in range(first, stop, max(1, side * 3 // 4))})
            for first, stop in ((inside.row, inside.stop[0]), (inside.col, inside.stop[1]))
        ]
        windows = [Window(row, col, side, side) for row in starts[0] for col in starts[1]]
        windows = [window for window in windows if self._split.may_teach(window)]
        rng.shuffle(windows)
        step = self._area.patch_px
        cut = side // step * step
        touched = [
            bool(self._polygons.labels(self._area, Window(w.row, w.col, cut, cut), step).any()) for w in windows
        ]
        most = most_pictures(side)
        with_some = [w for w, hit in zip(windows, touched, strict=True) if hit][:most]
        without = [w for w, hit in zip(windows, touched, strict=True) if not hit]
        without = without[: min(most - len(with_some), max(4, round(_OUTSIDE * len(with_some))))]
        if not with_some:
            raise UsageError(
                "no picture with a polygon keeps clear of what is held out",
                remedy="Bring polygons over a larger area.", path=self._area.scene.path,
            )
        self._touching = len(with_some)
        self.windows: Sequence[Window] = [*with_some, *without]
        self.pictures = np.stack([self._area.read(window)[0] for window in self.windows])
        self._labels = np.stack([self._with_gaps(window) for window in self.windows])
