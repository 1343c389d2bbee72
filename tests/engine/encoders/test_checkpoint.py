"""What a checkpoint file may hold, and what is said of one that may not be read."""

from __future__ import annotations

import hashlib
import json
import pickle
import warnings
from argparse import Namespace

import pytest
import torch
from safetensors.torch import save_file

from graft_plugin.engine.encoders.checkpoint import read_state_dict
from graft_plugin.engine.encoders.checksum import file_sha256
from graft_plugin.errors import CheckpointError

STATE = {"a.weight": torch.arange(6.0).view(2, 3), "b": torch.ones(4, dtype=torch.float16)}


class Trap:
    def __reduce__(self):
        import pathlib

        return pathlib.Path.touch, (pathlib.Path(Trap.target),)


@pytest.mark.parametrize("name", ["m.safetensors", "m.ckpt"])
def test_safetensors_is_known_by_content(tmp_path, name):
    save_file(STATE, tmp_path / name)
    found = read_state_dict(tmp_path / name)
    assert all(torch.equal(found[k], v) and found[k].dtype == v.dtype for k, v in STATE.items())


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: {"epoch": 3, "state_dict": s}, lambda s: {"model": s}])
def test_torch_files_and_their_wrappings(tmp_path, zipped, wrap):
    path = tmp_path / "m.pt"
    prefixed = {f"module.{k}": v for k, v in STATE.items()}
    torch.save(wrap(prefixed), path, _use_new_zipfile_serialization=zipped)
    found = read_state_dict(path)
    assert set(found) == set(STATE)
    assert torch.equal(found["a.weight"], STATE["a.weight"])


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_is_refused_and_never_run(tmp_path, zipped):
    path, Trap.target = tmp_path / "evil.ckpt", str(tmp_path / "ran")
    torch.save({"state_dict": STATE, "callbacks": Trap()}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(CheckpointError, match=r"beyond tensors.*never unpickled.*safetensors") as caught:
        read_state_dict(path)
    assert "evil.ckpt" in str(caught.value)
    assert not (tmp_path / "ran").exists()


def test_a_refused_class_is_named(tmp_path):
    torch.save({"state_dict": STATE, "hyper_parameters": Namespace(lr=1)}, tmp_path / "m.ckpt")
    with pytest.raises(CheckpointError, match=r"argparse\.Namespace"):
        read_state_dict(tmp_path / "m.ckpt")


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.95])
@pytest.mark.parametrize("kind", ["torch", "legacy", "safetensors"])
def test_truncated_files(tmp_path, kind, share):
    path = tmp_path / ("m.safetensors" if kind == "safetensors" else "m.pt")
    big = {"w": torch.zeros(5000)}
    if kind == "safetensors":
        save_file(big, path)
    else:
        torch.save(big, path, _use_new_zipfile_serialization=kind == "torch")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(CheckpointError, match=r"empty|truncated|damaged|not a model") as caught:
        read_state_dict(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<html><title>Sign in</title></html>" * 9, "not a model file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "Git LFS"),
        (b"PK\x03\x04" + bytes(60), "truncated|damaged"),
        (pickle.dumps({"a": 1}, protocol=2), "no named tensors|damaged|beyond"),
    ],
)
def test_other_files(tmp_path, content, says):
    path = tmp_path / "m.pt"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=says):
        read_state_dict(path)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(CheckpointError, match="no such file"):
        read_state_dict(tmp_path / "none.pt")
    with pytest.raises(CheckpointError, match="folder"):
        read_state_dict(tmp_path)


def test_torchscript_archive_is_read_without_running_it(tmp_path):
    class Half(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.LayerNorm(2)).half()
            self.scale = torch.nn.Parameter(torch.tensor(4.6))
            self.register_buffer("input_resolution", torch.tensor(224))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * self.scale

    module = Half()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.trace(module, torch.ones(2)).save(str(tmp_path / "m.pt"))
    found, expected = read_state_dict(tmp_path / "m.pt"), module.state_dict()
    assert set(found) == set(expected)
    assert all(torch.equal(found[k], v) and found[k].dtype == v.dtype for k, v in expected.items())


def test_torchscript_archive_with_a_foreign_object_is_refused(tmp_path):
    import zipfile

    Trap.target = str(tmp_path / "ran")
    with zipfile.ZipFile(tmp_path / "m.pt", "w") as archive:
        archive.writestr("m/data.pkl", pickle.dumps(Trap(), protocol=2))
        archive.writestr("m/constants.pkl", b"")
    with pytest.raises(CheckpointError, match="never unpickled"):
        read_state_dict(tmp_path / "m.pt")
    assert not (tmp_path / "ran").exists()


def test_sha256_follows_the_file(tmp_path):
    path = tmp_path / "f"
    for content in (b"one", b"three"):
        path.write_bytes(content)
        assert file_sha256(path) == hashlib.sha256(content).hexdigest()
    with pytest.raises(CheckpointError):
        file_sha256(tmp_path / "none")
    assert json.dumps(file_sha256(path))
