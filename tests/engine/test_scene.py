"""Scenes: every pixel in its place, every missing pixel known, every window of the same place the same."""

from __future__ import annotations

import math
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from rasterio.enums import ColorInterp, Resampling

from graft_plugin.engine.grid import GsdRule, Window
from graft_plugin.engine.scene import SceneReader, open_scene, window_of_extent
from graft_plugin.errors import SceneError, UsageError

RULE = GsdRule({"naip": 1.0, "sentinel2": 10.0, "rgb": 1.0})
UTM = "EPSG:26914"
NORTH_UP = Affine(2.5, 0, 485901.3, 0, -2.5, 5209244.7)
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def write(path, pixels, *, crs=UTM, transform=NORTH_UP, nodata=None, colours=None, names=None, mask=None, **options):
    pixels = np.asarray(pixels)
    count, height, width = pixels.shape
    profile = {"height": height, "width": width, "count": count, "dtype": pixels.dtype}
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(
        path, "w", driver="GTiff", crs=crs, transform=transform, nodata=nodata, **profile, **options
    ) as file:
        if colours:
            file.colorinterp = colours
        file.write(pixels)
        for band, name in enumerate(names or (), start=1):
            file.set_band_description(band, name)
        if mask is not None:
            file.write_mask(mask)
    return str(path)


def noise(shape, dtype="uint8", seed=0, low=1, high=255):
    return np.random.default_rng(seed).integers(low, high, shape).astype(dtype)


def apply(transform, cols, rows):
    a, b, c, d, e, f = transform[:6]
    return a * cols + b * rows + c, d * cols + e * rows + f


def rotated(degrees):
    return Affine.translation(485901.3, 5209244.7) @ Affine.rotation(degrees) @ Affine.scale(2.5, -2.5)


PLACES = {
    "utm": (UTM, NORTH_UP),
    "utm33": ("EPSG:32633", Affine(2.5, 0, 412345.6, 0, -2.5, 5654321.9)),
    "degrees": ("EPSG:4326", Affine(3.1e-5, 0, 6.86, 0, -2.2e-5, 53.41)),
    "mercator": ("EPSG:3857", Affine(4.1, 0, 760000.7, 0, -4.1, 7050000.2)),
    "rotated": (UTM, rotated(27)),
    "south up": (UTM, Affine(2.5, 0, 485901.3, 0, 2.5, 5208244.7)),
    "feet": ("EPSG:2264", Affine(8.0, 0, 1500000.3, 0, -8.0, 500000.1)),
    "lambert": ("EPSG:2154", Affine(2.5, 0, 652301.7, 0, -2.5, 6861234.4)),
    "south pole": ("EPSG:3031", Affine(2.5, 0, 652301.7, 0, -2.5, 1361234.4)),
}


def planted_disk(scene_crs, crs, transform, shape, centre, radius_m, taper_m, n=3):
    """Source pixels of a disk of the scene's CRS with a sine edge of `taper_m`, by n×n points and pyproj alone."""
    to_grid = Transformer.from_crs(crs, scene_crs, always_xy=True)
    share = np.zeros(shape)
    rows, cols = np.mgrid[: shape[0], : shape[1]]
    for i in range(n):
        for j in range(n):
            x, y = to_grid.transform(*apply(transform, cols + (j + 0.5) / n, rows + (i + 0.5) / n))
            distance = np.hypot(x - centre[0], y - centre[1])
            share += 0.5 + 0.5 * np.sin(np.pi * np.clip((radius_m - distance) / taper_m, -0.5, 0.5))
    return share / n**2


CASES = [*((place, gsd_m) for place in PLACES for gsd_m in (1.0, 6.0)), ("utm", 2.5), ("feet", 2.5)]


