"""Ground photos as they lie in shards: upright, small, without whatever else their files tell."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path

from .picture import FORMATS, UnreadablePicture, can_read_heic

PHOTO_PX = 512
QUALITY = 90


def small_jpeg(path: Path, longest_px: int = PHOTO_PX) -> bytes:
    """Return a photo as JPEG, upright, its longest side at most `longest_px`; no EXIF goes along.

    Raises:
        UnreadablePicture: It is missing, no picture, or not whole.
    """
    from PIL import Image as pil
    from PIL import ImageOps

    can_read_heic()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pil.DecompressionBombWarning)
            with pil.open(path, formats=[name for name in FORMATS if name in pil.OPEN]) as opened:
                opened.draft("RGB", (longest_px, longest_px))
                opened.load()
                upright: pil.Image = opened
                with contextlib.suppress(Exception):  # a damaged block says nothing of the picture, which may be whole
                    upright = ImageOps.exif_transpose(opened)
                small = upright.convert("RGB")
                small.thumbnail((longest_px, longest_px), pil.Resampling.LANCZOS)
                small.info.clear()  # Pillow would carry a comment along
                out = io.BytesIO()
                small.save(out, "JPEG", quality=QUALITY)
                return out.getvalue()
    except Exception as error:  # decoders raise what they like on damaged data
        raise UnreadablePicture(str(error) or type(error).__name__) from error
