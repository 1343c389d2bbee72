"""What the list of models says, as data; opens no connection and needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Optional

from .checksum import file_sha256
from .registry import ModelEntry, load_registry


@dataclass(frozen=True)
class ModelState:
    """A line of `graft models list`, JSON-ready.

    Args:
        state: "ready", "download" (`size_bytes` to fetch) or "file" (the user must bring it, see `notes`).
        sha256: Of the file where it is known.
        checksum: Where `sha256` comes from: "publisher", "recorded" at the first download, "file" (computed), or "".
        gsd_m: Sensor → ground resolution in metres; None for a SAM.
        text: Id of the model whose text tower goes with it, and `text_state`, its state; None for its own.
        download_bytes: What a fetch would bring, the text tower that goes with it included, as far as sizes are known.
        photo: Whether it can look for a ground photo.
        user: Whether the user added or made it, and may remove it.
    """

    id: str
    title: str
    family: str
    kind: str
    state: str
    size_bytes: Optional[int]
    path: Optional[str]
    address: Optional[str]
    sha256: Optional[str]
    checksum: str
    gsd_m: Optional[dict[str, float]]
    bands: tuple[str, ...]
    licence: str
    text: Optional[str]
    text_state: Optional[str]
    download_bytes: int
    photo: bool
    user: bool
    notes: str

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-ready data."""
        return asdict(self)


def list_models() -> list[ModelState]:
    """Return every model, the bundled ones first; opens no connection."""
    entries = load_registry()
    return [describe(entry, entries) for entry in entries.values()]


def describe(entry: ModelEntry, entries: Optional[Mapping[str, ModelEntry]] = None) -> ModelState:
    """Return what there is to say of an entry; `entries` is the whole list where it is at hand."""
    files = [entry]
    partner = (entries or load_registry()).get(entry.text) if entry.text else None
    if partner is not None:
        files.append(partner)
    ready = entry.state == "ready"
    sha256, origin = entry.sha256, "recorded" if entry.recorded else "publisher"
    if entry.folder is not None:
        sha256, origin = (file_sha256(entry.path), "file") if ready else (None, "")
    return ModelState(
        id=entry.id,
        title=entry.title,
        family=entry.family,
        kind=entry.kind,
        state=entry.state,
        size_bytes=entry.path.stat().st_size if ready else entry.size_bytes,
        path=str(entry.path) if ready else None,
        address=entry.address,
        sha256=sha256,
        checksum=origin if sha256 else "",
        gsd_m=dict(entry.gsd.presets) if entry.gsd else None,
        bands=entry.bands,
        licence=entry.licence,
        text=entry.text,
        text_state=partner.state if partner else None,
        download_bytes=sum(file.size_bytes or 0 for file in files if file.state == "download"),
        photo=entry.family != "sam",
        user=entry.user,
        notes=entry.notes,
    )
