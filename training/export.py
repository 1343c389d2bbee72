"""From a checkpoint of a run to a model that the engine loads: the official GRAFT layout in float16, with its card."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from graft_plugin.engine.encoders.graft import to_graft_state_dict
from graft_plugin.engine.encoders.types import VitShape
from graft_plugin.engine.outputs import Staging
from graft_plugin.errors import CheckpointError, OutputError

from .card import card_text
from .config import PATHS, TrainConfig
from .lora import add_lora, merge_lora
from .tower import Tower, empty_tower

MODEL = "graft.safetensors"
_BESIDE = ("config.json", "clip.safetensors", "sam.safetensors")
_PRIVATE = {*PATHS, "parent", "ground_model"}  # folders of whoever trained are nobody else's business


def load_tower(checkpoint: str | Path) -> tuple[Tower, dict[str, Any]]:
    """Return the trained network of a checkpoint, LoRA merged, float32 and in evaluation mode, and its facts.

    Raises:
        CheckpointError: The file is no checkpoint of `fit`.
    """
    try:
        held = torch.load(checkpoint, map_location="cpu", weights_only=True)
        facts, state = held["graft"], held["state_dict"]
        config = facts["config"]
        tower = empty_tower(VitShape(**facts["shape"]), facts["mlp_width"], facts["quick_gelu"])
        if config["lora_rank"]:
            add_lora(tower, config["lora_rank"], config["lora_alpha"], config["seed"])
        tower.load_state_dict({name.removeprefix("tower."): value.float() for name, value in state.items()})
    except Exception as error:
        raise CheckpointError(
            f"this is no checkpoint of a training run ({error})", remedy="Give a best.ckpt.", path=str(checkpoint)
        ) from error
    if config["lora_rank"]:
        merge_lora(tower)
    return tower.eval(), facts


def export_graft(
    checkpoint: str | Path, out_folder: str | Path, card: Mapping[str, Any], *, logit_scale: float | None = None
) -> Path:
    """Write the model of a checkpoint: `graft.safetensors` (official names, float16), `card.json` and `card.md`.

    A parent with a closed vocabulary has its words and text tower copied beside, so that texts work as before.

    Args:
        checkpoint: What `fit` left.
        out_folder: A folder, made where it is missing; the files in it are replaced.
        card: What there is to say of the model that the checkpoint does not know (title, data, licence, scores, …); it
            wins over what the checkpoint knows.
        logit_scale: 1/τ for the engine; None for the parent's own where it is a GRAFT model, else the run's.

    Returns:
        The model file, for `graft_plugin.engine.load_encoder`.

    Raises:
        CheckpointError: The file is no checkpoint of `fit`, or weights do not fit float16.
        OutputError: The folder cannot be written.
    """
    tower, facts = load_tower(checkpoint)
    out, parent = Path(out_folder), facts["parent"]
    visual, projector = tower.official()
    keeps = facts["config"]["level"] != "image" or parent["projector"]
    scale = logit_scale or parent["logit_scale"] or 1 / facts["config"]["tau"]
    state = _halved(to_graft_state_dict(visual, projector if keeps else None, scale), str(checkpoint))
    full = {**_known(facts, keeps, scale), **card, "quick_gelu": facts["quick_gelu"]}
    try:
        out.mkdir(parents=True, exist_ok=True)
        with Staging() as staging:
            _write(staging, out, state, full, parent["folder"])
            staging.commit()
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"cannot be written ({error})", remedy="Make room there.", path=str(out)) from error
    return out / MODEL


def _write(
    staging: Staging, out: Path, state: Mapping[str, Tensor], card: Mapping[str, Any], folder: str | None
) -> None:
    from safetensors.torch import save_file

    metadata = {"format": "pt", "quick_gelu": "true" if card["quick_gelu"] else "false"}
    save_file(dict(state), staging.place(out / MODEL), metadata)
    staging.place(out / "card.json").write_text(
        json.dumps(card, indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8"
    )
    staging.place(out / "card.md").write_text(card_text(card), encoding="utf-8")
    for name in _BESIDE if folder else ():
        source = Path(str(folder)) / name
        if source.is_file() and source.resolve() != (out / name).resolve():
            shutil.copyfile(source, staging.place(out / name))


def _halved(state: Mapping[str, Tensor], path: str) -> dict[str, Tensor]:
    """Return float16 weights; `logit_scale` stays as it is, as in the bundled model."""
    halved = {name: value if name == "logit_scale" else value.half() for name, value in state.items()}
    wrong = [name for name, value in halved.items() if not torch.isfinite(value).all()]
    if wrong:
        raise CheckpointError(
            f"{wrong[0]} holds values that float16 cannot", remedy="Train with a lower lr.", path=path
        )
    return halved


def _known(facts: Mapping[str, Any], projector: bool, scale: float) -> dict[str, Any]:
    config, parent, kept = facts["config"], facts["parent"], facts["kept"]
    return {
        "title": f"{parent['name']}, trained on local imagery",
        "parent": {key: parent[key] for key in ("name", "sha256", "licence", "family")},
        "licence": parent["licence"],
        "text": parent["text"],
        "own_words": parent["folder"] is not None,
        "quick_gelu": facts["quick_gelu"],
        "gsd": parent["gsd"],
        "shape": facts["shape"],
        "level": config["level"],
        "patches_trained": projector and config["level"] != "image",
        "logit_scale": scale,
        "data": {"pairs": Path(config["pairs"]).name},
        "minutes": round(facts["seconds"] / 60, 2),
        "steps": facts["step"],
        "scores": {key: kept[key] for key in ("before", "best", "best_step") if key in kept},
        "settings": {name: value for name, value in config.items() if name not in _PRIVATE},
    }


def settings_of(facts: Mapping[str, Any]) -> TrainConfig:
    """Return the settings that a checkpoint was made with."""
    return TrainConfig(**facts["config"])
