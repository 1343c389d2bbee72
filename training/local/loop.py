"""Learning by the clock: a lesson and something to keep at every step, judged now and then, the best kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from ..mini.satellite import jitter
from .keeping import Keeping
from .student import State, Student
from .teaching import Teaching

Tell = Callable[[dict[str, Any]], None]
"""Takes an event, JSON-ready."""

SHARES = (1.0, 0.85, 0.7, 0.5)
"""How far along the line from the parent the kept weights may lie."""


@dataclass(frozen=True)
class LoopSettings:
    """How to learn.

    Attributes:
        seconds: Length by the clock; the schedule follows it. `steps` wins where given.
        steps: Length in steps.
        batch: Pictures a step.
        peak_lr: Peak learning rate of AdamW.
        keep_weight: Weight of what is to be kept: of 1 - cosine with the parent's vectors.
        whole_share: The last share of the run, which looks at whole tiles; before, at quarters of them.
        memory: How much of the running mean of the weights a step leaves; the mean is judged and kept, not the weights
            of one step: it jumps less, and forgets less.
        nearly: Of weights with nearly the same score the later are kept: the learning rate has fallen further.
        kept: The share of the parent's answers elsewhere that should stay; where fewer do, the weights go back towards
            the parent (`SHARES`), as long as `half` of the gain stays.
        half: That share of the gain.
        seed: Seed of batches and augmentation.
        judgements: Judgements in a run.
    """

    seconds: float
    steps: int | None = None
    batch: int = 24
    peak_lr: float = 1e-3
    keep_weight: float = 10.0
    whole_share: float = 0.15
    memory: float = 0.98
    nearly: float = 0.01
    kept: float = 0.85
    half: float = 0.5
    seed: int = 0
    judgements: int = 8


@dataclass
class Best:
    """The best weights so far, and how they were judged; `top` is the highest score, which may be another's."""

    score: float
    top: float
    state: State | None = None
    step: int = 0
    scores: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Learnt:
    """What came of a run.

    Attributes:
        state: The weights to keep; None where nothing was better than the parent.
        share: How far they lie from the parent, 1.0: as learnt.
        kept: Share of the parent's answers elsewhere that they leave as they are.
        steps: Steps done.
        seconds: Time taken.
        stopped: Whether the user ended it early.
    """

    state: State | None
    share: float
    kept: float
    steps: int
    seconds: float
    stopped: bool


