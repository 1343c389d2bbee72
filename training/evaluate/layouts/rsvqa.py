"""RSVQA: questions about Sentinel-2 images of the Netherlands (LR) and aerial images of US cities (HR).

Source: Lobry et al., "RSVQA: Visual Question Answering for Remote Sensing Data", IEEE TGRS 58(12), 2020, and the
authors' code (github.com/syvlo/RSVQA). What lies in the root, as unpacked from Zenodo 6344334 (LR), 6344367 (HR):

- LR: `LR_split_{train,val,test}_{images,questions,answers}.json`, `all_{questions,answers}.json`, and
  `Images_LR/<id>.tif`, 256×256 pixels of 10 m. HR: `USGS_split_{train,val,test,test_phili}_….json`,
  `USGS{images,questions,answers}.json`, and `Data/<id>.tif`, 512×512 pixels of 15.24 cm.
- Each JSON holds one list under the name of its kind. By the authors' code an entry's place in the list is its id, and
  what is not of the split is there as `{"id": n, "active": false}`; here entries go by their ids. A question has
  `img_id`, `type`, `question` and `answers_ids`, an answer `question_id` and `answer`, an image `questions_ids`.
- Types: presence, count, comp, and rural_urban (LR) or area (HR).

Not seen by us: the files themselves. Second-hand reports differ on whether the LR split files hold the questions'
words; where an active entry has none, the file of all splits is asked. `all_images.json` and image folders of other
names are guesses that are only tried.

Answers are compared as classes, as in the authors' evaluation: counts of LR and areas of HR in ranges, counts of HR
exactly. The authors' network can name only the most frequent answers of the set; here any number may be answered.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any, Optional

from graft_plugin.errors import SceneError, UsageError

from .pixels import existing_folder, read_rgb
from .types import Example, Layout, Question, Value

KINDS = ("images", "questions", "answers")
LR_COUNTS = ("0", "between 0 and 10", "between 10 and 100", "between 100 and 1000", "more than 1000")
AREAS = ("0m2", "between 0m2 and 10m2", "between 10m2 and 100m2", "between 100m2 and 1000m2", "more than 1000m2")
OTHER, NONE = "other", "no answer"
LR_CLASSES = ("yes", "no", "rural", "urban", *LR_COUNTS, OTHER, NONE)
HR_CLASSES = ("yes", "no", *AREAS, *map(str, range(90)), OTHER, NONE)
FOLDERS = {"lr": ("Images_LR", "data", "Data", "images"), "hr": ("Data", "dataUSGS", "Images", "images")}
GSD_M = {"lr": 10.0, "hr": 0.1524}
_AGAIN = "Get the file again."


def open_rsvqa(root: str | Path, name: str, split: str = "test") -> Layout:
    """Open one of the two sets.

    Args:
        root: The folder with the JSON files and the folder of images.
        name: "rsvqa-lr", "rsvqa-hr", or "rsvqa-hr-phili" for HR's second test set, Philadelphia.
        split: "train", "val", "test", or "all".

    Raises:
        UsageError: A file or folder is missing.
        SceneError: A file is damaged.
    """
    home, hr = existing_folder(root), name != "rsvqa-lr"
    split = "test_phili" if name.endswith("phili") else split
    which = "hr" if hr else "lr"
    images, questions, answers = (_entries(home, which, split, kind) for kind in KINDS)
    folder = _image_folder(home, which)
    asked = _asked(questions, answers, which, split)
    keys = tuple(str(i) for i in sorted(asked) if not images or i in images)
    if not keys:
        raise UsageError("the split holds no question", remedy="Use another --split.", path=str(home))

    def read(index: int) -> Example:
        path = folder / f"{keys[index]}.tif"
        return Example(path.name, read_rgb(path, "rgb"), (), questions=tuple(asked[int(keys[index])]))

    return Layout(
        name, split, HR_CLASSES if hr else LR_CLASSES, keys, read, has_labels=False,
        sensor="naip" if hr else "sentinel2", gsd_m=GSD_M[which], has_questions=True,
        name_answer=partial(answer_class, which),
    )  # fmt: skip


def answer_class(which: str, kind: str, value: Value, unit: str) -> str:
    """Return the class of an answer, the set's own ("12", "yes", "57m2") or ours with its unit.

    Args:
        which: "lr" or "hr".
        kind: The question's type.
        value: The answer.
        unit: Of a number, "m2" where it is an area.
    """
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        word = value.strip().lower().removesuffix(" area")  # "an urban area"
        number = word.removesuffix("m2")
        if not number.isdigit():
            return word if word in (LR_CLASSES if which == "lr" else HR_CLASSES) else OTHER
        value, unit = int(number), "m2" if word != number else unit
    value = value * {"ha": 1e4, "km2": 1e6}.get(unit, 1.0)
    if kind == "area":
        return AREAS[_decade(int(value))]
    if which == "lr":
        return LR_COUNTS[_decade(round(value))]
    return str(round(value)) if 0 <= round(value) < 90 else OTHER


def _decade(value: int) -> int:
    """Return 0 for nothing, 1 for up to 10, 2 for up to 100, 3 for up to 1000, else 4."""
    return 0 if value <= 0 else 1 if value <= 10 else 2 if value <= 100 else 3 if value <= 1000 else 4


def _files(which: str, split: str, kind: str) -> tuple[str, str]:
    """Return the names of the split's file and of the one of all splits."""
    whole, part = ("all_{}", "LR_split_{}_{}") if which == "lr" else ("USGS{}", "USGS_split_{}_{}")
    everything = f"{whole.format(kind)}.json"
    return everything if split == "all" else f"{part.format(split, kind)}.json", everything


