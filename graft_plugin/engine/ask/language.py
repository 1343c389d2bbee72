"""The interpreter of plans: walks a checked syntax tree; no part of a plan is ever compiled or executed.

A plan ends with its first `answer`. Every function's result that is a set of regions, outside of loops, is kept as a
step of the trace: under the name that it is assigned to, or under one made of the call.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Optional

from ...errors import PlanError
from ..progress import CancelToken
from .budget import Budget, Limits
from .finder import Change, Finder, Region
from .functions import FUNCTIONS, Answer, Context
from .geometry import Regions
from .kinds import Scene, as_regions, kind_of, number
from .operators import arithmetic, in_order, same
from .syntax import SCENES, parse

__all__ = ["Answer", "Limits", "Named", "Outcome", "run_plan"]

MAX_STEPS = 60
"""Of the trace."""


@dataclass(frozen=True)
class Named:
    """A named intermediate.

    Attributes:
        name: Its name, unique in the trace, whether or not capitals count.
        call: The expression that made it.
        regions: What it is.
    """

    name: str
    call: str
    regions: Regions


@dataclass(frozen=True)
class Outcome:
    """What a plan came to.

    Attributes:
        answer: Its answer.
        trace: Its named intermediates, in order.
        found: The regions of each text that it looked for, in order; of a text that it compared, what changed.
    """

    answer: Answer
    trace: tuple[Named, ...]
    found: dict[str, Regions]


def run_plan(source: str, finder: Finder, limits: Limits | None = None, cancel: CancelToken | None = None) -> Outcome:
    """Interpret a plan.

    Args:
        source: In the plan language; see `syntax` and `functions`.
        finder: Finds the regions.
        limits: What it may spend.
        cancel: Looked at before every step.

    Raises:
        PlanError: The plan breaks the language or a limit, or does what has no meaning; with its line.
    """
    tree = parse(source, FUNCTIONS)
    return _Interpreter(finder, Budget(limits or Limits(), cancel or CancelToken())).run(tree)


class _Answered(Exception):
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


class _Interpreter:
    def __init__(self, finder: Finder, budget: Budget) -> None:
        self._context = Context(finder, budget)
        self._budget = budget
        self._values: dict[str, Any] = {name: Scene(name) for name in SCENES}
        self._trace: dict[str, Named] = {}
        self._remade: dict[str, ast.expr] = {}
        self._loops = 0
        self._line = 1

    def run(self, tree: ast.Module) -> Outcome:
        try:
            self._block(tree.body)
        except _Answered as end:
            return Outcome(end.answer, tuple(self._trace.values()), self._context.found)
        except PlanError as error:
            if error.line is not None:
                raise
            raise PlanError(error.message, remedy=error.remedy, line=self._line) from error
        raise PlanError("the plan ends without an answer", remedy="End it with answer(…).")

    def _block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._line = statement.lineno
            self._budget.step()
            match statement:
                case ast.Pass() | ast.Expr(value=ast.Constant()):
                    pass
                case ast.Expr(value=value):
                    self._value(value)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._values[name] = self._assigned(name, value)
                    if self._loops:
                        self._remade[name] = value
                case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                    self._values[name] = arithmetic(self._budget, op, self._name(name), self._value(value))
                    self._remade[name] = value
                case ast.If(test=test, body=then, orelse=otherwise):
                    self._block(then if self._truth(self._value(test)) else otherwise)
                case ast.For(target=ast.Name(id=name), iter=over, body=inner):
                    for item in self._each(self._value(over)):
                        self._values[name] = item
                        self._in_loop(lambda: self._block(inner))
                case _:
                    raise PlanError("is not in the plan language", line=statement.lineno)

    def _assigned(self, name: str, value: ast.expr) -> Any:  # noqa: ANN401
        """Return what a name is to stand for, kept as a step under that name where it is regions."""
        result = self._call(value, kept=False) if isinstance(value, ast.Call) else self._value(value)
        self._keep(name, value, result)
        return result

    def _value(self, node: ast.expr) -> Any:  # noqa: ANN401
        self._budget.step()
        match node:
            case ast.Constant(value=value):
                return self._constant(value)
            case ast.Name(id=name):
                return self._name(name)
            case ast.Call():
                return self._call(node)
            case ast.BinOp(left=left, op=op, right=right):
                return arithmetic(self._budget, op, self._value(left), self._value(right))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self._truth(self._value(operand))
            case ast.UnaryOp(op=op, operand=operand):
                value = number(self._value(operand), "what has a sign")
                return -value if isinstance(op, ast.USub) else +value
            case ast.BoolOp(op=op, values=values):
                return self._logic(isinstance(op, ast.Or), values)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._comparison(left, ops, others)
            case ast.IfExp(test=test, body=then, orelse=otherwise):
                return self._value(then if self._truth(self._value(test)) else otherwise)
            case ast.List(elts=items) | ast.Tuple(elts=items):
                self._budget.objects(len(items))
                return [self._value(item) for item in items]
            case ast.ListComp(elt=element, generators=loops) | ast.GeneratorExp(elt=element, generators=loops):
                return self._comprehension(element, loops)
            case ast.Subscript(value=of, slice=at):
                return self._member(self._value(of), self._value(at))
        raise PlanError("is not in the plan language", line=node.lineno)

    def _constant(self, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, str):
            self._budget.text(len(value))
        elif isinstance(value, (int, float)):
            self._budget.number(value)
        return value

    def _name(self, name: str) -> Any:  # noqa: ANN401
        if name in FUNCTIONS:
            raise PlanError(f"{name} is a function: call it")
        if name not in self._values:
            raise PlanError(f"{name} stands for nothing yet")
        return self._values[name]

    def _call(self, node: ast.Call, *, kept: bool = True) -> Any:  # noqa: ANN401
        self._budget.step()
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS:
            raise PlanError(f"there is no function {name}", line=node.lineno)
        given = [self._value(value) for value in node.args]
        named = {str(keyword.arg): self._value(keyword.value) for keyword in node.keywords}
        self._line = node.lineno
        function = FUNCTIONS[name]
        result = function.run(self._context, *function.bind(name, given, named))
        if isinstance(result, Answer):
            self._keep_the_rest(node, result)
            raise _Answered(result)
        if isinstance(result, tuple):
            self._budget.objects(len(result))
        elif isinstance(result, float):
            self._budget.number(result)
        if kept:
            what = given[0] if given and isinstance(given[0], str) else ""
            self._keep(f"{name}_{what}" if what else name, node, result)
        return result

    def _keep(self, name: str, node: ast.expr, value: Any) -> None:  # noqa: ANN401
        """Put regions into the trace; of a change both sides."""
        if self._loops or len(self._trace) >= MAX_STEPS:
            return
        if isinstance(value, Change):
            self._keep(f"{name}_gained", node, value.gained)
            self._keep(f"{name}_lost", node, value.lost)
        elif isinstance(value, (tuple, Region)) or (value and isinstance(value, list) and _all_regions(value)):
            stem = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")[:48] or "regions"
            taken, unique, k = {key.lower() for key in self._trace}, stem, 1
            while unique.lower() in taken:
                k, unique = k + 1, f"{stem}_{k + 1}"
            self._trace[unique] = Named(unique, ast.unparse(node), as_regions(value, name))

    def _keep_the_rest(self, node: ast.expr, answer: Answer) -> None:
        """Put into the trace what came about in loops and is still there, and the region that is the answer."""
        self._loops = 0
        kept = {id(region) for step in self._trace.values() for region in step.regions if len(step.regions) == 1}
        if isinstance(answer.value, Region) and id(answer.value) not in kept:
            self._keep("answer", node, answer.value)
        for name, value in self._values.items():
            if name in self._remade:
                self._keep(name, self._remade[name], value)

    def _logic(self, until: bool, values: list[ast.expr]) -> Any:  # noqa: ANN401
        result: Any = None
        for node in values:
            result = self._value(node)
            if self._truth(result) is until:
                return result
        return result

    def _comparison(self, left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]) -> bool:
        a = self._value(left)
        for op, node in zip(ops, others):
            b = self._value(node)
            if not self._holds(op, a, b):
                return False
            a = b
        return True

    def _holds(self, op: ast.cmpop, a: Any, b: Any) -> bool:  # noqa: ANN401
        match op:
            case ast.Eq() | ast.Is():
                return same(a, b)
            case ast.NotEq() | ast.IsNot():
                return not same(a, b)
            case ast.In() | ast.NotIn():
                inside = any(same(a, item) for item in self._each(b))
                return inside is isinstance(op, ast.In)
        return in_order(op, a, b)

    @staticmethod
    def _truth(value: Any) -> bool:  # noqa: ANN401
        if isinstance(value, (Change, Scene)):
            raise PlanError(f"{kind_of(value)} is neither true nor false")
        return bool(value)

    def _each(self, value: Any) -> Iterator[Any]:  # noqa: ANN401
        if not isinstance(value, (list, tuple)):
            raise PlanError(f"a loop goes over regions or a list, not over {kind_of(value)}")
        for item in value:
            self._budget.step()
            yield item

    def _member(self, of: Any, at: Any) -> Any:  # noqa: ANN401
        if not isinstance(of, (list, tuple)) or not isinstance(at, int) or isinstance(at, bool):
            raise PlanError("a member is taken of regions or a list, by its whole number")
        if not -len(of) <= at < len(of):
            raise PlanError(f"there is no member {at} of {len(of)}")
        return of[at]

    def _comprehension(self, element: ast.expr, loops: list[ast.comprehension]) -> list[Any]:
        hidden, out = dict(self._values), list[Any]()

        def nest(depth: int) -> None:
            if depth == len(loops):
                self._budget.objects(1)
                out.append(self._value(element))
                return
            loop = loops[depth]
            for item in self._each(self._value(loop.iter)):
                self._values[loop.target.id] = item  # type: ignore[attr-defined]
                if all(self._truth(self._value(test)) for test in loop.ifs):
                    nest(depth + 1)

        self._in_loop(lambda: nest(0))
        self._values = hidden
        return out

    def _in_loop(self, work: Callable[[], Optional[object]]) -> None:
        self._loops += 1
        try:
            work()
        finally:
            self._loops -= 1


def _all_regions(values: list[Any]) -> bool:
    return all(isinstance(value, Region) for value in values)
