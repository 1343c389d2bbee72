"""What a build is doing, in words."""

from __future__ import annotations

from ..client.builder import BuildProgress
from .i18n import tr


def progress_words(progress: BuildProgress) -> str:
    """Return one line about where a build stands."""
    words = {
        "space": tr("Looking at the disk"),
        "python": tr("Making an environment"),
        "packages": tr("Installing packages"),
        "torch": tr("Installing torch"),
        "verify": tr("Checking that it works"),
    }.get(progress.step, progress.step)
    if progress.name and progress.name != progress.step:
        words = f"{words}: {progress.name}"
    if progress.unit == "bytes" and progress.total:
        amount = tr("{} of {} MB").format(_megabytes(progress.done), _megabytes(progress.total))
        return f"{words} ({amount})"
    if progress.unit == "packages" and progress.total:
        return f"{words} ({tr('{} of {}').format(progress.done, progress.total)})"
    return words


def size_words(amount: int) -> str:
    """Return a number of bytes as people say it."""
    if amount >= 1e9:
        return tr("{:.1f} GB").format(amount / 1e9)
    if amount >= 1e6:
        return tr("{:.0f} MB").format(amount / 1e6)
    return tr("{:.0f} kB").format(amount / 1e3)


def _megabytes(amount: int) -> str:
    return f"{amount / 1e6:.1f}" if amount < 1e7 else f"{amount / 1e6:.0f}"
