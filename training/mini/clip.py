"""The small CLIP of the mini model: ground views and their captions, trained with open_clip's loss, then frozen.

Its image tower is f_G, the encoder of ground photos; its text tower reads the prompts. It never sees a tile.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from open_clip.loss import ClipLoss
from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from graft_plugin.engine.encoders.encoder import cpu_has_bf16
from graft_plugin.engine.encoders.vit import MEAN, STD
from graft_plugin.engine.encoders.words import WordTokenizer

from ..world.captions import CONTRAST, PROMPT_TEMPLATES, VOCABULARY, gist
from ..world.classes import NAMES
from .clip_data import ClipData
from .clip_scores import zero_shot
from .optimiser import decay_groups


@dataclass(frozen=True)
class ClipRun:
    """Settings of one training run.

    Attributes:
        seed: Seed of weights, augmentation and batches.
        seconds: Length by the clock; the schedule follows it. `steps` wins where given.
        steps: Length in steps.
        batch: Pairs a step.
        peak_lr: Peak learning rate of AdamW, after a linear warm-up over 5 % of the run, then cosine.
        weight_decay: Weight decay of AdamW.
        patch_dropout: Share of a view's patches left out in training but for the last tenth (as in FLIP).
        dim: Length of the common vectors.
        view_px: Side of a view.
        patch_px: Side of a patch of a view.
        width: Width of the image tower; heads are 64 wide.
        layers: Its depth.
        text_width: Width of the text tower.
        text_heads: Its heads.
        text_layers: Its depth.
        context: Longest caption in tokens.
    """

    seed: int = 0
    seconds: float = 300.0
    steps: int | None = None
    batch: int = 128
    peak_lr: float = 1.5e-3
    weight_decay: float = 0.05
    patch_dropout: float = 0.5
    dim: int = 128
    view_px: int = 64
    patch_px: int = 8
    width: int = 192
    layers: int = 4
    text_width: int = 128
    text_heads: int = 4
    text_layers: int = 3
    context: int = 24


def model_config(run: ClipRun, words: Sequence[str]) -> dict[str, Any]:
    """Return open_clip's description of the model, JSON-ready."""
    return {
        "embed_dim": run.dim,
        "quick_gelu": True,
        "vision_cfg": {
            "image_size": run.view_px,
            "patch_size": run.patch_px,
            "width": run.width,
            "layers": run.layers,
            "head_width": 64,
        },
        "text_cfg": {
            "context_length": run.context,
            "vocab_size": len(words) + 4,
            "width": run.text_width,
            "heads": run.text_heads,
            "layers": run.text_layers,
        },
    }


def build_clip(config: dict[str, Any]) -> CLIP:
    """Build an open_clip CLIP from its description."""
    return CLIP(
        embed_dim=config["embed_dim"],
        vision_cfg=CLIPVisionCfg(**config["vision_cfg"]),
        text_cfg=CLIPTextCfg(**config["text_cfg"]),
        quick_gelu=config["quick_gelu"],
    )


class SharedCaptionLoss(ClipLoss):
    """open_clip's loss, where views whose captions say the same share them.

    A batch of short captions holds many twice. The target of a view is spread evenly over the texts that say the same
    as its own, and the other way round; with all captions different it is `ClipLoss`.
    """

    def forward(self, image_features: Tensor, text_features: Tensor, logit_scale: Tensor, meaning: Tensor) -> Tensor:
        """Return the loss of vectors [B, D], given a number for what each pair's caption says, long [B]."""
        per_image, per_text = self.get_logits(image_features, text_features, logit_scale)
        same = (meaning[:, None] == meaning[None, :]).to(per_image.dtype)
        target = same / same.sum(1, keepdim=True)
        return (F.cross_entropy(per_image, target) + F.cross_entropy(per_text, target)) / 2