@pytest.mark.parametrize(("place", "gsd_m"), CASES)
def test_a_planted_shape_comes_back_in_its_place(tmp_path, place, gsd_m):
    crs, transform = PLACES[place]
    shape = (190, 220)
    path = tmp_path / "a.tif"
    scene = open_scene(write(path, noise((3, *shape)), crs=crs, transform=transform), gsd_m=gsd_m, model_gsd=RULE)
    to_grid = Transformer.from_crs(crs, scene.grid.crs, always_xy=True)
    centre = to_grid.transform(*apply(transform, 113.37, 91.81))
    share = planted_disk(scene.grid.crs, crs, transform, shape, centre, 150.0, 40.0)
    write(path, np.repeat((0.2 + 0.6 * share)[None], 3, 0).astype("float32"), crs=crs, transform=transform)
    scene = open_scene(str(path), sensor="rgb", gsd_m=gsd_m, model_gsd=RULE)
    assert scene.stretch[0] == pytest.approx((0.2, 0.8), abs=1e-3)
    with SceneReader(scene) as reader:
        rgb, valid = reader.read(scene.window)
    x, y = apply(scene.grid.window_transform(scene.window), *(np.indices(valid.shape)[::-1] + 0.5))
    near = np.hypot(x - centre[0], y - centre[1]) < 190
    assert valid[near].all()
    found = np.where(near, rgb[0].astype(float), 0)
    error_px = [(found * (axis - c)).sum() / found.sum() / gsd_m for axis, c in ((x, centre[0]), (y, centre[1]))]
    assert max(map(abs, error_px)) < 1e-3, error_px
    assert found.sum() * gsd_m**2 == pytest.approx(255 * math.pi * 150**2, rel=6e-3)


def test_a_grid_that_fits_gives_the_very_pixels(tmp_path):
    pixels = noise((3, 60, 70))
    path = write(tmp_path / "a.tif", pixels, transform=Affine(2, 0, 500000, 0, -2, 5200000))
    scene = open_scene(path, gsd_m=2.0, model_gsd=RULE)
    assert scene.window == Window(-2600000, 250000, 60, 70)
    with SceneReader(scene) as reader:
        rgb, valid = reader.read(scene.window)
        assert valid.all()
        np.testing.assert_array_equal(rgb, pixels)
        rgb, valid = reader.read(Window(-2600005, 249990, 80, 100))
    assert valid.sum() == 60 * 70 and not rgb[:, ~valid].any()
    np.testing.assert_array_equal(rgb[:, 5:65, 10:80], pixels)


@pytest.mark.parametrize("place", ["utm", "degrees", "rotated"])
def test_a_place_is_the_same_whatever_window_was_asked_for(tmp_path, place):
    crs, transform = PLACES[place]
    pixels = noise((3, 150, 160))
    pixels[:, 20:50, 30:80] = 0
    path = write(tmp_path / "a.tif", pixels, crs=crs, transform=transform, nodata=0)
    scene = open_scene(path, gsd_m=1.25, model_gsd=RULE)
    with SceneReader(scene) as reader:
        rgb, valid = reader.read(scene.window)
    (height, width) = scene.window.shape

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(-20, height), st.integers(-20, width), st.integers(1, 260), st.integers(1, 260))
    def check(row, col, h, w):
        window = Window(scene.window.row + row, scene.window.col + col, h, w)
        with SceneReader(scene) as fresh:
            part, part_valid = fresh.read(window)
        inside = window.intersection(scene.window)
        assert part_valid.sum() == valid[inside.slices_in(scene.window)].sum()
        if not inside.empty:
            to, of = inside.slices_in(window), inside.slices_in(scene.window)
            np.testing.assert_array_equal(part[:, to[0], to[1]], rgb[:, of[0], of[1]])
            np.testing.assert_array_equal(part_valid[to], valid[of])

    check()


