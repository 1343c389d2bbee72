"""Looking at a picture: is it whole, how large is it, what is its perceptual hash."""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from .duplicates import perceptual_hash
from .exif import PhotoExif, read_exif

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF")
SUFFIXES = {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".heic", ".heif", ".avif"}
HEIC = {".heic", ".heif"}
_HASHED_PX = 512
_ORIENTATION = 0x0112
_QUARTERS = {"TRANSPOSE", "ROTATE_270", "TRANSVERSE", "ROTATE_90"}
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
"""EXIF's orientation → what turns the picture upright."""


class UnreadablePicture(ValueError):
    """The file is no picture, is truncated, or is absurdly large."""


@dataclass(frozen=True)
class Look:
    """What a look at a whole picture tells.

    Args:
        width: Upright, pixels.
        height: Upright, pixels.
        phash: 16 hexadecimal digits.
        format: Pillow's name of the file's format.
    """

    width: int
    height: int
    phash: str
    format: str


@cache
def can_read_heic() -> bool:
    """Whether Pillow reads HEIC here: only with the plugin pillow-heif."""
    from PIL import Image as pil

    with contextlib.suppress(ImportError):
        from pillow_heif import register_heif_opener

        register_heif_opener()
    pil.init()
    return bool(HEIC & set(pil.registered_extensions()))


def look(picture: Path | bytes) -> Look:
    """Decode a picture to its last row.

    Raises:
        UnreadablePicture: It is no picture, or not whole.
    """
    from PIL import Image as pil

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pil.DecompressionBombWarning)
            with pil.open(_source(picture), formats=_formats()) as opened:
                size, format_ = opened.size, opened.format or ""
                turn = _TURNS.get(_orientation(opened))
                opened.draft("RGB", (_HASHED_PX, _HASHED_PX))  # a large JPEG is decoded small, yet to its end
                upright = opened.convert("RGB")
                upright = upright if turn is None else upright.transpose(pil.Transpose[turn])
                width, height = size[::-1] if turn in _QUARTERS else size
                return Look(width, height, perceptual_hash(upright), format_)
    except Exception as error:  # decoders raise what they like on damaged data
        raise UnreadablePicture(str(error) or type(error).__name__) from error


def exif_of(path: Path) -> PhotoExif:
    """Return a file's EXIF without decoding the picture.

    Raises:
        UnreadablePicture: It is no picture.
    """
    from PIL import Image as pil

    try:
        with pil.open(path, formats=_formats()) as opened:
            return read_exif(opened)
    except Exception as error:
        raise UnreadablePicture(str(error) or type(error).__name__) from error


def _orientation(image: Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # a damaged block says nothing of the picture, which may be whole
        return 1


def _formats() -> tuple[str, ...]:
    """Return what Pillow may try here; naming a format that it lacks would be an error of its own."""
    from PIL import Image as pil

    can_read_heic()
    return tuple(name for name in FORMATS if name in pil.OPEN)


def _source(picture: Path | bytes) -> Path | io.BytesIO:
    return io.BytesIO(picture) if isinstance(picture, bytes) else picture
