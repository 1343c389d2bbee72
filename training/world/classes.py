"""The land classes of the procedural world: the labels of its truth and the words for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LandClass:
    """One kind of land cover.

    Attributes:
        name: The word for it in prompts and cards.
        synonyms: Other words for exactly this class.
        water: Whether the generic word "water" covers it.
    """

    name: str
    synonyms: tuple[str, ...]
    water: bool = False


CLASSES: tuple[LandClass, ...] = (
    LandClass("lake", ("pond", "reservoir", "open water"), water=True),
    LandClass("river", ("stream", "canal"), water=True),
    LandClass("pool", ("swimming pool",), water=True),
    LandClass("wetland", ("marsh", "swamp", "reeds")),
    LandClass("forest", ("trees", "woodland", "woods")),
    LandClass("orchard", ("fruit trees", "plantation")),
    LandClass("shrubland", ("bushes", "shrubs", "scrub")),
    LandClass("meadow", ("grass", "grassland", "pasture", "lawn")),
    LandClass("crops", ("crop field", "farmland", "cropland")),
    LandClass("soil", ("bare soil", "plowed field", "bare field")),
    LandClass("sand", ("beach", "dunes")),
    LandClass("road", ("asphalt road", "street", "highway")),
    LandClass("track", ("dirt track", "dirt road", "path")),
    LandClass("railway", ("rails", "train tracks", "railroad")),
    LandClass("building", ("house", "roof", "buildings", "barn")),
    LandClass("parking", ("parking lot", "parked cars")),
)

NAMES: tuple[str, ...] = tuple(c.name for c in CLASSES)
LABEL: dict[str, int] = {name: label for label, name in enumerate(NAMES)}
