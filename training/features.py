"""Ground features: what the frozen CLIP sees in each ground photo, computed once and kept on disk."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from graft_plugin.engine.encoders.checksum import file_sha256
from graft_plugin.engine.files import locked, replace_text
from graft_plugin.engine.progress import CancelToken
from graft_plugin.errors import OutputError, UsageError

if TYPE_CHECKING:
    import torch

    from graft_plugin.engine.encoders.vit import Vit

_BLOCK = 64  # photos that go through the network, and to disk, together
_IDS, _ROWS, _ABOUT = "ids.jsonl", "features.f16", "about.json"
Named = tuple[str, bool]
"""A photo's id, and whether it could be read; one that could not is asked once, and never again."""


class PhotoSample(Protocol):
    """What of a sample of `dataset.PairFolder` is looked at here."""

    @property
    def photo_ids(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def photos(self) -> tuple[bytes, ...]: ...  # noqa: D102


class GroundFeatures:
    """Stored features; a photo's row by its id.

    Args:
        folder: What `store_features` returned.

    Raises:
        UsageError: There are none.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        try:
            about = json.loads((self.folder / _ABOUT).read_text(encoding="utf-8"))
            ids = _read_ids(self.folder)
        except (OSError, ValueError) as error:
            raise UsageError(
                "there are no ground features here", remedy="Compute them again.", path=str(folder)
            ) from error
        self.dim = int(about["dim"])
        self.model = str(about["model"])
        self._row = {name: row for row, (name, readable) in enumerate(ids) if readable}
        self._rows: NDArray[np.float16] | None = None
        self._count = len(ids)

    def __len__(self) -> int:
        return len(self._row)

    def __contains__(self, photo_id: str) -> bool:
        return photo_id in self._row

    def __getitem__(self, photo_ids: Sequence[str]) -> NDArray[np.float16]:
        """Return the features of photos, float16 [N, D], L2-normalised.

        Raises:
            KeyError: A photo has none.
        """
        if self._rows is None:  # opened where it is read: a process that reads tiles opens its own
            shape = (self._count, self.dim)
            self._rows = np.memmap(self.folder / _ROWS, np.float16, "r", shape=shape)
        return np.asarray(self._rows[[self._row[name] for name in photo_ids]])

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_rows": None}


def store_features(
    pairs: Iterable[PhotoSample],
    ground_model: str,
    folder: str | Path,
    *,
    device: str = "auto",
    report: Callable[[dict[str, Any]], None] = lambda event: None,
    stop: Callable[[], bool] = lambda: False,
    key: str | None = None,
) -> Path:
    """Compute the features of every photo of a pair folder, float16 [photos, D], L2-normalised.

    Photos that have theirs already are not computed again, whichever run computed them: an interrupted call goes on
    where it was. A photo that cannot be read is left out.

    Args:
        pairs: `dataset.PairFolder`, or any samples with `photo_ids` and `photos`.
        ground_model: The model whose ground encoder is meant, an id or a path (see `photo.load_photo_encoder`).
        folder: Where to keep them; each ground encoder has a folder of its own in there.
        device: "auto", "cpu" or "cuda".
        report: Called with {"event": "features", "photos"} now and then.
        stop: Asked between blocks; true ends the work early, and what is done stays.
        key: Names the state of the pair folder: once all its photos have their features, they are not looked at again.

    Returns:
        The folder of this encoder's features, for `GroundFeatures`.

    Raises:
        UsageError: The model has no ground encoder.
        OutputError: The folder cannot be written.
    """
    from graft_plugin.engine.encoders.photo import photo_tower

    weights, path = photo_tower(ground_model)
    target = Path(folder) / f"ground-{file_sha256(path, CancelToken())[:16]}"
    about = {"model": ground_model, "sha256": file_sha256(path, CancelToken()), "dim": weights.shape.dim}
    try:
        target.mkdir(parents=True, exist_ok=True)
        with locked(target / "lock"):  # another run may be encoding the same photos: its rows are found, not doubled
            return _store(pairs, target, about, _PhotoBatches(weights, device), report, stop, key)
    except OSError as error:
        raise _unwritable(error, target) from error


def _store(
    pairs: Iterable[PhotoSample],
    target: Path,
    about: dict[str, Any],
    encode: _PhotoBatches,
    report: Callable[[dict[str, Any]], None],
    stop: Callable[[], bool],
    key: str | None,
) -> Path:
    known = set(_repair(target, about["dim"]))
    replace_text(target / _ABOUT, json.dumps(about, indent=2) + "\n")
    done = target / f"done-{key}"
    if key is not None and done.exists():
        return target
    for block in _blocks(_fresh(pairs, known), _BLOCK):
        if stop():
            return target
        _append(target, *encode(block))
        report({"event": "features", "photos": len(known)})
    if key is not None:
        done.touch()
    return target


class _PhotoBatches:
    """CLIP's image tower over photos as bytes; built at the first block, for often there is none."""

    def __init__(self, weights: Any, device: str) -> None:  # noqa: ANN401
        self.weights = weights
        self.device = device
        self._vit: Vit | None = None

    def __call__(self, block: list[tuple[str, bytes]]) -> tuple[list[Named], NDArray[np.float16]]:
        import torch

        ids, pixels, side = [], [], self.weights.shape.image_px
        with ThreadPoolExecutor() as pool:
            pictures = pool.map(lambda item: _decode(item[1], side), block)
        for (name, _), picture in zip(block, pictures, strict=True):
            ids.append((name, picture is not None))
            pixels.append(picture if picture is not None else np.zeros((3, side, side), np.uint8))
        with torch.inference_mode():
            rows = self._encode(torch.from_numpy(np.stack(pixels)))
        return ids, rows.cpu().numpy().astype(np.float16)

    def _encode(self, pixels: torch.Tensor) -> torch.Tensor:
        import torch

        from graft_plugin.engine.encoders.vit import Vit

        if self._vit is None:
            cuda = self.device == "cuda" or (self.device == "auto" and torch.cuda.is_available())
            self._vit = Vit(self.weights, torch.float32, torch.device("cuda" if cuda else "cpu"))
            self._place = torch.device("cuda" if cuda else "cpu")
        x = self._vit.embed(pixels.to(self._place))
        for layer in self._vit.blocks:
            x = layer(x)
        return self._vit.image(x[:, 0])


def _decode(data: bytes, side_px: int) -> NDArray[np.uint8] | None:
    from graft_plugin.engine.encoders.photo import read_photo

    try:
        return read_photo(io.BytesIO(data), side_px)
    except UsageError:
        return None


def _fresh(pairs: Iterable[PhotoSample], known: set[str]) -> Iterator[tuple[str, bytes]]:
    for sample in pairs:
        for i, name in enumerate(sample.photo_ids):
            if name not in known:
                known.add(name)
                yield name, sample.photos[i]


def _blocks(items: Iterable[tuple[str, bytes]], size: int) -> Iterator[list[tuple[str, bytes]]]:
    block: list[tuple[str, bytes]] = []
    for item in items:
        block.append(item)
        if len(block) == size:
            yield block
            block = []
    if block:
        yield block


def _append(folder: Path, ids: Sequence[Named], rows: NDArray[np.float16]) -> None:
    """Rows first, ids after: whatever a kill leaves, each id that is written has its row."""
    with (folder / _ROWS).open("ab") as stream:
        stream.write(np.ascontiguousarray(rows).tobytes())
        stream.flush()
        os.fsync(stream.fileno())
    with (folder / _IDS).open("a", encoding="utf-8") as stream:
        stream.write(_lines(ids))
        stream.flush()
        os.fsync(stream.fileno())


def _lines(ids: Sequence[Named]) -> str:
    return "".join(json.dumps(named) + "\n" for named in ids)


def _read_ids(folder: Path) -> list[Named]:
    path = folder / _IDS
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    whole = text.split("\n")[:-1]  # what follows the last line's end was cut off by a kill
    return [(str(name), bool(readable)) for name, readable in map(json.loads, whole)]


def _repair(folder: Path, dim: int) -> list[str]:
    """Cut off what a killed run wrote by half; return the ids that have their rows, readable or not."""
    rows = folder / _ROWS
    rows.touch()
    ids = _read_ids(folder)
    ids = ids[: rows.stat().st_size // (2 * dim)]
    with rows.open("r+b") as stream:
        stream.truncate(len(ids) * 2 * dim)
    kept = _lines(ids).encode()
    if not (folder / _IDS).exists() or (folder / _IDS).stat().st_size != len(kept):
        (folder / f"{_IDS}.tmp").write_bytes(kept)
        (folder / f"{_IDS}.tmp").replace(folder / _IDS)
    return [name for name, _ in ids]


def _unwritable(error: OSError, path: Path) -> OutputError:
    return OutputError(
        f"the ground features cannot be written ({error.strerror or error})", remedy="Make room there.", path=str(path)
    )
