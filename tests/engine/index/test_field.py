"""An index on the disk: killed anywhere, nothing is lost and nothing is asked for twice; Zarr's own reader agrees."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
import zarr

from graft_plugin.engine.grid import Grid, TileIndex, TileRange
from graft_plugin.engine.index import field as field_module
from graft_plugin.engine.index import journal, shards
from graft_plugin.engine.index.field import IndexedTiles, count_present, forget
from graft_plugin.engine.index.layout import (
    ARRAYS,
    IndexModel,
    IndexScene,
    create_index,
    create_scene,
    is_index,
    read_model,
    read_scene,
    read_scenes,
)
from graft_plugin.engine.index.shards import DamagedShard, ShardReader, _open, shard_file
from graft_plugin.engine.store import TileEmbedding
from graft_plugin.errors import StoreError, UsageError

MODEL = IndexModel("m", "f" * 64, "fp32", 8, 64, 32, -0.3, 100.0)
GRID = Grid("EPSG:26914", 2.0, 64, 32)
TILES = TileRange(-3, 30, 2, 36)  # four shards: rows -16..-1 and 0..15, columns 16..31 and 32..47


def make(root: Path, tiles=TILES) -> IndexedTiles:
    create_index(root / "ix", MODEL)
    look = {"sensor": "auto"}
    scene = IndexScene(root / "ix" / "a-1", "/data/a.tif", "2018-07-16", "naip", GRID, tiles, {"k": 1}, look)
    create_scene(scene, MODEL)
    return IndexedTiles(scene, MODEL)


def tile(index) -> TileEmbedding:
    rng = np.random.default_rng([index[0] + 100, index[1] + 100])
    valid = rng.random((2, 2)) < 0.8
    return TileEmbedding(
        TileIndex(*index), rng.normal(size=8).astype(np.float32), rng.normal(size=(2, 2, 8)).astype(np.float32), valid
    )


def check(tiles: IndexedTiles, indices) -> None:
    for index in indices:
        image, patches, valid = tiles.read(index)
        want = tile(index)
        assert (valid == want.valid).all()
        assert np.abs(image - want.image).max() <= np.abs(want.image).max() / 253
        error = np.abs(patches - want.patches)[valid]
        assert error.size == 0 or error.max() <= np.abs(want.patches).max() / 253


def test_tiles_come_back_from_the_journal_and_from_shards(tmp_path):
    tiles = make(tmp_path)
    order = list(tiles.in_block_order(TILES))
    assert len(order) == len(TILES) == 30
    tiles.write_many([tile(i) for i in order[:4]])
    assert not tiles.scene.folder.joinpath("present").exists()
    check(tiles, order[:4])
    assert not tiles.has(order[4])
    with pytest.raises(StoreError):
        tiles.read(order[5])
    for index in order[4:]:
        tiles.write_many([tile(index)])
    assert len(list(tiles.scene.folder.glob("present/*"))) == 4 and not list(tiles.scene.folder.glob("journal/*"))
    check(IndexedTiles(tiles.scene, MODEL), order)


def test_zarr_reads_what_the_quick_reader_reads_and_knows_where_it_lies(tmp_path):
    tiles = make(tmp_path)
    tiles.write_many([tile(i) for i in TILES])
    group = zarr.open_group(tiles.scene.folder, mode="r")
    assert group["patches"].metadata.dimension_names == ("y", "x", "vector")
    assert group["patches"].shards == (32, 32, 8) and group["patches"].chunks == (8, 8, 8)
    reader, shape = ShardReader(tiles.scene, MODEL), group["scale"].shape
    assert shape == ((2 + 16) * 2, (36 - 16) * 2)
    for shard in reader.shards():
        whole = reader.whole(shard)
        for name in ARRAYS:
            edge = whole[name].shape[0]
            row, col = (shard[0] + 1) * edge, (shard[1] - 1) * edge
            theirs = group[name][row : row + edge, col : col + edge]
            ours = whole[name][: theirs.shape[0], : theirs.shape[1]]
            assert np.array_equal(np.asarray(theirs), ours, equal_nan=ours.dtype.kind == "f"), name
    # the patch (0, 1) of tile (-2, 31): its centre by the coordinates, and by the grid
    row, col = (-2 + 16) * 2, (31 - 16) * 2 + 1
    x, y = float(group["x"][col]), float(group["y"][row])
    assert (x, y) == ((31 * 64 + 48) * 2.0, (2 * 64 - 16) * 2.0)
    transform = [float(v) for v in group["spatial_ref"].attrs["GeoTransform"].split()]
    assert (transform[0] + transform[1] * (col + 0.5), transform[3] + transform[5] * (row + 0.5)) == (x, y)
    assert "UTM zone 14N" in group["spatial_ref"].attrs["crs_wkt"]
    assert group["scale"].attrs["grid_mapping"] == "spatial_ref"
    want = tile((-2, 31))
    if want.valid[0, 1]:
        vector = np.asarray(group["patches"][row, col]) * group["scale"][row, col]
        assert np.abs(vector - want.patches[0, 1]).max() < 0.02
    assert np.isnan(group["scale"][0, 0])


def test_xarray_opens_it_with_its_place_on_earth(tmp_path):
    xarray = pytest.importorskip("xarray")
    from pyproj import CRS, Transformer

    tiles = make(tmp_path)
    tiles.write_many([tile(i) for i in TILES])
    data = xarray.open_zarr(tiles.scene.folder, consolidated=False, decode_coords="all")
    assert set(data.data_vars) == set(ARRAYS) and data["patches"].dims == ("y", "x", "vector")
    assert set(data.coords) == {"x", "y", "tx", "ty", "spatial_ref"}
    assert data.attrs["title"] == "a.tif" and data.attrs["time_coverage_start"] == "2018-07-16"
    for name in ARRAYS:
        crs = CRS.from_cf(data[data[name].encoding["grid_mapping"]].attrs)
        assert crs == CRS.from_user_input(GRID.crs), name
    # the patch (1, 0) of tile (-2, 31), sought by its place on Earth
    centre = (31 * 64 + 16) * 2.0, (2 * 64 - 48) * 2.0
    degrees = Transformer.from_crs(crs, 4326, always_xy=True).transform(*centre)
    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(*degrees)
    here, want = data.sel(x=x, y=y, method="nearest"), tile((-2, 31))
    assert (float(here.x), float(here.y)) == centre
    embedding = (here["patches"] * here["scale"]).to_numpy()
    assert want.valid[1, 0] and np.abs(embedding - want.patches[1, 0]).max() < 0.02
    whole = data.sel(tx=x, ty=y, method="nearest")
    assert np.abs((whole["tile"] * whole["tile_scale"]).to_numpy() - want.image).max() < 0.02
    valid = np.isfinite(data["scale"].sel(x=slice(None, 32 * 128), y=slice(None, 1)).to_numpy())
    assert valid.sum() == sum(tile(i).valid.sum() for i in TILES if i[0] < 0 and i[1] < 32)


def test_copied_into_object_storage_it_is_the_same_to_zarr(tmp_path):
    import fsspec
    from zarr.storage import FsspecStore

    tiles = make(tmp_path)
    tiles.write_many([tile(i) for i in TILES])
    storage, root = fsspec.filesystem("memory"), f"memory://{tmp_path.name}/ix"
    storage.put(str(tmp_path / "ix"), root, recursive=True)
    try:
        there = zarr.open_group(FsspecStore.from_url(f"{root}/{tiles.scene.name}", read_only=True), mode="r")
        here = zarr.open_group(tiles.scene.folder, mode="r")
        for name in ARRAYS:
            assert np.asarray(there[name][:]).tobytes() == np.asarray(here[name][:]).tobytes(), name
        assert dict(there.attrs) == dict(here.attrs)
    finally:
        storage.rm(root, recursive=True)


def in_child(work) -> int:
    """Run `work` in a child process; returns the signal that ended it."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(77)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def die(*_args, **_kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked child")
