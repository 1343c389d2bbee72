"""A local server that speaks Flickr's API as documented: boxes, dates, pages, limits, errors; and serves the pictures.

`plan(kind, number)` says what goes wrong with the n-th request of a kind ("search", "licences", "picture"), counted
from 1; None for nothing. `asked` lists what was asked for, `sent` what was answered whole.
"""

from __future__ import annotations

import io
import json
import threading
import time
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image

from ...servers import LocalServer, Silent

KEY = "a-key-of-the-test"
LICENCES = [
    {"id": 0, "name": "All Rights Reserved", "url": ""},
    {"id": 4, "name": "Attribution License", "url": "https://creativecommons.org/licenses/by/2.0/"},
    {"id": "9", "name": "Public Domain Dedication (CC0)", "url": "https://creativecommons.org/publicdomain/zero/1.0/"},
]
JUNE_2019 = 1_559_347_200


def jpeg(seed: int, size=(640, 480), quality=85, exif=None) -> bytes:
    """A picture of its own for each seed: coarse random blotches, whose perceptual hashes lie far apart."""
    coarse = np.random.default_rng(seed).integers(0, 255, (9, 12, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, **({} if exif is None else {"exif": exif}))
    return out.getvalue()


def a_photo(number: int, lon: float, lat: float, **other) -> dict:
    """One of Flickr's photos; `other` overrides fields."""
    minute = number % 1440
    photo = {
        "id": str(50_000_000_000 + number), "owner": f"{number}@N01", "ownername": f"사람 {number}", "license": "4",
        "latitude": f"{lat:.6f}", "longitude": f"{lon:.6f}", "accuracy": "16", "media": "photo",
        "dateupload": JUNE_2019 + number, "picture": number, "sizes": {"m": (500, 375), "z": (640, 480)},
        "datetaken": f"2019-05-0{1 + number // 1440 % 9} {minute // 60:02d}:{minute % 60:02d}:07",
        "datetakengranularity": 0, "datetakenunknown": "0",
    }
    return {**photo, **other}


class FlickrServer(LocalServer):
    def __init__(self, photos, plan=lambda kind, number: None, pictures=None, most=4000):
        self.photos = sorted(photos, key=lambda p: (p["dateupload"], p["id"]))
        self._columns = [
            np.array([float(p[name]) for p in self.photos])
            for name in ("longitude", "latitude", "dateupload", "accuracy")
        ]
        self.plan, self.most = plan, most
        self.pictures = pictures or {}
        self.asked, self.sent, self.refused = [], [], set()
        self._numbers, self._lock = Counter(), threading.Lock()
        self._busy = []
        self.reached = threading.Event()  # a request that is to hang is there
        self.release = threading.Event()
        outer = self

        class Handler(Silent):
            def do_GET(self):
                outer._busy.append(self)
                try:
                    outer._answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True
                finally:
                    outer._busy.remove(self)

        super().__init__(Handler)
        self._server.handle_error = lambda request, client_address: None  # clients hang up on purpose
        self.root, self.address = self.url, f"{self.url}/services/rest/"

    def close(self):
        self.release.set()
        super().close()

    def count(self, kind, sent=True):
        until = time.monotonic() + 0.5
        while self._busy and time.monotonic() < until:  # an answer is noted after the client has it
            time.sleep(0.005)
        return sum(one[0] == kind for one in (self.sent if sent else self.asked))

    def _answer(self, handler):
        parts = urlsplit(handler.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/services/rest/":
            kind = {"flickr.photos.search": "search"}.get(query.get("method"), "licences")
            what = json.dumps({k: v for k, v in sorted(query.items()) if k != "api_key"})
            body, content = json.dumps(self._api(query)).encode(), "application/json"
        else:
            kind, what, content = "picture", parts.path.rsplit("/", 1)[1].split("_")[0], "image/jpeg"
            body = self._picture(what)
        with self._lock:
            self._numbers[kind] += 1
            number = self._numbers[kind]
            self.asked.append((kind, what))
        fault = ("status", 403) if what in self.refused else self.plan(kind, number)
        if self._fault(handler, fault, body):
            return
        if body is None:
            handler.send_error(404)
            return
        self._whole(handler, 200, body, content)
        with self._lock:
            self.sent.append((kind, what))

    def _fault(self, handler, fault, body):
        """Let a request go wrong; returns whether it did."""
        if fault is None:
            return False
        name, *rest = fault if isinstance(fault, tuple) else (fault,)
        if name == "status":
            headers = {"Retry-After": str(rest[1])} if len(rest) > 1 else {}
            self._whole(handler, rest[0], b"<html>no</html>", "text/html", headers)
        elif name == "body":
            self._whole(handler, 200, rest[0], "application/json")
        elif name == "fail":
            answer = {"stat": "fail", "code": rest[0], "message": rest[1]}
            self._whole(handler, 200, json.dumps(answer).encode(), "application/json")
        elif name == "cut":  # the connection ends in mid-answer
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body[: len(body) // 2])
            handler.wfile.flush()
            handler.close_connection = True
        elif name == "short":  # a whole answer of half a picture
            self._whole(handler, 200, body[: len(body) // 2], "image/jpeg")
        elif name == "hang":  # half of it, and then nothing until the test lets go
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body[: len(body) // 2])
            handler.wfile.flush()
            self.reached.set()
            self.release.wait(60)
            handler.close_connection = True
        elif name == "drop":
            handler.close_connection = True
        return True

    @staticmethod
    def _whole(handler, status, body, content, headers=None):
        handler.send_response(status)
        handler.send_header("Content-Type", content)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    def _picture(self, photo_id):
        if photo_id in self.pictures:
            return self.pictures[photo_id]
        photo = next((p for p in self.photos if p["id"] == photo_id), None)
        return None if photo is None or photo["picture"] is None else jpeg(photo["picture"])

    def _api(self, query):
        def fail(code, message):
            return {"stat": "fail", "code": code, "message": message}

        if query.get("format") != "json" or query.get("nojsoncallback") != "1":
            return fail(111, "Format not found")
        if query.get("api_key") != KEY:
            return fail(100, "Invalid API Key (Key has invalid format)")
        if query["method"] == "flickr.photos.licenses.getInfo":
            return {"licenses": {"license": LICENCES}, "stat": "ok"}
        if query["method"] != "flickr.photos.search":
            return fail(112, f'Method "{query["method"]}" not found')
        west, south, east, north = (float(n) for n in query["bbox"].split(","))
        since = int(query.get("min_upload_date", "9" * 10))  # without a limiting agent: the last hours only
        until = int(query.get("max_upload_date", "9" * 10))
        licences = set(query["license"].split(",")) if "license" in query else None
        lon, lat, uploaded, accuracy = self._columns
        inside = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
        inside &= (since <= uploaded) & (uploaded <= until) & (accuracy >= int(query.get("accuracy", 1)))
        found = [
            p for p in map(self.photos.__getitem__, np.flatnonzero(inside))
            if (licences is None or p["license"] in licences)
            and (query.get("media") != "photos" or p["media"] == "photo")
        ]
        per_page, page = min(int(query.get("per_page", 100)), 250), max(1, int(query.get("page", 1)))
        if (page - 1) * per_page >= self.most:
            return fail(20, "Excessive photo offset in search")
        extras = set(query.get("extras", "").split(","))
        listed = found[: self.most][(page - 1) * per_page : page * per_page]
        return {
            "photos": {
                "page": page, "pages": -(-len(found) // per_page), "perpage": per_page, "total": str(len(found)),
                "photo": [self._record(p, extras) for p in listed],
            },
            "stat": "ok",
        }

    def _record(self, photo, extras):
        wanted = {"geo": ("latitude", "longitude", "accuracy"), "license": ("license",), "owner_name": ("ownername",),
                  "date_taken": ("datetaken", "datetakengranularity", "datetakenunknown"), "media": ("media",)}
        record = {"id": photo["id"], "owner": photo["owner"], "secret": "s", "server": "1", "title": "", "ispublic": 1}
        for extra, names in wanted.items():
            if extra in extras:
                record |= {name: photo[name] for name in names}
        for size, (width, height) in photo["sizes"].items():
            if f"url_{size}" in extras:
                record |= {f"url_{size}": f"{self.root}/pictures/{photo['id']}_{size}.jpg",
                           f"width_{size}": width, f"height_{size}": height}
        return record
