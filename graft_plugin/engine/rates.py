"""How fast this machine is: measured by every real run, kept in the user's folder, and guessed where nothing was."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from .files import replace_text
from .home import graft_home

What = Literal["tile", "sam window", "cell", "load"]
"""What takes the time: encoding a tile, a window of SAM's, all the rest for a cell of the heatmap, loading a model."""

NEWEST = 0.5
"""Weight of the newest run in a rate: old runs fade, a single odd one does not rule."""
USUAL_CELL_S = 3e-6
"""Seconds a cell for scoring and writing, where none was measured: 1e6 cells on one core of 2023, rounded up."""
TRANSFORMER_SHARE = 0.5
"""Share of the rate of a plain matrix product that a transformer reaches, its softmax, norms and reading included."""
_PROBE = 1024


def rate_key(what: What, sha256: str = "", device: str = "", precision: str = "") -> str:
    """Return the name under which a rate is kept; models by the first 16 digits of their checksum."""
    return " ".join(part for part in (what, sha256[:16], device, precision) if part)


def measured(key: str) -> float | None:
    """Return the seconds that a unit took in the last runs; None where none was measured."""
    value = _read().get(key)
    return float(value) if isinstance(value, (int, float)) and 0 < value < 1e6 else None


def remember(seconds: Mapping[str, float]) -> None:
    """Take in the seconds a unit, by key, of a run; that they cannot be kept is no error."""
    known = _read()
    for key, value in seconds.items():
        old = known.get(key)
        known[key] = NEWEST * value + (1 - NEWEST) * old if isinstance(old, (int, float)) else value
    with contextlib.suppress(OSError):
        replace_text(graft_home() / "rates.json", json.dumps(known, indent=1, sort_keys=True))


def computed(parameters: int, tokens: int, device: str, precision: str) -> float:
    """Return the seconds that a transformer takes for one image, where no run has measured it.

    Every parameter is multiplied once for each token; the rate of multiplications is measured, for some hundredths of
    a second, with a matrix product on the device in the precision.

    Args:
        parameters: Of its blocks.
        tokens: Patches of the image.
        device: A torch device.
        precision: "fp32" or "bf16".
    """
    return parameters * tokens / (TRANSFORMER_SHARE * _multiplications(device, precision))


@lru_cache(maxsize=8)
def _multiplications(device: str, precision: str) -> float:
    """Return multiply-adds a second of a matrix product."""
    import torch

    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    a = torch.ones(_PROBE, _PROBE, dtype=dtype, device=device)
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        float((a @ a)[0, 0])  # waits for the device
        best = min(best, time.perf_counter() - start)
    return float(_PROBE**3 / max(best, 1e-9))


def _read() -> dict[str, object]:
    try:
        data = json.loads((graft_home() / "rates.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
