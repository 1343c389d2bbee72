"""A local folder of photos, through the command: EXIF in, a photo folder out."""

from __future__ import annotations

import json
import shutil

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from training.__main__ import main
from training.collect.photos import read_photos

from .flickr_server import jpeg


def exif(lat, lon, taken="2021:05:04 12:00:00", artist=None, **gps):
    def angle(value):
        value = abs(value)
        minutes = value % 1 * 60
        return (int(value), int(minutes), IFDRational(round(minutes % 1 * 60 * 1000), 1000))

    block = Image.Exif()
    if artist:
        block[315] = artist.encode()
    block.get_ifd(0x8769).update({36867: taken, 36881: "+09:00"})
    place = {1: "N" if lat >= 0 else "S", 2: angle(lat), 3: "E" if lon >= 0 else "W", 4: angle(lon)}
    block.get_ifd(0x8825).update({**place, **{int(k.removeprefix("t")): v for k, v in gps.items()}})
    return block


@pytest.fixture
def pictures(tmp_path):
    """Twelve files: four good ones, and one for each rule."""
    root = tmp_path / "내 사진"
    (root / "하위 폴더").mkdir(parents=True)

    def put(name, seed, block=None):
        (root / name).write_bytes(jpeg(seed, exif=block))

    put("하위 폴더/가.JPG", 1, exif(37.5, 127.0, artist="김하늘", t16="T", t17=IFDRational(2715, 10)))
    put("b.jpg", 2, exif(37.51, 127.0, t16="M", t17=10))
    put("c.jpeg", 3, exif(-33.9, -18.4, taken="0000:00:00 00:00:00"))
    put("near copy.jpg", 1, exif(37.5003, 127.0, taken="2021:05:04 12:30:00"))  # 33 m on, the same view half an hour on
    put("same minute.jpg", 4, exif(37.5001, 127.0, artist="김하늘", taken="2021:05:04 12:00:59"))
    put("no fix.jpg", 5, exif(37.6, 127.0, t9="V"))
    put("error 80 m.jpg", 6, exif(37.7, 127.0, t31=80))
    put("no gps.jpg", 7)
    shutil.copy(root / "b.jpg", root / "b (copy).jpg")
    (root / "cut.jpg").write_bytes(jpeg(8, size=(900, 700), exif=exif(37.8, 127.0))[:20000])
    (root / "text.png").write_text("no picture")
    (root / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    (root / "notes.txt").write_text("not a photo")
    return root


def collect(root, out, *more):
    return main(["collect", "photos", "folder", str(root), "--out", str(out), "--no-outdoor-filter", *more])


def test_a_folder_is_sifted_and_every_file_is_counted(pictures, tmp_path, capsys):
    out = pictures / "결과 폴더"  # inside: it is left out on the second run
    assert collect(pictures, out) == 0
    said = capsys.readouterr().out
    assert "kept 3 of 12 photos" in said and "pillow-heif" in said
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert {rule: n for rule, n in manifest["dropped"].items() if n} == {
        "no_geotag": 1, "inaccurate_geotag": 2, "unsupported": 1, "same_file": 1, "same_moment": 1, "unreadable": 2,
        "near_duplicate": 1,
    }
    table = read_photos(out).set_index("file")
    kept = {file.rsplit("/", 1)[1] for file in table.index}
    assert {"c.jpeg"} < kept and len(kept & {"b.jpg", "b (copy).jpg"}) == 1
    first = table.loc[str(pictures / "c.jpeg")]
    assert (first.geometry.y, first.geometry.x) == (pytest.approx(-33.9, abs=1e-6), pytest.approx(-18.4, abs=1e-6))
    assert first["taken"] is table["taken"].dtype.na_value or str(first["taken"]) == "NaT"
    b = table.loc[next(f for f in table.index if "/b" in f)]
    assert (b["direction_deg"], b["direction_ref"], b["width"], b["height"]) == (10.0, "magnetic", 640, 480)
    assert str(b["taken"]) == "2021-05-04 03:00:00+00:00"
    assert all(pictures.joinpath(f).is_file() for f in table.index)  # absolute, and still there
    before = (out / "photos.parquet").read_bytes()
    assert collect(pictures, out) == 0
    assert (out / "photos.parquet").read_bytes() == before


def test_the_users_files_are_left_alone(pictures, tmp_path):
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in pictures.rglob("*") if p.is_file()}
    collect(pictures, tmp_path / "out", "--box", "126", "37", "128", "38")
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in pictures.rglob("*") if p.is_file()} == before
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["dropped"]["outside"] == 1


def test_a_dry_run_writes_nothing(pictures, tmp_path, capsys):
    assert collect(pictures, tmp_path / "out", "--dry-run") == 0
    said = capsys.readouterr().out
    assert "about 7 photos (± 0)" in said and "the EXIF of 12 of 12 files was read" in said
    assert not (tmp_path / "out").exists()


def test_mistakes_are_plain_lines(pictures, tmp_path, capsys):
    for arguments, words in (
        ((str(tmp_path / "none"), tmp_path / "o"), "no such folder"),
        ((str(tmp_path), tmp_path), "the folder holds no pictures"),
        ((str(pictures), tmp_path / "o", "--box", "3", "0", "3", "1"), "is empty"),
        ((str(pictures), tmp_path / "o", "--places365", "x"), "--places365 needs --places365-table"),
        ((str(pictures), tmp_path / "o", "--per-cell", "-1"), "must not be negative"),
    ):
        if "no pictures" in words:
            for path in list(pictures.rglob("*")):
                if path.suffix.lower() != ".txt" and path.is_file():
                    path.rename(path.with_suffix(".was"))
        assert collect(*arguments) == 2
        said = capsys.readouterr().err.strip().splitlines()
        assert len(said) == 1 and words in said[0] and "Traceback" not in said[0]
        for path in pictures.rglob("*.was"):
            path.rename(path.with_suffix(".jpg"))


def test_other_settings_want_another_folder(pictures, tmp_path, capsys):
    assert collect(pictures, tmp_path / "out") == 0
    assert collect(pictures, tmp_path / "out", "--cell-km", "3") == 2
    assert "begun with cell_km = 1.0, not 3.0" in capsys.readouterr().err
