"""Questions in plain language: the engine's planner and interpreter over what a model finds, an answer a question.

Of sets whose true regions are known it also asks with these: what is still wrong then, the model has not lost.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Optional

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.outputs import Staging
from graft_plugin.errors import UsageError

from .baselines import Contender
from .features import thumbnail
from .job import Answered, Job, Outcome, Picture
from .layouts.types import Example, Question
from .questions.finders import TrueFinder
from .questions.judge import in_unit, is_right
from .questions.regions import ImageFinders
from .questions.ways import Reply, Way, reply_to, ways_of

EXAMPLES = 12


@dataclass
class _Tally:
    """The replies of one way."""

    answered: list[Answered] = field(default_factory=list)
    images: set[int] = field(default_factory=set)
    seconds: float = 0.0
    pictures: list[Picture] = field(default_factory=list)


def evaluate(contender: Contender, job: Job) -> list[Outcome]:
    """Measure one model: the share of right answers, of each kind and of all.

    Returns:
        With true regions at hand: given plans and the planner on them; then the thresholded heatmap, and with a SAM its
        masks, at the best thresholds and at the engine's own; then, for questions of two
        things, the last again with none, the first and the second of them true.

    Raises:
        UsageError: The layout asks nothing, or the model finds nothing.
        SceneError: An image is damaged.
        CheckpointError: The SAM's file is missing or damaged.
    """
    if not job.layout.has_questions:
        raise UsageError(
            f"nothing is asked of the images of {job.layout.name}", remedy="Use rsvqa-lr, rsvqa-hr or world-questions."
        )
    tallies: dict[str, _Tally] = {}
    with Staging() as staging:
        finders = ImageFinders(contender, job, staging)
        for number, index in enumerate(job.indices):
            job.cancel.check()
            example = job.layout.read(index)
            with TemporaryDirectory(prefix="graft-evaluate-") as folder:
                for way in _ways(contender.name, finders, example, Path(folder), job):
                    _ask(way, example, number, tallies.setdefault(way.name, _Tally()), job)
            job.report("ask", number + 1, len(job.indices))
    return [_outcome(name, tally, contender, job) for name, tally in tallies.items() if tally.answered]


def _ways(name: str, finders: ImageFinders, example: Example, folder: Path, job: Job) -> list[Way]:
    truth, gsd_m = None, job.layout.gsd_m
    if example.mask is not None and gsd_m is not None:
        truth = TrueFinder(example.mask, example.mask_before, gsd_m)
    return ways_of(name, finders.of(example, folder, truth), truth)


def _ask(way: Way, example: Example, number: int, tally: _Tally, job: Job) -> None:
    each = max(1, EXAMPLES // len(job.indices))
    shown = {example.questions[i * len(example.questions) // each].text for i in range(each)}
    for question in example.questions:
        if way.pairs and len(question.terms) != 2:
            continue
        job.cancel.check()
        start = time.perf_counter()
        reply = reply_to(question, way, job.cancel)
        tally.seconds += time.perf_counter() - start
        tally.images.add(number)
        answered = _judged(question, reply, example.key, job)
        if len(tally.pictures) < EXAMPLES and question.text in shown:
            title = f"{question.text} {answered.answer}" + ("" if answered.right else f", is {answered.truth}")
            tally.pictures.append(Picture(thumbnail(example.image), title, answered.right))
        tally.answered.append(answered)


def _judged(question: Question, reply: Reply, key: str, job: Job) -> Answered:
    if job.layout.name_answer is not None:
        answer = job.layout.name_answer(question.kind, reply.value, reply.unit)
        right, truth = answer == question.truth, str(question.truth)
    else:
        right = is_right(question, reply.value, reply.unit)
        answer = _shown(reply.value, reply.unit if question.unit else "")
        truth = _shown(*in_unit(question, reply.unit))
    whole = type(question.truth) is int
    return Answered(key, question.text, question.kind, truth, answer, right, reply.plan, reply.error, whole)


def _shown(value: object, unit: str) -> str:
    if value is None:
        return "no answer"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    assert isinstance(value, (int, float))
    number = f"{value:.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.3g}"
    return f"{number} {unit}".strip()


def _outcome(name: str, tally: _Tally, contender: Contender, job: Job) -> Outcome:
    rows = tally.answered
    kinds = dict.fromkeys(row.kind for row in rows)
    each = {kind: float(np.mean([row.right for row in rows if row.kind == kind])) for kind in kinds}
    silent = [row for row in rows if not row.plan]
    failed = sum(bool(row.error) for row in rows) - len(silent)
    counts = ", ".join(f"{sum(row.kind == kind for row in rows)} {kind}" for kind in kinds)
    numbers = [row for row in rows if row.whole]
    exact = sum(row.answer.split()[0] == row.truth for row in numbers)
    notes = [f"{len(rows)} questions: {counts}.", f"{len(silent)} were not understood, {failed} plans failed."]
    notes += [f"{exact} of {len(numbers)} counts are exact."] if numbers else []
    return Outcome(
        name,
        contender.sha256,
        len(tally.images),
        tally.seconds,
        {"accuracy": float(np.mean([row.right for row in rows])), "mean over kinds": float(np.mean([*each.values()]))},
        each,
        "accuracy",
        _confusion(rows, job),
        "questions by true and given answer",
        tuple(tally.pictures),
        tuple(notes),
        tuple(rows),
    )


def _confusion(rows: list[Answered], job: Job) -> Optional[NDArray[np.int64]]:
    """Return counts of answers by class, where the layout compares classes."""
    if job.layout.name_answer is None:
        return None
    place = {name: i for i, name in enumerate(job.layout.classes)}
    counts = np.zeros((len(place), len(place)), np.int64)
    for row in rows:
        counts[place[row.truth], place[row.answer]] += 1
    return counts
