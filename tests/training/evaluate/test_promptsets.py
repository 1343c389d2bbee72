"""Prompt sets: those of the house fit their layouts, and a user's mistakes are named."""

from __future__ import annotations

import tomllib

import pytest

from graft_plugin.errors import UsageError
from training.evaluate.layouts.deepsat import CLASSES as SAT
from training.evaluate.layouts.eurosat import CLASSES as EUROSAT
from training.evaluate.layouts.naip_osm import read_table
from training.evaluate.promptsets import FOLDER, find_prompts, named_classes

OSM = tuple(row.name for row in read_table()[0])


@pytest.mark.parametrize(
    ("layout", "classes"), [("eurosat", EUROSAT), ("sat-4", SAT["sat-4"]), ("sat-6", SAT["sat-6"]), ("naip-osm", OSM)]
)
def test_the_bundled_sets_name_exactly_their_layouts_classes(layout, classes):
    own, plain = find_prompts(None, layout, classes), find_prompts("plain", layout, classes)
    assert own.name == layout and plain.name == f"{layout}-plain"
    assert all(own.classes) and len(own.classes) == len(classes)
    assert len(own.owners) == len(own.texts) and own.background is None


def test_plain_sets_hold_only_words_that_the_bundled_model_knows():
    from graft_plugin.engine import load_text_encoder

    texts = load_text_encoder("mini")
    for path in FOLDER.glob("*-plain.toml"):
        for words in tomllib.loads(path.read_text("utf-8"))["classes"].values():
            assert all(texts.unknown_words(word) == () for word in words), path


def test_class_names_are_prompts_where_a_layout_has_no_set():
    prompts = named_classes(("background", "bare_soil", "lake"))
    assert prompts.classes == ((), ("bare soil",), ("lake",))
    assert prompts.background == 0 and prompts.asked == (1, 2) and prompts.owners == (1, 2)


def test_a_file_of_the_users_own_and_its_hash(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('templates = ["a map of {}"]\n[classes]\nb = ["lake", "pond"]\na = ["wood"]\n')
    prompts = find_prompts(str(path), "eurosat", ("a", "b"))
    assert prompts.classes == (("wood",), ("lake", "pond")) and prompts.owners == (0, 1, 1)
    assert prompts.templates == ("a map of {}",)
    path.write_text(path.read_text() + "# changed\n")
    assert find_prompts(str(path), None, ("a", "b")).sha256 != prompts.sha256


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[classes]\na = ["x"]\n', "no texts for b"),
        ('[classes]\na = ["x"]\nb = ["y"]\nc = ["z"]\n', "no class c"),
        ('[classes]\na = ["x"]\nb = ["x"]\n', "'x' stands twice"),
        ('[classes]\na = ["x"]\nb = [" "]\n', "a text is empty"),
        ('[classes]\na = ["x"]\nb = []\n', "fewer than two texts"),
        ('templates = ["no place"]\n[classes]\na = ["x"]\nb = ["y"]\n', "lacks the {}"),
        ("[classes\n", "cannot be read"),
        ("x = 1\n", "cannot be read"),
        ("classes = 3\n", "cannot be read"),
    ],
)
def test_a_damaged_set_is_named_with_what_is_wrong(tmp_path, text, words):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        find_prompts(str(path), None, ("a", "b"))
    assert words in str(caught.value) and str(path) in str(caught.value)


def test_one_text_is_enough_beside_a_background(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[classes]\nlake = ["lake"]\nbackground = []\n')
    assert find_prompts(str(path), None, ("background", "lake")).background == 0


def test_an_unknown_set_lists_what_there_is():
    with pytest.raises(UsageError, match=r"no prompt set 'nosuch'.*eurosat-plain"):
        find_prompts("nosuch", "eurosat", EUROSAT)
