"""Layers that are no files for the engine (XYZ, WMS, WMTS, WCS, PostgreSQL, virtual, in memory), read through QGIS.

The layer's provider is asked block by block, in the calling thread, at the model's ground resolution or a little finer,
and in the layer's own CRS: the engine's warper, which is exact, brings it into metres, so that nothing is resampled
twice. Providers of pictures give red, green, blue and what is opaque; providers of values give their bands as they are.
Neither sees the user's styling (renderer, opacity, brightness, blending), which belongs to the map and not to the data.

Blocks lie on a raster that is fixed for a layer, CRS and resolution, and are kept until QGIS ends: a second prompt
reads nothing, a run that was cancelled or failed goes on where it stopped.
"""

from __future__ import annotations

import math
import os
import threading
import time
from typing import Any, List, Optional, Tuple

from qgis.core import QgsCoordinateReferenceSystem, QgsRasterBlockFeedback, QgsRectangle
from qgis.PyQt.QtCore import QThread

from ..client.children import CancelFlag
from ..errors import Cancelled, SceneError
from .i18n import tr
from .progress import Report
from .render_files import PICTURE, block_name, is_opaque, write_mosaic, write_picture, write_values
from .render_grid import MERCATOR_M, Box
from .render_plan import RenderedLayer, RenderPlan, check_size, plan_render
from .replies import Answer, Answers

WAITS_S = (0.5, 1.0, 2.0)
"""What is waited before a block is asked for again."""

DOUBTED = 3
"""So many blocks with missing tiles are asked for twice: it may be the edge of the imagery, or a server under load."""

_POLL_S = 0.05
_INSET_PX = 1e-5


def render(layer: RenderedLayer, box: Box, gsd_m: float, report: Report, cancelled: CancelFlag) -> str:
    """Read an area of a layer into files, and return the raster that holds it and its surroundings.

    Args:
        layer: The layer.
        box: The area in the layer's CRS.
        gsd_m: Ground resolution of the model.
        report: Told of the stage "render", in this thread.
        cancelled: Asked about every 50 ms, from another thread.

    Raises:
        Cancelled: `cancelled` was true; what was read so far is kept.
        SceneError: The server refuses or fails, or the layer has nothing there.
        UsageError: The area is too large.
        OutputError: The disk is full.
    """
    plan = plan_render(layer, box, gsd_m)
    check_size(layer, plan, gsd_m)
    os.makedirs(plan.folder, exist_ok=True)
    while not layer.lock.acquire(timeout=_POLL_S):
        if cancelled():
            raise Cancelled()
    _move(layer.provider, QThread.currentThread())
    try:
        with Answers(layer.manager, layer.address) as answers, _Stop(cancelled) as stop:
            reader = _Reader(layer, plan, answers, stop)
            for done, block in enumerate(plan.blocks):
                report("render", done, len(plan.blocks))
                stop.check()
                if not os.path.exists(os.path.join(plan.folder, block_name(*block))):
                    reader.read(block)
    finally:
        _move(layer.provider, None)
        layer.lock.release()
    reader.check_not_empty()
    name = f"r{plan.blocks.row}c{plan.blocks.col}-{plan.blocks.rows}x{plan.blocks.cols}.vrt"
    mosaic = os.path.join(plan.folder, name)
    variant = QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED_GDAL
    write_mosaic(mosaic, plan.grid, plan.blocks, layer.bands, layer.crs.toWkt(variant))
    report("render", len(plan.blocks), len(plan.blocks))
    return mosaic


class _Stop:
    """Ends what QGIS is reading soon after the user has cancelled: it looks while this thread waits for a server."""

    def __init__(self, cancelled: CancelFlag) -> None:
        self.feedback = QgsRasterBlockFeedback()
        self._cancelled = cancelled
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look, name="graft-render-watch", daemon=True)

    def __enter__(self) -> _Stop:
        self._watch.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._watch.join()

    def check(self) -> None:
        if self.feedback.isCanceled() or self._cancelled():
            raise Cancelled()

    def sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.check()
            time.sleep(_POLL_S)

    def _look(self) -> None:
        while not self._over.wait(_POLL_S):
            if self._cancelled():
                self.feedback.cancel()
                return


