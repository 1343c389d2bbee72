"""From a model's id or path to its encoders."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

from torch import Tensor

from ...errors import CheckpointError, UsageError
from ..grid import GsdRule
from .checkpoint import read_metadata, read_state_dict
from .checksum import file_sha256
from .encoder import VitEncoder
from .graft import is_graft, read_graft
from .openclip import is_open_clip, model_config, read_open_clip
from .registry import DEFAULT_TEXT, ModelEntry, find, load_registry, ready_file
from .text import TextEncoder, build_text_tower, clip_tokenizer
from .types import ImageWeights, Precision
from .words import WordTokenizer

DEFAULT_GSD = GsdRule({"naip": 1.0, "sentinel2": 10.0, "rgb": 1.0})
_DIMS_OF_DEFAULT_TEXT = 512


def load_encoder(model: str | Path, device: str = "cpu", precision: Precision = "auto") -> VitEncoder:
    """See `graft_plugin.engine.load_encoder`."""
    entry = entry_of(model)
    path, config = locate(model, entry)
    weights = read_image_weights(path, entry, config)
    return VitEncoder(
        weights,
        model_id=entry.id if entry else _name(model),
        sha256=file_sha256(path),
        gsd=(entry.gsd if entry and entry.gsd else None) or gsd_of(config),
        device=device,
        precision=precision,
    )


def load_text_encoder(model: str | Path) -> TextEncoder:
    """See `graft_plugin.engine.load_text_encoder`."""
    entry = entry_of(model)
    path, config = locate(model, entry)
    if config is not None:
        return _closed_text(path.parent, config)
    if entry is not None and entry.text is not None:
        return _paired_text(entry, find(entry.text), read_state_dict(path))
    state = read_state_dict(path)
    if is_graft(state):
        if (dim := read_graft(state, str(path)).shape.dim) != _DIMS_OF_DEFAULT_TEXT:
            raise UsageError(
                f"no text tower is known for a GRAFT checkpoint of {dim} dimensions",
                remedy="Add it with `graft models add` beside the CLIP that it was trained with.",
            )
        default = find(DEFAULT_TEXT)
        return _paired_text(replace(default, text=DEFAULT_TEXT), default, state)
    return _open_text(state, str(path), entry, entry or find(DEFAULT_TEXT))


def read_image_weights(path: Path, entry: Optional[ModelEntry], config: Optional[Mapping[str, Any]]) -> ImageWeights:
    """Read the image tower of a file by its entry's family, else by what its names tell.

    Raises:
        CheckpointError: The file is neither, or not what its entry says.
    """
    return image_weights_of(read_state_dict(path), path, entry, config)


def image_weights_of(
    state: Mapping[str, Tensor], path: Path, entry: Optional[ModelEntry], config: Optional[Mapping[str, Any]]
) -> ImageWeights:
    """As `read_image_weights`, of parameters that are read already."""
    family = entry.family if entry else None
    if family is None:
        family = "graft" if is_graft(state) else "open_clip" if is_open_clip(state) else None
    match family:
        case "graft":
            return read_graft(state, str(path), quick_gelu=_quick_gelu(path, entry, config))
        case "open_clip":
            architecture = entry.architecture if entry else None
            return read_open_clip(
                state, str(path), architecture=architecture, quick_gelu=entry.quick_gelu if entry else None
            )
        case "sam":
            raise UsageError("this model segments, it has no text", remedy="Choose an image-text model.")
    few = ", ".join(list(state)[:3])
    raise CheckpointError(
        f"the file is neither a GRAFT checkpoint nor an open_clip model (it holds {few}, …)",
        remedy="Give one of the two.",
        path=str(path),
    )


def _quick_gelu(path: Path, entry: Optional[ModelEntry], config: Optional[Mapping[str, Any]]) -> bool:
    """A GRAFT model's activation: the public ones have OpenAI CLIP's, one trained from another CLIP says so itself."""
    if config is not None:
        return bool(config["clip"].get("quick_gelu", False))
    if entry is not None and entry.quick_gelu is not None:
        return entry.quick_gelu
    return read_metadata(path).get("quick_gelu") != "false"


def entry_of(model: str | Path) -> Optional[ModelEntry]:
    """Return the entry of an id; None for a path."""
    name = str(model)
    entries = load_registry()
    if name in entries:
        return entries[name]
    if isinstance(model, Path) or Path(name).exists() or Path(name).suffix or len(Path(name).parts) > 1:
        return None
    return find(name)


def locate(model: str | Path, entry: Optional[ModelEntry]) -> tuple[Path, Optional[dict[str, Any]]]:
    """Return the image checkpoint, and the configuration of a closed-vocabulary model where it lies beside it."""
    if entry is not None:
        path = ready_file(entry)
        bundled = entry.folder is not None
    else:
        path = Path(model)
        bundled = path.is_dir()
        path = path / "graft.safetensors" if bundled else path
    beside = path.with_name("config.json")
    if path.name != "graft.safetensors" or not (bundled or beside.is_file()):
        return path, None
    try:
        config = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"the model's configuration cannot be read ({error})", path=str(beside)) from error
    lacking = [key for key in ("clip", "words", "templates", "contrast") if key not in config]
    if lacking:
        raise CheckpointError(f"the model's configuration lacks {', '.join(lacking)}", path=str(beside))
    return path, config


def _name(model: str | Path) -> str:
    path = Path(model)
    return path.name if path.is_dir() else path.stem


def gsd_of(config: Optional[Mapping[str, Any]]) -> GsdRule:
    """Return the ground resolution of a model that is in no list."""
    return (find("mini").gsd if config is not None else None) or DEFAULT_GSD


def _closed_text(folder: Path, config: Mapping[str, Any]) -> TextEncoder:
    """A model with its own few words; a cosine is scaled by the satellite encoder's own 1/τ where its file tells."""
    path = folder / "clip.safetensors"
    clip = config["clip"]
    state = read_state_dict(path)
    tower, length, dim = build_text_tower(
        state, str(path), quick_gelu=bool(clip.get("quick_gelu", False)), config=clip["text_cfg"]
    )
    tokenizer = WordTokenizer(config["words"], length)
    if tokenizer.vocab_size != clip["text_cfg"].get("vocab_size"):
        raise CheckpointError(
            f"the text tower has {clip['text_cfg'].get('vocab_size')} tokens, the list of words makes "
            f"{tokenizer.vocab_size}",
            path=str(folder / "config.json"),
        )
    return TextEncoder(
        tower,
        tokenizer,
        dim=dim,
        logit_scale=_own_scale(read_state_dict(folder / "graft.safetensors")) or _clip_scale(state),
        templates=config["templates"],
        contrast=config["contrast"],
    )


