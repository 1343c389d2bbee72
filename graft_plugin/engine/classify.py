"""Zero-shot classification: for each cell of a grid the label whose words fit it best.

A patch fits a label as well as the best of its synonyms does; its probabilities are a softmax over the labels at the
model's own scale, so that a label gains nothing by having many words. A cell's probabilities are the means over its
valid patches. The words stand in the model's prompt templates, averaged. "Other" is one more label, whose words are
those of the model's usual concepts (its contrast bank) that mean none of the labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from ..errors import UsageError
from ..palette import PROMPT_COLOURS
from . import advice
from .cells_gpkg import check_cells_target, write_cells
from .classes import NODATA
from .clock import Clock
from .embed import embed_scene
from .grid import Grid, Window
from .index_requests import ClassifyRequest
from .index_results import ClassifyResult, LabelResult
from .loading import LoadedModels, torch_device
from .outputs import Staging, check_target
from .patches import PatchField
from .preparation import look_at, store_root, window_of
from .progress import CancelToken, Report
from .raster import Palette, RasterWriter
from .requests import EstimateRequest
from .search import kept_contrast
from .service import software
from .store import EmbeddingStore

if TYPE_CHECKING:
    from .encoders.text import TextEncoder
    from .encoders.types import ImageEncoder

GREY = (200, 200, 200)
"""The colour of "other"."""
MAX_CELLS = 4_000_000
"""Cells of one run: their probabilities are held in memory."""


@dataclass(frozen=True)
class Words:
    """The texts of a classification.

    Attributes:
        vectors: float32 [T, D].
        label: int64 [T], the class of each; those of "other" have the last one.
        classes: How many there are.
    """

    vectors: torch.Tensor
    label: torch.Tensor
    classes: int


@dataclass(frozen=True)
class Cells:
    """A classified grid.

    Attributes:
        grid: Of the scene.
        window: Its pixels, whole cells.
        cell_px: Edge of a cell.
        probabilities: float32 [rows, cols, classes]; NaN where there is no valid patch.
    """

    grid: Grid
    window: Window
    cell_px: int
    probabilities: NDArray[np.float32]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Bool [rows, cols]: where there is an image."""
        return np.isfinite(self.probabilities[..., 0])

    def best(self) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
        """Return (class, its probability, what the next one lies below it), each [rows, cols]."""
        filled = np.nan_to_num(self.probabilities)
        label = filled.argmax(axis=-1)
        ranked = np.sort(filled, axis=-1)
        return label, ranked[..., -1], ranked[..., -1] - ranked[..., -2]


def run(request: ClassifyRequest, report: Report, cancel: CancelToken, models: LoadedModels) -> ClassifyResult:
    """See `service.run_classify`."""
    clock = Clock()
    raster = None if request.classes is None else check_target(request.classes, (".tif", ".tiff"))
    grid_file = None if request.grid is None else check_target(request.grid, (".gpkg",))
    if grid_file is not None:
        check_cells_target(grid_file)
    report("load", 0, 0)
    with clock("load"):
        encoder = models.encoder(request.model, torch_device(request.device), request.precision)
        texts = models.texts(request.model)
        words = words_of(request, texts)
    asked = EstimateRequest(**{k: getattr(request, k) for k in _SHARED})
    with clock("open"):
        scene = look_at(asked, encoder)
        cell_px = _cell_px(request, encoder)
        window = window_of(scene, asked).expanded(cell_px)
    with Staging() as staging:
        root = store_root(asked) if request.use_store else staging.scratch("tiles")
        with clock("encode"):
            field = embed_scene(
                scene, encoder, window=window, stride_px=encoder.patch_px, store=EmbeddingStore(root), report=report,
                cancel=cancel,
            )  # fmt: skip
        with clock("score"):
            cells = classify_field(field, window, cell_px, words, encoder, texts.logit_scale, report, cancel)
        with clock("write"):
            if raster is not None:
                place = staging.place(raster)
                staging.place(raster.with_name(raster.name + ".aux.xml"))
                write_raster(place, cells, request.names, _tags(request, encoder), cancel)
            if grid_file is not None:
                write_grid(grid_file, request.layer, cells, request.names)
        staging.commit()
    unknown = [(word, texts.unknown_words(word)) for names in request.synonyms for word in names]
    warnings = [advice.unknown_words(word, missing, request.model) for word, missing in unknown if missing]
    warnings += advice.resolution(scene.native_gsd_m, scene.grid.gsd_m)
    return _result(request, encoder, cells, field, (raster, grid_file), warnings, clock)


