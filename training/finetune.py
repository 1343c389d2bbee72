"""`python -m training finetune`: fine-tune a model on local imagery, in a process of its own.

With --json every line of standard output is an event, a JSON object with "event":

- "progress": stage, done, total, while pictures and photos are read;
- "start": kind, counts, parent, device, minutes, held_out (blocks as corners (x, y) in the raster's CRS);
- "step": step, steps (null where the clock decides), seconds, loss;
- "validation": step, seconds, done (0..1) and the scores that choose; "best" where they are the best so far;
- "done": model (an id or a folder; null where nothing was better than the parent), card, before, after;
- "plan" (--plan): pairs [file, lon, lat, part], held_out, dropped;
- "error": code, message, remedy, path. The exit status is 2 then, and 0 else.

A line "stop" on standard input, or SIGTERM, ends the learning and keeps the best; "cancel", or Ctrl-C, keeps nothing;
with --json so does the end of standard input where that is a pipe.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

from graft_plugin.engine.shell import numbers
from graft_plugin.errors import GraftError

if TYPE_CHECKING:
    from .local.loop import Tell
    from .local.order import LocalOrder

Subparsers = Any  # argparse keeps the class of what `add_subparsers` returns to itself


def add_parser(commands: Subparsers) -> None:
    """Describe `finetune` and its trial."""
    parser = commands.add_parser("finetune", help="fine-tune a model on local imagery, by photos or corrected polygons")
    parser.add_argument("raster", metavar="RASTER", help="the imagery, as GDAL opens it")
    parser.add_argument("--photos", metavar="FOLDER|FILE", help="geotagged photos, or a file of points that name them")
    parser.add_argument("--polygons", metavar="FILE", help="corrected polygons, each with its prompt")
    parser.add_argument("--layer", help="the layer of the points or polygons")
    parser.add_argument("--field", help="their field with the photos' files, or with the prompts")
    parser.add_argument("--extent", type=numbers("the extent", float, 4), metavar="XMIN,YMIN,XMAX,YMAX",
                        help="where everything was looked at, in the raster's CRS")  # fmt: skip
    parser.add_argument("--parent", default="mini", metavar="MODEL", help="the model to start from")
    parser.add_argument("--as", dest="model_id", metavar="ID", help="store the result in your models under this id")
    parser.add_argument("--out", metavar="FOLDER", help="write the result to a new folder instead")
    parser.add_argument("--minutes", type=float, default=5.0, help="length of the learning (default: 5)")
    parser.add_argument("--steps", type=int, help="its length in steps instead, for repeatable runs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", action="append", default=[], metavar="RASTER",
                        help="imagery that the model must go on to see as before; repeatable")  # fmt: skip
    parser.add_argument("--sensor", default="auto", choices=("auto", "naip", "sentinel2", "rgb"))
    parser.add_argument("--bands", type=numbers("the bands", int, 3), metavar="R,G,B", help="1-based numbers")
    parser.add_argument("--stretch", type=numbers("the stretch", float), metavar="LOW,HIGH",
                        help="values that become black and white, for all bands or for each")  # fmt: skip
    parser.add_argument("--gsd", type=float, metavar="METRES", help="ground resolution to work at")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--plan", action="store_true", help="only tell what would teach and what would judge")
    parser.add_argument("--json", action="store_true", help="print every event as a line of JSON")
    parser.set_defaults(run=run)
    trial = commands.add_parser(
        "trial-finetune", help="measure fine-tuning on the invented world, in a style that no training saw"
    )
    trial.add_argument("--work", default="build/finetune", help="folder for the invented area and the results")
    trial.add_argument("--teach", choices=("photos", "polygons"), default="photos")
    trial.add_argument("--minutes", type=float, default=4.0)
    trial.add_argument("--steps", type=int)
    trial.add_argument("--seed", type=int, default=0)
    trial.add_argument("--tiles", type=int, default=200, help="tiles of each look to score on")
    trial.set_defaults(run=run_trial)


def run(args: argparse.Namespace) -> None:
    """Do what the command line asks.

    Raises:
        GraftError: What was wrong, where no JSON is wanted; with --json it is the last event.
        SystemExit: With status 2, after that event.
    """
    from .local.stopping import listening

    with listening(args.json) as ending, _kept_stdout() as stream:
        tell = _json_lines(stream) if args.json else _plain_lines(stream)
        try:
            order = order_of(args)
            from .local.run import finetune, plan

            (plan if args.plan else finetune)(order, tell, ending)
        except GraftError as error:
            if not args.json:
                raise
            tell({"event": "error", **error.to_dict()})
            raise SystemExit(2) from error


def run_trial(args: argparse.Namespace) -> None:
    """Measure; prints one line of JSON for each score, and the verdict."""
    from pathlib import Path

    from .local.trial import TrialSettings, run_trial

    settings = TrialSettings(Path(args.work), args.teach, args.minutes, args.steps, args.seed, args.tiles)
    run_trial(settings, lambda line: print(json.dumps(line), flush=True))


def order_of(args: argparse.Namespace) -> LocalOrder:
    """Return what the command line asks for."""
    from .local.order import LocalOrder

    return LocalOrder(
        raster=args.raster, photos=args.photos, polygons=args.polygons, layer=args.layer, field=args.field,
        extent=args.extent, parent=args.parent, model_id=args.model_id, out=args.out, minutes=args.minutes,
        steps=args.steps, seed=args.seed, keep=tuple(args.keep), sensor=args.sensor, bands=args.bands,
        stretch=args.stretch, gsd_m=args.gsd, device=args.device,
    )  # fmt: skip


@contextlib.contextmanager
def _kept_stdout() -> Iterator[TextIO]:
    """Give standard output for the events alone: what a library prints goes to standard error."""
    sys.stdout.flush()
    with open(os.dup(1), "w", encoding="utf-8") as stream:
        os.dup2(2, 1)
        try:
            with contextlib.redirect_stdout(sys.stderr):
                yield stream
        finally:
            stream.flush()
            os.dup2(stream.fileno(), 1)


def _json_lines(stream: TextIO) -> Tell:
    def tell(event: dict[str, Any]) -> None:
        stream.write(json.dumps(event, ensure_ascii=False, allow_nan=False, default=str) + "\n")
        stream.flush()

    return tell


def _plain_lines(stream: TextIO) -> Tell:
    """Return what prints the events that a person wants to read."""

    def tell(event: dict[str, Any]) -> None:
        words = _words(event)
        if words:
            stream.write(words + "\n")
            stream.flush()

    return tell


def _words(event: dict[str, Any]) -> str:
    kind = event["event"]
    if kind == "start":
        counts = ", ".join(f"{name} {value}" for name, value in event["counts"].items())
        return f"learning from {event['kind']} ({counts}) for {event['minutes']:g} minutes on {event['device']}"
    if kind == "validation":
        return f"{event['seconds']:6.0f} s  step {event['step']}  {_scores(event)}"
    if kind == "plan":
        parts = Counter(pair[3] for pair in event["pairs"])
        return ", ".join(f"{part}: {count}" for part, count in parts.items()) or f"{event['polygons']} polygons"
    if kind != "done":
        return ""
    if event["model"] is None:
        return "nothing was better than the parent on the held-out part; no model was stored"
    kept = f"{event['card']['kept']:.0%} of the parent's answers elsewhere kept"
    return f"stored {event['model']}: before {_scores(event['before'])}; after {_scores(event['after'])}; {kept}"


def _scores(values: dict[str, Any]) -> str:
    names = ("score", "iou", "auc", "named", "ranking", "recall_at_5")
    return ", ".join(f"{name} {values[name]:.3f}" for name in names if name in values)
