"""The plan language: what it means, what it refuses, and that nothing a plan says gets out of it."""

from __future__ import annotations

import builtins
import string
import time
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import box

from graft_plugin.engine.ask.finder import Region
from graft_plugin.engine.ask.functions import FUNCTIONS, api_text
from graft_plugin.engine.ask.language import Limits, run_plan
from graft_plugin.engine.progress import CancelToken
from graft_plugin.errors import Cancelled, PlanError

from .conftest import Given


def value_of(source: str, finder: Given) -> object:
    return run_plan(source, finder).answer.value


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("answer(1 + 2 * 3 - 4 / 2)", 5.0),
        ("answer(7 // 2 + 7 % 4 + 2 ** 10 + 2 ** -1 + -1)", 1029.5),
        ("answer(sum([1, 2.5, True]))", 4.5),
        ("answer(min([3, 1]) + max([2, 5]) + abs(-2) + round(2.5) + round(2.345, 2))", 13.35),
        ("answer('a' + 'b')", "ab"),
        ("answer(1 < 2 <= 2 != 3)", True),
        ("answer(1 < 3 < 2)", False),
        ("answer(not 0 and 'x' or 'y')", "x"),
        ("answer('a' in ['b', 'a'] and 2 not in [1])", True),
        ("answer(3 if exists(find('lake')) else 4)", 4),
        ("answer(largest(find('lake')) is None)", True),
        ("answer(distance_m(find('lake'), find('road')))", None),
        ("answer(count(find(text='pond')))", 3),
        ("answer(count(near(find('pond'), b=find('road'), metres=50)))", 2),
        ("answer(len([p for p in find('pond') if area_m2(p) > 150]))", 2),
        ("answer(sum(area_m2(p) for p in find('pond')))", 3000.0),
        ("answer(sum(a * b for a in [1, 2] for b in [10, 20] if a * b > 10))", 80.0),
        ("n = 0\nfor p in find('pond'):\n  if area_m2(p) > 1000:\n    n += 1\n  else:\n    n -= 10\nanswer(n)", -19),
        ("p = 3\nq = [p for p in [1, 2]]\nanswer(p + q[1])", 5),
        ("'''What it does'''\npass\nanswer(find('pond')[-1] in find('pond')[0:1])", PlanError),
        ("if find('lake'):\n    answer('lake')\nelif find('pond'):\n    answer('pond')\nanswer('none')", "pond"),
        ("answer(classify(largest(find('pond')), ['even', 'odd']))", "odd"),
        ("answer(area_km2(view()) + area_ha(subtract(view(), find('road'))))", 100.0),
        ("answer(best_match(find('lake'), 'blue lake'))", None),
        ("answer(round(density(find('pond')) + share(find('road')), 6))", 3.01),
    ],
)  # fmt: skip
def test_a_plan_means_what_python_would_mean(source, value, given):
    if value is PlanError:
        with pytest.raises(PlanError):
            value_of(source, given)
    else:
        assert value_of(source, given) == pytest.approx(value)