HOLE, EDGE = np.zeros((64, 80), bool), np.zeros((64, 80), bool)
HOLE[10:30, 20:50] = EDGE[:, :10] = True
OPAQUE = np.where(HOLE, 0, 255).astype("uint8")
PIXELS = noise((3, 64, 80))
PIXELS[0, 40:50, 40:50] = 0  # black in one band only: a colour
RGBA = [ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha]
UNIT = PIXELS / 255.0
ZEROED = np.where(HOLE, 0, PIXELS)
HOLES = {
    "nodata": (ZEROED, {"nodata": 0}),
    "nodata, four bands": (np.concatenate([ZEROED, noise((1, 64, 80), seed=1)]),
                           {"nodata": 0, "photometric": "minisblack"}),
    "mask": (PIXELS, {"mask": OPAQUE}),
    "alpha": (np.concatenate([PIXELS, OPAQUE[None]]), {"colours": RGBA}),
    "nan": (np.where(HOLE, np.nan, UNIT), {}),
    "nan nodata": (np.where(HOLE, np.nan, UNIT).astype("float32"), {"nodata": math.nan}),
    "undeclared huge": (np.where(HOLE, -3.4e38, UNIT).astype("float32"), {}),
    "int16 nodata": (np.where(HOLE, -9999, PIXELS.astype("int16")), {"nodata": -9999}),
    "mask and nodata": (np.where(EDGE, 0, PIXELS), {"nodata": 0, "mask": OPAQUE}),
    "alpha and nodata": (np.concatenate([np.where(EDGE, 0, PIXELS), OPAQUE[None]]), {"nodata": 0, "colours": RGBA}),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOLES)
@pytest.mark.parametrize("gsd_m", [2.5, 1.0])
def test_missing_pixels_are_known(tmp_path, kind, gsd_m):
    pixels, options = HOLES[kind]
    path = write(tmp_path / "a.tif", pixels, **options)
    hole = HOLE | EDGE if kind.endswith("and nodata") else HOLE
    scene = open_scene(path, gsd_m=gsd_m, model_gsd=RULE)
    with SceneReader(scene) as reader:
        rgb, valid = reader.read(scene.window)
    x, y = apply(scene.grid.window_transform(scene.window), *(np.indices(valid.shape)[::-1] + 0.5))
    cols, rows = np.floor((x - NORTH_UP.c) / 2.5).astype(int), np.floor((NORTH_UP.f - y) / 2.5).astype(int)
    inside = (cols >= 0) & (rows >= 0) & (cols < 80) & (rows < 64)
    want = inside.copy()
    want[inside] = ~hole[rows[inside], cols[inside]]
    np.testing.assert_array_equal(valid, want)
    assert not rgb[:, ~valid].any()
    assert rgb[:, valid].std() > 30


def test_infrared_marked_as_alpha_does_not_hide_the_lakes(tmp_path):
    pixels = noise((4, 64, 80))
    pixels[3, 10:40, 10:40] = 0  # water is black in the near infrared
    scene = open_scene(write(tmp_path / "a.tif", pixels, colours=RGBA), gsd_m=2.5, model_gsd=RULE)
    assert (scene.sensor, scene.bands) == ("naip", (1, 2, 3))
    with SceneReader(scene) as reader:
        assert reader.read(Window(scene.window.row + 2, scene.window.col + 2, 60, 70))[1].all()


def test_whole_layer_stretch_does_not_depend_on_the_window(tmp_path):
    ramp = np.repeat(np.linspace(0, 4000, 100 * 100).reshape(1, 100, 100), 3, 0).astype("uint16")
    path = write(tmp_path / "a.tif", ramp, transform=Affine(1, 0, 500000, 0, -1, 5200000))
    scene = open_scene(path, model_gsd=RULE)
    assert scene.sensor == "rgb"
    (low, high) = scene.stretch[0]
    assert low == pytest.approx(80, abs=2) and high == pytest.approx(3920, abs=2)
    with SceneReader(scene) as reader:
        rgb, _ = reader.read(scene.window)
    want = np.clip((ramp[0].astype(float) - low) / (high - low) * 255, 0, 255)
    assert np.abs(rgb[0] - want).max() <= 0.51


def test_sentinel2_bands_and_reflectance(tmp_path):
    pixels = np.zeros((4, 40, 40))
    pixels[0], pixels[1], pixels[2], pixels[3] = 300, 600, 1500, 2900
    path = write(tmp_path / "a.tif", pixels, crs="EPSG:32632", transform=Affine(10, 0, 4e5, 0, -10, 5.9e6),
                 names=["B2", "B3", "B4", "B8"])  # fmt: skip
    scene = open_scene(path, model_gsd=RULE)
    assert (scene.sensor, scene.bands, scene.grid.gsd_m) == ("sentinel2", (3, 2, 1), 10.0)
    with SceneReader(scene) as reader:
        rgb, valid = reader.read(scene.window)
    assert valid.all()
    assert rgb[:, 20, 20].tolist() == [128, 51, 26]  # 255 · reflectance / 0.3, rounded half to even


