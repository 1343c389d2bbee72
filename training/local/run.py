"""One fine-tuning run, from the order to the stored model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from graft_plugin.engine.encoders.checksum import file_sha256
from graft_plugin.engine.encoders.load import load_encoder, load_text_encoder
from graft_plugin.engine.encoders.text import TextEncoder
from graft_plugin.engine.loading import torch_device
from graft_plugin.engine.outputs import Staging
from graft_plugin.engine.progress import Report

from .area import Area, open_area
from .from_photos import PhotoTeaching, Words, plan_photos
from .from_polygons import PolygonTeaching, read_polygons, split_polygons
from .geotags import read_photos
from .keeping import Keeping
from .loop import Learnt, Loop, LoopSettings, Tell
from .order import LocalOrder
from .photo_features import PhotoFeatures
from .result import Card, check_target, now, store, target_of, write_folder
from .split import Split
from .stopping import Ending
from .student import Parent, Student, load_parent
from .teaching import EncodePatches, Teaching

CONCEPTS = ("water", "trees", "grass", "field", "bare soil", "road", "building")
"""For a model without a background bank."""
LARGE_BATCH = 8
"""Pictures a step of a large tower on a CPU."""


def finetune(
    order: LocalOrder, tell: Tell, ending: Ending, settings: LoopSettings | None = None
) -> dict[str, Any]:
    """Fine-tune a model on local imagery.

    Args:
        order: What to do.
        tell: Told of events: "progress", "start", "step", "validation", "best" and "done".
        ending: How it is ended early.
        settings: How to learn; by default as measured best, for the order's minutes.

    Returns:
        The last event, "done": the model's id or folder and its card; `model` is None where nothing was better than
        the parent on the held-out part, and nothing was stored then.

    Raises:
        GraftError: What was wrong; nothing was stored.
    """
    check_target(order)
    parent = load_parent(order.parent)

    def report(stage: str, done: int, total: int) -> None:
        ending.cancel.check()
        tell({"event": "progress", "stage": stage, "done": done, "total": total})

    texts = load_text_encoder(order.parent)
    words = Words(texts.encode(list(texts.contrast) or list(CONCEPTS)).float(), texts.logit_scale)
    with open_area(order) as area:
        teaching, split = _teaching(order, area, texts, words, report, ending)
        device = torch_device(order.device)
        tell(
            {
                "event": "start", "kind": teaching.kind, "counts": teaching.counts, "parent": order.parent,
                "device": device, "minutes": order.minutes, "held_out": [area.box(block) for block in split.held],
                "apart": teaching.apart,
            }
        )  # fmt: skip
        student = Student(parent, device)
        keeping = Keeping(parent, order.keep, teaching.pictures, order.seed, words.concepts, report)
        loop = Loop(student, teaching, keeping, settings or _settings(order, student), tell, ending.stop)
        learnt = loop.run()
        done = _finish(order, parent, student, area, teaching, split, learnt, ending)
    tell(done)
    return done


def plan(order: LocalOrder, tell: Tell, ending: Ending) -> None:
    """Tell which photos would teach and which would judge, without a model: event "plan"."""
    with open_area(order) as area:
        if order.photos is None:
            polygons = read_polygons(str(order.polygons), area, order.layer, order.field)
            split = split_polygons(area, polygons, order.seed)
            told: dict[str, Any] = {"prompts": list(polygons.prompts), "polygons": len(polygons.shapes), "pairs": []}
        else:
            made = plan_photos(area, read_photos(order.photos, order.layer, order.field), order.seed)
            split = made.split
            pairs = [[p.photo.file, p.photo.lon, p.photo.lat, p.part] for p in made.placed]
            told = {"dropped": made.dropped, "pairs": pairs}
        ending.stop()
        tell({"event": "plan", **told, "held_out": [area.box(block) for block in split.held]})


def _teaching(
    order: LocalOrder, area: Area, texts: TextEncoder, words: Words, report: Report, ending: Ending
) -> tuple[Teaching, Split]:
    if order.photos is not None:
        made = plan_photos(area, read_photos(order.photos, order.layer, order.field), order.seed)
        photographs = PhotoFeatures(order.parent, order.device)
        return PhotoTeaching(area, made, photographs, words, order.seed, report, ending.cancel), made.split
    polygons = read_polygons(str(order.polygons), area, order.layer, order.field)
    split = split_polygons(area, polygons, order.seed)
    return PolygonTeaching(area, polygons, split, texts, order.seed), split


def _settings(order: LocalOrder, student: Student) -> LoopSettings:
    settings = LoopSettings(seconds=60 * order.minutes, steps=order.steps, seed=order.seed)
    frozen = any(not p.requires_grad for p in student.model.parameters())
    if frozen:
        return replace(settings, batch=LARGE_BATCH, peak_lr=2e-5, judgements=4)
    large = student.model.visual.conv1.weight.shape[0] >= 512
    return replace(settings, peak_lr=2e-5) if large else settings


def _finish(
    order: LocalOrder, parent: Parent, student: Student, area: Area, teaching: Teaching, split: Split, learnt: Learnt,
    ending: Ending,
) -> dict[str, Any]:  # fmt: skip
    """Score the parent's file and the result's own, as the engine loads them, and store the result."""
    told = {"event": "done", "minutes": round(learnt.seconds / 60, 2), "steps": learnt.steps}
    before = teaching.judge(_engine(order.parent, order.device), final=True)
    if learnt.state is None:
        return {**told, "model": None, "card": None, "before": before, "after": before}
    target = target_of(order)
    target.parent.mkdir(parents=True, exist_ok=True)
    with Staging() as staging:
        folder = staging.place(target)
        write_folder(folder, student.official(learnt.state), parent)
        made = str(folder) if parent.config is not None else str(folder / "graft.safetensors")
        after = teaching.judge(_engine(made, order.device), final=True)
        card = Card(
            id=order.model_id or Path(str(order.out)).name,
            parent=order.parent, parent_sha256=file_sha256(parent.file), created=now(), kind=teaching.kind,
            raster=order.raster, data=str(order.photos or order.polygons), counts=teaching.counts,
            minutes=round(learnt.seconds / 60, 2), steps=learnt.steps, share=learnt.share, kept=round(learnt.kept, 4),
            before=before, after=after,
            apart=teaching.apart, held_out=[area.box(block) for block in split.held], seed=order.seed,
            stopped=learnt.stopped,
        )  # fmt: skip
        ending.cancel.check()
        path = store(folder, order, parent, card)
    return {
        **told, "model": order.model_id or str(path), "path": str(path), "card": card.to_dict(), "before": before,
        "after": after,
    }  # fmt: skip


def _engine(model: str, device: str) -> EncodePatches:
    encoder = load_encoder(model, torch_device(device))

    def patches(images: Tensor) -> Tensor:
        return encoder.encode(images).patches

    return patches
