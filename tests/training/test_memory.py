"""What is said when memory runs out."""

from __future__ import annotations

import re

import pytest
import torch

from training.config import TrainConfig
from training.memory import explain

CPU = "[enforce fail at alloc_cpu.cpp:119] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "the GPU's memory.*Lower chunk"),
        (RuntimeError("CUDA error: out of memory"), "the GPU's memory"),
        (RuntimeError(CPU), "the machine's memory.*Lower chunk .now 64.*checkpointing = true.*lower workers"),
        (MemoryError(), "the machine's memory"),
        (RuntimeError("DataLoader worker (pid 7) is killed by signal: Killed."), "Lower workers .now 2"),
    ],
)
def test_it_is_named_with_what_to_lower(error, says):
    outer = ValueError("something around it")
    outer.__cause__ = error
    for raised in (error, outer):
        assert re.search(says, str(explain(raised, TrainConfig("p", "o"))))


def test_what_is_in_use_already_is_not_advised():
    config = TrainConfig("p", "o", chunk=1, checkpointing=True, lora_rank=4, workers=0)
    text = str(explain(MemoryError(), config))
    assert "chunk" not in text and "checkpointing" not in text and "lora" not in text and "ower batch" in text


def test_other_errors_are_left_alone():
    assert explain(RuntimeError("shape mismatch"), TrainConfig("p", "o")) is None
