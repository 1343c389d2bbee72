"""A model's card in Markdown, from the same data as its `card.json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_LEVELS = {
    "pixel": "pixel level (a vector a patch)",
    "image": "image level (a vector a tile)",
    "both": "pixel and image level",
}


def card_text(card: Mapping[str, Any]) -> str:
    """Return the card as Markdown."""
    lines = [f"# {card['title']}", "", *_facts(card), *_scores(card.get("scores") or {}), *_notes(card)]
    return "\n".join(lines) + "\n"


def _facts(card: Mapping[str, Any]) -> Iterator[str]:
    parent, shape = card["parent"], card["shape"]
    yield f"- Parent: {parent['name']} (SHA-256 {parent['sha256'][:12]}…, licence: {parent['licence']})"
    yield f"- Licence: {card['licence']}"
    yield (
        f"- Network: ViT, {shape['layers']} layers of width {shape['width']}, patches of {shape['patch_px']} pixels in "
        f"tiles of {shape['image_px']}, {shape['dim']} dimensions, {'QuickGELU' if card['quick_gelu'] else 'GELU'}"
    )
    yield f"- Trained at the {_LEVELS[card['level']]}, {card['minutes']:g} minutes, {card['steps']} steps"
    unknown = "that of the parent's file; name one with `graft models add --text`"
    text = f"that of {card['text']}" if card["text"] else "beside this file" if card["own_words"] else unknown
    yield f"- Text tower: {text}"
    for name, value in (card.get("data") or {}).items():
        yield f"- Data, {name}: {value}"
    if not card["patches_trained"]:
        yield "- Patches were not trained; what they say comes from the training of whole tiles."


def _scores(scores: Mapping[str, Any]) -> Iterator[str]:
    rows = {name: value for name, value in scores.items() if isinstance(value, Mapping)}
    plain = {name: value for name, value in scores.items() if not isinstance(value, Mapping)}
    if rows:
        columns = sorted({key for value in rows.values() for key in value})
        yield from ("", "## Scores on held-out places", "")
        yield from (f"| | {' | '.join(columns)} |", f"|---|{'---:|' * len(columns)}")
        for name, value in rows.items():
            yield f"| {name} | {' | '.join(_number(value.get(key)) for key in columns)} |"
        yield ""
    for name, value in plain.items():
        yield f"- {name.replace('_', ' ')}: {_number(value)}"


def _notes(card: Mapping[str, Any]) -> Iterator[str]:
    notes = card.get("notes") or []
    for note in [notes] if isinstance(notes, str) else notes:
        yield from ("", str(note))


def _number(value: Any) -> str:  # noqa: ANN401
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
