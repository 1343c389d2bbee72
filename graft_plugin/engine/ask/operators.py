"""Arithmetic and comparisons of a plan: of numbers, and a few of texts and lists; each bounded before it is made."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from ...errors import PlanError
from .budget import Budget
from .kinds import number

_PLAIN = (bool, int, float, str)


def arithmetic(budget: Budget, op: ast.operator, left: Any, right: Any) -> Any:  # noqa: ANN401 - any value of a plan
    """Return `left op right`: of numbers, or the sum of two texts or of two lists.

    Raises:
        PlanError: Such values have no such operation, or the result is beyond a limit.
    """
    if isinstance(op, ast.Add):
        if isinstance(left, str) and isinstance(right, str):
            budget.text(len(left) + len(right))
            return left + right
        if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
            budget.objects(len(left) + len(right))
            return [*left, *right]
    a, b = (number(value, "what is reckoned with") for value in (left, right))
    try:
        return _power(budget, a, b) if isinstance(op, ast.Pow) else budget.number(_ARITHMETIC[type(op)](a, b))
    except ZeroDivisionError:
        raise PlanError("a division by zero") from None


def same(a: Any, b: Any) -> bool:  # noqa: ANN401
    """Return whether two numbers or texts are equal, or two other values one and the same."""
    return bool(a == b) if isinstance(a, _PLAIN) and isinstance(b, _PLAIN) else a is b


def in_order(op: ast.cmpop, a: Any, b: Any) -> bool:  # noqa: ANN401
    """Return whether `a op b`, of numbers, for one of < <= > >=."""
    return bool(_ORDER[type(op)](number(a, "what is compared"), number(b, "what is compared")))


def _power(budget: Budget, a: float, b: float) -> float:
    """Return a power, reckoned with floats first, which cannot grow beyond bounds."""
    try:
        value = float(a) ** float(b)
    except OverflowError:
        value = float("inf")
    if isinstance(value, complex):
        raise PlanError("a root of a negative number")
    budget.number(value)
    return a**b if isinstance(a, int) and isinstance(b, int) and 0 <= b <= 64 else value


_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
