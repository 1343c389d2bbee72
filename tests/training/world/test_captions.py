"""Captions: true to what is seen, in a closed vocabulary, and readable."""

from __future__ import annotations

import itertools

import numpy as np

from training.world.captions import (
    CONTRAST,
    PROMPT_TEMPLATES,
    VOCABULARY,
    caption,
    gist,
    terms,
    with_article,
    words_of,
    write_captions,
)
from training.world.classes import CLASSES, LABEL, NAMES
from training.world.ground import GroundViews
from training.world.moods import LIGHTS, LOOKS, SEASONS


def many(seed=0, count=4000):
    rng = np.random.default_rng(seed)
    for k in range(count):
        label = k % len(CLASSES)
        looks = [word for word, _, _ in LOOKS[NAMES[label]]]
        facts = {
            "neighbour": int(rng.integers(-1, len(CLASSES))),
            "light": LIGHTS[rng.integers(4)],
            "season": SEASONS[rng.integers(4)],
            "look": looks[rng.integers(len(looks))],
        }
        if facts["neighbour"] == label:
            facts["neighbour"] = -1
        yield label, facts, caption(label, rng, **facts)


def test_every_word_is_in_the_vocabulary_and_every_caption_is_short():
    assert list(VOCABULARY) == sorted(set(VOCABULARY))
    texts = [text for _, _, text in many()]
    assert words_of(texts) <= set(VOCABULARY)
    assert words_of(PROMPT_TEMPLATES) | words_of(NAMES) | words_of(CONTRAST) <= set(VOCABULARY)
    assert words_of([s for land in CLASSES for s in land.synonyms]) <= set(VOCABULARY)
    assert max(len(text.split()) for text in texts) <= 22
    assert all(text == text.strip().lower() and "  " not in text and "{" not in text for text in texts)


def test_the_vocabulary_has_no_idle_words():
    said = words_of([text for _, _, text in many(count=40000)])
    assert set(VOCABULARY) - said <= words_of(PROMPT_TEMPLATES)


def test_captions_say_only_what_is_seen():
    season_words, light_words = set(SEASONS), {"sunset", "cloudy", "misty", "mist", "sunny"}
    allowed = {"sunny": {"sunny"}, "cloudy": {"cloudy"}, "sunset": {"sunset"}, "misty": {"misty", "mist"}}
    for label, facts, text in many():
        words = set(text.split())
        assert words & season_words <= {facts["season"]}
        assert words & light_words <= allowed[facts["light"]]
        nouns = (*terms(label), "water", "wheat", "grain field", "corn field")
        assert any(noun in text for noun in nouns)
        if facts["neighbour"] < 0:
            assert not words & {"beside", "behind", "near", "background"}


def test_the_generic_word_water_names_waters_only():
    bare = {text: label for label, _, text in many(count=20000) if text == "water"}
    assert {CLASSES[label].water for label in bare.values()} == {True}
    wet = {label for label, facts, text in many(1, 20000) if facts["neighbour"] < 0 and "water" in text.split()}
    assert wet <= {LABEL["lake"], LABEL["river"], LABEL["pool"]} and len(wet) == 3


def test_gist_is_what_a_caption_says():
    assert gist("a photo of the pond") == gist("lake") == gist("a view of open water") == "lake"
    assert gist("a photo of a muddy stream in winter") == gist("the muddy river in winter") == "muddy river in winter"
    assert gist("fruit trees") == gist("an orchard") == "orchard" != gist("trees")
    assert gist("water") == "water"
    assert gist("a dirt road near an asphalt road") == "track near road"
    for label in range(len(CLASSES)):
        assert {gist(with_article(noun)) for noun in terms(label)} == {NAMES[label]}


def test_articles():
    assert with_article("orchard") == "an orchard"
    assert with_article("lake", "muddy") == "a muddy lake"
    assert with_article("trees") == "trees"
    for label, number in itertools.product(range(len(CLASSES)), range(3)):
        noun = terms(label)[number % len(terms(label))]
        phrase = with_article(noun)
        assert phrase == noun or phrase == f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
    plurals = [
        noun for label in range(len(CLASSES)) for noun in terms(label) if noun.endswith("s") and noun[-2:] != "ss"
    ]
    plurals.remove("field of crops")
    assert [noun for noun in plurals if with_article(noun) != noun] == []


def test_names_and_synonyms_are_all_said():
    said = " | ".join(text for _, _, text in many(count=20000))
    for land in CLASSES:
        for noun in (land.name, *land.synonyms):
            assert noun in said


def test_views_get_their_own_captions():
    views = GroundViews(
        np.zeros((2, 3, 8, 8), np.uint8),
        np.array([LABEL["lake"], LABEL["road"]]),
        np.array([-1, -1]),
        ("sunny", "misty"),
        ("summer", "winter"),
        ("muddy", "grey"),
    )
    first, second = write_captions(views, np.random.default_rng(0), each=30)
    assert len(first) == len(second) == 30
    assert not any("misty" in text or "winter" in text for text in first)
    assert not any("lake" in text or "muddy" in text for text in second)
    again = write_captions(views, np.random.default_rng(0), each=30)
    assert again == [first, second]
