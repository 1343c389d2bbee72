"""From the text of a plan to a syntax tree that holds nothing but the plan language.

The language is Python's assignments, `if`, `for` and expressions of names, numbers, texts, lists, arithmetic,
comparisons, boolean logic, comprehensions and calls by name. Whatever else Python has is refused here, with its line,
before anything is evaluated; the interpreter knows no other node either.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from ...errors import PlanError

MAX_CHARACTERS = 8_000
MAX_NODES = 2_000
MAX_DEPTH = 30
"""Of the tree, so that the interpreter's own recursion stays shallow."""
SCENES = ("before", "after")
"""Names that stand for the two dates."""

_NAME = re.compile(r"[A-Za-z](?!\w*__)[A-Za-z0-9_]{0,39}", re.ASCII)
_STATEMENTS = (ast.Assign, ast.AugAssign, ast.Expr, ast.For, ast.If, ast.Pass)
_EXPRESSIONS = (
    ast.BinOp, ast.BoolOp, ast.Call, ast.Compare, ast.Constant, ast.GeneratorExp, ast.IfExp, ast.List, ast.ListComp,
    ast.Name, ast.Subscript, ast.Tuple, ast.UnaryOp,
)  # fmt: skip
_PARTS = (
    ast.Add, ast.And, ast.Div, ast.Eq, ast.FloorDiv, ast.Gt, ast.GtE, ast.In, ast.Is, ast.IsNot, ast.Load, ast.Lt,
    ast.LtE, ast.Mod, ast.Module, ast.Mult, ast.Not, ast.NotEq, ast.NotIn, ast.Or, ast.Pow, ast.Store, ast.Sub,
    ast.UAdd, ast.USub, ast.comprehension, ast.keyword,
)  # fmt: skip
_WORDS = {
    ast.Attribute: "a dot after a name",
    ast.JoinedStr: "an f-string",
    ast.Lambda: "lambda",
    ast.NamedExpr: ":=",
    ast.Starred: "a star",
    ast.Slice: "a slice",
    ast.Import: "import",
    ast.ImportFrom: "import",
    ast.FunctionDef: "def",
    ast.ClassDef: "class",
    ast.While: "while",
}
REMEDY = "A plan has assignments, if, for, and calls of the listed functions; nothing else of Python."


def parse(source: str, functions: Collection[str]) -> ast.Module:
    """Return the checked syntax tree of a plan.

    Args:
        source: The plan.
        functions: Names that may be called, and stand for nothing else.

    Raises:
        PlanError: It is no Python, or holds what the plan language has not; with the line where there is one.
    """
    if len(source) > MAX_CHARACTERS:
        raise PlanError(f"the plan is longer than {MAX_CHARACTERS} characters", remedy="Make it simpler.")
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise PlanError(f"cannot be read: {error.msg}", line=error.lineno) from None
    except (ValueError, MemoryError, RecursionError):
        raise PlanError("the plan cannot be read: it is nested too deeply, or holds what is no text") from None
    for node, line in _walk(tree):
        _check(node, line, functions)
    return tree


def texts_of(tree: ast.Module) -> tuple[str, ...]:
    """Return the texts that a plan looks for as far as they stand in it as they are, each once, in order."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    found = [
        value.value
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))
        if call.func.id == "find"  # type: ignore[attr-defined]
        for value in [*call.args, *(keyword.value for keyword in call.keywords)][:1]
        if isinstance(value, ast.Constant) and isinstance(value.value, str)
    ]
    return tuple(dict.fromkeys(found))


def _walk(tree: ast.Module) -> Iterator[tuple[ast.AST, int]]:
    """Yield every node with its line, without recursion.

    Raises:
        PlanError: There are too many, or they are nested too deeply.
    """
    stack: list[tuple[ast.AST, int, int]] = [(tree, 1, 0)]
    count = 0
    while stack:
        node, line, depth = stack.pop()
        line, count = getattr(node, "lineno", line), count + 1
        if depth > MAX_DEPTH:
            raise PlanError("is nested too deeply", line=line)
        if count > MAX_NODES:
            raise PlanError("the plan is too long", remedy="Make it simpler.")
        yield node, line
        stack += [(child, line, depth + 1) for child in reversed(list(ast.iter_child_nodes(node)))]


def _check(node: ast.AST, line: int, functions: Collection[str]) -> None:
    if not isinstance(node, (*_STATEMENTS, *_EXPRESSIONS, *_PARTS)):
        what = _WORDS.get(type(node)) or type(node).__name__
        raise PlanError(f"{what} is not in the plan language", line=line, remedy=REMEDY)
    problem = None
    match node:
        case ast.Constant(value=value) if value is not None and not isinstance(value, (bool, int, float, str)):
            problem = f"{type(value).__name__} is not in the plan language"
        case ast.Name(id=name) if not _NAME.fullmatch(name):
            problem = "a name may have letters, digits and single underscores, and begins with a letter"
        case ast.Name(id=name, ctx=ast.Store()) if name in functions or name in SCENES:
            problem = f"{name} has a meaning already and cannot be another name"
        case ast.Call(func=func) if not isinstance(func, ast.Name):
            problem = "only a function's name can be called"
        case ast.Call(func=ast.Name(id=name)) if name not in functions:
            problem = f"there is no function {name[:40]}"
        case ast.keyword(arg=None):
            problem = "a double star is not in the plan language"
        case ast.Assign(targets=targets) if len(targets) > 1 or not isinstance(targets[0], ast.Name):
            problem = "one name at a time can be assigned to"
        case ast.AugAssign(target=target) | ast.For(target=target) | ast.comprehension(target=target) if not isinstance(
            target, ast.Name
        ):
            problem = "one name at a time can be assigned to"
        case ast.For(orelse=[_, *_]):
            problem = "a for has no else"
        case ast.comprehension(is_async=1):
            problem = "async is not in the plan language"
    if problem:
        raise PlanError(problem, line=line, remedy=REMEDY)
