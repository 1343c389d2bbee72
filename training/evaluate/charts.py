"""Pictures of a measurement: confusion matrices and sheets of examples, drawn without a screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .job import Outcome, Picture
from .layouts.types import UNJUDGED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RIGHT, WRONG, INK, GREY = "#00795a", "#c2410c", "#1f2937", "#9ca3af"
_LONGEST = 26
_COUNTED = 24  # classes up to which a matrix's cells are written out
_COLUMNS = 6


def write_confusion(path: Path, outcome: Outcome, classes: Sequence[str], title: str) -> None:
    """Draw a confusion matrix, each row as shares of its truth; classes that occur on neither side are left out."""
    counts = outcome.confusion
    if counts is None:
        raise ValueError("there is no confusion matrix")
    kept = np.flatnonzero(counts.sum(0) + counts.sum(1))
    counts = counts[np.ix_(kept, kept)]
    names = [_short(classes[c]) for c in kept.tolist()]
    totals = counts.sum(1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    side = min(14.0, 3.2 + 0.42 * len(names))
    figure, axes = _figure(side + 0.8, side)
    seen = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), [f"{n} ({_count(t)})" for n, t in zip(names, totals[:, 0])])
    axes.tick_params(length=0, labelsize=8, labelcolor=INK)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if len(names) <= _COUNTED:
        for row, col in np.argwhere(shares >= 0.005):
            colour = "white" if shares[row, col] > 0.55 else INK
            axes.text(col, row, f"{shares[row, col]:.0%}", ha="center", va="center", fontsize=6.5, color=colour)
    axes.set_xlabel("answer", fontsize=9, color=INK)
    axes.set_ylabel("truth (count)", fontsize=9, color=INK)
    axes.set_title(f"{title}\n{outcome.confusion_title}; shares of a row", fontsize=9, color=INK, loc="left")
    bar = figure.colorbar(seen, ax=axes, fraction=0.04, pad=0.02)
    bar.ax.tick_params(labelsize=7, length=0)
    bar.outline.set_visible(False)
    _save(figure, path)


def write_examples(path: Path, outcome: Outcome, classes: Sequence[str], title: str) -> None:
    """Draw the examples: masks beside their images, else tiles with a green or red frame, a group a row."""
    pictures = outcome.pictures
    if any(picture.truth is not None for picture in pictures):
        _write_masks(path, pictures, classes, title)
    else:
        _write_tiles(path, pictures, title)


def colours(count: int) -> NDArray[np.float64]:
    """Return RGB in 0..1, [count, 3], as far apart as so many can be."""
    from matplotlib import colormaps

    table = [colormaps["tab20"](i % 20)[:3] for i in (*range(0, 20, 2), *range(1, 20, 2))]
    more = [colormaps["gist_ncar"](x)[:3] for x in np.linspace(0.05, 0.95, max(0, count - 20))]
    return np.array([*table, *more][:count])


def _write_tiles(path: Path, pictures: Sequence[Picture], title: str) -> None:
    groups = list(dict.fromkeys(p.group for p in pictures))
    rows = [[p for p in pictures if p.group == group] for group in groups]
    if groups == [""]:
        rows = [list(pictures[k : k + _COLUMNS]) for k in range(0, len(pictures), _COLUMNS)]
    columns = max(len(row) for row in rows)
    figure, grid = _grid(len(rows), columns, 1.55, 1.8, title)
    for row, (axes_row, shown) in enumerate(zip(grid, rows)):
        for axes, picture in zip(axes_row, shown):
            colour = RIGHT if picture.right else WRONG
            axes.imshow(np.moveaxis(picture.image, 0, -1))
            axes.set_xlabel(_wrapped(picture.title), fontsize=6.5, color=colour, labelpad=4)
            for spine in axes.spines.values():
                spine.set(visible=True, color=colour, linewidth=2.5)
        if groups != [""]:
            axes_row[0].set_ylabel(_wrapped(groups[row]), fontsize=8, color=INK)
    _save(figure, path)


def _write_masks(path: Path, pictures: Sequence[Picture], classes: Sequence[str], title: str) -> None:
    from matplotlib.patches import Patch

    table = np.vstack([colours(len(classes)), np.ones((UNJUDGED + 1 - len(classes), 3))])
    planes = [plane for p in pictures for plane in (p.truth, p.found) if plane is not None]
    present = sorted({int(v) for plane in planes for v in np.unique(plane)} - {UNJUDGED})
    per_row = 2 if len(pictures) > 3 else 1
    figure, grid = _grid(math.ceil(len(pictures) / per_row), 3 * per_row, 1.7, 1.85, title)
    for number, picture in enumerate(pictures):
        axes_row = grid[number // per_row][3 * (number % per_row) :]
        for axes, plane, name in zip(axes_row, (None, picture.truth, picture.found), ("", "truth", "answer")):
            pixels = np.moveaxis(picture.image, 0, -1) if plane is None else table[plane]
            axes.imshow(pixels, interpolation="nearest")
            axes.set_title(name or _end_of(picture.title), fontsize=7, color=INK)
    known = [Patch(color=table[c], label=_short(classes[c])) for c in present]
    known.append(Patch(facecolor="white", edgecolor=GREY, label="not judged"))
    columns = max(2, int(figure.get_figwidth() / 1.5))
    figure.legend(handles=known, loc="outside lower center", ncols=columns, fontsize=7, frameon=False, labelcolor=INK)
    _save(figure, path)


def _figure(width: float, height: float) -> tuple[Figure, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((width, height), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure, figure.subplots()


def _grid(rows: int, columns: int, width: float, height: float, title: str) -> tuple[Figure, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((columns * width + 0.4, rows * height + 0.9), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set_visible(False)
    figure.suptitle(title, fontsize=9, color=INK, x=0.01, ha="left")
    return figure, grid


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=130, metadata={"Software": None})


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def _end_of(name: str) -> str:
    """Return the end of a file's name, where long ones differ."""
    return name if len(name) <= _LONGEST else "…" + name[-_LONGEST + 1 :]


def _wrapped(text: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, 22, max_lines=3, placeholder=" …"))


def _count(value: float) -> str:
    return f"{value / 1e6:.1f} M" if value >= 1e6 else f"{value / 1e3:.0f} k" if value >= 1e4 else f"{value:.0f}"
