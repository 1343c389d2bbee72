"""Embedding a scene: each vector in its place, nothing twice, nothing kept, nothing lost when stopped."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import numpy as np
import pytest
import rasterio
import torch
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graft_plugin.engine.embed import embed_scene
from graft_plugin.engine.encoders.types import Encoded
from graft_plugin.engine.grid import GsdRule, Window
from graft_plugin.engine.padding import mirror_fill
from graft_plugin.engine.progress import CancelToken
from graft_plugin.engine.scene import SceneReader, open_scene
from graft_plugin.engine.store import EmbeddingStore
from graft_plugin.errors import Cancelled, SceneError, StoreError, UsageError

RULE = GsdRule({"naip": 1.0})
TILE, PATCH = 64, 16
X, Y = 500003, 5200007


@dataclass
class MeanColour:
    """A model that sees the mean colour of each patch (and of the tile) and nothing else."""

    tile_px: int = TILE
    patch_px: int = PATCH
    model_id: str = "fake"
    sha256: str = "f" * 64
    dim: int = 3
    gsd: GsdRule = RULE
    global_bias: float = 0.0
    precision: str = "fp32"
    seconds: float = 0.0
    batches: list[int] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)

    def encode(self, images, cancel=None):
        assert images.dtype == torch.uint8 and images.shape[1:] == (3, self.tile_px, self.tile_px)
        self.batches.append(len(images))
        self.threads.add(threading.get_ident())
        time.sleep(self.seconds * len(images))
        side, p = self.tile_px // self.patch_px, self.patch_px
        cells = images.float().reshape(len(images), 3, side, p, side, p).mean((3, 5)).permute(0, 2, 3, 1)
        return Encoded(images.float().mean((2, 3)), cells)


def make_scene(tmp_path, height=300, width=410, seed=0, name="a.tif", tile_px=TILE, patch_px=PATCH, hole=None):
    pixels = np.random.default_rng(seed).integers(1, 255, (3, height, width)).astype("uint8")
    if hole is not None:
        pixels[:, hole[0], hole[1]] = 0
    path = tmp_path / name
    with rasterio.open(path, "w", driver="GTiff", height=height, width=width, count=3, dtype="uint8", nodata=0,
                       crs="EPSG:26914", transform=Affine(1, 0, X, 0, -1, Y), tiled=True) as file:  # fmt: skip
        file.write(pixels)
    return open_scene(str(path), model_gsd=RULE, tile_px=tile_px, patch_px=patch_px)


def assemble(result):
    s = result.stride_px
    shape = result.window.height // s, result.window.width // s
    patches, image = (np.full((*shape, result.dim), np.nan, np.float32) for _ in range(2))
    valid, seen = np.zeros(shape, bool), np.zeros(shape, int)
    for block in result.blocks():
        assert block.window.height % s == 0 and block.window.row % s == 0 and max(block.valid.shape) <= 56
        rows, cols = (slice(a.start // s, a.stop // s) for a in block.window.slices_in(result.window))
        patches[rows, cols], image[rows, cols], valid[rows, cols] = block.patches, block.image, block.valid
        seen[rows, cols] += 1
    assert (seen == 1).all()
    return patches, image, valid


def reference(scene, window, stride):
    """Mean colour, validity and wholeness of the patch centred on each cell, by reading each patch."""
    shape = window.height // stride, window.width // stride
    colour, valid, whole = np.zeros((*shape, 3)), np.zeros(shape, bool), np.zeros(shape, bool)
    margin = (PATCH - stride) // 2
    around = Window.between(window.row - PATCH, window.col - PATCH, window.stop[0] + PATCH, window.stop[1] + PATCH)
    with SceneReader(scene) as reader:
        rgb, ok = reader.read(around)
    for r in range(shape[0]):
        for c in range(shape[1]):
            top, left = PATCH + r * stride - margin, PATCH + c * stride - margin
            colour[r, c] = rgb[:, top : top + PATCH, left : left + PATCH].mean((1, 2))
            share = ok[top : top + PATCH, left : left + PATCH].mean()
            valid[r, c], whole[r, c] = share >= 0.5, share == 1
    return colour, valid, whole


@pytest.mark.parametrize("stride", [16, 8, 4])
def test_every_cell_gets_the_patch_that_is_centred_on_it(tmp_path, stride):
    scene = make_scene(tmp_path, 110, 120, hole=(slice(30, 95), slice(20, 90)))
    result = embed_scene(scene, MeanColour(), window=scene.window, stride_px=stride, store=None)
    assert result.window == scene.window.expanded(stride)
    patches, image, valid = assemble(result)
    want, want_valid, whole = reference(scene, result.window, stride)
    np.testing.assert_array_equal(valid, want_valid)
    assert whole.sum() > 10 and (valid & ~whole).any()
    np.testing.assert_allclose(patches[whole], want[whole], rtol=1e-3, atol=0.05)
    assert patches[valid & ~whole].min() > 60, "what is missing in a patch is filled with what is beside, not black"
    assert image[valid].min() > 0
    if stride == 16:
        with SceneReader(scene) as reader:
            corner = scene.grid.tile_window((result.window.row // TILE, result.window.col // TILE))
            first = mirror_fill(*reader.read(corner))
        np.testing.assert_allclose(image[0, 0], first.mean((1, 2)), rtol=1e-3)


@pytest.mark.parametrize("stride", [16, 8, 4])
def test_a_place_has_the_same_embedding_whatever_was_asked_for(tmp_path, stride):
    scene = make_scene(tmp_path, 120, 140, hole=(slice(30, 95), slice(20, 90)))
    whole = embed_scene(scene, MeanColour(), window=scene.window, stride_px=stride, store=None)
    patches, image, valid = assemble(whole)

    @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 119), st.integers(0, 139), st.integers(1, 90), st.integers(1, 90))
    def check(row, col, height, width):
        window = Window(scene.window.row + row, scene.window.col + col, height, width)
        part = embed_scene(scene, MeanColour(), window=window, stride_px=stride, store=None)
        at = tuple(slice(a.start // stride, a.stop // stride) for a in part.window.slices_in(whole.window))
        for got, want in zip(assemble(part), (patches, image, valid)):
            np.testing.assert_array_equal(got, want[at])

    check()


@pytest.mark.parametrize("dtype", ["float16", "int8"])
def test_nothing_is_encoded_twice(tmp_path, dtype):
    scene, store = make_scene(tmp_path), EmbeddingStore(tmp_path / "store", dtype)
    corner = Window(scene.window.row, scene.window.col, 130, 130)
    model, steps = MeanColour(), []
    first = embed_scene(scene, model, window=corner, stride_px=16, store=store)
    whole = embed_scene(scene, model, window=scene.window, stride_px=16, store=store,
                        report=lambda *step: steps.append(step))  # fmt: skip
    tiles = len(scene.grid.tile_range(scene.window.expanded(16)))
    assert first.from_store == 0 and whole.from_store == first.encoded_tiles > 0
    assert whole.encoded_tiles + whole.from_store == tiles == sum(model.batches)
    assert steps[0] == ("encode", whole.from_store, tiles) and steps[-1] == ("encode", tiles, tiles)
    assert [done for _, done, _ in steps] == sorted(done for _, done, _ in steps)
    again_model = MeanColour()
    again = embed_scene(scene, again_model, window=scene.window, stride_px=16, store=EmbeddingStore(store.root, dtype))
    assert (again.encoded_tiles, again.from_store, again_model.batches) == (0, tiles, [])
    for a, b in zip(assemble(whole), assemble(again)):
        np.testing.assert_array_equal(a, b)
    want, _, complete = reference(scene, whole.window, 16)
    tolerance = 0.2 if dtype == "float16" else 255 / 127
    assert np.abs(assemble(whole)[0] - want)[complete].max() <= tolerance


def test_what_changes_a_pixel_or_the_model_is_encoded_anew(tmp_path):
    scene, store = make_scene(tmp_path, 100, 100), EmbeddingStore(tmp_path / "store")

    def encoded(scene, **model):
        return embed_scene(scene, MeanColour(**model), window=scene.window, stride_px=16, store=store).encoded_tiles

    assert encoded(scene) > 0 and encoded(scene) == 0
    assert encoded(scene, sha256="e" * 64) > 0
    assert encoded(scene, precision="bf16") > 0
    assert encoded(open_scene(scene.path, model_gsd=RULE, bands=(3, 2, 1), tile_px=TILE, patch_px=PATCH)) > 0
    assert encoded(make_scene(tmp_path, 100, 100, seed=1)) > 0


def test_tiles_without_a_valid_pixel_are_not_encoded(tmp_path):
    scene = make_scene(tmp_path, 400, 400, hole=(slice(0, 400), slice(0, 250)))
    model, store = MeanColour(), EmbeddingStore(tmp_path / "store")
    result = embed_scene(scene, model, window=scene.window, stride_px=16, store=store)
    tiles = len(scene.grid.tile_range(scene.window.expanded(16)))
    assert 0 < result.encoded_tiles == sum(model.batches) < tiles
    patches, _, valid = assemble(result)
    assert not valid[:, :14].any() and not patches[:, :10].any() and valid[1:-1, 17:-1].all()
    again = embed_scene(scene, model, window=scene.window, stride_px=16, store=store)
    assert (again.encoded_tiles, again.from_store) == (0, tiles)


def test_cancel_is_quick_and_keeps_what_was_done(tmp_path):
    scene, store, cancel = make_scene(tmp_path, 700, 700), EmbeddingStore(tmp_path / "store"), CancelToken()

    class Stopped(MeanColour):
        def encode(self, images, cancel=None):
            assert not cancel.cancelled
            if sum(self.batches) > 20:
                cancel.cancel()
            return super().encode(images)

    model = Stopped(seconds=0.05)
    with pytest.raises(Cancelled):
        embed_scene(scene, model, window=scene.window, stride_px=16, store=store, cancel=cancel)
    assert max(model.batches) * 0.05 <= 0.3  # batches are sized by time, so that the next check is never far
    rest = embed_scene(scene, MeanColour(), window=scene.window, stride_px=16, store=store)
    assert rest.from_store == sum(model.batches) > 20
    assert rest.encoded_tiles + rest.from_store == len(scene.grid.tile_range(scene.window.expanded(16)))
    assert not [t for t in threading.enumerate() if t.name.startswith("graft-read")]


def test_cancel_while_reading(tmp_path, monkeypatch):
    scene, cancel, model = make_scene(tmp_path, 700, 700), CancelToken(), MeanColour()

    def slow(self, window):
        cancel.cancel()
        time.sleep(0.2)
        return np.zeros((3, *window.shape), np.uint8), np.ones(window.shape, bool)

    monkeypatch.setattr(SceneReader, "read", slow)
    with pytest.raises(Cancelled):
        embed_scene(scene, model, window=scene.window, stride_px=16, store=None, cancel=cancel)
    assert model.batches == []


def test_reading_overlaps_encoding_in_other_threads(tmp_path, monkeypatch):
    scene, model = make_scene(tmp_path, 500, 700), MeanColour(seconds=0.004)
    read, spent, readers = SceneReader.read, [], set()

    def slow(self, window):
        readers.add(threading.get_ident())
        time.sleep(0.004)
        spent.append(0.004)
        return read(self, window)

    monkeypatch.setattr(SceneReader, "read", slow)
    embed_scene(scene, model, window=scene.window, stride_px=16, store=None)
    assert model.threads == {threading.get_ident()} and threading.get_ident() not in readers
    assert max(model.batches) > 4
    assert len(spent) == sum(model.batches)


def test_errors_of_the_reader_come_out(tmp_path, monkeypatch):
    scene = make_scene(tmp_path, 500, 500)

    def broken(self, window):
        raise SceneError("it cannot be read", path=self.scene.path)

    monkeypatch.setattr(SceneReader, "read", broken)
    with pytest.raises(SceneError, match=r"a\.tif"):
        embed_scene(scene, MeanColour(), window=scene.window, stride_px=16, store=None)
    assert not [t for t in threading.enumerate() if t.name.startswith("graft-read")]


def test_errors_of_the_model_come_out(tmp_path):
    scene = make_scene(tmp_path, 100, 100)
    with pytest.raises(UsageError, match="patches"):
        embed_scene(scene, MeanColour(patch_px=32), window=scene.window, stride_px=16, store=None)
    with pytest.raises(UsageError, match="do not touch"):
        embed_scene(scene, MeanColour(), window=Window(0, 0, 5, 5), stride_px=16, store=None)

    class Broken(MeanColour):
        def encode(self, images, cancel=None):
            raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        embed_scene(scene, Broken(), window=scene.window, stride_px=16, store=None)


def test_the_model_can_see_a_cancel_while_it_works(tmp_path):
    scene, token = make_scene(tmp_path, 100, 100), CancelToken()

    class Slow(MeanColour):
        def encode(self, images, cancel=None):
            token.cancel()
            cancel.check()
            raise AssertionError("the model was not given the token")

    with pytest.raises(Cancelled):
        embed_scene(scene, Slow(), window=scene.window, stride_px=16, store=None, cancel=token)


def test_a_damaged_block_is_encoded_anew(tmp_path):
    scene, store = make_scene(tmp_path), EmbeddingStore(tmp_path / "store")
    whole = embed_scene(scene, MeanColour(), window=scene.window, stride_px=16, store=store)
    want = assemble(whole)
    chunk = next(path for path in (tmp_path / "store").glob("*/data/patches/c/**/0") if path.is_file())
    data = bytearray(chunk.read_bytes())
    data[100] ^= 0x40
    chunk.write_bytes(data)
    damaged = embed_scene(scene, MeanColour(), window=scene.window, stride_px=16, store=EmbeddingStore(store.root))
    with pytest.raises(StoreError, match="Run again"):
        assemble(damaged)
    healed = embed_scene(scene, MeanColour(), window=scene.window, stride_px=16, store=EmbeddingStore(store.root))
    assert 0 < healed.encoded_tiles <= 16
    for a, b in zip(assemble(healed), want):
        np.testing.assert_array_equal(a, b)


def test_tiny_scenes(tmp_path):
    scene = make_scene(tmp_path, 1, 1)
    result = embed_scene(scene, MeanColour(), window=scene.window, stride_px=16, store=None)
    assert result.encoded_tiles == 1 and not assemble(result)[2].any()
