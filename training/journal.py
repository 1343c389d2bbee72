"""What a run leaves for people: a CSV, TensorBoard files, and events for whoever watches."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from graft_plugin.errors import OutputError, UsageError

COLUMNS = ("step", "epoch", "seconds", "lr", "loss", "gradient", "images_s", "score", "validation_loss")


class Journal:
    """Rows of figures by step; a resumed run goes on where it was, without what came after its checkpoint.

    Args:
        folder: Of the run; `metrics.csv` and `tensorboard/` lie in it.
        tensorboard: Write TensorBoard files too.
        step: The step that the run goes on from.

    Raises:
        UsageError: TensorBoard is wanted and not installed.
        OutputError: The CSV cannot be written.
    """

    def __init__(self, folder: Path, *, tensorboard: bool, step: int) -> None:
        self.path = folder / "metrics.csv"
        kept = _rows_until(self.path, step)
        try:
            partial = self.path.with_name("metrics.csv.tmp")
            with partial.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
                writer.writeheader()
                writer.writerows(kept)
            partial.replace(self.path)
            self._stream = self.path.open("a", encoding="utf-8", newline="", buffering=1)
        except OSError as error:
            raise _unwritable(error, self.path) from error
        self._writer = csv.DictWriter(self._stream, COLUMNS, lineterminator="\n")
        self._board = _board(folder / "tensorboard", step) if tensorboard else None

    def write(self, step: int, figures: Mapping[str, float]) -> None:
        """Add a row."""
        row = {name: f"{value:.8g}" for name, value in figures.items()}
        try:
            self._writer.writerow({"step": step, **row})
        except OSError as error:
            raise _unwritable(error, self.path) from error
        if self._board is not None:
            for name, value in figures.items():
                if name not in ("epoch", "seconds"):
                    self._board.add_scalar(name, value, step)

    def close(self) -> None:
        """Finish the files."""
        self._stream.close()
        if self._board is not None:
            self._board.close()


def _rows_until(path: Path, step: int) -> list[dict[str, str]]:
    if step == 0 or not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [
        row for row in rows if set(row) == set(COLUMNS) and (row["step"] or "").isdigit() and int(row["step"]) <= step
    ]


def _board(folder: Path, step: int) -> Any:  # noqa: ANN401 - a SummaryWriter
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UsageError(
            "TensorBoard is not installed", remedy="Install the extra `train`, or set tensorboard = false."
        ) from error
    return SummaryWriter(str(folder), purge_step=step + 1 if step else None)


def _unwritable(error: OSError, path: Path) -> OutputError:
    return OutputError(f"cannot be written ({error.strerror or error})", remedy="Make room there.", path=str(path))


Report = Callable[[dict[str, Any]], None]
