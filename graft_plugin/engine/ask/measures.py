"""Questions of ground and of change: how much area, what share, what was lost or gained."""

from __future__ import annotations

import re
from dataclasses import replace

from . import nouns
from .draft import Draft, area_in, end, named, quoted, unit_in
from .phrases import Phrase
from .reader import Reader
from .units import AREAS, read_unit
from .words import not_understood, words_of

_DATES = re.compile(
    r"\b(?:(?:between|from) (?:\d{4}|(?:the )?(?:two |both )?(?:dates|images|scenes|pictures|years)|then|before)"
    r"(?: (?:and|to|until) (?:\d{4}|now|today|after))?|since (?:\d{4}|then)|over time|in the meantime|by now)\b"
)
_LOST = "lost|disappeared|vanished|gone|cleared|removed|destroyed|demolished|shrunk|shrank|shrink|decreased?|declined?"
_GAINED = "gained|appeared|new|built|grown?|grew|added|created|increased?|planted|expanded?"
_SHARE = (
    r"(?:what|how large a|how big a|which)(?: is the| is)? (?:share|percentage|percent|fraction|proportion|part)(?: |$)"
    r"|how much of "
)
_AUXILIARY = "changed?|has|have|was|were|been|did|do|does|area of|in total|net"
_MORE_THAN_BEFORE = r"\b(?:cover|covers|take up) (more|less) (?:(?:area|ground|land|space) )?than before\b"
_WIDEST = (
    r"(?:which|what)(?: one)? (?:is|are|covers?|has|have|takes up|occupies) (?:the )?"
    r"(more|most|less|least|larger|largest|bigger|biggest|greater|greatest|smaller|smallest)\b[^,:]*[,:] (.+ or .+)"
)
_SIDES = {"lost": _LOST, "gained": _GAINED}
_COVERED = ("is covered by", "are covered by", "is covered with", "covered by", "covered with", "taken up by")


def area(reader: Reader) -> str | None:
    """How much forest there is, how large the largest pond is, how many hectares of forest: ground that is covered."""
    reader.words = list(reader.words)
    if reader.take("how large", "how big") and reader.take("a share", "a part", "a percentage", "a fraction"):
        return None
    reader.at = 0
    start = reader.take(
        "how much area", "how much land", "how much ground", "how much space", "how much surface", "what area",
        "what is the total area", "what is the area", "what is the size", "how large", "how big", "how much",
        "total area", "area",
    )  # fmt: skip
    if not start:
        return None
    unit = unit_in(reader, AREAS, "ha")
    if start == "how much" and reader.rest[:1] in (["in_view"], ["of"]):
        return share(Reader(["what", "share", *reader.rest]))
    reader.take("of")
    reader.take(*_COVERED, "is", "are", "do", "does", "was", "has")
    reader.take("of")
    reader.take("the total area of", "the area of")
    phrases = reader.phrases()
    reader.take("cover", "covers", "covered", "occupy", "occupies", "take up", "have")
    end(reader)
    draft = Draft()
    name = draft.united(phrases, ground=not phrases[0].pick)
    names, tail = named(phrases, many=phrases[0].many, link=" and ")
    about = f"covered by {phrases[0].words()}" if phrases[0].pick else f"of {names} {tail}".strip()
    return draft.answer(area_in(name, unit), unit, about)


def share(reader: Reader) -> str | None:
    """What share of the view is forest, or of the ponds are near a road, by number, or of the forest, by ground."""
    opening = re.match(_SHARE, " ".join(reader.words))
    if not opening:
        return None
    reader = Reader(re.sub(r" (in|as a) (percent|percentage|%)$", "", " ".join(reader.words)).split())
    reader.at = len(opening.group().split()) - opening.group().endswith("of ")
    reader.take_any(frozenset(("in_view", "land", "area")))
    if not reader.take("of"):
        reader.take("is", "are", "do", "does", *_COVERED)
        reader.take(*_COVERED)
        phrases = reader.phrases()
        reader.take("cover", "covers", "covered", "occupy")
        end(reader)
        draft = Draft()
        name = draft.united(phrases, ground=True)
        names, tail = named(phrases, many=phrases[0].many, link=" and ")
        return draft.answer(f"100 * share({name})", "%", f"of the view is {names} {tail}".strip())
    phrases = reader.phrases()
    end(reader)
    if not phrases[0].relations:  # "what share of forest is there": of the view
        return share(Reader(["what", "share", "is", *(" or ".join(p.noun for p in phrases)).split()]))
    draft = Draft()
    many = all(phrase.many for phrase in phrases)
    whole = draft.united(tuple(replace(phrase, relations=()) for phrase in phrases))
    some = draft.united(phrases, ground=not many)
    function = "count" if many else "area_m2"
    names, tail = named(phrases, many=many, link=" and ")
    value = f"100 * {function}({some}) / {function}({whole}) if exists({whole}) else None"
    return draft.answer(value, "%", f"of the {names} {'are' if many else 'is'} {tail}")


