"""Training of the small SAM on point prompts over procedural aerial tiles.

Source: Kirillov et al., "Segment Anything", ICCV 2023, section "Training" and appendix A: focal and dice loss 20 : 1,
the best of three masks for a single point, one further mask token for several points, a mean-square loss on the
predicted IoU, corrective points drawn from the error of a first pass.

The paper trains for days. What makes minutes enough is not in it: the start (`sam_init`), a decoder that computes
nothing twice (`sam_decoder`), and three losses of heads that exist only while training. One names the land class of
each cell from the image embedding; one tells whether a cell is like the cell of the first point; one makes the mask
tokens recall that cell, among those of all prompts of the step.
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

from graft_plugin.engine.encoders.encoder import cpu_has_bf16
from graft_plugin.engine.progress import Report, silent
from graft_plugin.engine.sam import SamConfig, build_small_sam
from graft_plugin.errors import UsageError

from ..world.classes import CLASSES, LABEL
from .prompts import NEGATIVE, POSITIVE, UNUSED, choose_objects, draw_points, find_objects, pixel_in, stack_points
from .sam_augment import augment_colour, move, recolour
from .sam_decoder import decode_masks
from .sam_init import focus_on_points, start_from_data
from .sam_losses import mask_losses, sam_loss

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
        correct_share: Share of the steps with a corrective point from the error of a first pass.
        lr: Peak learning rate of AdamW.
        weight_decay: Its weight decay.
        warm_up: Share of the run over which the learning rate rises.
        aux_weight: Weight of the losses of the training heads at the start; it falls to a tenth.
        easy: Share of recoloured tiles at the start; it falls to none.
        favoured: Labels asked for more often.
        bf16: Autocast to bfloat16; None: where the processor multiplies it natively.
    """

    seed: int = 0
    minutes: float = 9.5
    steps: int | None = None
    config: SamConfig = field(default_factory=SamConfig)
    tiles_a_step: int = 8
    prompts_a_tile: int = 8
    correct_share: float = 0.25
    lr: float = 2e-3
    weight_decay: float = 0.05
    warm_up: float = 0.05
    aux_weight: float = 1.0
    easy: float = 1.0
    favoured: tuple[int, ...] = WATER
    bf16: bool | None = None


