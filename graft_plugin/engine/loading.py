"""Models kept loaded between the requests of one process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import cache
from typing import TYPE_CHECKING, TypeVar, cast

from ..errors import UsageError

if TYPE_CHECKING:
    from .encoders.photo import PhotoEncoder
    from .encoders.text import TextEncoder
    from .encoders.types import ImageEncoder, Precision
    from .sam import PromptedSam

T = TypeVar("T")
KEPT = 2
"""Models of each kind that stay in memory; the one used longest ago goes first."""


class LoadedModels:
    """Loads encoders, text towers and SAMs once each, and keeps the last few."""

    def __init__(self) -> None:
        self._kept: dict[str, OrderedDict[Hashable, object]] = {}

    def encoder(self, model: str, device: str, precision: str) -> ImageEncoder:
        """Return an image encoder; see `engine.load_encoder`."""
        from .encoders.load import load_encoder

        chosen = cast("Precision", precision)
        return self._get("encoder", (model, device, precision), lambda: load_encoder(model, device, chosen))

    def has_encoder(self, model: str, device: str, precision: str) -> bool:
        """Whether an image encoder is loaded."""
        return (model, device, precision) in self._kept.get("encoder", {})

    def texts(self, model: str) -> TextEncoder:
        """Return the text encoder that matches an image encoder; see `engine.load_text_encoder`."""
        from .encoders.load import load_text_encoder

        return self._get("texts", (model,), lambda: load_text_encoder(model))

    def photos(self, model: str) -> PhotoEncoder:
        """Return the ground encoder that matches an image encoder; see `photo.load_photo_encoder`."""
        from .encoders.photo import load_photo_encoder

        return self._get("photos", (model,), lambda: load_photo_encoder(model))

    def sam(self, model: str, device: str) -> PromptedSam:
        """Return a SAM; see `sam.load_sam`."""
        from .sam import load_sam

        return self._get("sam", (model, device), lambda: load_sam(model, device))

    def _get(self, kind: str, key: Hashable, load: Callable[[], T]) -> T:
        kept = self._kept.setdefault(kind, OrderedDict())
        if key not in kept:
            kept[key] = load()
            while len(kept) > KEPT:
                kept.popitem(last=False)
        kept.move_to_end(key)
        return kept[key]  # type: ignore[return-value]


@cache
def shared_models() -> LoadedModels:
    """Return the models of this process."""
    return LoadedModels()


def torch_device(name: str) -> str:
    """Return a torch device for "auto": CUDA where this machine has it; any other name as it is.

    Raises:
        UsageError: This machine, or this torch, has no such device.
    """
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(1, device=name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise UsageError(
            f"torch cannot use the device {name!r} here: {str(error).splitlines()[0]}",
            remedy="Choose automatic or the CPU.",
        ) from error
    return name
