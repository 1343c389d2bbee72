"""The Places365 layout: loading it, refusing what is not it, the publisher's preprocessing and vote."""

from __future__ import annotations

import io
import os
import random

import pytest
import torch
from PIL import Image
from torchvision import transforms
from torchvision.models import resnet50

from graft_plugin.errors import CheckpointError, DownloadError, UsageError
from training.collect.places365 import Places365, load_network, local_copy, read_table, seen_pixels

from .flickr_server import FlickrServer, jpeg
from .places365 import CATEGORIES, constant_network, network, save, save_table


@pytest.fixture
def flags():
    draw = random.Random(5)
    return [draw.random() < 0.55 for _ in range(CATEGORIES)]


@pytest.mark.parametrize("legacy", [True, False])
def test_the_publishers_file_gives_the_publishers_network(tmp_path, legacy):
    model = network(seed=3)
    loaded = load_network(save(model, tmp_path / "가중치 resnet18.pth.tar", legacy))
    x = torch.randn(2, 3, 224, 224)
    with torch.inference_mode():
        assert torch.equal(loaded(x), model(x))


def test_a_photo_is_seen_as_the_publisher_sees_it(tmp_path):
    path = tmp_path / "사진.jpg"
    path.write_bytes(jpeg(4, size=(500, 375)))
    publisher = transforms.Compose([
        transforms.Resize((256, 256)), transforms.CenterCrop(224), transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ])
    torch.testing.assert_close(torch.from_numpy(seen_pixels(path)), publisher(Image.open(path)), atol=1e-5, rtol=1e-5)


def test_the_vote_is_that_of_the_ten_likeliest(tmp_path, flags):
    table = save_table(flags, tmp_path / "IO_places365.txt")
    assert read_table(table) == tuple(flags)
    photo = tmp_path / "p.jpg"
    photo.write_bytes(jpeg(1))
    model = network(seed=9)
    judge = Places365(save(model, tmp_path / "w.pth.tar"), table)
    with torch.inference_mode():
        _, order = torch.softmax(model(torch.from_numpy(seen_pixels(photo))[None]), 1)[0].sort(0, True)
    labels = torch.tensor([int(f) for f in flags], dtype=torch.float32)
    assert judge.outdoor(photo) == pytest.approx(float(labels[order[:10]].mean()))  # as the publisher's program votes
    for outdoors in (3, 10):
        scores = torch.full((CATEGORIES,), -9.0)
        indoor, outdoor = [n for n, f in enumerate(flags) if not f], [n for n, f in enumerate(flags) if f]
        scores[outdoor[:outdoors]] = 5.0
        scores[indoor[: 10 - outdoors]] = 4.0
        judge = Places365(save(constant_network(scores), tmp_path / "c.pth.tar"), table)
        assert judge.outdoor(photo) == pytest.approx(outdoors / 10)


def test_other_networks_are_refused(tmp_path):
    small = network()
    small.fc = torch.nn.Linear(512, 1000)
    with pytest.raises(CheckpointError, match=r"fc\.weight has the shape \[1000, 512\]"):
        load_network(save(small, tmp_path / "imagenet.pth"))
    with pytest.raises(CheckpointError, match="Places365 ResNet-18"):
        load_network(save(resnet50(weights=None, num_classes=365), tmp_path / "resnet50.pth"))
    whole = save(network(), tmp_path / "cut.pth.tar").read_bytes()
    (tmp_path / "cut.pth.tar").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CheckpointError):
        load_network(tmp_path / "cut.pth.tar")


class Bomb:
    def __reduce__(self):
        return os.mkdir, ("/tmp/unpickled-places365",)


def test_a_file_that_holds_code_is_refused_and_not_run(tmp_path):
    torch.save({"state_dict": {"module.fc.bias": torch.zeros(1)}, "extra": Bomb()}, tmp_path / "bomb.pth.tar")
    with pytest.raises(CheckpointError, match="never unpickled"):
        load_network(tmp_path / "bomb.pth.tar")
    assert not os.path.exists("/tmp/unpickled-places365")


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "0 categories"), ("/a/airfield 2\n", "1 categories"), ("/a/airfield 3\n" * 365, "line 1"),
     ("/a/airfield 2\n" * 9 + "/a/alley\n", "line 10")],
)
def test_a_table_that_is_none_is_refused(tmp_path, text, words):
    (tmp_path / "t.txt").write_text(text)
    with pytest.raises(UsageError, match=words):
        read_table(tmp_path / "t.txt")


def test_a_table_that_is_no_text_is_refused(tmp_path):
    file = io.BytesIO()
    torch.save({}, file)
    (tmp_path / "t.txt").write_bytes(b"\xff\xfe" + file.getvalue())
    with pytest.raises(UsageError, match="cannot be read"):
        read_table(tmp_path / "t.txt")


def test_an_address_is_fetched_once(tmp_path):
    with FlickrServer([], pictures={"1": b"the table"}) as server:
        place = f"{server.root}/pictures/1_IO%20places365.txt"
        assert local_copy(place).read_bytes() == local_copy(place).read_bytes() == b"the table"
        assert server.count("picture") == 1
        with pytest.raises(DownloadError, match="404"):
            local_copy(f"{server.root}/pictures/2_x.txt")
    (tmp_path / "표.txt").write_text("")
    assert local_copy(str(tmp_path / "표.txt")) == tmp_path / "표.txt"
    with pytest.raises(UsageError, match="no such file"):
        local_copy(str(tmp_path / "none"))