def _entries(home: Path, which: str, split: str, kind: str) -> dict[int, dict[str, Any]]:
    """Return the active entries of a kind by their id; no images where their file is missing, as nothing needs it."""
    name, everything = _files(which, split, kind)
    entries = _load(home / name, kind, optional=kind == "images")
    word = {"questions": "question", "answers": "answer"}.get(kind)
    if word and any(word not in entry for entry in entries.values()):
        whole = _load(home / everything, kind)
        entries = {number: whole.get(number, entry) for number, entry in entries.items()}
    return entries


def _load(path: Path, kind: str, optional: bool = False) -> dict[int, dict[str, Any]]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))[kind]
        return {int(row["id"]): row for row in rows if row["active"]}
    except FileNotFoundError as error:
        if optional:
            return {}
        raise UsageError(
            f"there is no {path.name}",
            remedy="Give the folder of RSVQA's JSON files with --root.",
            path=str(path.parent),
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"the {kind} cannot be read ({type(error).__name__}: {error})"
        raise SceneError(what, remedy=_AGAIN, path=str(path)) from error


def _asked(
    questions: dict[int, dict[str, Any]], answers: dict[int, dict[str, Any]], which: str, split: str
) -> dict[int, list[Question]]:
    """Return the questions of each image, with the class of their first answer."""
    by_question = {row.get("question_id"): row for row in answers.values()}
    found: dict[int, list[Question]] = {}
    for number, row in sorted(questions.items()):
        try:
            first: Optional[dict] = answers.get(row["answers_ids"][0]) if row.get("answers_ids") else None
            answer = (first or by_question[number])["answer"]
            kind, text, image = str(row["type"]), str(row["question"]), int(row["img_id"])
        except (KeyError, TypeError, ValueError) as error:
            raise SceneError(
                f"question {number} lacks its answer or a field ({error})", remedy=_AGAIN,
                path=_files(which, split, "questions")[0],
            ) from error  # fmt: skip
        truth = answer_class(which, kind, str(answer), "")
        found.setdefault(image, []).append(Question(text, kind, truth))
    return found


def _image_folder(home: Path, which: str) -> Path:
    for name in FOLDERS[which]:
        if (home / name).is_dir():
            return home / name
    archive = "Images_LR.zip" if which == "lr" else "Images.tar"
    raise UsageError(
        f"there is no folder {FOLDERS[which][0]}", remedy=f"Unpack {archive} beside the JSON files.", path=str(home)
    )
