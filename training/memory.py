"""When memory runs out: what to lower, in plain words."""

from __future__ import annotations

import torch

from graft_plugin.errors import GraftError, UsageError

from .config import TrainConfig

_SIGNS = ("out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory", "bad alloc")
_WORKER = "DataLoader worker"


def explain(error: BaseException, config: TrainConfig) -> GraftError | None:
    """Return the error for a user where `error` says that memory ran out; None for any other."""
    seen: BaseException | None = error
    while seen is not None:
        text = str(seen)
        if _WORKER in text and ("killed" in text.lower() or "bus error" in text.lower()):
            return UsageError(
                "a process that reads tiles was killed, most likely because memory ran out",
                remedy=f"Lower workers (now {config.workers}); 0 reads tiles in the run's own process.",
            )
        if isinstance(seen, (MemoryError, torch.cuda.OutOfMemoryError)) or (
            isinstance(seen, RuntimeError) and any(sign in text.lower() for sign in _SIGNS)
        ):
            gpu = isinstance(seen, torch.cuda.OutOfMemoryError) or "CUDA" in text
            return _too_much(config, "GPU" if gpu else "machine")
        seen = seen.__cause__ or seen.__context__
    return None


def _too_much(config: TrainConfig, where: str) -> UsageError:
    steps = []
    if config.chunk > 1:
        steps.append(f"lower chunk (now {config.chunk}), which changes no result")
    if not config.checkpointing:
        steps.append("set checkpointing = true")
    if not config.lora_rank:
        steps.append("set lora_rank = 8")
    if config.batch > 2:
        steps.append(f"lower batch (now {config.batch})")
    if where == "machine" and config.workers:
        steps.append(f"lower workers (now {config.workers})")
    first, *others = steps or ["choose a smaller parent"]
    remedy = first[0].upper() + first[1:] + (f"; if that is not enough, {', '.join(others)}" if others else "") + "."
    return UsageError(f"the {where}'s memory is not enough for this training", remedy=remedy)