def change(words: list[str]) -> str | None:
    """Return the plan of a question about two dates; None where it is not one."""
    text = re.sub(_MORE_THAN_BEFORE, _grown, " ".join(word for word in words if word != ","))
    timed = _DATES.search(text)
    text = " ".join(_DATES.sub(" ", text).split())
    side = next((side for side, words_ in _SIDES.items() if re.search(rf"\b(?:{words_})\b", text)), "")
    shape = re.match(
        r"how many|how much|what area|is there|are there|was|were|did|do|does|has|have|what share|which|how", text
    )
    if not side and (not timed or not re.search(r"\bchanged?\b", text)):
        return None
    rest = re.sub(
        rf"\b(?:{_LOST}|{_GAINED}|changed?|has|have|was|were|been|did|do|does|area of|in total|net)\b", " ", text
    )
    if not shape:
        raise not_understood(words)
    reader = Reader(rest.split())
    start = reader.take("how many", "how much area", "how much", "what area", "is there", "are there", "how")
    unit = unit_in(reader, AREAS, "ha")
    measured = read_unit(reader.rest) if start == "how many" else None
    if measured and measured[0] in AREAS:
        start, unit, reader.at = "how much", measured[0], reader.at + measured[1]
    reader.take_any(frozenset(("of", "is", "are", "do", "does")))
    phrase = reader.noun()
    end(reader)
    draft = Draft()
    changes = draft.add("changes", f"compare(before, after, {quoted(phrase.noun)})")
    name = nouns.plural(phrase.noun) if phrase.many else phrase.noun
    if not side:
        value = f"({area_in(f'gained({changes})', unit)}) - ({area_in(f'lost({changes})', unit)})"
        return draft.answer(value, unit, f"net change of {name} from before to after")
    if start == "" and re.search(r"\b(?:shr[iau]nk|gr[oe]wn?|(?:de|in)creased?|declined?|expanded?)\b", text):
        than, size = ("<", "larger") if side == "gained" else (">", "smaller")
        value = f"area_m2(lost({changes})) {than} area_m2(gained({changes}))"
        return draft.answer(value, about=f"that the area of {name} is {size} than before")
    some = draft.add(f"{side}_{name}", f"{side}({changes})")
    if start == "how many":
        return draft.answer(f"count({some})", name, side)
    if start in ("how much area", "how much", "what area"):
        return draft.answer(area_in(some, unit), unit, f"of {name} {side}")
    was = "were" if phrase.many else "was"
    return draft.answer(f"exists({some})", about=f"that {name} {was} {side}")


def _grown(match: re.Match[str]) -> str:
    return "increased" if match.group(1) == "more" else "decreased"


def widest(question: str) -> str | None:
    """Which covers more, forest or water: the one of the greatest area, or of the least."""
    asked = re.match(_WIDEST, question.strip().lower().rstrip("?. "))
    if not asked:
        return None
    least = asked.group(1) in ("less", "least", "smaller", "smallest")
    phrases: list[Phrase] = []
    draft = Draft()
    for part in re.split(r",\s*(?:or\s+)?|\s+or\s+", asked.group(2)):
        reader = Reader(words_of(part))
        phrases += reader.phrases()
        end(reader)
    areas = [f"area_m2({draft.put(phrase, ground=True)})" for phrase in phrases]
    best = draft.add("least" if least else "most", f"{'min' if least else 'max'}([{', '.join(areas)}])")
    names = [quoted(nouns.plural(phrase.noun) if phrase.many else phrase.noun) for phrase in phrases]
    choice = " else ".join(f"{name} if {area} == {best}" for name, area in zip(names[:-1], areas))
    about = f", the {'least' if least else 'most'} of these by area"
    return draft.answer(f"({choice} else {names[-1]}) if {' + '.join(areas)} > 0 else None", about=about)
