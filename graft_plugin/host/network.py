"""How QGIS reaches the network, for processes that are not QGIS."""

from __future__ import annotations

from urllib.parse import quote

from qgis.core import QgsNetworkAccessManager
from qgis.PyQt.QtNetwork import QNetworkProxy

_SCHEMES = {
    QNetworkProxy.ProxyType.HttpProxy: "http",
    QNetworkProxy.ProxyType.HttpCachingProxy: "http",
    QNetworkProxy.ProxyType.Socks5Proxy: "socks5h",
}


def qgis_proxy() -> str:
    """Return the proxy of QGIS's network options as an address with its login; empty where there is none.

    A proxy of the system is not named here: installers find it themselves. Call it in the main thread.
    """
    proxy = QgsNetworkAccessManager.instance().fallbackProxy()
    scheme = _SCHEMES.get(proxy.type())
    if scheme is None or not proxy.hostName():
        return ""
    login = ""
    if proxy.user():
        login = f"{quote(proxy.user(), safe='')}:{quote(proxy.password(), safe='')}@"
    return f"{scheme}://{login}{proxy.hostName()}:{proxy.port() or 8080}"
