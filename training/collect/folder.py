"""Photos of a local folder, placed by their EXIF. They stay where they are."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from graft_plugin.engine.progress import CancelToken, Report
from graft_plugin.errors import UsageError

from .exif import PhotoExif
from .journal import Journal
from .photos import Photo
from .picture import HEIC, SUFFIXES, UnreadablePicture, can_read_heic, exif_of
from .sift import Candidate

_BLOCK = 1 << 20
_NOWHERE = float("nan")


def find_pictures(root: Path, besides: Path) -> list[Path]:
    """Return the pictures of a folder and its subfolders, by their suffixes, in order of their paths.

    Args:
        root: The folder.
        besides: A folder to leave out: that of the result.

    Raises:
        UsageError: There is no such folder, it cannot be read, or it holds no pictures.
    """
    if not root.is_dir():
        raise UsageError("there is no such folder", remedy="Check the path.", path=str(root))

    def refuse(error: OSError) -> None:
        raise UsageError(f"cannot be read ({error.strerror})", remedy="Check its rights.", path=error.filename)

    found = []
    for place, folders, names in os.walk(root, onerror=refuse):
        folders[:] = sorted(name for name in folders if Path(place, name).absolute() != besides.absolute())
        found += [Path(place, name) for name in names if Path(name).suffix.lower() in SUFFIXES]
    if not found:
        raise UsageError(
            "the folder holds no pictures", remedy=f"It reads {', '.join(sorted(SUFFIXES))}.", path=str(root)
        )
    return sorted(path.absolute() for path in found)


def read_candidates(paths: list[Path], journal: Journal, cancel: CancelToken, report: Report) -> Iterator[Candidate]:
    """Yield a candidate for each file, placed or not."""
    for number, path in enumerate(paths, 1):
        cancel.check()
        report("Reading EXIF", number, len(paths))
        yield candidate_of(path, journal)


def candidate_of(path: Path, journal: Journal) -> Candidate:
    """Return what a file's EXIF says; a file that cannot be one of a collection carries the rule that drops it."""
    nameless = Photo(id="", source="folder", lon=_NOWHERE, lat=_NOWHERE)
    if path.suffix.lower() in HEIC and not can_read_heic():
        return Candidate(nameless, str(path), problem="unsupported")
    try:
        str(path).encode()  # a name that is no text can stand in no table
        exif = exif_of(path)
        if exif.lon is None or exif.lat is None:
            return Candidate(nameless, str(path))
        photo = photo_of(_content_id(path, journal), path, exif)
    except (UnreadablePicture, UnicodeEncodeError, OSError):
        return Candidate(nameless, "", problem="unreadable")
    return Candidate(photo, str(path), error_m=exif.error_m, measuring=exif.measuring)


def photo_of(photo_id: str, path: Path, exif: PhotoExif) -> Photo:
    """Return the photo of a file that has a position."""
    return Photo(
        id=photo_id,
        source="folder",
        lon=_NOWHERE if exif.lon is None else exif.lon,
        lat=_NOWHERE if exif.lat is None else exif.lat,
        file=str(path),
        owner=exif.owner,
        licence=exif.licence,
        taken=exif.taken,
        direction_deg=exif.direction_deg,
        direction_ref=exif.direction_ref,
    )


def _content_id(path: Path, journal: Journal) -> str:
    """Return an id from a file's bytes: copies share it, and it outlives a move. Read once a file."""
    facts = path.stat()
    key = f"id {path} {facts.st_mtime_ns} {facts.st_size}"
    known = journal.get("pictures", key)
    if known is None:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        known = f"f{digest.hexdigest()[:20]}"
        journal.put("pictures", key, known)
    return str(known)
