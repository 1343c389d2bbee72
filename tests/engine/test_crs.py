"""The metric CRS of a raster: true to the ground, on the raster's own datum."""

from __future__ import annotations

import math

import pytest
from pyproj import CRS, Geod, Transformer

from graft_plugin.engine.grid import metric_crs, utm_crs
from graft_plugin.errors import SceneError


@pytest.mark.parametrize(
    ("lon", "lat", "want"),
    [
        (-99.1, 47, "EPSG:32614"), (-99.1, -47, "EPSG:32714"), (180, 1, "EPSG:32601"), (179.99, 1, "EPSG:32660"),
        (352.0, 10, "EPSG:32629"), (0, 88, "EPSG:32661"), (0, -88, "EPSG:32761"),
    ],
)  # fmt: skip
def test_utm_crs(lon, lat, want):
    assert utm_crs(lon, lat) == want
    CRS(want)


def test_utm_crs_refuses_no_place():
    with pytest.raises(SceneError):
        utm_crs(10, 95)


@pytest.mark.parametrize(
    ("src", "bounds", "want"),
    [
        ("EPSG:26914", (485900, 5205630, 490570, 5209245), "EPSG:26914"),
        ("EPSG:2154", (600000, 6600000, 610000, 6610000), "EPSG:2154"),
        ("EPSG:5186", (200000, 550000, 210000, 560000), "EPSG:5186"),  # Korea 2000 / Central Belt
        ("EPSG:5070", (-2300000, 300000, 2200000, 3100000), "EPSG:5070"),  # equal area, all of CONUS
        ("EPSG:26914+5703", (485900, 5205630, 490570, 5209245), "EPSG:26914"),  # vertical part dropped
        ("EPSG:4326", (6.86, 53.39, 6.89, 53.41), "EPSG:32632"),
        ("EPSG:4269", (-99.2, 47, -99.1, 47.1), "EPSG:26914"),  # stays on NAD83
        ("EPSG:4258", (9.2, 47, 9.4, 47.1), "EPSG:25832"),  # stays on ETRS89
        ("EPSG:3857", (760000, 7050000, 770000, 7060000), "EPSG:32632"),
        ("EPSG:3857", (0, -1000, 1000, 1000), "EPSG:32631"),
        ("EPSG:2264", (1500000, 500000, 1510000, 510000), "EPSG:26917"),  # US survey feet
        ("ESRI:54009", (0, 4.0e6, 10000, 4.1e6), "EPSG:32631"),  # Mollweide: areas right, lengths wrong
    ],
)
def test_metric_crs(src, bounds, want):
    assert metric_crs(src, bounds) == want


def test_metric_crs_on_a_datum_without_utm_in_the_registry():
    crs = CRS(metric_crs("EPSG:4737", (127, 37, 127.1, 37.1)))  # KGD2002
    assert crs.is_projected and crs.geodetic_crs == CRS("EPSG:4737")
    assert crs.coordinate_operation.params[1].value == pytest.approx(129.0)


@pytest.mark.parametrize("src", ["EPSG:4326", "EPSG:3857", "EPSG:2264"])
def test_metres_of_the_metric_crs_are_ground_metres(src):
    lon, lat = -81.0, 35.2
    x, y = Transformer.from_crs("EPSG:4326", src, always_xy=True).transform(lon, lat)
    step = 0.001 if src == "EPSG:4326" else 300.0
    crs = metric_crs(src, (x, y, x + step, y + step))
    to_metric = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    (x0, y0), (x1, y1) = to_metric.transform(lon, lat), to_metric.transform(lon + 0.01, lat)
    truth = Geod(ellps="WGS84").inv(lon, lat, lon + 0.01, lat)[2]
    assert math.hypot(x1 - x0, y1 - y0) == pytest.approx(truth, rel=1e-3)


def test_metric_crs_errors_say_what_to_do():
    with pytest.raises(SceneError, match="Assign"):
        metric_crs('ENGCRS["a",EDATUM["b"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]',
                   (0, 0, 1, 1))  # fmt: skip
    with pytest.raises(SceneError):
        metric_crs("no such crs", (0, 0, 1, 1))
