"""What a photo's EXIF says of where, when and by whom it was taken.

Tags and their forms: Exif 2.32 (CIPA DC-008), section 4.6.6 for GPS. Files in the wild hold nonsense in every one of
them; what cannot be right is read as absent, never guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Literal, Optional

if TYPE_CHECKING:
    from PIL.Image import Image

_GPS_IFD, _EXIF_IFD = 0x8825, 0x8769
_ARTIST, _COPYRIGHT = 315, 33432
_TAKEN, _OFFSET, _OFFSET_TAKEN = 36867, 36880, 36881
_LAT_REF, _LAT, _LON_REF, _LON, _TIME, _STATUS = 1, 2, 3, 4, 7, 9
_LOOK_REF, _LOOK, _DATE, _ERROR = 16, 17, 29, 31
_FIRST_YEAR = 1980


@dataclass(frozen=True)
class PhotoExif:
    """What EXIF says of one photo; None for what it does not say.

    Args:
        lon: Degrees east, WGS 84.
        lat: Degrees north, WGS 84.
        error_m: Horizontal error of the position, metres.
        measuring: Whether the receiver had a fix (GPSStatus); None where it does not say.
        direction_deg: Where the camera looked, clockwise from the north that `direction_ref` names, 0 ≤ d < 360.
        direction_ref: True or magnetic north.
        taken: UTC.
        taken_from: "offset" and "gps" are exact; "longitude" is local time with the sun's offset there, some hours off.
        owner: Artist.
        licence: Copyright.
    """

    lon: Optional[float] = None
    lat: Optional[float] = None
    error_m: Optional[float] = None
    measuring: Optional[bool] = None
    direction_deg: Optional[float] = None
    direction_ref: Optional[Literal["true", "magnetic"]] = None
    taken: Optional[datetime] = None
    taken_from: Optional[Literal["offset", "gps", "longitude"]] = None
    owner: Optional[str] = None
    licence: Optional[str] = None


def read_exif(image: Image) -> PhotoExif:
    """Read the EXIF of an opened picture; whatever is malformed counts as absent."""
    try:
        exif = image.getexif()
        return parse_exif(dict(exif), exif.get_ifd(_EXIF_IFD), exif.get_ifd(_GPS_IFD))
    except Exception:  # Pillow's parser raises many things on a damaged block: the photo then has no EXIF
        return PhotoExif()


def parse_exif(main: Mapping[int, Any], detail: Mapping[int, Any], gps: Mapping[int, Any]) -> PhotoExif:
    """Return what the tags of the three directories say; never raises, whatever they hold."""
    lat = _angle(gps.get(_LAT), _text(gps.get(_LAT_REF)), "N", "S", 90)
    lon = _angle(gps.get(_LON), _text(gps.get(_LON_REF)), "E", "W", 180)
    if lat is None or lon is None:
        lat = lon = None
    error, status = _number(gps.get(_ERROR)), _text(gps.get(_STATUS))
    taken, taken_from = _taken(detail, gps, lon)
    direction = _number(gps.get(_LOOK))
    if direction is not None:
        direction = direction % 360 if 0 <= direction <= 360 else None
    ref = {"T": "true", "M": "magnetic"}.get(_text(gps.get(_LOOK_REF)) or "")
    return PhotoExif(
        lon=lon,
        lat=lat,
        error_m=error if error is not None and error >= 0 else None,
        measuring={"A": True, "V": False}.get(status or ""),
        direction_deg=direction,
        direction_ref=ref if direction is not None else None,  # type: ignore[arg-type]
        taken=taken,
        taken_from=taken_from,
        owner=_text(main.get(_ARTIST)),
        licence=_text(main.get(_COPYRIGHT)),
    )


def by_longitude(local: datetime, lon: float) -> datetime:
    """Return UTC of a local time without a zone, by the sun's offset at a longitude: right to a few hours."""
    try:
        return (local - timedelta(hours=round(lon / 15))).replace(tzinfo=timezone.utc)
    except OverflowError:
        return local.replace(tzinfo=timezone.utc)


def _taken(
    detail: Mapping[int, Any], gps: Mapping[int, Any], lon: Optional[float]
) -> tuple[Optional[datetime], Optional[Literal["offset", "gps", "longitude"]]]:
    local = _datetime(_text(detail.get(_TAKEN)))
    offset = _offset(_text(detail.get(_OFFSET_TAKEN)))
    offset = offset if offset is not None else _offset(_text(detail.get(_OFFSET)))
    if local is not None and offset is not None:
        return (local - offset).replace(tzinfo=timezone.utc), "offset"
    by_gps = _gps_time(_text(gps.get(_DATE)), gps.get(_TIME))
    if by_gps is not None:
        return by_gps, "gps"
    if local is not None and lon is not None:
        return by_longitude(local, lon), "longitude"
    return None, None


def _angle(value: Any, ref: Optional[str], positive: str, negative: str, limit: int) -> Optional[float]:  # noqa: ANN401
    """Return signed degrees of degrees, minutes and seconds; None without a hemisphere, or beyond `limit`."""
    if ref is None or ref.upper() not in (positive, negative):
        return None
    parts = [_number(part) for part in value] if isinstance(value, (tuple, list)) else [_number(value)]
    if not 1 <= len(parts) <= 3 or any(part is None or part < 0 for part in parts):
        return None
    degrees, minutes, seconds = (*(float(part) for part in parts if part is not None), 0.0, 0.0)[:3]
    total = degrees + minutes / 60 + seconds / 3600
    if minutes > 60 or seconds > 60 or total > limit:
        return None
    return -total if ref.upper() == negative else total


def _number(value: Any) -> Optional[float]:  # noqa: ANN401
    if isinstance(value, (tuple, list)) and len(value) == 1:
        value = value[0]
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _text(value: Any) -> Optional[str]:  # noqa: ANN401
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return None
    text = "".join(c if c.isprintable() else " " for c in value.split("\0", 1)[0]).strip()
    return text or None


def _datetime(text: Optional[str]) -> Optional[datetime]:
    match = re.match(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)", text or "", re.ASCII)
    try:
        found = datetime(*(int(part) for part in match.groups())) if match else None  # type: ignore[arg-type]
    except ValueError:
        return None
    return found if found is not None and found.year >= _FIRST_YEAR else None


def _offset(text: Optional[str]) -> Optional[timedelta]:
    if text == "Z":
        return timedelta(0)
    match = re.fullmatch(r"([+-])(\d\d):(\d\d)", text or "", re.ASCII)
    if not match or int(match[3]) > 59 or int(match[2]) > 14:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -offset if match[1] == "-" else offset


def _gps_time(date: Optional[str], time: Any) -> Optional[datetime]:  # noqa: ANN401
    match = re.fullmatch(r"(\d{4})[:-](\d\d)[:-](\d\d)", date or "", re.ASCII)
    parts = [_number(part) for part in time] if isinstance(time, (tuple, list)) and len(time) == 3 else [None]
    if not match or any(part is None or not 0 <= part < 61 for part in parts):
        return None
    hours, minutes, seconds = (float(part) for part in parts if part is not None)
    try:
        day = datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=timezone.utc)
    except ValueError:
        return None
    if day.year < _FIRST_YEAR or hours >= 24 or minutes >= 60:
        return None
    return day + timedelta(hours=int(hours), minutes=minutes, seconds=int(seconds))
