"""The end of `make demo`: its result in QGIS, as the plugin shows it, in build/demo/qgis.png and demo.qgz.

It never fails the demo: where QGIS cannot be had, it says so. Arguments: the raster and the prompt.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.desktop import ROOT, find_qgis, run_desktop

DEMO = ROOT / "build" / "demo"
SCREEN_PX = (1360, 850)
TIMEOUT_S = 180

DRIVE = """
import json, sys
sys.path.insert(0, {folder!r})
import stage
from qgis.core import QgsProject, QgsRasterBandStats, QgsRasterLayer
from qgis.PyQt.QtCore import QFileInfo
def show(at):
    from graft.graft_plugin.host.layers import add_results
    raster, prompt, heatmap, masks, project = json.loads({args!r})
    imagery = at.add_imagery(raster, QFileInfo(raster).completeBaseName())
    layer = QgsRasterLayer(heatmap)
    maximum = layer.dataProvider().bandStatistics(1, QgsRasterBandStats.Stats.Max).maximumValue
    found = dict(prompt=prompt, maximum=maximum)
    add_results(QgsProject.instance(), dict(prompts=[found], model="mini", heatmap=heatmap, masks=masks, layer="graft"),
                imagery.name())
    at.settle(1.5)
    at.shot()
    QgsProject.instance().write(project)
stage.play_all(lambda: dict(qgis=show), {images!r}, {images!r})
"""


def make_picture(raster: Path, prompt: str) -> str:
    """Open the demo's files in QGIS and save what it shows; return what is to be said about it."""
    qgis = find_qgis()
    if lacks := qgis.lacks_for_desktop():
        return f"qgis     not opened in QGIS: {lacks}"
    picture, project = DEMO / "qgis.png", DEMO / "demo.qgz"
    picture.unlink(missing_ok=True)
    args = [str(path) for path in (raster.resolve(), prompt, DEMO / "heatmap.tif", DEMO / "masks.gpkg", project)]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "drive.py"
        stage = str(ROOT / "tools" / "screenshots")
        script.write_text(DRIVE.format(folder=stage, args=json.dumps(args), images=str(DEMO)))
        env = qgis.environment(os.environ)
        try:
            done = run_desktop(qgis, env, Path(folder), script, SCREEN_PX, TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return "qgis     QGIS did not end in time: no picture of it"
    if not picture.exists():
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        return f"qgis     QGIS showed nothing (exit status {done.returncode}): {last}"
    if sys.stdout.isatty() and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        subprocess.Popen([qgis.program("qgis.bin") or "qgis", project], env=env, start_new_session=True,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    return f"qgis     {picture.relative_to(ROOT)}; to look around: qgis {project.relative_to(ROOT)}"


if __name__ == "__main__":
    print(make_picture(Path(sys.argv[1]), sys.argv[2]))
