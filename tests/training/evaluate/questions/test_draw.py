"""The question set: its size and variety, that doubtful cases are left out, and that its truths are the geometry's."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest

from graft_plugin.engine.progress import CancelToken
from training.evaluate.layouts.types import Question
from training.evaluate.questions.draw import KINDS, draw_questions
from training.evaluate.questions.facts import Facts
from training.evaluate.questions.finders import TrueFinder
from training.evaluate.questions.judge import is_right
from training.evaluate.questions.phrasings import HELD_OUT, SHOWN
from training.evaluate.questions.places import Place, draw_place
from training.evaluate.questions.ways import Way, reply_to
from training.evaluate.questions.words import NOUNS, class_of
from training.world.classes import LABEL


@cache
def places():
    """Twelve places with the finders of their true regions."""
    drawn = [draw_place(0, number) for number in range(12)]
    return [(place, TrueFinder(place.labels, place.before, place.gsd_m)) for place in drawn]


@cache
def places_asked(say=SHOWN):
    """(questions, finder of the true regions) of the places."""
    return [(draw_questions(place, 5, say), finder) for place, finder in places()]


@pytest.fixture
def asked():
    return places_asked()


def replies(asked, *, given):
    for questions, finder in asked:
        way = Way("true", lambda _question, _texts, known=finder: known, given=given)
        for question in questions:
            yield question, reply_to(question, way, CancelToken())


def test_there_are_enough_of_every_kind_and_yes_is_no_safe_guess(asked):
    questions = [q for some, _ in asked for q in some]
    counts = Counter(q.kind for q in questions)
    assert len(questions) >= 300 and set(counts) == set(KINDS) and min(counts.values()) >= 20
    yes = [q.truth for q in questions if isinstance(q.truth, bool)]
    assert 0.3 < sum(yes) / len(yes) < 0.7
    for some, _ in asked:
        assert len({q.text for q in some}) == len(some), "nothing is asked twice of a place"


def test_the_same_seed_draws_the_same_questions():
    one, two, other = (draw_questions(draw_place(seed, 3, 256)) for seed in (0, 0, 1))
    assert one == two != other


def test_with_true_regions_the_given_plans_find_the_truths_of_the_pixels(asked):
    """Shapely's counts and distances are the pixels' to the last digit: both see the same edges."""
    for question, reply in replies(asked, given=True):
        assert is_right(question, reply.value, reply.unit), question
        if question.kind in ("count", "near", "distance") and not isinstance(question.truth, bool):
            assert reply.value == pytest.approx(question.truth, abs=1e-6), question


@pytest.mark.parametrize(("say", "least"), [(SHOWN, 0.98), (HELD_OUT, 0.6)])
def test_with_true_regions_the_planner_reaches_what_is_asked_of_it_and_says_what_it_does_not_understand(say, least):
    right, wrong, asked = 0, [], 0
    for question, reply in replies(places_asked(say), given=False):
        good = is_right(question, reply.value, reply.unit)
        right, asked = right + good, asked + 1
        wrong += [] if good or reply.error else [question.text]
    assert asked >= 300 and right / asked >= least
    assert len(wrong) <= 0.01 * asked, wrong


def painted(*things):
    """A meadow with things: (class, rows, cols) painted in order."""
    labels = np.full((120, 160), LABEL["meadow"], np.uint8)
    for name, rows, cols in things:
        labels[rows, cols] = LABEL[name]
    return labels


def about(labels, kind, *words):
    place = Place(labels, labels, 1.0, (None, None), (0, 0))
    return [q for q in draw_questions(place, 50) if q.kind == kind and set(words) <= {class_of(t) for t in q.terms}]


def test_what_nobody_can_count_is_not_asked():
    clear = painted(("lake", slice(10, 30), slice(10, 40)), ("lake", slice(60, 63), slice(60, 64)))
    (question,) = about(clear, "count", "lake")
    assert question.truth == 1, "12 m² are a speck"
    doubtful = painted(("lake", slice(10, 30), slice(10, 40)), ("lake", slice(60, 65), slice(60, 69)))
    assert not about(doubtful, "count", "lake"), "45 m² are about as large as the least thing"


def test_presence_is_asked_only_of_what_is_plainly_there_or_not():
    labels = painted(("pool", slice(10, 20), slice(10, 20)), ("forest", slice(40, 80), slice(40, 80)))
    assert not about(labels, "exists", "pool"), "100 m²"
    assert [q.truth for q in about(labels, "exists", "forest")] == [True]
    assert [q.truth for q in about(labels, "exists", "river")] == [False]


def test_near_leaves_out_what_lies_about_the_bound():
    lake, house = ("lake", slice(10, 50), slice(10, 40)), ("building", slice(10, 30), slice(90, 110))
    facts = Facts(painted(lake, house), 1.0)
    assert facts.gaps("building", "lake") == (50.0,)
    assert (facts.near("building", "lake", 100), facts.near("building", "lake", 20)) == (1, 0)
    assert facts.near("building", "lake", 50) is None and facts.near("building", "lake", 45) is None


def test_largest_needs_a_clear_first():
    a, b = ("lake", slice(0, 40), slice(0, 40)), ("forest", slice(60, 100), slice(0, 42))
    pairs = [q for q in about(painted(a, b), "largest", "lake", "forest") if len(q.terms) == 2]
    assert not pairs, "1600 against 1680 m²"
    two = painted(a, ("lake", slice(60, 90), slice(60, 100)))
    (question,) = [q for q in about(two, "largest", "lake") if len(q.terms) == 1]
    assert question.truth == 1600 and question.unit == "m2"


def test_every_word_means_its_class():
    for name, nouns in NOUNS.items():
        for noun in nouns:
            assert class_of(noun.many) == class_of(noun.a_one) == class_of(f"the {noun.one or noun.many}") == name
    assert class_of("elephant") is None


@pytest.mark.parametrize(
    ("truth", "unit", "slack", "value", "found", "right"),
    [
        (True, "", 0, True, "", True), (True, "", 0, 1, "", False), (1, "", 1, True, "", False),
        (4, "", 1, 5, "lakes", True), (4, "", 1, 6, "lakes", False), (4, "", 1, None, "", False),
        (20000, "m2", 2000, 2.2, "ha", True), (20000, "m2", 2000, 2.21, "ha", False),
        (20000, "m2", 2000, 0.02, "km2", True), (20000, "m2", 2000, 20000, "m", False),
        (0.25, "share", 0.025, 26, "%", True), (0.25, "share", 0.025, 0.2, "", False),
        (50, "m", 5, 0.052, "km", True), ("lake", "", 0, "the ponds", "", True), ("lake", "", 0, "forest", "", False),
    ],
)  # fmt: skip
def test_answers_are_judged_in_their_units(truth, unit, slack, value, found, right):
    assert is_right(Question("?", "any", truth, unit, slack), value, found) is right
