"""TOML on every Python that this project runs on."""

from __future__ import annotations

from typing import Any


def parse_toml(raw: bytes) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Raises:
        ValueError: It is no TOML, or no UTF-8.
    """
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.10
        import tomli as tomllib
    return tomllib.loads(raw.decode("utf-8"))
