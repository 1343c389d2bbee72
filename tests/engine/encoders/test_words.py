from __future__ import annotations

from graft_plugin.engine.encoders.words import WordTokenizer

WORDS = ("lake", "crops", "a", "bushes", "berry", "of")


def test_ids_and_end_token():
    rows = WordTokenizer(WORDS, 6)(["A lake!", "of zebra-crops", ""])
    assert rows.tolist() == [[1, 5, 3, 9, 0, 0], [1, 8, 2, 4, 9, 0], [1, 9, 0, 0, 0, 0]]
    assert WordTokenizer(WORDS, 6).vocab_size == len(WORDS) + 4 == rows.max() + 1


def test_long_text_keeps_its_end():
    assert WordTokenizer(WORDS, 4)(["lake lake lake lake lake"]).tolist() == [[1, 3, 3, 9]]


def test_plurals_fold_both_ways():
    tokens = WordTokenizer(WORDS, 4)
    for text, word in (("lakes", 3), ("crop", 4), ("bush", 6), ("berries", 7), ("LAKE", 3)):
        assert tokens([text])[0, 1] == word, text


def test_a_known_plural_is_not_folded():
    tokens = WordTokenizer(("lake", "lakes"), 4)
    assert tokens(["lakes"])[0, 1] == 4


def test_unknown_words():
    tokens = WordTokenizer(WORDS, 4)
    assert tokens.unknown("A zebra of lakes, a Zebra; éclair 3") == ("zebra", "éclair")
    assert tokens.unknown("lakes 42") == ()
