"""A tokenizer over a closed list of words, for models that were trained on few captions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

PAD, START, UNKNOWN, FIRST_WORD = 0, 1, 2, 3

_WORD = re.compile(r"[^\W\d_]+")


class WordTokenizer:
    """Words to ids: 0 padding, 1 start, 2 unknown, the words from 3, and the end as the largest id.

    The end is the largest because CLIP's text tower pools at the largest id of a row. Case is folded; a plural is read
    as its singular, and a singular as its plural, where only that form is in the list.

    Args:
        words: The vocabulary, lower case, in order of its ids.
        context_length: Tokens in a row; a longer text is cut, its end kept.
    """

    def __init__(self, words: Sequence[str], context_length: int) -> None:
        self.context_length = context_length
        self.end = FIRST_WORD + len(words)
        self.vocab_size = self.end + 1
        self._ids = {word.lower(): FIRST_WORD + i for i, word in enumerate(words)}

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Return int64 [N, context_length]."""
        rows = torch.full((len(texts), self.context_length), PAD, dtype=torch.long)
        for row, text in zip(rows, texts, strict=True):
            ids = [self._id(word) for word in _split(text)][: self.context_length - 2]
            tokens = [START, *ids, self.end]
            row[: len(tokens)] = torch.tensor(tokens)
        return rows

    def unknown(self, text: str) -> tuple[str, ...]:
        """Return the words of a text that the vocabulary lacks, each once, in order."""
        return tuple(dict.fromkeys(word for word in _split(text) if self._id(word) == UNKNOWN))

    def _id(self, word: str) -> int:
        return next((self._ids[form] for form in _forms(word) if form in self._ids), UNKNOWN)


def _split(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _forms(word: str) -> Iterator[str]:
    yield word
    for ending, singular in (("ies", "y"), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            yield word[: -len(ending)] + singular
    if word.endswith("y"):
        yield word[:-1] + "ies"
    yield from (word + "s", word + "es")
