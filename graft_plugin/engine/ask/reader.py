"""English words to noun phrases with what is said of them.

Any words that have no meaning of their own in a question are a noun: what can be looked for has no list. A relation
belongs to the phrase it is part of; after "that" or "which" it belongs to the noun just before. "A or b" is either of
them; of things that something is near to, or in, "a and b" is each of them.
"""

from __future__ import annotations

from dataclasses import replace

from . import nouns
from .phrases import BESIDE, NEAR, Phrase, Relation
from .units import AREAS, LENGTHS, Quantity, read_unit
from .words import not_understood


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DETERMINERS = _set("a an the any some all each every of another other this these those its")
_PICKS = {
    "largest": "largest",
    "biggest": "largest",
    "greatest": "largest",
    "smallest": "smallest",
    "tiniest": "smallest",
}
_FILLERS = _set(
    ", are is was were be been being there lie lies lying located situated found stand stands standing do does you "
    "see seen can could we i exist exists have has here visible present currently now altogether total overall "
    "which that who please in_view also both shown it"
)  # fmt: skip
_DIRECTIONS = {
    "north": "north", "south": "south", "east": "east", "west": "west", "northern": "north", "above": "north",
    "below": "south", "left": "west", "right": "east", "top": "north", "bottom": "south",
}  # fmt: skip
_STOPS = _set(
    "within near nearby close closer closest nearest next adjacent beside touching touch touches bordering border "
    "borders along alongside around in inside outside surrounded by from to at on than more less fewer most least "
    "over under far farther further away not no without with and or but between since larger bigger smaller "
    "greater what which where when why who how many much did will would should may might must than contain "
    "contains cover covers covered like per equal same"
)  # fmt: skip
_COUNTED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS = {word: float(k) for k, word in enumerate(_COUNTED)}
_NUMBERS |= {"hundred": 100, "thousand": 1000, "half": 0.5}