class _Trainee(nn.Module):
    """The SAM with three heads for training only; see the module's docstring."""

    def __init__(self, sam: Sam, classes: int, channels: int) -> None:
        super().__init__()
        self.sam = sam
        self.classify = nn.Conv2d(channels, classes * 4, 1)
        self.compare = nn.Conv2d(channels, channels, 1)
        self.recall = nn.Linear(channels, channels)
        self.likeness = nn.Parameter(torch.tensor([6.0, -2.0]))

    def embed(self, images: Tensor) -> Tensor:
        return self.sam.image_encoder((images - self.sam.pixel_mean) / self.sam.pixel_std)

    def masks(self, embeddings: Tensor, points: Tensor, marks: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits [B, P, 4, h, w], predicted IoU [B, P, 4] and mask tokens [B, P, 4, C] of prompts [B, P, N, 2]."""
        prompts = self.sam.prompt_encoder
        sparse, _ = prompts((points.flatten(0, 1), marks.flatten(0, 1)), None, None)
        sparse = sparse.unflatten(0, points.shape[:2])
        dense = prompts.no_mask_embed.weight[0]
        logits, iou, tokens = decode_masks(self.sam.mask_decoder, embeddings, prompts.get_dense_pe(), sparse, dense)
        return logits.float(), iou.float(), tokens

    def aux_loss(self, embeddings: Tensor, tokens: Tensor, batch: _Batch) -> Tensor:
        """The sum of the heads' losses: land class, likeness to the first point, recall of the first point."""
        logits = F.pixel_shuffle(self.classify(embeddings), 2).float()
        step = batch.labels.shape[-1] // logits.shape[-1]
        land = F.cross_entropy(logits, batch.labels[:, step // 2 :: step, step // 2 :: step])
        z = self.compare(embeddings).float()
        z = F.normalize(z - z.mean((2, 3), keepdim=True), dim=1)
        cell = batch.labels.shape[-1] // z.shape[-1]
        at = (batch.points[:, :, 0] / cell).long()  # the cell (x, y) of the first point
        there = z.flatten(2).gather(2, (at[..., 1] * z.shape[-1] + at[..., 0])[:, None].expand(-1, z.shape[1], -1))
        alike = self.likeness[0] * torch.einsum("bcp,bchw->bphw", there, z) + self.likeness[1]
        same = mask_losses(alike, F.adaptive_avg_pool2d(batch.targets, alike.shape[-1])).mean()
        recalled = F.normalize(self.recall(tokens).float(), dim=-1).flatten(0, 2)
        which = torch.arange(tokens.shape[0] * tokens.shape[1]).repeat_interleave(tokens.shape[2])
        return land + same + F.cross_entropy(10 * recalled @ there.transpose(1, 2).flatten(0, 1).T, which)


@dataclass(frozen=True)
class _Batch:
    images: Tensor  # float32 [B, 3, H, W], 0 to 255
    labels: Tensor  # int64 [B, H, W]
    points: Tensor  # float32 [B, P, N, 2], (x, y) pixels
    marks: Tensor  # int64 [B, P, N]
    targets: Tensor  # float32 [B, P, h, w]


def _make_batch(
    run: SamRun, rng: np.random.Generator, tiles: NDArray[np.uint8], labels: NDArray[np.uint8], cell: int, easy: float
) -> _Batch:
    """Draw tiles, augment them (the share `easy` recoloured), and draw prompts; a target cell is `cell` pixels wide."""
    images, truths, prompts, targets = [], [], [], []
    for i in rng.integers(0, len(tiles), run.tiles_a_step):
        image, truth = move(rng, tiles[i], labels[i], run.config.image_px)
        objects = find_objects(truth)
        if rng.random() < easy:
            image = recolour(rng, image, objects.ids)
        image = augment_colour(rng, image)
        for k in choose_objects(rng, objects, run.prompts_a_tile, favoured=run.favoured):
            mask = objects.mask(int(k))
            prompts.append(draw_points(rng, mask))
            h, w = mask.shape
            targets.append(mask.reshape(h // cell, cell, w // cell, cell).mean((1, 3), dtype=np.float32))
        images.append(image)
        truths.append(truth.astype(np.int64))
    points, marks = stack_points(prompts)
    b, p = run.tiles_a_step, run.prompts_a_tile
    return _Batch(
        torch.from_numpy(np.stack(images)),
        torch.from_numpy(np.stack(truths)),
        torch.from_numpy(points).view(b, p, -1, 2),
        torch.from_numpy(marks).view(b, p, -1),
        torch.from_numpy(np.stack(targets)).view(b, p, *targets[0].shape),
    )


@torch.no_grad()
def _correct(
    rng: np.random.Generator, model: _Trainee, embeddings: Tensor, batch: _Batch, cell: int
) -> tuple[Tensor, Tensor]:
    """Points and marks of the batch, each prompt with one point more, where its present answer is wrong."""
    logits, iou, _ = model.masks(embeddings, batch.points, batch.marks)
    b, p = iou.shape[:2]
    found = logits.flatten(0, 1)[torch.arange(b * p), iou.flatten(0, 1).argmax(1)] > 0
    true = batch.targets.flatten(0, 1) > 0.5
    extra, marks = np.zeros((b * p, 1, 2), np.float32), np.full((b * p, 1), UNUSED, np.int64)
    for i, (wrong, inside) in enumerate(zip((found != true).numpy(), true.numpy())):
        for x, y, _ in pixel_in(rng, wrong, POSITIVE):
            extra[i, 0] = (x * cell + rng.integers(cell), y * cell + rng.integers(cell))
            marks[i, 0] = POSITIVE if inside[int(y), int(x)] else NEGATIVE
    points = torch.cat([batch.points, torch.from_numpy(extra).view(b, p, 1, 2)], 2)
    return points, torch.cat([batch.marks, torch.from_numpy(marks).view(b, p, 1)], 2)


def _step_loss(
    run: SamRun, rng: np.random.Generator, model: _Trainee, batch: _Batch, aux: float, cell: int
) -> tuple[Tensor, Tensor]:
    """The loss to descend, and the part of it that concerns masks."""
    embeddings = model.embed(batch.images)
    points, marks = batch.points, batch.marks
    if rng.random() < run.correct_share:
        points, marks = _correct(rng, model, embeddings.detach(), batch, cell)
    logits, iou, tokens = model.masks(embeddings, points, marks)
    several = (marks != UNUSED).sum(2) > 1
    masks = sam_loss(logits.flatten(0, 1), iou.flatten(0, 1), batch.targets.flatten(0, 1), several.flatten(0, 1))
    return masks + aux * model.aux_loss(embeddings, tokens, batch), masks.detach()


def train_sam(
    run: SamRun,
    tiles: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    report: Report = silent,
) -> tuple[Sam, dict[str, Any]]:
    """Train a small SAM.

    Args:
        run: How.
        tiles: uint8 [N, 3, H, W], RGB; H and W at least `run.config.image_px`, better twice that.
        labels: uint8 [N, H, W], land classes.
        report: Called as `report("sam", done, total)`, in steps or, when the run is limited by time, in seconds.

    Returns:
        The model in evaluation mode, and a JSON-ready account: steps, seconds, losses over the run, the configuration.

    Raises:
        UsageError: If the shapes do not fit each other and the model.
    """
    side = run.config.image_px
    if (
        tiles.ndim != 4
        or labels.shape != (len(tiles), *tiles.shape[2:])
        or min(tiles.shape[2:]) < side
        or not len(tiles)
    ):
        raise UsageError(
            f"tiles {tiles.shape} and labels {labels.shape} do not fit a SAM of {side} pixels",
            remedy=f"Give tiles [N, 3, H, W] and labels [N, H, W] of {side} pixels or more.",
        )
    torch.manual_seed(run.seed)
    rng = np.random.default_rng(run.seed)
    sam = build_small_sam(run.config)
    start_from_data(sam, tiles[..., :side, :side], rng)
    focus_on_points(sam)
    model = _Trainee(sam, max(len(CLASSES), int(labels.max()) + 1), run.config.prompt_dim).train()
    cell = run.config.patch_px // 4
    optimiser = torch.optim.AdamW(_groups(model, run.weight_decay), lr=run.lr, betas=(0.9, 0.98))
    bf16 = cpu_has_bf16() if run.bf16 is None else run.bf16
    start, step, done, curve = time.perf_counter(), 0, 0.0, []
    while done < 1:
        lr = run.lr * min(done / run.warm_up + 0.02, 0.5 * (1 + math.cos(math.pi * done)))
        for group in optimiser.param_groups:
            group["lr"] = lr
        batch = _make_batch(run, rng, tiles, labels, cell, run.easy * (1 - done))
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
        total = run.steps or round(60 * run.minutes)
        report("sam", step if run.steps else min(round(seconds), total), total)
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
    plain = [p for n, p in named if p.ndim < 2 or "embed" in n or "token" in n or "pos" in n]
    chosen = {id(p) for p in plain}
    return [
        {"params": [p for _, p in named if id(p) not in chosen], "weight_decay": weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]


def save_sam(sam: Sam, folder: Path) -> Path:
    """Write `folder/sam.safetensors`, float16, under the names of `segment_anything`. Returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "sam.safetensors"
    save_file({k: v.half().contiguous() for k, v in sam.state_dict().items()}, path, metadata={"format": "pt"})
    return path
