"""What the engine's environment is made of, and where that comes from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Tuple

from .environment import MODULES

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
"""Where torch without CUDA comes from: a tenth of the bytes, for machines that have no NVIDIA driver."""

GOLDEN = "from graft_plugin.engine.selfcheck import check; found.update(check())"


@dataclass(frozen=True)
class Recipe:
    """What is installed.

    Attributes:
        packages: The locked list, one exact requirement a line, the closure of everything but torch.
        torch: torch and torchvision, installed together after the rest.
        modules: What must be importable from inside the environment.
        golden: Code that the finished environment runs; it fills `found`. Empty: none.
        needed_bytes: Room on the disk for the build, without and with CUDA: the finished environment, and what comes
            over the network twice, in the installer's cache and unpacked from it.
        download_bytes: What comes over the network, likewise.

    With CUDA (Linux, Python 3.12, torch 2.14) 3.19 GB came and 6.36 GB were left. Without it 0.18 GB, 0.8 GB unpacked,
    are torch's company; torch itself was measured by its wheel alone, 0.19 GB and 0.70 unpacked.
    """

    packages: Path
    torch: Path
    modules: Tuple[str, ...] = MODULES
    golden: str = GOLDEN
    needed_bytes: Tuple[int, int] = (2_500_000_000, 13_000_000_000)
    download_bytes: Tuple[int, int] = (400_000_000, 3_200_000_000)

    @property
    def digest(self) -> str:
        """SHA-256 of both lists."""
        return hashlib.sha256(self.packages.read_bytes() + b"\0" + self.torch.read_bytes()).hexdigest()


def engine_recipe(root: Optional[Path] = None) -> Recipe:
    """Return the recipe that this version of GRAFT ships.

    Args:
        root: The folder that holds `resources`; None: where this code lies.
    """
    resources = (root or Path(__file__).resolve().parents[2]) / "resources"
    return Recipe(resources / "engine-requirements.txt", resources / "engine-torch.txt")


def requirements(path: Path) -> Tuple[Tuple[str, str], ...]:
    """Return (name, exact version) of each line of a list; markers are left out."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        wanted = line.split("#")[0].split(";")[0].strip()
        if wanted:
            name, _, version = wanted.partition("==")
            found.append((name.strip(), version.strip()))
    return tuple(found)


@dataclass(frozen=True)
class Sources:
    """Where packages come from.

    Attributes:
        wheels: A folder of wheels; the network is then not used at all.
        index: A package index; empty: the installer's own default, the user's configuration included.
        torch_index: Tried first for torch where there is no NVIDIA driver; empty: never.
        proxy: Address of a proxy, "http://user:password@host:port"; empty: what the environment says.
        offline: True: refuse whatever needs the network.
        timeout_s: How long a server may be silent.
        retries: How often a connection is tried again.
    """

    wheels: Optional[Path] = None
    index: str = ""
    torch_index: str = CPU_INDEX
    proxy: str = ""
    offline: bool = False
    timeout_s: int = 20
    retries: int = 4
