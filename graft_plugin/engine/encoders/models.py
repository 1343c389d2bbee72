"""What `graft models` does: list, fetch, add, verify."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Optional

from torch import Tensor

from ...errors import CheckpointError, OutputError, UsageError
from ..progress import CancelToken, Report, silent
from .checkpoint import file_sha256, read_state_dict
from .fetch import download
from .load import DEFAULT_GSD, locate, read_image_weights
from .openclip import match_architecture
from .registry import (
    DEFAULT_TEXT,
    ModelEntry,
    check_id,
    find,
    load_registry,
    ready_file,
    remember_entry,
    remember_file,
)

_COPY_BLOCK = 1 << 22
_FAMILIES = ("graft", "open_clip", "sam")


@dataclass(frozen=True)
class ModelState:
    """A line of `graft models list`, JSON-ready.

    Args:
        state: "ready", "download" (`size_bytes` to fetch) or "file" (the user must bring it, see `notes`).
        sha256: Of the file where it is known.
        checksum: Where `sha256` comes from: "publisher", "recorded" at the first download, "file" (computed), or "".
        gsd_m: Sensor → ground resolution in metres; None for a SAM.
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
    notes: str

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-ready data."""
        return asdict(self)


def list_models() -> list[ModelState]:
    """Return every model, the bundled ones first; opens no connection."""
    return [_describe(entry) for entry in load_registry().values()]


def _describe(entry: ModelEntry) -> ModelState:
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
        notes=entry.notes,
    )


def fetch(
    model_id: str, *, offline: bool = False, report: Report = silent, cancel: Optional[CancelToken] = None
) -> ModelState:
    """Download a model's file, unless it is here; where the publisher states no checksum the file's own is recorded.

    Raises:
        UsageError: There is no such model, or it has no address.
        DownloadError: See `fetch.download`.
        CheckpointError: What came is not the model.
    """
    entry = find(model_id)
    if entry.state == "ready":
        return _describe(entry)
    if entry.address is None:
        ready_file(entry)  # raises, with the way to get it
    digest = download(
        str(entry.address),
        entry.path,
        sha256=None if entry.recorded else entry.sha256,
        offline=offline,
        report=report,
        cancel=cancel,
        check=lambda path: _load(path, entry),
    )
    remember_file(entry.id, entry.path.name, digest, recorded=entry.sha256 is None or entry.recorded)
    return _describe(find(model_id))


def add(
    file: str | Path,
    model_id: str,
    family: str,
    *,
    architecture: Optional[str] = None,
    quick_gelu: Optional[bool] = None,
    text: Optional[str] = None,
    report: Report = silent,
    cancel: Optional[CancelToken] = None,
) -> ModelState:
    """Copy a checkpoint into the user's models, after really loading it.

    An id of the list whose file is missing gets this file; any other id becomes a model of the user's own.

    Args:
        file: The checkpoint.
        model_id: Its id.
        family: "graft", "open_clip" or "sam".
        architecture: open_clip's name; by default the one whose sizes fit.
        quick_gelu: The activation; by default the architecture's, and QuickGELU for GRAFT.
        text: Id of the model whose text tower goes with it; by default its own, and OpenAI's ViT-B/16 for GRAFT.
        report: Called with ("copy", bytes so far, bytes in all).
        cancel: Checked between blocks.

    Raises:
        UsageError: The id is taken or malformed, or the family is none.
        CheckpointError: The file is not such a model.
        OutputError: It cannot be copied.
    """
    check_id(model_id)
    if family not in _FAMILIES:
        raise UsageError(f"there is no family {family!r}", remedy=f"Use {', '.join(_FAMILIES)}.")
    source = Path(file)
    known = load_registry().get(model_id)
    if known is not None:
        _check_free(known, family)
        entry = replace(known, file=source.name)
    else:
        entry = _new_entry(source, model_id, family, architecture, quick_gelu, text)
    _load(source, entry)
    digest = file_sha256(source)
    if known is not None and known.sha256 and not known.recorded and digest != known.sha256:
        raise CheckpointError(
            f"this is not the published file of {model_id}: its SHA-256 is {digest[:12]}…, not {known.sha256[:12]}…",
            remedy="Add it under an id of your own.",
            path=str(source),
        )
    _copy(source, entry.path, report, cancel or CancelToken())
    if known is not None:
        remember_file(model_id, source.name, digest, recorded=known.sha256 is None)
    else:
        remember_entry(replace(entry, sha256=digest, size_bytes=entry.path.stat().st_size))
    return _describe(find(model_id))


def verify(model_id: str) -> ModelState:
    """Check a model's checksum and really load it.

    Raises:
        UsageError: There is no such model.
        CheckpointError: The file is missing, changed, or not the model.
    """
    entry = find(model_id)
    path = ready_file(entry)
    actual = file_sha256(path)
    if entry.sha256 is not None and entry.folder is None and actual != entry.sha256:
        raise CheckpointError(
            f"the file has changed: its SHA-256 is {actual[:12]}…, not {entry.sha256[:12]}…",
            remedy="Delete it, and fetch or add it again.",
            path=str(path),
        )
    _load(path, entry)
    return _describe(entry)


def _check_free(known: ModelEntry, family: str) -> None:
    if known.state == "ready" or known.folder is not None:
        raise UsageError(f"the model {known.id} has its file already", remedy="Choose another id.")
    if known.family != family:
        raise UsageError(
            f"the model {known.id} belongs to the family {known.family}, not {family}", remedy="Choose another id."
        )


def _new_entry(
    source: Path,
    model_id: str,
    family: str,
    architecture: Optional[str],
    quick_gelu: Optional[bool],
    text: Optional[str],
) -> ModelEntry:
    entry = ModelEntry(
        id=model_id,
        title=source.stem,
        family=family,  # type: ignore[arg-type]
        kind="sam" if family == "sam" else "image-text",
        licence="not stated (added by the user)",
        gsd=None if family == "sam" else DEFAULT_GSD,
        architecture=architecture,
        quick_gelu=quick_gelu,
        text=text or (DEFAULT_TEXT if family == "graft" else None),
        file=source.name,
        user=True,
    )
    if family != "open_clip" or architecture is not None:
        return entry
    weights = read_image_weights(source, entry, None)
    gelu = "QuickGELU" if weights.quick_gelu else "GELU"
    guess = "" if quick_gelu is not None else f"Its activation is taken to be {gelu}; the file does not tell."
    return replace(
        entry, architecture=match_architecture(weights.shape), quick_gelu=weights.quick_gelu, notes=guess
    )


def _load(path: Path, entry: ModelEntry) -> None:
    if entry.family == "sam":
        _check_sam(read_state_dict(path), path)
    else:
        config = locate(entry.id, entry)[1] if entry.folder is not None else None
        read_image_weights(path, entry, config)


def _check_sam(state: Mapping[str, Tensor], path: Path) -> None:
    roots = {name.split(".", 1)[0] for name in state}
    lacking = {"image_encoder", "prompt_encoder", "mask_decoder"} - roots
    if lacking:
        raise CheckpointError(
            f"this is no SAM checkpoint: it lacks {', '.join(sorted(lacking))}",
            remedy="Give a checkpoint of segment_anything.",
            path=str(path),
        )


def _copy(source: Path, target: Path, report: Report, cancel: CancelToken) -> None:
    partial = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    total = source.stat().st_size
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as reader, partial.open("wb") as writer:
            done = 0
            while block := reader.read(_COPY_BLOCK):
                cancel.check()
                writer.write(block)
                done += len(block)
                report("copy", done, total)
        shutil.copystat(source, partial)
        partial.replace(target)
    except OSError as error:
        raise OutputError(
            f"the model cannot be copied ({error.strerror or error})", remedy="Make room there.", path=str(target)
        ) from error
    finally:
        partial.unlink(missing_ok=True)
