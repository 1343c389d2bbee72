"""Whether the engine's environment will carry CUDA, and whether there is room for it."""

from __future__ import annotations

from pathlib import Path

from ..errors import EngineError
from . import folders, network
from .recipe import Recipe, Sources


def wants_cuda(sources: Sources) -> bool:
    """Return whether torch will come with CUDA, at ten times the bytes."""
    if sources.wheels is not None:
        return any(sources.wheels.glob("nvidia_*.whl"))
    return network.default_has_cuda() and (network.has_nvidia_driver() or not sources.torch_index)


def check_room(recipe: Recipe, home: Path, cuda: bool) -> None:
    """Check that the disk of GRAFT's folder has room for a build.

    Raises:
        EngineError: It has not.
    """
    needed, free = recipe.needed_bytes[cuda], folders.free_bytes(home)
    if free < needed:
        raise EngineError(
            f"the engine needs {needed / 1e9:.1f} GB while it is built, and the disk has {free / 1e9:.1f} GB left",
            remedy="Make room, or name a folder on another disk in the environment variable GRAFT_HOME.",
            path=str(home),
        )
