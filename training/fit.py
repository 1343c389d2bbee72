"""A training run from its settings to its best checkpoint."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.strategies import DDPStrategy, SingleDeviceStrategy, Strategy

from graft_plugin.engine.encoders.checksum import file_sha256
from graft_plugin.engine.encoders.encoder import resolve_precision
from graft_plugin.errors import CheckpointError, OutputError, UsageError

from .config import TrainConfig
from .data import PairData
from .gathered import share_weights
from .journal import Report
from .keeper import BEST, LAST, Keeper, Validate
from .lora import add_lora
from .memory import explain
from .module import GraftModule
from .tower import Parent, Tower, load_parent


@dataclass(frozen=True)
class FitResult:
    """What came of a run.

    Attributes:
        best: The checkpoint with the best validation score, for `export.export_graft`.
        scores: "before" (the parent's own), "best" and "last", each {"score", "loss"}; "best_step", "steps", "tiles",
            "photos", "stopped". Without validation only the counts.
        seconds: Training time, validations included.
    """

    best: Path
    scores: dict[str, Any]
    seconds: float


class SharedStrategy(DDPStrategy):
    """Several processes without a wrapper around the module: it adds up the gradients itself (`gathered`)."""

    def configure_ddp(self) -> None:
        """Give every process the first one's weights."""
        if self.model is not None:
            share_weights(self.model)


def fit(
    config: TrainConfig,
    report: Report = lambda event: None,
    stop: Callable[[], bool] = lambda: False,
    *,
    resume: bool = False,
    validate: Validate | None = None,
) -> FitResult:
    """Train, and keep the best.

    Args:
        config: The settings.
        report: Called with {"event": "features", "photos"}, {"event": "start", "tiles", "held_out", "photos", "steps"},
            {"event": "step", "step", "steps", "seconds", "loss", "lr", "gradient", "images_s"} and
            {"event": "validation", "step", "seconds", "score", "loss"}.
        stop: Asked after every step; true validates once more, writes a checkpoint and ends the run.
        resume: Go on from the checkpoint in `config.out`, where there is one.
        validate: Scores the tower, higher is better, instead of the held-out tiles; it is in evaluation mode, without
            gradients: `tower(uint8 images [B, 3, S, S])` → image [B, D] and patch [B, P, D] vectors.

    Raises:
        UsageError: The settings do not fit the data, the parent or the run that is resumed, or memory ran out.
        CheckpointError: The parent or the checkpoint cannot be read.
        OutputError: The run's folder cannot be written.
        DivergedError: The loss is no number any more.
    """
    facts = _run_folder(config, resume)
    if facts is not None and facts["kept"].get("finished"):
        return _result(config, facts)
    parent = load_parent(config.parent)
    device = _device(config)
    precision = config.precision if config.precision == "fp64" else resolve_precision(config.precision, device)
    torch.manual_seed(config.seed)
    tower = Tower(parent.weights)
    if config.lora_rank:
        add_lora(tower, config.lora_rank, config.lora_alpha, config.seed)
    if config.checkpointing:
        tower.use_checkpointing()
    shape = parent.weights.shape
    data = PairData(config, config.ground_model or config.parent, shape.image_px, shape.patch_px, report, stop)
    module = GraftModule(tower, config, precision, _about(config, parent, precision))
    callbacks = [_Starter(module, data, report), Keeper(data, report, stop, validate)]
    with _quiet():
        try:
            last = config.out / LAST if facts is not None else None
            trainer = _trainer(config, device, callbacks)
            trainer.fit(module, datamodule=data, ckpt_path=last, weights_only=True if last else None)
        except Exception as error:
            explained = explain(error, config)
            if explained is not None:
                raise explained from error
            raise
    return _result(config, module.facts())


def _result(config: TrainConfig, facts: dict[str, Any]) -> FitResult:
    kept = facts["kept"]
    scores = {name: kept[name] for name in ("before", "best", "last", "best_step", "stopped") if name in kept}
    return FitResult(config.out / BEST, {**scores, **kept["counts"], "steps": facts["step"]}, facts["seconds"])


class _Starter(L.Callback):
    """Checks the data against the model and the run, once both are known, before the first step."""

    def __init__(self, module: GraftModule, data: PairData, report: Report) -> None:
        self.module, self.data, self.report = module, data, report

    def setup(self, trainer: L.Trainer, module: L.LightningModule, stage: str) -> None:
        """Check dimensions, and tell how long the run will be."""
        data, dim = self.data, self.module.tower.shape.dim
        if data.features.dim != dim:
            raise UsageError(
                f"the ground photos' vectors have {data.features.dim} dimensions, those of the model {dim}",
                remedy=f"Set ground_model to the CLIP that goes with {data.config.parent}.",
            )
        if len(data.rows) < 2 or not len(data.features):
            raise UsageError(
                f"there are {len(data.rows)} tiles and {len(data.features)} photos to train on",
                remedy="Collect more, or hold out fewer.",
                path=str(data.config.pairs),
            )
        self.module.steps = data.steps
        self.module.about["data_key"] = data.key
        self.module.kept["counts"] = {"tiles": len(data.rows), "photos": len(data.features)}
        if trainer.is_global_zero:
            counts = {"tiles": len(data.rows), "held_out": len(data.held), "photos": len(data.features)}
            self.report({"event": "start", **counts, "steps": data.steps if data.steps < 1 << 40 else None})

    def on_load_checkpoint(self, trainer: L.Trainer, module: L.LightningModule, checkpoint: dict[str, Any]) -> None:
        """Refuse to go on with another parent or other data than those of the checkpoint."""
        facts, different = checkpoint["graft"], []
        if facts["parent"]["sha256"] != self.module.about["parent"]["sha256"]:
            different.append("parent")
        if facts["data_key"] != self.data.key:
            different.append("pairs (its tiles or photos have changed)")
        if different:
            raise _other_run(different, self.data.config)


def _run_folder(config: TrainConfig, resume: bool) -> dict[str, Any] | None:
    """Make the run's folder; return what the checkpoint in it tells, or None where there is none."""
    last = config.out / LAST
    try:
        config.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"the folder cannot be made ({error.strerror})", remedy="Name another.", path=str(config.out)
        ) from error
    if not last.exists():
        return None
    if not resume:
        raise UsageError(
            "this folder holds a run already", remedy="Resume it, or name another folder.", path=str(config.out)
        )
    try:
        facts: dict[str, Any] = torch.load(last, map_location="cpu", weights_only=True, mmap=True)["graft"]
        different = config.differences(facts["config"])
        facts["step"], facts["kept"]["counts"], facts["seconds"], facts["parent"]["sha256"], facts["data_key"]
    except Exception as error:
        raise CheckpointError(
            f"the checkpoint cannot be read ({error})", remedy="Begin the run anew in another folder.", path=str(last)
        ) from error
    if different:
        raise _other_run(different, config)
    return facts


