"""What a fine-tuned model sees in training is what the engine sees in its file, whatever the parent's activation."""

from __future__ import annotations

import math

import pytest
import torch
from safetensors.torch import load_file, save_file

from graft_plugin.engine import load_encoder
from graft_plugin.engine.encoders import models
from graft_plugin.errors import UsageError
from training.local.result import write_folder
from training.local.student import Student, load_parent

from ..conftest import write_clip


@pytest.mark.parametrize("quick", [True, False])
def test_the_engine_reads_what_was_learnt_with_the_parents_activation(quick, tmp_path):
    clip = write_clip(tmp_path / "clip.safetensors")
    save_file({**load_file(clip), "logit_scale": torch.tensor(math.log(20.0))}, clip)
    with pytest.raises(UsageError, match="not among your models"):
        load_parent(str(clip))
    models.add(clip, "own", "open_clip", quick_gelu=quick)
    parent = load_parent("own")
    student = Student(parent, "cpu")
    write_folder(tmp_path / "made", student.official(student.state()), parent)
    images = torch.randint(0, 256, (3, 3, 64, 64), dtype=torch.uint8)
    found = load_encoder(tmp_path / "made" / "graft.safetensors", precision="fp32").encode(images).patches
    student._bf16 = False
    assert torch.allclose(found, student.encode(images), atol=2e-3)
    assert parent.entry.quick_gelu is quick and parent.entry.text == "own"