ESCAPES = [
    "().__class__.__bases__[0].__subclasses__()",
    "answer(().__class__)",
    "answer(find.__globals__)",
    "answer(find('pond').__len__())",
    "answer('{0.__class__}'.format(find))",
    "answer('%s' % find)",
    "answer('%c' * 99)",
    "answer(f'{find}')",
    "answer(f'{1!r:>{10**9}}')",
    "import os\nanswer(1)",
    "from os import system",
    "__import__('os').system('true')",
    "answer(__import__('os'))",
    "answer(__builtins__)",
    "answer(__name__)",
    "eval('1')",
    "exec('1')",
    "compile('1', '', 'eval')",
    "open('/etc/passwd')",
    "getattr(find, 'x')",
    "type('X', (), {})",
    "vars()",
    "globals()['x']",
    "breakpoint()",
    "answer((lambda: 1)())",
    "answer((x := 1))",
    "answer(*[1])",
    "answer(**{'value': 1})",
    "answer([*find('pond')])",
    "a, b = 1, 2",
    "a = b = 1",
    "a: int = 1",
    "a.b = 1",
    "a = [1]\na[0] = 2",
    "del a",
    "global a",
    "def f():\n    pass",
    "@find\nclass A:\n    pass",
    "@find\ndef f():\n    pass",
    "async def f():\n    pass",
    "class A:\n    pass",
    "while True:\n    pass",
    "for a in [1]:\n    pass\nelse:\n    pass",
    "for a.b in [1]:\n    pass",
    "for find in [1]:\n    pass",
    "answer([1 for find in [1]])",
    "with find as f:\n    pass",
    "try:\n    1 / 0\nexcept Exception as e:\n    answer(e.__traceback__.tb_frame)",
    "raise ValueError",
    "assert 1",
    "return 1",
    "yield 1",
    "await find",
    "answer((yield))",
    "answer([x async for x in []])",
    "answer((i for i in [1]).gi_frame)",
    "answer({1: 2})",
    "answer({1})",
    "answer({a: a for a in [1]})",
    "answer([1, 2][0:1])",
    "answer(1j)",
    "answer(b'a')",
    "answer(...)",
    "answer(1 << 99999999999)",
    "answer(1 | 2)",
    "answer(~1)",
    "answer(a @ b)",
    "match 1:\n    case 1:\n        pass",
    "type A = int",
    "print(1)",
    "find = 1",
    "answer = 1",
    "before = 1",
    "_x = 1",
    "__x = 1",
    "a__class__ = 1",
    "ｆｉｎｄ = 1",
    "answer(＿＿import＿＿('os'))",
    "answer(ﬁnd)",
    "é = 1",
    "answer(find)",
    "f = find\nf('pond')",
    "(find)(1)(2)",
    "[find][0]('pond')",
    "('find')('pond')",
    "answer(find('pond', 'lake'))",
    "answer(find())",
    "answer(find(1))",
    "answer(find(' '))",
    "answer(find(txt='a'))",
    "answer(find('a', text='b'))",
    "answer(near(find('pond'), 1, 2))",
    "answer(near(find('pond'), find('road'), -1))",
    "answer(near(find('pond'), find('road'), 'x'))",
    "answer(near(find('pond'), find('road'), 1e99))",
    "answer(find('pond'))",
    "answer([1, 2])",
    "answer(before)",
    "answer(compare(before, before, 'forest'))",
    "answer(compare('a', 'b', 'forest'))",
    "answer(gained(find('pond')))",
    "answer(count(compare(before, after, 'nothing')))",
    "answer(classify(find('pond'), ['a', 'b']))",
    "answer(classify(largest(find('lake')), ['a', 'b']))",
    "answer(classify(largest(find('pond')), ['a']))",
    "answer(1, 2)",
    "answer(unknown)",
    "answer(1 / 0)",
    "answer(1 % 0)",
    "answer(0 ** -1)",
    "answer((-8) ** 0.5)",
    "answer(10 ** 10 ** 10)",
    "answer(9 ** 9 ** 9 ** 9)",
    "answer(2.0 ** 1e300)",
    "answer(1e999)",
    "answer(1e999 - 1e999)",
    "answer(0x" + "f" * 4000 + ")",
    "answer(" + "9" * 5000 + ")",
    "a = 10 ** 15\nanswer(a * a)",
    "answer('a' * 1000000000)",
    "answer([0] * 1000000000)",
    "answer(-find('pond'))",
    "answer(None + 1)",
    "answer('a' < 'b')",
    "answer(find('pond')[5])",
    "answer(find('pond')['x'])",
    "answer([1][True])",
    "answer(1 in 5)",
    "answer(round(1, 99))",
    "answer(sum(['a']))",
    "answer(not compare)",
    "count(find('pond'))",
    "",
    "a = 'x'",
    "answer(1",
    "answer(1)\n  x",
    "\0",
    "answer('\ud800')",
    "answer(" + "(" * 5000 + "1" + ")" * 5000 + ")",
    "answer(" + "(" * 90 + "1" + ")" * 90 + " + x)",
    "answer(" + "-" * 7000 + "1)",
    "answer(" + "not " * 1900 + "1)",
    "answer(" + "[" * 60 + "]" * 60 + ")",
    "answer(" + "1+" * 3900 + "1)",
    "answer(" + "1 if 1 else " * 600 + "1)",
    "answer(" + "count(" * 40 + "1" + ")" * 40 + ")",
    "answer(" + "f" * 7000 + "(1))",
    "answer(find(" + "f" * 7000 + "=1))",
    "x = 1\n" * 2500,
    "a = [" + "1," * 3900 + "]",
    "if 1:\n" + "".join(" " * k + "if 1:\n" for k in range(1, 99)) + " " * 99 + "answer(1)",
]


