"""Training of the small SAM on point prompts over procedural aerial tiles.

Source: Kirillov et al., "Segment Anything", ICCV 2023, section "Training" and appendix A: focal and dice loss 20 : 1, the
best of three masks for a single point, one further mask token for several points, a mean-square loss on the predicted IoU,
corrective points drawn from the error of a first pass. Beyond the paper: an auxiliary head tells the land class of each
cell from the image embedding while training, which teaches the encoder far faster than masks alone; it is thrown away.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from segment_anything.modeling import Sam
from torch import Tensor, nn
from torch.nn import functional as F

from graft_plugin.engine.progress import Report, silent
from graft_plugin.engine.sam import SamConfig, build_small_sam
from graft_plugin.errors import UsageError

from ..world.classes import CLASSES, LABEL
from .prompts import NEGATIVE, POSITIVE, choose_objects, draw_points, find_objects, pixel_in, stack_points
from .sam_tiles import augment

WATER = tuple(LABEL[c.name] for c in CLASSES if c.water)


@dataclass(frozen=True)
class SamRun:
    """How one SAM is trained.

    Attributes:
        seed: Seed of weights, prompts and augmentation.
        minutes: Time allowed for the steps; ignored when `steps` is given.
        steps: Number of steps, for runs that must repeat exactly.
        config: Sizes of the model.
        tiles_a_step: Tiles in one step.
        prompts_a_tile: Prompts that share one image embedding.
        max_points: Points of a prompt at most.
        parcel_share: Share of the tiles whose targets are single parcels rather than connected areas of one class.
        correct_share: Share of the steps with a corrective point from the error of a first pass.
        lr: Peak learning rate of AdamW.
        weight_decay: Its weight decay.
        warm_up: Share of the run over which the learning rate rises.
        aux_weight: Weight of the auxiliary land-class loss at the start; it falls to a tenth.
        favoured: Labels asked for more often.
        bf16: Autocast to bfloat16; None: where the processor multiplies it natively.
    """

    seed: int = 0
    minutes: float = 9.5
    steps: int | None = None
    config: SamConfig = field(default_factory=SamConfig)
    tiles_a_step: int = 8
    prompts_a_tile: int = 8
    max_points: int = 8
    parcel_share: float = 0.2
    correct_share: float = 0.25
    lr: float = 1e-3
    weight_decay: float = 0.05
    warm_up: float = 0.05
    aux_weight: float = 1.0
    favoured: tuple[int, ...] = WATER
    bf16: bool | None = None


def mask_losses(logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The focal (alpha 0.25, gamma 2) and dice losses of each mask.

    Args:
        logits: [P, K, h, w].
        target: [P, h, w], share of each cell that the object covers, 0 to 1.

    Returns:
        Two tensors [P, K]. Source: Lin et al., "Focal Loss", ICCV 2017, eq. 5; Milletari et al., "V-Net", 2016.
    """
    t = target[:, None].expand_as(logits)
    p = logits.sigmoid()
    cross = F.binary_cross_entropy_with_logits(logits, t, reduction="none")
    miss = p + t - 2 * p * t
    focal = ((0.75 - 0.5 * t) * miss.square() * cross).mean((2, 3))
    dice = 1 - (2 * (p * t).sum((2, 3)) + 1) / (p.sum((2, 3)) + t.sum((2, 3)) + 1)
    return focal, dice


def mask_iou(logits: Tensor, target: Tensor) -> Tensor:
    """IoU of each thresholded mask [P, K, h, w] with its target [P, h, w], [P, K]; the threshold of the target is 0.5."""
    found, true = logits > 0, (target > 0.5)[:, None]
    return (found & true).sum((2, 3)) / (found | true).sum((2, 3)).clamp(min=1)


def sam_loss(logits: Tensor, iou: Tensor, target: Tensor, several: Tensor) -> Tensor:
    """SAM's loss over prompts.

    Args:
        logits: [P, 4, h, w]; token 0 answers several points, tokens 1 to 3 the ambiguous single point.
        iou: Predicted IoU [P, 4].
        target: [P, h, w], 0 to 1.
        several: bool [P], whether the prompt has more than one point.

    Returns:
        Scalar: 20 focal + dice + squared IoU error, of the best of tokens 1 to 3, and of token 0 where there are several
        points. (With several points the paper trains token 0 alone; keeping the others lets a caller use either.)
    """
    focal, dice = mask_losses(logits, target)
    per_mask = 20 * focal + dice + (iou - mask_iou(logits.detach(), target)).square()
    best = (20 * focal + dice)[:, 1:].argmin(1, keepdim=True) + 1
    ambiguous = per_mask.gather(1, best)[:, 0]
    certain = per_mask[:, 0]
    return torch.where(several, certain + 0.5 * ambiguous, ambiguous).mean()


