"""Throughput of ViT-B/16 training at the pixel level, as JSON: images a second, and its share of the device's peak.

Random weights and generated tiles, on a GPU where there is one, else on the CPU. The peak is what a large matrix
product reaches on the same device in the same precision, measured beside it; a step counts as three forward passes
(forward, and the backward pass's two products for each), whatever cached gradients or checkpointing compute twice.

    python bench/train.py                       a batch in chunks, as `python -m training train` runs it
    python bench/train.py --batch 64 --chunk 64 the batch at once
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from training.batches import Batch
    from training.tower import Tower

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

SIZES = {"b16": (768, 12, 16, 512), "b32": (768, 12, 32, 512), "small": (192, 4, 16, 128)}


def main() -> int:
    """Measure and print."""
    import torch

    gpu = torch.cuda.is_available()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=SIZES, default="b16")
    parser.add_argument("--level", choices=("pixel", "image", "both"), default="pixel")
    parser.add_argument("--batch", type=int, default=1024 if gpu else 16, help="tiles a step")
    parser.add_argument("--chunk", type=int, default=256 if gpu else 8, help="tiles at once")
    parser.add_argument("--steps", type=int, default=10 if gpu else 2, help="steps that are timed")
    parser.add_argument("--precision", choices=("auto", "bf16", "fp32"), default="auto")
    parser.add_argument("--checkpointing", action="store_true")
    parser.add_argument("--lora", type=int, default=0, metavar="RANK")
    print(json.dumps(measure(parser.parse_args(), torch.device("cuda" if gpu else "cpu")), indent=2))
    return 0


def measure(args: argparse.Namespace, device: torch.device) -> dict[str, Any]:
    """Time steps on one device."""
    import torch

    from graft_plugin.engine.encoders.encoder import resolve_precision
    from training.config import TrainConfig
    from training.lora import add_lora
    from training.module import GraftModule

    width, layers, patch, dim = SIZES[args.model]
    tower = random_tower(width, layers, patch, dim)
    if args.lora:
        add_lora(tower, args.lora, None, 0)
    if args.checkpointing:
        tower.use_checkpointing()
    precision = resolve_precision(args.precision, device)
    config = TrainConfig("pairs", "out", batch=args.batch, chunk=args.chunk, level=args.level)
    module = GraftModule(tower, config, precision, {}).to(device).train()
    optimizer = module.configure_optimizers()
    batch = random_batch(args.batch, dim, patches=(224 // patch) ** 2)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        module.add_batch_gradient(batch)
        optimizer.step()

    seconds = timed(step, args.steps, device)
    memory = torch.cuda.max_memory_allocated() / 2**30 if device.type == "cuda" else None
    rate = args.batch / seconds
    peak = measured_peak(device, precision)
    done = rate * 3 * forward_flops(width, layers, patch, dim)
    return {
        "device": torch.cuda.get_device_name() if device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads",
        "torch": torch.__version__,
        **{name: getattr(args, name) for name in ("model", "level", "batch", "chunk", "checkpointing", "lora")},
        "precision": precision,
        "seconds_a_step": round(seconds, 3),
        "images_s": round(rate, 2),
        "tflops": round(done / 1e12, 3),
        "measured_peak_tflops": round(peak / 1e12, 3),
        "share_of_peak": round(done / peak, 3),
        "peak_memory_gib": None if memory is None else round(memory, 1),
    }


def random_tower(width: int, layers: int, patch: int, dim: int) -> Tower:
    """A tower of CLIP's layout with random weights."""
    import torch
    from open_clip.transformer import QuickGELU, VisionTransformer

    from graft_plugin.engine.encoders.types import ImageWeights, VitShape
    from training.tower import Tower

    torch.manual_seed(0)
    vit = VisionTransformer(
        image_size=224, patch_size=patch, width=width, layers=layers, heads=width // 64, mlp_ratio=4.0,
        output_dim=dim, act_layer=QuickGELU,
    )  # fmt: skip
    shape = VitShape(width, layers, width // 64, patch, 224, dim)
    return Tower(ImageWeights(shape, vit.state_dict(), None, True, None))


def random_batch(images: int, dim: int, patches: int) -> Batch:
    """Tiles with two photos each."""
    import torch

    from training.batches import Batch

    rng = torch.Generator().manual_seed(0)
    ground = torch.nn.functional.normalize(torch.randn(2 * images, dim, generator=rng), dim=-1)
    return Batch(
        torch.randint(0, 256, (images, 3, 224, 224), dtype=torch.uint8, generator=rng),
        ground,
        torch.arange(images).repeat_interleave(2),
        torch.randint(0, patches, (2 * images,), generator=rng),
    )


def forward_flops(width: int, layers: int, patch: int, dim: int) -> float:
    """Multiplications and additions of one tile's forward pass."""
    tokens = (224 // patch) ** 2 + 1
    block = 2 * tokens * (4 * width**2 + 8 * width**2) + 4 * tokens**2 * width
    return layers * block + 2 * (tokens - 1) * (3 * patch**2 * width + width * dim)


def measured_peak(device: torch.device, precision: str) -> float:
    """Operations a second of a large matrix product."""
    import torch

    side = 8192 if device.type == "cuda" else 2048
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    a, b = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
    rounds = 5 if device.type == "cuda" else 3
    return 2 * side**3 / min(timed(lambda: a @ b, rounds, device) for _ in range(3))


def timed(work: Callable[[], object], rounds: int, device: torch.device) -> float:
    """Seconds a round, after one that does not count."""
    import torch

    def wait() -> None:
        if device.type == "cuda":
            torch.cuda.synchronize()

    work()
    wait()
    start = time.perf_counter()
    for _ in range(rounds):
        work()
    wait()
    return (time.perf_counter() - start) / rounds


if __name__ == "__main__":
    sys.exit(main())
