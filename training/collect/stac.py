"""Tiles from STAC catalogues: NAIP and Sentinel-2 L2A as cloud-optimised GeoTIFFs, without an account."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Optional
from urllib.parse import urlsplit

from graft_plugin.engine.progress import CancelToken
from graft_plugin.engine.stretch import apply_stretch, as_stretch
from graft_plugin.errors import DownloadError, OfflineError
from graft_plugin.switches import is_offline

from .net import Client, Politeness
from .stac_apis import (
    Api,
    StacImage,
    claimed_offset,
    find_assets,
    image_of,
    reflectance_stretch,
    true_offset,
)
from .tile_rules import MOST_CLOUD_PERCENT, MOST_NODATA, Spot, degree_boxes
from .tile_source import Cut, NoTile, ServedSource

if TYPE_CHECKING:
    from pystac_client import Client as Catalogue

_FILL = 0
_EXPIRY_MARGIN_S = 300.0
_PAGE = 100


@dataclass(frozen=True)
class StacOrder:
    """Which catalogue, and which of its images.

    Attributes:
        api: The API.
        collection: The collection.
        sensor: "naip" or "sentinel2".
        most_cloud_percent: An image has less cloud than this; for sensors whose images say how much they have.
        method: "POST" or "GET", for searches.
        manners: How the servers are treated.
    """

    api: Api
    collection: str
    sensor: str
    most_cloud_percent: float = MOST_CLOUD_PERCENT
    method: str = "POST"
    manners: Politeness = field(default_factory=lambda: Politeness(per_s=10.0))


class Stac(ServedSource[StacImage]):
    """A `TileSource` of a STAC API.

    Args:
        order: Which catalogue, and which of its images.
        cancel: Looked at while it waits for tokens.
    """

    name = "stac"

    def __init__(self, order: StacOrder, cancel: CancelToken) -> None:
        if is_offline():
            raise OfflineError(
                "tiles are to be collected, and the offline switch is on",
                remedy="Unset GRAFT_OFFLINE.",
                path=order.api.address,
            )
        super().__init__(order.sensor, order.most_cloud_percent)
        self.order = order
        self._tokens = Tokens(order.api, Client(order.manners, cancel))
        self._local = threading.local()
        self._served = False

    def settings(self) -> Mapping[str, Any]:
        """Return what the tiles depend on."""
        order = self.order
        return {
            "api": order.api.address,
            "collection": order.collection,
            **self.chosen_by(),
        }

    def list_images(self, spot: Spot, days: Optional[int]) -> list[StacImage]:
        """Return the images that hold the tile, all but the share that may lack data."""
        import shapely
        from shapely.geometry import shape

        boxes = [shapely.box(*box) for box in degree_boxes(spot)]
        outline = shapely.union_all(boxes)
        asked: dict[str, Any] = {
            "collections": [self.order.collection],
            "intersects": shapely.geometry.mapping(outline),
        }
        if self.time_aligned:
            asked["query"] = {"eo:cloud_cover": {"lt": self.order.most_cloud_percent}}
        if days is not None and spot.taken is not None:
            asked["datetime"] = (spot.taken - timedelta(days=days), spot.taken + timedelta(days=days))
        holding = []
        for item in self._items(asked):
            geometry = item.get("geometry")
            area = shapely.make_valid(shape(geometry)).intersection(outline).area if geometry else 0.0
            if area >= (1 - MOST_NODATA) * outline.area and find_assets(item, self.order.sensor) is not None:
                holding.append(image_of(item))
        return holding

    def _items(self, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        import requests
        from pystac_client.exceptions import APIError

        try:
            search = self._catalogue().search(method=self.order.method, limit=_PAGE, **asked)
            return list(search.items_as_dicts())
        except APIError as error:
            status = getattr(error, "status_code", None)
            said = f"answers {status}" if status else "keeps failing"
            raise DownloadError(
                f"the catalogue {said}",
                remedy="Run it again later: it goes on where it stopped."
                if status in (None, 429) or status >= 500
                else "Check the address and the collection.",
                path=self.order.api.address,
            ) from error
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise DownloadError(
                f"the catalogue's answer cannot be read ({type(error).__name__})",
                remedy="Check that the address is a STAC API's, or run it again later.",
                path=self.order.api.address,
            ) from error

    def _catalogue(self) -> Catalogue:
        """Return this thread's client."""
        if not hasattr(self._local, "catalogue"):
            from pystac_client import Client as Catalogue
            from pystac_client.stac_api_io import StacApiIO
            from urllib3 import Retry

            manners = self.order.manners
            retry = Retry(
                total=manners.tries - 1,
                backoff_factor=manners.backoff_s / 2,
                status_forcelist=(408, 425, 429, 500, 502, 503, 504),
                allowed_methods=None,  # a search changes nothing: POST may be tried again
                respect_retry_after_header=True,
            )
            io = StacApiIO(max_retries=retry, timeout=manners.timeout_s)
            self._local.catalogue = Catalogue.open(self.order.api.address, stac_io=io)
        catalogue: Catalogue = self._local.catalogue
        return catalogue

    def cut(self, image: StacImage, spot: Spot) -> Cut:
        """Return the pixels of an image at a spot, as the sensor's three bands."""
        from .remote import GDAL_ERRORS, blame, gdal_http, read_bands

        assets = find_assets(image.item, self.order.sensor) or []
        signed = [(self._tokens.sign(address), band) for address, band in assets]
        manners = self.order.manners
        try:
            with gdal_http(manners.timeout_s, manners.tries):
                pixels, valid = read_bands([(_vsi(a), band) for a, band in signed], spot, _FILL)
        except GDAL_ERRORS as error:
            for address, _ in dict.fromkeys(signed):
                fault = blame(address, error, manners.timeout_s, served_before=self._served)
                if isinstance(fault, DownloadError):
                    raise fault from error
            raise NoTile("damaged") from error
        self._served = True
        stretch = None
        if self.order.sensor == "sentinel2":
            offset = true_offset(claimed_offset(image.item, self.order.sensor), pixels, valid)
            stretch = as_stretch(reflectance_stretch(offset))
        rgb = apply_stretch(pixels, stretch)
        rgb[:, ~valid] = 0
        return Cut(rgb, valid, self.order.sensor, image.name, image.acquired)


