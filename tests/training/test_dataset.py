"""A pair folder gives back what was written, to us and to WebDataset, the same bytes every time; damage is named."""

from __future__ import annotations

import hashlib
import io
import json

import numpy as np
import pytest
from PIL import Image

from graft_plugin.errors import UsageError
from training.dataset import COLUMNS, PairFolder
from training.pair_writer import TilePhoto, TileRecord, pack, read_pack, record_of, write_pairs
from training.pairs import photo_pixel

SIZE = 64


def jpeg(seed: int) -> bytes:
    out = io.BytesIO()
    picture = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    Image.fromarray(picture).resize((80, 60)).save(out, "JPEG")
    return out.getvalue()


def a_tile(number: int):
    rng = np.random.default_rng(number)
    photos = tuple(
        TilePhoto(f"사진-{number}-{k}", *rng.uniform(0, SIZE, 2).tolist(), "2021-05-06T07:08:09Z", 7.5)
        for k in range(number % 3 + 1)
    )  # fmt: skip
    acquired = "2020-01-02T03:04:05Z" if number % 2 else None
    transform = (10.0, 0.0, 500_000.0 + 1000 * number, 0.0, -10.0, 5_000_000.0)
    record = TileRecord(f"t_{number}", "rasters", "rgb", "EPSG:32633", transform, 10.0, SIZE, acquired, "a.tif", photos)
    image = rng.integers(0, 255, (3, SIZE, SIZE), dtype=np.uint8)
    return record, image, [jpeg(100 * number + k) for k in range(len(photos))]


def digests(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_what_was_written_is_read(tmp_path):
    tiles = [a_tile(number) for number in range(5)]
    folder = write_pairs(tmp_path / "짝", tiles, {"settings": {"seed": 3}}, shard_tiles=2)
    assert len(folder) == 5 and folder.manifest["photos"] == 1 + 2 + 3 + 1 + 2 and folder.manifest["shards"] == 3
    assert folder.manifest["settings"] == {"seed": 3}
    for _ in range(2):  # any number of times
        for (record, image, photos), sample in zip(tiles, folder, strict=True):
            assert (sample.image == image).all() and sample.photos == tuple(photos)
            assert sample.tile_id == record.tile_id and sample.photo_ids == tuple(p.id for p in record.photos)
            assert sample.spots.dtype == np.float32
            assert np.abs(sample.spots - [(p.row, p.col) for p in record.photos]).max() < 1e-5
            assert (sample.crs, sample.transform, sample.gsd_m) == (record.crs, record.transform, 10.0)


def test_the_index_holds_footprints(tmp_path):
    folder = write_pairs(tmp_path, [a_tile(number) for number in range(3)], shard_tiles=2)
    index = folder.tiles()
    assert tuple(index.columns) == (*COLUMNS, "geometry") and index.crs == "EPSG:4326"
    assert index["shard"].tolist() == ["tiles-000000.tar", "tiles-000000.tar", "tiles-000001.tar"]
    assert index["photos"].tolist() == [1, 2, 3]
    assert str(index["acquired"][1]) == "2020-01-02 03:04:05+00:00" and index["acquired"].isna().tolist() == [
        True,
        False,
        True,
    ]
    for row in index.itertuples():
        corners = np.array(row.geometry.exterior.coords)
        pixels = photo_pixel(corners[:, 0], corners[:, 1], row.crs, list(row.transform))
        assert np.abs(pixels.min(0)).max() < 1e-5 and np.abs(pixels.max(0) - SIZE).max() < 1e-5


def test_webdataset_reads_the_shards(tmp_path):
    import webdataset

    write_pairs(tmp_path, [a_tile(number) for number in range(2)])
    shard = (tmp_path / "shards" / "tiles-000000.tar").as_posix()
    samples = list(webdataset.WebDataset(shard, shardshuffle=False, empty_check=False))
    assert [sample["__key__"] for sample in samples] == ["t_0", "t_1"]
    assert json.loads(samples[1]["json"])["photos"][1]["id"] == "사진-1-1"
    assert samples[1]["photo01.jpg"] == jpeg(101) and samples[0]["png"][:4] == b"\x89PNG"


def test_the_same_tiles_give_the_same_bytes(tmp_path):
    for name in "ab":
        write_pairs(tmp_path / name, [a_tile(number) for number in range(3)], shard_tiles=2)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_a_record_comes_back_from_its_pack(tmp_path):
    record, image, photos = a_tile(2)
    path = tmp_path / "tile"
    path.write_bytes(pack(record, image, photos))
    assert read_pack(path) == record
    assert record_of(json.loads(json.dumps(vars(record), default=vars))) == record


@pytest.mark.parametrize("photos", [0, 2])
def test_a_pack_of_the_wrong_number_of_photos_is_refused(photos):
    record, image, _ = a_tile(0)
    with pytest.raises(ValueError, match="1 photos"):
        pack(record, image, [b""] * photos)


def test_a_folder_that_is_not_whole_is_refused(tmp_path):
    with pytest.raises(UsageError, match="not a whole folder"):
        PairFolder(tmp_path)
    folder = write_pairs(tmp_path, [a_tile(number) for number in range(4)], shard_tiles=2)
    last = tmp_path / "shards" / "tiles-000001.tar"
    whole = last.read_bytes()
    last.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UsageError, match="tiles-000001"):
        list(folder)
    last.unlink()
    with pytest.raises(UsageError, match="tiles-000001"):
        list(folder)


def test_an_empty_folder_is_whole(tmp_path):
    folder = write_pairs(tmp_path, [])
    assert len(folder) == 0 and list(folder) == [] and len(folder.tiles()) == 0
