"""What a search needs before it starts: outputs that can be written, models, the scene, and its warnings."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Optional

from ..errors import UsageError
from . import advice
from .clock import Clock
from .encoders.registry import load_registry
from .grid import Window
from .home import graft_home
from .likeness import Seeds
from .loading import LoadedModels, torch_device
from .offline import refuse_remote
from .outputs import Staging, check_target
from .progress import CancelToken, Report
from .requests import QueryRequest
from .scene import Scene, open_scene, window_of_extent
from .scene_memory import remembered_scene
from .search import Query, Scorer
from .service import software

if TYPE_CHECKING:
    from .encoders.types import EncoderSizes, ImageEncoder


@dataclass(frozen=True)
class Targets:
    """Absolute paths of the outputs, by the request's names for them, and where the staged ones are written first."""

    paths: dict[str, Path]
    places: dict[str, Path]

    def text(self, name: str) -> Optional[str]:
        """Return the path of an output as text; None where it is not asked for."""
        return str(self.paths[name]) if name in self.paths else None


_SUFFIXES = {"heatmap": (".tif", ".tiff"), "masks": (".gpkg",), "classes": (".tif", ".tiff"), "preview": (".png",)}


@dataclass(frozen=True)
class Search:
    """What every step of one search needs."""

    request: QueryRequest
    models: LoadedModels
    device: str
    scene: Scene
    encoder: ImageEncoder
    window: Window
    stride_px: int
    fresh: bool
    """Whether the models were loaded for this search."""
    staging: Staging
    clock: Clock
    report: Report
    cancel: CancelToken


def place_targets(request: QueryRequest, staging: Staging) -> Targets:
    """Check that every output can be written, before any work is done."""
    wanted = {
        name: check_target(value, suffixes)
        for name, suffixes in _SUFFIXES.items()
        if (value := getattr(request, name)) is not None
    }
    if len(set(wanted.values())) < len(wanted):
        raise UsageError("two outputs have the same name", remedy="Name a file for each.")
    raster = Path(request.raster)
    for name, target in wanted.items():
        if target.exists() and raster.exists() and target.samefile(raster):
            raise UsageError(f"the {name} would overwrite the raster", remedy="Name another file.", path=str(target))
    places = {name: staging.place(target) for name, target in wanted.items() if name != "masks"}
    if "classes" in wanted:  # the names of the classes lie beside them
        staging.place(wanted["classes"].with_name(wanted["classes"].name + ".aux.xml"))
    return Targets(wanted, places)


def open_search(
    request: QueryRequest, staging: Staging, clock: Clock, report: Report, cancel: CancelToken, models: LoadedModels
) -> tuple[Search, list[str], Scorer | Seeds]:
    """Load the models and look at the raster; return the search, its warnings and what is looked for."""
    report("load", 0, 0)
    with clock("load"):
        device = torch_device(request.device)
        fresh = not models.has_encoder(request.model, device, request.precision)
        encoder = models.encoder(request.model, device, request.precision)
        cancel.check()
        asked = _seeds(request, models, encoder) if request.by_example else _scorer(request, models, encoder)
    with clock("open"):
        scene = look_at(request, encoder)
        window = window_of(scene, request)
    warnings = []
    if not request.by_example:
        texts = models.texts(request.model)
        warnings += [
            advice.unknown_words(text, words, request.model)
            for text in (*request.prompts, *request.negatives)
            if (words := texts.unknown_words(text))
        ]
    warnings += advice.resolution(scene.native_gsd_m, scene.grid.gsd_m)
    warnings += advice.too_small(request.prompts, scene.native_gsd_m, scene.grid.gsd_m)
    stride_px = stride_of(request, encoder)
    search = Search(request, models, device, scene, encoder, window, stride_px, fresh, staging, clock, report, cancel)
    return search, warnings, asked


def _scorer(request: QueryRequest, models: LoadedModels, encoder: ImageEncoder) -> Scorer:
    mode: Literal["probability", "cosine"] = "cosine" if request.scores == "cosine" else "probability"
    query = Query(request.prompts, request.negatives)
    return Scorer(models.texts(request.model), query, global_bias=encoder.global_bias, mode=mode)


def _seeds(request: QueryRequest, models: LoadedModels, encoder: ImageEncoder) -> Seeds:
    like, unlike = (tuple(zip(p[::2], p[1::2], strict=True)) for p in (request.like, request.unlike))
    if request.photo is None:
        return Seeds(like, unlike)
    photos = models.photos(request.model)
    if photos.dim != encoder.dim:
        raise UsageError(
            f"the ground encoder's vectors have {photos.dim} numbers, the model's patches {encoder.dim}",
            remedy="Choose another model, or click points on the map.",
        )
    return Seeds(like, unlike, photos.encode(request.photo))


def stride_of(request: QueryRequest, encoder: EncoderSizes) -> int:
    """Return the stride that is asked for, else by the model's entry, else its patch, as far as the patch allows.

    Small models can afford a finer stride than their patch.
    """
    entry = load_registry().get(request.model)
    wanted = request.stride_px or (entry.stride_px if entry else None) or encoder.patch_px
    return fitting_stride(wanted, encoder.patch_px)


def fitting_stride(wanted_px: int, patch_px: int) -> int:
    """Return the stride nearest in ratio to the one asked for whose cells can be centred on patches."""
    allowed = [s for s in range(1, patch_px + 1) if patch_px % s == 0 and (patch_px - s) % 2 == 0 and s >= 4]
    return min(allowed or [patch_px], key=lambda s: abs(math.log(s / wanted_px)))


def look_at(request: QueryRequest, encoder: EncoderSizes) -> Scene:
    """Open the raster, or recall how it was opened before."""
    if request.offline:
        refuse_remote(request.raster)

    def look() -> Scene:
        return open_scene(
            request.raster,
            sensor=request.sensor,
            bands=request.bands,
            stretch=request.stretch_pairs,
            gsd_m=request.gsd_m,
            model_gsd=encoder.gsd,
            tile_px=encoder.tile_px,
            patch_px=encoder.patch_px,
        )

    if not request.use_store:
        return look()
    key = {
        "sensor": request.sensor,
        "bands": request.bands,
        "stretch": request.stretch,
        "gsd_m": request.gsd_m,
        "model_gsd": asdict(encoder.gsd),
        "tile_px": encoder.tile_px,
        "patch_px": encoder.patch_px,
        "software": software(),
    }
    return remembered_scene(store_root(request) / "scenes", key, request.raster, look)


def window_of(scene: Scene, request: QueryRequest) -> Window:
    """Return the pixels that a request is about."""
    if request.extent is None:
        return scene.window
    xmin, ymin, xmax, ymax = request.extent
    return window_of_extent(scene, (xmin, ymin, xmax, ymax), request.crs or scene.crs)


def store_root(request: QueryRequest) -> Path:
    """Return the folder of the embedding store that a request names, or the user's own."""
    return Path(request.store).expanduser() if request.store else graft_home() / "store"
