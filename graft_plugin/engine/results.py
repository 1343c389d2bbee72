"""What the engine answers: frozen dataclasses of JSON-ready values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Optional


@dataclass(frozen=True)
class PromptResult:
    """What was found for one prompt.

    Attributes:
        prompt: The text.
        maximum: Highest score; None where the extent holds no valid pixel.
        threshold: Score from which places were taken.
        auto_threshold: The one that the heatmap's histogram gives, whether or not it was used.
        covered: Share of the valid heatmap cells at or above the threshold.
        polygons: Number of polygons; None where none were asked for.
        area_m2: Their total area in square metres; None likewise.
    """

    prompt: str
    maximum: Optional[float]
    threshold: Optional[float]
    auto_threshold: Optional[float]
    covered: float
    polygons: Optional[int] = None
    area_m2: Optional[float] = None


@dataclass(frozen=True)
class QueryResult:
    """What a search found, and what it took.

    Attributes:
        raster, model, model_sha256, sensor, bands, gsd_m, crs, stride_px: What was looked at, and how.
        prompts: One entry for each prompt, in order.
        heatmap, masks, layer, classes, preview: What was written; None where not asked for.
        encoded_tiles: Tiles that went through the encoder.
        from_store: Tiles whose embeddings were found in the store.
        seconds: Wall time by stage, and "total".
        warnings: What the user should know, in plain sentences.
    """

    raster: str
    model: str
    model_sha256: str
    sensor: str
    bands: tuple[int, ...]
    gsd_m: float
    crs: str
    stride_px: int
    prompts: tuple[PromptResult, ...]
    heatmap: Optional[str]
    masks: Optional[str]
    layer: Optional[str]
    classes: Optional[str]
    preview: Optional[str]
    encoded_tiles: int
    from_store: int
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready data."""
        return asdict(self)


@dataclass(frozen=True)
class OutlinedPrompt:
    """What a stored heatmap holds of one prompt: as in `PromptResult`."""

    prompt: str
    threshold: float
    polygons: int
    area_m2: float


@dataclass(frozen=True)
class VectoriseResult:
    """The polygons of a stored heatmap.

    Attributes:
        prompts: One entry for each prompt, in the heatmap's order.
        masks, layer: Where they were written; None where not asked for.
        seconds: Wall time by stage, and "total".
    """

    prompts: tuple[OutlinedPrompt, ...]
    masks: Optional[str]
    layer: Optional[str]
    seconds: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready data."""
        return asdict(self)


@dataclass(frozen=True)
class Estimate:
    """What a query would take, and how it would look at the raster.

    Attributes:
        tiles, stored_tiles: Tiles of the area, and how many of them are in the store already.
        seconds: Of the whole run.
        memory_bytes, disk_bytes: The most that the engine's process holds, and that the run adds to the disk.
        width_px, height_px: The area, in pixels at `gsd_m`.
        gsd_m, native_gsd_m: Ground resolution that is worked at, and the raster's own.
        sensor, bands, band_count, stretch, crs: The preset; red, green and blue of so many bands; the (low, high) of
            each that become 0 and 255, None where 8 bits pass as they are; the CRS that is worked in.
        model_state: "ready", "download", or "file" if the user must bring one: of all files that the run needs.
        download_bytes: What has to be downloaded first, as far as sizes are known.
        warnings: What the user should know, in plain sentences.
    """

    tiles: int
    stored_tiles: int
    seconds: float
    memory_bytes: int
    disk_bytes: int
    width_px: int
    height_px: int
    gsd_m: float
    native_gsd_m: float
    sensor: str
    bands: tuple[int, ...]
    band_count: int
    stretch: Optional[tuple[tuple[float, float], ...]]
    crs: str
    model_state: str
    download_bytes: int
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the estimate as JSON-ready data."""
        return asdict(self)
