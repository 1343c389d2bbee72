"""Captions of ground views, from what is seen there and nothing else, in a closed vocabulary of plain English.

The words of a caption: the subject (its name, a synonym, a more general word), at times its look ("muddy", "brick"),
the light, the season and what else is plain to see behind it. Nothing in a caption comes from above.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from .classes import CLASSES, NAMES
from .ground import GroundViews
from .moods import LOOKS

PROMPT_TEMPLATES: tuple[str, ...] = (
    "{}",
    "a photo of the {}",
    "a picture of the {}",
    "a view of the {}",
    "the {} on a sunny day",
    "the {} under a cloudy sky",
    "the {} at sunset",
    "the {} in the mist",
    "the {} in spring",
    "the {} in summer",
    "the {} in autumn",
    "the {} in winter",
)
"""Frames for zero-shot prompts, to be averaged; each holds one ``{}``. All read well with any noun."""

_FRAMES = ("{}", "{}", "a photo of {}", "a picture of {}", "a view of {}", "an image of {}", "a scene with {}")
_LIGHT_WORDS = {
    "sunny": ("on a sunny day", "in the sunshine", "on a bright day", "under a blue sky"),
    "cloudy": ("under a cloudy sky", "on a cloudy day", "on a grey day", "under grey clouds"),
    "sunset": ("at sunset", "in the evening", "under an orange sky", "in warm evening light"),
    "misty": ("in the mist", "on a misty day", "in the fog", "on a hazy morning"),
}
_SEASON_WORDS = {
    "spring": ("in spring", "on a spring day"),
    "summer": ("in summer", "on a summer day"),
    "autumn": ("in autumn", "on an autumn day"),
    "winter": ("in winter", "on a winter day"),
}
_BESIDE = ("beside {}", "near {}", "next to {}", "with {} behind", "in front of {}", "with {} in the background")

# More words for a class than its synonyms: singulars and kinds that people also write.
_MORE_WORDS: dict[str, tuple[str, ...]] = {
    "river": ("creek",),
    "forest": ("tree", "wood"),
    "shrubland": ("shrub", "bush"),
    "orchard": ("fruit tree",),
    "wetland": ("reed bed", "bog"),
    "meadow": ("field of grass",),
    "crops": ("field of crops", "arable field"),
    "soil": ("ploughed field", "field of bare soil"),
    "sand": ("sandy beach",),
    "road": ("paved road",),
    "railway": ("railway line", "train track"),
    "building": ("farm building",),
    "parking": ("car park", "parked car", "cars"),
}
_LOOK_NOUNS = {("crops", "ripe"): ("wheat", "grain field"), ("crops", "green"): ("corn field",)}
_MASS = frozenset(
    (
        "open water", "water", "reeds", "trees", "woodland", "woods", "fruit trees", "shrubland", "bushes", "shrubs",
        "scrub", "grass", "grassland", "pasture", "crops", "farmland", "cropland", "soil", "bare soil", "sand", "dunes",
        "rails", "train tracks", "buildings", "parking", "parked cars", "cars", "wheat",
    )
)  # fmt: skip
"""Nouns that take no article: substances and plurals."""

_SHARE_GENERIC = 0.12


def _pick(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def terms(label: int) -> tuple[str, ...]:
    """Return all nouns for a land class: its name, its synonyms, and further words."""
    land = CLASSES[label]
    return (land.name, *land.synonyms, *_MORE_WORDS.get(land.name, ()))


def with_article(noun: str, adjective: str = "") -> str:
    """Return the noun with its adjective and, where English wants one, "a" or "an"."""
    phrase = f"{adjective} {noun}".strip()
    if noun in _MASS:
        return phrase
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def _noun(label: int, look: str, rng: np.random.Generator) -> str:
    """Draw a noun for the subject; the class's name is the most frequent."""
    name = NAMES[label]
    special = _LOOK_NOUNS.get((name, look), ())
    if special and rng.random() < 0.15:
        return _pick(special, rng)
    if CLASSES[label].water and rng.random() < _SHARE_GENERIC:
        return "water"
    return name if rng.random() < 0.4 else _pick(terms(label), rng)


