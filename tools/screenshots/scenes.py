"""The pictures of README and guide, one function each; its name names the file (`layer_menu` → layer-menu.png).

A new one: write a function under `@scene`. It gets a `Stage` with an empty project in a tidy window; `stage.shot()`
takes the picture.
"""

from __future__ import annotations

import os

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QRect, Qt
from qgis.utils import iface
from stage import Stage, fill_dialog, scene


@scene
def layer_menu(stage: Stage) -> None:
    """Right-click on a raster."""
    menu = stage.layer_menu(stage.add_imagery())
    (action,) = [a for a in menu.actions() if a.objectName() == "graft_segment"]
    menu.setActiveAction(action)
    at = menu.geometry()
    stage.shot(QRect(0, 0, max(at.right() + 300, 760), min(at.bottom() + 40, stage.window.height())))
    menu.close()


@scene
def dialog(stage: Stage) -> None:
    """The small dialog, filled."""
    menu = stage.layer_menu(stage.add_imagery())
    (action,) = [a for a in menu.actions() if a.objectName() == "graft_segment"]
    menu.close()

    def use(shown: object) -> None:
        fill_dialog(shown, "lake\nforest")
        stage.settle()
        stage.shot(shown.geometry())
        shown.reject()

    stage.with_dialog(action.trigger, use)


@scene
def results(stage: Stage) -> None:
    """What a run leaves: polygons and heatmap over the imagery."""
    stage.add_imagery()
    stage.search("lake\nforest")
    stage.shot()


@scene
def reopened(stage: Stage) -> None:
    """Exported polygons from their file, in a new project: their style, and the table of what they carry."""
    file = os.path.join(stage.work, "lakes.gpkg")
    stage.add_imagery()
    dock = stage.search_in_panel("lake")

    def use(shown: object) -> None:
        shown.file.setFilePath(file)
        shown.name.setText("lakes")
        shown.add.setChecked(False)
        shown.run.click()

    stage.with_dialog(dock.threshold.export.click, use)
    stage.wait(lambda: os.path.exists(file) and stage.idle())
    stage.close_panel()
    QgsProject.instance().clear()
    stage.add_imagery()
    polygons = QgsProject.instance().addMapLayer(QgsVectorLayer(f"{file}|layername=lakes", "lakes", "ogr"))
    config = polygons.attributeTableConfig()
    config.update(polygons.fields())
    config.setColumnHidden(polygons.fields().indexOf("source"), True)  # it would show the folders of who made this
    config.setSortExpression('"area_m2"')
    config.setSortOrder(Qt.SortOrder.DescendingOrder)
    polygons.setAttributeTableConfig(config)
    iface.messageBar().clearWidgets()
    table = iface.showAttributeTable(polygons)
    area = stage.window.geometry()
    height = 230
    table.window().setGeometry(area.left() + 20, area.bottom() - height - 40, area.width() - 40, height)
    stage.settle(1.5)
    stage.shot()
    table.window().close()
    stage.settle()


@scene
def panel(stage: Stage) -> None:
    """The panel beside what it found."""
    stage.add_imagery()
    stage.search_in_panel("lake", "forest")
    stage.shot()


@scene
def threshold(stage: Stage) -> None:
    """The threshold at work: polygons of a higher score than was found."""
    stage.add_imagery()
    dock = stage.search_in_panel("lake")
    before = dock.threshold.found.text()
    dock.threshold.value.setValue(0.85)
    stage.wait(lambda: dock.threshold.found.text() != before)
    iface.messageBar().clearWidgets()
    stage.settle(1.5)
    stage.shot()


@scene
def finetune(stage: Stage) -> None:
    """A model learning from corrected polygons: the held-out blocks on the map, the curve, before it is stopped."""
    stage.add_imagery()
    dock = stage.search_in_panel("lake", "forest")
    polygons = dock.threshold._run.polygons
    dock.teach.click()
    page = dock.finetune
    page.data.choose("polygons")
    page.data.polygons.setLayer(polygons)
    stage.settle()
    page.run.click()
    stage.wait(lambda: len(dock.session.scores) > 3)
    iface.messageBar().clearWidgets()
    stage.shot()
    dock.session.cancel()
    stage.wait(lambda: not dock.session.running)
    dock.pages.setCurrentIndex(0)


@scene
def ask(stage: Stage) -> None:
    """A question, its answer and the layers that it rests on."""
    stage.add_imagery()
    dock = stage.open_panel()
    dock.tabs.setCurrentIndex(1)
    dock.ask.question.setPlainText("How many lakes lie within 100 m of a road?")
    stage.settle()
    dock.ask.run.click()
    stage.wait(lambda: dock.ask.answer.isVisible() and stage.idle())
    iface.messageBar().clearWidgets()
    stage.settle(2)
    stage.shot()
    dock.tabs.setCurrentIndex(0)


@scene
def index(stage: Stage) -> None:
    """Chips of an index, two of them marked, and the map at a third."""
    stage.add_imagery()
    dock = stage.open_panel()
    dock.indexed.click()
    page = dock.index
    page.folder.setFilePath(os.path.join(stage.work, "farmland_index"))
    page.build.estimate.click()
    stage.wait(page.build.build.isEnabled)
    page.build.build.click()
    stage.wait(lambda: page.search.isVisible() and page.build_group.isCollapsed())
    page.near.setChecked(True)
    page.prompts.set_prompts(("lake",))
    page.search.click()
    stage.wait(lambda: page.chips.count())
    page.chips.mark(True)
    page.chips.setCurrentRow(3)
    page.chips.mark(False)
    page.chips.setCurrentRow(1)
    iface.messageBar().clearWidgets()
    stage.settle(1.5)
    stage.shot()
    dock.pages.setCurrentIndex(0)


@scene
def first_run(stage: Stage) -> None:
    """The window that sets the engine up, before it was."""
    from graft.graft_plugin.host.setup import open_setup

    home = os.environ.get("GRAFT_HOME", "")
    os.environ["GRAFT_HOME"] = "/home/ana/.local/share/graft"  # the window names the folder
    try:
        window = open_setup(iface)
        stage.centre(window)
        stage.settle(3)
        stage.shot(window.geometry())
        window.close()
    finally:
        os.environ["GRAFT_HOME"] = home
