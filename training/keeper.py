"""What happens between the steps of a run: events, validation, checkpoints, and an early end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L
import torch

from graft_plugin.errors import OutputError

from .data import PairData
from .gathered import first_says
from .journal import Journal, Report
from .module import GraftModule
from .score import score_held_out
from .tower import Tower

LAST, BEST = "last.ckpt", "best.ckpt"
Validate = Callable[[Tower], float]


class Keeper(L.Callback):
    """Watches a run; whatever it writes appears whole or not at all.

    Args:
        data: For the held-out tiles.
        report: Gets the events of the run.
        stop: Asked after every step; true ends the run.
        validate: A score of one's own, higher is better, in the place of that of the held-out tiles.
    """

    def __init__(
        self, data: PairData, report: Report, stop: Callable[[], bool], validate: Validate | None
    ) -> None:
        self.data, self.report, self.stop, self.own = data, report, stop, validate
        self.config = data.config
        self._journal: Journal | None = None
        self._reported = 0.0

    def on_train_start(self, trainer: L.Trainer, module: GraftModule) -> None:  # type: ignore[override]
        """Open the journal; the parent's own score is the first to beat."""
        self._first = trainer.is_global_zero
        if self._first:
            self._journal = Journal(self.config.out, tensorboard=self.config.tensorboard, step=module.step)
        if module.step == 0:
            self._validate(module)
        if first_says(float(self.stop()))[0]:
            module.kept["stopped"] = trainer.should_stop = True

    def on_train_batch_end(  # type: ignore[override]
        self, trainer: L.Trainer, module: GraftModule, outputs: Any, batch: Any, number: int  # noqa: ANN401
    ) -> None:
        """Report; validate and save where it is time; end where it was asked for."""
        self._say(module, outputs)
        config, step = self.config, module.step
        stopped, over = (bool(v) for v in first_says(float(self.stop()), float(module.progress() >= 1)))
        module.kept["stopped"], module.kept["finished"] = stopped and not over, over
        ends = stopped or over
        due = ends or self._due(module)
        if due:
            self._validate(module)
        if due or step % config.save_every == 0:
            self.save(trainer)
        if ends:
            trainer.should_stop = True
        module.rested = time.monotonic()

    def teardown(self, trainer: L.Trainer, module: GraftModule, stage: str) -> None:  # type: ignore[override]
        """Finish the journal."""
        self._close()

    def on_exception(  # type: ignore[override]
        self, trainer: L.Trainer, module: GraftModule, exception: BaseException
    ) -> None:
        """Finish the journal."""
        self._close()

    def _close(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def save(self, trainer: L.Trainer) -> None:
        """Write the checkpoint that a resumed run goes on from."""
        partial = self.config.out / f"{LAST}.tmp"
        trainer.save_checkpoint(partial)
        if trainer.is_global_zero:
            _replace(partial, self.config.out / LAST)

    def _say(self, module: GraftModule, outputs: dict[str, Any]) -> None:
        if self._journal is None:
            return
        figures = outputs["figures"]
        epoch = module.step * self.data.batches().batch / max(1, len(self.data.rows))
        self._journal.write(module.step, {**figures, "epoch": epoch, "seconds": module.seconds})
        steps = module.steps
        if self.config.minutes is not None and self.config.steps is None:
            steps = max(module.step, round(module.step / max(1e-9, module.progress())))
        event = {"event": "step", "step": module.step, "steps": steps, "seconds": module.seconds}
        self.report({**event, **figures})

    def _due(self, module: GraftModule) -> bool:
        if self.config.validate_every is not None:
            return module.step % self.config.validate_every == 0
        if self.config.minutes is not None and self.config.steps is None:
            (tenth,) = first_says(float(int(10 * module.progress())))
            due = tenth > module.kept.get("tenth", 0)
            module.kept["tenth"] = int(tenth)
            return due
        return module.step % max(1, module.steps // 10) == 0

    def _validate(self, module: GraftModule) -> None:
        found = self._score(module)
        if found is None:
            if self._first:  # nothing is held out: the latest is the best there is
                self._save_best(module)
            return
        kept = module.kept
        kept.setdefault("before", found)
        kept["last"] = found
        if "best" not in kept or found["score"] > kept["best"]["score"]:
            kept["best"], kept["best_step"] = found, module.step
            if self._first:
                self._save_best(module)
        if self._journal is not None:
            named = {"score": found["score"]}
            named |= {"validation_loss": found["loss"]} if "loss" in found else {}
            self._journal.write(module.step, {**named, "seconds": module.seconds})
            self.report({"event": "validation", "step": module.step, "seconds": module.seconds, **found})

    def _score(self, module: GraftModule) -> dict[str, float] | None:
        module.tower.eval()
        try:
            with torch.no_grad():
                if self.own is not None:
                    score = float(self.own(module.tower))
                    return {"score": first_says(score)[0]}
                found = score_held_out(module, self.data)
        finally:
            module.tower.train()
        return None if found is None else dict(zip(found, first_says(*found.values()), strict=True))

    def _save_best(self, module: GraftModule) -> None:
        partial = self.config.out / f"{BEST}.tmp"
        state = {name: value.detach().cpu() for name, value in module.state_dict().items()}
        try:
            torch.save({"state_dict": state, "graft": module.facts()}, partial)
        except (OSError, RuntimeError) as error:
            raise _unwritable(error, partial) from error
        _replace(partial, self.config.out / BEST)


def _replace(partial: Path, target: Path) -> None:
    try:
        with partial.open("rb+") as stream:
            os.fsync(stream.fileno())
        partial.replace(target)
    except OSError as error:
        raise _unwritable(error, target) from error


def _unwritable(error: Exception, path: Path) -> OutputError:
    return OutputError(f"the checkpoint cannot be written ({error})", remedy="Make room there.", path=str(path))
