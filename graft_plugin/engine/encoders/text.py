"""Texts to unit vectors: CLIP's text tower, prompt templates averaged."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Optional

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import CheckpointError, UsageError
from .checkpoint import check_names
from .words import WordTokenizer

_ROOTS = ("token_embedding.", "positional_embedding", "transformer.", "ln_final.", "text_projection")
_BATCH = 128
_CACHED = 4096


class TextEncoder:
    """The text tower that matches an image encoder.

    Args:
        tower: Token ids [N, L] → [N, D].
        tokenize: Texts → token ids.
        dim: D.
        logit_scale: 1/τ by which the model multiplies a cosine between an image and a text.
        templates: Prompts with one "{}" each, where the text goes.
        contrast: Concepts that stand for "anything else" when a prompt is scored alone.
    """

    def __init__(
        self,
        tower: Callable[[Tensor], Tensor],
        tokenize: Callable[[list[str]], Tensor],
        *,
        dim: int,
        logit_scale: float,
        templates: Sequence[str] = ("{}",),
        contrast: Sequence[str] = (),
    ) -> None:
        if not templates or any("{}" not in template for template in templates):
            raise UsageError("a prompt template lacks the {} that stands for the text")
        self.dim = dim
        self.logit_scale = logit_scale
        self.templates = tuple(templates)
        self.contrast = tuple(contrast)
        self._tower = tower
        self._tokenize = tokenize
        self._cache: OrderedDict[str, Tensor] = OrderedDict()

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Return float32 [N, D], L2-normalised: the mean over the templates' unit vectors, normalised again.

        Raises:
            UsageError: A text is empty.
        """
        if isinstance(texts, str):
            raise UsageError("give a list of texts, not one text")
        if any(not text.strip() for text in texts):
            raise UsageError("a prompt is empty", remedy="Write a word or a sentence.")
        fresh = [text for text in dict.fromkeys(texts) if text not in self._cache]
        found = dict(zip(fresh, self._embed(fresh), strict=True)) if fresh else {}
        rows = [found[text] if text in found else self._cache[text] for text in texts]
        self._remember(texts, rows)
        return torch.stack(rows) if rows else torch.empty(0, self.dim)

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """Return the words of a text that the model never saw; always () for an open vocabulary."""
        return self._tokenize.unknown(text) if isinstance(self._tokenize, WordTokenizer) else ()

    @torch.inference_mode()
    def _embed(self, texts: list[str]) -> Tensor:
        prompts = [template.replace("{}", text) for text in texts for template in self.templates]
        parts = [
            F.normalize(self._tower(self._tokenize(prompts[i : i + _BATCH])).float(), dim=-1)
            for i in range(0, len(prompts), _BATCH)
        ]
        mean = torch.cat(parts).view(len(texts), len(self.templates), self.dim).mean(dim=1)
        return F.normalize(mean, dim=-1).clone()

    def _remember(self, texts: Sequence[str], rows: list[Tensor]) -> None:
        for text, row in zip(texts, rows, strict=True):
            self._cache[text] = row
            self._cache.move_to_end(text)
        while len(self._cache) > _CACHED:
            self._cache.popitem(last=False)


def build_text_tower(
    state: Mapping[str, Tensor],
    path: str,
    *,
    quick_gelu: bool,
    config: Optional[Mapping[str, Any]] = None,
) -> tuple[torch.nn.Module, int, int]:
    """Build open_clip's text tower from a model's state dict (the text at its root, or under `text.`).

    Args:
        state: Parameters of a CLIP or CustomTextCLIP; other parts are ignored.
        path: The file, for errors.
        quick_gelu: The activation.
        config: open_clip's `text_cfg`; by default read off the shapes, heads 64 wide.

    Returns:
        The tower, its context length and D.

    Raises:
        CheckpointError: The file has no text tower, or another one than the configuration says.
    """
    from open_clip.model import CLIPTextCfg, _build_text_tower

    own = {n.removeprefix("text."): v.float() for n, v in state.items() if n.startswith("text.")}
    own = own or {n: v.float() for n, v in state.items() if n.startswith(_ROOTS)}
    own = {n: v for n, v in own.items() if not n.endswith("attn_mask")}
    if "token_embedding.weight" not in own:
        raise CheckpointError(
            "the file holds no text tower", remedy="Give the whole model, image and text tower.", path=path
        )
    try:
        cfg = CLIPTextCfg(**(config if config is not None else _infer(own)))
        dim = own["text_projection"].shape[1]
        with torch.device("meta"):
            tower = _build_text_tower(dim, cfg, quick_gelu)
    except (TypeError, KeyError, IndexError) as error:
        raise CheckpointError(f"the text tower is not CLIP's ({error})", path=path) from error
    expected = tower.state_dict()
    check_names(path, set(expected) - set(own), set(own) - set(expected), "CLIP's text tower")
    for name, value in own.items():
        if value.shape != expected[name].shape:
            raise CheckpointError(
                f"{name} has the shape {list(value.shape)}, not {list(expected[name].shape)}", path=path
            )
    tower.load_state_dict(own, assign=True)
    if tower.attn_mask is not None:  # a buffer outside the state dict, left on the meta device
        tower.attn_mask = tower.build_causal_mask()
    return tower.eval().requires_grad_(False), int(cfg.context_length), int(dim)


def _infer(own: Mapping[str, Tensor]) -> dict[str, Any]:
    vocab_size, width = own["token_embedding.weight"].shape
    return {
        "context_length": own["positional_embedding"].shape[0],
        "vocab_size": vocab_size,
        "width": width,
        "heads": max(1, width // 64),
        "layers": sum(name.endswith("attn.in_proj_weight") for name in own),
        "mlp_ratio": own["transformer.resblocks.0.mlp.c_fc.weight"].shape[0] / width,
    }


def clip_tokenizer(context_length: int) -> Callable[[list[str]], Tensor]:
    """Return CLIP's byte-pair tokenizer."""
    from open_clip.tokenizer import SimpleTokenizer

    tokenizer = SimpleTokenizer(context_length=context_length)
    return lambda texts: tokenizer(texts)
