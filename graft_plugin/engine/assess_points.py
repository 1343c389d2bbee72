"""The points of an assessment in a GeoPackage, beside the table of their strata."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from pyogrio.raw import read, write

from ..errors import OutputError, SceneError
from .assess_requests import POINTS_LAYER, AssessSampleRequest
from .assess_results import Stratum
from .cells_gpkg import changed, check_cells_target
from .outputs import check_target

STRATA_LAYER = "strata"
_FAILURES = (DataSourceError, DataLayerError, OSError, RuntimeError, ValueError)


@dataclass(frozen=True)
class Points:
    """Points and what is known of them.

    Attributes:
        xy: float64 [N, 2].
        stratum: int32 [N], the value of the map's class.
        map_class: Its name, texts [N].
        reference: What somebody found there, texts [N]; None where nobody has looked.
    """

    xy: NDArray[np.float64]
    stratum: NDArray[np.int32]
    map_class: NDArray[np.object_]
    reference: NDArray[np.object_]


def check_points_target(path: str) -> Path:
    """Check, before any work, that points can be written.

    Raises:
        OutputError: As for other outputs; or points lie there that somebody has judged.
    """
    target = check_target(path, (".gpkg",))
    check_cells_target(target)
    if target.exists():
        with contextlib.suppress(SceneError):
            judged = sum(value is not None and bool(str(value).strip()) for value in read_points(target)[0].reference)
            if judged:
                held = f"it holds {judged} judged point{'s' * (judged != 1)}"
                raise OutputError(held, remedy="Name another file.", path=str(target))
    return target


def write_points(
    target: Path, points: Points, crs: str, strata: Sequence[Stratum], request: AssessSampleRequest
) -> None:
    """Write the points and their strata; other layers of the file stay.

    Raises:
        OutputError: Writing fails; the file is as it was before.
    """
    count = len(points.xy)
    columns: dict[str, Any] = {
        "id": np.arange(1, count + 1, dtype=np.int32),
        "map_class": points.map_class,
        "reference": points.reference,
        "stratum": points.stratum,
        "x": points.xy[:, 0],
        "y": points.xy[:, 1],
    }
    table: dict[str, Any] = {
        "number": np.array([entry.number for entry in strata], np.int32),
        "name": np.array([entry.name for entry in strata], object),
        "area_m2": np.array([entry.area_m2 for entry in strata]),
        "share": np.array([entry.share for entry in strata]),
        "points": np.array([entry.points for entry in strata], np.int32),
        "result": np.array([str(Path(request.result).absolute())] * len(strata), object),
        "seed": np.full(len(strata), request.seed, np.int64),
    }
    with changed(target, "points") as (place, new):
        write(
            str(place), geometry=shapely.to_wkb(shapely.points(points.xy)), field_data=list(columns.values()),
            fields=list(columns), layer=POINTS_LAYER, driver="GPKG", geometry_type="Point", crs=crs, **new,
        )  # fmt: skip
        write(
            str(place), geometry=None, field_data=list(table.values()), fields=list(table), layer=STRATA_LAYER,
            driver="GPKG", geometry_type=None, crs=None,
        )  # fmt: skip


def read_points(path: Path) -> tuple[Points, tuple[Stratum, ...], str]:
    """Return the points of a file, their strata, and the result that they were drawn over.

    Raises:
        SceneError: It cannot be read, or is no file of points of the engine.
    """
    try:
        layers = {str(name) for name, _kind in pyogrio.list_layers(path)}
        lacking = [name for name in (POINTS_LAYER, STRATA_LAYER) if name not in layers]
        if lacking:
            raise SceneError(f"it has no layer {lacking[0]!r}", remedy=_REMEDY, path=str(path))
        points, table = (_columns(path, name) for name in (POINTS_LAYER, STRATA_LAYER))
        strata = tuple(
            Stratum(int(number), str(name), float(area_m2), float(share), int(count))
            for number, name, area_m2, share, count in zip(
                *(table[name] for name in ("number", "name", "area_m2", "share", "points")), strict=True
            )
        )
        xy = np.stack([points["x"], points["y"]], axis=1)
        found = Points(xy, points["stratum"].astype(np.int32), points["map_class"], points["reference"])
        return found, strata, str(table["result"][0])
    except (*_FAILURES, KeyError, IndexError) as error:
        if isinstance(error, SceneError):
            raise
        why = f"the field {error} is gone" if isinstance(error, KeyError) else str(error)
        raise SceneError(f"it cannot be read: {why}", remedy=_REMEDY, path=str(path)) from error


_REMEDY = "Give a file of points that graft assess sample wrote."


def _columns(path: Path, layer: str) -> dict[str, NDArray[Any]]:
    meta, _fids, _wkb, values = read(path, layer=layer, read_geometry=False)
    return dict(zip(meta["fields"].tolist(), values, strict=True))
