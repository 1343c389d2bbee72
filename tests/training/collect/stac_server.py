"""A local server that speaks the STAC API (item search by POST and GET, paging) and serves COGs by ranges.

`plan(kind, number)` says what goes wrong with the n-th request of a kind ("search", "asset", "token"), counted from 1:
a status, or None for nothing. `asked` lists the searches, `ranges` the paths and ranges of assets that were read.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

from shapely.geometry import box, mapping, shape

from ...servers import LocalServer, Silent

CORE = "https://api.stacspec.org/v1.0.0"
CONFORMS = [f"{CORE}/core", f"{CORE}/item-search", f"{CORE}/item-search#query", f"{CORE}/ogcapi-features"]
TOKEN = "sv=2026&sig=a-token"


def an_item(name, collection, bounds, when, assets, cloud=None, **properties) -> dict:
    """An item; `bounds` are degrees, `assets` name → path on the server."""
    about = {"datetime": f"{when:%Y-%m-%dT%H:%M:%SZ}", **properties}
    if cloud is not None:
        about["eo:cloud_cover"] = cloud
    return {
        "type": "Feature", "stac_version": "1.0.0", "id": name, "collection": collection, "bbox": list(bounds),
        "geometry": mapping(box(*bounds)), "properties": about, "links": [],
        "assets": {key: {"href": path} for key, path in assets.items()},
    }  # fmt: skip


def _matches(item, asked) -> bool:
    if item["collection"] not in asked.get("collections", [item["collection"]]):
        return False
    if "intersects" in asked and not shape(item["geometry"]).intersects(shape(asked["intersects"])):
        return False
    if "datetime" in asked:
        start, _, end = asked["datetime"].partition("/")
        when = item["properties"]["datetime"]
        if not start <= when <= end:
            return False
    for name, rule in (asked.get("query") or {}).items():
        value = item["properties"].get(name)
        if value is None or ("lt" in rule and not value < rule["lt"]):
            return False
    return True


class StacServer(LocalServer):
    def __init__(self, folder: Path, plan=lambda kind, number: None, page=2, needs_token=False, heeds_query=True):
        self.folder, self.plan, self.page = folder, plan, page
        self.needs_token, self.heeds_query = needs_token, heeds_query
        self.items: list[dict] = []
        self.asked: list[tuple[str, dict]] = []
        self.ranges: list[tuple[str, str | None]] = []
        self.tokens: list[str] = []
        self._numbers, self._lock = Counter(), threading.Lock()
        outer = self

        class Handler(Silent):
            def do_GET(self):
                outer.answer(self, None)

            do_HEAD = do_GET

            def do_POST(self):
                outer.answer(self, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        super().__init__(Handler)

    def add(self, name, collection, bounds, when, assets, **other):
        self.items.append(
            an_item(name, collection, bounds, when, {k: f"{self.url}/data/{v}" for k, v in assets.items()}, **other)
        )

    def answer(self, request, body) -> None:
        parts = urlsplit(request.path)
        kind = {"data": "asset", "token": "token", "search": "search"}.get(parts.path.split("/")[1], "landing")
        with self._lock:
            self._numbers[kind] += 1
            wrong = self.plan(kind, self._numbers[kind])
        if wrong:
            return self._send(request, wrong, b"no", {"Retry-After": "0"} if wrong == 429 else {})
        if kind == "asset":
            return self._asset(request, parts)
        if kind == "token":
            self.tokens.append(parts.path)
            expiry = datetime.now(UTC) + timedelta(hours=1)
            return self._json(request, {"msft:expiry": f"{expiry:%Y-%m-%dT%H:%M:%SZ}", "token": TOKEN})
        if kind == "search":
            return self._search(request, body, parse_qs(parts.query))
        links = [{"rel": "self", "href": self.url}, {"rel": "root", "href": self.url}]
        links += [{"rel": "search", "href": f"{self.url}/search", "method": m, "type": "application/geo+json"}
                  for m in ("GET", "POST")]  # fmt: skip
        return self._json(request, {
            "type": "Catalog", "id": "test", "description": "test", "stac_version": "1.0.0",
            "conformsTo": CONFORMS, "links": links,
        })  # fmt: skip

    def _search(self, request, body, query) -> None:
        asked = dict(body) if body is not None else {key: value[0] for key, value in query.items()}
        if body is None:
            asked["collections"] = asked.get("collections", "").split(",")
            for key in ("intersects", "query"):
                if key in asked:
                    asked[key] = json.loads(asked[key])
        start = int(asked.pop("token", 0))
        with self._lock:
            self.asked.append(("GET" if body is None else "POST", {**asked, "token": start}))
        heeded = asked if self.heeds_query else {k: v for k, v in asked.items() if k != "query"}
        found = [item for item in self.items if _matches(item, heeded)]
        links = []
        if start + self.page < len(found):
            token = start + self.page
            if body is None:
                more = {**{k: v[0] for k, v in query.items()}, "token": str(token)}
                text = "&".join(f"{key}={quote(value)}" for key, value in more.items())
                links.append({"rel": "next", "href": f"{self.url}/search?{text}", "method": "GET"})
            else:
                links.append({"rel": "next", "href": f"{self.url}/search", "method": "POST",
                              "body": {**asked, "token": token}})  # fmt: skip
        page = found[start : start + self.page]
        self._json(request, {"type": "FeatureCollection", "features": page, "links": links})

    def _asset(self, request, parts) -> None:
        if self.needs_token and parts.query != TOKEN:
            return self._send(request, 403, b"no token")
        path = self.folder / unquote(parts.path).removeprefix("/data/")
        wanted = request.headers.get("Range")
        with self._lock:
            self.ranges.append((path.name, wanted))
        if not path.is_file():
            return self._send(request, 404, b"nothing here")
        data = path.read_bytes()
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted or "")
        if not found:
            return self._send(request, 200, data, {"Accept-Ranges": "bytes"})
        first, last = int(found[1]), min(int(found[2] or len(data)), len(data) - 1)
        if first >= len(data):
            return self._send(request, 416, b"", {"Content-Range": f"bytes */{len(data)}"})
        headers = {"Content-Range": f"bytes {first}-{last}/{len(data)}", "Accept-Ranges": "bytes"}
        return self._send(request, 206, data[first : last + 1], headers)

    def _json(self, request, value) -> None:
        self._send(request, 200, json.dumps(value).encode(), {"Content-Type": "application/geo+json"})

    @staticmethod
    def _send(request, status, data, headers=None) -> None:
        try:
            request.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
                request.send_header(name, value)
            request.end_headers()
            if request.command != "HEAD":
                request.wfile.write(data)
        except OSError:
            pass  # the client has hung up