@pytest.mark.parametrize("source", ESCAPES, ids=range(len(ESCAPES)))
def test_nothing_gets_out(source, given, monkeypatch):
    """None of it runs: no import, no file, no builtin is reached, and the error is a plain one with its line."""
    for name in ("eval", "exec", "breakpoint", "print"):
        monkeypatch.setattr(builtins, name, lambda *_, name=name: pytest.fail(f"{name} was reached"))
    started = time.monotonic()
    with pytest.raises(PlanError) as caught:
        run_plan(source, given)
    assert time.monotonic() - started < 5
    assert 5 < len(str(caught.value)) < 400
    assert "object at 0x" not in str(caught.value) and "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("a = 1\nb = a.x\nanswer(b)", 2, "a dot after a name"),
        ("a = 1\n\nimport os", 3, "import"),
        ("a = find('pond')\nanswer(coutn(a))", 2, "no function coutn"),
        ("a = 1\nif a:\n    b = c\nanswer(b)", 3, "c stands for nothing"),
        ("a = [1]\nanswer(\n  a[4])", 2, "no member 4 of 1"),
        ("a = 1\nb = (1", 2, "was never closed"),
        ("x = find('pond')\ny = near(x, find('road'))\nanswer(1)", 2, "near needs metres"),
    ],
)
def test_an_error_says_what_and_where(source, line, words, given):
    with pytest.raises(PlanError) as caught:
        run_plan(source, given)
    assert caught.value.line == line and words in str(caught.value)
    assert str(caught.value).startswith(f"line {line} of the plan: ")


BOMBS = {
    "steps": "n = 0\nfor a in find('many'):\n  for b in find('many'):\n    n += 1\nanswer(n)",
    "objects": "x = [1, 2, 3, 4]\nfor a in x:\n  for b in x:\n    x = x + x\nanswer(len(x))",
    "objects ": "answer(len([1 for a in find('many') for b in find('many')]))",
    "a text": "x = 'abcdefgh'\nfor a in find('many'):\n  x = x + x\nanswer(x)",
    "vertices": "x = find('many')\nfor a in find('many'):\n  x = union(x, find('many'))\nanswer(1)",
    "a number": "x = 9.0\nfor a in find('many'):\n  x = x * x\nanswer(x)",
}


@pytest.mark.parametrize("what", BOMBS)
def test_each_limit_holds_before_it_is_spent(what):
    finder = Given({"many": [box(i, 0, i + 0.5, 1) for i in range(999)]})
    limits = Limits(steps=300_000 if what == "objects " else 50_000, objects=50_000, vertices=50_000)
    tracemalloc.start()
    try:
        with pytest.raises(PlanError, match=what.strip()):
            run_plan(BOMBS[what], finder, limits)
        assert tracemalloc.get_traced_memory()[1] < 50e6
    finally:
        tracemalloc.stop()


def test_time_is_limited_and_the_finders_time_is_not_counted(given):
    class Slow(Given):
        def find(self, text):
            time.sleep(0.3)
            return super().find(text)

    slow = Slow(given.things)
    assert run_plan("answer(count(find('pond')))", slow, Limits(seconds=0.2)).answer.value == 3
    endless = "n = 0\n" + "".join(" " * k + f"for x{k} in [1, 2, 3, 4, 5, 6, 7, 8]:\n" for k in range(12)) + " " * 12
    with pytest.raises(PlanError, match=r"more than 0\.2 seconds"):
        run_plan(endless + "n += 1\nanswer(n)", slow, Limits(seconds=0.2, steps=10**9, objects=10**9))


def test_a_cancelled_plan_ends_at_the_next_step(given):
    cancel = CancelToken()

    class Cancelling(Given):
        def find(self, text):
            cancel.cancel()
            return super().find(text)

    with pytest.raises(Cancelled):
        run_plan("x = find('pond')\nanswer(count(x))", Cancelling(given.things), cancel=cancel)


def test_every_intermediate_is_kept_under_a_name_of_its_own(given):
    source = """
ponds = find("pond")
PONDS = near(ponds, find("road"), 100)
big = [p for p in ponds if area_m2(p) > 1000]
rest = find("lake")
for p in ponds:
    rest = union(rest, near(p, find("road"), 100))
ponds = outside(ponds, find("forest"))
answer(largest(ponds), about="largest pond outside")
"""
    outcome = run_plan(source, given)
    kept = {step.name: (step.call, len(step.regions)) for step in outcome.trace}
    assert kept == {
        "ponds": ("find('pond')", 3),
        "find_road": ("find('road')", 1),
        "PONDS_2": ("near(ponds, find('road'), 100)", 2),
        "big": ("[p for p in ponds if area_m2(p) > 1000]", 1),
        "rest": ("find('lake')", 0),
        "find_forest": ("find('forest')", 1),
        "ponds_3": ("outside(ponds, find('forest'))", 2),
        "largest": ("largest(ponds)", 1),
        "rest_2": ("union(rest, near(p, find('road'), 100))", 2),
    }
    assert list(outcome.found) == ["pond", "road", "lake", "forest"]
    assert isinstance(outcome.answer.value, Region) and outcome.answer.about == "largest pond outside"


