"""Tiles from Google Earth Engine, where GRAFT's came from: NAIP and Sentinel-2 surface reflectance, as stored pixels.

Images are listed by place and time, chosen by the same rules as those of other sources, and their pixels asked for on
the tile's own grid. The account is the user's: `earthengine authenticate`, and a Cloud project.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Optional, TypeVar

import numpy as np

from graft_plugin.engine.progress import CancelToken
from graft_plugin.engine.stretch import apply_stretch, as_stretch
from graft_plugin.errors import DownloadError, OfflineError, UsageError
from graft_plugin.switches import is_offline

from .net import WORTH_A_RETRY, Politeness
from .stac_apis import parse_time, reflectance_stretch
from .tile_rules import MOST_CLOUD_PERCENT, Spot, degree_boxes
from .tile_source import Cut, NoTile, ServedSource
from .turns import Turns

T = TypeVar("T")


@dataclass(frozen=True)
class Catalogue:
    """A collection of Earth Engine.

    Attributes:
        asset: Its id.
        bands: Red, green, blue.
        cloud: The property that holds the percentage of cloud; "" where there is none.
    """

    asset: str
    bands: tuple[str, str, str]
    cloud: str = ""


CATALOGUES = {
    "naip": Catalogue("USDA/NAIP/DOQQ", ("R", "G", "B")),
    "sentinel2": Catalogue("COPERNICUS/S2_SR_HARMONIZED", ("B4", "B3", "B2"), "CLOUDY_PIXEL_PERCENTAGE"),
}
"""The harmonized collection holds no offset: reflectance × 10,000 whatever the processing baseline."""


@dataclass(frozen=True)
class EarthEngineOrder:
    """Which images of Earth Engine.

    Attributes:
        project: The user's Cloud project.
        sensor: "naip" or "sentinel2".
        most_cloud_percent: A Sentinel-2 image has less cloud than this.
        manners: How the server is treated.
        address: Another address of the REST API, for tests and mirrors.
    """

    project: str
    sensor: str
    most_cloud_percent: float = MOST_CLOUD_PERCENT
    manners: Politeness = field(default_factory=lambda: Politeness(per_s=10.0))
    address: Optional[str] = None


@dataclass(frozen=True)
class EarthImage:
    """An image of Earth Engine; an `Image` of `tile_rules`."""

    name: str
    acquired: Optional[datetime]
    cloud_percent: Optional[float]


class EarthEngine(ServedSource[EarthImage]):
    """A `TileSource` of Google Earth Engine.

    Args:
        order: Which images.
        cancel: Looked at while it waits.
        credentials: As `ee.Initialize` takes them: "persistent" for those that `earthengine authenticate` stored.

    Raises:
        UsageError: There are no credentials, or no project that may use Earth Engine.
        DownloadError: The server cannot be reached.
    """

    name = "gee"

    def __init__(self, order: EarthEngineOrder, cancel: CancelToken, credentials: Any = "persistent") -> None:  # noqa: ANN401
        if is_offline():
            raise OfflineError("tiles are to be collected, and the offline switch is on", remedy="Unset GRAFT_OFFLINE.")
        import ee

        super().__init__(order.sensor, order.most_cloud_percent)
        self.order = order
        self._catalogue = CATALOGUES[order.sensor]
        self._turns = Turns(order.manners.per_s, cancel)
        try:
            ee.Initialize(credentials, url=order.address, project=order.project)
        except ee.EEException as error:
            raise UsageError(
                f"Earth Engine does not let us in: {_first_line(error)}",
                remedy="Run `earthengine authenticate`, and give --project a Cloud project that may use Earth Engine.",
            ) from error
        except Exception as error:  # its transport raises what it likes
            raise DownloadError(
                f"Earth Engine cannot be reached ({type(error).__name__}: {_first_line(error)})",
                remedy="Check the network and the credentials (`earthengine authenticate`).",
            ) from error
        ee.data.setMaxRetries(0)  # ours wait as the user asked for, and can be stopped

    def settings(self) -> Mapping[str, Any]:
        """Return what the tiles depend on."""
        return {
            "collection": self._catalogue.asset,
            **self.chosen_by(),
        }

    def list_images(self, spot: Spot, days: Optional[int]) -> list[EarthImage]:
        """Return the images that touch the tile, so many days around the photo; whether they fill it, pixels tell."""
        import ee

        found: list[dict[str, Any]] = []
        for west, south, east, north in degree_boxes(spot):
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            asked: dict[str, Any] = {
                "parent": self._catalogue.asset,
                "region": {"type": "Polygon", "coordinates": [ring]},
            }
            if self._catalogue.cloud:
                asked["properties"] = [f"{self._catalogue.cloud}<{self.order.most_cloud_percent:g}"]
            if days is not None and spot.taken is not None:
                asked["startTime"] = f"{spot.taken - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
                asked["endTime"] = f"{spot.taken + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
            found += self._ask(lambda asked=asked: ee.data.listImages(asked)["images"] or [])  # type: ignore[misc]
        unique = {image["name"]: image for image in found}
        return [self._image(image) for image in unique.values()]

    def _image(self, image: Mapping[str, Any]) -> EarthImage:
        cloud = (image.get("properties") or {}).get(self._catalogue.cloud)
        name = str(image.get("id") or image["name"]).removeprefix("projects/earthengine-public/assets/")
        return EarthImage(name, parse_time(image.get("startTime")), None if cloud is None else float(cloud))

    def pixels_request(self, image: str, spot: Spot) -> dict[str, Any]:
        """Return the request for a tile's stored pixels, on the tile's own grid."""
        a, b, c, d, e, f = spot.transform
        affine = {"scaleX": a, "shearX": b, "translateX": c, "shearY": d, "scaleY": e, "translateY": f}
        return {
            "assetId": image,
            "fileFormat": "NUMPY_NDARRAY",
            "bandIds": list(self._catalogue.bands),
            "grid": {
                "dimensions": {"width": spot.window.width, "height": spot.window.height},
                "affineTransform": affine,
                "crsCode": spot.crs,
            },
        }

    def cut(self, image: EarthImage, spot: Spot) -> Cut:
        """Return the pixels of an image at a spot, as the sensor's three bands."""
        import ee

        answer = self._ask(lambda: ee.data.getPixels(self.pixels_request(image.name, spot)))
        pixels = np.stack([np.asarray(answer[band]) for band in self._catalogue.bands])
        valid = (pixels != 0).any(0)  # Earth Engine fills masked pixels with 0
        stretch = as_stretch(reflectance_stretch(0.0)) if self.order.sensor == "sentinel2" else None
        rgb = apply_stretch(pixels, stretch)
        return Cut(rgb, valid, self.order.sensor, image.name, image.acquired)

    def _ask(self, question: Callable[[], T]) -> T:
        """Return the server's answer; what may pass is asked again.

        Raises:
            NoTile: "damaged": the image is no longer there.
            DownloadError: The server refuses, or keeps failing.
        """
        import ee

        manners, problem = self.order.manners, ""
        for attempt in range(manners.tries):
            self._turns.wait(manners.backoff_s * 2 ** (attempt - 1) if attempt else 0.0)
            self._turns.take()
            try:
                return question()
            except (ee.EEException, OSError) as error:
                status = _status(error)
                if status in (404, 410):
                    raise NoTile("damaged") from error
                if status and status not in WORTH_A_RETRY:
                    raise DownloadError(
                        f"Earth Engine refuses: {_first_line(error)}", remedy="Check the project and its quota."
                    ) from error
                problem = _first_line(error)
        raise DownloadError(
            f"Earth Engine failed {manners.tries} times ({problem})",
            remedy="Run it again later: it goes on where it stopped.",
        )


def _status(error: BaseException) -> int:
    """Return the HTTP status behind an error of Earth Engine's client; 0 where there is none."""
    cause = error.__cause__ or error.__context__
    answer = getattr(cause, "resp", None)
    return int(getattr(answer, "status", 0) or 0)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
