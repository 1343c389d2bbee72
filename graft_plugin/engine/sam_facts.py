"""What can be told of a SAM before its weights are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .encoders.checksum import file_sha256
from .encoders.facts import shapes_of
from .encoders.registry import ModelEntry, find
from .sam import config_of, sam_path
from .sam_model import SamConfig

_OFFICIAL = {"sam_vit_b": (768, 12), "sam_vit_l": (1024, 24), "sam_vit_h": (1280, 32)}
"""Width and depth of the image encoders (Kirillov et al.), for those whose file is not here."""


@dataclass(frozen=True)
class SamFacts:
    """A SAM without its weights.

    Args:
        config: Its sizes.
        sha256: Of its file; "" where that is not here.
        entry: Its entry in the list of models; None for the bundled one and for a path.
    """

    config: SamConfig
    sha256: str
    entry: ModelEntry | None

    @property
    def image_px(self) -> int:
        """Side of the image that it takes."""
        return self.config.image_px

    @property
    def tokens(self) -> int:
        """Patches of an image."""
        return (self.config.image_px // self.config.patch_px) ** 2

    @property
    def embedding(self) -> int:
        """Numbers of an image's embedding."""
        return self.config.prompt_dim * self.tokens

    @property
    def parameters(self) -> int:
        """Of the image encoder, about: those of its blocks."""
        return 12 * self.config.depth * self.config.dim**2


def sam_facts(model: str) -> SamFacts:
    """Return what can be told of a SAM.

    Raises:
        UsageError: The id is unknown.
        CheckpointError: The file is missing or no SAM.
    """
    named = model != "mini" and not Path(model).exists() and "/" not in model and not Path(model).suffix
    entry = find(model) if named else None
    if entry is not None and entry.state != "ready":
        dim, depth = _OFFICIAL.get(model, _OFFICIAL["sam_vit_b"])
        return SamFacts(SamConfig(1024, 16, dim, depth, 12, 14, (), 256, 2, 8, 2048), "", entry)
    path = sam_path(model)
    return SamFacts(config_of(path, shapes_of(path)), file_sha256(path), entry)
