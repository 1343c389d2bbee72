"""The page that leads from each rule to its function and its test: what it names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def names(path: Path) -> set[str]:
    """Functions and classes of a module, methods as Class.method."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
            found |= {f"{node.name}.{part.name}" for part in ast.walk(node) if isinstance(part, ast.FunctionDef)}
    return found


def test_every_rule_on_ground_photos_leads_to_a_function_and_a_test():
    page = (ROOT / "docs" / "training" / "collection.md").read_text(encoding="utf-8")
    part = page.split("## Ground photos")[1].split("## Tiles")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert len(rows) > 10
    for rule, functions, test in rows[2:]:
        for place in re.findall(r"`([^`]+)`", functions):
            module, name = place.split(".", 1)
            assert name in names(ROOT / "training" / "collect" / f"{module}.py"), (rule, place)
        file, name = test.strip("`").split("::")
        assert name in names(Path(__file__).with_name(file)), (rule, test)
