"""The store: what goes in comes out, whatever dies, breaks or fills up on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from graft_plugin.engine.grid import TileIndex, TileRange
from graft_plugin.engine.store import BLOCK_TILES, EmbeddingStore, StoredTiles, TileEmbedding
from graft_plugin.errors import StoreError, UsageError

ROOT = Path(__file__).resolve().parents[2]
KEY = {"scene": {"path": "/데이터/a.tif"}, "model": "m", "tiles": [-7, 3, 6, 12], "patches": [2, 3], "dim": 8}


def tile(row, col, seed=0):
    rng = np.random.default_rng([row + 100, col + 100, seed])
    vectors = rng.normal(size=(2, 3, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    return TileEmbedding(TileIndex(row, col), vectors[0, 0], vectors, rng.random((2, 3)) > 0.3)


def same(stored, index, want, tolerance=6e-4):
    image, patches, valid = stored.read(index)
    assert image.dtype == patches.dtype == np.float32 and valid.dtype == bool
    np.testing.assert_allclose(image, want.image, atol=tolerance)
    np.testing.assert_allclose(patches, want.patches, atol=tolerance)
    np.testing.assert_array_equal(valid, want.valid)
    return True


@pytest.mark.parametrize(("dtype", "tolerance"), [("float16", 5e-4), ("int8", 0.5 / 127 + 1e-6)])
def test_round_trip_over_the_whole_field(tmp_path, dtype, tolerance):
    tiles = [tile(*index) for index in TileRange(-7, 3, 6, 12)]
    EmbeddingStore(tmp_path, dtype).field(KEY).write_many(tiles)
    stored = EmbeddingStore(tmp_path, dtype).field(KEY)
    for want in tiles:
        assert stored.has(want.index)
        same(stored, want.index, want, tolerance)
    assert not stored.has((-8, 3)) and not stored.has((-7, 12))


def test_partial_writes_add_up(tmp_path):
    stored = EmbeddingStore(tmp_path).field(KEY)
    stored.write_many([tile(-7, 3), tile(0, 8)])
    assert [stored.has(i) for i in ((-7, 3), (0, 8), (-7, 4))] == [True, True, False]
    with pytest.raises(StoreError, match="not in the store"):
        stored.read((-7, 4))
    stored.write_many([tile(-7, 4)])
    assert all(same(stored, want.index, want) for want in (tile(-7, 3), tile(0, 8), tile(-7, 4)))
    with pytest.raises(StoreError, match="outside"):
        stored.write_many([tile(50, 50)])


def test_fields_are_apart(tmp_path):
    store = EmbeddingStore(tmp_path)
    store.field(KEY).write_many([tile(0, 8)])
    for other in (store.field({**KEY, "model": "n"}), EmbeddingStore(tmp_path, "int8").field(KEY)):
        assert not other.has((0, 8))
    again = store.field(dict(reversed(KEY.items())))  # the order of a key's entries means nothing
    assert again.has((0, 8)) and again.folder.name == store.field(KEY).folder.name
    assert (again.folder / "key.json").is_file() and len(again.folder.name) == 64


def test_block_order_visits_each_tile_once_and_each_block_at_one_go():
    tiles = TileRange(-7, 3, 6, 12)
    order = list(StoredTiles.in_block_order(tiles))
    assert sorted(order) == list(tiles)
    blocks = [StoredTiles.block_of(index) for index in order]
    assert sum(a != b for a, b in zip(blocks, blocks[1:])) == len(set(blocks)) - 1


def test_few_files(tmp_path):
    stored = EmbeddingStore(tmp_path).field({**KEY, "tiles": [0, 0, 16, 16]})
    stored.write_many([tile(r, c) for r in range(16) for c in range(16)])
    blocks = (16 // BLOCK_TILES) ** 2
    assert sum(1 for path in tmp_path.rglob("*") if path.is_file()) <= 4 * blocks + 8


def run(code, *args):
    script = "import sys; sys.path.insert(0, sys.argv[1])\n" + textwrap.dedent(code)
    return subprocess.Popen([sys.executable, "-c", script, str(ROOT), *map(str, args)], stdout=subprocess.PIPE)


WRITER = """
    import numpy as np
    from pathlib import Path
    from graft_plugin.engine.grid import TileIndex
    from graft_plugin.engine.store import EmbeddingStore, TileEmbedding
    root, seed, count = Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    key = {"tiles": [0, 0, 12, 12], "patches": [4, 4], "dim": 64}
    stored = EmbeddingStore(root).field(key)
    print("go", flush=True)
    for k in range(count):
        r, c = divmod((k * 5 + seed * 7) % 144, 12)
        v = np.full((4, 4, 64), (r * 12 + c + 1) / 256, np.float32)
        stored.write_many([TileEmbedding(TileIndex(r, c), v[0, 0], v, np.ones((4, 4), bool))])
