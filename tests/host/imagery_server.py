"""A local HTTP server that shows a raster file as XYZ tiles, WMS, WMTS and WCS, and as the file that it is.

It fails in the ways that servers fail.
"""

from __future__ import annotations

import contextlib
import io
import re
import threading
import time
from urllib.parse import parse_qs, urlparse

import numpy as np
import rasterio
from PIL import Image
from rasterio.enums import Resampling
from rasterio.io import MemoryFile
from rasterio.transform import from_bounds
from rasterio.warp import reproject

from ..servers import LocalServer, Silent
from . import imagery_documents as documents

MERCATOR_M = 20037508.342789244
SLOW_S = 20.0
FAILURES = 3
MATRICES_M = {"far": 4.0, "near": 1.0, "nearest": 0.5}
"""Levels of the WMTS: their pixels."""


class ImageryServer(LocalServer):
    """Serves `path` at `/<mode>/z/x/y.png`, `/wms`, `/wmts`, `/wcs`, `/scene.tif`; `requests` are the paths asked for.

    Modes: ok; flaky (each tile fails some times); down (503); denied (403); nothing (404); slow; html (200, a text).
    """

    def __init__(self, path) -> None:
        self.requests: list[str] = []
        self._failures: dict[str, int] = {}
        self._lock = threading.Lock()
        with rasterio.open(path) as src:
            self._crs, self._transform, self._bounds = src.crs, src.transform, src.bounds
            self._pixels = np.concatenate([src.read([1, 2, 3]), np.full((1, *src.shape), 255, np.uint8)])
            self._bands = src.read()
        self._path = path
        outer = self

        class Handler(Silent):
            def do_HEAD(self) -> None:
                self.do_GET()

            def do_GET(self) -> None:
                status, kind, body = outer.answer(self.path)
                with contextlib.suppress(OSError):  # the client may have hung up
                    self.send_response(status)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    if self.command == "GET":
                        self.wfile.write(body)

        super().__init__(Handler)

    def xyz(self, mode: str, zmax: int = 19, query: str = "") -> str:
        """The source of an XYZ layer."""
        return f"type=xyz&url={self.url}/{mode}/%7Bz%7D/%7Bx%7D/%7By%7D.png{query}&zmax={zmax}&zmin=0"

    @property
    def wms(self) -> str:
        """The source of a WMS layer."""
        return f"crs=EPSG:{documents.EPSG}&dpiMode=7&format=image/png&layers=scene&styles=&url={self.url}/wms?"

    @property
    def wmts(self) -> str:
        """The source of a WMTS layer."""
        chosen = "dpiMode=7&format=image/png&layers=scene&styles=default&tileMatrixSet=utm"
        return f"crs=EPSG:{documents.EPSG}&{chosen}&url={self.url}/wmts?SERVICE%3DWMTS%26REQUEST%3DGetCapabilities"

    @property
    def wcs(self) -> str:
        """The source of a WCS layer."""
        return f"crs=EPSG:{documents.EPSG}&format=GeoTIFF&identifier=scene&version=1.0.0&url={self.url}/wcs?"

    def answer(self, path: str) -> tuple[int, str, bytes]:
        with self._lock:
            self.requests.append(path)
        parsed = urlparse(path)
        service = {"/wms": self._wms, "/wmts": self._wmts, "/wcs": self._wcs}.get(parsed.path)
        if service is not None:
            return service({key.upper(): value[0] for key, value in parse_qs(parsed.query).items()})
        if parsed.path == "/scene.tif":
            return 200, "image/tiff", self._path.read_bytes()
        mode, z, x, y = re.fullmatch(r"/(\w+)/(\d+)/(\d+)/(\d+)\.png", parsed.path).groups()
        with self._lock:
            self._failures[path] = self._failures.get(path, 0) + 1
        wrong = {"down": 503, "denied": 403, "nothing": 404}.get(mode)
        if wrong or (mode == "flaky" and self._failures[path] <= FAILURES):
            return wrong or 502, "text/plain", b"no"
        if mode == "html":
            return 200, "text/html", b"<html>Please log in</html>"
        if mode == "slow":
            time.sleep(SLOW_S)
        edge = 2 * MERCATOR_M / 2 ** int(z)
        left, top = int(x) * edge - MERCATOR_M, MERCATOR_M - int(y) * edge
        rgba = self.picture((left, top - edge, left + edge, top), "EPSG:3857", (256, 256))
        return (200, "image/png", _png(rgba)) if rgba[3].any() else (404, "text/plain", b"not here")

    def _wms(self, query: dict[str, str]) -> tuple[int, str, bytes]:
        if query["REQUEST"] == "GetCapabilities":
            return 200, "text/xml", documents.WMS.format(box=self._bounds, url=f"{self.url}/wms?").encode()
        return 200, "image/png", _png(self.picture(*_asked_for(query)))

    def _wmts(self, query: dict[str, str]) -> tuple[int, str, bytes]:
        # so far out that the matrices' corner is another than the file's
        left, top = self._bounds[0] - 300.0, self._bounds[3] + 500.0
        if query["REQUEST"] == "GetCapabilities":
            levels = "".join(documents.matrix(name, pixel, left, top, 64) for name, pixel in MATRICES_M.items())
            filled = documents.WMTS.format(box=self._bounds, url=f"{self.url}/wmts?", levels=levels)
            return 200, "text/xml", filled.encode()
        edge = documents.TILE_PX * MATRICES_M[query["TILEMATRIX"]]
        x, y = left + int(query["TILECOL"]) * edge, top - int(query["TILEROW"]) * edge
        size = (documents.TILE_PX, documents.TILE_PX)
        return 200, "image/png", _png(self.picture((x, y - edge, x + edge, y), f"EPSG:{documents.EPSG}", size))

    def _wcs(self, query: dict[str, str]) -> tuple[int, str, bytes]:
        if query["REQUEST"] != "GetCoverage":
            document = documents.WCS if query["REQUEST"] == "GetCapabilities" else documents.WCS_COVERAGE
            high = (self._bands.shape[2] - 1, self._bands.shape[1] - 1)
            return 200, "text/xml", document.format(box=self._bounds, url=f"{self.url}/wcs?", high=high).encode()
        box, crs, size = _asked_for(query)
        values = self._drawn(self._bands, box, crs, size)
        profile = {"driver": "GTiff", "count": len(values), "dtype": values.dtype, "crs": crs}
        with MemoryFile() as file:
            with file.open(width=size[0], height=size[1], transform=from_bounds(*box, *size), **profile) as out:
                out.write(values)
            return 200, "image/tiff", bytes(file.getbuffer())

    def picture(self, box, crs: str, size: tuple[int, int]) -> np.ndarray:
        """[4, h, w] uint8 of a box: the file's pixels, and nothing beside them."""
        return self._drawn(self._pixels, box, crs, size)

    def _drawn(self, bands: np.ndarray, box, crs: str, size: tuple[int, int]) -> np.ndarray:
        out = np.zeros((len(bands), *size[::-1]), bands.dtype)
        reproject(
            bands, out, src_transform=self._transform, src_crs=self._crs, dst_transform=from_bounds(*box, *size),
            dst_crs=crs, resampling=Resampling.nearest, tolerance=0,
        )  # fmt: skip
        return out


def _asked_for(query: dict[str, str]) -> tuple[tuple[float, ...], str, tuple[int, int]]:
    """(box, CRS, (width, height)) of a request for a map or a coverage."""
    box = tuple(float(number) for number in query["BBOX"].split(","))
    return box, query["CRS"], (int(query["WIDTH"]), int(query["HEIGHT"]))


def _png(rgba: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.moveaxis(rgba, 0, -1), "RGBA").save(out, "PNG")
    return out.getvalue()
