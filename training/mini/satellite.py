"""The satellite encoder of the mini model: trained on (tile, geotagged ground photos), with no text.

One trunk carries both levels, as the public checkpoints' layout allows: patches through `projector`, the CLS token
through the visual projection. They learn together, L = L_P + w L_I: one run and one file for both. In 280 s the CLS
token learnt as much so as beside next to no L_P (one seed, varied validation tiles: accuracy 0.589 either way).

Most of a run looks at small crops of many places, at a random quarter of the position grid: four times the places,
lights and palettes for the same arithmetic. The last part looks at whole tiles, as the encoder will be used.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from open_clip.transformer import QuickGELU, VisionTransformer
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from graft_plugin.engine.encoders.encoder import cpu_has_bf16
from graft_plugin.engine.encoders.vit import MEAN, STD

from ..losses import graft_loss, pixel_loss
from ..pairs import as_spots, crop, flip_and_turn
from .optimiser import decay_groups
from .tiles import TileSet


@dataclass(frozen=True)
class SatelliteRun:
    """Settings of one training run.

    Attributes:
        seed: Seed of weights, crops and batches.
        seconds: Length by the clock; the schedule follows it. `steps` wins where given.
        steps: Length in steps.
        batch: Whole tiles a step, in the last part of the run.
        crop_batch: Small crops a step, in the first part.
        crop_px: Side of a small crop.
        whole_share: Share of the run that looks at whole tiles; all of it where there are no small tiles.
        peak_lr: Peak learning rate of AdamW.
        tau: Temperature of both losses.
        width: Width of the ViT; heads are 64 wide.
        layers: Depth.
        image_weight: Weight of L_I beside L_P.
        photos: Share of a tile's photos to use, the first ones: all that were taken anywhere and a few of those that
            were taken evenly over the classes. More of the latter make rare classes fire everywhere.
        weight_decay: Weight decay of AdamW.
    """

    seed: int = 0
    seconds: float = 2100.0
    steps: int | None = None
    batch: int = 16
    crop_batch: int = 64
    crop_px: int = 112
    whole_share: float = 0.25
    peak_lr: float = 1.5e-3
    tau: float = 0.15
    width: int = 192
    layers: int = 4
    image_weight: float = 0.5
    photos: float = 0.67
    weight_decay: float = 0.01


class Satellite(nn.Module):
    """open_clip's ViT with GRAFT's patch projector beside the visual projection."""

    def __init__(self, width: int, layers: int, dim: int, tile_px: int = 224, patch_px: int = 16) -> None:
        super().__init__()
        self.visual = VisionTransformer(
            image_size=tile_px, patch_size=patch_px, width=width, layers=layers, heads=width // 64, mlp_ratio=4.0,
            output_dim=dim, act_layer=QuickGELU,
        )  # fmt: skip
        self.projector = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, dim, bias=False))
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Tensor, corner: tuple[int, int] = (0, 0)) -> tuple[Tensor, Tensor]:
        """Encode float images [B, 3, H, W] in 0..1 into image [B, D] and patch [B, P, D] vectors, L2-normalised.

        Images smaller than a tile take the part of the position grid that starts at patch (row, col) `corner`.
        """
        v = self.visual
        patches = v.conv1((images - self.mean) / self.std)
        grid = v.positional_embedding[1:].unflatten(0, v.grid_size)
        (row, col), (h, w) = corner, patches.shape[-2:]
        place = grid[row : row + h, col : col + w].flatten(0, 1)
        first = (v.class_embedding + v.positional_embedding[0]).expand(len(images), 1, -1)
        x = torch.cat([first.to(patches.dtype), patches.flatten(2).transpose(1, 2) + place.to(patches.dtype)], 1)
        tokens = v.transformer(v.ln_pre(x))
        image = v.ln_post(tokens[:, 0]) @ v.proj
        patches = self.projector(tokens[:, 1:])
        return F.normalize(image.float(), dim=-1), F.normalize(patches.float(), dim=-1)


def start_from_clip(satellite: Satellite, clip_visual: VisionTransformer) -> None:
    """Copy CLIP's image tower into the satellite encoder, as GRAFT starts.

    Blocks are copied as deep as both go; the patch convolution is resized (keeping its response to a flat colour), the
    position grid interpolated. The projector starts as the visual projection.
    """
    own, theirs = satellite.visual, clip_visual
    with torch.no_grad():
        k, px = theirs.conv1.weight, own.conv1.weight.shape[-1]
        resized = F.interpolate(k, size=(px, px), mode="bilinear", align_corners=False)
        own.conv1.weight.copy_(resized * (k.shape[-1] / px) ** 2)
        own.class_embedding.copy_(theirs.class_embedding)
        side = round((theirs.positional_embedding.shape[0] - 1) ** 0.5)
        grid = theirs.positional_embedding[1:].T.reshape(1, -1, side, side)
        new = round((own.positional_embedding.shape[0] - 1) ** 0.5)
        grid = F.interpolate(grid, size=(new, new), mode="bicubic", align_corners=False)
        own.positional_embedding[1:] = grid.flatten(2)[0].T
        own.positional_embedding[0] = theirs.positional_embedding[0]
        own.ln_pre.load_state_dict(theirs.ln_pre.state_dict())
        own.ln_post.load_state_dict(theirs.ln_post.state_dict())
        own.proj.copy_(theirs.proj)
        for mine, other in zip(own.transformer.resblocks, theirs.transformer.resblocks, strict=False):
            mine.load_state_dict(other.state_dict())
        satellite.projector[0].load_state_dict(theirs.ln_post.state_dict())
        satellite.projector.load_state_dict({"1.weight": theirs.proj.T}, strict=False)


def whiten_patches(satellite: Satellite, images: NDArray[np.uint8]) -> None:
    """Start the patch embedding as a whitened cosine transform: each token channel one frequency, at unit variance.

    CLIP's filters, stretched to the larger patch, see low frequencies only, and in any image the fine texture that
    tells crops from meadow carries a hundredth of the power of the mean colour. Half of the channels look at
    luminance, a quarter each at red-green and blue-yellow, lowest frequencies first.

    Args:
        satellite: The model to change.
        images: uint8 [N, 3, S, S], to measure the power of each frequency on.
    """
    width, _, px, _ = satellite.visual.conv1.weight.shape
    n = np.arange(px)
    waves = np.stack([np.cos(np.pi * (n + 0.5) * k / px) * np.sqrt((1 if k == 0 else 2) / px) for k in range(px)])
    opponents = np.array([[1, 1, 1], [1, -1, 0], [-0.5, -0.5, 1]])
    opponents = opponents / np.linalg.norm(opponents, axis=1, keepdims=True)
    order: list[tuple[int, int, int]] = sorted((u * u + v * v, u, v) for u in range(px) for v in range(px))
    shares = (width - 2 * (width // 4), width // 4, width // 4)
    filters = np.stack(
        [
            o[:, None, None] * np.outer(waves[u], waves[v])
            for o, k in zip(opponents, shares, strict=True)
            for _, u, v in order[:k]
        ]
    )
    with torch.no_grad():
        x = (torch.from_numpy(np.ascontiguousarray(images)).float() / 255 - satellite.mean) / satellite.std
        weight = torch.from_numpy(filters).float()
        power = F.conv2d(x, weight, stride=px).std((0, 2, 3))
        satellite.visual.conv1.weight.copy_(weight / (power + 0.02)[:, None, None, None])


@dataclass(frozen=True)
class Material:
    """Tiles, and the frozen features f_G of their photos, float16 [N, K, D], L2-normalised."""

    tiles: TileSet
    ground: NDArray[np.float16]


@dataclass(frozen=True)
class Batch:
    """A batch of crops with their photos: images uint8 [B,3,H,W]; ground [G,D]; owner, patch_index, anywhere [G]."""

    images: Tensor
    ground: Tensor
    owner: Tensor
    patch_index: Tensor
    anywhere: Tensor


def draw_batch(
    rng: np.random.Generator, material: Material, count: int, tile_px: int, patch_px: int, share: float = 1.0
) -> Batch:
    """Draw tiles, crop them at random (photos outside the crop are left out), flip and turn image and spots alike.

    Of each tile's photos the first `share` are used.
    """
    tiles, ground = material.tiles, material.ground
    photos = round(share * tiles.spots.shape[1])
    images, features, owner, index, anywhere = [], [], [], [], []
    size, half = tiles.images.shape[-1], tiles.spots.shape[1] // 2
    for row, i in enumerate(rng.choice(len(tiles.images), count, replace=False)):
        spots = as_spots(tiles.spots[i][:photos] + 0.5)  # the middle of their pixels
        for attempt in range(9):
            top, left = rng.integers(0, size - tile_px + 1, 2)
            if attempt == 8:  # around the first photo
                top, left = np.clip(tiles.spots[i][0].astype(int) - tile_px // 2, 0, size - tile_px)
            image, moved, kept = crop(tiles.images[i], spots, (top, left), tile_px)
            if (kept < half).any():
                break
        image, moved = flip_and_turn(rng, image, moved)
        r, c = moved.astype(int).T
        images.append(np.ascontiguousarray(image))
        features.append(ground[i][:photos][kept])
        owner.append(np.full(len(kept), row))
        index.append(r // patch_px * (tile_px // patch_px) + c // patch_px)
        anywhere.append(kept < half)
    return Batch(
        torch.from_numpy(np.stack(images)),
        torch.from_numpy(np.concatenate(features).astype(np.float32)),
        torch.from_numpy(np.concatenate(owner)),
        torch.from_numpy(np.concatenate(index)),
        torch.from_numpy(np.concatenate(anywhere)),
    )


def jitter(images: Tensor, generator: torch.Generator) -> Tensor:
    """Change tone, colour and sharpness of each image a little. uint8 [B,3,H,W] → float [B,3,H,W] in 0..1."""
    b = len(images)

    def normal(*shape: int) -> Tensor:
        return torch.randn(b, *shape, generator=generator)

    x = images.float() / 255
    x = x * torch.exp(0.07 * normal(1, 1, 1) + 0.02 * normal(3, 1, 1)) + 0.02 * normal(1, 1, 1)
    mean = x.mean((1, 2, 3), keepdim=True)
    x = mean + (x - mean) * torch.exp(0.1 * normal(1, 1, 1))
    grey = x.mean(1, keepdim=True)
    x = grey + (x - grey) * torch.exp(0.12 * normal(1, 1, 1))
    soft = torch.rand(b, generator=generator) < 0.08
    if soft.any():
        pooled = F.avg_pool2d(F.pad(x[soft], (1, 1, 1, 1), mode="replicate"), 3, 1)
        x[soft] = pooled
    return x.clamp(0, 1)


def train_satellite(
    run: SatelliteRun,
    whole: Material,
    small: Material | None,
    clip_visual: VisionTransformer,
    log: Callable[[dict[str, float]], None] = lambda row: None,
    validate: Callable[[Satellite], float] | None = None,
) -> Satellite:
    """Train on tiles and the frozen features of their photos.

    Args:
        run: The settings.
        whole: Training tiles, larger than 224 pixels so that crops differ.
        small: Smaller tiles of many more places, for the first part of the run.
        clip_visual: CLIP's image tower, to start from.
        log: Called with step, seconds, losses (and a validation score) now and then.
        validate: Gives a score, higher is better; the best weights are kept.

    Returns:
        The encoder in evaluation mode.
    """
    torch.manual_seed(run.seed)
    rng, generator = np.random.default_rng(run.seed), torch.Generator().manual_seed(run.seed)
    model = Satellite(run.width, run.layers, whole.ground.shape[-1])
    start_from_clip(model, clip_visual)
    whiten_patches(model, whole.tiles.images[:200])
    optimizer = torch.optim.AdamW(decay_groups(model, run.weight_decay), lr=run.peak_lr, fused=True)
    bf16 = cpu_has_bf16()
    start, step, best, best_state, next_check = time.monotonic(), 0, -1.0, None, 0.2
    while True:
        spent = time.monotonic() - start
        t = step / run.steps if run.steps else spent / run.seconds
        if t >= 1:
            break
        scale = min(1.0, t / 0.05) * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * t)))
        for group in optimizer.param_groups:
            group["lr"] = run.peak_lr * scale
        if small is not None and t < 1 - run.whole_share:
            batch = draw_batch(rng, small, run.crop_batch, run.crop_px, 16, run.photos)
            row, col = rng.integers(0, (224 - run.crop_px) // 16 + 1, 2)
        else:
            batch, row, col = draw_batch(rng, whole, run.batch, 224, 16, run.photos), 0, 0
        # the flash kernel's backward costs a CPU a quarter of the step on sequences of 50 tokens
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16), sdpa_kernel(SDPBackend.MATH):
            image, patches = model(jitter(batch.images, generator), (int(row), int(col)))
        loss_p = pixel_loss(patches, batch.ground, batch.owner, batch.patch_index, run.tau)
        some = batch.anywhere
        loss_i = graft_loss(image, batch.ground[some], batch.owner[some], run.tau)
        optimizer.zero_grad(set_to_none=True)
        (loss_p + run.image_weight * loss_i).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % 50 == 0 or step == 1:
            log({"step": step, "seconds": spent, "loss_p": loss_p.item(), "loss_i": loss_i.item()})
        if validate is not None and t >= next_check:
            score = validate(model.eval())
            model.train()
            log({"step": step, "seconds": time.monotonic() - start, "validation": score})
            if score >= best:
                best, best_state = score, {k: v.clone() for k, v in model.state_dict().items()}
            next_check += 0.2 if next_check < 0.75 else 0.1
    if validate is not None and best_state is not None and validate(model.eval()) < best:
        model.load_state_dict(best_state)
    return model.eval()
