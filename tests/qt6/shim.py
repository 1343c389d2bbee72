"""`qgis` without QGIS: Qt 6 through PyQt6 as it is, and stand-ins for QGIS's own classes that take whatever is asked.

What is proved with it is Qt's side alone: names, enums, signals, layouts and clicks under Qt 6. What QGIS answers is
proved in real QGIS, in tests/host.
"""

from __future__ import annotations

import sys
import types

from PyQt6 import QtCore, QtGui, QtNetwork, QtWidgets, QtXml

MOVED = ("QAction", "QActionGroup", "QShortcut", "QFileSystemModel", "QUndoCommand", "QUndoStack")
"""Classes of QtGui in Qt 6 that `qgis.PyQt.QtWidgets` has there, too, as in Qt 5."""


class Anything(str):
    """Takes any call, has any attribute, and is a text where Qt wants one."""

    def __new__(cls, *args, **kwargs):
        return super().__new__(cls, "anything")

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return Anything()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __iter__(self):
        return iter(())

    def __bool__(self):
        return False

    def __or__(self, other):
        return self

    __ror__ = __and__ = __or__

    def __add__(self, other):
        return str(self) + other if isinstance(other, str) else other

    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __add__

    def __lt__(self, other):
        return False

    __gt__ = __le__ = __ge__ = __lt__

    def __format__(self, how):
        return str(self)

    def __float__(self):
        return 0.0

    def __int__(self):
        return 0

    __index__ = __int__


class Iface(Anything):
    """QGIS's window."""

    def mainWindow(self):
        """The one thing of it that Qt itself gets to see."""
        if not hasattr(Iface, "window"):
            Iface.window = QtWidgets.QMainWindow()
        return Iface.window


class Layer(Anything):
    """A raster layer with a file."""

    def source(self):
        return "/data/farm.tif"


class _Open(type):
    """Gives a class any attribute, such as QGIS's enums."""

    def __getattr__(cls, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return Anything()


class _OpenQt(type(QtCore.QObject), _Open):
    """The same for a class of Qt."""


def _open_widget(name, base):
    def lenient(self, attribute):
        if attribute.startswith("_"):
            raise AttributeError(attribute)
        return Anything()

    def __init__(self, *args, **kwargs):
        titled = issubclass(base, (QtWidgets.QDockWidget, QtWidgets.QGroupBox))
        base.__init__(self, *[arg for arg in args if titled and type(arg) is str])

    return _OpenQt(name, (base,), {"__getattr__": lenient, "__init__": __init__, "currentLayer": lambda self: None})


class _FileWidget(QtWidgets.QWidget, metaclass=_OpenQt):
    """QgsFileWidget: a line with a path."""

    fileChanged = QtCore.pyqtSignal(str)

    def __init__(self, parent=None):
        super().__init__(parent)
        self._line = QtWidgets.QLineEdit(self)

    def lineEdit(self):
        return self._line

    def filePath(self):
        return self._line.text()

    def setFilePath(self, path):
        self._line.setText(path)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return Anything()


class Application(Anything, metaclass=_Open):
    """QgsApplication."""

    @staticmethod
    def getThemeIcon(name):
        return QtGui.QIcon()


_KEPT = {}


class Settings:
    """QgsSettings in memory."""

    def value(self, key, default=None, *args, **kwargs):
        return _KEPT.get(key, default)

    def setValue(self, key, value, *args):
        _KEPT[key] = value

    def remove(self, key):
        _KEPT.pop(key, None)


_WIDGETS = {
    "QgsDockWidget": QtWidgets.QDockWidget,
    "QgsCollapsibleGroupBox": QtWidgets.QGroupBox,
    "QgsCollapsibleGroupBoxBasic": QtWidgets.QGroupBox,
    "QgsMapLayerComboBox": QtWidgets.QComboBox,
    "QgsDoubleSpinBox": QtWidgets.QDoubleSpinBox,
    "QgsSpinBox": QtWidgets.QSpinBox,
    "QgsFilterLineEdit": QtWidgets.QLineEdit,
    "QgsOptionsPageWidget": QtWidgets.QWidget,
    "QgsOptionsWidgetFactory": QtCore.QObject,
    "QgsMapTool": QtCore.QObject,
    "QgsTask": QtCore.QObject,
}


class _Module(types.ModuleType):
    """A module that makes the class that is asked for."""

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if name in _WIDGETS:
            made = _open_widget(name, _WIDGETS[name])
        elif self.__name__ == "qgis.gui" and name.endswith(("Widget", "Button", "Edit", "Box", "Bar")):
            made = _open_widget(name, QtWidgets.QWidget)
        else:
            made = _Open(name, (Anything,), {})
        setattr(self, name, made)
        return made


def install() -> None:
    """Put the modules where `import qgis` finds them."""
    widgets = types.ModuleType("qgis.PyQt.QtWidgets")
    widgets.__dict__.update({k: v for k, v in vars(QtWidgets).items() if not k.startswith("__")})
    widgets.__dict__.update({name: getattr(QtGui, name) for name in MOVED if hasattr(QtGui, name)})
    top, qt = types.ModuleType("qgis"), types.ModuleType("qgis.PyQt")
    top.__path__, qt.__path__ = [], []
    core, gui = _Module("qgis.core"), _Module("qgis.gui")
    core.QgsApplication, core.QgsSettings, core.NULL, gui.QgsFileWidget = Application, Settings, None, _FileWidget
    modules = {"qgis": top, "qgis.PyQt": qt, "qgis.core": core, "qgis.gui": gui, "qgis.utils": _Module("qgis.utils"),
               "processing": _Module("processing"), "qgis.PyQt.QtCore": QtCore, "qgis.PyQt.QtGui": QtGui,
               "qgis.PyQt.QtWidgets": widgets, "qgis.PyQt.QtNetwork": QtNetwork, "qgis.PyQt.QtXml": QtXml}  # fmt: skip
    for name in ("osgeo", "osgeo.gdal", "osgeo.ogr", "osgeo.osr"):
        modules[name] = _Module(name)
    for name, module in modules.items():
        sys.modules[name] = module
        if "." in name:
            parent, child = name.rsplit(".", 1)
            setattr(sys.modules[parent], child, module)
