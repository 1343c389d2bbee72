"""Where GRAFT keeps what outlives one run: the engine's environment, models, embeddings, checksums."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def graft_home() -> Path:
    r"""Return GRAFT's user-level folder, which need not exist yet.

    It is `GRAFT_HOME` where that is set, else the platform's place for application data: `%LOCALAPPDATA%\graft`,
    `~/Library/Application Support/graft`, or `$XDG_DATA_HOME/graft` (`~/.local/share/graft`).
    """
    own = os.environ.get("GRAFT_HOME")
    if own:
        return Path(own).expanduser()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "graft"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "graft"
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "graft"
