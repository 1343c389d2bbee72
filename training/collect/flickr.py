"""Flickr's API: what is asked, what is answered, which errors are the user's, the server's, or passing.

Documentation: flickr.photos.search and flickr.photos.licenses.getInfo of www.flickr.com/services/api. A search of a box
gives at most 250 photos a page and 4,000 a query, and without a date only those of the last hours; a key may ask 3,600
times an hour.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any, Optional

from graft_plugin.errors import DownloadError, UsageError

from .exif import by_longitude
from .journal import Journal
from .net import Client, NotThere, Passing
from .photos import Photo
from .spread import Box

ADDRESS = "https://api.flickr.com/services/rest/"
KEY = "FLICKR_API_KEY"
PER_PAGE, MOST_RESULTS = 250, 4000
STREET_LEVEL = 16
"""The highest accuracy of a geotag."""
FIRST_UPLOAD = 1_076_371_200
"""10 February 2004, the day on which Flickr opened, Unix seconds."""
_SIZES = ("n", "m", "z", "c", "l")
_WANTED_PX = 512
_EXTRAS = ",".join(("license", "owner_name", "date_taken", "geo", "media", *(f"url_{size}" for size in _SIZES)))
_PASSING = {10, 105, 106}
_BEYOND = 20


@dataclass(frozen=True)
class Query:
    """One search.

    Args:
        box: Degrees, WGS 84.
        since: Earliest upload, Unix seconds.
        until: Latest upload, Unix seconds, inclusive.
        licences: Flickr's numbers; empty for any.
    """

    box: Box
    since: int
    until: int
    licences: tuple[int, ...] = ()

    def params(self, page: int) -> dict[str, str]:
        """Return the parameters of a page, without the key."""
        b = self.box
        params = {
            "method": "flickr.photos.search",
            "bbox": ",".join(f"{n:.7f}" for n in (b.west, b.south, b.east, b.north)),
            "accuracy": str(STREET_LEVEL),
            "has_geo": "1",
            "media": "photos",
            "content_type": "1",
            "safe_search": "1",
            "sort": "date-posted-asc",
            "min_upload_date": str(self.since),
            "max_upload_date": str(self.until),
            "extras": _EXTRAS,
            "per_page": str(PER_PAGE),
            "page": str(page),
        }
        if self.licences:
            params["license"] = ",".join(str(n) for n in self.licences)
        return params

    def halves(self) -> Optional[tuple[Query, Query]]:
        """Return the query cut in two by upload date; None where it spans one second."""
        if self.until <= self.since:
            return None
        middle = (self.since + self.until) // 2
        return replace(self, until=middle), replace(self, since=middle + 1)


@dataclass(frozen=True)
class Page:
    """One page of answers.

    Args:
        total: Photos that the whole query has, as the server says.
        pages: Pages that can be asked for.
        photos: This page's, as the server describes them.
    """

    total: int
    pages: int
    photos: tuple[Mapping[str, Any], ...]


def api_key() -> str:
    """Return the key from the environment.

    Raises:
        UsageError: There is none.
    """
    key = os.environ.get(KEY, "").strip()
    if not key:
        raise UsageError(
            f"the environment variable {KEY} is not set",
            remedy=f"Ask Flickr for a key at www.flickr.com/services/apps/create, and set {KEY} to it.",
        )
    return key


class Flickr:
    """Searches; what was answered before comes from the journal.

    Args:
        client: For the API's server.
        journal: Where answers are kept.
        key: The API key; it is sent, and kept nowhere.
        address: Of the API.
    """

    def __init__(self, client: Client, journal: Journal, key: str, address: str = ADDRESS) -> None:
        self._client = client
        self._journal = journal
        self._key = key
        self._address = address

    def search(self, query: Query, page: int = 1) -> Page:
        """Return a page of a search.

        Raises:
            UsageError: Flickr refuses the key or the query.
            DownloadError: The server keeps failing.
        """
        try:
            answer = self._ask(query.params(page)).get("photos", {})
            total, photos = int(answer["total"]), tuple(answer["photo"])
        except _BeyondTheLast:
            return Page(0, page - 1, ())
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DownloadError("the server's answer is not that of a search", path=self._address) from error
        pages = -(-min(total, MOST_RESULTS) // PER_PAGE)
        return Page(total, pages, tuple(photo for photo in photos if isinstance(photo, dict)))

    def licences(self) -> dict[int, str]:
        """Return number → name and address of every licence that Flickr knows."""
        answer = self._ask({"method": "flickr.photos.licenses.getInfo"})
        try:
            found = answer["licenses"]["license"]
            return {int(one["id"]): " ".join(filter(None, (one["name"], one.get("url")))) for one in found}
        except (KeyError, TypeError, ValueError) as error:
            raise DownloadError("the server's list of licences is not one", path=self._address) from error

    def _ask(self, params: Mapping[str, str]) -> dict[str, Any]:
        key = hashlib.sha256(json.dumps(sorted(params.items())).encode()).hexdigest()
        kept = self._journal.get("answers", key)
        if kept is None:
            sent = {**params, "format": "json", "nojsoncallback": "1", "api_key": self._key}
            try:
                kept = self._client.get(self._address, sent, read_answer)
            except NotThere:
                raise DownloadError(
                    "there is no API at this address (404)", remedy="Check --address.", path=self._address
                ) from None
            self._journal.put("answers", key, kept)
        return kept


class _BeyondTheLast(Exception):
    """The page lies beyond what the server gives."""


def read_answer(data: bytes) -> dict[str, Any]:
    """Return a successful answer.

    Raises:
        Passing: The server says that it is not available now, or sent no JSON.
        UsageError: It refuses the key.
        DownloadError: It refuses the query.
    """
    try:
        answer = json.loads(data)
    except ValueError as error:
        raise Passing("the answer is no JSON") from error
    if not isinstance(answer, dict):
        raise Passing("the answer is no object")
    if answer.get("stat") == "ok":
        return answer
    code, message = _int(answer.get("code")), str(answer.get("message") or "without a reason")
    if code in _PASSING:
        raise Passing(f"Flickr: {message}")
    if code == _BEYOND:
        raise _BeyondTheLast
    if code == 100:
        raise UsageError(f"Flickr refuses the API key: {message}", remedy=f"Check {KEY}.")
    raise DownloadError(f"Flickr refuses the search: {message} ({code})", remedy="Check the box and the licences.")


def photo_of(record: Mapping[str, Any], licences: Mapping[int, str]) -> Optional[Photo]:
    """Return the photo that a search's record describes; None for a record without a usable id."""
    number = str(record.get("id", ""))
    if not (number.isascii() and number.isdigit()) or len(number) > 20:
        return None
    lon, lat = _float(record.get("longitude")), _float(record.get("latitude"))
    placed = lon is not None and lat is not None and abs(lon) <= 180 and abs(lat) <= 90
    licence = _int(record.get("license"))
    owner = str(record.get("owner") or "")
    name = str(record.get("ownername") or "")
    return Photo(
        id=number,
        source="flickr",
        lon=lon if placed and lon is not None else float("nan"),
        lat=lat if placed and lat is not None else float("nan"),
        owner=f"{name} ({owner})" if name and owner else owner or None,
        licence=None if licence is None else licences.get(licence, f"Flickr licence {licence}"),
        url=f"https://www.flickr.com/photos/{owner}/{number}" if owner else None,
        taken=_taken(record, lon if placed else None),
        accuracy=_int(record.get("accuracy")),
    )


