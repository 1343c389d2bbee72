"""Prompt sets: which texts stand for which class, as TOML files in `prompts/` or of the user's own.

::

    about = "what this set is"
    templates = ["a satellite image of {}"]     # empty: each model's own

    [classes]
    forest = ["forest", "trees"]                # several texts: counted together
    unnamed = []                                # never answered; of a class named "background": everything else
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from graft_plugin.errors import UsageError

from .layouts.folder import BACKGROUND

FOLDER = Path(__file__).with_name("prompts")


@dataclass(frozen=True)
class PromptSet:
    """Texts for the classes of a layout.

    Attributes:
        name: Of the set.
        sha256: Of its file; of the class names where there is none.
        templates: Prompts with one "{}" each; () for each model's own.
        classes: For each class of the layout, in its order, its texts.
        background: Index of the class that is everything that no text fits; None where there is none.
    """

    name: str
    sha256: str
    templates: tuple[str, ...]
    classes: tuple[tuple[str, ...], ...]
    background: Optional[int] = None

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text, class after class."""
        return tuple(text for texts in self.classes for text in texts)

    @property
    def owners(self) -> tuple[int, ...]:
        """The class index of every text."""
        return tuple(c for c, texts in enumerate(self.classes) for _ in texts)

    @property
    def asked(self) -> tuple[int, ...]:
        """The classes that have a text."""
        return tuple(c for c, texts in enumerate(self.classes) if texts)


def named_classes(classes: tuple[str, ...]) -> PromptSet:
    """Return the set in which each class's own name is its prompt; a class named `background` has none."""
    texts = tuple(() if name == BACKGROUND else (name.replace("_", " "),) for name in classes)
    digest = hashlib.sha256("\n".join(classes).encode()).hexdigest()
    return PromptSet("class names", digest, (), texts, _background(classes, texts))


def find_prompts(wanted: Optional[str], layout_set: Optional[str], classes: tuple[str, ...]) -> PromptSet:
    """Return a prompt set.

    Args:
        wanted: A file, a bundled set's name, or the ending of one of the layout's ("plain"); None for the layout's own.
        layout_set: The layout's own set; None where its class names are the prompts.
        classes: The layout's classes.

    Raises:
        UsageError: There is none of the name, or it does not fit the classes.
    """
    if wanted is None:
        return named_classes(classes) if layout_set is None else read_prompts(FOLDER / f"{layout_set}.toml", classes)
    bundled = [FOLDER / f"{name}.toml" for name in (f"{layout_set}-{wanted}", wanted)]
    for path in (*bundled, Path(wanted).expanduser()):
        if path.is_file():
            return read_prompts(path, classes)
    known = ", ".join(sorted(path.stem for path in FOLDER.glob("*.toml")))
    raise UsageError(f"there is no prompt set {wanted!r}", remedy=f"Give a TOML file, or one of {known}.")


def read_prompts(path: Path, classes: tuple[str, ...]) -> PromptSet:
    """Read a prompt set for these classes.

    Raises:
        UsageError: The file is damaged, lacks a class, names another, or gives one text to two classes.
    """
    try:
        raw = path.read_bytes()
        data = tomllib.loads(raw.decode("utf-8"))
        templates, table = tuple(data.get("templates", ())), data["classes"]
        texts = {name: tuple(values) for name, values in table.items() if isinstance(values, list)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _wrong(path, f"the prompt set cannot be read ({type(error).__name__}: {error})") from error
    if lacking := [name for name in classes if name not in texts]:
        raise _wrong(path, f"the prompt set has no texts for {', '.join(lacking)}")
    if foreign := [name for name in texts if name not in classes]:
        raise _wrong(path, f"the data set has no class {', '.join(foreign)}")
    every = [text for values in texts.values() for text in values]
    ordered = tuple(texts[name] for name in classes)
    background = _background(classes, ordered)
    if not all(isinstance(text, str) and text.strip() for text in every):
        raise _wrong(path, "a text is empty")
    if len(every) < (2 if background is None else 1):
        raise _wrong(path, "there is nothing to choose between: fewer than two texts")
    if twice := sorted({text for text in every if every.count(text) > 1}):
        raise _wrong(path, f"the text {twice[0]!r} stands twice")
    if not all(isinstance(template, str) and "{}" in template for template in templates):
        raise _wrong(path, "a template lacks the {} that stands for the text")
    return PromptSet(path.stem, hashlib.sha256(raw).hexdigest(), templates, ordered, background)


def _background(classes: tuple[str, ...], texts: tuple[tuple[str, ...], ...]) -> Optional[int]:
    empty = [c for c, name in enumerate(classes) if name == BACKGROUND and not texts[c]]
    return empty[0] if empty else None


def _wrong(path: Path, what: str) -> UsageError:
    return UsageError(what, remedy=f"Mend it; {FOLDER.name}/eurosat.toml shows how one looks.", path=str(path))
