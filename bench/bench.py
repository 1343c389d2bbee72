"""Ratios measured in one run, as JSON: `make bench`.

Only ratios are compared between machines and commits; the absolute figures beside them say what they were made of.
Everything runs on random weights and generated pixels, without network, in a few minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

BOUNDS = {
    "encoder.times_faster_than_reference": (">=", 2.0),
    "second_prompt.times_faster_than_first": (">=", 50.0),
    "memory.peak_at_16_times_the_area": ("<=", 1.25),
}
"""What must hold; the first one where the CPU multiplies bfloat16 in hardware."""


def main() -> int:
    """Run the chosen parts, print one JSON document, and return 1 if a bound is broken."""
    from parts import PARTS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)}; all by default")
    chosen = parser.parse_args().parts or list(PARTS)
    results: dict[str, Any] = {"machine": machine()}
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            print(f"bench: {name} …", file=sys.stderr, flush=True)
            started = time.perf_counter()
            results[name] = PARTS[name](Path(folder))
            results[name]["took_s"] = round(time.perf_counter() - started, 1)
    results["bounds"] = {key: verdict for key in BOUNDS if (verdict := judge(results, key)) is not None}
    print(json.dumps(results, indent=2))
    return 0 if all(entry["holds"] for entry in results["bounds"].values()) else 1


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    import torch

    from graft_plugin.engine.encoders.encoder import cpu_has_bf16

    return {"cpus": os.cpu_count(), "threads": torch.get_num_threads(), "torch": torch.__version__,
            "bf16_in_hardware": cpu_has_bf16()}


def judge(results: dict[str, Any], key: str) -> dict[str, Any] | None:
    """Return a bound beside its measured value, or None where it does not apply."""
    part, name = key.split(".")
    if part not in results or (part == "encoder" and not results["machine"]["bf16_in_hardware"]):
        return None
    relation, bound = BOUNDS[key]
    value = results[part][name]
    holds = value >= bound if relation == ">=" else value <= bound
    return {"value": value, "bound": f"{relation} {bound}", "holds": holds}


if __name__ == "__main__":
    sys.exit(main())
