"""The words that pip and uv are called with, and what they say while they work."""

from __future__ import annotations

import os
import re
import shutil
import sys
import urllib.parse
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Deque, List, Optional, Tuple

from .ready import env_python
from .recipe import Sources

PIP_RAW_PROGRESS = (24, 1)
PIP_BUNDLES_TRUSTSTORE = (23, 3)
PIP_TRUSTS_SYSTEM = (24, 2)
"""From this pip on the operating system's trust store is used without being asked for."""

KEPT_LINES = 60
DOWNLOADED = 0.85
"""The share of an installation that downloads take, by the look of the bar."""

_UNITS = {"b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


@dataclass(frozen=True)
class Installer:
    """pip inside an environment, or a uv outside.

    Attributes:
        env: The environment.
        uv: The program; None: pip.
        pip_version: Of the environment's pip; (0, 0) where it is unknown.
    """

    env: Path
    uv: Optional[Path] = None
    pip_version: Tuple[int, int] = (0, 0)

    def words(self, wanted: str, sources: Sources, index: str = "", deps: bool = False) -> List[str]:
        """Return the command that installs a list.

        Args:
            wanted: Name of the list, relative to the working folder, so that no space in a path can split it.
            sources: Where packages come from.
            index: The one index to take them from; empty: `sources.index`, or the user's own.
            deps: Whether what the list's packages need is installed too.
        """
        words = self._start(sources)
        words += [] if deps else ["--no-deps"]
        words += ["--only-binary", ":all:", "-r", wanted]
        if sources.wheels is not None:  # as an address: uv splits a path at its commas, pip at its spaces
            return [*words, "--no-index", "--find-links", sources.wheels.resolve().as_uri()]
        chosen = index or sources.index
        return [*words, "--index-url", chosen] if chosen else words

    def _start(self, sources: Sources) -> List[str]:
        if self.uv is not None:
            offline = ["--offline"] if sources.wheels is not None else []
            return [str(self.uv), "pip", "install", "--python", str(env_python(self.env)), *offline]
        patience = ["--timeout", str(sources.timeout_s), "--retries", str(sources.retries)]
        words = [*pip_words(self.env), "install", *patience]
        if self.pip_version >= PIP_RAW_PROGRESS:
            words += ["--progress-bar", "raw"]
        if PIP_BUNDLES_TRUSTSTORE <= self.pip_version < PIP_TRUSTS_SYSTEM:
            words += ["--use-feature", "truststore"]
        return words


def pip_words(env: Path) -> List[str]:
    """Return how an environment's pip is called; -I keeps PYTHON* variables and the user's packages out."""
    return [str(env_python(env)), "-I", "-u", "-X", "utf8", "-m", "pip"]


def find_uv() -> Optional[Path]:
    """Return the uv of this machine, if there is one."""
    name = "uv.exe" if sys.platform == "win32" else "uv"
    found = shutil.which("uv")
    places = [Path(found)] if found else []
    places += [Path.home() / ".local" / "bin" / name, Path.home() / ".cargo" / "bin" / name]
    places += [Path("/opt/homebrew/bin/uv"), Path("/usr/local/bin/uv")]
    return next((path for path in places if path.is_file() and os.access(path, os.X_OK)), None)


class InstallOutput:
    """Understands an installer's lines.

    Attributes:
        name: The package it is busy with.
        done, total: Bytes of that package's file; total 0 where it is unknown.
        packages_done, packages_total: How many were collected; total 0 where it is unknown.
        downloading: Whether any download has begun.
        installing: Whether all has come, and is being unpacked.
        lines: The last lines.

    Args:
        packages_total: How many packages the list holds.
    """

    def __init__(self, packages_total: int = 0) -> None:
        self.name = ""
        self.done = self.total = 0
        self.packages_done, self.packages_total = 0, packages_total
        self.downloading = self.installing = False
        self.lines: Deque[str] = deque(maxlen=KEPT_LINES)
        self._finished_bytes = 0.0

    def take(self, line: str) -> bool:
        """Take a line; return whether it belongs into the log, where a thousand lines of bytes do not."""
        text = line.strip()
        counted = re.fullmatch(r"Progress (\d+) of (\d+)", text)
        if counted:
            self.done, self.total = int(counted[1]), int(counted[2])
            return False
        self.lines.append(text)
        if re.match(r"(Collecting|Processing|Requirement already satisfied:?) ", text):
            self.packages_done += 1
            self._next(_package(text))
        elif text.startswith("Ignoring ") and "markers" in text:
            self.packages_total = max(self.packages_total - 1, 0)
        elif text.startswith("Downloading "):
            self._download(text)
        elif text.startswith("Downloaded ") and not text.startswith("Downloaded:"):
            self.packages_done += 1
        elif re.match(r"Resolved \d+ package", text):
            self.packages_total = int(text.split()[1])
        elif text.startswith(("Installing collected packages", "Prepared ")):
            self._next("")
            self.installing = True
        return True

    def share(self, expected_bytes: int = 0) -> float:
        """Return how far it is, 0..1.

        Args:
            expected_bytes: What is to come over the network, where bytes tell more than packages; 0: count packages.
        """
        if self.installing:
            return DOWNLOADED
        if expected_bytes:
            return DOWNLOADED * min((self._finished_bytes + self.done) / expected_bytes, 1.0)
        return DOWNLOADED * min(self.packages_done / self.packages_total, 1.0) if self.packages_total else 0.0

    def _download(self, text: str) -> None:
        self.downloading = True
        found = re.match(r"Downloading (\S+?)(?:-\d\S*)? \(([\d.]+) ?([kMGTi]*B)\)", text)
        if found:
            self._next(urllib.parse.unquote(found[1].rsplit("/", 1)[-1]))
            self.total = int(float(found[2]) * _UNITS[found[3].lower()])

    def _next(self, name: str) -> None:
        self._finished_bytes += self.total if self.total else 0
        self.name, self.done, self.total = name, 0, 0


def _package(text: str) -> str:
    """Return the package that "Collecting name==1.0 (from …)" or "Processing /a b/name-1.0-….whl (from …)" is about."""
    wheel = re.search(r"([^/\\]+?)-\d[^/\\]*\.whl", text)
    return wheel[1] if wheel else re.split(r"[ =<>!~;\[(]", text.split(": ")[-1].split(" ", 1)[-1])[0]
