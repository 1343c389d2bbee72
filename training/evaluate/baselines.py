"""The model and what it is compared with: the engine's loaders for GRAFT and any open_clip model, CLIPSeg beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

import torch
import torch.nn.functional as F
from torch import Tensor

from graft_plugin.errors import UsageError

from .promptsets import PromptSet

if TYPE_CHECKING:
    from graft_plugin.engine.encoders.text import TextEncoder
    from graft_plugin.engine.encoders.types import ImageEncoder

    from .clipseg import ClipSeg

DEFAULTS = {"clip": "openai-vit-b-16", "remoteclip": "remoteclip-vit-b-32"}
"""Ids of the registry that a bare name stands for."""
CLIPSEG = "clipseg"


@dataclass(frozen=True)
class Contender:
    """A loaded model.

    Attributes:
        name: As the table shows it.
        sha256: Of its file.
        encoder: Images and patches → vectors; None for CLIPSeg.
        texts: The text tower in the same space, with the prompt set's templates; None for CLIPSeg.
        clipseg: CLIPSeg itself, else None.
        model: Its id or path.
    """

    name: str
    sha256: str
    encoder: Optional[ImageEncoder] = None
    texts: Optional[TextEncoder] = None
    clipseg: Optional[ClipSeg] = None
    model: str = ""

    def pair(self, task: str) -> tuple[ImageEncoder, TextEncoder]:
        """Return image and text encoder.

        Raises:
            UsageError: CLIPSeg has none.
        """
        if self.encoder is None or self.texts is None:
            raise UsageError(
                f"{self.name} segments and does nothing else, so it cannot do {task}",
                remedy="Leave it out of --baselines for this task.",
            )
        return self.encoder, self.texts


def parse_baselines(text: str) -> tuple[tuple[str, str], ...]:
    """Read `clip=ID,remoteclip=PATH,clipseg=FOLDER`; `clip` and `remoteclip` alone stand for the registry's.

    Returns:
        (name, id or path) pairs, in order.

    Raises:
        UsageError: A name comes twice, or stands alone and is not known.
    """
    pairs: list[tuple[str, str]] = []
    for part in (part.strip() for part in text.split(",") if part.strip()):
        name, _, model = (piece.strip() for piece in part.partition("="))
        model = model or DEFAULTS.get(name.lower(), "")
        if not name or not model:
            raise UsageError(
                f"the baseline {part!r} names no model", remedy="Write NAME=ID or NAME=PATH, say clipseg=FOLDER."
            )
        if name in dict(pairs):
            raise UsageError(f"the baseline {name} is given twice", remedy="Name each once.")
        pairs.append((name, model))
    return tuple(pairs)


def load_contender(name: str, model: str, prompts: PromptSet, device: str) -> Contender:
    """Load a model.

    Args:
        name: For the table; "clipseg" (any case) is Hugging Face's CLIPSeg, all else the engine's.
        model: An id of the registry, a checkpoint, or for CLIPSeg a folder.
        prompts: Whose templates the texts get.
        device: A torch device.

    Raises:
        UsageError: There is no such model, or it has no text tower.
        CheckpointError: A file is missing or damaged.
    """
    if name.lower() == CLIPSEG:
        from .clipseg import load_clipseg

        clipseg = load_clipseg(model, device)
        return Contender(name, clipseg.sha256, clipseg=clipseg)
    from graft_plugin.engine import load_encoder, load_text_encoder

    encoder, texts = load_encoder(model, device), load_text_encoder(model)
    if texts.dim != encoder.dim:
        raise UsageError(
            f"the images of {model} have {encoder.dim} dimensions, its texts {texts.dim}", remedy="Add the model with "
            "`graft models add`, beside the CLIP that it was trained with."
        )  # fmt: skip
    if prompts.templates:
        texts.templates = prompts.templates  # fresh from loading: no text was encoded with others
    return Contender(name, encoder.sha256, encoder, texts, model=model)


def class_vectors(texts: TextEncoder, prompts: PromptSet) -> Tensor:
    """Return float32 [asked classes, D], L2-normalised: the mean of the vectors of a class's texts."""
    vectors = texts.encode(list(prompts.texts))
    owners = torch.tensor(prompts.owners)
    return F.normalize(torch.stack([vectors[owners == c].mean(0) for c in prompts.asked]), dim=-1)


def unknown_words(texts: TextEncoder, prompts: PromptSet) -> tuple[str, ...]:
    """Return the sentence about words that a closed vocabulary lacks; () for an open one."""
    words: Sequence[str] = sorted({word for text in prompts.texts for word in texts.unknown_words(text)})
    return (f"The model does not know the words {', '.join(words)}.",) if words else ()
