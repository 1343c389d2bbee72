"""The end of a run: the model's files and its card, stored whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from graft_plugin.engine.encoders.derived import CARD, FILE, add_folder, check_free
from graft_plugin.engine.encoders.registry import models_folder
from graft_plugin.errors import OutputError, UsageError

from .order import LocalOrder
from .student import Parent, State, derived_entry


@dataclass(frozen=True)
class Card:
    """What there is to know of a fine-tuned model, JSON-ready.

    Attributes:
        id: Its id, or the name of its folder.
        parent: The model it started from, and `parent_sha256`, of its file.
        created: When, UTC.
        kind: "photos" or "polygons".
        raster: The imagery.
        data: The photos' or polygons' source.
        counts: How much of it taught and judged.
        minutes: Time that the learning took, and `steps`.
        share: How far its weights lie from the parent's, 1: as learnt.
        kept: Share of the parent's answers on other pictures that it gives too.
        before, after: Scores on the held-out part, see `apart`.
        apart: Whether two halves of the held-out part chose and judged; False: it has one tile, which did both.
        held_out: The blocks held out, corners (x, y) in the raster's CRS.
        seed: Of everything.
        stopped: Whether the user ended it early.
    """

    id: str
    parent: str
    parent_sha256: str
    created: str
    kind: str
    raster: str
    data: str
    counts: dict[str, Any]
    minutes: float
    steps: int
    share: float
    kept: float
    before: dict[str, float]
    after: dict[str, float]
    apart: bool
    held_out: list[list[list[float]]]
    seed: int
    stopped: bool

    def to_dict(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)


def check_target(order: LocalOrder) -> None:
    """Check where the result goes, before any work.

    Raises:
        UsageError: Neither an id nor a folder was given, or the id is taken.
        OutputError: The folder exists, or the place for it does not.
    """
    if (order.model_id is None) == (order.out is None):
        raise UsageError("say where the model goes", remedy="Give --as ID, or --out FOLDER, one of them.")
    if order.model_id is not None:
        check_free(order.model_id)
        return
    out = target_of(order)
    if out.exists():
        raise OutputError("is there already", remedy="Name a new folder.", path=str(out))
    if not out.parent.is_dir():
        raise OutputError(f"the folder {out.parent} does not exist", remedy="Make it, or name another.", path=str(out))


def write_folder(folder: Path, official: State, parent: Parent) -> None:
    """Write the model's files: the checkpoint, and what a closed-vocabulary parent keeps beside its own."""
    folder.mkdir(parents=True, exist_ok=True)
    about = {"quick_gelu": str(parent.weights.quick_gelu).lower()}  # one key: the order of several varies
    save_file(official, folder / FILE, about)
    if parent.config is not None:
        (folder / "config.json").write_text(json.dumps(parent.config, indent=1), encoding="utf-8")
        shutil.copyfile(parent.file.with_name("clip.safetensors"), folder / "clip.safetensors")


def target_of(order: LocalOrder) -> Path:
    """Return the folder that the result will be."""
    if order.model_id is not None:
        return models_folder() / order.model_id
    return Path(str(order.out)).expanduser().absolute()


def store(folder: Path, order: LocalOrder, parent: Parent, card: Card) -> Path:
    """Write the card, and move the folder to its place. Returns that.

    Raises:
        UsageError: The id was taken meanwhile.
        OutputError: It cannot be written.
    """
    try:
        (folder / CARD).write_text(json.dumps(card.to_dict(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        (folder / "card.md").write_text("\n".join(card_lines(card)) + "\n", encoding="utf-8")
        if order.model_id is None:
            out = target_of(order)
            folder.rename(out)
            return out
    except OSError as error:
        raise OutputError(f"the model cannot be written ({error.strerror})", path=str(order.out or folder)) from error
    title = f"{order.model_id} ({card.parent}, fine-tuned)"
    return add_folder(folder, derived_entry(parent, str(order.model_id), title, summary(card))).path.parent


def summary(card: Card) -> str:
    """Return the card in a sentence."""
    shown = ", ".join(f"{name} {card.before[name]:.3f} → {card.after[name]:.3f}" for name in card.after)
    return (
        f"Fine-tuned from {card.parent} on {Path(card.raster).name} with {card.counts.get('train', 0)} {card.kind} in "
        f"{card.minutes:g} minutes; on the held-out part: {shown}."
    )


def card_lines(card: Card) -> list[str]:
    """Return the card as Markdown."""
    rows = [f"| {name} | {card.before[name]:.3f} | {card.after[name]:.3f} |" for name in card.after]
    counts = "; ".join(f"{name}: {_words(value)}" for name, value in card.counts.items())
    return [
        f"# {card.id}",
        "",
        f"Fine-tuned from `{card.parent}` (SHA-256 {card.parent_sha256[:12]}…) on {card.created}.",
        "",
        f"- Imagery: {card.raster}",
        f"- Taught by {card.kind}: {card.data} ({counts})",
        f"- {card.minutes:g} minutes, {card.steps} steps, seed {card.seed}"
        + (", ended early by the user" if card.stopped else ""),
        f"- Weights: {card.share:.0%} of the way from the parent's to what was learnt",
        f"- On other pictures {card.kept:.0%} of the patches get the same answer as from the parent",
        "",
        "| held-out part of the area | before | after |",
        "|---|---|---|",
        *rows,
        "",
        f"Blocks held out, at least a tile away from everything that taught: {len(card.held_out)}.",
        "One half of their tiles chose the weights; the scores above are those of the other half."
        if card.apart
        else "They have one tile, which chose the weights and gave the scores above: these flatter a little.",
    ]


def now() -> str:
    """Return the time, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _words(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{count} {reason}" for reason, count in value.items()) or "none"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value)
