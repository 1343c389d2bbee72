"""What `graft models` does: list, fetch, add, verify."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Optional

from torch import Tensor

from ...errors import CheckpointError, OutputError, UsageError
from ..progress import CancelToken, Report, silent
from .catalogue import ModelState, describe
from .checkpoint import read_state_dict
from .checksum import file_sha256
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
        return describe(entry)
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
    return describe(find(model_id))


def fetch_all(
    model_id: str, *, offline: bool = False, report: Report = silent, cancel: Optional[CancelToken] = None
) -> tuple[ModelState, list[str]]:
    """Download a model, and the text tower that goes with it where that is missing too and can be had.

    Args:
        model_id: Its id.
        offline: Refuse to download.
        report: Called with ("fetch", bytes so far, bytes in all) of all files together.
        cancel: Checked several times a second; what came so far is kept, and resumed by the next call.

    Returns:
        The model, and the ids of what was downloaded.

    Raises:
        GraftError: As `fetch`.
    """
    entry = find(model_id)
    wanted = [entry, *([find(entry.text)] if entry.text else [])]
    lacking = [one for one in wanted if one.state == "download" or (one is entry and one.state == "file")]
    before = 0
    for number, one in enumerate(lacking):
        after = sum(rest.size_bytes or 0 for rest in lacking[number + 1 :])
        size = 0

        def relay(stage: str, done: int, total: int, before: int = before, after: int = after) -> None:
            nonlocal size
            size = max(size, total, done)
            report("fetch", before + done, before + total + after if total else 0)

        fetch(one.id, offline=offline, report=relay, cancel=cancel)
        before += size
    return describe(find(model_id)), [one.id for one in lacking]


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
        UsageError: The id is taken or malformed, the family is none, or there is no model `text`.
        CheckpointError: The file is not such a model.
        OutputError: It cannot be copied.
    """
    check_id(model_id)
    if family not in _FAMILIES:
        raise UsageError(f"there is no family {family!r}", remedy=f"Use {', '.join(_FAMILIES)}.")
    if text is not None:
        find(text)
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
    return describe(find(model_id))


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
    return describe(entry)


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
