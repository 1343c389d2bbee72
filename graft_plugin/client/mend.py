"""Finds packages that a killed installer left half-written, so that the next one writes them anew."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Iterator, List

from ..errors import Cancelled
from .children import CancelFlag


def forget_broken(env: Path, cancelled: CancelFlag) -> List[str]:
    """Forget each package of an environment that lacks a file, or has one of a wrong size.

    An installer takes a package for installed if its `.dist-info` folder is there, and that comes early: without this,
    a retry would leave a package half-written. Forgetting is deleting that folder; the files are overwritten later.

    Args:
        env: The environment.
        cancelled: Asked between packages.

    Returns:
        The folders' names.
    """
    broken = []
    for folder in _site_packages(env):
        for left in folder.glob("~*"):  # what pip had moved aside when it was killed
            shutil.rmtree(left, ignore_errors=True)
        for info in sorted(folder.glob("*.dist-info")):
            if cancelled():
                raise Cancelled()
            if not _whole(info):
                shutil.rmtree(info, ignore_errors=True)
                broken.append(info.name)
    return broken


def _site_packages(env: Path) -> Iterator[Path]:
    yield from env.glob("lib/python3*/site-packages")
    yield from env.glob("Lib/site-packages")


def _whole(info: Path) -> bool:
    try:
        with (info / "RECORD").open(encoding="utf-8", newline="") as lines:
            for name, _digest, size in csv.reader(lines):
                if size and (info.parent / name).stat().st_size != int(size):
                    return False
    except (OSError, ValueError):
        return False
    return (info / "METADATA").is_file()