class _Trainee(nn.Module):
    """The SAM with its auxiliary head: 2x2 land-class logits for each cell of the image embedding."""

    def __init__(self, sam: Sam, classes: int, channels: int) -> None:
        super().__init__()
        self.sam = sam
        self.classify = nn.Conv2d(channels, classes * 4, 1)

    def embed(self, images: Tensor) -> Tensor:
        return self.sam.image_encoder((images - self.sam.pixel_mean) / self.sam.pixel_std)

    def masks(self, embedding: Tensor, points: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [P, 4, h, w] and predicted IoU [P, 4] of prompts [P, N, 2] on one embedding [1, C, g, g]."""
        sparse, dense = self.sam.prompt_encoder((points, labels), None, None)
        pe = self.sam.prompt_encoder.get_dense_pe()
        logits, iou = self.sam.mask_decoder.predict_masks(embedding, pe, sparse, dense)
        return logits.float(), iou.float()

    def aux_loss(self, embedding: Tensor, labels: Tensor) -> Tensor:
        logits = F.pixel_shuffle(self.classify(embedding), 2).float()
        step = labels.shape[-1] // logits.shape[-1]
        return F.cross_entropy(logits, labels[:, step // 2 :: step, step // 2 :: step])


@dataclass(frozen=True)
class _Batch:
    images: Tensor  # float32 [B, 3, H, W], 0 to 255
    labels: Tensor  # int64 [B, H, W]
    points: Tensor  # float32 [B, P, N, 2], (x, y) pixels
    marks: Tensor  # int64 [B, P, N]
    targets: Tensor  # float32 [B, P, h, w]


def _make_batch(
    run: SamRun, rng: np.random.Generator, tiles: NDArray[np.uint8], truth: NDArray[np.integer], cell: int
) -> _Batch:
    """Draw tiles, augment them, and draw prompts; `truth` is [N, 2, H, W], labels and objects to split by."""
    images, labels, prompts, targets = [], [], [], []
    for i in rng.integers(0, len(tiles), run.tiles_a_step):
        image, maps = augment(rng, tiles[i], truth[i])
        objects = find_objects(maps[1 if rng.random() < run.parcel_share else 0])
        for k in choose_objects(rng, objects, run.prompts_a_tile, favoured=run.favoured):
            mask = objects.mask(int(k))
            prompts.append(draw_points(rng, mask, run.max_points))
            h, w = mask.shape
            targets.append(mask.reshape(h // cell, cell, w // cell, cell).mean((1, 3), dtype=np.float32))
        images.append(image)
        labels.append(maps[0].astype(np.int64))
    points, marks = stack_points(prompts)
    b, p = run.tiles_a_step, run.prompts_a_tile
    return _Batch(
        torch.from_numpy(np.stack(images)),
        torch.from_numpy(np.stack(labels)),
        torch.from_numpy(points).view(b, p, -1, 2),
        torch.from_numpy(marks).view(b, p, -1),
        torch.from_numpy(np.stack(targets)).view(b, p, *targets[0].shape),
    )


@torch.no_grad()
def _correct(
    rng: np.random.Generator, model: _Trainee, embedding: Tensor, points: Tensor, marks: Tensor, target: Tensor, cell: int
) -> tuple[Tensor, Tensor]:
    """Append to each prompt of one tile a point where the present answer is wrong."""
    logits, iou = model.masks(embedding, points, marks)
    found = (logits[torch.arange(len(logits)), iou.argmax(1)] > 0).numpy()
    extra = np.zeros((len(found), 1, 2), np.float32)
    mark = np.full((len(found), 1), -1, np.int64)
    for i, true in enumerate((target > 0.5).numpy()):
        for x, y, label in pixel_in(rng, found[i] != true, POSITIVE)[:1]:
            extra[i, 0] = (x * cell + rng.integers(cell), y * cell + rng.integers(cell))
            mark[i, 0] = label if true[int(y), int(x)] else NEGATIVE
    return torch.cat([points, torch.from_numpy(extra)], 1), torch.cat([marks, torch.from_numpy(mark)], 1)


def _step_loss(run: SamRun, rng: np.random.Generator, model: _Trainee, batch: _Batch, aux: float, cell: int) -> tuple[Tensor, Tensor]:
    embeddings = model.embed(batch.images)
    correct = rng.random() < run.correct_share
    total = embeddings.new_zeros((), dtype=torch.float32)
    for b in range(len(embeddings)):
        one, points, marks = embeddings[b : b + 1], batch.points[b], batch.marks[b]
        if correct:
            points, marks = _correct(rng, model, one.detach(), points, marks, batch.targets[b], cell)
        logits, iou = model.masks(one, points, marks)
        total = total + sam_loss(logits, iou, batch.targets[b], (marks >= 0).sum(1) > 1)
    masks = total / len(embeddings)
    return masks + aux * model.aux_loss(embeddings, batch.labels), masks.detach()


def _has_bf16() -> bool:
    return bool(torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported())


def train_sam(
    run: SamRun,
    tiles: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    report: Report = silent,
    *,
    parcels: NDArray[np.integer] | None = None,
) -> tuple[Sam, dict[str, Any]]:
    """Train a small SAM.

    Args:
        run: How.
        tiles: uint8 [N, 3, H, W], RGB, H = W = `run.config.image_px`.
        labels: uint8 [N, H, W], land classes.
        report: Called as `report("sam", done, total)`, in steps or, when the run is limited by time, in seconds.
        parcels: Integers [N, H, W]; parts of the tile that are objects too, such as single fields.

    Returns:
        The model in evaluation mode, and a JSON-ready account: steps, seconds, losses over the run, the configuration.

    Raises:
        UsageError: If the shapes do not fit each other and the model.
    """
    side = run.config.image_px
    if tiles.shape[1:] != (3, side, side) or labels.shape != (len(tiles), side, side) or len(tiles) == 0:
        raise UsageError(
            f"tiles {tiles.shape} and labels {labels.shape} do not fit a SAM of {side} pixels",
            remedy=f"Give tiles [N, 3, {side}, {side}] and labels [N, {side}, {side}].",
        )
    truth = np.stack([labels.astype(np.uint16), labels if parcels is None else parcels], 1).astype(np.uint16)
    torch.manual_seed(run.seed)
    rng = np.random.default_rng(run.seed)
    model = _Trainee(build_small_sam(run.config), max(len(CLASSES), int(labels.max()) + 1), run.config.prompt_dim).train()
    cell = run.config.patch_px // 4
    optimiser = torch.optim.AdamW(_groups(model, run.weight_decay), lr=run.lr, betas=(0.9, 0.98))
    bf16 = _has_bf16() if run.bf16 is None else run.bf16
    start, step, done, curve = time.perf_counter(), 0, 0.0, []
    while done < 1:
        lr = run.lr * min(done / run.warm_up + 0.02, 0.5 * (1 + math.cos(math.pi * done)))
        for group in optimiser.param_groups:
            group["lr"] = lr
        batch = _make_batch(run, rng, tiles, truth, cell)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss, masks = _step_loss(run, rng, model, batch, run.aux_weight * (1 - 0.9 * done), cell)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        step += 1
        seconds = time.perf_counter() - start
        curve.append(float(masks))
        done = step / run.steps if run.steps else seconds / (60 * run.minutes)
        report("sam", *((step, run.steps) if run.steps else (min(round(seconds), round(60 * run.minutes)), round(60 * run.minutes))))
    parts = np.array_split(np.array(curve), min(10, len(curve)))
    return model.sam.eval(), {
        "steps": step,
        "seconds": round(time.perf_counter() - start, 1),
        "prompts": step * run.tiles_a_step * run.prompts_a_tile,
        "mask_loss": [round(float(p.mean()), 4) for p in parts],
        "parameters": sum(p.numel() for p in model.sam.parameters()),
        "config": run.config.to_dict(),
    }


def _groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """No decay on biases, norms, embeddings of tokens and positions."""
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    plain = [p for n, p in named if p.ndim < 2 or "embed.weight" in n or "token" in n or "pos" in n]
    chosen = {id(p) for p in plain}
    return [{"params": [p for _, p in named if id(p) not in chosen], "weight_decay": weight_decay}, {"params": plain, "weight_decay": 0.0}]


def save_sam(sam: Sam, folder: Path) -> Path:
    """Write `folder/sam.safetensors`, float16, under the names of `segment_anything`. Returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "sam.safetensors"
    save_file({k: v.half().contiguous() for k, v in sam.state_dict().items()}, path, metadata={"format": "pt"})
    return path
