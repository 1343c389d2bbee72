"""A QGIS of this machine: where it is, and its desktop, run by a script on a screen of its own.

The host's tests, `make screenshots` and `make demo` start QGIS through this. `GRAFT_TEST_QGIS_ROOT` names the folder of
another QGIS than the installed one, unpacked from its packages (tools/qgis_next.sh makes one); `GRAFT_TEST_QGIS_PYTHON`
the interpreter that has its bindings. Standard library only.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCREEN_PX = (1400, 900)
TIMEOUT_S = 280
FOREIGN = ("PYTHON", "GDAL", "PROJ", "LD_", "QGIS", "VIRTUAL_ENV", "CONDA")
"""Starts of variables that would lead QGIS to another Python's or another build's libraries."""

STARTUP = """
import sys, traceback
import qgis.utils
qgis.utils.showException = lambda kind, value, trace, *rest, **more: traceback.print_exception(kind, value, trace)
sys.excepthook = traceback.print_exception
"""
"""Without a window manager, the box that QGIS opens for an uncaught exception would hang it."""


@dataclass(frozen=True)
class Qgis:
    """One QGIS.

    Attributes:
        root: `/` for the installed one, else the folder that its packages were unpacked into.
        python: The interpreter that imports `qgis`.
    """

    root: Path
    python: str

    @property
    def prefix(self) -> Path:
        """QGIS's own prefix path."""
        return self.root / "usr"

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return `base` as this QGIS needs it: no other Python's variables, its own libraries first."""
        env = {name: value for name, value in base.items() if not name.startswith(FOREIGN)}
        env |= {"QGIS_PREFIX_PATH": str(self.prefix), "PYTHONDONTWRITEBYTECODE": "1", "LIBGL_ALWAYS_SOFTWARE": "1"}
        if self.root != Path("/"):
            libraries = [self.prefix / "lib", *sorted((self.prefix / "lib").glob("*-linux-gnu"))]
            libraries += [folder / "pulseaudio" for folder in libraries if (folder / "pulseaudio").is_dir()]
            modules = (self.prefix / "lib" / "python3" / "dist-packages", self.prefix / "share" / "qgis" / "python")
            env["LD_LIBRARY_PATH"] = os.pathsep.join(map(str, libraries))
            env["PYTHONPATH"] = os.pathsep.join(map(str, modules))
            env["PATH"] = os.pathsep.join([str(self.prefix / "bin"), env.get("PATH", os.defpath)])
        return env

    def program(self, name: str) -> str | None:
        """Return the path of one of its programs, or of another that the system has; None: there is none."""
        return shutil.which(name, path=self.environment(os.environ).get("PATH"))

    def works(self) -> bool:
        """Return whether its bindings can be imported; looked at once."""
        return _imports_qgis(self)

    def lacks_for_desktop(self) -> str:
        """Return what its desktop would need and is missing, as a sentence; empty: nothing."""
        missing = [name for name in ("qgis.bin", "Xvfb") if self.program(name) is None]
        if not missing and self.works():
            return ""
        named = " and no ".join(missing) or f"qgis for {self.python}"
        return f"there is no {named}; on Debian: apt-get install qgis python3-qgis xvfb"


def find_qgis() -> Qgis:
    """Return the QGIS that the variables name, else the installed one; whether it works is another question."""
    root = Path(os.environ.get("GRAFT_TEST_QGIS_ROOT") or "/").resolve()
    return Qgis(root, os.environ.get("GRAFT_TEST_QGIS_PYTHON") or "/usr/bin/python3")


@functools.cache
def _imports_qgis(qgis: Qgis) -> bool:
    try:
        words, env = [qgis.python, "-c", "import qgis.core"], qgis.environment(os.environ)
        return subprocess.run(words, env=env, capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@contextlib.contextmanager
def display(size_px: tuple[int, int] = SCREEN_PX) -> Iterator[str]:
    """Give a screen of its own, as the value of `DISPLAY`."""
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{size_px[0]}x{size_px[1]}x24", "-nolisten", "tcp"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as numbers:
            yield f":{numbers.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def plugin_folder(folder: Path) -> Path:
    """Make `folder` one that QGIS finds this checkout in, as the plugin `graft`."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "graft").exists():
        (folder / "graft").symlink_to(ROOT)
    return folder


def desktop_words(folder: Path, script: Path, locale: str = "") -> tuple[list[str], dict[str, str]]:
    """Return the command that runs `script` in QGIS's window, and variables for it.

    Args:
        folder: Where the fresh profile is made.
        script: Python that QGIS runs once its window is there; it must end QGIS.
        locale: QGIS's language, such as "ko"; empty: English.
    """
    profile = folder / "profiles" / "t" / "QGIS"
    profile.mkdir(parents=True)
    language = f"[locale]\noverrideFlag=true\nuserLocale={locale or 'en_US'}\n"
    quiet = "[qgis]\ncheckVersion=false\n\n[fonts]\ndownloadMissingFonts=false\n"
    settings = f"[PythonPlugins]\ngraft=true\n\n{quiet}\n{language}"
    for name in ("QGIS3.ini", "QGIS4.ini"):
        (profile / name).write_text(settings)
    (folder / "startup.py").write_text(STARTUP)
    words = ["qgis.bin", "--nologo", "--noversioncheck", "--profiles-path", str(folder), "--profile", "t"]
    return [*words, "--code", str(script)], {"PYQGIS_STARTUP": str(folder / "startup.py")}


def run_desktop(
    qgis: Qgis,
    env: Mapping[str, str],
    folder: Path,
    script: Path,
    size_px: tuple[int, int] = SCREEN_PX,
    timeout_s: int = TIMEOUT_S,
    locale: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run a script in QGIS's window on a screen of its own, and wait for QGIS's end.

    Args:
        qgis: Which.
        env: Its environment, from `Qgis.environment`; the engine's Python is taken from `GRAFT_ENGINE_PYTHON`.
        folder: For its profile.
        script: See `desktop_words`.
        size_px: Width and height of the screen.
        timeout_s: When QGIS is killed.
        locale: QGIS's language; empty: English.
    """
    words, more = desktop_words(folder, script, locale)
    own = {"QGIS_PLUGINPATH": str(plugin_folder(folder / "plugins")), "GRAFT_ENGINE_PYTHON": sys.executable}
    program = qgis.program(words[0]) or words[0]
    with display(size_px) as screen:
        return subprocess.run(
            ["timeout", "-k", "5", str(timeout_s), program, *words[1:]],
            env={**own, **env, **more, "DISPLAY": screen},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s + 30,
        )