@pytest.mark.parametrize("where", ["record", "arrays", "mark", "journal", "merge"])
def test_killed_at_any_point_nothing_is_lost(tmp_path, where):
    tiles = make(tmp_path)
    order = list(tiles.in_block_order(TILES))
    first = [i for i in order if i[0] < 0 and i[1] < 32]  # one shard

    def record():
        tiles.write_many([tile(i) for i in order[:5]])
        whole = journal._pack(field_module._record(tile(order[5])))
        with open(tiles._journal((-1, 1)), "ab") as file:
            file.write(whole[: len(whole) // 2])
        die()

    def arrays():
        real = tiles._arrays["tile"]

        class Dying:
            shape = real.shape

            def __setitem__(self, at, data):
                die()

        tiles._arrays["tile"] = Dying()
        tiles.write_many([tile(i) for i in first])

    def mark():
        field_module.replace_text = die
        tiles.write_many([tile(i) for i in first])

    def gone():
        own = tiles._journal((-1, 1))
        type(tiles)._journal = lambda self, shard: Deadly(own)
        tiles.write_many([tile(i) for i in first])

    def merge():
        tiles.write_many([tile(i) for i in order[:3]])
        tiles.finish()
        field_module.replace_text = die
        tiles.write_many([tile(i) for i in order[3:5]])
        tiles.finish()

    class Deadly(type(tmp_path)):
        def unlink(self, missing_ok=False):
            die()

    work = {"record": record, "arrays": arrays, "mark": mark, "journal": gone, "merge": merge}[where]
    there = {"record": order[:5], "merge": order[:5]}.get(where, first)
    assert in_child(work) == -signal.SIGKILL
    again = IndexedTiles(read_scene(tiles.scene.folder), MODEL)
    assert [i for i in order if again.has(i)] == there
    assert count_present(tiles.scene, MODEL, TILES) == len(there)
    again.write_many([tile(i) for i in order if not again.has(i)])
    again.finish()
    check(IndexedTiles(tiles.scene, MODEL), order)
    straight = make(tmp_path / "other")
    straight.write_many([tile(i) for i in order])
    assert contents(tiles.scene.folder) == contents(straight.scene.folder)


def contents(folder: Path) -> dict:
    """The bytes of every file of a scene, but those that name it."""
    files = [p for p in folder.rglob("*") if p.is_file() and p.name != "zarr.json"]
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}


@pytest.mark.parametrize("how", ["flip", "cut", "gone", "table"])
@pytest.mark.parametrize("array", ["patches", "tile_scale", "mean"])
def test_a_damaged_shard_is_noticed_forgotten_and_made_anew(tmp_path, how, array):
    tiles = make(tmp_path)
    tiles.write_many([tile(i) for i in TILES])
    reader = ShardReader(tiles.scene, MODEL)
    for block in reader.blocks_of((-1, 1)):
        reader.block(block)  # so that its checksums are known to be right
    reader.close()
    path = shard_file(tiles.scene, array, (-1, 1))
    data = bytearray(path.read_bytes())
    if how == "flip":
        for offset, length in _open(path).table:
            if length < 2**63:
                data[offset + 5] ^= 1
    data[-7] ^= how == "table"
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(data[:40] if how == "cut" else data)
    with pytest.raises(DamagedShard, match="Run graft index again") as caught:
        for block in reader.blocks_of((-1, 1)):
            reader.block(block)
    assert caught.value.shard == (-1, 1) and forget(tiles.scene, (-1, 1))
    fresh = IndexedTiles(tiles.scene, MODEL)
    lost = [i for i in TILES if not fresh.has(i)]
    assert lost == [i for i in TILES if i[0] < 0 and i[1] < 32]
    fresh.write_many([tile(i) for i in lost])
    check(IndexedTiles(tiles.scene, MODEL), TILES)


def test_a_checksum_is_taken_once_for_each_chunk_and_file(tmp_path, monkeypatch):
    tiles = make(tmp_path)
    tiles.write_many([tile(i) for i in TILES])
    taken = []
    monkeypatch.setattr(shards, "_crc", lambda data, real=shards._crc: taken.append(len(data)) or real(data))

    def read() -> int:
        taken.clear()
        reader = ShardReader(tiles.scene, MODEL)
        for shard in reader.shards():
            for block in reader.blocks_of(shard):
                reader.block(block)
        reader.close()
        return sum(size > 4 * 4 * 16 for size in taken)  # not those of the tables

    chunks = read()
    assert chunks == 4 and read() == 0  # those of the patches
    path = shard_file(tiles.scene, "patches", (-1, 1))
    path.write_bytes(path.read_bytes())
    assert read() == sum(1 for _ in ShardReader(tiles.scene, MODEL).blocks_of((-1, 1)))


def test_a_full_disk_says_so_and_keeps_what_is_there(tmp_path):
    tiles = make(tmp_path)
    order = list(tiles.in_block_order(TILES))
    tiles.write_many([tile(i) for i in order[:2]])
    size = tiles._journal((-1, 1)).stat().st_size

    def full():
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 30, size + 30))
        try:
            tiles.write_many([tile(order[2])])
        except StoreError as error:
            os._exit(5 if "Free some disk space" in str(error) else 6)

    assert in_child(full) == 5
    again = IndexedTiles(tiles.scene, MODEL)
    assert [again.has(i) for i in order[:3]] == [True, True, False]
    again.write_many([tile(i) for i in order[2:]])
    check(again, order)


def test_an_index_knows_its_model_and_refuses_another(tmp_path):
    tiles = make(tmp_path)
    assert is_index(tmp_path / "ix") and read_model(tmp_path / "ix") == MODEL
    assert read_scenes(tmp_path / "ix") == [tiles.scene]
    other = IndexModel("n", "0" * 64, "fp32", 8, 64, 32, 0.0, 100.0)
    with pytest.raises(UsageError, match="another model"):
        create_index(tmp_path / "ix", other)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x.txt").write_text("mine")
    with pytest.raises(UsageError, match="no index"):
        create_index(tmp_path / "full", MODEL)
    with pytest.raises(UsageError, match="graft index"):
        read_model(tmp_path / "full")