class Loop:
    """One run.

    Args:
        student: The model.
        teaching: What it learns from.
        keeping: What it must keep.
        settings: How.
        tell: Told of steps and judgements.
        stop: Looked at before every step: true ends the run and keeps the best.
    """

    def __init__(
        self, student: Student, teaching: Teaching, keeping: Keeping, settings: LoopSettings, tell: Tell,
        stop: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._student, self._teaching, self._keeping = student, teaching, keeping
        self._settings, self._tell, self._stop = settings, tell, stop
        self._rng = np.random.default_rng([settings.seed, 35])
        self._generator = torch.Generator().manual_seed(settings.seed)
        self._optimizer = torch.optim.AdamW(student.learning, lr=settings.peak_lr, weight_decay=0.0)
        self._start = time.monotonic()
        self._step = 0
        self._mean: State = student.state()

    def run(self) -> Learnt:
        """Learn to the end, or until stopped."""
        s = self._settings
        torch.manual_seed(s.seed)
        first = self._judge(0.0)["score"]
        best = Best(first, first)
        self._start = time.monotonic()
        told, due, stopped = 0.0, 1.0 / s.judgements, False
        while (done := self._done()) < 1:
            if self._stop():
                stopped = True
                break
            loss = self._learn(done)
            self._step += 1
            self._average()
            if self._spent() - told > 0.5 or self._step == 1:
                told = self._spent()
                self._tell({"event": "step", **self._where(), "loss": loss})
            if self._done() >= due:
                due += 1.0 / s.judgements
                self._consider(best, first)
        if stopped and self._step:
            self._consider(best, first)
        seconds = self._spent()
        state, share, kept = self._settle(best, first)
        return Learnt(state, share, kept, self._step, seconds, stopped)

    def _learn(self, done: float) -> float:
        """Do one step. Returns the loss."""
        s, student = self._settings, self._student
        side, patch = student.model.visual.image_size[0], student.model.visual.conv1.weight.shape[-1]
        grid = side // patch
        part = grid if done >= 1 - s.whole_share else max(1, grid // 2)
        count = max(2, s.batch // 2) if part == grid else s.batch
        corner = tuple(int(v) for v in self._rng.integers(0, grid - part + 1, 2))
        for group in self._optimizer.param_groups:
            group["lr"] = s.peak_lr * min(1.0, done / 0.1 + 0.02) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
        lesson = self._teaching.lesson(self._rng, count, part * patch)
        self._student.model.train()
        _, patches = student.see(jitter(lesson.images, self._generator), (corner[0], corner[1]))
        taught = self._teaching.loss(patches, lesson.target)
        loss = taught + s.keep_weight * self._kept(max(2, count // 2), part * patch, (corner[0], corner[1]))
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.learning, 1.0)
        self._optimizer.step()
        return float(taught.detach())

    def _kept(self, count: int, crop_px: int, corner: tuple[int, int]) -> torch.Tensor:
        """Return how far the student is from its parent on what is to be kept: the mean of 1 - cosine."""
        images = jitter(self._keeping.draw(self._rng, count, crop_px), self._generator)
        with torch.no_grad():
            image, patches = self._student.see(images, corner, teacher=True)
        own_image, own_patches = self._student.see(images, corner)
        return (1 - (own_patches * patches).sum(-1)).mean() + 0.2 * (1 - (own_image * image).sum(-1)).mean()

    def _consider(self, best: Best, first: float) -> None:
        """Judge the mean of the weights so far, and keep it where it is the best, or nearly."""
        now = self._student.state()
        self._student.take(self._mean)
        scores = self._judge(self._done())
        self._student.take(now)
        best.top = max(best.top, scores["score"])
        if scores["score"] > first and scores["score"] >= best.top - self._settings.nearly:
            best.score, best.state, best.step, best.scores = scores["score"], self._copy(), self._step, scores
            self._tell({"event": "best", **self._where(), **scores})

    @torch.no_grad()
    def _average(self) -> None:
        """Take the weights of this step into their running mean, which is short at first."""
        share = 1 - min(self._settings.memory, self._step / (self._step + 9))
        for name, value in self._student.model.state_dict().items():
            if value.is_floating_point():
                self._mean[name].lerp_(value, share)

    def _copy(self) -> State:
        return {name: value.clone() for name, value in self._mean.items()}

    def _judge(self, done: float) -> dict[str, float]:
        self._student.model.eval()
        scores = self._teaching.judge(self._student.encode, final=False)
        self._student.model.train()
        self._tell({"event": "validation", **self._where(), "done": round(done, 4), **scores})
        return scores

    def _settle(self, best: Best, first: float) -> tuple[State | None, float, float]:
        """Go back towards the parent where too much of its skill is forgotten, as long as half of the gain stays."""
        if best.state is None:
            return None, 0.0, 1.0
        s, found = self._settings, (best.state, 1.0, 0.0)
        for share in SHARES:
            state = self._student.between(best.state, share)
            self._student.take(state)
            self._student.model.eval()
            gain = best.score - first if share == 1.0 else self._judge(1.0)["score"] - first
            if share < 1.0 and gain < s.half * (best.score - first):
                break
            found = (state, share, self._keeping.agreement(self._student.encode_before, self._student.encode))
            if found[2] >= s.kept:
                break
        return found

    def _spent(self) -> float:
        return time.monotonic() - self._start

    def _done(self) -> float:
        s = self._settings
        return self._step / s.steps if s.steps else self._spent() / s.seconds

    def _where(self) -> dict[str, Any]:
        total = self._settings.steps
        return {"step": self._step, "steps": total, "seconds": round(self._spent(), 2)}