@dataclass
class MiniClip:
    """A trained small CLIP with its words.

    Attributes:
        model: open_clip's model.
        config: Its description (`model_config`).
        words: The vocabulary, in token order.
        templates: Frames whose text vectors are averaged.
        contrast: The concepts that stand for everything else.
    """

    model: CLIP
    config: dict[str, Any]
    words: tuple[str, ...] = VOCABULARY
    templates: tuple[str, ...] = PROMPT_TEMPLATES
    contrast: tuple[str, ...] = CONTRAST
    tokenizer: WordTokenizer = field(init=False)

    def __post_init__(self) -> None:
        self.tokenizer = WordTokenizer(self.words, self.config["text_cfg"]["context_length"])

    @property
    def dim(self) -> int:
        """Length of the vectors."""
        return int(self.config["embed_dim"])

    def encode_views(self, views: Tensor) -> Tensor:
        """Encode uint8 views [B, 3, P, P] into float32 vectors [B, D], L2-normalised."""
        return F.normalize(self.model.encode_image(_normalised(views.float() / 255)).float(), dim=-1)

    def encode_texts(self, texts: Sequence[str], templates: Sequence[str] | None = None) -> Tensor:
        """Encode texts into float32 vectors [N, D], the mean over the templates, L2-normalised."""
        frames = self.templates if templates is None else templates
        tokens = self.tokenizer([frame.format(text) for text in texts for frame in frames])
        vectors = F.normalize(self.model.encode_text(tokens).float(), dim=-1)
        return F.normalize(vectors.view(len(texts), len(frames), -1).mean(1), dim=-1)

    def class_vectors(self) -> Tensor:
        """Return the text vector of each class's name, float32 [classes, D]."""
        with torch.no_grad():
            return self.encode_texts(NAMES)

    def save(self, folder: Path) -> None:
        """Write clip.safetensors (float16) and this model's part of config.json."""
        folder.mkdir(parents=True, exist_ok=True)
        state = {name: t.detach().to(torch.float16).contiguous() for name, t in self.model.state_dict().items()}
        save_file({name: t for name, t in state.items() if name != "attn_mask"}, folder / "clip.safetensors")
        path = folder / "config.json"
        config = json.loads(path.read_text()) if path.exists() else {}
        config |= {"clip": self.config, "words": self.words, "templates": self.templates, "contrast": self.contrast}
        path.write_text(json.dumps(config, indent=1))


def load_clip(folder: Path) -> MiniClip:
    """Load what `MiniClip.save` wrote, in evaluation mode."""
    config = json.loads((folder / "config.json").read_text())
    model = build_clip(config["clip"])
    state = {name: tensor.float() for name, tensor in load_file(folder / "clip.safetensors").items()}
    model.load_state_dict(state)
    lists = (tuple(config[name]) for name in ("words", "templates", "contrast"))
    return MiniClip(model.eval(), config["clip"], *lists)


def _normalised(images: Tensor) -> Tensor:
    mean, std = (torch.tensor(v, device=images.device).view(1, 3, 1, 1) for v in (MEAN, STD))
    return (images - mean) / std


def augment(views: Tensor, generator: torch.Generator) -> Tensor:
    """Crop, mirror and tint each view a little. uint8 [B, 3, P, P] → float32 [B, 3, P, P] in 0..1."""
    b = len(views)

    def normal(*shape: int) -> Tensor:
        return torch.randn(b, *shape, generator=generator)

    images = views.float() / 255
    images = images * torch.exp(0.06 * normal(1, 1, 1) + 0.03 * normal(3, 1, 1)) + 0.02 * normal(1, 1, 1)
    zoom = 0.92 + 0.08 * torch.rand(b, 2, generator=generator)
    theta = torch.zeros(b, 2, 3)
    theta[:, 0, 0] = zoom[:, 0] * torch.where(torch.rand(b, generator=generator) < 0.5, -1.0, 1.0)
    theta[:, 1, 1] = zoom[:, 1]
    theta[:, :, 2] = (1 - zoom) * (2 * torch.rand(b, 2, generator=generator) - 1)
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False, padding_mode="border").clamp(0, 1)


