"""The model card of the mini model: every figure beside its bound, the untrained model and the baselines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..world.classes import CLASSES

_BOUNDS = (
    ("patch mIoU as a share of what the patch size allows, plain look", "plain", "share", 0.93),
    ("patch mIoU as a share of what the patch size allows, varied looks", "varied", "share", 0.80),
    ("the same, varied looks at 1 to 5 m a pixel", "scales", "share", None),
    ("tile class by patch vote, plain look", "plain", "vote", 0.75),
    ("tile class by patch vote, varied looks", "varied", "vote", 0.75),
    ("tile class by CLS where one class covers 60 %, plain look", "plain", "cls_60", 0.60),
    ("tile class by CLS where one class covers 60 %, varied looks", "varied", "cls_60", 0.60),
    ("IoU of lake pixels, plain look", "plain", "lake_iou", None),
    ("IoU of lake pixels, varied looks", "varied", "lake_iou", None),
)


def _verdict(value: float, bound: float | None) -> str:
    if bound is None:
        return "–"
    return f"≥ {bound:.2f}: {'met' if value >= bound else f'falls short by {bound - value:.2f}'}"


def _encoder_rows(scores: dict[str, Any]) -> Iterator[str]:
    yield "| held-out test tiles, mean of the seeds | trained | spread | untrained | bound |"
    yield "|---|---|---|---|---|"
    for words, look, key, bound in _BOUNDS:
        trained = [seed["test"][look][key] for seed in scores["seeds"]]
        untrained = np.mean([seed["untrained"][look][key] for seed in scores["seeds"]])
        value = float(np.mean(trained))
        spread = f"{min(trained):.3f}–{max(trained):.3f}"
        yield f"| {words} | {value:.3f} | {spread} | {untrained:.3f} | {_verdict(value, bound)} |"
    for look in ("plain", "varied"):
        miou = np.mean([s["test"][look]["miou"] for s in scores["seeds"]])
        limit = np.mean([s["test"][look]["miou_limit"] for s in scores["seeds"]])
        yield f"| patch mIoU itself, {look} (the patch size allows {limit:.3f}) | {miou:.3f} | | | – |"


def _clip_rows(clip: dict[str, Any]) -> Iterator[str]:
    yield "| ground views that no training saw, 16 classes | accuracy |"
    yield "|---|---|"
    for key, words in (
        ("averaged", "class names, prompts averaged"),
        ("one_prompt", "class names, one prompt"),
        ("synonyms", "synonyms, prompts averaged"),
    ):
        yield f"| {words} | {clip[key]:.3f} |"


def _sam_rows(sam: dict[str, Any]) -> Iterator[str]:
    curve = " → ".join(f"{v:.2f}" for v in sam["mask_loss"])
    size = f"{sam['parameters'] / 1e6:.2f} M parameters"
    yield f"{size}; {sam['steps']} steps, {sam['prompts']} prompts; mask loss {curve}."
    yield ""
    yield "| objects of held-out tiles, IoU | prompts | one point | three in, three out | perfect heatmap, no SAM |"
    yield "|---|---|---|---|---|"
    for look in ("plain", "varied"):
        for group in ("all", "large", "small", "lake", "building"):
            if row := sam.get(look, {}).get(group):
                figures = (row["one_point"], row["three_and_three"], row["perfect_heatmap"])
                yield f"| {group}, {look} look | {row['prompts']} | " + " | ".join(f"{v:.3f}" for v in figures) + " |"


def _scene_rows(trials: dict[str, dict[str, float]]) -> Iterator[str]:
    yield "| held-out invented scenes, whole main job | AUC | smoothness | darkness | IoU, thresholded | IoU, refined |"
    yield "|---|---|---|---|---|---|"
    for name, row in trials.items():
        figures = (row["auc"], row["auc_smoothness"], row["auc_darkness"], row["iou_none"], row["iou_sam"])
        yield f"| {name} | " + " | ".join(f"{v:.3f}" for v in figures) + " |"


def _real_rows(real: dict[str, dict[str, float]]) -> Iterator[str]:
    yield "| real NAIP, “lake” | AUC (bound 0.96 and both baselines) | smoothness | darkness | IoU (bound 0.70) |"
    yield "|---|---|---|---|---|"
    for name, row in real.items():
        beats = row["auc"] >= 0.96 and row["auc"] > max(row["auc_smoothness"], row["auc_darkness"])
        auc = f"{row['auc']:.3f} ({'met' if beats else 'falls short'})"
        iou = f"{row['iou']:.3f} ({'met' if row['iou'] >= 0.70 else 'falls short'})"
        yield f"| {name} | {auc} | {row['auc_smoothness']:.3f} | {row['auc_darkness']:.3f} | {iou} |"


def write_card(folder: Path) -> Path:
    """Write card.md from scores.json in the model's folder. Returns its path."""
    scores = json.loads((folder / "scores.json").read_text())
    config = json.loads((folder / "config.json").read_text())
    megabytes = sum(f.stat().st_size for f in folder.glob("*.safetensors")) / 1e6
    sam = scores["sam"]
    lines = [
        "# The mini model",
        "",
        "A demonstration model, made from nothing on an invented world so that the plugin's main job runs anywhere. It",
        "is **not** a model for real work: fetch or add a full GRAFT checkpoint for that (`graft models`).",
        "",
        f"- Size: {megabytes:.1f} MB in float16: satellite encoder (ViT, official GRAFT names), CLIP, SAM.",
        f"- Made by the functions of `python -m training mini` in {scores['minutes']} minutes on 2 cores; seed "
        f"{scores['kept_seed']} of {[s['seed'] for s in scores['seeds']]} kept by its validation score.",
        f"- Classes: {', '.join(c.name for c in CLASSES)}.",
        "- The satellite encoder saw no text: it learnt from aerial tiles and the frozen CLIP features of the ground",
        "  photos taken in them, by GRAFT's pixel-level and image-level losses together.",
        "- No pixel of a real image was used in training, and no choice was made by a score on one.",
        f"- Vocabulary ({len(config['words'])} words; others get a warning): {', '.join(config['words'])}.",
        "",
        "## Satellite encoder",
        "",
        *_encoder_rows(scores),
        "",
        "## Ground CLIP",
        "",
        *_clip_rows(scores["clip"]),
        "",
        "## SAM, prompted with points, held-out tiles",
        "",
        *_sam_rows(sam),
    ]
    if scores.get("trials"):
        lines += ["", "## Main job on scenes", "", *_scene_rows(scores["trials"])]
    if scores.get("real"):
        lines += ["", "## Transfer to real imagery", "", *_real_rows(scores["real"])]
    lines += ["", *scores.get("notes", [])]
    path = folder / "card.md"
    path.write_text("\n".join(lines) + "\n")
    return path
