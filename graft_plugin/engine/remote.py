"""Files on servers: how GDAL names them, whether they have changed, and small documents read whole."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any, Optional

from ..errors import DownloadError, SceneError
from ..switches import is_offline
from .encoders.fetch import trusting_opener
from .offline import refuse_remote

_GDAL = {
    "http://": "/vsicurl/http://",
    "https://": "/vsicurl/https://",
    "s3://": "/vsis3/",
    "gs://": "/vsigs/",
    "az://": "/vsiaz/",
}
_TIMEOUT_S = 30.0
_MOST_BYTES = 256 << 20


def as_gdal(name: str) -> str:
    """Return an address as GDAL reads it in ranges (/vsicurl/, /vsis3/ …); any other name as it is."""
    for scheme, prefix in _GDAL.items():
        if name.lower().startswith(scheme):
            return prefix + name[len(scheme) :]
    return name


def stamp(name: str) -> Optional[tuple[int, int]]:
    """Return (a number that changes with the file, bytes) of a file that GDAL names /vsicurl/…; None where unknown.

    The number is the time of its last change in ns; of a server that tells none, a part of its ETag's SHA-256.
    """
    address = name.partition("/vsicurl/")[2]
    if not address or is_offline():
        return None
    try:
        with _open(urllib.request.Request(address, method="HEAD")) as response:
            changed, etag = response.headers.get("Last-Modified"), response.headers.get("ETag")
            size = int(response.headers.get("Content-Length") or 0)
    except (OSError, ValueError, http.client.HTTPException):
        return None
    if changed:
        try:
            return int(parsedate_to_datetime(changed).timestamp()) * 10**9, size
        except ValueError:
            pass
    return (int(sha256(etag.encode()).hexdigest()[:12], 16) if etag else 0), size


def read_json(address: str, offline: bool = False) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON document from an http(s) address.

    Raises:
        OfflineError: The network is switched off; no socket was opened.
        DownloadError: It cannot be had.
        SceneError: It is no JSON.
    """
    if offline or is_offline():
        refuse_remote(address)
    try:
        with _open(
            urllib.request.Request(address, headers={"Accept": "application/geo+json, application/json"})
        ) as found:
            data = found.read(_MOST_BYTES)
    except (OSError, http.client.HTTPException) as error:
        why = (
            f"the server answered {error.code}"
            if isinstance(error, urllib.error.HTTPError)
            else f"it cannot be had: {error}"
        )
        raise DownloadError(why, remedy="Check the address and the network.", path=address) from error
    try:
        return json.loads(data)
    except ValueError as error:
        raise SceneError(f"it cannot be read as STAC: {error}", path=address) from error


def _open(request: urllib.request.Request) -> Any:  # noqa: ANN401 - urllib's response
    request.add_header("User-Agent", "graft")
    return trusting_opener().open(request, timeout=_TIMEOUT_S)
