"""English nouns: singular and plural, which words have none, articles, and a number with its noun."""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


IRREGULAR = {
    "person": "people", "man": "men", "woman": "women", "child": "children", "foot": "feet", "leaf": "leaves",
    "roof": "roofs", "shelf": "shelves", "half": "halves", "wolf": "wolves", "goose": "geese", "ox": "oxen",
    "quarry": "quarries", "sheep": "sheep", "aircraft": "aircraft", "bus": "buses", "gas": "gases",
}  # fmt: skip
MASS = _set(
    "water grass grassland farmland cropland woodland sand snow ice soil vegetation land shrubland "
    "scrub asphalt concrete rubble smoke mud gravel rock greenery woods marshland pasture rainforest cloud "
    "shade rice wheat corn grain crops reeds rails dunes"
)
"""Words that are spoken of without an article, and have no plural."""
_ALWAYS = _set("woods grass glass moss gas bus canvas campus terrace rails reeds dunes crops")
"""Words that end in s and are left as they are."""
_BOTH = {plural: singular for singular, plural in IRREGULAR.items() if singular != plural}
HEADS = _set("body patch piece area stand stretch field row strip sheet")
"""Nouns that may be followed by "of": a body of water."""


def singular(phrase: str) -> str:
    """Return a noun phrase with its head in the singular: "swimming pools" → "swimming pool"."""
    return _with_head(phrase, _singular)


def plural(phrase: str) -> str:
    """Return a noun phrase, given in the singular, with its head in the plural."""
    return _with_head(phrase, _plural)


def is_plural(phrase: str) -> bool:
    """Return whether a noun phrase's head is a plural, or a word that needs none."""
    head = phrase.split(" of ")[0].split()[-1]
    return _singular(head) != head or head in IRREGULAR.values() or head in _ALWAYS


def with_article(phrase: str) -> str:
    """Return a noun phrase in the singular after its "a" or "an"; without where it takes none."""
    head = phrase.split(" of ")[0].split()[-1]
    if head in MASS or _plural(head) == head:
        return phrase
    vowel = phrase[0] in "aeiou" and not phrase.startswith(("uni", "eu", "use", "one"))
    return f"{'an' if vowel else 'a'} {phrase}"


def counted(count: float, unit: str) -> str:
    """Return a unit as it follows a number: "ponds" after 3, "pond" after 1."""
    return singular(unit) if count == 1 else unit


def _with_head(phrase: str, change: object) -> str:
    assert callable(change)
    head, of, rest = phrase.partition(" of ")
    words = head.split()
    return " ".join([*words[:-1], change(words[-1])]) + of + rest if words else phrase


def _singular(word: str) -> str:
    if word in _BOTH:
        return _BOTH[word]
    if word in _ALWAYS or len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zes", "buses")):
        return word[:-2]
    return word[:-1]


def _plural(word: str) -> str:
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word in _ALWAYS or word in _BOTH or word in MASS:
        return word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")
