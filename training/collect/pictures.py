"""The pictures of candidates: fetched from a server into the photo folder, or looked at where they lie."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Optional

from graft_plugin.engine.progress import CancelToken

from .journal import Journal
from .net import Client, GaveUp, NotThere, Passing, in_parallel
from .photos import Photo, disk_error
from .picture import Look, UnreadablePicture, look
from .sift import Candidate

IMAGES = "images"
_PART = ".part"
_FAILING = 3
"""Pictures in a row on which a server fails, from which on it is the server that fails."""


def image_file(photo_id: str) -> str:
    """Return a downloaded picture's path in the photo folder; 256 shards keep folders small."""
    return f"{IMAGES}/{hashlib.sha256(photo_id.encode()).hexdigest()[:2]}/{photo_id}.jpg"


@dataclass
class Downloads:
    """Pictures that are fetched.

    Args:
        folder: The photo folder.
        journal: Where their facts are kept.
        client: For the server of pictures.
        workers: Pictures under way at once.
        cancel: Looked at several times a second.
    """

    folder: Path
    journal: Journal
    client: Client
    workers: int
    cancel: CancelToken

    def __post_init__(self) -> None:
        self._failing: list[str] = []
        for part in (self.folder / IMAGES).glob(f"*/*{_PART}"):  # a killed run left it half-written
            part.unlink(missing_ok=True)

    def fetch(self, candidates: Sequence[Candidate]) -> Iterator[Photo | str]:
        """See `sift.Fetch`. What was fetched before is not fetched again.

        Raises:
            DownloadError: Several pictures in a row failed: the server is at fault, not they.
        """
        known = [self.journal.get("pictures", candidate.photo.id) for candidate in candidates]
        facts = in_parallel(self._facts, list(zip(candidates, known, strict=True)), self.workers, self.cancel)
        for candidate, before, now in zip(candidates, known, facts, strict=True):
            photo = candidate.photo
            if isinstance(now, GaveUp):
                self._failing.append(photo.id)
                if len(self._failing) >= _FAILING:
                    raise now
                yield "unreachable"
                continue
            if before is None:
                for failed in self._failing:  # the server is well: they are gone for good
                    self.journal.put("pictures", failed, {"rule": "unreachable"})
                self._failing.clear()
                self.journal.put("pictures", photo.id, now)
            yield _seen(photo, now, image_file(photo.id))

    def forget(self, photo: Photo, rule: str) -> None:
        """Remove the picture of a photo that a rule drops; its facts stay."""
        (self.folder / photo.file).unlink(missing_ok=True)

    def restore(self, photos: Iterable[Photo]) -> list[Photo]:
        """Fetch kept pictures once more whose files are no longer there; returns those that cannot be had."""
        lost = []
        for photo in photos:
            if (self.folder / photo.file).is_file():
                continue
            try:
                data, _ = self.client.get(self.journal.get("pictures", photo.id)["from"], check=_picture)
                _write(self.folder / photo.file, data)
            except (NotThere, UnreadablePicture):
                lost.append(photo)
        return lost

    def _facts(self, job: tuple[Candidate, Optional[dict[str, Any]]]) -> dict[str, Any] | GaveUp:
        candidate, known = job
        if known is not None:
            return known
        target = self.folder / image_file(candidate.photo.id)
        if target.is_file():  # the last thing that a killed run did
            try:
                return _facts_of(look(target), candidate.origin)
            except UnreadablePicture:
                target.unlink()
        try:
            data, seen = self.client.get(candidate.origin, check=_picture)
        except NotThere:
            return {"rule": "gone"}
        except UnreadablePicture as error:
            return {"rule": "unreadable", "why": str(error)[:200]}
        except GaveUp as error:
            return {"rule": "unreadable", "why": "truncated"} if error.damaged else error
        if seen.format not in ("JPEG", "MPO"):  # what a server shows in the place of a picture that was taken away
            return {"rule": "gone"}
        _write(target, data)
        return _facts_of(seen, candidate.origin)


@dataclass(frozen=True)
class LocalPictures:
    """Pictures that stay where they are.

    Args:
        journal: Where their facts are kept.
        workers: Pictures looked at at once.
        cancel: Looked at several times a second.
    """

    journal: Journal
    workers: int
    cancel: CancelToken

    def fetch(self, candidates: Sequence[Candidate]) -> Iterator[Photo | str]:
        """See `sift.Fetch`."""
        known = [self.journal.get("pictures", candidate.photo.id) for candidate in candidates]
        facts = in_parallel(self._facts, list(zip(candidates, known, strict=True)), self.workers, self.cancel)
        for candidate, before, now in zip(candidates, known, facts, strict=True):
            if before is None:
                self.journal.put("pictures", candidate.photo.id, now)
            yield _seen(candidate.photo, now, candidate.photo.file)

    @staticmethod
    def forget(photo: Photo, rule: str) -> None:
        """Leave the user's file alone."""

    @staticmethod
    def _facts(job: tuple[Candidate, Optional[dict[str, Any]]]) -> dict[str, Any]:
        candidate, known = job
        if known is not None:
            return known
        try:
            return _facts_of(look(Path(candidate.origin)), candidate.origin)
        except UnreadablePicture as error:
            return {"rule": "unreadable", "why": str(error)[:200]}


def _seen(photo: Photo, facts: dict[str, Any], file: str) -> Photo | str:
    if "phash" not in facts:
        return str(facts["rule"])
    return replace(photo, file=file, width=facts["width"], height=facts["height"], phash=facts["phash"])


def _facts_of(seen: Look, origin: str) -> dict[str, Any]:
    return {"width": seen.width, "height": seen.height, "phash": seen.phash, "from": origin}


def _picture(data: bytes) -> tuple[bytes, Look]:
    """Return a whole picture; one that ends early is worth another try, for which the client cares."""
    if not data:
        raise Passing("the picture is empty", damaged=True)
    try:
        return data, look(data)
    except UnreadablePicture as error:
        if "truncated" in str(error).lower():
            raise Passing(f"the picture is truncated ({error})", damaged=True) from error
        raise


def _write(target: Path, data: bytes) -> None:
    part = target.with_name(target.name + _PART)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise disk_error(error, target.parent) from error
