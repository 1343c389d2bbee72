"""Arguments of the collection's commands: numbers that make sense, and times as people read them."""

from __future__ import annotations

import argparse


def positive(text: str) -> float:
    """Return a finite number above 0; `argparse` says what is wrong otherwise, as with the others."""
    number = _float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return number


def share(text: str) -> float:
    """Return a number from 0 to below 1."""
    number = _float(text)
    if not 0 <= number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share from 0 to below 1")
    return number


def count(text: str) -> int:
    """Return a whole number above 0."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
