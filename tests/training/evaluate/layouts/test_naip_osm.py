"""Tags to classes, classes to pixels: order, widths, places, and the miniature's own truth."""

from __future__ import annotations

import json

import numpy as np
import pytest
from rasterio.warp import transform_geom

from graft_plugin.errors import SceneError, UsageError
from training.evaluate.layouts.naip_osm import class_of, open_naip_osm, read_table
from training.evaluate.layouts.types import UNJUDGED
from training.evaluate.miniature import OSM_TAGS, Places
from training.evaluate.miniature_files import CRS, write_geotiff
from training.world.classes import LABEL
from training.world.classes import NAMES as WORLD

NAMES = [row.name for row in read_table()[0]]
LEFT, TOP = 500_000.0, 5_200_000.0


def feature(tags, kind, coordinates):
    geometry = transform_geom(CRS, "EPSG:4326", {"type": kind, "coordinates": coordinates})
    return {"type": "Feature", "properties": tags, "geometry": geometry}


def box(row, col, height, width):
    """A polygon over pixels of the tile."""
    x, y = LEFT + col, TOP - row
    return [[(x, y), (x + width, y), (x + width, y - height), (x, y - height), (x, y)]]


def write(root, features, side=100):
    write_geotiff(root / "images" / "a.tif", np.full((4, side, side), 90, np.uint8), 1.0, (LEFT, TOP))
    (root / "osm.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return open_naip_osm(root)


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ({"natural": "water"}, "lake"),
        ({"natural": "water", "water": "river"}, "river"),
        ({"building": "barn", "amenity": "parking"}, "building"),  # the first class that takes it
        ({"power": "plant", "plant:source": "solar"}, "solar panels"),
        ({"power": "plant", "plant:source": "coal"}, None),
        ({"highway": "footway"}, None),
        ({"building": None, "landuse": "forest"}, "forest"),  # a column that other features fill
        ({}, None),
    ],
)
def test_tags_to_classes(tags, name):
    found = class_of(tags, read_table()[0])
    assert (None if found is None else NAMES[found]) == name


def test_pixels_order_and_widths(tmp_path):
    layout = write(
        tmp_path,
        [
            feature({"building": "yes"}, "Polygon", box(10, 10, 20, 30)),
            feature({"landuse": "forest"}, "Polygon", box(0, 0, 100, 50)),
            feature({"highway": "residential"}, "LineString", [(LEFT + 70, TOP + 500), (LEFT + 70, TOP - 500)]),
            feature({"building": "shed"}, "LineString", [(LEFT, TOP - 90), (LEFT + 100, TOP - 90)]),
            feature({"natural": "water"}, "Point", (LEFT + 90, TOP - 5)),
            {"type": "Feature", "properties": {"landuse": "forest"}, "geometry": None},
        ],
    )
    example = layout.read(0)
    mask = example.mask
    expected = np.full((100, 100), UNJUDGED, np.uint8)
    expected[:, :50] = NAMES.index("forest")
    expected[10:30, 10:40] = NAMES.index("building")  # on top, though it comes first in the file
    expected[:, 65:75] = NAMES.index("road")  # 10 m about the line
    assert (mask == expected).all()
    assert [NAMES[c] for c in example.labels] == ["building", "road", "forest"]
    assert example.image.shape == (3, 100, 100)


def test_a_class_needs_a_hundredth_of_the_tile(tmp_path):
    layout = write(tmp_path, [feature({"building": "yes"}, "Polygon", box(0, 0, 9, 11))])
    assert layout.read(0).labels == () and (layout.read(0).mask == NAMES.index("building")).sum() == 99


def test_the_miniatures_land_comes_back_from_its_tags(miniature):
    layout = open_naip_osm(miniature("naip-osm", 2))
    assert len(layout) == 2
    places, classes = Places(0, "plain"), set()
    for i, example in enumerate(map(layout.read, range(2))):
        labels = places.view(WORLD[i * 5 % len(WORLD)], 448, 1.0).labels
        wanted = np.full(labels.shape, UNJUDGED, np.uint8)
        for land, tags in OSM_TAGS.items():
            wanted[labels == LABEL[land]] = class_of(tags, read_table()[0])
        assert (example.mask == wanted).mean() > 0.999
        classes.update(np.unique(wanted).tolist())
    assert len(classes) >= 4


def test_what_is_missing_or_damaged_is_named(tmp_path):
    with pytest.raises(UsageError, match="no images/"):
        open_naip_osm(tmp_path)
    write_geotiff(tmp_path / "images" / "a.tif", np.zeros((3, 8, 8), np.uint8), 1.0)
    with pytest.raises(UsageError, match=r"no \*.geojson"):
        open_naip_osm(tmp_path)
    for text in ('{"features": [', "[]", '{"type": "FeatureCollection"}', '{"features": [3]}'):
        (tmp_path / "osm.geojson").write_text(text)
        with pytest.raises(SceneError, match=r"osm.geojson: this is no GeoJSON"):
            open_naip_osm(tmp_path)
    layout = write(tmp_path, [])
    assert (layout.read(0).mask == UNJUDGED).all()  # nothing mapped, nothing judged
    tile = tmp_path / "images" / "a.tif"
    tile.write_bytes(tile.read_bytes()[:100])
    with pytest.raises(SceneError, match=r"a.tif: the raster is damaged"):
        layout.read(0)