class _Reader:
    """Reads the blocks of one plan."""

    def __init__(self, layer: RenderedLayer, plan: RenderPlan, answers: Answers, stop: _Stop) -> None:
        self._layer = layer
        self._plan = plan
        self._answers = answers
        self._stop = stop
        self._missing_url = ""
        self._doubts = DOUBTED

    def read(self, block: Tuple[int, int]) -> None:
        """Read one block and write its file, asking again where a server fails.

        Raises:
            SceneError: It kept failing.
        """
        waits, doubted = list(WAITS_S), False
        while True:
            pixels = self._ask(block)
            self._stop.check()
            if self._layer.bands == PICTURE and pixels and not is_opaque(pixels[0].image()):
                self._answers.wait(self._stop.feedback.isCanceled)
            seen = self._answers.drain()
            failed = [answer for answer in seen if answer.failed] if self._layer.bands == PICTURE else []
            refused = next((answer for answer in failed if answer.refused), None)
            if refused is not None:
                raise self._failure(refused)
            if failed or not pixels:
                if not waits:
                    raise self._failure(failed[0] if failed else None)
                self._stop.sleep(waits.pop(0))
                continue
            missing = [answer for answer in seen if answer.missing]
            if missing and self._doubts and not doubted:
                self._doubts, doubted = self._doubts - 1, True
                self._stop.sleep(WAITS_S[0])
                continue
            self._missing_url = self._missing_url or (missing[0].url if missing else "")
            self._write(block, pixels)
            return

    def check_not_empty(self) -> None:
        """Refuse an area on which there is nothing at all; it is read anew the next time.

        Raises:
            SceneError: There is nothing.
        """
        marks = [os.path.join(self._plan.folder, _nothing(block)) for block in self._plan.blocks]
        if not all(map(os.path.exists, marks)):
            return
        for mark, block in zip(marks, self._plan.blocks):
            os.remove(os.path.join(self._plan.folder, block_name(*block)))
            os.remove(mark)
        raise SceneError(
            tr("the layer “{}” shows nothing in this area: every pixel came back empty in {}, {}").format(
                self._layer.name, self._layer.crs.authid(), self._zoom()
            ),
            remedy=tr("Choose an area where the layer shows something, or a coarser ground resolution."),
            path=self._missing_url or self._layer.address,
        )

    def _ask(self, block: Tuple[int, int]) -> List[Any]:
        """Return the block of each band, or nothing where the provider failed."""
        (width, height), (x, y) = self._plan.grid.shape(*block), self._plan.grid.corner(*block)
        pixel_x, pixel_y = self._plan.grid.pixel
        # a hair inside: on its very edge a block would ask for the neighbours' tiles too
        dx, dy = (pixel_x * _INSET_PX, pixel_y * _INSET_PX) if self._layer.bands == PICTURE else (0.0, 0.0)
        where = QgsRectangle(x + dx, y - height * pixel_y + dy, x + width * pixel_x - dx, y - dy)
        count = 1 if self._layer.bands == PICTURE else len(self._layer.bands)
        pixels = [
            self._layer.provider.block(band, where, width, height, self._stop.feedback) for band in range(1, count + 1)
        ]
        good = all(block is not None and block.isValid() and block.width() == width for block in pixels)
        return pixels if good else []

    def _write(self, block: Tuple[int, int], pixels: List[Any]) -> None:
        path = os.path.join(self._plan.folder, block_name(*block))
        if self._layer.bands == PICTURE:
            something = write_picture(path, pixels[0].image(), self._plan.grid, block)
        else:
            something = write_values(path, pixels, self._layer.bands, self._plan.grid, block)
        if not something:
            with open(os.path.join(self._plan.folder, _nothing(block)), "wb"):
                pass

    def _failure(self, answer: Optional[Answer]) -> SceneError:
        said = [*self._stop.feedback.errors(), self._layer.provider.lastError()]
        said_why = next(filter(None, said), tr("no reason given"))
        reason = answer.reason if answer else tr("gives no pixels ({})").format(said_why)
        return SceneError(
            tr("the layer “{}” cannot be rendered in {}, {}: its server {}").format(
                self._layer.name, self._layer.crs.authid(), self._zoom(), reason
            ),
            remedy=tr("Check the layer's address and your connection, then run it again: it goes on where it stopped."),
            path=answer.url if answer else self._layer.address,
        )

    def _zoom(self) -> str:
        pixel = self._plan.grid.pixel[0]
        if self._layer.native and self._layer.crs.authid() == "EPSG:3857":
            return tr("zoom {}").format(round(math.log2(2 * MERCATOR_M / 256 / pixel)))
        return tr("{:.3g} map units a pixel").format(pixel)


def _nothing(block: Tuple[int, int]) -> str:
    """Return the name of the mark that says that there is nothing on a block."""
    return block_name(*block) + ".nothing"


def _move(provider: Any, thread: Optional[QThread]) -> None:  # noqa: ANN401 - QgsRasterDataProvider
    """Give a provider to a thread, or to none, from where any thread may take it."""
    if provider.thread() is None or provider.thread() == QThread.currentThread():
        provider.moveToThread(thread)
