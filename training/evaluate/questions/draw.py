"""Questions of eight kinds about a place, with their truths, several phrasings a kind.

The plans beside them are what a reader of the question would write; they tell a wrong plan from a wrong geometry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

from ...world.classes import NAMES
from ..layouts.types import Question
from .facts import CHANGED_M2, GROWN, NEAREST_M, Facts, lost_and_gained, widest
from .phrasings import SHOWN, Phrasings
from .places import Place
from .words import COUNTED, NOUNS, Noun

KINDS = ("count", "exists", "area", "share", "largest", "distance", "near", "change")

SMALL_COUNT = 10
SLACK = 0.1
"""Areas, shares and larger counts may be off by this share …"""
SLACK_M = 3.0
"""… and distances by this share or so many metres, whichever is more."""

T = TypeVar("T")


class Chance:
    """A place, its facts, and the dice."""

    def __init__(self, place: Place, rng: np.random.Generator, say: Phrasings) -> None:
        self.place, self.rng, self.say, self.facts = place, rng, say, Facts(place.labels, place.gsd_m)

    def noun(self, name: str, *, counted: bool = False) -> Noun:
        """Draw a word for a class: twice as often its first one."""
        nouns = [noun for noun in NOUNS[name] if noun.one or not counted]
        return nouns[max(0, int(self.rng.integers(-1, len(nouns))))]

    def pick(self, options: Sequence[T]) -> T:
        """Draw one."""
        return options[int(self.rng.integers(len(options)))]

    def text(self, options: Sequence[str], noun: Noun, **more: object) -> str:
        """Draw a phrasing and fill it in."""
        return self.pick(options).format(
            many=noun.many, one=noun.one, a_one=noun.a_one, does=noun.does, Does=noun.does.capitalize(),
            Verb=noun.verb.capitalize(), Has="Have" if noun.verb == "are" else "Has",
            Is="Is" if noun.one else noun.verb.capitalize(), **more,
        )  # fmt: skip


def draw_questions(place: Place, each: int = 4, say: Phrasings = SHOWN) -> list[Question]:
    """Draw up to `each` questions of each kind; yes and no, and counts, as evenly as there are."""
    found: list[Question] = []
    for number, maker in enumerate((_count, _exists, _area, _share, _largest, _distance, _near, _change)):
        chance = Chance(place, np.random.default_rng([*place.seed, number, 808]), say)
        candidates = list(maker(chance))
        found += _choose([candidates[i] for i in chance.rng.permutation(len(candidates))], each)
    return found


def _choose(questions: list[Question], count: int) -> list[Question]:
    """Take questions so that each answer comes about as often as any other."""
    taken: list[Question] = []
    while questions and len(taken) < count:
        counts = {truth: sum(_sort(q) == truth for q in taken) for truth in map(_sort, questions)}
        best = min(questions, key=lambda q: counts[_sort(q)])
        taken.append(best)
        questions = [q for q in questions if q is not best and q.text != best.text]
    return taken


def _sort(question: Question) -> str:
    return str(question.truth) if isinstance(question.truth, (bool, int)) else "other"


def count_slack(truth: float) -> float:
    """Return by how much a count may be off: 1 where it is small."""
    return 1.0 if truth <= SMALL_COUNT else SLACK * truth


def _count(c: Chance) -> Iterator[Question]:
    for name in COUNTED:
        n = c.facts.things(name).count
        if n and c.facts.countable(name):
            noun = c.noun(name, counted=True)
            plan = f'answer(count(find("{noun.one}")))'
            yield Question(c.text(c.say.count, noun), "count", n, "", count_slack(n), (noun.one,), plan)


def _exists(c: Chance) -> Iterator[Question]:
    for name in NAMES:
        seen, noun = c.facts.seen(name), c.noun(name)
        if seen is not None:
            word = noun.one or noun.many
            yield Question(
                c.text(c.say.exists, noun), "exists", seen, "", 0, (word,), f'answer(exists(find("{word}")))'
            )


def _area(c: Chance) -> Iterator[Question]:
    for name in filter(c.facts.wide, c.facts.present):
        noun = c.noun(name)
        phrase, unit = c.pick(c.say.area)
        yield _of_area(c.text((phrase,), noun), "area", c.facts.area_m2(name), unit, noun, "{find}")


def _of_area(text: str, kind: str, area_m2: float, unit: str, noun: Noun, regions: str) -> Question:
    word = noun.one or noun.many
    call = regions.format(find=f'find("{word}")', word=word)
    plan = f'answer(area_{unit}({call}), "{unit}")'
    return Question(text, kind, area_m2, "m2", SLACK * area_m2, (word,), plan)


def _share(c: Chance) -> Iterator[Question]:
    for name in filter(c.facts.wide, c.facts.present):
        noun = c.noun(name)
        word, truth = noun.one or noun.many, c.facts.area_m2(name) / c.facts.view_m2
        plan = f'answer(share(find("{word}")), "share")'
        yield Question(c.text(c.say.share, noun), "share", truth, "share", SLACK * truth, (word,), plan)


def _largest(c: Chance) -> Iterator[Question]:
    for names in widest(c.facts, c.rng, 4):
        nouns = [c.noun(name) for name in names]
        words = [noun.many for noun in nouns]
        most = max(names, key=c.facts.area_m2)
        text = c.text(c.say.widest if len(names) == 2 else c.say.widest_of_three, nouns[0], most=_either(words))
        terms = tuple(noun.one or noun.many for noun in nouns)
        pairs = ", ".join(f'area_m2(find("{word}"))' for word in terms)
        tests = " else ".join(f'"{word}" if area_m2(find("{word}")) == most' for word in terms[:-1])
        plan = f'most = max([{pairs}])\nanswer({tests} else "{terms[-1]}")'
        yield Question(text, "largest", most, "", 0, terms, plan)
    for name in COUNTED:
        largest = c.facts.largest(name)
        if largest is not None:
            noun = c.noun(name, counted=True)
            yield _of_area(c.text(c.say.biggest, noun), "largest", largest, "m2", noun, "largest({find})")


def _either(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _distance(c: Chance) -> Iterator[Question]:
    """Of the only thing of a class from another class."""
    counted = [n for n in (*COUNTED, "river", "road", "railway") if c.facts.things(n).count and c.facts.things(n).clear]
    for name in counted:
        for other in counted:
            if name == other or c.facts.things(name).count != 1:
                continue
            gap = c.facts.gaps(name, other)[0]
            if not NEAREST_M <= gap < np.inf:
                continue
            a, b = c.noun(name, counted=True), c.noun(other, counted=True)
            text = c.text(c.say.distance, a, a=a.one, b=b.one)
            plan = f'answer(distance_m(find("{a.one}"), find("{b.one}")), "m")'
            yield Question(text, "distance", gap, "m", max(SLACK_M, SLACK * gap), (a.one, b.one), plan)


def _near(c: Chance) -> Iterator[Question]:
    for name in COUNTED:
        for other in (*COUNTED, "river", "road", "railway", "track"):
            metres = c.pick((20, 30, 50, 80, 100, 150))
            usable = c.facts.things(name).count and c.facts.countable(name) and c.facts.things(other).clear
            if name == other or not usable or not c.facts.things(other).count:
                continue
            n = c.facts.near(name, other, metres)
            if n is None:
                continue
            a, b = c.noun(name, counted=True), c.noun(other, counted=True)
            terms, call = (a.one, b.one), f'near(find("{a.one}"), find("{b.one}"), {metres})'
            if c.rng.random() < 0.5:
                text = c.text(c.say.near_count, a, a=a.many, b=b.a_one, n=metres)
                yield Question(text, "near", n, "", count_slack(n), terms, f"answer(count({call}))")
            else:
                text = c.text(c.say.near_any, a, a=a.many, b=b.a_one, n=metres)
                yield Question(text, "near", n > 0, "", 0, terms, f"answer(exists({call}))")


def _change(c: Chance) -> Iterator[Question]:
    before = Facts(c.place.before, c.place.gsd_m)
    for name in NAMES:
        was, now = before.area_m2(name), c.facts.area_m2(name)
        if not (was and before.wide(name) and c.facts.whole(name)):
            continue
        noun = c.noun(name)
        word, (lost, gained) = noun.one or noun.many, lost_and_gained(c.place, name)
        grown = 1 if now - was >= GROWN * was else -1 if was - now >= GROWN * was else 0
        if grown or now == was:
            up = bool(c.rng.random() < 0.5)
            text, way = c.text(c.say.grew if up else c.say.shrank, noun), ">" if up else "<"
            plan = f'c = compare(before, after, "{word}")\nanswer(area_m2(gained(c)) {way} area_m2(lost(c)))'
            yield Question(text, "change", grown == (1 if up else -1), "", 0, (word,), plan)
        for area, phrases, side in ((lost, c.say.lost, "lost"), (gained, c.say.gained, "gained")):
            if area >= CHANGED_M2:
                phrase, unit = c.pick(phrases)
                regions = f'{side}(compare(before, after, "{{word}}"))'
                yield _of_area(c.text((phrase,), noun), "change", area, unit, noun, regions)
