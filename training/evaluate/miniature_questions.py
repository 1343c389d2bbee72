"""Miniatures of sets of questions: RSVQA's files over invented places, and the world's own set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ..world.aerial import LookName
from .layouts.rsvqa import GSD_M
from .layouts.world_questions import FILE, PLACES
from .miniature_files import write_geotiff, write_picture
from .questions.draw import draw_questions
from .questions.facts import Facts
from .questions.places import draw_place

QUESTIONS_EACH = 5
_RSVQA_WORDS = {
    "lake": "water area", "road": "road", "building": "building", "forest": "forest", "meadow": "meadow",
    "orchard": "orchard", "crops": "farmland", "railway": "railway",
}  # fmt: skip
"""Land → the words of RSVQA's questions that mean it and nothing else."""


def write_world_questions(root: Path, count: int, seed: int, look: LookName, each: int = QUESTIONS_EACH) -> None:
    """Write `count` places at two dates and up to `each` questions of each kind for every one."""
    asked = {}
    for number in range(count):
        place, key = draw_place(seed, number), f"{number:03d}"
        for end, image, labels in zip(("", "-before"), place.pictures(look), (place.labels, place.before)):
            write_picture(root / PLACES / f"{key}{end}.png", image)
            write_picture(root / PLACES / f"{key}{end}-labels.png", labels)
        asked[key] = [asdict(question) for question in draw_questions(place, each)]
    data = {"generator": "invented", "seed": seed, "gsd_m": 1.0, "questions": asked}
    (root / FILE).write_text(json.dumps(data, indent=1))


def write_rsvqa(root: Path, name: str, count: int, seed: int, look: LookName) -> None:
    """Write RSVQA's files: image 0 is of another split, so that ids and places in the lists differ from the split's."""
    which = "lr" if name == "rsvqa-lr" else "hr"
    split = "test_phili" if name.endswith("phili") else "test"
    data: dict[str, list[dict[str, Any]]] = {"images": [], "questions": [], "answers": []}
    for number in range(count + 1):
        size, gsd_m = (256, 10.0) if which == "lr" else (256, 2 * GSD_M["hr"])
        place = draw_place(seed, number, size, gsd_m)
        image = place.pictures(look)[0]
        if which == "hr":
            image = image.repeat(2, 1).repeat(2, 2)
        write_geotiff(root / ("Images_LR" if which == "lr" else "Data") / f"{number}.tif", image, GSD_M[which])
        _add(data, which, number, Facts(place.labels, gsd_m))
    for kind, rows in data.items():
        mine = [row if _image_of(data, kind, row) else {"id": row["id"], "active": False} for row in rows]
        part, whole = (f"LR_split_{split}_{kind}", f"all_{kind}") if which == "lr" else (
            f"USGS_split_{split}_{kind}", f"USGS{kind}")  # fmt: skip
        (root / f"{part}.json").write_text(json.dumps({kind: mine}))
        (root / f"{whole}.json").write_text(json.dumps({kind: rows}))


def _image_of(data: dict[str, list[dict[str, Any]]], kind: str, row: dict[str, Any]) -> int:
    """Return the image that an entry belongs to; the first one, 0, is of another split."""
    if kind == "images":
        return int(row["id"])
    question = row if kind == "questions" else data["questions"][row["question_id"]]
    return int(question["img_id"])


def _add(data: dict[str, list[dict[str, Any]]], which: str, image: int, facts: Facts) -> None:
    numbers = []
    for kind, text, answer in _ask(which, facts, np.random.default_rng([image, 909])):
        number = len(data["questions"])
        numbers.append(number)
        common = {"id": number, "date_added": 1.0, "people_id": 0, "active": True}
        data["questions"].append({**common, "img_id": image, "type": kind, "question": text, "answers_ids": [number]})
        data["answers"].append({**common, "question_id": number, "answer": answer})
    data["images"].append({
        "id": image, "date_added": 1.0, "original_name": f"invented_{image}.tif", "sensor": "invented",
        "upperleft_map_x": 0.0, "upperleft_map_y": 0.0, "res_x": f"{GSD_M[which]}m", "res_y": f"{GSD_M[which]}m",
        "people_id": 0, "type": "RGB", "questions_ids": numbers, "active": True,
    })  # fmt: skip


def _ask(which: str, facts: Facts, rng: np.random.Generator) -> Iterator[tuple[str, str, str]]:
    """Yield (type, question, answer) in the words of the authors' generator."""
    names = [str(name) for name in rng.permutation(list(_RSVQA_WORDS))]
    if which == "lr":
        urban = facts.things("building").count > 2
        yield "rural_urban", "Is it a rural or an urban area", "urban" if urban else "rural"
    for number, name in enumerate(names[:4]):
        word, things = _RSVQA_WORDS[name], facts.things(name)
        there, number_of = "yes" if things.count else "no", str(things.count)
        yield "presence", f"Is there a {word}?" if number % 2 else f"Is a {word} present in the image?", there
        yield "count", f"How many {word}s are there?" if number % 2 else f"What is the number of {word}s?", number_of
        if which == "hr" and name != "road":
            yield "area", f"What is the area covered by {word}s?", f"{int(things.area_m2)}m2"
    for a, b in zip(names[:3], names[3:6]):
        more, n, m = int(rng.integers(3)), facts.things(a).count, facts.things(b).count
        one, two = f"{_RSVQA_WORDS[a]}s", f"{_RSVQA_WORDS[b]}s"
        text = (f"Are there less {one} than {two}?", f"Are there more {one} than {two}?",
                f"Is the number of {one} equal to the number of {two}?")[more]  # fmt: skip
        yield "comp", text, "yes" if (n < m, n > m, n == m)[more] else "no"
