"""What is measured; each part takes a folder to work in and returns its figures."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import torch
from models import RandomTexts, Reference, write_raster
from timing import best_of

BATCH = 16
CHECKPOINT = "graft_vit_b16.safetensors"


def encoder(folder: Path) -> dict[str, Any]:
    """Tiles a second, ViT-B/16: ours against the reference loop, and against the bare matrix products."""
    from graft_plugin.engine import load_encoder

    reference = Reference()
    ours = load_encoder(str(reference.save(folder / CHECKPOINT)))
    tiles = torch.randint(0, 256, (BATCH, 3, 224, 224), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    products = bare_products(torch.bfloat16 if ours.precision == "bf16" else torch.float32)
    theirs_image, theirs_patches = reference(tiles[:2])
    encoded = ours.encode(tiles[:2])
    agreement = min(
        float((theirs_image * encoded.image).sum(-1).min()),
        float((theirs_patches * encoded.patches.flatten(1, 2)).sum(-1).min()),
    )
    reference_s, ours_s, products_s = best_of(4, lambda: reference(tiles), lambda: ours.encode(tiles), products)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    (core_s,) = best_of(2, lambda: ours.encode(tiles), clock=time.process_time)
    torch.set_num_threads(threads)
    return {
        "times_faster_than_reference": round(reference_s / ours_s, 2),
        "share_of_bare_products": round(products_s / ours_s, 3),
        "tiles_per_s": round(BATCH / ours_s, 2),
        "core_seconds_per_tile": round(core_s / BATCH, 4),
        "reference_tiles_per_s": round(BATCH / reference_s, 2),
        "products_tflops": round(BATCH * TILE_FLOPS / products_s / 1e12, 3),
        "precision": ours.precision,
        "least_cosine_to_reference": round(agreement, 5),
    }


TOKENS, WIDTH, LAYERS, HEADS, DIM = 197, 768, 12, 12, 512
PRODUCTS = [  # (rows a tile, inner, out), times
    ((TOKENS - 1, 768, WIDTH), 1),
    ((TOKENS, WIDTH, 3 * WIDTH), LAYERS),
    ((TOKENS, WIDTH, WIDTH), LAYERS),
    ((TOKENS, WIDTH, 4 * WIDTH), LAYERS),
    ((TOKENS, 4 * WIDTH, WIDTH), LAYERS),
    ((TOKENS - 1, WIDTH, DIM), 1),
]
ATTENTION_FLOPS = LAYERS * 2 * 2 * TOKENS * TOKENS * WIDTH
TILE_FLOPS = sum(2 * m * k * n * times for (m, k, n), times in PRODUCTS) + ATTENTION_FLOPS


def bare_products(dtype: torch.dtype):  # noqa: ANN201
    """Return a function that does the matrix products of one batch and nothing else, weights laid out beforehand."""
    from graft_plugin.engine.encoders.linear import Linear

    cpu = torch.device("cpu")
    layers = [
        (torch.randn(BATCH * m, k).to(dtype), Linear(torch.randn(n, k), None, dtype=dtype, device=cpu))
        for (m, k, n), times in PRODUCTS
        for _ in range(times)
    ]
    query = torch.randn(BATCH * HEADS, TOKENS, WIDTH // HEADS).to(dtype)
    weights = torch.randn(BATCH * HEADS, TOKENS, TOKENS).to(dtype)

    @torch.inference_mode()
    def run() -> None:
        for x, layer in layers:
            layer(x)
        for _ in range(LAYERS):
            torch.bmm(query, query.transpose(1, 2))
            torch.bmm(weights, query)

    return run


class Models:
    """What the pipeline needs: the random ViT-B/16 and random texts."""

    def __init__(self, checkpoint: Path) -> None:
        from graft_plugin.engine import load_encoder

        self._encoder = load_encoder(str(checkpoint))
        self._texts = RandomTexts(self._encoder.dim)

    def encoder(self, model: str, device: str, precision: str) -> object:
        """Return the encoder, whatever was asked for."""
        return self._encoder

    def has_encoder(self, model: str, device: str, precision: str) -> bool:
        """It is loaded before the clock starts."""
        return True

    def texts(self, model: str) -> RandomTexts:
        """Return the texts, whatever was asked for."""
        return self._texts


def second_prompt(folder: Path) -> dict[str, Any]:
    """Another word on the same scene against the first: whole queries, from opening the raster to the file written."""
    from graft_plugin.engine.service import QueryRequest, run_query

    raster = write_raster(folder / "scene.tif", 14 * 224)
    models = Models(checkpoint(folder))
    runs = []
    for prompt in ("lake", "forest", "road"):
        request = QueryRequest(
            str(raster), (prompt,), store=str(folder / "store"), heatmap=str(folder / f"{prompt}.tif"), gsd_m=1.0
        )
        runs.append(run_query(request, models=models))  # type: ignore[arg-type]
    first, _warm, second = runs
    return {
        "times_faster_than_first": round(first.seconds["total"] / second.seconds["total"], 1),
        "tiles": first.encoded_tiles,
        "encoded_by_second": second.encoded_tiles,
        "first_s": first.seconds,
        "second_s": second.seconds,
    }


def memory(folder: Path) -> dict[str, Any]:
    """Peak memory of a whole query (heatmap and polygons) on a raster and on one of 16 times its area."""
    peaks = []
    for side in (560, 2240):
        raster = write_raster(folder / f"area_{side}.tif", side)
        command = [sys.executable, __file__, str(raster), str(folder / f"out_{side}")]
        peaks.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]))
    return {
        "peak_at_16_times_the_area": round(peaks[1] / peaks[0], 3),
        "peak_mb": [round(peak / 1e6) for peak in peaks],
    }


def overlap(folder: Path) -> dict[str, Any]:
    """Wall time of reading and encoding together against the two one after the other."""
    import tempfile

    from graft_plugin.engine.embed import embed_scene
    from graft_plugin.engine.scene import SceneReader, open_scene
    from graft_plugin.engine.store import EmbeddingStore

    models = Models(checkpoint(folder))
    encoder = models._encoder
    raster = write_raster(folder / "strips.tif", 20 * 224, tiles=False)
    scene = open_scene(str(raster), model_gsd=encoder.gsd, gsd_m=4.0)
    tiles = [scene.grid.tile_window(index) for index in scene.grid.tile_range(scene.window)]

    def read_all() -> None:
        with SceneReader(scene) as reader:
            for tile in tiles:
                reader.read(tile)

    def together() -> None:
        with tempfile.TemporaryDirectory() as store:
            embed_scene(scene, encoder, window=scene.window, stride_px=16, store=EmbeddingStore(Path(store)))

    def encode_all() -> None:
        for start in range(0, len(tiles), 8):
            encoder.encode(torch.zeros(min(8, len(tiles) - start), 3, 224, 224, dtype=torch.uint8))

    read_s, together_s, encode_s = best_of(2, read_all, together, encode_all)
    return {
        "share_of_the_sum": round(together_s / (read_s + encode_s), 3),
        "tiles": len(tiles),
        "read_s": round(read_s, 2),
        "encode_s": round(encode_s, 2),
        "together_s": round(together_s, 2),
    }


def end_to_end(folder: Path) -> dict[str, Any]:
    """A raster to its heatmap on disk: tiles a second against the bare matrix products and against others' loops."""
    from loops import deepness_like, reference_loop

    from graft_plugin.engine.service import QueryRequest, run_query

    raster, models = write_raster(folder / "whole.tif", 10 * 224), Models(checkpoint(folder))
    reference, text = Reference(), models.texts("").encode(["lake"])[0]
    products = bare_products(torch.bfloat16 if models._encoder.precision == "bf16" else torch.float32)
    counts: dict[str, int] = {}

    def ours() -> None:
        request = QueryRequest(
            str(raster), ("lake",), use_store=False, heatmap=str(folder / "ours.tif"), gsd_m=1.0, scores="cosine"
        )
        counts["ours"] = run_query(request, models=models).encoded_tiles  # type: ignore[arg-type]

    def theirs() -> None:
        counts["reference"] = reference_loop(reference, raster, text, folder / "reference.tif")

    def tile_by_tile() -> None:
        counts["deepness_like"] = deepness_like(reference, raster, text, folder / "deepness.tif")

    ours_s, products_s, reference_s, deepness_s = best_of(2, ours, products, theirs, tile_by_tile)
    seconds = {"ours": ours_s, "reference": reference_s, "deepness_like": deepness_s}
    return {
        "share_of_bare_products": round(products_s / BATCH * counts["ours"] / ours_s, 3),
        "times_faster_than_reference_loop": round(reference_s / ours_s, 2),
        "times_faster_than_deepness_like": round(deepness_s / ours_s, 2),
        "tiles": counts,
        "tiles_per_s": round(counts["ours"] / ours_s, 2),
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
    }


def checkpoint(folder: Path) -> Path:
    """Return the random ViT-B/16 on disk, made once."""
    path = folder / CHECKPOINT
    return path if path.exists() else Reference().save(path)


PARTS = {
    "encoder": encoder,
    "end_to_end": end_to_end,
    "second_prompt": second_prompt,
    "memory": memory,
    "overlap": overlap,
}


def one_query(raster: str, out: str) -> None:
    """Run a whole query with the bundled model and print this process's peak memory in bytes."""
    import resource

    from graft_plugin.engine.service import QueryRequest, run_query

    Path(out).mkdir()
    run_query(
        QueryRequest(raster, ("lake",), use_store=False, heatmap=f"{out}/h.tif", masks=f"{out}/m.gpkg", gsd_m=1.0)
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak * (1 if sys.platform == "darwin" else 1024))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    one_query(*sys.argv[1:])
