"""Layers that are files: as they are, or behind a small VRT where the layer says more than its file."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import Optional, Tuple

from osgeo import gdal
from qgis.core import QgsCoordinateReferenceSystem, QgsRasterLayer

from ..errors import SceneError
from ..home import graft_home
from .i18n import tr
from .render_files import write_whole

_ONLY_HERE = ("/vsimem/", "MEM:", "authcfg=", "|credential:")
"""What a source holds that only this process can open: memory, or credentials that QGIS keeps."""


@dataclass(frozen=True)
class FileSource:
    """A raster that GDAL opens in any process.

    Attributes:
        path: The file, or any other name that GDAL opens; for a VRT that the layer holds as text, the text.
        options: GDAL's open options.
        wkt: The CRS that the user has set for the layer; empty: the file's own.
    """

    path: str
    options: Tuple[str, ...] = ()
    wkt: str = ""

    @property
    def inline(self) -> bool:
        """Whether the path is no name but the text of a VRT."""
        return self.path.lstrip().startswith("<VRTDataset")

    def open(self) -> str:
        """Return the name that the engine opens: the path, or a VRT in GRAFT's home that adds options and CRS to it.

        Raises:
            SceneError: GDAL cannot open the file.
            OutputError: The VRT cannot be written.
        """
        if not (self.options or self.wkt or self.inline):
            return self.path
        name = hashlib.sha256(repr((self.path, self.options, self.wkt)).encode()).hexdigest()[:24]
        target = os.path.join(graft_home(), "layers", f"{name}.vrt")
        text = self._wrapped() if self.options or self.wkt else self.path
        _write_if_new(target, text)  # its age is part of what embeddings are kept under
        return target

    def _wrapped(self) -> str:
        gdal.PushErrorHandler("CPLQuietErrorHandler")
        try:
            file = gdal.OpenEx(self.path, gdal.OF_RASTER, open_options=list(self.options))
            if file is None:
                raise RuntimeError(gdal.GetLastErrorMsg())
            options = gdal.TranslateOptions(format="VRT", outputSRS=self.wkt or None)
            wrapped = gdal.Translate("", file, options=options)
            return str(wrapped.GetMetadata("xml:VRT")[0])
        except RuntimeError as error:
            raise SceneError(
                tr("GDAL cannot open it as a raster: {}").format(error),
                remedy=tr("Check that the file is there and whole."),
                path=self.path,
            ) from error
        finally:
            gdal.PopErrorHandler()


def file_source(layer: QgsRasterLayer) -> Optional[FileSource]:
    """Return a layer's file; None where it has none that another process can open. In the main thread."""
    source = str(layer.source())
    if layer.providerType() != "gdal" or any(mark in source for mark in _ONLY_HERE):
        return None
    path, *options = source.split("|option:")
    own = layer.dataProvider().crs()
    overridden = own != layer.crs() and not _same_horizontal(own, layer.crs())
    variant = QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED_GDAL
    return FileSource(path.split("|")[0], tuple(options), layer.crs().toWkt(variant) if overridden else "")


def _same_horizontal(one: QgsCoordinateReferenceSystem, other: QgsCoordinateReferenceSystem) -> bool:
    """Tell whether two CRS differ in how they are written only; QGIS knows some files' CRS by its text alone."""
    return one.isValid() and one.authid() != "" and one.authid() == other.authid()


def _write_if_new(target: str, text: str) -> None:
    try:
        with open(target, encoding="utf-8") as there:
            if there.read() == text:
                return
    except OSError:
        pass
    os.makedirs(os.path.dirname(target), exist_ok=True)
    write_whole(target, text)
