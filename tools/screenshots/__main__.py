"""`make screenshots`: drives the desktop over the bundled scene and writes docs/images/*.png.

`python -m tools.screenshots NAME …` makes only those. The scenes are in scenes.py; they run inside QGIS, on the helpers
of stage.py. Here QGIS is started and the pictures are made small.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tools.desktop import ROOT, find_qgis, run_desktop

IMAGES = ROOT / "docs" / "images"
WORK = ROOT / "build" / "screenshots"
SCREEN_PX = (1360, 850)
COLOURS = 256

DRIVE = """
import sys
sys.path.insert(0, {folder!r})
import stage
stage.play({names!r}, {images!r}, {work!r})
"""


def make_pictures(names: list[str], images: Path) -> list[Path]:
    """Make the named pictures, or all, in `images`, and return them.

    Raises:
        SystemExit: There is no QGIS to drive, or a scene failed; its message says which.
    """
    qgis = find_qgis()
    if lacks := qgis.lacks_for_desktop():
        sys.exit(f"No pictures: {lacks}")
    images.mkdir(parents=True, exist_ok=True)
    before = {path: path.stat().st_mtime_ns for path in images.glob("*.png")}
    shutil.rmtree(WORK, ignore_errors=True)  # not in /tmp: QGIS marks what lies there as temporary
    WORK.mkdir(parents=True)
    script = WORK / "drive.py"
    script.write_text(DRIVE.format(folder=str(Path(__file__).parent), names=names, images=str(images), work=str(WORK)))
    env = {**qgis.environment(os.environ), "GRAFT_HOME": str(WORK / "home")}
    done = run_desktop(qgis, env, WORK, script, SCREEN_PX, timeout_s=900)
    if done.returncode:
        sys.exit(f"A scene failed:\n{done.stderr[-4000:]}")
    made = [path for path in sorted(images.glob("*.png")) if before.get(path) != path.stat().st_mtime_ns]
    for path in made:
        make_small(path)
    return made


def make_small(path: Path) -> None:
    """Reduce a picture to a palette: a third of the bytes, and no difference to the eye."""
    from PIL import Image

    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, kmeans=3)
    small.save(path, optimize=True)


if __name__ == "__main__":
    for made_path in make_pictures(sys.argv[1:], IMAGES):
        print(f"{made_path.relative_to(ROOT)}  {made_path.stat().st_size / 1e3:.0f} kB")
