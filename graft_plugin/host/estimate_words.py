"""What a run will take, in words."""

from __future__ import annotations

from typing import Any, Dict

from .i18n import tr

MINUTE_S = 90
HOUR_S = 5400
GIGABYTE = 1e9


def estimate_words(estimate: Dict[str, Any]) -> str:
    """Return an estimate of the engine as one or two lines: tiles, time, memory, disk, and what there is already."""
    tiles, stored = int(estimate["tiles"]), int(estimate["stored_tiles"])
    parts = [tr("1 tile") if tiles == 1 else tr("{} tiles").format(f"{tiles:,}")]
    if tiles and stored >= tiles:
        parts[0] += tr(", all seen before")
    elif stored:
        parts[0] += tr(", {} seen before").format(f"{stored:,}")
    parts.append(tr("about {}").format(time_words(estimate["seconds"])))
    parts.append(tr("{} memory").format(size_words(estimate["memory_bytes"])))
    if estimate["disk_bytes"]:
        parts.append(tr("{} disk").format(size_words(estimate["disk_bytes"])))
    lines = [" · ".join(parts), *estimate.get("warnings", ())]
    return "\n".join(lines)


def time_words(seconds: float) -> str:
    """Return a duration in the unit that suits it."""
    if seconds < MINUTE_S:
        return tr("{} s").format(max(1, round(seconds)))
    return tr("{} min").format(round(seconds / 60)) if seconds < HOUR_S else tr("{:.1f} h").format(seconds / 3600)


def size_words(size_bytes: float) -> str:
    """Return a size in megabytes or gigabytes."""
    if size_bytes >= GIGABYTE:
        return f"{size_bytes / GIGABYTE:.1f} GB"
    return f"{max(1, round(size_bytes / 1e6))} MB"
