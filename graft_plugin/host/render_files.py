"""The files of a rendered layer: one tiled GeoTIFF a block, and a VRT that puts an area's blocks together."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from functools import reduce
from typing import Any, Iterator, Optional, Sequence, Tuple
from xml.sax.saxutils import escape

from osgeo import gdal
from qgis.PyQt.QtGui import QImage

from ..errors import OutputError
from .i18n import tr
from .render_grid import Blocks, RenderGrid

_SOLID = bytes(255 if alpha >= 128 else 0 for alpha in range(256))
_OPTIONS = ["TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=256", "COMPRESS=DEFLATE", "ZLEVEL=1", "SPARSE_OK=TRUE"]


@dataclass(frozen=True)
class Band:
    """One band of a rendered layer.

    Attributes:
        gdal_type: GDAL's number of its type.
        colour: GDAL's number of its colour interpretation.
        nodata: The value that means "nothing here".
        name: Its description.
    """

    gdal_type: int
    colour: int = gdal.GCI_Undefined
    nodata: Optional[float] = None
    name: str = ""


PICTURE = tuple(Band(gdal.GDT_Byte, colour) for colour in (gdal.GCI_RedBand, gdal.GCI_GreenBand, gdal.GCI_BlueBand))


def write_picture(path: str, image: QImage, grid: RenderGrid, block: Tuple[int, int]) -> bool:
    """Write a block of a picture as red, green, blue and a mask; return whether there is anything on it.

    Raises:
        OutputError: The disk is full or the folder gone.
    """
    width, height = image.width(), image.height()
    rgba = image.convertToFormat(QImage.Format.Format_RGBA8888)  # not premultiplied: the layer's own colours
    pixels = rgba.constBits().asstring(width * height * 4)
    mask = pixels[3::4].translate(_SOLID)
    if not any(mask):
        _write(path, [(bytes(width * height), gdal.GDT_Byte)] * 4, (width, height), grid, block)
        return False
    planes = [(pixels[channel::4], gdal.GDT_Byte) for channel in range(3)]
    _write(path, [*planes, (mask, gdal.GDT_Byte)], (width, height), grid, block)
    return True


def write_values(
    path: str, blocks: Sequence[Any], bands: Sequence[Band], grid: RenderGrid, at: Tuple[int, int]
) -> bool:
    """Write a block of values, one band for each `QgsRasterBlock`, and a mask; return whether there is anything.

    Raises:
        OutputError: The disk is full or the folder gone.
    """
    width, height = blocks[0].width(), blocks[0].height()
    planes = [(bytes(block.data()), gdal_type(block.dataType())) for block in blocks]
    count = width * height
    mask = b"\xff" * count
    if all(block.hasNoData() for block in blocks) and any(band.nodata is None for band in bands):
        mask = bytes(0 if all(block.isNoData(k) for block in blocks) else 255 for k in range(count))
    union = reduce(gdal.DataTypeUnion, [kind for _pixels, kind in planes])
    _write(path, [*planes, (mask, gdal.GDT_Byte)], (width, height), grid, at, union)
    return any(mask)


def gdal_type(qgis_type: Any) -> int:  # noqa: ANN401 - Qgis.DataType
    """Return GDAL's number of a type of QGIS's; the two number alike."""
    return int(getattr(qgis_type, "value", qgis_type))


def write_mosaic(path: str, grid: RenderGrid, blocks: Blocks, bands: Sequence[Band], wkt: str) -> None:
    """Write the VRT over an area's blocks, unless it is there: its age is part of what embeddings are kept under.

    Raises:
        OutputError: The disk is full or the folder gone.
    """
    if os.path.exists(path):
        return
    width, height = grid.total_px(blocks)
    x, y = grid.corner(blocks.row, blocks.col)
    place = ", ".join(repr(float(v)) for v in (x, grid.pixel[0], 0, y, 0, -grid.pixel[1]))
    xml = [
        f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}">',
        f"<SRS>{escape(wkt)}</SRS><GeoTransform>{place}</GeoTransform>",
    ]
    for number, band in enumerate(bands, start=1):
        nodata = "" if band.nodata is None else f"<NoDataValue>{band.nodata!r}</NoDataValue>"
        colour = gdal.GetColorInterpretationName(band.colour)
        xml += [
            f'<VRTRasterBand dataType="{gdal.GetDataTypeName(band.gdal_type)}" band="{number}">',
            f"<Description>{escape(band.name)}</Description>{nodata}<ColorInterp>{colour}</ColorInterp>",
            *_sources(grid, blocks, number),
            "</VRTRasterBand>",
        ]
    xml += ['<MaskBand><VRTRasterBand dataType="Byte">', *_sources(grid, blocks, len(bands) + 1)]
    write_whole(path, "".join([*xml, "</VRTRasterBand></MaskBand></VRTDataset>"]))


def block_name(row: int, col: int) -> str:
    """Return the name of a block's file."""
    return f"r{row}c{col}.tif"


