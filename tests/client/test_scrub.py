"""What a report of a problem must not tell."""

from __future__ import annotations

import pytest

from graft_plugin.client.scrub import scrub

HOME, USER = "/home/hong.gildong", "hong.gildong"


@pytest.mark.parametrize(
    ("text", "gone", "kept"),
    [
        ("/home/hong.gildong/field work/secret mine.tif: no CRS", ("hong", "mine", "secret", "field"), "no CRS"),
        ("“/data/고객 A/현장.tif” cannot be opened", ("고객", "현장", "data"), "cannot be opened"),
        (r"C:\Users\Hong.Gildong\My Scenes\mine.tif: damaged", ("Gildong", "Scenes", "mine"), "damaged"),
        (r"\\server\share\client\scene.vrt is missing", ("server", "client", "scene"), "is missing"),
        ("~/plans/x.gpkg|layername=lake is locked", ("plans", "x.gpkg"), "is locked"),
        ("starting the engine with /home/hong.gildong/.local/share/graft/env/bin/python", ("hong",), "python"),
        ("file:///home/hong.gildong/a%20b.tif failed", ("hong", "a%20b"), "failed"),
        ("scene_2024.tif: 3 bands", ("scene_2024",), "3 bands"),
        ("wrote 현장.gpkg now", ("현장",), "now"),
        ("hong.gildong@example.org wrote; Hong.Gildong's layer", ("example.org", "ildong"), "layer"),
        ("proxy http://bob:hunter2@proxy.corp:8080 refused", ("bob", "hunter2"), "proxy.corp:8080"),
        ("GET https://x.org/t?token=abc123&layer=1", ("abc123",), "x.org"),
        ("Authorization: Bearer abc.def.ghi sent", ("abc.def",), "sent"),
        ("hf_ABCDEFGHIJKLMNOP was used", ("ABCDEFGH",), "was used"),
        ("api_key = 'S3CR3T' found", ("S3CR3T",), "found"),
        ("layer “North pit” is empty", ("North pit",), "is empty"),
    ],
)
def test_what_tells_who_or_where_is_left_out(text, gone, kept):
    said = scrub(text, HOME, USER, ["North pit"])
    assert kept in said
    for word in gone:
        assert word not in said, said


def test_what_a_report_is_for_is_kept():
    text = (
        "QGIS: 3.22.16-Białowieża\nPackages: torch 2.14.1, rasterio 1.4.4\n"
        '  File "/home/hong.gildong/graft/env/lib/python3.11/site-packages/torch/nn/module.py", line 12, in forward\n'
        '  File "/home/hong.gildong/profiles/plugins/graft/graft_plugin/engine/pipeline.py", line 8, in run\n'
        "signal 9; 12/34 tiles; 0.6 m/pixel; https://pypi.org/simple and/or the cache; graft/device: auto\n"
    )
    said = scrub(text, HOME, USER)
    assert "hong" not in said
    for words in (
        "3.22.16-Białowieża", "torch 2.14.1, rasterio 1.4.4", "site-packages/torch/nn/module.py", "line 12, in forward",
        "graft_plugin/engine/pipeline.py", "12/34 tiles", "0.6 m/pixel", "https://pypi.org/simple",
        "graft/device: auto",
    ):  # fmt: skip
        assert words in said, said


def test_a_short_user_name_does_not_eat_words():
    assert scrub("an engine ran", "/root", "an") == "an engine ran"
    assert scrub("the root cause; rooted", "", "root") == "the <user> cause; rooted"
