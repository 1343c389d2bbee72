"""The words for the world's classes in questions, and the class that a word of an answer stands for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Optional

from ...world.captions import terms
from ...world.classes import LABEL, NAMES


@dataclass(frozen=True)
class Noun:
    """A word for a class.

    Attributes:
        name: The class.
        many: The plural, or the word itself where it has none.
        one: The singular; "" where things of it are not counted.
        verb: What follows `many`: "is" or "are".
    """

    name: str
    many: str
    one: str = ""
    verb: str = "is"

    @property
    def a_one(self) -> str:
        """Return the singular with its article, or the bare word where there is no singular."""
        return f"{'an' if self.one[0] in 'aeiou' else 'a'} {self.one}" if self.one else self.many

    @property
    def does(self) -> str:
        """Return "do" or "does"."""
        return "do" if self.verb == "are" else "does"


def _things(name: str, *words: str) -> tuple[Noun, ...]:
    return tuple(Noun(name, _plural(word), word, "are") for word in words)


def _stuff(name: str, *words: str) -> tuple[Noun, ...]:
    return tuple(Noun(name, word) for word in words)


def _plural(word: str) -> str:
    return f"{word}es" if word.endswith("sh") else f"{word}s"


NOUNS: dict[str, tuple[Noun, ...]] = {
    "lake": _things("lake", "lake", "pond"),
    "river": _things("river", "river", "stream"),
    "pool": _things("pool", "pool", "swimming pool"),
    "wetland": (*_stuff("wetland", "wetland"), *_things("wetland", "marsh")),
    "forest": (*_things("forest", "forest"), *_stuff("forest", "forest", "woodland")),
    "orchard": _things("orchard", "orchard"),
    "shrubland": _stuff("shrubland", "shrubland", "scrub"),
    "meadow": (*_things("meadow", "meadow"), *_stuff("meadow", "grass", "grassland")),
    "crops": (Noun("crops", "crops", "", "are"), *_stuff("crops", "farmland", "cropland")),
    "soil": _stuff("soil", "bare soil"),
    "sand": _stuff("sand", "sand"),
    "road": _things("road", "road", "street"),
    "track": _things("track", "track", "dirt road"),
    "railway": _things("railway", "railway"),
    "building": _things("building", "building", "house"),
    "parking": _things("parking", "parking lot", "car park"),
}

COUNTED = ("lake", "pool", "building", "parking", "orchard", "forest", "meadow")
"""Classes whose things a person would count."""


def class_of(text: str) -> Optional[str]:
    """Return the class that a word stands for, with or without article, singular or plural; None for others."""
    words = text.lower().strip().split()
    while words and words[0] in ("a", "an", "the", "any"):
        words = words[1:]
    return _known().get(" ".join(words))


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    known: dict[str, str] = {}
    for name in NAMES:
        for word in terms(LABEL[name]):
            known |= {word: name, _plural(word): name}
        for noun in NOUNS[name]:
            known |= {noun.many: name} | ({noun.one: name} if noun.one else {})
    return known