def write_whole(path: str, text: str) -> None:
    """Write a text file that is there whole or not at all.

    Raises:
        OutputError: The disk is full or the folder gone.
    """
    with _staged(path) as place, open(place, "w", encoding="utf-8") as out:
        out.write(text)


def _sources(grid: RenderGrid, blocks: Blocks, band: int) -> Iterator[str]:
    for row, col in blocks:
        width, height = grid.shape(row, col)
        x, y = (col - blocks.col) * grid.block_px, (row - blocks.row) * grid.block_px
        yield (
            f'<SimpleSource><SourceFilename relativeToVRT="1">{block_name(row, col)}</SourceFilename>'
            f'<SourceBand>{band}</SourceBand><SrcRect xOff="0" yOff="0" xSize="{width}" ySize="{height}"/>'
            f'<DstRect xOff="{x}" yOff="{y}" xSize="{width}" ySize="{height}"/></SimpleSource>'
        )


def _write(
    path: str,
    planes: Sequence[Tuple[bytes, int]],
    size: Tuple[int, int],
    grid: RenderGrid,
    block: Tuple[int, int],
    file_type: int = gdal.GDT_Byte,
) -> None:
    """Write planes of (bytes, GDAL type) as a GeoTIFF; the CRS is the mosaic's business."""
    x, y = grid.corner(*block)
    with _staged(path) as place:
        gdal.ErrorReset()
        out = gdal.GetDriverByName("GTiff").Create(place, *size, len(planes), file_type, _OPTIONS)
        if out is None:
            raise OSError(gdal.GetLastErrorMsg())
        out.SetGeoTransform((x, grid.pixel[0], 0, y, 0, -grid.pixel[1]))
        for number, (pixels, kind) in enumerate(planes, start=1):
            out.GetRasterBand(number).WriteRaster(0, 0, *size, pixels, buf_type=kind)
        out.FlushCache()
        del out
        if gdal.GetLastErrorType() >= gdal.CE_Failure:
            raise OSError(gdal.GetLastErrorMsg())


@contextlib.contextmanager
def _staged(path: str) -> Iterator[str]:
    """Give a name to write to that becomes `path` at the end; GDAL's messages are kept from the terminal."""
    place = ""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        number, place = tempfile.mkstemp(suffix=".part", dir=os.path.dirname(path))
        os.close(number)
        yield place
        os.replace(place, path)
    except (OSError, RuntimeError) as error:  # RuntimeError: where a plugin has switched on GDAL's exceptions
        raise OutputError(
            tr("the rendered layer cannot be kept: {}").format(getattr(error, "strerror", None) or error),
            remedy=tr("Free some space in QGIS's temporary folder, or choose a smaller area."),
            path=path,
        ) from error
    finally:
        gdal.PopErrorHandler()
        if place and os.path.exists(place):
            os.remove(place)
