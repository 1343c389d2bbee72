"""What a training run is told, as data, and how it is read from a TOML file."""

from __future__ import annotations

import difflib
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from graft_plugin.errors import UsageError

Level = Literal["pixel", "image", "both"]
LEVELS = ("pixel", "image", "both")
PRECISIONS = ("auto", "fp32", "bf16", "fp64")
PEAK_LR = {"pixel": 5e-5, "image": 1e-5, "both": 5e-5}
"""The paper's peak learning rates; of both levels together the pixel level's."""

PATHS = ("pairs", "out", "features", "validation_pairs")
_MUST_MATCH = (
    "level", "lr", "tau", "image_weight", "epochs", "steps", "minutes", "batch", "warmup", "weight_decay", "clip_norm",
    "lora_rank", "lora_alpha", "same_photo", "augment", "jitter", "validation_share", "validate_every", "seed",
    "precision",
)  # fmt: skip


@dataclass(frozen=True)
class TrainConfig:
    """Settings of one training run; `read_config` takes them from a TOML file under the same names.

    Attributes:
        pairs: Folder of tiles with their ground photos.
        out: Folder of the run: checkpoints, metrics, logs.
        parent: Model to start from: an id of `graft models list` of the families graft and open_clip, or a file.
        level: "pixel" (a vector a patch), "image" (a vector a tile) or "both" (their losses added).
        ground_model: Model whose image tower sees the ground photos; None for the CLIP that goes with the parent.
        features: Folder of stored ground features; None for `out`/features.
        epochs: Passes over the tiles, unless `steps` or `minutes` says otherwise.
        steps: Length in optimiser steps.
        minutes: Length by the clock; the learning rate follows it. Such a run is not repeatable to the bit.
        batch: Tiles a step, over all GPUs together. The number of negatives grows with it, memory hardly does.
        chunk: Tiles that go through the network at once on one device; memory grows with it, results do not change.
        lr: Peak learning rate; None for the paper's (5e-5 pixel, 1e-5 image).
        tau: Temperature.
        image_weight: Weight of the image level's loss where `level` is "both".
        warmup: Share of the run in which the learning rate rises linearly; after it a cosine falls to zero.
        weight_decay: AdamW's, on matrices.
        clip_norm: The gradient's norm is cut to this; None never.
        precision: "bf16", "fp32", "fp64" (tests), or "auto": bf16 where the device computes it natively.
        checkpointing: Compute activations twice instead of keeping them: less memory, a third slower.
        lora_rank: Rank of LoRA matrices beside the frozen weights; 0 trains the weights themselves.
        lora_alpha: LoRA's scale; None for twice the rank.
        same_photo: Photos whose features have at least this cosine are no negatives of each other; None for none.
        augment: Flip and turn tiles, at random.
        jitter: Change tone, colour and sharpness of tiles a little, at random.
        validation_pairs: A folder of its own to validate on; None holds out a part of `pairs`.
        validation_share: Share of tiles held out, in a few connected parts of the area; 0 for no validation.
        validate_every: Steps between validations; None for a tenth of the run.
        save_every: Steps between checkpoints; one is also written at each validation.
        device: "auto", "cpu" or "cuda".
        devices: GPUs (or processes) on this machine; torchrun's where that starts the run.
        workers: Processes that read tiles; 0 reads in the run's own.
        tensorboard: Write TensorBoard files beside the CSV.
        seed: Of batches, crops, flips, LoRA and the held-out part.
    """

    pairs: Path
    out: Path
    parent: str = "openai-vit-b-16"
    level: Level = "pixel"
    ground_model: str | None = None
    features: Path | None = None
    epochs: float = 10.0
    steps: int | None = None
    minutes: float | None = None
    batch: int = 1024
    chunk: int = 64
    lr: float | None = None
    tau: float = 0.07
    image_weight: float = 0.5
    warmup: float = 0.05
    weight_decay: float = 0.01
    clip_norm: float | None = 1.0
    precision: str = "auto"
    checkpointing: bool = False
    lora_rank: int = 0
    lora_alpha: float | None = None
    same_photo: float | None = None
    augment: bool = True
    jitter: bool = False
    validation_pairs: Path | None = None
    validation_share: float = 0.05
    validate_every: int | None = None
    save_every: int = 200
    device: str = "auto"
    devices: int = 1
    workers: int = 2
    tensorboard: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        for name in PATHS:
            value = getattr(self, name)
            if isinstance(value, str):
                object.__setattr__(self, name, Path(value))
        _check(self)

    @property
    def peak_lr(self) -> float:
        """The peak learning rate."""
        return PEAK_LR[self.level] if self.lr is None else self.lr

    @property
    def features_folder(self) -> Path:
        """Where the ground features are kept."""
        return self.features or self.out / "features"

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON-ready data."""
        return {name: str(v) if isinstance(v, Path) else v for name, v in asdict(self).items()}

    def differences(self, other: Mapping[str, Any]) -> list[str]:
        """Return the names of settings that decide the weights and differ from another run's `to_dict()`."""
        own = self.to_dict()
        return [name for name in _MUST_MATCH if own[name] != other.get(name)]


