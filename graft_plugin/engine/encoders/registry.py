"""The list of models: `resources/models.json`, and the user's own beside the files in `graft_home()/models`."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, Optional

from ...errors import CheckpointError, OutputError, UsageError
from ..grid import GsdRule
from ..home import graft_home, resources

Family = Literal["graft", "open_clip", "sam"]
State = Literal["ready", "download", "file"]

DEFAULT_TEXT = "openai-vit-b-16"
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True)
class ModelEntry:
    """One model, as data.

    Args:
        id: Its name on the command line.
        title: For people.
        family: Which reader its file needs.
        kind: "image-text" or "sam".
        licence: Of the weights.
        address: Where to fetch the file, or None where the user must bring it.
        size_bytes: Of the file, rounded where the publisher does not state it; None where unknown.
        sha256: Of the file; None where the publisher states none, and the first download's is recorded.
        gsd: Ground resolution of the tiles; None for a SAM.
        bands: Which bands, in order.
        stride_px: Heatmap cell that suits the model, in pixels; None for its patch.
        architecture: An open_clip model name, where the family needs one.
        quick_gelu: The activation, where it differs from the architecture's.
        text: Id of the model whose text tower goes with it; None for its own.
        templates: Prompts with one "{}".
        contrast: Concepts of the background bank.
        notes: What a user should know; where to get the file.
        folder: Folder of a bundled model below `resources`.
        file: Name of the file below `graft_home()/models/<id>`, once it is there.
        user: Whether the user added it.
        recorded: Whether `sha256` is that of the first download rather than the publisher's.
    """

    id: str
    title: str
    family: Family
    kind: str
    licence: str
    address: Optional[str] = None
    size_bytes: Optional[int] = None
    sha256: Optional[str] = None
    gsd: Optional[GsdRule] = None
    bands: tuple[str, ...] = ("red", "green", "blue")
    stride_px: Optional[int] = None
    architecture: Optional[str] = None
    quick_gelu: Optional[bool] = None
    text: Optional[str] = None
    templates: tuple[str, ...] = ()
    contrast: tuple[str, ...] = ()
    notes: str = ""
    folder: Optional[str] = None
    file: Optional[str] = None
    user: bool = False
    recorded: bool = False

    @property
    def path(self) -> Path:
        """Where the model's file is, or will be."""
        if self.folder is not None:
            return resources() / self.folder / "graft.safetensors"
        name = self.file or Path((self.address or "").split("?")[0]).name or f"{self.id}.pt"
        return models_folder() / self.id / name

    @property
    def state(self) -> State:
        """"ready", "download" (needs one), or "file" (the user must bring one)."""
        if self.path.is_file():
            return "ready"
        return "download" if self.address else "file"


def models_folder() -> Path:
    """Return the folder of the user's model files."""
    return graft_home() / "models"


def load_registry() -> dict[str, ModelEntry]:
    """Return every model by its id: the bundled list, then the user's.

    Raises:
        CheckpointError: A list is damaged, or names an id twice.
    """
    bundled = _read(resources() / "models.json")
    own = _read(_own_list()) if _own_list().is_file() else {}
    defaults = {key: bundled.get(key, []) for key in ("templates", "contrast")}
    entries: dict[str, ModelEntry] = {}
    for data, user in [*((d, False) for d in bundled["models"]), *((d, True) for d in own.get("models", []))]:
        entry = _entry(data, defaults, user)
        if entry.id in entries:
            where = _own_list() if user else resources() / "models.json"
            raise CheckpointError(f"the model {entry.id} is listed twice", remedy="Remove one.", path=str(where))
        known = own.get("files", {}).get(entry.id, {})
        entries[entry.id] = _with_file(entry, known)
    return entries


def find(model_id: str) -> ModelEntry:
    """Return a model's entry.

    Raises:
        UsageError: There is none.
    """
    entries = load_registry()
    if model_id not in entries:
        near = difflib.get_close_matches(model_id.lower(), entries, n=3)
        meant = f"Did you mean {' or '.join(near)}? " if near else ""
        raise UsageError(f"there is no model {model_id!r}", remedy=f"{meant}`graft models list` shows what there is.")
    return entries[model_id]


