"""The directions between the rooms (CONTRIBUTING.md shows the picture), enforced on the syntax tree of every module."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# room: the rooms of this project that it may import; "stdlib only" rooms import no package besides
MAY_IMPORT = {
    "plugin": {"host"},
    "host": {"host", "client", "protocol", "errors", "package"},
    "client": {"client", "protocol", "errors", "package"},
    "protocol": {"errors", "package"},
    "errors": {"package"},
    "engine": {"engine", "protocol", "errors", "package"},
    "training": {"training", "engine", "errors", "package"},
    "package": set(),
}
STDLIB_ONLY = {"plugin", "client", "protocol", "errors", "package"}
OLD_PYTHON = {"plugin", "host", "client", "protocol", "errors", "package"}
SHIPPED_WITH_QGIS = {"qgis", "osgeo", "processing"}
QT = {"PyQt5", "PyQt6", "PySide2", "PySide6", "sip"}
OURS = {"graft_plugin", "training"}


def room_of(module: str) -> str:
    """The room of a dotted module name: graft_plugin.engine.grid → engine."""
    parts = module.split(".")
    if parts[0] == "training":
        return "training"
    if parts[0] != "graft_plugin":
        return "plugin"
    return parts[1] if len(parts) > 1 and parts[1] in MAY_IMPORT else "package"


def modules(root: Path):
    """(dotted name, is it a package, path) of every module of the project."""
    if (root / "__init__.py").exists():
        yield "__init__", True, root / "__init__.py"
    for top in sorted(OURS):
        for path in sorted((root / top).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            package = parts[-1] == "__init__"
            yield ".".join(parts[:-1] if package else parts), package, path


def imports(tree: ast.AST, module: str, package: bool):
    """(absolute name or None where it climbs too far, was it relative, line) of every import, lazy ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, False, node.lineno
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or "", False, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".") if package else module.split(".")[:-1]
            climb = node.level - 1
            if module == "__init__":
                yield (node.module if not climb else None), True, node.lineno
                continue
            base = base[: len(base) - climb] if climb else base
            if not base:
                yield None, True, node.lineno
            elif node.module:
                yield ".".join([*base, node.module]), True, node.lineno
            else:
                yield from ((".".join([*base, alias.name]), True, node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in {"import_module", "__import__"} and isinstance(node.args[0].value, str):
                yield node.args[0].value.lstrip("."), node.args[0].value.startswith("."), node.lineno


def acts_on_import(tree: ast.Module):
    """Lines at module level that do something besides defining names."""
    for node in tree.body:
        if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
            yield node.lineno
        elif isinstance(node, (ast.Assign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Subscript) for target in targets):
                yield node.lineno
        elif isinstance(node, (ast.For, ast.While, ast.With)):
            yield node.lineno


def violations(root: Path) -> list[str]:
    """Every breach of the directions under `root`, as "module:line: what"."""
    found = []
    for module, package, path in modules(root):
        room = room_of(module)
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        if room in OLD_PYTHON:
            try:
                ast.parse(source, feature_version=(3, 9))
            except SyntaxError as error:
                found.append(f"{module}:{error.lineno}: is not Python 3.9 syntax")
        for name, relative, line in imports(tree, module, package):
            where = f"{module}:{line}"
            if name is None:
                found.append(f"{where}: climbs above its top package")
                continue
            top = name.split(".")[0]
            if top in OURS:
                if not relative and room not in {"training", "plugin"} and top == "graft_plugin":
                    found.append(f"{where}: must import {name} relatively")
                if room_of(name) not in MAY_IMPORT[room]:
                    found.append(f"{where}: {room} must not import {name}")
            elif top == "qgis" and room != "host":
                found.append(f"{where}: only host imports qgis")
            elif top in QT:
                found.append(f"{where}: import Qt from qgis.PyQt, in host")
            elif room == "host" and top not in SHIPPED_WITH_QGIS and top not in sys.stdlib_module_names:
                found.append(f"{where}: host must not import {name}")
            elif room in STDLIB_ONLY and top not in sys.stdlib_module_names and top != "qgis":
                found.append(f"{where}: {room} is standard library only, not {name}")
        found += [f"{module}:{line}: does something on import" for line in acts_on_import(tree) if room != "package"
                  and not module.endswith("__main__")]
    return found


def test_the_project_keeps_its_directions():
    assert list(modules(ROOT))
    assert violations(ROOT) == []


@pytest.mark.parametrize(
    ("path", "source", "words"),
    [
        ("graft_plugin/engine/a.py", "import qgis.core", "only host imports qgis"),
        ("graft_plugin/client/a.py", "def f():\n    from qgis.core import QgsProject", "only host imports qgis"),
        ("graft_plugin/host/a.py", "from PyQt5.QtCore import Qt", "qgis.PyQt"),
        ("graft_plugin/host/a.py", "import numpy", "host must not import numpy"),
        ("graft_plugin/host/a.py", "from ..engine import grid", "host must not import graft_plugin.engine"),
        ("graft_plugin/engine/a.py", "from ..host.dock import Dock", "engine must not import graft_plugin.host.dock"),
        ("graft_plugin/engine/a.py", "from .. import client", "engine must not import graft_plugin.client"),
        ("graft_plugin/engine/sub/a.py", "from ...errors import GraftError", None),
        ("graft_plugin/engine/sub/a.py", "from ....errors import GraftError", "climbs above"),
        ("graft_plugin/engine/a.py", "import training.losses", "engine must not import training"),
        ("graft_plugin/engine/a.py", "from graft_plugin.errors import GraftError", "relatively"),
        ("graft_plugin/engine/a.py", "def f():\n    importlib.import_module('qgis.core')", "only host"),
        ("graft_plugin/protocol.py", "import numpy", "standard library only"),
        ("graft_plugin/protocol.py", "from .errors import GraftError", None),
        ("graft_plugin/errors.py", "match 1:\n    case 1: pass", "3.9 syntax"),
        ("graft_plugin/errors.py", "from .protocol import Hello", "errors must not import graft_plugin.protocol"),
        ("graft_plugin/client/a.py", "import sys\nsys.path.insert(0, 'x')", "does something on import"),
        ("graft_plugin/engine/a.py", "import os\nos.environ['X'] = '1'", "does something on import"),
        ("training/a.py", "from graft_plugin.engine.sam import x", None),
        ("training/a.py", "from graft_plugin.host import x", "training must not import graft_plugin.host"),
        ("__init__.py", "def classFactory(iface):\n    from .graft_plugin.host.plugin import P\n    return P", None),
        ("__init__.py", "from .graft_plugin.engine import x", "plugin must not import graft_plugin.engine"),
        ("__init__.py", "from .. import x", "climbs above"),
    ],
)
def test_a_planted_breach_is_found(tmp_path, path, source, words):
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source + "\n")
    found = violations(tmp_path)
    assert found == [] if words is None else len(found) == 1 and words in found[0], found
