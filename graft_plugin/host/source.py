"""A QGIS raster layer of any kind as something that the engine can open, and an area in that raster's CRS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional, Tuple

from qgis.core import QgsRasterLayer

from ..client.children import CancelFlag
from ..errors import SceneError
from .file_source import FileSource, file_source
from .i18n import tr
from .offline import check_offline, layer_address, over_network
from .progress import Report
from .provider_source import rendered_layer
from .render import render
from .render_grid import Box as Box
from .render_plan import RenderedLayer, RenderPlan, plan_render


@dataclass(frozen=True)
class Source:
    """What the engine opens.

    Attributes:
        raster: By the name that GDAL opens.
        extent: The area in the raster's CRS, which is the layer's; None: the whole of it.
        origin: Where the pixels come from, for people: the file, or the address of the layer that was rendered.
    """

    raster: str
    extent: Optional[Box]
    origin: str


@dataclass(frozen=True)
class LayerSource:
    """A layer as any one thread can turn it into a `Source`; it holds nothing that belongs to the main thread.

    Attributes:
        name: The layer's.
        extent: Its extent in its CRS.
        file: Where GDAL opens it outside QGIS.
        rendered: Where it does not.
        remote: Its address, where its pixels come over a network; empty: they are here.
    """

    name: str
    extent: Box
    file: Optional[FileSource]
    rendered: Optional[RenderedLayer]
    remote: str = ""

    def plan(self, area: Optional[Box], gsd_m: float) -> Optional[RenderPlan]:
        """Return what rendering an area will take; None for a file, which is not rendered. Takes milliseconds."""
        return None if self.rendered is None else plan_render(self.rendered, area or self.extent, gsd_m)

    def fetch(
        self,
        area: Optional[Box],
        gsd_m: float,
        report: Optional[Report] = None,
        cancelled: Optional[CancelFlag] = None,
    ) -> Source:
        """Return the raster for an area, rendering it first where it is no file; not in the main thread of a window.

        Args:
            area: In the layer's CRS; None: the whole layer.
            gsd_m: Ground resolution of the model, in metres; of no matter for a file.
            report: Told of the stage "render".
            cancelled: Once it is true, the call ends within a second.

        Raises:
            Cancelled: `cancelled` was true; what was rendered so far is kept for the next time.
            OfflineError: It comes over a network, and the offline switch was set since the layer was looked at.
            GraftError: What went wrong, with the layer's address, CRS and zoom.
        """
        if self.remote:
            check_offline(self.name, self.remote)
        if self.rendered is not None:
            report, cancelled = report or (lambda stage, done, total: None), cancelled or (lambda: False)
            raster = render(self.rendered, area or self.extent, gsd_m, report, cancelled)
            # without an area the raster's rim, up to a block wide, would be looked at too
            return Source(raster, area or self.extent, self.rendered.address)
        assert self.file is not None
        raster = self.file.open()
        return Source(raster, area, raster if self.file.inline else self.file.path)


def layer_source(layer: QgsRasterLayer) -> LayerSource:
    """Look at a layer, in the main thread; nothing is read, and the layer is not changed.

    Raises:
        SceneError: It is broken, or has no CRS.
        OfflineError: It comes over a network, and the offline switch is on; no provider was asked for anything.
    """
    remote = layer_address(layer) if over_network(layer.providerType(), layer.source()) else ""
    if remote:
        check_offline(layer.name(), remote)
    if not layer.isValid() or layer.dataProvider() is None:
        raise SceneError(
            tr("the layer “{}” is broken: QGIS cannot open its source").format(layer.name()),
            remedy=tr("Repair it in QGIS first: Layer, Set Data Source."),
        )
    if not layer.crs().isValid():
        raise SceneError(
            tr("the layer “{}” has no coordinate reference system").format(layer.name()),
            remedy=tr("Set it first: right-click the layer, Layer CRS, Set Layer CRS."),
        )
    found = file_source(layer)
    return LayerSource(layer.name(), box(layer.extent()), found, None if found else rendered_layer(layer), remote)


def box(area: Any) -> Box:  # noqa: ANN401 - QgsRectangle
    """Return a rectangle as (xmin, ymin, xmax, ymax)."""
    return (area.xMinimum(), area.yMinimum(), area.xMaximum(), area.yMaximum())


def texts(lines: str) -> Tuple[str, ...]:
    """Return the texts that stand one a line, blank lines left out, each once."""
    return tuple(dict.fromkeys(line.strip() for line in lines.splitlines() if line.strip()))
