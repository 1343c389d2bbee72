"""Questions of things: how many, is there, are all, are there more, how dense, how far, which is the largest."""

from __future__ import annotations

from dataclasses import replace

from . import nouns
from .draft import Draft, end, named, quoted, unit_in
from .measures import area
from .phrases import Phrase
from .reader import Reader
from .units import AREAS, LENGTHS, read_unit
from .words import not_understood

_VIEWS = ("image", "view", "scene", "area", "picture", "map", "photo", "raster")
_SHOWS = ("contain", "have", "show", "include")
_SUPERLATIVES = frozenset(("largest", "biggest", "smallest", "greatest", "tiniest", "nearest", "closest"))


def _things(reader: Reader) -> tuple[Phrase, ...]:
    """Read what can be counted: plurals."""
    phrases = reader.phrases()
    for phrase in phrases:
        if not phrase.many and phrase.noun.split()[-1] not in nouns.MASS:
            raise not_understood(phrase.noun.split())
    return phrases


def count(reader: Reader) -> str | None:
    """For "How many ponds …", "Where are the ponds …": how many there are; the map shows where."""
    if not reader.take(
        "how many",
        "what is the number of",
        "what is the amount of",
        "number of",
        "count the",
        "count all",
        "count",
        "where are",
    ):
        return None
    reader.take("different", "of the")
    unit = read_unit(reader.rest)
    if unit and unit[0] in AREAS:
        return area(Reader(["how", "much", "area", "in", *reader.rest]))
    phrases = _things(reader)
    if reader.take("per", "a"):
        return _per_area(reader, phrases)
    end(reader)
    draft = Draft()
    name = draft.united(phrases)
    unit_name, tail = named(phrases, many=True, link=" and ")
    return draft.answer(f"count({name})", unit_name, tail)


def density(reader: Reader) -> str | None:
    """For "What is the density of ponds …": how many a square kilometre, or another unit."""
    if not reader.take("what is the density of", "how dense are", "density of"):
        return None
    phrases = reader.phrases()
    if not reader.take("per", "in"):
        end(reader)
        return _per_area(Reader(["km2"]), phrases)
    return _per_area(reader, phrases)


def _per_area(reader: Reader, phrases: tuple[Phrase, ...]) -> str:
    unit = read_unit(reader.rest)
    if not unit or unit[0] not in AREAS:
        raise not_understood(["per", *reader.rest])
    reader.at += unit[1]
    end(reader)
    draft = Draft()
    name = draft.united(phrases)
    names, tail = named(phrases, many=True, link=" and ")
    times = "" if unit[0] == "km2" else f" * {AREAS[unit[0]] / 1e6:.10g}"
    return draft.answer(f"density({name}){times}", f"{names} per {unit[0]}", tail)


def every(reader: Reader) -> str | None:
    """For "Are all ponds …": yes where there is one and all of them are so."""
    if not reader.take("are all", "is every", "is each", "do all", "does every", "are"):
        return None
    if reader.words[reader.at - 1] == "are" and not reader.take("all"):
        return None
    phrases = reader.phrases()
    end(reader)
    if not phrases[0].relations:
        raise not_understood(reader.words)
    draft = Draft()
    every = draft.united(tuple(replace(phrase, relations=()) for phrase in phrases))
    those = draft.united(phrases)
    names, tail = named(phrases, many=True, link=" and ")
    value = f"count({those}) == count({every}) if exists({every}) else None"
    return draft.answer(value, about=f"that all {names} are {tail}")


def more(reader: Reader) -> str | None:
    """Are there more ponds than lakes, more than five ponds, as many as lakes; is there more forest than water?"""
    start = reader.take("are there", "is there", "do you see", "can you see")
    word = reader.take("more", "fewer", "less", "at least", "at most", "exactly", "as many", "as much", "any more")
    if not start or not word:
        return None
    sign = {"fewer": "<", "less": "<", "at least": ">=", "at most": "<=", "exactly": "==", "as many": "=="}.get(
        word, ">"
    )
    word = word.removeprefix("any ")
    draft = Draft()
    bare = word in ("at least", "at most", "exactly")
    if bare or reader.take("than"):
        number = reader.number()
        if number is None:
            raise not_understood(reader.words)
        phrases = _things(reader)
        end(reader)
        names, tail = named(phrases, many=True, link=" and ")
        value = f"count({draft.united(phrases)}) {sign} {number:g}"
        said = f"{word}{'' if bare else ' than'} {number:g} {names} {tail}".strip()
        return draft.answer(value, about=f"that there are {said}")
    one = reader.phrases()
    if not reader.take("than", "as"):
        reader.at = 0
        return None
    other = reader.phrases()
    end(reader)
    counted = all(phrase.many for phrase in (*one, *other))
    function = "count" if counted else "area_m2"
    value = f"{function}({draft.united(one)}) {sign} {function}({draft.united(other)})"
    (a, tail), (b, rest) = named(one, many=counted), named(other, many=counted)
    link = "as" if word.startswith("as") else "than"
    said = " ".join(f"{word} {a} {tail} {link} {b} {rest}".split())
    return draft.answer(value, about=f"that there {'are' if counted else 'is'} {said}")


