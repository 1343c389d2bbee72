"""`python -m training show PAIRS`: a contact sheet, tiles with the numbered places of their photos beside these."""

from __future__ import annotations

import argparse
import io
import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from graft_plugin.errors import UsageError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

    from .dataset import PairFolder, Sample

TILE_PX, GAP_PX, PHOTO_PX, CAPTION_PX = 448, 24, 150, 22
COLUMNS = 5
MOST_SHOWN = 25
_PAPER, _INK, _FAINT, _MARK, _RING = (250, 250, 248), (30, 30, 30), (110, 110, 110), (255, 214, 0), (20, 20, 20)
_RADIUS_PX = 11
_ARROW_PX = 24


@dataclass(frozen=True)
class Facts:
    """What a tile's JSON says of a photo: its place in pixels, its day, where the camera looked."""

    row: float
    col: float
    taken: Optional[str]
    direction_deg: Optional[float]


def add_parser(commands: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Add the command."""
    show = commands.add_parser("show", help="a contact sheet of tiles and their ground photos")
    show.add_argument("pairs", metavar="PAIRS", help="the pair folder")
    show.add_argument("--out", required=True, metavar="SHEET.png", help="the picture")
    show.add_argument("--tiles", type=int, default=4, metavar="N", help="how many tiles, drawn by the seed (4)")
    show.add_argument("--seed", type=int, default=0, help="of the draw")
    show.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Write the sheet.

    Raises:
        GraftError: The folder is not whole or empty, or the sheet cannot be written.
    """
    from graft_plugin.engine.outputs import Staging, check_target

    from .dataset import PairFolder

    target = check_target(args.out, (".png",))
    if args.tiles < 1:
        raise UsageError("there is no sheet of fewer than one tile", remedy="Give --tiles 1 or more.")
    sheet = draw_sheet(PairFolder(args.pairs), args.tiles, args.seed)
    with Staging() as staging:
        sheet.save(staging.place(target))
        staging.commit()
    print(target)


def draw_sheet(folder: PairFolder, tiles: int, seed: int = 0) -> Image:
    """Return the sheet of some tiles, drawn by the seed, in the order of the folder.

    Raises:
        UsageError: The folder is empty.
    """
    from PIL import Image as pil

    if not len(folder):
        raise UsageError("the folder holds no tile", remedy="Collect tiles first.", path=str(folder.path))
    chosen = sorted(random.Random(seed).sample(range(len(folder)), min(tiles, len(folder))))
    rows = [_draw_row(sample, _facts(about), _title(sample, about)) for sample, about in folder.pick(chosen)]
    width = max(row.width for row in rows) + 2 * GAP_PX
    sheet = pil.new("RGB", (width, sum(row.height + GAP_PX for row in rows) + GAP_PX), _PAPER)
    top = GAP_PX
    for row in rows:
        sheet.paste(row, (GAP_PX, top))
        top += row.height + GAP_PX
    return sheet


def _facts(about: dict[str, Any]) -> list[Facts]:
    return [Facts(p["row"], p["col"], p["taken"], p["direction_deg"]) for p in about["photos"]]


def _title(sample: Sample, about: dict[str, Any]) -> str:
    day = [about["acquired"][:10]] if about["acquired"] else []
    crs = sample.crs if sample.crs.startswith("EPSG:") else "own CRS"
    photos = f"{len(sample.photos)} photo{'s' if len(sample.photos) != 1 else ''}"
    return "  \u00b7  ".join(
        [sample.tile_id, about["sensor"], about["source"], *day, f"{sample.gsd_m:g} m", crs, photos]
    )


def _draw_row(sample: Sample, facts: list[Facts], title: str) -> Image:
    from PIL import Image as pil
    from PIL import ImageDraw

    photos = _draw_photos(sample, facts[:MOST_SHOWN])
    top = CAPTION_PX + 6
    row = pil.new("RGB", (TILE_PX + GAP_PX + photos.width, top + max(TILE_PX, photos.height)), _PAPER)
    ImageDraw.Draw(row).text((0, 0), title, fill=_INK, font=_font(16))
    row.paste(_draw_tile(sample, facts[:MOST_SHOWN]), (0, top))
    row.paste(photos, (TILE_PX + GAP_PX, top))
    return row


def _draw_photos(sample: Sample, facts: list[Facts]) -> Image:
    """Return the photos in lines, each with its number and day beneath."""
    from PIL import Image as pil
    from PIL import ImageDraw

    small = [pil.open(io.BytesIO(data)).convert("RGB") for data in sample.photos[: len(facts)]]
    for photo in small:
        photo.thumbnail((PHOTO_PX, PHOTO_PX))
    lines = [range(first, min(first + COLUMNS, len(small))) for first in range(0, len(small), COLUMNS)]
    heights = [max(small[number].height for number in line) for line in lines]
    sheet = pil.new("RGB", (COLUMNS * (PHOTO_PX + 8), sum(heights) + len(lines) * (CAPTION_PX + 14)), _PAPER)
    draw, top = ImageDraw.Draw(sheet), 0
    for line, height in zip(lines, heights, strict=True):
        middle = top + height + 4 + _RADIUS_PX
        for number in line:
            x, photo = (number - line.start) * (PHOTO_PX + 8), small[number]
            sheet.paste(photo, (x + (PHOTO_PX - photo.width) // 2, top + height - photo.height))
            _draw_number(draw, x + _RADIUS_PX + 1, middle, number + 1)
            day = (facts[number].taken or "no date")[:10]
            draw.text((x + 2 * _RADIUS_PX + 8, middle), day, fill=_FAINT, font=_font(14), anchor="lm")
        top += height + CAPTION_PX + 14
    return sheet


def _draw_tile(sample: Sample, facts: list[Facts]) -> Image:
    """Return the tile with arrows where cameras looked, and numbers where they stood, moved apart where they crowd."""
    import numpy as np
    from PIL import Image as pil
    from PIL import ImageDraw

    scale = TILE_PX / sample.image.shape[-1]
    tile = pil.fromarray(np.ascontiguousarray(np.moveaxis(sample.image, 0, -1))).resize((TILE_PX, TILE_PX))
    draw = ImageDraw.Draw(tile)
    places = [(fact.col * scale, fact.row * scale) for fact in facts]
    labels = spread_labels(places, 2 * _RADIUS_PX + 2, TILE_PX)
    for fact, (x, y), (label_x, label_y) in zip(facts, places, labels, strict=True):
        if fact.direction_deg is not None:
            _draw_arrow(draw, x, y, math.radians(fact.direction_deg))
        draw.line([(x, y), (label_x, label_y)], fill=_RING, width=3)
        draw.line([(x, y), (label_x, label_y)], fill=_MARK, width=1)
        draw.ellipse([x - 3, y - 3, x + 3, y + 3], fill=_MARK, outline=_RING)
    for number, (label_x, label_y) in enumerate(labels, 1):
        _draw_number(draw, label_x, label_y, number)
    return tile


def _draw_arrow(draw: ImageDraw, x: float, y: float, angle: float) -> None:
    def at(along: float, aside: float) -> tuple[float, float]:
        east, north = math.sin(angle), math.cos(angle)
        return x + along * east + aside * north, y - along * north + aside * east

    for colour, width, grow in ((_RING, 5, 2), (_MARK, 3, 0)):
        draw.line([(x, y), at(_ARROW_PX, 0)], fill=colour, width=width)
        head = [at(_ARROW_PX + 9 + grow, 0), at(_ARROW_PX - grow / 2, 6 + grow), at(_ARROW_PX - grow / 2, -6 - grow)]
        draw.polygon(head, fill=colour)


def spread_labels(places: list[tuple[float, float]], apart: float, side: float) -> list[tuple[float, float]]:
    """Return a place for each label: at its point or the nearest free place around it, inside a square.

    Args:
        places: (x, y) of the points.
        apart: Least distance between the middles of two labels.
        side: Of the square.
    """
    edge = apart / 2
    taken: list[tuple[float, float]] = []
    for x, y in places:
        best = (min(max(x, edge), side - edge), min(max(y, edge), side - edge))
        for step in range(600):
            radius, angle = apart * 0.35 * math.sqrt(step), step * 2.399963  # a sunflower's spiral
            spot = x + radius * math.cos(angle), y + radius * math.sin(angle)
            if not all(edge <= v <= side - edge for v in spot):
                continue
            if all(math.dist(spot, other) >= apart for other in taken):
                best = spot
                break
        taken.append(best)
    return taken


def _draw_number(draw: ImageDraw, x: float, y: float, number: int) -> None:
    r = _RADIUS_PX
    draw.ellipse([x - r, y - r, x + r, y + r], fill=_MARK, outline=_RING, width=2)
    draw.text((x, y), str(number), fill=_RING, font=_font(13), anchor="mm")


def _font(size: int) -> FreeTypeFont | ImageFont:
    from PIL import ImageFont as fonts

    return fonts.load_default(size)