def test_the_api_text_names_every_function_with_its_parameters():
    lines = dict(line.split("(", 1) for line in api_text().splitlines())
    assert lines.keys() == FUNCTIONS.keys()
    assert lines["near"].startswith("a, b, metres): ")
    assert lines["answer"].startswith("value, unit=…, about=…): ")


_NAMES = st.sampled_from(["a", "b", "find", "answer", "near", "count", "x1", "__class__", "open", "before"])
_OPERATORS = ["+", "-", "*", "/", "//", "%", "**", "@", "<<", "|", "<", "==", "and", "or", "in", "is"]
_LEAVES = st.one_of(
    _NAMES, st.integers(-(10**20), 10**20).map(str), st.floats().map(repr), st.text(max_size=9).map(repr)
)
_EXPRESSIONS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.tuples(
            inner,
            st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "@", "<<", "|", "<", "==", "and", "or", "in", "is"]),
            inner,
        ).map(" ".join),
        st.tuples(_NAMES, st.lists(inner, max_size=3)).map(lambda t: f"{t[0]}({', '.join(t[1])})"),
        st.tuples(inner, _NAMES).map(".".join),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.tuples(inner, _NAMES, inner, inner).map(lambda t: f"[{t[0]} for {t[1]} in {t[2]} if {t[3]}]"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]})[{t[1]}]"),
        inner.map(lambda x: f"(-{x})"),
    ),
    max_leaves=12,
)
_STATEMENTS = st.one_of(
    st.tuples(_NAMES, _EXPRESSIONS).map(" = ".join),
    st.tuples(_NAMES, _EXPRESSIONS).map(" += ".join),
    _EXPRESSIONS.map("answer({})".format),
    st.tuples(_EXPRESSIONS, _EXPRESSIONS).map(lambda t: f"if {t[0]}:\n    answer({t[1]})"),
    st.tuples(_NAMES, _EXPRESSIONS, _NAMES, _EXPRESSIONS).map(lambda t: f"for {t[0]} in {t[1]}:\n    {t[2]} = {t[3]}"),
)
_QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True}
_WORLD = {"a": [box(0, 0, 5, 5), box(9, 9, 12, 12)], "find": [box(3, 3, 10, 10)]}


@settings(max_examples=400, **_QUIET)
@given(st.lists(_STATEMENTS, max_size=5).map("\n".join))
def test_whatever_reads_like_a_plan_ends_in_an_answer_or_a_plain_error(source):
    _ends_well(source)


@settings(max_examples=300, **_QUIET)
@given(st.one_of(st.text(max_size=60), st.text(string.printable, max_size=60), st.binary(max_size=60).map(repr)))
def test_whatever_is_no_plan_ends_in_a_plain_error(source):
    _ends_well(source)


def _ends_well(source: str) -> None:
    finder = Given(_WORLD)
    try:
        outcome = run_plan(source, finder, Limits(steps=3000, seconds=5))
    except PlanError as error:
        assert str(error)
        return
    assert outcome.answer.value is None or isinstance(outcome.answer.value, (bool, int, float, str, Region))


_SUMS = ["+", "-", "*", "/", "//", "%", "<", "<=", "==", "!=", "and", "or"]
_NUMBERS = st.recursive(
    st.one_of(st.integers(-50, 50), st.sampled_from([0.5, 2.5, -1.25, True])).map(repr),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(_SUMS), inner).map("({0[0]} {0[1]} {0[2]})".format),
        st.tuples(inner, inner, inner).map("({0[0]} if {0[1]} else {0[2]})".format),
        inner.map("(not {})".format),
        inner.map("(-{})".format),
    ),
    max_leaves=9,
)


@settings(max_examples=300, **_QUIET)
@given(_NUMBERS)
def test_numbers_come_out_as_pythons_own(source):
    """Python itself is the reference."""
    try:
        expected = eval(source, {"__builtins__": {}})
    except ZeroDivisionError:
        expected = None
    if expected is None or abs(expected) > 1e15:
        with pytest.raises(PlanError):
            value_of(f"answer({source})", Given({}))
    else:
        assert value_of(f"answer({source})", Given({})) == expected