def as_many(reader: Reader) -> str | None:
    """Is the number of ponds equal to, greater or less than the number of lakes."""
    if not reader.take("is the number of", "is the amount of"):
        return None
    one = _things(reader)
    word = reader.take("equal to", "the same as", "greater than", "larger than", "less than", "smaller than")
    reader.take("the number of", "the amount of", "that of")
    other = _things(reader)
    end(reader)
    if not word:
        raise not_understood(reader.words)
    sign = {"g": ">", "l": ">" if word == "larger than" else "<", "s": "<"}[word[0]] if "than" in word else "=="
    draft = Draft()
    (a, tail), (b, rest) = named(one, many=True), named(other, many=True)
    said = " ".join(f"the number of {a} {tail} is {word} the number of {b} {rest}".split())
    return draft.answer(f"count({draft.united(one)}) {sign} count({draft.united(other)})", about=f"that {said}")


def either(reader: Reader) -> str | None:
    """For "Is it a rural or an urban area?": the label that fits the view best."""
    if not reader.take("is it", "is this", *(f"is the {view}" for view in _VIEWS), *(f"is this {v}" for v in _VIEWS)):
        return None
    labels = [reader.noun().noun]
    while reader.take("or", ","):
        labels.append(reader.noun().noun)
    if len(labels) < 2 or reader.rest:
        return None
    head = labels[-1].split()[1:]
    if head and all(" " not in label for label in labels[:-1]):  # "rural or urban area"
        labels = [" ".join([label, *head]) for label in labels[:-1]] + labels[-1:]
    return Draft().answer(f"classify(view(), [{', '.join(map(quoted, labels))}])", about="by the view as a whole")


def exists(reader: Reader) -> str | None:
    """For "Is there a pond …", "Is a pond near …", "Does the image show …"."""
    start = reader.take(
        "is there", "are there", "do you see", "can you see", "do we see", "can we see", "was there", "were there",
        "is", "are", "do", "does",
    )  # fmt: skip
    if not start:
        return None
    shows = False
    if start == "does" and reader.take("the", "this"):
        shows = bool(reader.take(*(f"{view} {verb}" for view in _VIEWS for verb in _SHOWS)))
        if not shows:
            reader.at -= 1
    denied = bool(reader.take("not", "no"))
    phrases = reader.phrases()
    end(reader)
    said = any(phrase.relations for phrase in phrases) or {"present", "visible"} & set(reader.words)
    if not (said or shows or len(start) > 4):
        raise not_understood(reader.words)
    draft = Draft()
    name = draft.united(phrases)
    names = " or ".join(nouns.with_article(phrase.noun) for phrase in phrases)
    tail = named(phrases, many=False)[1]
    if not denied:
        return draft.answer(f"exists({name})", about=f"{names} {tail}".strip())
    none = " or ".join(phrase.noun for phrase in phrases)
    return draft.answer(f"not exists({name})", about=f"that there is no {none} {tail}".strip())


def distance(reader: Reader) -> str | None:
    """For "How far is a pond from a road": between the nearest two, or those that are picked."""
    start = reader.take(
        "how far apart are", "how far away is", "how far is it from", "how far is it", "how far is", "how far are",
        "how close is", "how close are", "what is the distance between", "what is the distance from",
        "what is the distance of", "what is the distance", "distance between", "distance from",
    )  # fmt: skip
    counted = read_unit(reader.words[2:]) if not start and reader.take("how many") else None
    if counted and counted[0] in LENGTHS:
        reader.at += counted[1]
        start = reader.take("are there between", "is it from", "are there from", "are between", "lie between")
    if not start:
        return None
    reader.words = list(reader.words)
    unit = counted[0] if counted else unit_in(reader, LENGTHS, "m")
    draft, sides = Draft(), []
    for _side in range(2):
        reader.take("from", "between", "and", "to")
        reader.take("the nearest", "the closest", "nearest", "closest", "the")
        sides.append(reader.noun())
        reader.take_any(frozenset(("away", "apart", "is", "are")))
    end(reader)
    a, b = (draft.put(side) for side in sides)
    between = f"distance_m({a}, {b})"
    value = between if unit == "m" else f"{between} / {LENGTHS[unit]:.10g} if exists({a}) and exists({b}) else None"
    first, second = (f"{side.pick or 'nearest'} {side.noun}" for side in sides)
    return draft.answer(value, unit, f"between the {first} and the {second}")


def extreme(reader: Reader) -> str | None:
    """For "Which is the largest pond …", "Which pond is nearest to …"."""
    if not reader.take(
        "which is", "what is", "where is", "which are", "what are", "show me", "show", "find", "which", "where are"
    ):
        return None
    nearest = reader.take("the nearest", "the closest", "nearest", "closest")
    if not nearest and not {"largest", "biggest", "smallest", "greatest", "tiniest", "nearest", "closest"} & set(
        reader.words
    ):
        return None
    phrase = reader.noun()
    reader.take_any(frozenset(("is", "lies")))
    if nearest or reader.take("the nearest to", "nearest to", "the closest to", "closest to", "nearest", "closest"):
        reader.take("to", "from")
        other = reader.phrases()
        end(reader)
        draft = Draft()
        name = draft.add(f"nearest_{phrase.noun}", f"nearest({draft.put(phrase)}, {draft.united(other)})")
        return draft.answer(name, about=f"the {phrase.noun} nearest to {other[0].words()}")
    reader.take("the")
    pick = phrase.pick or {"largest": "largest", "biggest": "largest", "smallest": "smallest"}.get(
        reader.take("largest", "biggest", "smallest"), ""
    )
    phrase = replace(phrase, pick=pick, relations=reader.relations())
    end(reader)
    if not pick:
        raise not_understood(reader.words)
    draft = Draft()
    return draft.answer(draft.put(phrase), about=phrase.words())
