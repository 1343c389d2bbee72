"""The offline switch and layers: a source tells whether it comes over a network, and is refused before it is opened."""

from __future__ import annotations

import re
from typing import Any

from qgis.core import QgsProviderRegistry, QgsRasterDataProvider, QgsRasterLayer
from qgis.PyQt.QtCore import QUrl, QUrlQuery

from ..errors import OfflineError
from ..switches import is_offline
from .i18n import tr
from .settings import OFFLINE

_REMOTE = re.compile(
    r"(https?|ftps?|s3|gs)://"
    r"|/vsi(curl|s3|gs|az|adls|oss|swift|hdfs|webhdfs)(_streaming)?[/?]"
    r"|^(wms|wmts|wcs|ogcapi|plmosaic|ngw|daas|eedai?|rasdaman|pg|stacta|stacit):",
    re.IGNORECASE,
)
"""How GDAL's names of rasters begin that it reads over a network."""


def check_offline(name: str, address: str) -> None:
    """Refuse a layer that comes over a network, while the offline switch is on. In any thread.

    Args:
        name: The layer's.
        address: Where it comes from, for people.

    Raises:
        OfflineError: The switch is on, here or in the environment.
    """
    if OFFLINE.get() or is_offline():
        raise OfflineError(
            tr("the layer “{}” is read over the network, and the offline switch is on").format(name),
            remedy=tr("Choose a layer that is a file on this computer, or switch it off in QGIS's options, GRAFT."),
            path=address,
        )


def over_network(provider: str, source: str) -> bool:
    """Tell whether a layer's pixels come over a network; what is not known to be here counts as elsewhere.

    Args:
        provider: Key of its data provider.
        source: Its source.
    """
    if provider == "gdal":
        return _REMOTE.search(source) is not None
    if provider == "virtualraster":
        inputs = QgsRasterDataProvider.decodeVirtualRasterProviderUri(source)
        found: Any = inputs[0] if isinstance(inputs, tuple) else inputs
        return any(over_network(part.provider, part.uri) for part in found.rInputLayers)
    if provider == "wms":  # tiles may lie in a folder or in one file
        url = _url(provider, source)
        path = QgsProviderRegistry.instance().decodeUri(provider, source).get("path")
        return not (path if url.isEmpty() else url.isLocalFile())
    return True


def layer_address(layer: QgsRasterLayer) -> str:
    """Return where a layer comes from, for people: without user, password and query, which may hold a secret."""
    url = _url(layer.providerType(), layer.source())
    if not url.isEmpty():
        hidden = QUrl.UrlFormattingOption.RemoveUserInfo | QUrl.UrlFormattingOption.RemoveQuery
        return QUrl.fromPercentEncoding(url.toString(hidden).encode())
    bare = re.sub(r"//[^/@\s]*@", "//", layer.source())
    return re.sub(r"(?i)(password|authcfg|user)='?[^'\s]*'?\s*", "", bare).strip()


def _url(provider: str, source: str) -> QUrl:
    """Return the address in a layer's source; empty where there is none."""
    parts = QgsProviderRegistry.instance().decodeUri(provider, source)
    # not every provider can take its own sources apart: that of WCS cannot
    plain = "" if provider == "gdal" else QUrlQuery(source).queryItemValue("url")
    return QUrl(str(parts.get("url") or plain))
