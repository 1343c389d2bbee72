"""Noun phrases with what is said of where their things lie: "ponds within 100 m of a road that are not in a forest"."""

from __future__ import annotations

from dataclasses import dataclass

from . import nouns
from .units import Quantity

NEAR = Quantity(100, "m")
"""What "near" without a number is read as."""
BESIDE = Quantity(20, "m")
"""And what "next to", "beside" and "along" are."""


OPPOSITE = {
    "near": "away_from", "away_from": "near", "inside": "outside", "outside": "inside", "larger": "smaller",
    "smaller": "larger",
}  # fmt: skip
"""What it is to be denied, where there is a word for it."""


@dataclass(frozen=True)
class Relation:
    """What is said of where things lie, or how large they are.

    Attributes:
        kind: near, away_from, touching, inside, outside, a direction, larger or smaller.
        negated: Whether it is denied.
        quantity: A distance or an area, where the kind has one.
        objects: To what; none for a size.
        either: Whether one of the objects is enough.
    """

    kind: str
    negated: bool = False
    quantity: Quantity | None = None
    objects: tuple[Phrase, ...] = ()
    either: bool = True

    def words(self) -> str:
        """Return it as it follows a noun."""
        kind = OPPOSITE.get(self.kind, self.kind) if self.negated else self.kind
        to = (" or " if self.either else " and ").join(phrase.words() for phrase in self.objects)
        text = {
            "near": f"within {self.quantity} of {to}",
            "away_from": f"more than {self.quantity} from {to}",
            "touching": f"touching {to}",
            "inside": f"in {to}",
            "outside": f"outside {to}",
            "larger": f"larger than {self.quantity}",
            "smaller": f"smaller than {self.quantity}",
        }.get(kind, f"{kind} of {to}")
        return f"not {text}" if self.negated and kind == self.kind else text


@dataclass(frozen=True)
class Phrase:
    """A noun and what is said of its things.

    Attributes:
        noun: In the singular, as it is looked for.
        definite: Whether it had "the".
        many: Whether it was a plural.
        pick: largest or smallest; "" for all of them.
        relations: In order.
    """

    noun: str
    definite: bool = False
    many: bool = False
    pick: str = ""
    relations: tuple[Relation, ...] = ()

    def words(self) -> str:
        """Return it with its article."""
        name = f"the {self.pick} {self.noun}" if self.pick else f"the {self.noun}" if self.definite else ""
        return " ".join([name or nouns.with_article(self.noun), *self.tail()])

    def tail(self) -> tuple[str, ...]:
        """Return the words of its relations."""
        return tuple(relation.words() for relation in self.relations)
