"""Layers that are no files: what has to be known of one in the main thread, so that another can read it."""

from __future__ import annotations

import os
import re
from typing import Any, List, Tuple

from qgis.core import QgsNetworkAccessManager, QgsProcessingUtils, QgsProject, QgsRasterLayer

from ..errors import SceneError
from .i18n import tr
from .offline import layer_address
from .render_files import PICTURE, Band, gdal_type
from .render_grid import BLOCK_PX
from .render_plan import RenderedLayer

_ARGB = (12, 13)
_KNOWN = (1, 2, 3, 4, 5, 6, 7)
_LAST_COLOUR = 16


def rendered_layer(layer: QgsRasterLayer) -> RenderedLayer:
    """Return what it takes to read a layer in another thread; in the main thread.

    Raises:
        SceneError: It holds values of a kind that no model reads.
    """
    provider = layer.dataProvider()
    extent = layer.extent()
    step_px = min(provider.stepWidth() or BLOCK_PX, provider.stepHeight() or BLOCK_PX)
    clone = provider.clone()
    clone.moveToThread(None)
    return RenderedLayer(
        name=layer.name(),
        provider=clone,
        address=layer_address(layer),
        key=f"{layer.providerType()}:{layer.source()}",
        crs=layer.crs(),
        extent=(extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()),
        bands=_bands(layer, provider),
        native=tuple(sorted(provider.nativeResolutions())),
        size_px=(provider.xSize(), provider.ySize()),
        folder=os.path.join(QgsProcessingUtils.tempFolder(), "graft-layers"),
        manager=QgsNetworkAccessManager.instance(),
        context=QgsProject.instance().transformContext(),
        block_px=min(BLOCK_PX, step_px),
    )


def _bands(layer: QgsRasterLayer, provider: Any) -> Tuple[Band, ...]:  # noqa: ANN401 - QgsRasterDataProvider
    types = [gdal_type(provider.dataType(band)) for band in range(1, provider.bandCount() + 1)]
    if types and types[0] in _ARGB:
        return PICTURE
    if not types or not set(types) <= set(_KNOWN) or not provider.xSize():
        raise SceneError(
            tr("the layer “{}” gives neither a picture nor numbers ({})").format(layer.name(), layer.providerType()),
            remedy=tr("Save it as a GeoTIFF first: right-click, Export, Save As."),
        )
    found: List[Band] = []
    for number, kind in enumerate(types, start=1):
        colour = gdal_type(provider.colorInterpretation(number))
        known = provider.sourceHasNoDataValue(number) and provider.useSourceNoDataValue(number)
        nodata = float(provider.sourceNoDataValue(number)) if known else None
        name = re.sub(r"^\D+ \d+(: )?", "", provider.generateBandName(number))
        found.append(Band(kind, colour if 0 <= colour <= _LAST_COLOUR else 0, nodata, name))
    return tuple(found)