def local_file(model_id: str) -> Path:
    """Return the local file of a model.

    Raises:
        UsageError: There is no such model.
        CheckpointError: Its file is not here yet; the remedy says how to get it.
    """
    return ready_file(find(model_id))


def ready_file(entry: ModelEntry) -> Path:
    """As `local_file`, for an entry."""
    if entry.state == "ready":
        return entry.path
    if entry.folder is not None:
        raise CheckpointError(f"the bundled model {entry.id} is missing", remedy="Install again.", path=str(entry.path))
    add = f"graft models add FILE --as {entry.id} --family {entry.family}"
    if entry.state == "download":
        size = f" ({entry.size_bytes / 1e6:.0f} MB)" if entry.size_bytes else ""
        remedy = f"Run `graft models fetch {entry.id}`{size}, or `{add}`."
    else:
        remedy = f"{entry.notes} Then run `{add}`."
    raise CheckpointError(f"the file of the model {entry.id} is not on this machine", remedy=remedy)


def check_id(model_id: str) -> None:
    """Raise a UsageError unless an id can name a folder on every system."""
    if not _ID.fullmatch(model_id):
        raise UsageError(
            f"{model_id!r} cannot be a model's id", remedy="Use lower-case letters, digits, dots and hyphens."
        )


def remember_file(model_id: str, name: str, sha256: str, *, recorded: bool) -> None:
    """Write down which file a listed model has, and its checksum."""
    own = _read(_own_list()) if _own_list().is_file() else {}
    own.setdefault("files", {})[model_id] = {"file": name, "sha256": sha256, "recorded": recorded}
    _write(own)


def remember_entry(entry: ModelEntry) -> None:
    """Write down a user's own model.

    Raises:
        UsageError: The id is taken.
    """
    if entry.id in load_registry():
        raise UsageError(f"there is a model {entry.id} already", remedy="Choose another id.")
    own = _read(_own_list()) if _own_list().is_file() else {}
    data = {f.name: getattr(entry, f.name) for f in fields(entry) if getattr(entry, f.name) != f.default}
    data.pop("user", None)
    if entry.gsd is not None:
        data["gsd"] = {f.name: getattr(entry.gsd, f.name) for f in fields(entry.gsd)}
    own.setdefault("models", []).append(data)
    _write(own)


def forget_entry(model_id: str) -> None:
    """Take a user's own model out of the list; its files stay."""
    own = _read(_own_list()) if _own_list().is_file() else {}
    own["models"] = [data for data in own.get("models", []) if data.get("id") != model_id]
    own.get("files", {}).pop(model_id, None)
    _write(own)


def _own_list() -> Path:
    return models_folder() / "models.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"the list of models cannot be read ({error})", path=str(path)) from error
    if not isinstance(data, dict):
        raise CheckpointError("the list of models is not a JSON object", path=str(path))
    return data


def _write(own: Mapping[str, Any]) -> None:
    path = _own_list()
    partial = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(own, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise OutputError(f"the list of models cannot be written ({error.strerror})", path=str(path)) from error


def _entry(data: Mapping[str, Any], defaults: Mapping[str, Any], user: bool) -> ModelEntry:
    known = {f.name for f in fields(ModelEntry)} - {"gsd", "user"}
    values = {key: value for key, value in data.items() if key in known}
    for key in ("templates", "contrast"):
        values[key] = tuple(values.get(key) or defaults[key])
    if "bands" in values:
        values["bands"] = tuple(values["bands"])
    gsd = data.get("gsd")
    try:
        return ModelEntry(**values, gsd=GsdRule(**gsd) if gsd else None, user=user)
    except TypeError as error:
        raise CheckpointError(f"an entry of the list of models is incomplete ({error})") from error


def _with_file(entry: ModelEntry, known: Mapping[str, Any]) -> ModelEntry:
    if not known:
        return entry
    values = {f.name: getattr(entry, f.name) for f in fields(entry)}
    values["file"] = known.get("file")
    if known.get("recorded") or entry.sha256 is None:
        values["sha256"], values["recorded"] = known.get("sha256"), True
    return ModelEntry(**values)