class Reader:
    """Reads words from left to right.

    Args:
        words: See `words_of`.
    """

    def __init__(self, words: list[str]) -> None:
        self.words, self.at = words, 0

    @property
    def rest(self) -> list[str]:
        """What is not read yet."""
        return self.words[self.at :]

    def take(self, *alternatives: str) -> str:
        """Read one of some sequences of words, and return it; "" where none of them comes next."""
        for some in alternatives:
            parts = some.split()
            if self.rest[: len(parts)] == parts:
                self.at += len(parts)
                return some
        return ""

    def take_any(self, words: frozenset[str]) -> bool:
        """Read all words of a set that come next, and return whether there was one."""
        start = self.at
        while self.rest and self.rest[0] in words:
            self.at += 1
        return self.at > start

    def number(self) -> float | None:
        """Read a number in digits or in words."""
        rest = self.rest
        if not rest:
            return None
        value: float | None = float(rest[0]) if rest[0][0].isdecimal() else _NUMBERS.get(rest[0])
        if value is None and rest[0] == "a" and len(rest) > 1 and rest[1] in ("hundred", "thousand"):
            self.at += 1
            value = float(_NUMBERS[rest[1]])
        if value is None:
            return None
        self.at += 1
        while self.rest and self.rest[0] in ("hundred", "thousand"):
            value *= _NUMBERS[self.rest[0]]
            self.at += 1
        return value

    def quantity(self, kinds: dict[str, float]) -> Quantity | None:
        """Read a number with a unit of a kind; nothing is read where none comes next."""
        start = self.at
        number = self.number()
        self.take("a", "an")
        unit = read_unit(self.rest)
        if number is not None and unit and unit[0] in kinds:
            self.at += unit[1]
            return Quantity(number, unit[0])
        self.at = start
        return None

    def phrases(self) -> tuple[Phrase, ...]:
        """Read one or more phrases with "and" or "or" between; what is said of the last is said of all."""
        found = [self.noun()]
        while self.take("and", "or", ",") and self.rest:
            found.append(self.noun())
        relations = self.relations()
        return tuple(replace(phrase, relations=(*phrase.relations, *relations)) for phrase in found)

    def noun(self) -> Phrase:
        """Read a noun with its article or superlative, without what is said of it."""
        start, definite, pick = self.at, False, ""
        while self.rest and (self.rest[0] in _DETERMINERS or self.rest[0] in _PICKS):
            definite |= self.rest[0] == "the"
            pick = _PICKS.get(self.rest[0], pick)
            self.at += 1
        words: list[str] = []
        while self.rest and self._goes_on(words):
            words.append(self.rest[0])
            self.at += 1
        if not words or len(words) > 5:
            raise not_understood(self.words[start:] or self.words)
        name = " ".join(words)
        many = nouns.is_plural(name)
        return Phrase(nouns.singular(name), definite, many, pick)

    def _goes_on(self, words: list[str]) -> bool:
        """Return whether the next word belongs to the noun that these words begin."""
        word = self.rest[0]
        if word == "of":
            return bool(words) and nouns.singular(words[-1]) in nouns.HEADS
        if word in _DETERMINERS or word in _FILLERS or word in _STOPS or word[0].isdecimal() or word == "%":
            return False
        return not (word in _DIRECTIONS and self.rest[1:2] == ["of"])

    def relations(self) -> tuple[Relation, ...]:
        """Read all that is said of the phrase before."""
        found: list[Relation] = []
        while True:
            start = self.at
            self.take("and", "but")
            self.take_any(_FILLERS)
            relation = self._relation()
            if relation is None:
                self.at = start
                self.take_any(_FILLERS)
                return tuple(found)
            found.append(relation)

    def _relation(self) -> Relation | None:
        negated = bool(self.take("not"))
        self.take_any(_FILLERS)
        size = self._size()
        if size:
            return replace(size, negated=negated)
        place = self._place()
        if place is None:
            return self._having()
        kind, distance = place
        objects, either = [self._object()], True
        while True:
            start = self.at
            link = self.take("and", "or", ",")
            if not link or not self.rest or self.rest[0] in _STOPS or self.rest[0] in _FILLERS:
                self.at = start
                break
            either = link == "or" if link != "," else either
            objects.append(self._object())
        return Relation(kind, negated, distance, tuple(objects), either)

    def _object(self) -> Phrase:
        phrase = self.noun()
        if self.rest[:1] in (["that"], ["which"]):
            return replace(phrase, relations=self.relations())
        return phrase

    def _size(self) -> Relation | None:
        start = self.at
        word = self.take(
            "larger than", "bigger than", "greater than", "of more than", "of at least", "over", "above",
            "smaller than", "of less than", "of at most", "under", "below",
        )  # fmt: skip
        area = self.quantity(AREAS) if word else None
        if area is None:
            self.at = start
            return None
        small = word in ("smaller than", "of less than", "of at most", "under", "below")
        return Relation("smaller" if small else "larger", quantity=area)

    def _having(self) -> Relation | None:
        """Read "with a road within 100 m", "without a road nearby"."""
        start = self.at
        word = self.take("without", "with no", "no", "with")
        if not word:
            return None
        thing = self.noun()
        near = (
            self.quantity(LENGTHS)
            if self.take("within")
            else NEAR
            if self.take("nearby", "near them", "near")
            else None
        )
        self.take("of them", "of it")
        if near is None:
            self.at = start
            return None
        return Relation("near" if word == "with" else "away_from", False, near, (thing,))

    def _place(self) -> tuple[str, Quantity | None] | None:
        """Read the words between a thing and what it lies at: (kind, distance)."""
        start = self.at
        if self.take(
            "within", "less than", "closer than", "at most", "no more than", "not more than", "no farther than"
        ):
            distance = self.quantity(LENGTHS)
            if distance:
                self.take("away")
                self.take("of", "from", "to")
                return "near", distance
            self.at = start
        if self.take("more than", "farther than", "further than", "at least", "over"):
            distance = self.quantity(LENGTHS)
            if distance:
                self.take("away")
                if self.take("from", "to", "of"):
                    return "away_from", distance
            self.at = start
        distance = self.quantity(LENGTHS)
        if distance and self.take("or less from", "or less of", "from", "of", "away from"):
            return "near", distance
        self.at = start
        if self.take("next to", "beside", "alongside", "along"):
            return "near", BESIDE
        if self.take("near to", "near", "close to", "around", "in the vicinity of", "nearby"):
            return "near", NEAR
        if self.take("far from", "far away from", "away from"):
            return "away_from", NEAR
        if self.take(
            "adjacent to", "touching", "touch", "touches", "bordering", "border", "borders", "on", "by"
        ):  # fmt: skip
            return self._side() or ("touching", None)
        if self.take("outside of", "outside", "out of"):
            return "outside", None
        if self.take("to the", "at the"):
            side = self._side()
            if side:
                return side
            self.at = start
        if self.take("in", "inside of", "inside", "within", "surrounded by"):
            return self._side() or ("inside", None)
        side = self._side()
        if side is None:
            self.at = start
        return side

    def _side(self) -> tuple[str, None] | None:
        """Read a direction: "north of", "the left of"."""
        start = self.at
        self.take("the")
        if self.rest and self.rest[0] in _DIRECTIONS:
            way = _DIRECTIONS[self.rest[0]]
            self.at += 1
            self.take("side")
            if self.take("of") or self.words[self.at - 1] in ("above", "below"):
                return way, None
        self.at = start
        return None
