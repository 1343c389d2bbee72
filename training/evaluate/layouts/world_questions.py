"""Questions over invented places with exact truths, as `--miniature` writes them.

- `ROOT/places/<n>.png` and `<n>-before.png`: the place at both dates; `<n>-labels.png`, `<n>-before-labels.png`: the
  world's class of each pixel.
- `ROOT/questions.json`: `gsd_m`, `seed`, and `questions`, of each place its list of `Question`s.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from graft_plugin.errors import SceneError, UsageError

from ...world.classes import NAMES
from .pixels import existing_folder, read_plane, read_rgb
from .types import Example, Layout, Question

FILE, PLACES = "questions.json", "places"


def open_world_questions(root: str | Path) -> Layout:
    """Open a set.

    Raises:
        UsageError: The folder holds none.
        SceneError: Its file is damaged.
    """
    home = existing_folder(root)
    path = home / FILE
    if not path.is_file():
        remedy = "Write a set into an empty folder with --miniature 10."
        raise UsageError(f"there is no {FILE}", remedy=remedy, path=str(home))
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        asked = {
            key: tuple(Question(**{**q, "terms": tuple(q["terms"])}) for q in rows)
            for key, rows in data["questions"].items()
        }
        gsd_m = float(data["gsd_m"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"the questions cannot be read ({type(error).__name__}: {error})"
        raise SceneError(what, remedy="Write the set again.", path=str(path)) from error
    keys = tuple(asked)

    def read(index: int) -> Example:
        stem = home / PLACES / keys[index]
        masks = [read_plane(Path(f"{stem}{end}-labels.png")).astype(np.uint8) for end in ("", "-before")]
        images = [read_rgb(Path(f"{stem}{end}.png"), "rgb") for end in ("", "-before")]
        return Example(keys[index], images[0], (), masks[0], asked[keys[index]], images[1], masks[1])

    return Layout(
        "world-questions", "all", NAMES, keys, read, has_labels=False, has_masks=True, sensor="rgb", gsd_m=gsd_m,
        has_questions=True,
    )  # fmt: skip
