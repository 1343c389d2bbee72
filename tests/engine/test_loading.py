"""Which device models run on."""

from __future__ import annotations

import pytest
import torch

from graft_plugin.engine.loading import torch_device
from graft_plugin.errors import UsageError


def test_automatic_is_the_best_that_works_and_a_name_is_taken_at_its_word():
    assert torch_device("auto") == ("cuda" if torch.cuda.is_available() else "cpu")
    assert torch_device("cpu") == "cpu"


@pytest.mark.parametrize("name", ["cuda", "mps", "abacus"])
def test_a_device_that_is_not_there_is_refused_with_what_to_do(name):
    if (name == "cuda" and torch.cuda.is_available()) or (name == "mps" and torch.backends.mps.is_available()):
        pytest.skip("it is there")
    with pytest.raises(UsageError, match=f"device '{name}' here: ") as caught:
        torch_device(name)
    assert "CPU" in caught.value.remedy and "\n" not in caught.value.message