def read_config(path: str | Path, changes: Mapping[str, Any] | None = None) -> TrainConfig:
    """Read a TOML file; its keys are the fields of `TrainConfig`, paths are relative to the file.

    Args:
        path: The file.
        changes: Values that replace those of the file.

    Raises:
        UsageError: The file is missing or no TOML, or a key or value makes no sense; it is named.
    """
    file = Path(path)
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError("there is no such file", remedy="Check the path.", path=str(path)) from error
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise UsageError(f"the file cannot be read as TOML ({error})", path=str(path)) from error
    known = [field.name for field in fields(TrainConfig)]
    for key in PATHS:
        if isinstance(tables.get(key), str):
            tables[key] = file.parent / Path(tables[key]).expanduser()
    values = {**tables, **(changes or {})}
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            remedy = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}."
            raise UsageError(f"there is no setting {key!r}", remedy=remedy, path=str(path))
    lacking = [key for key in ("pairs", "out") if key not in values]
    if lacking:
        raise UsageError(f"the setting {' and '.join(lacking)} is missing", remedy="Write it.", path=str(path))
    try:
        return TrainConfig(**values)
    except UsageError as error:
        error.path = error.path or str(path)
        raise


def run_key(values: Mapping[str, Any]) -> str:
    """Return a short hash of JSON-ready data."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]


def _check(config: TrainConfig) -> None:
    _check_types(config)
    for name, choices in (("level", LEVELS), ("precision", PRECISIONS), ("device", ("auto", "cpu", "cuda"))):
        if getattr(config, name) not in choices:
            raise UsageError(f"{name} is {getattr(config, name)!r}", remedy=f"Use {', '.join(choices)}.")
    for name in ("steps", "minutes", "batch", "chunk", "epochs", "tau", "save_every", "devices", "validate_every"):
        value = getattr(config, name)
        if value is not None and value <= 0:
            raise UsageError(f"{name} is {value}", remedy="Give a number above 0.")
    for name in ("lr", "lora_alpha", "clip_norm", "lora_rank", "workers", "weight_decay", "image_weight"):
        value = getattr(config, name)
        if value is not None and value < 0:
            raise UsageError(f"{name} is {value}", remedy="Give a number that is not below 0.")
    for name, top in (("warmup", 1.0), ("validation_share", 0.5), ("same_photo", 1.0)):
        value = getattr(config, name)
        if value is not None and not 0 <= value <= top:
            raise UsageError(f"{name} is {value}", remedy=f"Give a number from 0 to {top:g}.")


def _check_types(config: TrainConfig) -> None:
    kinds: dict[str, tuple[type, ...]] = {
        "bool": (bool,), "int": (int,), "float": (int, float), "str": (str,), "Path": (Path,), "Level": (str,),
    }  # fmt: skip
    for field in fields(config):
        value = getattr(config, field.name)
        parts = str(field.type).split(" | ")
        if value is None and "None" in parts:
            continue
        wanted = kinds[parts[0]]
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            word = {"bool": "true or false", "int": "a whole number", "float": "a number"}.get(parts[0], "a text")
            raise UsageError(f"{field.name} is {value!r}", remedy=f"Give {word}.")
