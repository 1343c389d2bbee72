"""Making an index: scene after scene through the one encoder loop of `embed`, one writer at a time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import Cancelled, GraftError, SceneError, StoreError
from .. import advice
from ..clock import Clock
from ..embed import embed_scene, field_key
from ..files import locked
from ..grid import TileRange
from ..index_requests import IndexRequest
from ..index_results import IndexResult
from ..loading import LoadedModels, torch_device
from ..patches import tiles_of
from ..preparation import look_at
from ..progress import CancelToken, Report
from ..requests import EstimateRequest
from ..scene import Scene
from ..source import file_stamp
from .field import IndexedTiles
from .layout import IndexModel, IndexScene, create_index, create_scene, read_scenes, scene_folder
from .sources import Source, list_sources

if TYPE_CHECKING:
    from ..encoders.types import ImageEncoder

UNSHIFTED = (0, 0)


@dataclass(frozen=True)
class Wanted:
    """A scene to index: opened, with its place in the index and the tiles that its pixels touch."""

    scene: Scene
    entry: IndexScene
    tiles: TileRange


def run(request: IndexRequest, report: Report, cancel: CancelToken, models: LoadedModels) -> IndexResult:
    """See `service.run_index`."""
    clock, out = Clock(), Path(request.out).expanduser().absolute()
    report("load", 0, 0)
    sources = list_sources(request.sources, request.date, request.offline)
    with _one_writer(out):
        with clock("load"):
            encoder = models.encoder(request.model, torch_device(request.device), request.precision)
        model = model_of(encoder, request.model)
        create_index(out, model)
        with clock("open"):
            wanted, failed = look_at_all(request, sources, encoder, report, cancel)
        encoded, there, done = 0, 0, []
        encode = _on_cluster if request.cluster else _here
        with clock("encode"):
            for one, new, old, error in encode(request, wanted, encoder, model, report, cancel):
                encoded, there = encoded + new, there + old
                if error is None:
                    done.append(one.entry)
                else:  # the others are none the worse for it
                    failed.append(_line(one.entry.source, error))
        replaced = _drop_replaced(out, done)
    warnings = [note for one in wanted[:1] for note in advice.resolution(one.scene.native_gsd_m, one.scene.grid.gsd_m)]
    return IndexResult(
        index=str(out),
        scenes=tuple(entry.name for entry in done),
        failed=tuple(failed),
        replaced=tuple(replaced),
        tiles=sum(len(one.tiles) for one in wanted),
        encoded_tiles=encoded,
        from_index=there,
        gigabytes=round(folder_bytes(out) / 1e9, 4),
        seconds=clock.total(),
        warnings=tuple(warnings),
    )


def model_of(encoder: ImageEncoder, name: str) -> IndexModel:
    """Return what an index tells of its model."""
    name = os.path.abspath(os.path.expanduser(name)) if os.path.exists(os.path.expanduser(name)) else name
    return IndexModel(
        name, encoder.sha256, encoder.precision, encoder.dim, encoder.tile_px, encoder.patch_px, encoder.global_bias,
        encoder.logit_scale,
    )  # fmt: skip


def look_at_all(
    request: IndexRequest, sources: list[Source], encoder: ImageEncoder, report: Report, cancel: CancelToken
) -> tuple[list[Wanted], list[str]]:
    """Open every source; return those that can be indexed, and "file: why" of the others.

    Raises:
        SceneError: None can be; the first one's cause.
    """
    wanted: list[Wanted] = []
    failed: list[str] = []
    first: GraftError | None = None
    for number, source in enumerate(sources):
        cancel.check()
        report("open", number, len(sources))
        try:
            wanted.append(_look(request, source, encoder))
        except SceneError as error:
            first = first or error
            failed.append(_line(source.path, error))
    if first is not None and not wanted:
        raise first
    return wanted, failed


def _look(request: IndexRequest, source: Source, encoder: ImageEncoder) -> Wanted:
    asked = EstimateRequest(
        raster=source.path, model=request.model, sensor=request.sensor, bands=request.bands, stretch=request.stretch,
        gsd_m=request.gsd_m, offline=request.offline,
    )  # fmt: skip
    scene = look_at(asked, encoder)
    key = field_key(scene, encoder, encoder.precision, UNSHIFTED)
    area = scene.window.expanded(encoder.patch_px)
    tiles = tiles_of(scene.grid, area, encoder.patch_px, UNSHIFTED)
    path = os.path.abspath(source.path) if os.path.exists(source.path) else source.path
    look = {name: getattr(request, name) for name in ("sensor", "bands", "stretch", "gsd_m")}
    folder = scene_folder(Path(request.out).expanduser().absolute(), path, key)
    entry = IndexScene(folder, path, source.acquired, scene.sensor, scene.grid, tiles, key, look)
    return Wanted(scene, entry, tiles)


def _here(
    request: IndexRequest, wanted: list[Wanted], encoder: ImageEncoder, model: IndexModel, report: Report,
    cancel: CancelToken,
) -> Iterator[tuple[Wanted, int, int, SceneError | None]]:  # fmt: skip
    """Encode scene after scene; yield each with (tiles encoded, tiles that were there, why it failed)."""
    everything = sum(len(one.tiles) for one in wanted)
    for place, one in enumerate(wanted):
        before = sum(len(other.tiles) for other in wanted[:place])
        try:
            yield one, *_index_scene(one, encoder, model, _from(report, before, everything), cancel), None
        except SceneError as error:
            yield one, 0, 0, error


def _on_cluster(
    request: IndexRequest, wanted: list[Wanted], encoder: ImageEncoder, model: IndexModel, report: Report,
    cancel: CancelToken,
) -> Iterator[tuple[Wanted, int, int, SceneError | None]]:  # fmt: skip
    from .cluster import crew
    from .cluster_build import encode_on

    with crew(request.cluster or "", offline=request.offline) as found:
        yield from encode_on(found, wanted, model, request.device, report, cancel)


def _index_scene(
    one: Wanted, encoder: ImageEncoder, model: IndexModel, report: Report, cancel: CancelToken
) -> tuple[int, int]:
    """Encode what the index lacks of a scene; return (tiles encoded, tiles that were there).

    Raises:
        SceneError: The raster vanished, is damaged, or changed in the meantime; what was encoded before is kept.
    """
    create_scene(one.entry, model)
    tiles = IndexedTiles(one.entry, model)
    try:
        field = embed_scene(
            one.scene, encoder, window=one.scene.window, stride_px=encoder.patch_px, store=tiles, report=report,
            cancel=cancel,
        )  # fmt: skip
    except (Cancelled, SceneError):
        tiles.finish()
        raise
    tiles.finish()
    check_unchanged(one.scene)
    return field.encoded_tiles, field.from_store


def check_unchanged(scene: Scene) -> None:
    """Check that the files behind a scene are those that were opened.

    Raises:
        SceneError: One vanished or changed.
    """
    for name, mtime_ns, size in scene.files:
        now = file_stamp(name)
        unknown = now is None and name.startswith("/vsi")  # the server is silent: no word on what was read
        if mtime_ns and now != (mtime_ns, size) and not unknown:
            raise SceneError(
                f"it {'vanished' if now is None else 'changed'} while it was indexed",
                remedy="Run graft index again: what has changed is encoded anew.", path=name,
            )  # fmt: skip


def _drop_replaced(out: Path, done: list[IndexScene]) -> list[str]:
    """Remove the scenes of files that have changed since, once their successors are whole."""
    fresh = {entry.source: entry.name for entry in done}
    gone = []
    for scene in read_scenes(out):
        if fresh.get(scene.source, scene.name) != scene.name:
            (scene.folder / "zarr.json").unlink(missing_ok=True)  # first, so that a half-deleted scene is none
            shutil.rmtree(scene.folder, ignore_errors=True)
            gone.append(scene.name)
    return gone


def folder_bytes(folder: Path) -> int:
    """Return what the files below a folder take."""
    return sum(os.stat(os.path.join(p, f)).st_size for p, _d, files in os.walk(folder) for f in files)


@contextmanager
def _one_writer(out: Path) -> Iterator[None]:
    try:
        out.mkdir(parents=True, exist_ok=True)
        with locked(out / "lock", wait=False):
            yield
    except BlockingIOError as error:
        raise StoreError(
            "another process is writing to this index", remedy="Wait until it is done; searching it is no problem.",
            path=str(out),
        ) from error  # fmt: skip
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise StoreError(
            f"the index's folder cannot be used: {error.strerror}", remedy="Name another folder.", path=str(out)
        ) from error


def _from(report: Report, before: int, everything: int) -> Report:
    """Return a report that counts on from the scenes before."""
    return lambda stage, done, total: report(stage, before + done, everything)


def _line(path: str, error: GraftError) -> str:
    return f"{path}: {error.message}"
