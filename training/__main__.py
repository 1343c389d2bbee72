"""`python -m training …`: the learning side's command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from graft_plugin.errors import GraftError

from . import export_command, finetune, show, train
from .collect import command as collect
from .evaluate import cli as evaluate_cli

BUNDLED = Path(__file__).resolve().parent.parent / "resources" / "mini"


def _mini(args: argparse.Namespace) -> None:
    from .mini.material import MiniRun
    from .mini.run import train_mini

    run = MiniRun(seeds=tuple(int(s) for s in args.seeds.split(",")), count_scale=args.tiles, work=Path(args.work))
    scale = args.minutes
    run = replace(
        run,
        clip=replace(run.clip, seconds=run.clip.seconds * scale),
        satellite=replace(run.satellite, seconds=run.satellite.seconds * scale),
        sam=replace(run.sam, minutes=run.sam.minutes * scale),
    )
    train_mini(run, Path(args.out), lambda line: print(line, flush=True))
    print(f"wrote {args.out}")


def _trial(args: argparse.Namespace) -> None:
    from .mini.trial import Trial, mean_rows, run_trial

    rows = []
    Path(args.work).mkdir(parents=True, exist_ok=True)
    for prompt in args.prompts.split(","):
        for seed in range(args.first_seed, args.first_seed + args.scenes):
            row = run_trial(Trial(seed, args.gsd, prompt, args.look), Path(args.work), model=args.model)
            rows.append(row)
            print(json.dumps(row), flush=True)
    print(json.dumps({"mean": mean_rows(rows)}))


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of every subcommand."""
    parser = argparse.ArgumentParser(prog="python -m training", description="Train and measure GRAFT models.")
    commands = parser.add_subparsers(dest="command", required=True)
    mini = commands.add_parser("mini", help="make the bundled demonstration model from nothing")
    mini.add_argument("--out", default=str(BUNDLED), help="folder of the model (default: the bundled one)")
    mini.add_argument("--work", default="build/mini", help="folder for tiles and photos")
    mini.add_argument("--seeds", default="0,1,2", help="seeds of CLIP and satellite encoder; the best is kept")
    mini.add_argument("--tiles", type=float, default=1.0, metavar="FACTOR", help="factor on the number of tiles")
    mini.add_argument("--minutes", type=float, default=1.0, metavar="FACTOR", help="factor on every training time")
    mini.set_defaults(run=_mini)
    trial = commands.add_parser("trial", help="the main job on procedural scenes that no training saw")
    trial.add_argument("--prompts", default="lake", help="class names, comma-separated")
    trial.add_argument("--scenes", type=int, default=5, help="scenes a prompt")
    trial.add_argument("--first-seed", type=int, default=9000, help="seed of the first scene")
    trial.add_argument("--gsd", type=float, default=1.0, help="the scenes' own pixel, metres")
    trial.add_argument("--look", default="varied", choices=("plain", "varied"))
    trial.add_argument("--model", default="mini", help="model id or checkpoint")
    trial.add_argument("--work", default="build/trial", help="folder for scenes and results")
    trial.set_defaults(run=_trial)
    evaluate_cli.add_parser(commands)
    train.add_parser(commands)
    export_command.add_parser(commands)
    finetune.add_parser(commands)
    collect.add_parser(commands)
    show.add_parser(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand. Returns the exit status: 0, or 2 with one plain line on a user's mistake."""
    args = build_parser().parse_args(argv)
    try:
        args.run(args)
    except GraftError as error:
        print(f"training: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
