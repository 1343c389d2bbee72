"""What a scene needs, inside QGIS: the window laid out, waiting, finding widgets, pictures. QGIS's Python runs this."""

from __future__ import annotations

import os
import time
import traceback
from typing import Any, Callable, Dict, List, Optional

from qgis.core import QgsApplication, QgsMapLayer, QgsProject, QgsRasterLayer, QgsSettings
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QPoint, QRect, QTimer
from qgis.PyQt.QtWidgets import QAbstractButton, QAction, QApplication, QDialog, QDockWidget, QMenu, QWidget
from qgis.utils import iface

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUNDLED_SCENE = os.path.join(ROOT, "resources", "scenes", "farmland.tif")
WAIT_S = 300
HIDDEN_DOCKS = ("Browser", "MessageLog", "LayerOrder", "ProcessingToolbox", "UserProfile")
HIDDEN_BARS = ("mPluginToolBar", "mDatabaseToolBar", "mLabelToolBar", "mDigitizeToolBar", "mAdvancedDigitizeToolBar",
               "mSnappingToolBar", "mVectorToolBar", "mWebToolBar", "mHelpToolBar", "mSelectionToolBar",
               "mDataSourceManagerToolBar", "mShapeDigitizeToolBar", "mMeshToolBar", "mAnnotationsToolBar")  # fmt: skip

Scene = Callable[["Stage"], None]
SCENES: Dict[str, Scene] = {}


def scene(function: Scene) -> Scene:
    """Register a scene under its function's name, which names its picture."""
    SCENES[function.__name__.replace("_", "-")] = function
    return function


