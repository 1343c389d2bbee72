"""Indoors or outdoors by a Places365 ResNet-18: the publisher's network, table and vote.

Layout (github.com/CSAILVision/places365): `resnet18_places365.pth.tar` is a torch file with a `state_dict` whose names
start with `module.`, for torchvision's ResNet-18 with 365 outputs; `IO_places365.txt` has a line for each of the 365
categories in the outputs' order, its name and 1 (indoors) or 2 (outdoors). The publisher's program says outdoors where
at least half of the ten likeliest categories are. The table comes from the user's file: nothing here knows it.
"""

from __future__ import annotations

import hashlib
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from graft_plugin.errors import CheckpointError, UsageError

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image
    from torch import Tensor

CATEGORIES = 365
VOTES = 10
_RESIZED_PX, _SEEN_PX = 256, 224
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_AGAIN = "Give the publisher's resnet18_places365.pth.tar."


class Places365:
    """The network with the table of its categories.

    Args:
        weights: The checkpoint.
        table: The table of categories.

    Raises:
        CheckpointError: The checkpoint is unsafe, damaged, or of another network.
        UsageError: The table is none of 365 categories.
    """

    def __init__(self, weights: Path, table: Path) -> None:
        self._outdoor = read_table(table)
        self._network = load_network(weights)

    def outdoor(self, path: Path) -> float:
        """Return the share of outdoor categories among a photo's ten likeliest, 0 to 1."""
        import torch

        with torch.inference_mode():
            logits = self._network(torch.from_numpy(seen_pixels(path))[None])[0]
        return sum(self._outdoor[int(i)] for i in logits.topk(VOTES).indices) / VOTES


def read_table(path: Path) -> tuple[bool, ...]:
    """Return for each category in order whether it is outdoors.

    Raises:
        UsageError: The file cannot be read, or is no table of 365 categories.
    """
    remedy = "Give the publisher's IO_places365.txt: on each line a category and 1 (indoors) or 2 (outdoors)."
    try:
        lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the table of categories cannot be read ({error})", remedy=remedy, path=str(path)) from error
    wrong = next((n for n, words in enumerate(lines, 1) if len(words) != 2 or words[1] not in ("1", "2")), None)
    if wrong is not None:
        raise UsageError(f"line {wrong} of the table is no category with 1 or 2", remedy=remedy, path=str(path))
    if len(lines) != CATEGORIES:
        raise UsageError(f"the table has {len(lines)} categories, not {CATEGORIES}", remedy=remedy, path=str(path))
    return tuple(words[1] == "2" for words in lines)


def load_network(path: Path) -> Callable[[Tensor], Tensor]:
    """Return torchvision's ResNet-18 with 365 outputs and a file's weights, float32, in evaluation mode.

    Raises:
        CheckpointError: The file is unsafe, damaged, or of another network.
    """
    import torch
    from torchvision.models import resnet18

    from graft_plugin.engine.encoders.checkpoint import check_names, read_state_dict

    state = read_state_dict(path)
    with torch.device("meta"):
        network = resnet18(weights=None, num_classes=CATEGORIES)
    expected = network.state_dict()
    needed = {name for name in expected if not name.endswith("num_batches_tracked")}  # torch 0.2 did not write them
    try:
        check_names(str(path), needed - set(state), set(state) - set(expected), "a Places365 ResNet-18")
    except CheckpointError as error:
        raise CheckpointError(error.message, remedy=_AGAIN, path=str(path)) from error
    for name in needed:
        if state[name].shape != expected[name].shape:
            raise CheckpointError(
                f"{name} has the shape {list(state[name].shape)}, not {list(expected[name].shape)}",
                remedy=_AGAIN,
                path=str(path),
            )
    whole = {name: state[name].float() if name in needed else torch.tensor(0) for name in expected}
    network.load_state_dict(whole, assign=True)
    return network.eval().requires_grad_(False)


def seen_pixels(path: Path) -> np.ndarray:
    """Return what the network sees of a photo, float32 [3, 224, 224]: squeezed to 256 x 256, its middle, normalised."""
    import numpy as np
    from PIL import Image

    with Image.open(path) as opened:
        upright: Image.Image = _upright(opened)
    square = upright.convert("RGB").resize((_RESIZED_PX, _RESIZED_PX), Image.Resampling.BILINEAR)
    edge = (_RESIZED_PX - _SEEN_PX) // 2
    pixels = np.asarray(square.crop((edge, edge, edge + _SEEN_PX, edge + _SEEN_PX)), dtype=np.float32) / 255
    normal = (pixels - np.array(_MEAN, np.float32)) / np.array(_STD, np.float32)
    return np.ascontiguousarray(normal.transpose(2, 0, 1))


def local_copy(place: str) -> Path:
    """Return the file that a path or an http(s) address names; an address is fetched once into GRAFT's folder.

    Raises:
        UsageError: There is no such file.
        DownloadError: The address cannot be fetched.
    """
    parts = urllib.parse.urlsplit(place)
    if parts.scheme in ("http", "https"):
        from graft_plugin.engine.encoders.fetch import download
        from graft_plugin.engine.home import graft_home

        which = hashlib.sha256(place.encode()).hexdigest()[:8]
        target = graft_home() / "places365" / which / (Path(urllib.parse.unquote(parts.path)).name or "file")
        if not target.is_file():
            download(place, target)
        return target
    path = Path(place).expanduser()
    if not path.is_file():
        raise UsageError("there is no such file", remedy="Check the path.", path=place)
    return path


def _upright(image: Image) -> Image:
    from PIL import ImageOps

    return ImageOps.exif_transpose(image)
