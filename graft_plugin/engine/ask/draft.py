"""Plans as the built-in planner writes them, line by line, and what its shapes share."""

from __future__ import annotations

import json
import keyword
import re

from . import nouns
from .functions import FUNCTIONS
from .phrases import OPPOSITE, Phrase, Relation
from .reader import Reader
from .syntax import SCENES
from .units import AREAS, Quantity, read_unit
from .words import not_understood


class Draft:
    """A plan that grows line by line; a noun is looked for once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._found: dict[str, str] = {}
        self._names: set[str] = set()

    def add(self, stem: str, expression: str) -> str:
        """Add an assignment, and return its name."""
        stem = re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_")[:34] or "things"
        stem = stem if stem[0].isalpha() else f"the_{stem}"
        name, k = stem, 1
        while name in self._names or name in FUNCTIONS or name in SCENES or keyword.iskeyword(name):
            k += 1
            name = f"{stem}_{k}"
        self._names.add(name)
        self.lines.append(f"{name} = {expression}")
        return name

    def find(self, noun: str) -> str:
        """Return the name of all things of a noun."""
        if noun not in self._found:
            self._found[noun] = self.add(nouns.plural(noun), f"find({quoted(noun)})")
        return self._found[noun]

    def put(self, phrase: Phrase, *, ground: bool = False) -> str:
        """Return the name of what a phrase means; of its ground where `ground`."""
        name = self.find(phrase.noun)
        for relation in phrase.relations:
            name = self._related(name, nouns.plural(phrase.noun), relation, ground)
        return self.add(f"{phrase.pick}_{phrase.noun}", f"{phrase.pick}({name})") if phrase.pick else name

    def united(self, phrases: tuple[Phrase, ...], *, ground: bool = False) -> str:
        """Return the name of what several phrases mean together."""
        names = [self.put(phrase, ground=ground) for phrase in phrases]
        name = names[0]
        for other in names[1:]:
            name = self.add(f"{name}_or_{other}", f"union({name}, {other})")
        return name

    def _related(self, name: str, stem: str, relation: Relation, ground: bool) -> str:
        kind = OPPOSITE.get(relation.kind, relation.kind) if relation.negated else relation.kind
        if kind in ("larger", "smaller") and relation.quantity:
            sign = {"larger": ">", "smaller": "<"}[kind]
            return self.add(
                f"{kind}_{stem}", f"[thing for thing in {name} if area_m2(thing) {sign} {relation.quantity.si:.10g}]"
            )
        together = relation.either or len(relation.objects) == 1
        for objects in [relation.objects] if together else [(one,) for one in relation.objects]:
            other = self.united(objects)
            if ground and kind == "away_from":
                near_it = self.add(f"{stem}_near_{other}", _expression("near", name, other, relation.quantity, True))
                name = self.add(f"{stem}_away_from_{other}", f"subtract({name}, {near_it})")
                continue
            made = _expression(kind, name, other, relation.quantity, ground)
            if relation.negated and kind == relation.kind:
                made = f"others({name}, {made})"
            name = self.add(f"{stem}_{'not_' if 'others' in made else ''}{kind}_{other}", made)
        return name

    def answer(self, value: str, unit: str = "", about: str = "") -> str:
        """Return the plan, ended by an answer."""
        more = "".join(f", {key}={quoted(text)}" for key, text in (("unit", unit), ("about", about)) if text)
        return "\n".join([*self.lines, f"answer({value}{more})", ""])


def quoted(text: str) -> str:
    """Return a text as it stands in a plan."""
    return json.dumps(text, ensure_ascii=False)


def _expression(kind: str, a: str, b: str, quantity: Quantity | None, ground: bool) -> str:
    metres = f"{quantity.si:.10g}" if quantity else ""
    if kind == "near":
        return f"ground_near({a}, {b}, {metres})" if ground else f"near({a}, {b}, {metres})"
    if kind == "away_from":
        return f"away_from({a}, {b}, {metres})"
    if kind in ("inside", "outside") and ground:
        return f"{'intersect' if kind == 'inside' else 'subtract'}({a}, {b})"
    return f"{kind}({a}, {b})" if kind in ("touching", "inside", "outside") else f"{kind}_of({a}, {b})"


def named(phrases: tuple[Phrase, ...], *, many: bool, link: str = " or ") -> tuple[str, str]:
    """Return (nouns, what is said of them), in words."""
    names = [nouns.plural(p.noun) if many else p.noun for p in phrases]
    listed = ", ".join(names[:-1]) + link + names[-1] if len(names) > 1 else names[0]
    return listed, " ".join(phrases[-1].tail())


def end(reader: Reader) -> None:
    """Check that nothing is left that was not understood."""
    reader.relations()
    if reader.rest:
        raise not_understood(reader.rest)


def unit_in(reader: Reader, kinds: dict[str, float], usual: str) -> str:
    """Take "in hectares" out of the words, wherever it stands; return its unit, or the usual one."""
    for at in range(reader.at, len(reader.words) - 1):
        unit = read_unit(reader.words[at + 1 :]) if reader.words[at] == "in" else None
        if unit and unit[0] in kinds:
            del reader.words[at : at + 1 + unit[1]]
            return unit[0]
    return usual


def area_in(name: str, unit: str) -> str:
    """Return the expression of an area in a unit."""
    if unit in ("m2", "ha", "km2"):
        return f"area_{unit}({name})"
    return f"area_m2({name}) / {AREAS[unit]:.12g}"
