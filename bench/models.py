"""Random models and rasters for the benchmarks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn


class Reference(nn.Module):
    """GRAFT as its authors run it: Hugging Face's CLIP vision tower, the projector, float32."""

    def __init__(self, seed: int = 0) -> None:
        from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

        super().__init__()
        torch.manual_seed(seed)
        config = CLIPVisionConfig(
            hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, image_size=224,
            patch_size=16, projection_dim=512, hidden_act="quick_gelu",
        )
        self.satellite_image_backbone = CLIPVisionModelWithProjection(config)
        self.projector = nn.Sequential(nn.LayerNorm(768), nn.Linear(768, 512, bias=False))
        self._mean = 255 * torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(3, 1, 1)
        self._std = 255 * torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(3, 1, 1)
        self.eval()

    @torch.inference_mode()
    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Encode uint8 tiles [B, 3, 224, 224] to unit vectors [B, 512] and [B, 196, 512]."""
        out = self.satellite_image_backbone(pixel_values=(images.float() - self._mean) / self._std)
        patches = self.projector(out.last_hidden_state)[:, 1:]
        return nn.functional.normalize(out.image_embeds, dim=-1), nn.functional.normalize(patches, dim=-1)

    def save(self, path: Path) -> Path:
        """Write the weights in the layout of the public GRAFT checkpoints."""
        from safetensors.torch import save_file

        state = {k: v.contiguous() for k, v in self.state_dict().items() if "position_ids" not in k}
        save_file({**state, "logit_scale": torch.tensor(1 / 0.07)}, path)
        return path


class RandomTexts:
    """A text encoder whose vectors are random but fixed: a prompt costs what a real one's cached vector costs."""

    logit_scale = 100.0
    contrast: tuple[str, ...] = ()

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def encode(self, texts: list[str]) -> Tensor:
        """Return unit vectors [N, dim]."""
        rows = [np.random.default_rng(list(text.encode())).normal(size=self.dim) for text in texts]
        return nn.functional.normalize(torch.tensor(np.array(rows), dtype=torch.float32), dim=-1)

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """Return no word: random vectors know them all equally well."""
        return ()


def write_raster(path: Path, side_px: int, seed: int = 0, tiles: bool = True) -> Path:
    """Write a uint8 RGB GeoTIFF of smooth random colours, 1 m a pixel, block by block; returns `path`."""
    import rasterio
    from rasterio.transform import from_origin
    from rasterio.windows import Window

    rng = np.random.default_rng(seed)
    layout = {"tiled": True, "blockxsize": 256, "blockysize": 256} if tiles else {}
    with rasterio.open(
        path, "w", driver="GTiff", width=side_px, height=side_px, count=3, dtype="uint8", crs="EPSG:32615",
        transform=from_origin(500_000, 5_000_000, 1.0, 1.0), compress="deflate", **layout,
    ) as out:
        for row in range(0, side_px, 256):
            for col in range(0, side_px, 256):
                height, width = min(256, side_px - row), min(256, side_px - col)
                coarse = rng.integers(0, 256, (3, 17, 17)).astype(np.uint8)
                block = coarse.repeat(16, 1).repeat(16, 2)[:, :height, :width]
                noise = rng.integers(0, 16, (3, height, width)).astype(np.uint8)
                out.write(block // 16 * 15 + noise, window=Window(col, row, width, height))
    return path
