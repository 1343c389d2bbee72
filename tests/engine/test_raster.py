"""GeoTIFF results: complete, compressed, tiled, with overviews; or not there at all."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from graft_plugin.engine.raster import RasterWriter
from graft_plugin.errors import OutputError

ROOT = Path(__file__).resolve().parents[2]
PLACE = {"transform": Affine(16, 0, 500000, 0, -16, 5200000), "crs": "EPSG:26914"}


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_is_read(tmp_path):
    want = np.random.default_rng(0).random((2, 700, 900)).astype("float32")
    want[:, 100:300, 200:500] = np.nan
    path = tmp_path / "한글 열지도.tif"
    with RasterWriter(path, window_px=(700, 900), descriptions=["lake", "숲"], tags={"model": "mini"}, **PLACE) as out:
        for row in range(0, 700, 112):  # blocks that do not fit the file's tiles
            for col in range(0, 900, 112):
                out.write(row, col, want[:, row : row + 112, col : col + 112])
        assert not path.exists()
    assert files(tmp_path) == [path.name]
    with rasterio.open(path) as file:
        np.testing.assert_array_equal(file.read(), want)
        assert file.descriptions == ("lake", "숲") and file.tags()["model"] == "mini"
        assert file.profile["tiled"] and file.block_shapes == [(256, 256)] * 2
        assert file.compression.value == "DEFLATE" and file.dtypes == ("float32",) * 2
        assert np.isnan(file.nodata) and file.crs == PLACE["crs"] and file.transform == PLACE["transform"]
        assert file.tags(ns="IMAGE_STRUCTURE")["PREDICTOR"] == "3"
        assert file.overviews(1) == file.overviews(2) == [2, 4]
        np.testing.assert_array_equal(file.dataset_mask() > 0, ~np.isnan(want[0]))
    with rasterio.open(path, overview_level=0) as half:
        blocks = want[:, :700, :900].reshape(2, 350, 2, 450, 2)
        counts = np.isfinite(blocks).sum((2, 4))
        with np.errstate(invalid="ignore"):
            mean = np.where(counts > 0, np.nansum(blocks, (2, 4)) / counts, np.nan)
        np.testing.assert_allclose(half.read(), mean, rtol=1e-5)
        assert half.compression.value == "DEFLATE"


def test_pixels_that_were_not_written_are_nodata(tmp_path):
    path = tmp_path / "a.tif"
    with RasterWriter(path, window_px=(600, 600), descriptions=["a"], **PLACE) as out:
        out.write(300, 310, np.ones((1, 20, 30), "float32"))
    with rasterio.open(path) as file:
        pixels = file.read(1)
    assert np.nansum(pixels) == 600 and np.isnan(pixels).sum() == 600 * 600 - 600
    assert (pixels[300:320, 310:340] == 1).all()


def test_integer_rasters_and_one_band_arrays(tmp_path):
    path = tmp_path / "a.tif"
    with RasterWriter(path, window_px=(40, 50), descriptions=["a"], dtype="uint8", nodata=255, **PLACE) as out:
        out.write(0, 0, np.full((40, 30), 7))
    with rasterio.open(path) as file:
        assert (file.read(1)[:, :30] == 7).all() and (file.read(1)[:, 30:] == 255).all() and file.nodata == 255
        assert file.overviews(1) == []


def old_file(tmp_path):
    path = tmp_path / "a.tif"
    with RasterWriter(path, window_px=(40, 50), descriptions=["old"], **PLACE) as out:
        out.write(0, 0, np.zeros((40, 50)))
    return path, path.read_bytes()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_what_was_there(tmp_path, error):
    path, before = old_file(tmp_path)
    with pytest.raises(error), RasterWriter(path, window_px=(600, 600), descriptions=["new"], **PLACE) as out:
        out.write(0, 0, np.ones((1, 300, 300)))
        raise error
    assert path.read_bytes() == before and files(tmp_path) == ["a.tif"]


def test_a_new_file_takes_the_place_of_the_old_and_its_sidecars(tmp_path):
    path, _ = old_file(tmp_path)
    for suffix in (".ovr", ".aux.xml"):
        Path(f"{path}{suffix}").write_text("stale")
    with RasterWriter(path, window_px=(30, 30), descriptions=["new"], **PLACE) as out:
        out.write(0, 0, np.ones((30, 30)))
    assert files(tmp_path) == ["a.tif"]
    with rasterio.open(path) as file:
        assert file.descriptions == ("new",)
    umask = os.umask(0)
    os.umask(umask)
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o666 & ~umask


def test_errors_say_what_to_do(tmp_path):
    with pytest.raises(OutputError, match="folder exists") as caught:
        RasterWriter(tmp_path / "none" / "a.tif", window_px=(5, 5), descriptions=["a"], **PLACE)
    assert caught.value.path == str(tmp_path / "none" / "a.tif")
    (tmp_path / "folder.tif").mkdir()
    with pytest.raises(OutputError):
        RasterWriter(tmp_path / "folder.tif", window_px=(5, 5), descriptions=["a"], **PLACE).commit()
    with pytest.raises(OutputError):
        RasterWriter(tmp_path / "b.tif", window_px=(5, 5), descriptions=["a"], transform=Affine.scale(2), crs="no crs")
    with RasterWriter(tmp_path / "c.tif", window_px=(5, 5), descriptions=["a"], **PLACE) as out:
        for bad in ((3, 3, (1, 4, 4)), (0, 0, (2, 2, 2)), (-1, 0, (1, 1, 1))):
            with pytest.raises(OutputError, match="does not fit"):
                out.write(bad[0], bad[1], np.zeros(bad[2]))
    assert files(tmp_path) == ["c.tif", "folder.tif"]


@pytest.mark.skipif(os.name == "nt", reason="needs a file size limit")
@pytest.mark.parametrize("limit", [3_000, 1_500_000])
def test_a_full_disk_leaves_what_was_there(tmp_path, limit):
    path, before = old_file(tmp_path)
    code = """
        import sys; sys.path.insert(0, sys.argv[1])
        import resource, signal, numpy as np
        from affine import Affine
        from graft_plugin.engine.raster import RasterWriter
        from graft_plugin.errors import OutputError
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
        pixels = np.random.default_rng(0).random((1, 600, 600)).astype("float32")
        try:
            with RasterWriter(sys.argv[2], window_px=(600, 600), descriptions=["new"], crs="EPSG:26914",
                              transform=Affine(16, 0, 5e5, 0, -16, 5.2e6)) as out:
                out.write(0, 0, pixels)
        except OutputError as error:
            print("told:", error)
    """
    process = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(ROOT), str(path), str(limit)],
                             capture_output=True, text=True)  # fmt: skip
    assert process.returncode == 0 and "told:" in process.stdout, process.stderr
    assert path.read_bytes() == before and files(tmp_path) == ["a.tif"]


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_a_block_that_the_disk_dropped_leaves_what_was_there(tmp_path, monkeypatch, dtype):
    path = tmp_path / "a.tif"
    path.write_bytes(b"what was there before")
    put = RasterWriter._put
    monkeypatch.setattr(RasterWriter, "_put", lambda self, file, a, w: None if w.row_off else put(self, file, a, w))
    nodata = np.nan if dtype == "float32" else 0
    with (
        pytest.raises(OutputError, match="incomplete on the disk"),
        RasterWriter(path, window_px=(40, 50), descriptions=["a"], dtype=dtype, nodata=nodata, **PLACE) as out,
    ):
        out.write(0, 0, np.ones((20, 50)))
        out.write(20, 0, np.ones((20, 50)))
    assert path.read_bytes() == b"what was there before" and list(tmp_path.iterdir()) == [path]
