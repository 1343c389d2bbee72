"""Builds the engine's environment, or mends what is there: the same steps, each of which skips what is already right.

Order: room on the disk, a Python, an empty environment, the locked list, torch, verification, the ready mark. Whatever
ends a build early leaves no mark, and the next build goes on from there.
"""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, List, Optional, Tuple

from ..errors import EngineError, GraftError, OfflineError
from ..home import graft_home
from ..switches import is_offline
from . import folders, network
from .build_log import BuildLog
from .children import CancelFlag, run_child
from .environment import child_environment
from .install_errors import WHEELS_REMEDY, install_error, is_network
from .installers import PIP_TRUSTS_SYSTEM, Installer, InstallOutput, find_uv, pip_words
from .mend import forget_broken
from .pythons import PREFERRED, BasePython, find_base_python
from .ready import Mark, drop_mark, env_folder, env_python, write_mark
from .recipe import Recipe, Sources, engine_recipe, requirements
from .room import check_room, wants_cuda
from .verify import Verified, verify

STEPS = {"space": (0, 1), "python": (1, 4), "packages": (4, 34), "torch": (34, 90), "verify": (90, 100)}
"""Each step's part of the percentage."""

LOG_NAME = "engine-setup.log"
_SEPARATE = "import sys; sys.exit(sys.prefix == sys.base_prefix)"


@dataclass(frozen=True)
class BuildProgress:
    """Where a build stands.

    Attributes:
        step: A key of `STEPS`.
        name: The package it is busy with; may be empty.
        done, total: Of `unit`; total 0 where it is unknown.
        unit: "bytes", "packages", or empty.
        percent: Of the whole build.
    """

    step: str
    name: str = ""
    done: int = 0
    total: int = 0
    unit: str = ""
    percent: float = 0.0


Report = Callable[[BuildProgress], None]


@dataclass(frozen=True)
class BuildRequest:
    """What to build.

    Attributes:
        recipe: What is installed.
        sources: Where from.
        home: GRAFT's folder.
        root: The folder that holds `graft_plugin`.
        python: The Python to build with; empty: found.
        fresh: Whether to delete the environment that is there first.
        use_uv: Whether a uv that is found may be used.
    """

    recipe: Recipe = field(default_factory=engine_recipe)
    sources: Sources = field(default_factory=Sources)
    home: Path = field(default_factory=graft_home)
    root: Path = field(default_factory=lambda: Path(__file__).resolve().parents[2])
    python: str = ""
    fresh: bool = False
    use_uv: bool = True


def build_engine(request: BuildRequest, report: Report, cancelled: CancelFlag) -> Mark:
    """Build the environment, or mend it, and mark it as ready.

    Args:
        request: What to build.
        report: Told of progress, in the calling thread.
        cancelled: Asked throughout; once it is true, the call ends within a second, and all processes are gone.

    Raises:
        Cancelled: On request; what has come is kept for the next build.
        OfflineError: The offline switch is on, and no folder of wheels was given.
        EngineError: What went wrong, and what to do.
    """
    if (request.sources.offline or is_offline()) and request.sources.wheels is None:
        raise OfflineError(
            "the engine's packages have to be downloaded, and the offline switch is on",
            remedy="Switch it off in QGIS's options, GRAFT; or choose “Use a folder of wheels”.",
        )
    folders.make_folder(request.home)
    with folders.only_one(request.home / "engine-setup.lock"), BuildLog(request.home / LOG_NAME) as log:
        try:
            mark = _Build(request, report, cancelled, log).run()
            log.write("ready")
            return mark
        except GraftError as error:
            log.write(f"ended: {error}")
            raise
        except OSError as error:
            log.write(f"ended: {error}")
            raise EngineError(
                f"the engine's folder cannot be written to ({error.strerror or error})",
                remedy="Make room, or name another folder in the environment variable GRAFT_HOME; then retry.",
                path=str(error.filename or request.home),
            ) from error