def _batch(labels: NDArray[np.int64], size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw a batch with all classes equally often, int64 [size]."""
    classes = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    shares = np.full(len(classes), size // len(classes))
    shares[rng.permutation(len(classes))[: size - int(shares.sum())]] += 1
    return np.concatenate([rng.choice(rows, n, replace=n > len(rows)) for rows, n in zip(classes, shares, strict=True)])


def _optimizer(model: CLIP, run: ClipRun) -> torch.optim.AdamW:
    return torch.optim.AdamW(decay_groups(model, run.weight_decay), lr=run.peak_lr, betas=(0.9, 0.98))


@dataclass(frozen=True)
class _Texts:
    """All different captions: tokens, long [T, L], and a number for what each says, long [T] (`captions.gist`)."""

    tokens: Tensor
    meaning: Tensor


def _learn(model: CLIP, optimizer: torch.optim.AdamW, images: Tensor, texts: _Texts, caption: Tensor) -> float:
    """Take one step on views [B, 3, P, P] and their captions, long [B], as numbers of texts."""
    unique, place = caption.unique(return_inverse=True)
    tokens = texts.tokens[unique]
    length = int((tokens != 0).sum(1).max())
    # Plain attention is faster than the fused one on sequences this short.
    with sdpa_kernel(SDPBackend.MATH), torch.autocast("cpu", torch.bfloat16, enabled=cpu_has_bf16()):
        image = model.encode_image(_normalised(images), normalize=True)
        text = _encode_tokens(model, tokens, length)[place]
    loss = SharedCaptionLoss()(image.float(), text.float(), model.logit_scale.exp(), texts.meaning[caption])
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    with torch.no_grad():
        model.logit_scale.clamp_(0, np.log(100))
    return float(loss.detach())


def train_clip(
    run: ClipRun, train: ClipData, holdout: ClipData, say: Callable[[str], None] = lambda line: None
) -> tuple[MiniClip, dict[str, Any]]:
    """Train on pairs of views and captions.

    Args:
        run: The settings.
        train: Views with their captions.
        holdout: Views of other places, for the report only.
        say: Called with lines of progress.

    Returns:
        The model in evaluation mode with its weights frozen, and a JSON-ready report: the loss curve and what
        `zero_shot` measures on the held-out views.
    """
    torch.manual_seed(run.seed)
    rng, generator = np.random.default_rng(run.seed), torch.Generator().manual_seed(run.seed)
    config = model_config(run, VOCABULARY)
    training = dict(config, vision_cfg=dict(config["vision_cfg"], patch_dropout=run.patch_dropout))
    clip = MiniClip(build_clip(training), config)
    model, optimizer = clip.model, _optimizer(clip.model, run)
    different, inverse = np.unique(train.captions, return_inverse=True)
    own: NDArray[np.int64] = np.reshape(inverse, train.captions.shape)
    _, meaning = np.unique([gist(text) for text in different.tolist()], return_inverse=True)
    texts = _Texts(clip.tokenizer(different.tolist()), torch.from_numpy(meaning))
    views, start, step, curve = torch.from_numpy(train.views), time.monotonic(), 0, []
    while (done := step / run.steps if run.steps else (time.monotonic() - start) / run.seconds) < 1:
        if done > 0.9:
            model.visual.patch_dropout = nn.Identity()
        rate = run.peak_lr * min(1.0, (done + 1e-3) / 0.05) * (0.02 + 0.49 * (1 + np.cos(np.pi * done)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        index = _batch(train.labels, run.batch, rng)
        caption = torch.from_numpy(own[index, rng.integers(0, own.shape[1], len(index))])
        curve.append(_learn(model, optimizer, augment(views[index], generator), texts, caption))
        step += 1
        if step % 50 == 0:
            say(f"clip: step {step}, {time.monotonic() - start:.0f} s, loss {np.mean(curve[-50:]):.3f}")
    model.visual.patch_dropout = nn.Identity()
    model.eval().requires_grad_(False)
    parts = [round(float(part.mean()), 4) for part in np.array_split(np.array(curve), min(10, len(curve)))]
    report = {"steps": step, "seconds": round(time.monotonic() - start, 1), "loss": parts, "pairs": len(views)}
    return clip, report | zero_shot(clip, holdout)


def _encode_tokens(model: CLIP, tokens: Tensor, length: int) -> Tensor:
    """Text vectors [N, D], L2-normalised, from the first `length` tokens; a causal tower does not see the padding."""
    x = model.token_embedding(tokens[:, :length]) + model.positional_embedding[:length]
    x = model.transformer(x, attn_mask=model.attn_mask[:length, :length])
    x = model.ln_final(x)[torch.arange(len(tokens)), tokens.argmax(-1)]
    return F.normalize(x @ model.text_projection, dim=-1)
