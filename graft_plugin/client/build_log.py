"""The log of a build: a file beside the environment, with what is secret left out."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Optional, Type

_SECRET = re.compile(r"(?<=://)[^/@\s]+(?=@)")


class BuildLog:
    """A text file that is there line by line as it grows; the one before is kept as `….old`.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with contextlib.suppress(OSError):
            os.replace(path, path.with_name(path.name + ".old"))
        self._file = path.open("w", encoding="utf-8", buffering=1)
        self.write(f"{time.strftime('%Y-%m-%d %H:%M:%S %z')} on {sys.platform}")

    def write(self, line: str) -> None:
        """Write a line; user names and passwords in addresses are left out."""
        self._file.write(_SECRET.sub("…", line) + "\n")

    def __enter__(self) -> BuildLog:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._file.close()
