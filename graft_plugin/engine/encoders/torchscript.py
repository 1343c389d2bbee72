"""Tensors of a TorchScript archive, the form in which OpenAI publishes CLIP, read without running its code.

The archive is a zip with `data.pkl`, one raw file for each storage under `data/`, and the program under `code/`. Only
the first two are read here, by an unpickler that knows eight names and makes inert objects of the module classes.
Format: torch/csrc/jit/docs/serialization.md of PyTorch.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...errors import CheckpointError

_STORAGES = {
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "DoubleStorage": torch.float64,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}


class _Module:
    """A script module, reduced to its attributes."""

    def __setstate__(self, state: object) -> None:
        self.attributes = state if isinstance(state, dict) else {}


def is_torchscript(path: Path) -> bool:
    """Whether a zip file is a TorchScript archive; False for a damaged zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("/constants.pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def read_torchscript(path: Path) -> dict[str, Tensor]:
    """Return attribute path → tensor of the archived module.

    Raises:
        CheckpointError: The archive is damaged or names something beyond modules and tensors.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            root = next(n for n in archive.namelist() if n.endswith("/data.pkl"))
            module = _Unpickler(archive, root).load()
    except CheckpointError as error:
        raise CheckpointError(error.message, remedy=error.remedy, path=str(path)) from error
    except Exception as error:  # a damaged pickle stream can raise anything
        raise CheckpointError(
            f"the TorchScript archive is damaged ({type(error).__name__}: {error})",
            remedy="Get the file again from its publisher.",
            path=str(path),
        ) from error
    tensors: dict[str, Tensor] = {}
    _collect(module, "", tensors)
    return tensors


def _collect(module: object, prefix: str, into: dict[str, Tensor]) -> None:
    if isinstance(module, _Module):
        for name, value in module.attributes.items():
            if isinstance(value, Tensor):
                into[f"{prefix}{name}"] = value
            else:
                _collect(value, f"{prefix}{name}.", into)


class _Unpickler(pickle.Unpickler):
    def __init__(self, archive: zipfile.ZipFile, root: str) -> None:
        super().__init__(io.BytesIO(archive.read(root)))
        self._archive = archive
        self._folder = root[: -len("data.pkl")] + "data/"
        self._storages: dict[str, Tensor] = {}

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401
        if module.startswith("__torch__"):
            return _Module
        if module == "torch" and name in _STORAGES:
            return _STORAGES[name]
        known: dict[tuple[str, str], Callable] = {
            ("torch._utils", "_rebuild_tensor_v2"): _rebuild,
            ("collections", "OrderedDict"): OrderedDict,
            ("torch.jit._pickle", "restore_type_tag"): lambda value, tag: value,
            **{
                ("torch.jit._pickle", f"build_{kind}list"): lambda value: value
                for kind in ("int", "double", "bool", "tensor")
            },
        }
        if (module, name) in known:
            return known[module, name]
        raise CheckpointError(
            f"the archive holds an object beyond tensors ({module}.{name}); it was refused, and is never unpickled",
            remedy="Convert it to safetensors with the program that wrote it.",
        )

    def persistent_load(self, pid: Any) -> Tensor:  # noqa: ANN401
        _, dtype, key, _, size = pid
        if key not in self._storages:
            raw = bytearray(self._archive.read(self._folder + key))
            self._storages[key] = torch.frombuffer(raw, dtype=dtype)[:size] if raw else torch.empty(0, dtype=dtype)
        return self._storages[key]


def _rebuild(storage: Tensor, offset: int, size: tuple, stride: tuple, *_: object) -> Tensor:
    return storage.as_strided(tuple(size), tuple(stride), offset)