def picture_address(record: Mapping[str, Any]) -> Optional[str]:
    """Return the address of the smallest size whose longer side reaches 512 pixels, else of the largest; or None."""
    found: list[tuple[int, str]] = []
    for size in _SIZES:
        address = record.get(f"url_{size}")
        longer = max(_int(record.get(f"width_{size}")) or 0, _int(record.get(f"height_{size}")) or 0)
        if isinstance(address, str) and address.startswith(("https://", "http://")):
            found.append((longer, address))
    large = [one for one in found if one[0] >= _WANTED_PX]
    return min(large)[1] if large else max(found)[1] if found else None


def _taken(record: Mapping[str, Any], lon: Optional[float]) -> Optional[datetime]:
    """Return UTC of Flickr's local time, by longitude; None where Flickr knows the month or year alone, or nothing."""
    if str(record.get("datetakenunknown", "0")) not in ("0", "") or _int(record.get("datetakengranularity") or 0) != 0:
        return None
    try:
        local = datetime.strptime(str(record.get("datetaken")), "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None
    return by_longitude(local, lon) if lon is not None else local.replace(tzinfo=timezone.utc)


def _float(value: object) -> Optional[float]:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if number == number and abs(number) != float("inf") else None


def _int(value: object) -> Optional[int]:
    try:
        return int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return None