class _Build:
    """One build under way."""

    def __init__(self, request: BuildRequest, report: Report, cancelled: CancelFlag, log: BuildLog) -> None:
        self.request = request
        self.report = report
        self.cancelled = cancelled
        self.log = log
        self.env = env_folder(request.home)
        self.work = request.home / "engine-setup"
        self.vars = network.installer_environment(request.sources, self.work)
        self.made = False

    def run(self) -> Mark:
        """Go through all steps; once more from nothing where mending what was there did not help."""
        self._install_all(self.request.fresh)
        try:
            found = self._verified()
        except EngineError as error:
            if self.made:
                raise
            self.log.write(f"mending did not help ({error}); building anew")
            self._install_all(fresh=True)
            found = self._verified()
        built = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        mark = Mark(self.request.recipe.digest, found.python, found.versions, found.device, built)
        write_mark(self.env, mark)
        shutil.rmtree(self.work, ignore_errors=True)
        return mark

    def _install_all(self, fresh: bool) -> None:
        folders.sweep(self.request.home)
        self._make_room()
        if self.env.exists():
            drop_mark(self.env)
        if fresh:
            folders.remove_folder(self.env)
        try:
            installer = self._environment()
            self._packages(installer)
            self._torch(installer)
        finally:
            shutil.rmtree(self.work / "tmp", ignore_errors=True)

    def _make_room(self) -> None:
        self._tell("space", 0.0)
        cuda = wants_cuda(self.request.sources)
        check_room(self.request.recipe, self.request.home, cuda)
        self.log.write(f"for {'CUDA' if cuda else 'the CPU'}, into {self.env}")
        shutil.rmtree(self.work / "tmp", ignore_errors=True)
        folders.make_folder(self.work / "tmp")
        for source in (self.request.recipe.packages, self.request.recipe.torch):
            shutil.copyfile(source, self.work / source.name)

    def _environment(self) -> Installer:
        """Return the installer of an environment that works, making one where there is none."""
        self._tell("python", 0.0)
        uv = find_uv() if self.request.use_uv else None
        python = env_python(self.env)
        if python.exists() and self._runs([str(python), "-I", "-c", _SEPARATE]):
            broken = forget_broken(self.env, self.cancelled)
            if broken:
                self.log.write(f"half-written, to be installed anew: {', '.join(broken)}")
        else:
            folders.remove_folder(self.env)
            self._make(uv)
        if uv is not None:
            return Installer(self.env, uv)
        if not self._runs([*pip_words(self.env), "--version"]):
            self._do([str(python), "-I", "-m", "ensurepip", "--default-pip"], "pip cannot be put into the environment")
        return self._with_new_pip()

    def _make(self, uv: Optional[Path]) -> None:
        try:
            base: Optional[BasePython] = find_base_python(self.cancelled, self.request.python)
        except EngineError:
            if uv is None or self.request.python or self.request.sources.wheels is not None:
                raise
            base = None  # uv brings one
        if uv is not None:
            version = ".".join(map(str, PREFERRED[0]))
            words = [str(uv), "venv", "--python", str(base.path) if base else version, str(self.env)]
        else:
            assert base is not None
            words = [str(base.path), "-I", "-m", "venv", str(self.env)]
        self.made = True
        self._do(words, "the environment cannot be made")

    def _with_new_pip(self) -> Installer:
        """Return the environment's pip, renewed where it is too old for the system's trust store; may stay old."""
        version = self._pip_version()
        if version < PIP_TRUSTS_SYSTEM and self.request.sources.wheels is None:
            installer = Installer(self.env, None, version)
            folders.replace_text(self.work / "pip.txt", f"pip>={'.'.join(map(str, PIP_TRUSTS_SYSTEM))}\n")
            words = [*installer.words("pip.txt", self.request.sources), "--upgrade"]
            run_child(words, self.vars, self.log.write, self.cancelled, self.work)
            version = self._pip_version()
        return Installer(self.env, None, version)

    def _pip_version(self) -> Tuple[int, int]:
        lines: List[str] = []
        run_child([*pip_words(self.env), "--version"], self.vars, lines.append, self.cancelled)
        found = re.match(r"pip (\d+)\.(\d+)", lines[-1] if lines else "")
        return (int(found[1]), int(found[2])) if found else (0, 0)

    def _packages(self, installer: Installer) -> None:
        recipe = self.request.recipe
        output = InstallOutput(len(requirements(recipe.packages)))
        self._install("packages", installer.words(recipe.packages.name, self.request.sources), output, 0)

    def _torch(self, installer: Installer) -> None:
        """Install torch and torchvision in one call: without CUDA where that will do and its index answers."""
        recipe, sources = self.request.recipe, self.request.sources
        small = not network.has_nvidia_driver() and sources.torch_index and sources.wheels is None
        if small:
            output = InstallOutput()
            words = installer.words(recipe.torch.name, sources, sources.torch_index, deps=True)
            try:
                self._install("torch", words, output, recipe.download_bytes[0])
                return
            except EngineError as error:
                if output.downloading or not is_network(error):
                    raise
                self.log.write(f"{sources.torch_index} does not answer ({error}); taking the default index")
                check_room(recipe, self.request.home, network.default_has_cuda())
        words = installer.words(recipe.torch.name, sources, deps=True)
        expected = 0 if sources.wheels is not None else recipe.download_bytes[network.default_has_cuda()]
        self._install("torch", words, InstallOutput(), expected)

    def _install(self, step: str, words: List[str], output: InstallOutput, expected_bytes: int) -> None:
        self.log.write(" ".join(words))

        def hear(line: str) -> None:
            if output.take(line):
                self.log.write(line)
            share = output.share(expected_bytes)
            if output.installing:
                self._tell(step, share)
            elif output.total:
                self._tell(step, share, output.name, output.done, output.total, "bytes")
            else:
                self._tell(step, share, output.name, output.packages_done, output.packages_total, "packages")

        self._tell(step, 0.0)
        status = run_child(words, self.vars, hear, self.cancelled, self.work)
        if status:
            sources = self.request.sources
            raise install_error(output.lines, status, self.env, sources.wheels, self.log.path)

    def _verified(self) -> Verified:
        recipe = self.request.recipe

        def hear(done: int, total: int, name: str) -> None:
            self._tell("verify", done / (total + 1), name, done, total, "packages")

        self._tell("verify", 0.0)
        python = env_python(self.env)
        return verify(
            python, self.request.root, recipe.modules, recipe.golden, self.cancelled, hear, self.log.write, own=True
        )

    def _runs(self, words: List[str]) -> bool:
        try:
            return run_child(words, child_environment(), self.log.write, self.cancelled) == 0
        except EngineError:
            return False

    def _do(self, words: List[str], problem: str) -> None:
        lines: List[str] = []

        def hear(line: str) -> None:
            lines.append(line)
            self.log.write(line)

        self.log.write(" ".join(words))
        if run_child(words, self.vars, hear, self.cancelled, self.work):
            error = install_error(lines, 1, self.env, self.request.sources.wheels, self.log.path)
            raise EngineError(f"{problem}: {error.message}", remedy=error.remedy or WHEELS_REMEDY, path=str(self.env))

    def _tell(self, step: str, share: float, name: str = "", done: int = 0, total: int = 0, unit: str = "") -> None:
        start, end = STEPS[step]
        self.report(BuildProgress(step, name, done, total, unit, start + share * (end - start)))
