"""One tile of known pixels through the bundled model: does this environment compute what ours did?

`python -m graft_plugin.engine.selfcheck --write` stores the answer anew, after the bundled model was trained anew.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from .home import resources

TILE_PX = 224
DIGITS = 6


def golden_path() -> Path:
    """Return the file of the stored vector."""
    return resources() / "mini" / "golden.json"


def golden_vector() -> list[float]:
    """Return the golden tile's vector as computed here, float32 [D], on the CPU.

    The tile, uint8 [1, 3, 224, 224], is made by integer arithmetic alone, so it is the same everywhere: slanted bands
    of a period of its own in each channel, over a checkerboard of 28 pixels.
    """
    import torch

    from .encoders.load import load_encoder

    row = torch.arange(TILE_PX, dtype=torch.int64)[:, None]
    col = torch.arange(TILE_PX, dtype=torch.int64)[None, :]
    checks = ((row // 28 + col // 28) % 2) * 60
    channels = [((row * (3 + k) + col * (7 - 2 * k)) % (97 + 30 * k) + checks) % 256 for k in range(3)]
    tile = torch.stack(channels).to(torch.uint8)[None]
    vector = load_encoder("mini", device="cpu", precision="fp32").encode(tile).image[0]
    return [float(value) for value in vector]


def check() -> dict[str, Any]:
    """Return the largest difference from the stored vector, and the best device that torch finds here."""
    import torch

    stored = json.loads(golden_path().read_text(encoding="utf-8"))["image"]
    here = golden_vector()
    if len(stored) != len(here):
        return {"difference": float("inf")}
    device, name = "cpu", ""
    if torch.cuda.is_available():
        device, name = "cuda", torch.cuda.get_device_name(0)
    elif torch.backends.mps.is_available():
        device = "mps"
    return {
        "difference": max(abs(a - b) for a, b in zip(stored, here)),
        "device": device,
        "device_name": name,
    }


def write() -> None:
    """Store the vector as computed here."""
    rounded = [round(value, DIGITS) for value in golden_vector()]
    golden_path().write_text(json.dumps({"model": "mini", "image": rounded}) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    else:
        print(json.dumps(check()))
