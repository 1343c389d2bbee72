"""Published data sets and the user's own folders, read from where they were unpacked; nothing is ever downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from graft_plugin.engine.sensor import Sensor

from .types import UNJUDGED, Example, Layout

__all__ = ["LAYOUTS", "UNJUDGED", "Example", "Layout", "Source", "open_layout"]

LAYOUTS = (
    "eurosat", "bigearthnet", "bigearthnet-43", "sat-4", "sat-6", "naip-osm", "folder", "rsvqa-lr", "rsvqa-hr",
    "rsvqa-hr-phili", "world-questions",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """Where a data set is.

    Attributes:
        name: One of `LAYOUTS`.
        root: Its folder or file.
        split: "train", "val", "test" or "all", as far as the layout has them.
        sensor: Of a folder of the user's own.
        gsd_m: Of a folder of the user's own; None where it is not known.
    """

    name: str
    root: Path
    split: str = "test"
    sensor: Sensor = "rgb"
    gsd_m: Optional[float] = None


def open_layout(source: Source) -> Layout:
    """Look at a data set; no image is read yet.

    Raises:
        UsageError: There is no such layout, or the folder does not hold it.
        SceneError: A file that describes the set is damaged.
    """
    match source.name:
        case "eurosat":
            from .eurosat import open_eurosat

            return open_eurosat(source.root, source.split)
        case "bigearthnet" | "bigearthnet-43":
            from .bigearthnet import open_bigearthnet

            return open_bigearthnet(source.root, source.split, 43 if source.name.endswith("43") else 19)
        case "sat-4" | "sat-6":
            from .deepsat import open_deepsat

            return open_deepsat("sat-4" if source.name == "sat-4" else "sat-6", source.root, source.split)
        case "naip-osm":
            from .naip_osm import open_naip_osm

            return open_naip_osm(source.root)
        case "folder":
            from .folder import open_folder

            return open_folder(source.root, source.sensor, source.gsd_m)
        case "rsvqa-lr" | "rsvqa-hr" | "rsvqa-hr-phili":
            from .rsvqa import open_rsvqa

            return open_rsvqa(source.root, source.name, source.split)
        case "world-questions":
            from .world_questions import open_world_questions

            return open_world_questions(source.root)
    from graft_plugin.errors import UsageError

    raise UsageError(f"there is no layout {source.name!r}", remedy=f"Use one of {', '.join(LAYOUTS)}.")