_SHARED = (
    "raster", "model", "sensor", "bands", "stretch", "gsd_m", "extent", "crs", "store", "use_store", "device",
    "precision", "offline",
)  # fmt: skip


def words_of(request: ClassifyRequest, texts: TextEncoder) -> Words:
    """Return the vectors of all words, each in the model's prompt templates, and of "other"."""
    words = [(word, number) for number, names in enumerate(request.synonyms) for word in names]
    vectors = texts.encode([word for word, _number in words]).float()
    label = [number for _word, number in words]
    if request.other is not None:
        bank = texts.encode(list(texts.contrast)).float() if texts.contrast else vectors[:0]
        bank = bank[kept_contrast(bank, vectors)]
        if not len(bank):
            raise UsageError(
                f"the model has no concepts left that could be {request.other!r}",
                remedy="Leave --other out, and add labels for the rest.",
            )
        vectors = torch.cat([vectors, bank])
        label += [len(request.synonyms)] * len(bank)
    return Words(vectors, torch.tensor(label), len(request.names))


def classify_field(
    field: PatchField,
    window: Window,
    cell_px: int,
    words: Words,
    encoder: ImageEncoder,
    logit_scale: float,
    report: Report,
    cancel: CancelToken,
) -> Cells:
    """Classify the cells of a window from the patches of a field.

    Raises:
        UsageError: There are more cells than `MAX_CELLS`.
    """
    rows, cols = window.height // cell_px, window.width // cell_px
    if rows * cols > MAX_CELLS:
        raise UsageError(f"{rows * cols} cells are too many", remedy="Choose larger cells with --cell, or an extent.")
    total = np.zeros((rows, cols, words.classes), np.float64)
    count = np.zeros((rows, cols), np.int64)
    done = 0
    for block in field.blocks():
        cancel.check()
        shares = _shares(block.patches, block.image, words, encoder.global_bias, logit_scale)
        r, c = (
            (np.array(span)[:: field.stride_px] - start) // cell_px
            for span, start in ((block.window.rows, window.row), (block.window.cols, window.col))
        )
        at = np.broadcast_arrays(r[:, None], c[None])
        index = at[0][block.valid], at[1][block.valid]
        np.add.at(total, index, shares[block.valid])
        np.add.at(count, index, 1)
        done += block.valid.size
        report("score", done, field.window.height * field.window.width // field.stride_px**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (total / count[..., None]).astype(np.float32)
    return Cells(field.grid, window, cell_px, means)


@torch.inference_mode()
def _shares(
    patches: NDArray[np.float32], image: NDArray[np.float32], words: Words, bias: float, logit_scale: float
) -> NDArray[np.float64]:
    """Return the probabilities float64 [h, w, classes] of patches."""
    cosine = torch.from_numpy(patches) @ words.vectors.T
    if bias:
        cosine = cosine + bias * (torch.from_numpy(image) @ words.vectors.T)
    best = torch.full((*cosine.shape[:-1], words.classes), -torch.inf)
    best = best.index_reduce_(-1, words.label, cosine, "amax")
    return np.asarray((logit_scale * best).softmax(dim=-1).double().numpy())


def _cell_px(request: ClassifyRequest, encoder: ImageEncoder) -> int:
    cell = request.cell_px or encoder.tile_px
    if cell % encoder.patch_px:
        raise UsageError(
            f"a cell of {cell} pixels does not hold whole patches of {encoder.patch_px}",
            remedy=f"Choose a multiple of {encoder.patch_px}.",
        )
    return int(cell)


def write_raster(
    path: Path, cells: Cells, names: tuple[str, ...], tags: dict[str, str], cancel: CancelToken
) -> None:
    """Write the class of each cell as a GeoTIFF with a palette; the names lie beside it (.aux.xml).

    The values are 1 for the first class, and so on, as in `classes`; what has no image is nodata.
    """
    label, _probability, _margin = cells.best()
    values = np.where(cells.known, label + 1, NODATA).astype(np.uint8)
    with RasterWriter(
        path,
        window_px=(values.shape[0], values.shape[1]),
        transform=cells.grid.window_transform(cells.window, cells.cell_px),
        crs=cells.grid.crs,
        descriptions=("class",),
        dtype="uint8",
        nodata=NODATA,
        palette=palette(names, other="other" in tags),
        tags=tags,
        cancel=cancel,
    ) as writer:
        writer.write(0, 0, values)


def palette(names: tuple[str, ...], *, other: bool) -> Palette:
    """Return a colour for each class: those of the plugin's prompts, then of hues between; grey for "other"."""
    colours = {0: (255, 255, 255, 255)} | {k + 1: (*_colour(k), 255) for k in range(len(names))}
    if other:
        colours[len(names)] = (*GREY, 255)
    return Palette(colours, ("", *names))


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def _colour(number: int) -> tuple[int, int, int]:
    if number < len(PROMPT_COLOURS):
        return _rgb(PROMPT_COLOURS[number])
    import colorsys

    turn = number - len(PROMPT_COLOURS)
    rgb = colorsys.hsv_to_rgb(turn * 0.618034 % 1.0, (0.55, 0.8)[turn % 2], (0.9, 0.65, 0.45)[turn % 3])
    return int(rgb[0] * 255), int(rgb[1] * 255), int(rgb[2] * 255)


def write_grid(target: Path, layer: str, cells: Cells, names: tuple[str, ...]) -> None:
    """Write the cells as rectangles with label, probability and margin."""
    label, probability, margin = cells.best()
    rows, cols = np.nonzero(cells.known)
    edge = cells.cell_px * cells.grid.gsd_m
    xmin, ymax = cells.window.col * cells.grid.gsd_m + cols * edge, -(cells.window.row * cells.grid.gsd_m + rows * edge)
    second = np.argsort(np.nan_to_num(cells.probabilities), axis=-1)[..., -2]
    columns = {
        "label": np.array([names[k] for k in label[rows, cols]], object),
        "probability": probability[rows, cols].astype(np.float64),
        "margin": margin[rows, cols].astype(np.float64),
        "second": np.array([names[k] for k in second[rows, cols]], object),
        "class": (label[rows, cols] + 1).astype(np.int32),
    }
    write_cells(target, layer, np.stack([xmin, ymax - edge, xmin + edge, ymax], axis=1), cells.grid.crs, columns)


def _tags(request: ClassifyRequest, encoder: ImageEncoder) -> dict[str, str]:
    return {
        "software": software(),
        "model": encoder.model_id,
        "model_sha256": encoder.sha256,
        "source": request.raster,
        "labels": "\n".join(request.labels),
        **({"other": request.other} if request.other else {}),
    }


def _result(
    request: ClassifyRequest,
    encoder: ImageEncoder,
    cells: Cells,
    field: PatchField,
    targets: tuple[Path | None, Path | None],
    warnings: list[str],
    clock: Clock,
) -> ClassifyResult:
    known = cells.known
    label, _probability, margin = cells.best()
    total = max(int(known.sum()), 1)
    area_m2 = (cells.cell_px * cells.grid.gsd_m) ** 2
    counts = [int((label[known] == k).sum()) for k in range(len(request.names))]
    raster, grid_file = targets
    return ClassifyResult(
        raster=request.raster,
        model=encoder.model_id,
        gsd_m=cells.grid.gsd_m,
        crs=cells.grid.crs,
        cell_px=cells.cell_px,
        labels=tuple(LabelResult(n, c, c / total, c * area_m2) for n, c in zip(request.names, counts)),
        doubtful=float((margin[known] < request.margin).sum() / total),
        classes=None if raster is None else str(raster),
        grid=None if grid_file is None else str(grid_file),
        layer=None if grid_file is None else request.layer,
        encoded_tiles=field.encoded_tiles,
        from_store=field.from_store,
        seconds=clock.total(),
        warnings=tuple(warnings),
    )