class Tokens:
    """Anonymous access tokens of an API, one a storage container, kept until shortly before they expire."""

    def __init__(self, api: Api, client: Client) -> None:
        self._api, self._client = api, client
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, float]] = {}

    def sign(self, address: str) -> str:
        """Return an address that can be read: with a token where its host asks for one.

        Raises:
            DownloadError: There is none to be had.
        """
        parts = urlsplit(address)
        if self._api.sas is None or not parts.netloc.endswith(self._api.sas_host) or parts.query:
            return address
        account, container = parts.netloc.partition(".")[0], parts.path.strip("/").partition("/")[0]
        with self._lock:
            key = f"{account}/{container}"
            token, until = self._known.get(key, ("", 0.0))
            if time.time() > until:
                token, until = self._client.get(f"{self._api.sas}/{key}", check=_token)
                self._known[key] = token, until
        return f"{address}?{token}"


def _token(data: bytes) -> tuple[str, float]:
    try:
        answer = json.loads(data)
        until = datetime.fromisoformat(str(answer["msft:expiry"]).replace("Z", "+00:00"))
        return str(answer["token"]), until.timestamp() - _EXPIRY_MARGIN_S
    except (ValueError, KeyError, TypeError) as error:
        raise DownloadError("the answer holds no access token", remedy="Run it again later.") from error


def _vsi(address: str) -> str:
    return f"/vsicurl/{address}" if address.startswith(("http://", "https://")) else address
