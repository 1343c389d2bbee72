"""Makes a text fit to be shown to strangers: no home folder, user, file names, addresses' passwords, or tokens."""

from __future__ import annotations

import re
from typing import Sequence

_SECRETS = (
    (re.compile(r"(?<=://)[^/@\s]+(?=@)"), "<login>"),
    (re.compile(r"\b(hf_|ghp_|gho_|github_pat_|glpat-|sk-|xox[bp]-)[A-Za-z0-9_\-]{8,}"), "<token>"),
    (re.compile(r"\beyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-.]+"), "<token>"),
    (re.compile(r"(?i)\b[A-Z0-9._%+\-]+@[A-Z0-9.\-]+\.[A-Z]{2,}\b"), "<e-mail>"),
)  # fmt: skip
_NAMED_SECRET = re.compile(
    r"(?i)\b(authorization|token|api[_-]?key|password|passwd|secret|signature)(\s*[=:]\s*)(bearer\s+)?[\"']?[^\s&,;\"']+"
)
_BEARER = re.compile(r"(?i)\b(bearer)\s+[^\s&,;\"'<]+")
_QUOTED = r"[^\"'“”\n|<>*?]"
_DATA = (
    "tif|tiff|vrt|jp2|img|ecw|sid|nc|hdf|hdf5|h5|zarr|gpkg|shp|geojson|json|kml|kmz|csv|png|jpg|jpeg|qgs|qgz|qml|"
    "safetensors|pt|pth|ckpt|bin|zip|gdb|sqlite|asc|dem|bil"
)
_DRIVE = r"(?<![A-Za-z])[A-Za-z]:[\\/]|\\\\|~[\\/]|file:/+"
_PATHS = (
    # a path in quotes, which may hold spaces, then one that ends in a data file's suffix, then any without spaces
    re.compile(rf"(?<=[\"'“])(?:{_DRIVE}|/){_QUOTED}+(?=[\"'”])"),
    re.compile(rf"(?:{_DRIVE}|(?<![\w:/.<>])/)[^\"'“”\n|<>*?:;]*?\.(?:{_DATA})\b", re.IGNORECASE),
    re.compile(rf"(?:{_DRIVE}|(?<![\w:/.<>])/(?=[^\s/]))[^\s\"'“”|<>*?:;,)\]]+"),
)
_NAMES = re.compile(rf"(?<![<\w])[\w\-.()가-힣]+\.(?:{_DATA})\b", re.IGNORECASE)
_KEPT = re.compile(r"(?i)(?:python[\d.]*(?:\.exe)?|torch|site-packages|graft_plugin|bin|lib)$")


def scrub(text: str, home: str = "", user: str = "", known: Sequence[str] = ()) -> str:
    """Return `text` without what tells who or where somebody is, or what they work on.

    Program files of GRAFT and of packages keep their last parts, since a report is worth nothing without them.

    Args:
        text: Any text, of any number of lines.
        home: The home folder.
        user: The user's name.
        known: Further words to leave out: layers' names, say.
    """
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    for word in sorted(filter(None, known), key=len, reverse=True):
        text = text.replace(word, "<name>")
    for pattern in _PATHS:
        text = pattern.sub(_path, text)
    text = _BEARER.sub(r"\1 <secret>", _NAMED_SECRET.sub(r"\1\2<secret>", text))
    text = _NAMES.sub("<file>", text)
    for place in {home, home.replace("\\", "/")} - {""}:
        text = text.replace(place, "<home>")
    if len(user) > 2:
        text = re.sub(rf"(?i)(?<![A-Za-z0-9]){re.escape(user)}(?![A-Za-z0-9])", "<user>", text)
    return text


def _path(found: re.Match[str]) -> str:
    """Return what stands for a path: nothing of it, but for code, which is ours or a package's."""
    path = found.group().replace("\\", "/")
    for mark in ("/site-packages/", "/graft_plugin/", "/dist-packages/"):
        if mark in path and path.lower().endswith((".py", ".so", ".dll", ".pyd", ".dylib")):
            return "<…>" + mark + path.split(mark, 1)[1]
    name = path.rstrip("/").rsplit("/", 1)[-1]
    return f"<path>/{name}" if _KEPT.match(name) else "<path>"
