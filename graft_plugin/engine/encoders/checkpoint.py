"""Reading a checkpoint file without running what it holds."""

from __future__ import annotations

import pickle
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...errors import CheckpointError
from .torchscript import is_torchscript, read_torchscript

_NESTS = ("state_dict", "model_state_dict", "model")
_PREFIXES = ("module.", "_orig_mod.")
_CONVERT = (
    "Where you trust its origin, convert it to safetensors with the program that wrote it, and give that file instead."
)
_AGAIN = "Get the file again from its publisher."


def read_state_dict(path: str | Path) -> dict[str, Tensor]:
    """Read the tensors of a checkpoint: safetensors, a torch file, or OpenAI's TorchScript archive.

    A torch file is loaded with `weights_only=True`; what that refuses is reported and never unpickled. A wrapping
    `state_dict` and the prefixes `module.` and `_orig_mod.` are taken off.

    Returns:
        Parameter name → tensor on the CPU, in the file's own dtype.

    Raises:
        CheckpointError: The file is missing, empty, truncated, not a model file, or holds more than tensors.
    """
    file = Path(path)
    if not file.is_file():
        what = "is a folder, not a model file" if file.is_dir() else "there is no such file"
        raise CheckpointError(what, remedy="Check the path.", path=str(path))
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            head = stream.read(64)
    except OSError as error:
        raise CheckpointError(f"the file cannot be read ({error.strerror or error})", path=str(path)) from error
    if size == 0:
        raise CheckpointError("the file is empty", remedy=_AGAIN, path=str(path))
    if head.startswith(b"version https://git-lfs"):
        raise CheckpointError(
            "this is a Git LFS pointer, not the model itself", remedy="Fetch it with `git lfs pull`.", path=str(path)
        )
    if file.suffix == ".safetensors" or head[8:9] == b"{":
        return _unwrap(_read_safetensors(file), file)
    if head.startswith(b"PK"):
        if is_torchscript(file):
            return _unwrap(read_torchscript(file), file)
        return _unwrap(_read_torch(file, mmap=True), file)
    if head[:1] == b"\x80":
        return _unwrap(_read_torch(file, mmap=False), file)
    raise CheckpointError(
        "this is not a model file (neither safetensors nor a torch checkpoint)", remedy=_AGAIN, path=str(path)
    )


def read_metadata(path: str | Path) -> dict[str, str]:
    """Return what a safetensors file says of itself beside its tensors; nothing for any other or damaged file."""
    from safetensors import SafetensorError, safe_open

    if Path(path).suffix != ".safetensors":
        return {}
    try:
        with safe_open(path, "pt") as file:
            return dict(file.metadata() or {})
    except (SafetensorError, OSError, ValueError):
        return {}


def _read_safetensors(file: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(file)
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"the file is truncated or not in the safetensors format ({_line(error)})", remedy=_AGAIN, path=str(file)
        ) from error


def _read_torch(file: Path, *, mmap: bool) -> Any:  # noqa: ANN401
    try:
        return torch.load(file, map_location="cpu", weights_only=True, mmap=mmap)
    except pickle.UnpicklingError as error:
        named = re.findall(r"(?:GLOBAL|global:?|function|class) ([A-Za-z_][\w.]*\.[\w.]+)", str(error))
        if not named and "nsupported" not in str(error) and "weights_only" not in str(error).lower():
            raise _damaged(file, error) from error
        held = f" ({', '.join(sorted(set(named))[:3])})" if named else ""
        raise CheckpointError(
            f"the file holds objects beyond tensors{held}; it was refused, and is never unpickled",
            remedy=_CONVERT,
            path=str(file),
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        raise _damaged(file, error) from error
    except zipfile.BadZipFile as error:
        raise _damaged(file, error) from error


def _damaged(file: Path, error: Exception) -> CheckpointError:
    return CheckpointError(f"the file is truncated or damaged ({_line(error)})", remedy=_AGAIN, path=str(file))


def _line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__)[:160]


def _unwrap(loaded: Any, file: Path) -> dict[str, Tensor]:  # noqa: ANN401
    state: Any = loaded
    for _ in range(2):
        inner = next((k for k in _NESTS if isinstance(state, Mapping) and isinstance(state.get(k), Mapping)), None)
        if inner is None:
            break
        state = state[inner]
    if not isinstance(state, Mapping) or not any(isinstance(v, Tensor) for v in state.values()):
        raise CheckpointError("the file holds no named tensors, so it is no model", remedy=_AGAIN, path=str(file))
    tensors = {str(name): value for name, value in state.items() if isinstance(value, Tensor)}
    while prefix := next((p for p in _PREFIXES if all(name.startswith(p) for name in tensors)), None):
        tensors = {name[len(prefix) :]: value for name, value in tensors.items()}
    return tensors


def check_names(path: str, missing: set[str], unexpected: set[str], kind: str) -> None:
    """Raise a CheckpointError that names the first few parameters which `kind` lacks or does not know."""
    if not missing and not unexpected:
        return
    parts = [
        f"{word} {', '.join(sorted(names)[:4])}{f' and {len(names) - 4} more' if len(names) > 4 else ''}"
        for word, names in (("missing", missing), ("unexpected", unexpected))
        if names
    ]
    raise CheckpointError(
        f"the parameters are not those of {kind}: {'; '.join(parts)}",
        remedy="Check that the file belongs to this kind of model (--family).",
        path=path,
    )