def _other_run(different: list[str], config: TrainConfig) -> UsageError:
    return UsageError(
        f"the run in this folder was begun with another {', '.join(different)}",
        remedy="Give its settings, or name another folder for a new run.",
        path=str(config.out),
    )


def _about(config: TrainConfig, parent: Parent, precision: str) -> dict[str, Any]:
    weights = parent.weights
    return {
        "config": config.to_dict(),
        "precision": precision,
        "shape": asdict(weights.shape),
        "mlp_width": weights.visual["transformer.resblocks.0.mlp.c_fc.weight"].shape[0],
        "quick_gelu": weights.quick_gelu,
        "parent": {
            "name": parent.name,
            "sha256": file_sha256(parent.path),
            "licence": parent.licence,
            "family": parent.family,
            "text": parent.text,
            "folder": str(parent.folder) if parent.folder else None,
            "logit_scale": weights.logit_scale if parent.family == "graft" else None,
            "projector": weights.projector is not None,
            "gsd": dict(parent.gsd) if parent.gsd else None,
        },
    }


def _trainer(config: TrainConfig, device: torch.device, callbacks: list[L.Callback]) -> L.Trainer:
    """Lightning's trainer for one pass over the run's steps; what it would do besides, the callbacks do."""
    here, machines = _processes(config)
    return L.Trainer(
        accelerator="gpu" if device.type == "cuda" else "cpu", strategy=_strategy(config, device), devices=here,
        num_nodes=machines, max_epochs=1, callbacks=callbacks, logger=False, limit_val_batches=0,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0,
        use_distributed_sampler=False,
    )  # fmt: skip


def _device(config: TrainConfig) -> torch.device:
    available = torch.cuda.is_available()
    if config.device == "cuda" and not available:
        raise UsageError("this machine has no usable CUDA device", remedy="Set device to auto or cpu.")
    return torch.device("cuda" if available and config.device != "cpu" else "cpu")


def _processes(config: TrainConfig) -> tuple[int, int]:
    """Return processes on this machine, and machines: torchrun's where it started this one."""
    if "TORCHELASTIC_RUN_ID" in os.environ:
        here = int(os.environ["LOCAL_WORLD_SIZE"])
        return here, int(os.environ["WORLD_SIZE"]) // here
    return config.devices, 1


def _strategy(config: TrainConfig, device: torch.device) -> Strategy:
    here, machines = _processes(config)
    if here * machines == 1:
        return SingleDeviceStrategy(device=torch.device("cuda", 0) if device.type == "cuda" else device)
    if config.batch < here * machines:
        raise UsageError(f"a batch of {config.batch} does not fill {here * machines} processes", remedy="Raise batch.")
    return SharedStrategy(process_group_backend="nccl" if device.type == "cuda" else "gloo")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Lightning's advice to programmers from the user."""
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"lightning\..*")
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