class Stage:
    """One scene's QGIS: an empty project in a tidy window.

    Args:
        name: The scene's; its picture's.
        images: Folder of the pictures.
        work: Folder for files that a scene writes.
    """

    def __init__(self, name: str, images: str, work: str) -> None:
        self.name, self.images, self.work = name, images, work
        self.window = iface.mainWindow()
        QgsProject.instance().clear()
        iface.messageBar().clearWidgets()
        self.close_panel()
        self.window.setGeometry(QApplication.primaryScreen().geometry())
        for dock in self.window.findChildren(QDockWidget):
            if any(dock.objectName().startswith(hidden) for hidden in HIDDEN_DOCKS):
                dock.hide()
        for bar in HIDDEN_BARS:
            found = self.window.findChild(QWidget, bar)
            if found is not None:
                found.hide()
        self.settle()

    def wait(self, condition: Callable[[], Any], seconds: float = WAIT_S) -> None:
        """Let QGIS live until a condition holds."""
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                raise TimeoutError(f"{self.name}: waited {seconds:.0f} s in vain")
            QApplication.processEvents()
            time.sleep(0.005)

    def settle(self, seconds: float = 0.6) -> None:
        """Let QGIS draw."""
        until = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > until)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.wait(lambda: not iface.mapCanvas().isDrawing())

    def add_imagery(self, path: str = BUNDLED_SCENE, name: str = "farmland") -> QgsRasterLayer:
        """Add a raster, and show the whole of it."""
        layer = QgsProject.instance().addMapLayer(QgsRasterLayer(path, name))
        self.settle()
        iface.mapCanvas().setExtent(layer.extent())
        iface.mapCanvas().refresh()
        iface.layerTreeView().setCurrentLayer(layer)
        self.settle()
        return layer

    def find(self, kind: type, name: str, parent: Optional[QWidget] = None) -> Any:  # noqa: ANN401 - a `kind`
        """Return a widget by its class and object name."""
        found = (parent or self.window).findChild(kind, name)
        if found is None:
            raise LookupError(f"{self.name}: there is no {name}")
        return found

    def layer_menu(self, layer: QgsMapLayer) -> QMenu:
        """Open the layer tree's menu of a layer, as a right-click does, and return it."""
        view = iface.layerTreeView()
        view.setCurrentLayer(layer)
        menu = view.menuProvider().createContextMenu()
        index = view.currentIndex()
        menu.popup(view.viewport().mapToGlobal(view.visualRect(index).center() + QPoint(20, 6)))
        self.settle()
        return menu

    def with_dialog(self, open_it: Callable[[], Any], use: Callable[[QDialog], Any]) -> None:
        """Open a modal dialog and `use` it, which must close it; the dialog is moved to the window's middle."""
        problems: List[BaseException] = []

        def act() -> None:
            dialog = QApplication.activeModalWidget()
            if dialog is None:
                QTimer.singleShot(100, act)
                return
            try:
                self.centre(dialog)
                self.settle()
                use(dialog)
            except BaseException as problem:  # it would vanish in the event loop
                problems.append(problem)
                dialog.reject()

        QTimer.singleShot(300, act)
        open_it()
        if problems:
            raise problems[0]

    def centre(self, dialog: QWidget) -> None:
        """Put a window in the middle: no window manager does."""
        area = self.window.geometry()
        dialog.adjustSize()
        dialog.move(area.center() - QPoint(dialog.width() // 2, dialog.height() // 2 + 40))

    def idle(self) -> bool:
        """Return whether no task runs."""
        return QgsApplication.taskManager().countActiveTasks() == 0

    def search(self, prompts: str, output: str = "") -> None:
        """Run "Segment by prompt…" over the current layer, to its end."""
        layer = iface.activeLayer()
        view = iface.layerTreeView()
        view.setCurrentLayer(layer)
        menu = view.menuProvider().createContextMenu()
        groups = len(QgsProject.instance().layerTreeRoot().children())
        (action,) = [a for a in menu.actions() if a.objectName() == "graft_segment"]
        self.with_dialog(action.trigger, lambda dialog: fill_dialog(dialog, prompts, output).click())
        self.wait(lambda: len(QgsProject.instance().layerTreeRoot().children()) > groups and self.idle())
        self.settle(1.5)

    def open_panel(self) -> Any:  # noqa: ANN401 - GraftDock
        """Open the panel and return it."""
        self.find(QAction, "graft_panel").setChecked(True)
        panel = self.find(QDockWidget, "GraftDock")
        panel.show()
        self.settle()
        return panel

    def close_panel(self) -> None:
        """Close the panel."""
        self.find(QAction, "graft_panel").setChecked(False)

    def search_in_panel(self, *prompts: str) -> Any:  # noqa: ANN401 - GraftDock
        """Run a search from the panel, to its end; return the panel."""
        panel = self.open_panel()
        panel.search.prompts.set_prompts(prompts)
        groups = len(QgsProject.instance().layerTreeRoot().children())
        self.settle()
        panel.search.run.click()
        self.wait(lambda: len(QgsProject.instance().layerTreeRoot().children()) > groups and self.idle())
        self.settle(2)
        return panel

    def shot(self, area: Optional[QRect] = None, suffix: str = "") -> None:
        """Take the scene's picture: the whole screen, or an area of it."""
        self.settle()
        picture = QApplication.primaryScreen().grabWindow(0)
        picture = picture.copy(area) if area is not None else picture
        picture.save(os.path.join(self.images, f"{self.name}{suffix}.png"))


def fill_dialog(dialog: QDialog, prompts: str, output: str = "") -> QAbstractButton:
    """Fill the small dialog and return its Run button."""
    if hasattr(dialog.prompts, "setPlainText"):
        dialog.prompts.setPlainText(prompts)
    else:
        dialog.prompts.set_prompts(tuple(prompts.splitlines()))
    if output:
        dialog.output.setFilePath(output)
    return dialog.run


def play(names: List[str], images: str, work: str) -> None:
    """Play the named scenes of scenes.py, or all; then end QGIS."""

    def chosen() -> Dict[str, Scene]:
        import scenes  # noqa: F401 - registers them

        unknown = sorted(set(names) - set(SCENES))
        if unknown:
            raise LookupError(f"there is no scene {', '.join(unknown)}; there are {', '.join(SCENES)}")
        return {name: function for name, function in SCENES.items() if not names or name in names}

    play_all(chosen, images, work)


def play_all(chosen: Callable[[], Dict[str, Scene]], images: str, work: str) -> None:
    """Play scenes, by their pictures' names, once QGIS's event loop runs; then end QGIS."""

    def run() -> None:
        code = 1
        try:
            QgsSettings().setValue("graft/model", "mini")
            for name, function in chosen().items():
                function(Stage(name, images, work))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            QgsProject.instance().clear()
            QgsApplication.exit(code)

    QTimer.singleShot(500, run)
