"""Sensors and bands by name, by interpretation, by known order."""

from __future__ import annotations

import pytest

from graft_plugin.engine.sensor import BandInfo, band_code, check_bands, colour_name, find_bands, recognise_sensor
from graft_plugin.errors import SceneError, UsageError

GREY = ["gray", "undefined", "undefined", "undefined"]
S2 = ["B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B9", "B10", "B11", "B12"]


def info(names, dtype="uint16", gsd_m=10.0, colours=None, alpha=0):
    names = [None] * names if isinstance(names, int) else names
    return BandInfo(dtype, names, colours or ["undefined"] * len(names), gsd_m, alpha)


@pytest.mark.parametrize(("text", "code"), [
    ("B4", "B4"), ("B04", "B4"), ("b08", "B8"), ("B8A", "B8A"), ("B12", "B12"), ("B04 (665 nm)", "B4"),
    ("S2_B02_10m", "B2"), ("Red (B4)", "B4"), ("B4, central wavelength 665 nm", "B4"), ("Band 4", None), ("", None),
    (None, None), ("B13", None), ("AB4", None), ("B44", None), ("blue", None),
])  # fmt: skip
def test_band_code(text, code):
    assert band_code(text) == code


@pytest.mark.parametrize(("text", "colour"), [
    ("Red", "red"), ("RED band", "red"), ("green", "green"), ("Blue", "blue"), ("R", "red"), ("b", "blue"),
    ("B04", "red"), ("B3", "green"), ("B2", "blue"), ("B5", None), ("red edge 1", None), ("Vegetation Red Edge", None),
    ("RedEdge", None), ("coastal blue", None), ("near infrared", None), ("NIR", None),
    ("surface_reflectance_red", "red"),
    ("B5 - red edge", None), (None, None), ("red green", None), ("infrared", None), ("bored", None),
])  # fmt: skip
def test_colour_name(text, colour):
    assert colour_name(text) == colour


@pytest.mark.parametrize(("bands", "sensor", "rgb"), [
    (info(4, "uint8", 1.0, GREY), "naip", (1, 2, 3)),
    (info(4, "uint8", 5.0, GREY), "naip", (1, 2, 3)),
    (info(3, "uint8", 0.3, ["red", "green", "blue"]), "naip", (1, 2, 3)),
    (info(3, "uint8", 0.3, ["blue", "green", "red"]), "naip", (3, 2, 1)),
    (info(4, "uint8", 0.3, ["red", "green", "blue", "alpha"], alpha=4), "naip", (1, 2, 3)),
    (info(3, "uint8", 10.0, ["red", "green", "blue"]), "sentinel2", (1, 2, 3)),  # true-colour image
    (info(["B2", "B3", "B4", "B8"]), "sentinel2", (3, 2, 1)),
    (info(["B02", "B03", "B04", "B08"], "float64"), "sentinel2", (3, 2, 1)),
    (info(["blue", "green", "red", "nir"], "float32"), "sentinel2", (3, 2, 1)),
    (info(["B8", "B4", "B3", "B2"]), "sentinel2", (2, 3, 4)),
    (info(["B4", "B3", "B2"], gsd_m=10.0), "sentinel2", (1, 2, 3)),
    (info(4, "float64", 9.996), "sentinel2", (3, 2, 1)),
    (info(4, "uint16", 3.0), "rgb", (1, 2, 3)),
    (info(["blue", "green", "red", "nir"], gsd_m=3.0), "rgb", (3, 2, 1)),
    (info(S2), "sentinel2", (4, 3, 2)),
    (info(S2, "float32"), "sentinel2", (4, 3, 2)),
    (info(S2[::-1]), "sentinel2", (10, 11, 12)),
    (info(13), "sentinel2", (4, 3, 2)),
    (info(12), "sentinel2", (4, 3, 2)),
    (info(10), "sentinel2", (3, 2, 1)),
    (info(["Coastal", "Blue", "Green", "Red", "Red Edge 1", "Red Edge 2", "Red Edge 3", "NIR", "Red Edge 4",
           "Water vapour", "SWIR 1", "SWIR 2"]), "sentinel2", (4, 3, 2)),
    (info(3, "uint16", 0.5), "rgb", (1, 2, 3)),
    (info(8, "uint16", 2.0), "rgb", (1, 2, 3)),
])  # fmt: skip
def test_recognition(bands, sensor, rgb):
    assert recognise_sensor(bands) == sensor
    assert find_bands(bands, sensor) == rgb


def test_a_sensor_that_the_user_names_decides_the_order():
    assert find_bands(info(4, "uint16", 3.0), "sentinel2") == (3, 2, 1)
    assert find_bands(info(4, "uint16", 10.0), "rgb") == (1, 2, 3)


def test_an_alpha_band_in_front_is_stepped_over():
    bands = info(4, "uint16", 1.0, ["alpha", "undefined", "undefined", "undefined"], alpha=1)
    assert find_bands(bands, "rgb") == (2, 3, 4)


@pytest.mark.parametrize(("bands", "hint"), [
    (info(1), "--bands 1,1,1"), (info(2), "--bands"), (info(2, colours=["gray", "alpha"], alpha=2), "--bands"),
    (info(1, "uint8", colours=["palette"]), "expand rgb"),
])  # fmt: skip
def test_errors_say_what_to_do(bands, hint):
    with pytest.raises(SceneError, match=hint):
        find_bands(bands, "rgb")


def test_check_bands():
    assert check_bands([3, 2, 1], 4) == (3, 2, 1)
    for bad in ([1, 2], [1, 2, 3, 4], [0, 1, 2], [1, 2, 5], [1, 2, True], ["1", "2", "3"]):
        with pytest.raises(UsageError):
            check_bands(bad, 4)
