"""Models made here, such as fine-tuned ones: each a folder in the user's models, added and removed as a whole."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

from ...errors import OutputError, UsageError
from .checksum import file_sha256
from .registry import ModelEntry, check_id, find, forget_entry, load_registry, models_folder, remember_entry

FILE = "graft.safetensors"
CARD = "card.json"


def check_free(model_id: str) -> None:
    """Check that a new model may have an id, before it is made.

    Raises:
        UsageError: The id is malformed, or taken.
    """
    check_id(model_id)
    if model_id in load_registry():
        raise UsageError(f"there is a model {model_id} already", remedy="Choose another id, or remove it first.")


def add_folder(made: Path, entry: ModelEntry) -> ModelEntry:
    """Move a finished model's folder into the user's models and list it.

    Args:
        made: A folder that holds `FILE` and whatever belongs to it, on the disk of the user's models; it is moved.
        entry: What to list; its file, size and checksum are filled in.

    Raises:
        UsageError: The id is malformed, or taken.
        OutputError: The folder cannot be moved, or the list not be written.
    """
    check_free(entry.id)
    home = models_folder() / entry.id
    file = made / FILE
    entry = replace(
        entry, file=FILE, user=True, recorded=False, sha256=file_sha256(file), size_bytes=file.stat().st_size
    )
    try:
        if home.exists():  # nobody lists it: left over from a run that was killed
            shutil.rmtree(home)
        made.rename(home)
    except OSError as error:
        raise OutputError(
            f"the model cannot be stored ({error.strerror or error})", remedy="Make room there.", path=str(home)
        ) from error
    try:
        remember_entry(entry)
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise
    return find(entry.id)


def remove(model_id: str) -> None:
    """Take a model that the user has added, or made, out of the list, and delete its files.

    Raises:
        UsageError: There is no such model, it is not the user's, or another model needs it.
        OutputError: The list cannot be written, or the files not be deleted.
    """
    entry = find(model_id)
    if not entry.user:
        raise UsageError(f"the model {model_id} comes with GRAFT", remedy="Only models of your own can be removed.")
    needing = sorted(other.id for other in load_registry().values() if other.text == model_id)
    if needing:
        raise UsageError(
            f"the model {', '.join(needing)} takes its texts from {model_id}", remedy="Remove that one first."
        )
    forget_entry(model_id)
    home = models_folder() / model_id
    grave = home.with_name(f".{model_id}.{os.getpid()}.removed")
    try:
        if home.exists():
            home.rename(grave)  # whole or not at all: a file in use elsewhere would leave half a model
            shutil.rmtree(grave, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            f"the model's files cannot be deleted ({error.strerror or error})", remedy="Delete them.", path=str(home)
        ) from error