@pytest.mark.parametrize("count", [10, 12, 13])
@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_sentinel2_stacks(tmp_path, count, dtype):
    pixels = noise((count, 20, 20), dtype, high=3000)
    place = {"crs": "EPSG:32632", "transform": Affine(10, 0, 4e5, 0, -10, 5.9e6)}
    scene = open_scene(write(tmp_path / "a.tif", pixels, **place), model_gsd=RULE)
    assert (scene.sensor, scene.bands) == ("sentinel2", (3, 2, 1) if count == 10 else (4, 3, 2))
    assert scene.stretch == ((0.0, 3000.0),) * 3
    with SceneReader(scene) as reader:
        rgb, _ = reader.read(scene.window)
    red = pixels[scene.bands[0] - 1].astype(float) / 3000 * 255
    assert np.abs(rgb[0] - red).max() <= 0.51


@pytest.mark.parametrize("dtype", ["complex64", "int16", "uint32", "float64", "int8"])
def test_any_pixel_type_is_read(tmp_path, dtype):
    pixels = noise((3, 30, 30), "int16", high=120)
    scene = open_scene(write(tmp_path / "a.tif", pixels.astype(dtype)), gsd_m=2.5, model_gsd=RULE)
    with SceneReader(scene) as reader:
        rgb, valid = reader.read(scene.window)
    assert rgb.dtype == np.uint8 and valid.mean() > 0.9 and rgb[:, valid].std() > 30


def test_bands_are_checked_and_obeyed(tmp_path):
    path = write(tmp_path / "a.tif", np.stack([np.full((20, 20), v, "uint8") for v in (10, 20, 30, 40)]),
                 photometric="minisblack")  # fmt: skip
    scene = open_scene(path, bands=(4, 1, 1), gsd_m=2.5, model_gsd=RULE)
    with SceneReader(scene) as reader:
        rgb, _ = reader.read(scene.window)
    assert rgb[:, 10, 10].tolist() == [40, 10, 10]
    for bad in ((1, 2), (0, 1, 2), (1, 2, 5), (1, 2, 3.0)):
        with pytest.raises(UsageError):
            open_scene(path, bands=bad, model_gsd=RULE)
    with pytest.raises(UsageError, match="unknown sensor"):
        open_scene(path, sensor="landsat", model_gsd=RULE)


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_bands_is_an_error_that_says_how(tmp_path, count):
    path = write(tmp_path / "grey.tif", noise((count, 20, 20)))
    with pytest.raises(SceneError, match=r"--bands 1,1,1") as caught:
        open_scene(path, model_gsd=RULE)
    assert caught.value.path == path
    scene = open_scene(path, bands=(1, 1, 1), model_gsd=RULE)
    with SceneReader(scene) as reader:
        rgb, _ = reader.read(scene.window)
    assert (rgb[0] == rgb[2]).all() and rgb.any()


def test_palette_is_an_error_that_says_how(tmp_path):
    path = tmp_path / "p.tif"
    write(path, noise((1, 20, 20)), colours=[ColorInterp.palette], photometric="palette")
    with pytest.raises(SceneError, match="-expand rgb"):
        open_scene(str(path), model_gsd=RULE)


def test_no_crs_no_place_no_file(tmp_path):
    path = write(tmp_path / "a.tif", noise((3, 20, 20)), crs=None)
    with pytest.raises(SceneError, match=r"no CRS.*gdal_edit\.py -a_srs") as caught:
        open_scene(path, model_gsd=RULE)
    assert caught.value.path == path
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        path = write(tmp_path / "b.tif", noise((3, 20, 20)), transform=Affine.identity())
        with pytest.raises(SceneError, match="no position"):
            open_scene(path, model_gsd=RULE)
    with pytest.raises(SceneError, match="no such file"):
        open_scene(str(tmp_path / "missing.tif"), model_gsd=RULE)
    (tmp_path / "text.tif").write_text("not a raster")
    with pytest.raises(SceneError, match="cannot open"):
        open_scene(str(tmp_path / "text.tif"), model_gsd=RULE)
    with pytest.raises(SceneError):
        open_scene(str(tmp_path), model_gsd=RULE)


