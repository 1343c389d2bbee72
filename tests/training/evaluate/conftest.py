"""Miniatures, drawn once a session, and a model whose answers are known: it sees the mean colour of a tile."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from graft_plugin.engine.encoders.types import Encoded
from graft_plugin.engine.grid import GsdRule
from training.evaluate.baselines import Contender
from training.evaluate.layouts.types import Example, Layout
from training.evaluate.miniature import make_miniature
from training.evaluate.promptsets import named_classes

COLOURS = {"red": (200, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 200)}


class ColourEncoder:
    """Tiles of 32 pixels → the unit vector of their mean colour."""

    sha256, model_id, precision = "c0105", "colours", "fp32"
    dim, tile_px, patch_px = 3, 32, 8
    gsd = GsdRule({"rgb": 1.0})
    global_bias, logit_scale = 0.0, 100.0

    def encode(self, images, cancel=None):
        vectors = F.normalize(images.float().mean((2, 3)), dim=-1)
        return Encoded(image=vectors, patches=vectors[:, None, None].repeat(1, 4, 4, 1))


class ColourTexts:
    """The word of a colour → its axis."""

    dim, logit_scale, templates, contrast = 3, 100.0, ("{}",), ()

    def encode(self, texts):
        return torch.eye(3)[[list(COLOURS).index(text.split()[-1]) for text in texts]]

    def unknown_words(self, text):
        return ()


@pytest.fixture
def colour_contender():
    return Contender("colours", "c0105", ColourEncoder(), ColourTexts())


@pytest.fixture
def colour_layout():
    """`colour_layout(truths, shown, multi)`: images of the shown colours whose labels are the truths."""

    def make(truths, shown, multi=False):
        names = tuple(COLOURS)

        def read(index):
            image = np.zeros((3, 20, 24), np.uint8)
            image[:] = np.array(shown[index])[:, None, None]
            return Example(f"image {index}", image, tuple(names.index(t) for t in truths[index]))

        keys = tuple(f"image {i}" for i in range(len(truths)))
        return Layout("colours", "all", names, keys, read, multi_label=multi), named_classes(names)

    return make


@pytest.fixture(scope="session")
def miniature(tmp_path_factory):
    """`miniature(name, count)`: the root of a miniature, drawn at its first use; not to be written to."""
    known = {}

    def get(name, count):
        if (name, count) not in known:
            known[name, count] = tmp_path_factory.mktemp("miniature") / name
            make_miniature(name, known[name, count], count)
        return known[name, count]

    return get