def caption(
    label: int, rng: np.random.Generator, *, neighbour: int = -1, light: str = "", season: str = "", look: str = ""
) -> str:
    """Write one caption.

    Args:
        label: Land class of the subject.
        rng: Source of chance.
        neighbour: Land class seen besides; -1 for none.
        light: One of `moods.LIGHTS`, or empty.
        season: One of `moods.SEASONS`, or empty.
        look: The word for the subject's look, or empty.

    Returns:
        Lower-case words without punctuation, all of `VOCABULARY`.
    """
    noun = _noun(label, look, rng)
    adjective = look if rng.random() < 0.18 and noun not in ("open water", "wheat", "grain field") else ""
    bare = rng.random() < 0.25 and not adjective
    if bare:
        return noun
    draw = rng.random()
    subject = f"the {adjective} {noun}".replace("  ", " ") if draw < 0.3 else with_article(noun, adjective)
    text = _pick(_FRAMES, rng).format(subject)
    if neighbour >= 0 and rng.random() < 0.10:
        other = with_article(_pick(terms(neighbour)[:3], rng))
        text = f"{text} {_pick(_BESIDE, rng).format(other)}"
    extra = rng.random()
    if light and extra < 0.10:
        text = f"{text} {_pick(_LIGHT_WORDS[light], rng)}"
    elif season and extra < 0.18:
        text = f"{text} {_pick(_SEASON_WORDS[season], rng)}"
    return text


def write_captions(views: GroundViews, rng: np.random.Generator, each: int = 4) -> list[tuple[str, ...]]:
    """Write `each` captions for every view, from what its photographer saw."""
    return [
        tuple(
            caption(
                int(views.subject[k]),
                rng,
                neighbour=int(views.neighbour[k]),
                light=views.light[k],
                season=views.season[k],
                look=views.look[k],
            )
            for _ in range(each)
        )
        for k in range(len(views.subject))
    ]


_FILLERS = frozenset(("a", "an", "the", "of", "photo", "picture", "view", "image", "scene"))


@lru_cache(maxsize=1)
def _thesaurus() -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of every noun, long ones first, and the class name of each."""
    names = {noun: NAMES[label] for label in range(len(CLASSES)) for noun in terms(label)}
    names |= {noun: name for (name, _), nouns in _LOOK_NOUNS.items() for noun in nouns}
    ordered = sorted(names, key=len, reverse=True)
    return re.compile(r"\b(" + "|".join(ordered) + r")\b"), names


def gist(text: str) -> str:
    """Return what a caption says, without how: "a photo of the pond" and "lake" give "lake".

    Synonyms give their class's name, articles and "a photo of" go; adjectives, light, season and neighbours stay.
    """
    pattern, names = _thesaurus()
    plain = pattern.sub(lambda found: names[found[0]], text)
    return " ".join(word for word in plain.split() if word not in _FILLERS)


def words_of(texts: Sequence[str]) -> set[str]:
    """Return the lower-case words of some texts."""
    return set(re.findall(r"[a-z]+", " ".join(texts).lower()))


def _all_words() -> tuple[str, ...]:
    texts = ["a an the water", *_FRAMES, *_BESIDE, *PROMPT_TEMPLATES]
    texts += [text for table in (_LIGHT_WORDS, _SEASON_WORDS) for options in table.values() for text in options]
    texts += [noun for label in range(len(CLASSES)) for noun in terms(label)]
    texts += [noun for nouns in _LOOK_NOUNS.values() for noun in nouns]
    texts += [look for looks in LOOKS.values() for look, _, _ in looks]
    return tuple(sorted(words_of(texts)))


VOCABULARY: tuple[str, ...] = _all_words()
"""Every word that a caption or a prompt template can hold, sorted."""

CONTRAST: tuple[str, ...] = NAMES
"""The concepts that stand for "something else" when a single prompt is searched for: the class names."""