def test_truncated_files_are_named(tmp_path):
    whole = write(tmp_path / "whole.tif", noise((3, 900, 900)), tiled=True, blockxsize=256, blockysize=256)
    data = Path(whole).read_bytes()
    for share in (0.001, 0.3, 0.9):
        path = tmp_path / "cut.tif"
        path.write_bytes(data[: int(len(data) * share)])
        with pytest.raises(SceneError, match=r"cut\.tif") as caught:
            open_scene(str(path), model_gsd=RULE)
        assert caught.value.path == str(path)


@pytest.mark.parametrize("how", ["cut", "overwritten"])
def test_damage_found_on_the_way_is_named(tmp_path, how):
    path = Path(write(tmp_path / "a.tif", noise((3, 900, 900), high=9), tiled=True, blockxsize=256, blockysize=256,
                      compress="deflate"))  # fmt: skip
    scene = open_scene(str(path), gsd_m=2.5, model_gsd=RULE)
    data = path.read_bytes()
    half = len(data) // 2
    path.write_bytes(data[:half] if how == "cut" else data[:half] + b"\xa5\x13" * 10000 + data[half + 20000 :])
    with pytest.raises(SceneError, match=r"damaged|file is whole") as caught, SceneReader(scene) as reader:
        reader.read(scene.window)
    assert caught.value.path == str(path)


def test_no_valid_pixel(tmp_path):
    path = write(tmp_path / "a.tif", np.zeros((3, 30, 30), "uint8"), nodata=0)
    with pytest.raises(SceneError, match="no valid pixel"):
        open_scene(path, model_gsd=RULE)
    lonely = np.zeros((3, 1500, 1500), "uint8")
    lonely[:, 1200, 701] = 7  # missed by the decimated look
    open_scene(write(tmp_path / "b.tif", lonely, nodata=0, tiled=True), model_gsd=RULE)


def test_one_pixel_raster(tmp_path):
    scene = open_scene(write(tmp_path / "a.tif", np.full((3, 1, 1), 99, "uint8")), gsd_m=1.0, model_gsd=RULE)
    with SceneReader(scene) as reader:
        rgb, valid = reader.read(scene.window)
    assert 4 <= valid.sum() <= 9 and (rgb[:, valid] == 99).all()


def test_paths_with_spaces_and_korean_and_markup(tmp_path):
    folder = tmp_path / "지도 자료 <&'\"> #1"
    folder.mkdir()
    path = write(folder / "항공 사진.tif", np.full((3, 20, 20), 50, "uint8"))
    scene = open_scene(path, gsd_m=2.5, model_gsd=RULE)
    with SceneReader(scene) as reader:
        assert (reader.read(Window(scene.window.row + 5, scene.window.col + 5, 4, 4))[0] == 50).all()


def test_relative_paths(tmp_path, monkeypatch):
    write(tmp_path / "a.tif", np.full((3, 20, 20), 50, "uint8"))
    monkeypatch.chdir(tmp_path)
    scene = open_scene("a.tif", gsd_m=2.5, model_gsd=RULE)
    assert scene.identity()["path"] == str((tmp_path / "a.tif").resolve())
    with SceneReader(scene) as reader:
        assert reader.read(scene.window)[0].max() == 50


def test_overviews_do_not_move_pixels(tmp_path):
    path = write(tmp_path / "a.tif", noise((3, 333, 331)), tiled=True, blockxsize=128, blockysize=128)
    scene = open_scene(path, gsd_m=12.0, model_gsd=RULE)
    with SceneReader(scene) as reader:
        before, _ = reader.read(scene.window)
    with rasterio.open(path, "r+") as file:
        file.build_overviews([2, 4, 8], Resampling.nearest)
    with SceneReader(open_scene(path, gsd_m=12.0, model_gsd=RULE)) as reader:
        np.testing.assert_array_equal(reader.read(scene.window)[0], before)