def _paired_text(entry: ModelEntry, partner: ModelEntry, image: Mapping[str, Tensor]) -> TextEncoder:
    """A GRAFT model's texts: the tower of the CLIP that it was trained against, at GRAFT's own 1/τ."""
    path = ready_file(partner)
    return _open_text(read_state_dict(path), str(path), partner, entry, _own_scale(image))


def _open_text(
    state: Mapping[str, Tensor],
    path: str,
    source: Optional[ModelEntry],
    style: ModelEntry,
    scale: Optional[float] = None,
) -> TextEncoder:
    config = model_config(source.architecture) if source and source.architecture else None
    quick = source.quick_gelu if source else None
    if quick is None:
        quick = bool(config.get("quick_gelu", False)) if config else "input_resolution" in state
    tower, length, dim = build_text_tower(
        state, path, quick_gelu=quick, config=config["text_cfg"] if config is not None else None
    )
    return TextEncoder(
        tower,
        clip_tokenizer(length),
        dim=dim,
        logit_scale=scale or _clip_scale(state),
        templates=style.templates,
        contrast=style.contrast,
    )


def _own_scale(image: Mapping[str, Tensor]) -> Optional[float]:
    scale = image.get("logit_scale")
    return None if scale is None else float(scale)


def _clip_scale(state: Mapping[str, Tensor]) -> float:
    scale = state.get("logit_scale")
    return 100.0 if scale is None else float(scale.float().exp())
