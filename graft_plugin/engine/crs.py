"""In which CRS, in metres true to the ground, a raster is worked on."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from pyproj import CRS, Proj, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import UTMConversion
from pyproj.database import query_utm_crs_info
from pyproj.exceptions import CRSError, ProjError

from ..errors import SceneError

Bounds = tuple[float, float, float, float]
"""xmin, ymin, xmax, ymax in map units of a stated CRS."""

MAX_LINEAR_DISTORTION = 0.03
MAX_AREAL_DISTORTION = 0.01


def utm_crs(lon: float, lat: float) -> str:
    """Return the WGS 84 UTM zone of a place in degrees, as "EPSG:n"; UPS beyond 84° N and 80° S."""
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lat) <= 90):
        raise SceneError(f"longitude {lon}, latitude {lat} is no place on Earth", remedy="Check the layer's CRS.")
    if lat > 84:
        return "EPSG:32661"
    if lat < -80:
        return "EPSG:32761"
    return f"EPSG:{(32600 if lat >= 0 else 32700) + _utm_zone(lon)}"


def metric_crs(src_crs: object, bounds: Bounds) -> str:
    """Return the metric CRS in which a raster is worked on, as "EPSG:n" or WKT.

    It is the raster's own horizontal CRS where that is projected, in metres, and true to the ground over the bounds
    (lengths within 3 %, areas within 1 %). Web Mercator (EPSG:3857), whose metres are not ground metres, feet, degrees
    and world projections go to the UTM zone of the centre, on the raster's own datum, so that no datum shift comes in.

    Args:
        src_crs: Anything that pyproj takes as a CRS, with or without a vertical part.
        bounds: The raster's bounds in `src_crs`.

    Raises:
        SceneError: The CRS has no place on Earth, or the bounds have none in it.
    """
    try:
        crs = horizontal(CRS.from_user_input(src_crs))
    except CRSError as error:
        raise SceneError(f"the CRS cannot be read: {error}", remedy="Assign the layer's true CRS.") from error
    geodetic = crs.geodetic_crs
    if geodetic is None:
        raise SceneError(f"the CRS {crs.name!r} is local: it has no place on Earth", remedy="Assign a known CRS.")
    if _is_true_to_ground(crs, geodetic, bounds):
        return crs_text(crs)
    lon, lat = _centre_lon_lat(crs, geodetic, bounds)
    return _utm_on_datum(geodetic, lon, lat)


def horizontal(crs: CRS) -> CRS:
    """Return the two-dimensional part of a CRS: without vertical part, without transformation to WGS 84."""
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    return crs.to_2d() if len(crs.axis_info) > 2 else crs


def crs_text(crs: CRS) -> str:
    """Return "EPSG:n" where the CRS is exactly that one, else its WKT."""
    code = crs.to_epsg(min_confidence=100)
    return f"EPSG:{code}" if code else crs.to_wkt()


@lru_cache(maxsize=64)
def transformer(src: str, dst: str) -> Transformer:
    """Return the transformation of (x, y) from one CRS to another; x is always east."""
    return Transformer.from_crs(src, dst, always_xy=True)


def _utm_zone(lon: float) -> int:
    return int((lon + 180) % 360 // 6) + 1


def _is_true_to_ground(crs: CRS, geodetic: CRS, bounds: Bounds) -> bool:
    if not crs.is_projected or any(abs(axis.unit_conversion_factor - 1) > 1e-12 for axis in crs.axis_info[:2]):
        return False
    if crs.coordinate_operation is None or "Pseudo Mercator" in crs.coordinate_operation.method_name:
        return False
    xmin, ymin, xmax, ymax = bounds
    xs = [xmin + (xmax - xmin) * i / 2 for i in range(3) for _ in range(3)]
    ys = [ymin + (ymax - ymin) * j / 2 for _ in range(3) for j in range(3)]
    try:
        lons, lats = transformer(crs.to_wkt(), geodetic.to_wkt()).transform(xs, ys, errcheck=True)
        factors = Proj(crs).get_factors(lons, lats, errcheck=True)
    except ProjError:
        return False
    linear = np.abs(np.array([factors.meridional_scale, factors.parallel_scale]) - 1).max()
    areal = np.abs(np.array(factors.areal_scale) - 1).max()
    return bool(linear <= MAX_LINEAR_DISTORTION and areal <= MAX_AREAL_DISTORTION)


def _centre_lon_lat(crs: CRS, geodetic: CRS, bounds: Bounds) -> tuple[float, float]:
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    to_degrees = transformer(crs.to_wkt(), geodetic.to_wkt())
    try:
        lon, lat = to_degrees.transform(x, y, errcheck=True)
    except ProjError as error:
        raise SceneError(f"({x}, {y}) has no place in {crs.name}", remedy="Check the layer's CRS.") from error
    unit = geodetic.axis_info[0].unit_conversion_factor / math.radians(1)
    return lon * unit, lat * unit


def _utm_on_datum(geodetic: CRS, lon: float, lat: float) -> str:
    wgs84 = utm_crs(lon, lat)
    if geodetic.to_epsg(min_confidence=100) == 4326 or not wgs84.startswith(("EPSG:326", "EPSG:327")):
        return wgs84
    zone = int(wgs84[-2:])
    if zone > 60:
        return wgs84
    name = f"UTM zone {zone}{'N' if lat >= 0 else 'S'}"
    area = AreaOfInterest(lon, lat, lon, lat)
    for info in query_utm_crs_info(datum_name=geodetic.name, area_of_interest=area):
        if info.name.endswith(f"/ {name}"):
            return f"EPSG:{info.code}"
    conversion = UTMConversion(str(zone), "N" if lat >= 0 else "S")
    return ProjectedCRS(conversion, name=f"{geodetic.name} / {name}", geodetic_crs=geodetic).to_wkt()
