"""What a measurement leaves: a table for people, the same as data, and pictures; all of it or nothing."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from graft_plugin.engine.outputs import Staging
from graft_plugin.engine.service import software
from graft_plugin.errors import OutputError

from .charts import write_confusion, write_examples
from .job import Job, Outcome

TABLE, DATA = "results.md", "results.json"


def prepare_folder(path: str | Path) -> Path:
    """Make the folder of the results, before any work is done.

    Raises:
        OutputError: It cannot be made, or is a file.
    """
    folder = Path(path).expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"the folder cannot be made ({error.strerror})", remedy="Name another with --out.", path=str(path)
        ) from error
    return folder


def write_report(folder: Path, task: str, job: Job, outcomes: Sequence[Outcome]) -> list[Path]:
    """Write results.md, results.json, and for each outcome its confusion matrix and its examples.

    Returns:
        The files.

    Raises:
        OutputError: One cannot be written; then none is.
    """
    layout = job.layout
    head = f"{layout.name}, {layout.split}, {task}"
    names = _file_names(outcomes)
    pictures: dict[str, list[str]] = {}
    with Staging() as staging:
        files = []

        def place(name: str) -> Path:
            files.append(folder / name)
            return staging.place(files[-1])

        try:
            for outcome in outcomes:
                stem, own = names[outcome.model], pictures.setdefault(outcome.model, [])
                title = f"{outcome.model} on {head}"
                if outcome.confusion is not None and outcome.confusion.any():
                    own.append(f"confusion-{stem}.png")
                    write_confusion(place(own[-1]), outcome, layout.classes, title)
                if outcome.pictures:
                    own.append(f"examples-{stem}.png")
                    write_examples(place(own[-1]), outcome, layout.classes, title)
            data = _data(task, job, outcomes, pictures)
            place(DATA).write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            place(TABLE).write_text(_markdown(task, job, outcomes, pictures), encoding="utf-8")
        except OSError as error:
            raise OutputError(
                f"the results cannot be written ({error.strerror or error})", path=str(folder)
            ) from error
        staging.commit()
    return files


def table(job: Job, outcomes: Sequence[Outcome]) -> str:
    """Return the Markdown table: a row a model, in the order measured; the best of each metric in bold."""
    metrics = list(dict.fromkeys(name for outcome in outcomes for name in outcome.scores))
    best = {m: max((o.scores.get(m, -math.inf) for o in outcomes), default=0.0) for m in metrics}
    lines = [
        f"| model | {' | '.join(metrics)} | images | seconds | prompts | file |",
        f"|---|{'---|' * len(metrics)}---|---|---|---|",
    ]
    for outcome in outcomes:
        cells = []
        for metric in metrics:
            value = outcome.scores.get(metric, math.nan)
            text = "–" if math.isnan(value) else f"{value:.3f}"
            cells.append(f"**{text}**" if len(outcomes) > 1 and value == best[metric] else text)
        row = [outcome.model, *cells, str(outcome.count), f"{outcome.seconds:.1f}", job.prompts.name]
        lines.append(f"| {' | '.join([*row, f'`{outcome.sha256[:12]}`'])} |")
    return "\n".join(lines)


def _markdown(task: str, job: Job, outcomes: Sequence[Outcome], pictures: dict[str, list[str]]) -> str:
    layout = job.layout
    gsd = "unknown" if layout.gsd_m is None else f"{layout.gsd_m:g} m a pixel"
    prompts = f"Prompts: {job.prompts.name} (`{job.prompts.sha256[:12]}`), " + (
        "templates of its own." if job.prompts.templates else "templates of each model."
    )
    parts = [
        f"# Zero-shot {task} on {layout.name}",
        f"{len(job.indices)} of {len(layout)} images of the split “{layout.split}”, {len(layout.classes)} classes, "
        f"{gsd}. "
        + ("Prompts: what each plan looks for." if task == "vqa" else prompts)
        + (f" Images as tiles: {job.fit}." if task in ("classification", "retrieval") else ""),
        table(job, outcomes),
    ]
    for outcome in outcomes:
        parts.append(f"## {outcome.model}")
        parts += [" ".join(outcome.notes)] if outcome.notes else []
        rows = [f"| {name} | {value:.3f} |" for name, value in outcome.per_class.items()]
        head = "kind" if outcome.answered else "class"
        parts.append("\n".join([f"| {head} | {outcome.per_class_metric} |", "|---|---|", *rows]))
        parts += [f"![{name.split('-')[0]} of {outcome.model}]({name})" for name in pictures[outcome.model]]
    return "\n\n".join(parts) + "\n"


def _data(task: str, job: Job, outcomes: Sequence[Outcome], pictures: dict[str, list[str]]) -> dict[str, Any]:
    layout = job.layout
    return {
        "task": task,
        "data": layout.name,
        "split": layout.split,
        "images": len(job.indices),
        "images_there": len(layout),
        "classes": list(layout.classes),
        "gsd_m": layout.gsd_m,
        "prompts": {
            "name": job.prompts.name,
            "sha256": job.prompts.sha256,
            "templates": list(job.prompts.templates),
            "texts": dict(zip(layout.classes, map(list, job.prompts.classes))),
        },
        "fit": job.fit,
        "software": software(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": [
            {
                "model": outcome.model,
                "sha256": outcome.sha256,
                "n": outcome.count,
                "seconds": round(outcome.seconds, 3),
                "scores": {name: _number(value) for name, value in outcome.scores.items()},
                "per_class_metric": outcome.per_class_metric,
                "per_class": {name: _number(value) for name, value in outcome.per_class.items()},
                "confusion": None if outcome.confusion is None else outcome.confusion.tolist(),
                "notes": list(outcome.notes),
                "pictures": pictures[outcome.model],
                **({"answered": [asdict(one) for one in outcome.answered]} if outcome.answered else {}),
            }
            for outcome in outcomes
        ],
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)


def _file_names(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Return for each outcome a name that any file system takes, all different."""
    names: dict[str, str] = {}
    for outcome in outcomes:
        stem = re.sub(r"[^a-z0-9]+", "-", outcome.model.lower()).strip("-") or "model"
        while stem in names.values():
            stem += "-2"
        names[outcome.model] = stem
    return names
