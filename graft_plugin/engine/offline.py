"""The offline switch in the engine: rasters that come over a network."""

from __future__ import annotations

import os
import re

from ..errors import OfflineError

_REMOTE = re.compile(
    r"(https?|ftps?|s3|gs|az)://|/vsi(curl|s3|gs|az|adls|oss|swift|hdfs|webhdfs)(_streaming)?[/?]", re.IGNORECASE
)
_DRIVERS = ("HTTP", "WMS", "WMTS", "WCS", "OGCAPI", "PLMOSAIC", "NGW", "STACTA", "STACIT", "DAAS", "EEDAI", "EEDA")
"""GDAL's drivers that open connections of their own, whatever the file is called that tells them where to."""


def close_gdal() -> None:
    """Take GDAL's ways to the network away, for this process: a local VRT may name remote files too.

    Before GDAL is imported; it reads the list of drivers once.
    """
    os.environ["GDAL_SKIP"] = ",".join(filter(None, [os.environ.get("GDAL_SKIP"), *_DRIVERS]))
    os.environ["CPL_VSIL_CURL_ALLOWED_FILENAME"] = "none"


def refuse_remote(raster: str) -> None:
    """Refuse a raster whose name says that it lies on a server.

    Raises:
        OfflineError: It does.
    """
    if _REMOTE.search(raster):
        raise OfflineError(
            "the raster is read over the network, and the offline switch is on",
            remedy="Download it and give the file, or switch the network on again.",
            path=re.sub(r"//[^/@\s]*@", "//", raster),
        )
