"""`python -m training evaluate`: its arguments, and a run from them to the table."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from graft_plugin.errors import UsageError

from .layouts import LAYOUTS, Source, open_layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from .baselines import Contender
    from .job import Job, Outcome

TASKS = ("classification", "retrieval", "segmentation", "vqa")


@dataclass(frozen=True)
class Order:
    """What was asked for.

    Attributes:
        task: One of `TASKS`.
        model: Id or checkpoint.
        baselines: (name, id or path) of the others.
        out: Folder of the results.
    """

    task: str
    model: str
    baselines: tuple[tuple[str, str], ...]
    out: Path


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the command to the parser of `python -m training`."""
    parser = commands.add_parser(
        "evaluate",
        help="measure a model on labelled images: zero-shot classification, retrieval, segmentation, questions",
        description="Measure a model and baselines on labelled images that lie on this machine; see docs/training.",
    )
    parser.add_argument("--model", required=True, help="id of a registered model, or a checkpoint")
    parser.add_argument("--task", required=True, choices=TASKS)
    parser.add_argument("--data", required=True, choices=LAYOUTS, help="layout of the images")
    parser.add_argument("--root", required=True, help="folder of the unpacked data set")
    parser.add_argument("--out", required=True, help="folder of the results")
    parser.add_argument("--baselines", default="", metavar="NAME=MODEL,…", help="clip, remoteclip, clipseg=FOLDER, …")
    parser.add_argument("--prompts", metavar="FILE", help="TOML file or name of a prompt set (default: the layout's)")
    parser.add_argument("--sam", nargs="?", const="mini", metavar="MODEL", help="segment with SAM too (default: mini)")
    parser.add_argument("--split", default="test", choices=("train", "val", "test", "all"))
    parser.add_argument("--limit", type=int, metavar="N", help="measure N images, spread evenly over the set")
    parser.add_argument(
        "--fit", default="resize", choices=("resize", "mirror"),
        help="whole images: resized to the model's tile, or kept at its ground resolution and mirrored outwards",
    )  # fmt: skip
    parser.add_argument("--top-k", default="20,100", metavar="K,…", help="depths of retrieval's mAP@k and P@k")
    parser.add_argument("--sensor", default="rgb", choices=("naip", "sentinel2", "rgb"), help="of --data folder")
    parser.add_argument("--gsd", type=float, metavar="M", help="metres a pixel of --data folder")
    parser.add_argument("--device", default="auto", help="torch device, or auto")
    parser.add_argument(
        "--miniature", type=int, metavar="N",
        help="first write an invented miniature of the layout into --root, of about N images",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of the miniature")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Run the command and print the table.

    Raises:
        GraftError: On a mistake of the user's, or a damaged file; nothing is written then.
    """
    from graft_plugin.engine.console import progress_bar
    from graft_plugin.engine.shell import cancel_on_signal

    from .report import prepare_folder, table, write_report

    order, prepare = _order(args), _job(args)
    folder = prepare_folder(order.out)
    with progress_bar() as report, cancel_on_signal() as cancel:
        job = prepare()
        outcomes = measure(order, replace(job, report=report, cancel=cancel))
    files = write_report(folder, order.task, job, outcomes)
    print(table(job, outcomes))
    print(f"wrote {len(files)} files to {folder}")


def measure(order: Order, job: Job) -> list[Outcome]:
    """Measure the model, then each baseline; one model is in memory at a time."""
    from .baselines import load_contender

    task = task_function(order.task)
    outcomes: list[Outcome] = []
    named = [(_name(order.model, order.baselines), order.model), *order.baselines]
    for name, model in named:
        job.report("load", 0, 0)
        found = task(load_contender(name, model, job.prompts, job.device), job)
        outcomes += [outcome for outcome in found if outcome.model not in {known.model for known in outcomes}]
    return outcomes


def task_function(task: str) -> Callable[[Contender, Job], list[Outcome]]:
    """Return the function that measures one model in a task; a new task is a module like these and a case here."""
    match task:
        case "classification":
            from .classification import evaluate
        case "retrieval":
            from .retrieval import evaluate
        case "segmentation":
            from .segmentation import evaluate
        case "vqa":
            from .vqa import evaluate
        case _:
            raise UsageError(f"there is no task {task!r}", remedy=f"Use one of {', '.join(TASKS)}.")
    return evaluate


def _order(args: argparse.Namespace) -> Order:
    from .baselines import CLIPSEG, parse_baselines

    baselines = parse_baselines(args.baselines)
    clipseg = [name for name, _ in baselines if name.lower() == CLIPSEG]
    if clipseg and args.task != "segmentation":
        raise UsageError(f"CLIPSeg cannot do {args.task}", remedy="Leave it out of --baselines for this task.")
    if args.sam and args.task not in ("segmentation", "vqa"):
        raise UsageError("--sam is for segmentation and vqa only", remedy="Leave it out, or use another --task.")
    if args.prompts and args.task == "vqa":
        raise UsageError("--prompts is not for vqa", remedy="Leave it out: the questions have their own words.")
    return Order(args.task, args.model, baselines, Path(args.out))


def _job(args: argparse.Namespace) -> Callable[[], Job]:
    """Check the arguments; return what looks at the data and makes the job."""
    if args.limit is not None and args.limit < 1:
        raise UsageError("--limit must be 1 or more", remedy="Leave it out for all images.")
    try:
        top_k = tuple(sorted({int(k) for k in args.top_k.split(",")}))
    except ValueError as error:
        raise UsageError(f"--top-k must be whole numbers, not {args.top_k!r}", remedy="Write, say, 20,100.") from error
    if top_k[0] < 1:
        raise UsageError("--top-k must be 1 or more", remedy="Write, say, 20,100.")

    def prepare() -> Job:
        from graft_plugin.engine.loading import torch_device

        from .job import Job
        from .promptsets import find_prompts

        root = Path(args.root).expanduser()
        if args.miniature is not None:
            from .miniature import make_miniature

            make_miniature(args.data, root, args.miniature, args.seed)
        layout = open_layout(Source(args.data, root, args.split, args.sensor, args.gsd))
        prompts = find_prompts(args.prompts, layout.prompts, layout.classes)
        if args.task == "vqa":
            prompts = replace(prompts, name="the questions'")
        return Job(
            layout, layout.indices(args.limit), prompts, args.fit, top_k, args.sam, torch_device(args.device)
        )

    return prepare


def _name(model: str, baselines: tuple[tuple[str, str], ...]) -> str:
    """Return the model's name for the table, different from the baselines'."""
    path = Path(model)
    name = path.stem if path.suffix or len(path.parts) > 1 else model
    return f"{name} (model)" if name in dict(baselines) else name