"""
SHARED = {"tiles": [0, 0, 12, 12], "patches": [4, 4], "dim": 64}


def check_shared(root):
    stored, present = EmbeddingStore(root).field(SHARED), 0
    for r in range(12):
        for c in range(12):
            if stored.has((r, c)):
                image, patches, valid = stored.read((r, c))
                assert (patches == (r * 12 + c + 1) / 256).all() and (image == patches[0, 0]).all() and valid.all()
                present += 1
    return present


def test_a_killed_writer_leaves_a_usable_store(tmp_path):
    present = []
    for attempt in range(3):
        process = run(WRITER, tmp_path, attempt, 100_000)
        process.stdout.readline()
        time.sleep(0.15 + 0.07 * attempt)
        process.send_signal(signal.SIGKILL) if hasattr(signal, "SIGKILL") else process.kill()
        process.wait()
        process.stdout.close()
        present.append(check_shared(tmp_path))
    assert present[0] > 0 and present == sorted(present)


def test_two_writers_do_not_harm_each_other(tmp_path):
    processes = [run(WRITER, tmp_path, seed, 30) for seed in range(2)]
    for process in processes:
        assert process.wait() == 0
        process.stdout.close()
    want = {(k * 5 + seed * 7) % 144 for seed in range(2) for k in range(30)}
    assert check_shared(tmp_path) == len(want)


@pytest.mark.skipif(os.name == "nt", reason="needs a file size limit")
def test_a_full_disk_is_an_error_and_breaks_nothing(tmp_path):
    code = """
        import resource, signal, json, numpy as np
        from pathlib import Path
        from graft_plugin.engine.grid import TileIndex
        from graft_plugin.engine.store import EmbeddingStore, TileEmbedding
        from graft_plugin.errors import StoreError
        stored = EmbeddingStore(Path(sys.argv[2])).field(json.loads(sys.argv[3]))
        v = np.full((4, 4, 64), 1 / 256, np.float32)
        stored.write_many([TileEmbedding(TileIndex(0, 0), v[0, 0], v, np.ones((4, 4), bool))])
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
        v = v * 6
        try:
            stored.write_many([TileEmbedding(TileIndex(0, 5), v[0, 0], v, np.ones((4, 4), bool))])
        except StoreError as error:
            print(error)
    """
    import json

    process = run(code, tmp_path, json.dumps(SHARED))
    out, _ = process.communicate()
    assert process.returncode == 0 and "Free some disk space" in out.decode()
    assert check_shared(tmp_path) == 1
    assert not list(tmp_path.rglob("*.partial")) and not list(tmp_path.rglob("*.tmp"))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError):
        EmbeddingStore(tmp_path / "x").field(KEY)


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "store").write_text("")
    with pytest.raises(StoreError, match="store"):
        EmbeddingStore(tmp_path / "store").field(KEY)


@pytest.mark.parametrize("name", ["key.json", "data/zarr.json", "data/patches/zarr.json"])
def test_broken_metadata_names_the_folder_to_delete(tmp_path, name):
    stored = EmbeddingStore(tmp_path).field(KEY)
    stored.write_many([tile(0, 8)])
    (stored.folder / name).write_text("{")
    with pytest.raises(StoreError, match="Delete the folder") as caught:
        EmbeddingStore(tmp_path).field(KEY)
    assert stored.folder.name in str(caught.value)


@pytest.mark.parametrize("how", ["flip", "cut", "gone"])
def test_a_damaged_block_is_forgotten(tmp_path, how):
    stored = EmbeddingStore(tmp_path).field(KEY)
    stored.write_many([tile(0, 8), tile(-7, 3)])
    same(stored, (0, 8), tile(0, 8))
    chunks = [p for p in (stored.folder / "data" / "patches" / "c").rglob("*") if p.is_file()]
    assert len(chunks) == 2
    for chunk in chunks:
        data = bytearray(chunk.read_bytes())
        data[37] ^= 1
        {"flip": lambda p, d: p.write_bytes(d), "cut": lambda p, d: p.write_bytes(d[:50]),
         "gone": lambda p, d: p.unlink()}[how](chunk, data)  # fmt: skip
    fresh = EmbeddingStore(tmp_path).field(KEY)
    with pytest.raises(StoreError, match="Run again") as caught:
        fresh.read((0, 8))
    assert stored.folder.name in str(caught.value)
    assert not fresh.has((0, 8)) and not EmbeddingStore(tmp_path).field(KEY).has((0, 8))
    fresh.write_many([tile(0, 8)])
    same(fresh, (0, 8), tile(0, 8))


def test_only_known_precisions(tmp_path):
    with pytest.raises(UsageError):
        EmbeddingStore(tmp_path, "float64")