def test_identity_tells_scenes_apart(tmp_path):
    a = write(tmp_path / "a.tif", noise((4, 30, 30)), photometric="minisblack")
    shutil.copy(a, tmp_path / "b.tif")
    base = open_scene(a, model_gsd=RULE)
    assert base.identity() == open_scene(a, model_gsd=RULE).identity()
    others = [
        open_scene(str(tmp_path / "b.tif"), model_gsd=RULE),
        open_scene(a, model_gsd=RULE, bands=(3, 2, 1)),
        open_scene(a, model_gsd=RULE, gsd_m=2.0),
    ]
    with rasterio.open(a, "r+") as file:
        file.crs = "EPSG:26915"
    others.append(open_scene(a, model_gsd=RULE))
    assert all(other.identity() != base.identity() for other in others)


def test_window_of_extent(tmp_path):
    path = write(tmp_path / "a.tif", noise((3, 100, 100)), transform=Affine(1, 0, 500000, 0, -1, 5200000))
    scene = open_scene(path, model_gsd=RULE)
    assert window_of_extent(scene, None, None) == scene.window
    assert window_of_extent(scene, (500010, 5199950, 500020.5, 5199990), None) == Window(-5199990, 500010, 40, 11)
    lon, lat = Transformer.from_crs(UTM, "EPSG:4326", always_xy=True).transform([500010, 500030], [5199950, 5199990])
    window = window_of_extent(scene, (lon[0], lat[0], lon[1], lat[1]), "EPSG:4326")
    assert abs(window.col - 500010) <= 1 and abs(window.row + 5199990) <= 1
    assert window_of_extent(scene, (0, 0, 6e5, 6e6), None) == scene.window
    for bad in ((0, 0, 10, 10), (500020, 5199950, 500010, 5199990), (math.nan, 0, 1, 1)):
        with pytest.raises(UsageError):
            window_of_extent(scene, bad, None)
    with pytest.raises(UsageError, match="CRS"):
        window_of_extent(scene, (0, 0, 1, 1), "EPSG:999999")


def test_readers_in_threads_agree(tmp_path):
    scene = open_scene(write(tmp_path / "a.tif", noise((3, 200, 200))), gsd_m=1.0, model_gsd=RULE)
    results = {}

    def work(name):
        with SceneReader(scene) as reader:
            results[name] = reader.read(scene.window)[0]

    threads = [threading.Thread(target=work, args=(name,)) for name in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (results[0] == results[1]).all() and (results[0] == results[2]).all() and results[0].any()


@pytest.mark.skipif(not DATA.exists(), reason="the real rasters are not here")
@pytest.mark.parametrize("name", ["naip/naip_20120731.tif", "sentinel2/ems_dollard.tif"])
def test_real_scenes(name):
    scene = open_scene(str(DATA / name), model_gsd=GsdRule({"naip": 2.5, "sentinel2": 10.0}))
    naip = name.startswith("naip")
    assert (scene.sensor, scene.bands) == (("naip", (1, 2, 3)) if naip else ("sentinel2", (3, 2, 1)))
    assert scene.grid.crs == ("EPSG:26914" if naip else "EPSG:32632")
    assert scene.native_gsd_m == pytest.approx(5.0 if naip else 10.0, rel=1e-3)
    with SceneReader(scene) as reader:
        rgb, valid = reader.read(scene.window)
    assert valid.mean() > 0.9
    assert all(30 < band[valid].mean() < 200 and band[valid].std() > 10 for band in rgb)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_the_users_own_stretch_rules_and_makes_another_scene(tmp_path, dtype):
    pixels = np.stack([np.full((40, 40), value, dtype) for value in (60, 120, 200)])
    path = write(tmp_path / "a.tif", pixels, transform=Affine(1, 0, 500000, 0, -1, 5209244))
    own = open_scene(path, model_gsd=RULE, stretch=((10.0, 110.0), (100.0, 110.0), (150.0, 250.0)))
    with SceneReader(own) as reader:
        rgb, valid = reader.read(own.window)
    assert valid.all() and [np.unique(band).tolist() for band in rgb] == [[128], [255], [128]]
    assert own.identity()["stretch"] == [[10.0, 110.0], [100.0, 110.0], [150.0, 250.0]]
    assert own.identity() != open_scene(path, model_gsd=RULE).identity()
    with pytest.raises(UsageError, match="three pairs"):
        open_scene(path, model_gsd=RULE, stretch=((1.0, 2.0),))
