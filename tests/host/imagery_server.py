"""A local HTTP server that shows a raster file as XYZ tiles and as a WMS, and fails in the ways that servers fail."""

from __future__ import annotations

import contextlib
import http.server
import io
import re
import threading
import time
from urllib.parse import parse_qs, urlparse

import numpy as np
import rasterio
from PIL import Image
from rasterio.enums import Resampling
from rasterio.transform import from_bounds
from rasterio.warp import reproject

MERCATOR_M = 20037508.342789244
SLOW_S = 20.0
FAILURES = 3

CAPABILITIES = """<?xml version="1.0" encoding="UTF-8"?>
<WMS_Capabilities version="1.3.0" xmlns="http://www.opengis.net/wms" xmlns:xlink="http://www.w3.org/1999/xlink">
<Service><Name>WMS</Name><Title>test</Title><OnlineResource xlink:href="{url}"/></Service>
<Capability><Request>
<GetCapabilities><Format>text/xml</Format>
<DCPType><HTTP><Get><OnlineResource xlink:href="{url}"/></Get></HTTP></DCPType>
</GetCapabilities>
<GetMap><Format>image/png</Format>
<DCPType><HTTP><Get><OnlineResource xlink:href="{url}"/></Get></HTTP></DCPType></GetMap>
</Request><Exception><Format>XML</Format></Exception>
<Layer><Title>root</Title><CRS>EPSG:32615</CRS>
<EX_GeographicBoundingBox><westBoundLongitude>-93.1</westBoundLongitude><eastBoundLongitude>-92.9</eastBoundLongitude>
<southBoundLatitude>45.0</southBoundLatitude><northBoundLatitude>45.3</northBoundLatitude></EX_GeographicBoundingBox>
<BoundingBox CRS="EPSG:32615" minx="{0}" miny="{1}" maxx="{2}" maxy="{3}"/>
<Layer queryable="0"><Name>scene</Name><Title>scene</Title><CRS>EPSG:32615</CRS>
<BoundingBox CRS="EPSG:32615" minx="{0}" miny="{1}" maxx="{2}" maxy="{3}"/></Layer>
</Layer></Capability></WMS_Capabilities>"""


class ImageryServer:
    """Serves `path` at `/<mode>/z/x/y.png` and `/wms`; `requests` are the paths that were asked for.

    Modes: ok; flaky (each tile fails some times); down (503); denied (403); nothing (404); slow; html (200, a text).
    """

    def __init__(self, path) -> None:
        self.requests: list[str] = []
        self._failures: dict[str, int] = {}
        self._lock = threading.Lock()
        with rasterio.open(path) as src:
            self._crs, self._transform, self._bounds = src.crs, src.transform, src.bounds
            self._pixels = np.concatenate([src.read([1, 2, 3]), np.full((1, *src.shape), 255, np.uint8)])
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args) -> None:
                pass

            def do_GET(self) -> None:
                status, kind, body = outer.answer(self.path)
                with contextlib.suppress(OSError):  # the client may have hung up
                    self.send_response(status)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def xyz(self, mode: str, zmax: int = 19, query: str = "") -> str:
        """The source of an XYZ layer."""
        return f"type=xyz&url={self.url}/{mode}/%7Bz%7D/%7Bx%7D/%7By%7D.png{query}&zmax={zmax}&zmin=0"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        with self._lock:
            self.requests.append(path)
        parsed = urlparse(path)
        if parsed.path == "/wms":
            return self._wms({key.upper(): value[0] for key, value in parse_qs(parsed.query).items()})
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
            return 200, "text/xml", CAPABILITIES.format(*self._bounds, url=f"{self.url}/wms?").encode()
        box = tuple(float(number) for number in query["BBOX"].split(","))
        rgba = self.picture(box, query["CRS"], (int(query["WIDTH"]), int(query["HEIGHT"])))
        return 200, "image/png", _png(rgba)

    def picture(self, box, crs: str, size: tuple[int, int]) -> np.ndarray:
        """[4, h, w] uint8 of a box: the file's pixels, and nothing beside them."""
        out = np.zeros((4, *size[::-1]), np.uint8)
        reproject(
            self._pixels, out, src_transform=self._transform, src_crs=self._crs, dst_transform=from_bounds(*box, *size),
            dst_crs=crs, resampling=Resampling.nearest, tolerance=0,
        )  # fmt: skip
        return out


def _png(rgba: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.moveaxis(rgba, 0, -1), "RGBA").save(out, "PNG")
    return out.getvalue()
