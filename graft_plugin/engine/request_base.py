"""What every request is: a frozen dataclass of JSON-ready values, checked as a whole before any work."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields
from typing import Any, Optional, TypeVar

from ..errors import UsageError

_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
}
R = TypeVar("R", bound="Request")


class Request:
    """From JSON data to a checked request, and back."""

    @classmethod
    def from_dict(cls: type[R], data: Mapping[str, Any]) -> R:
        """Build a request from JSON data; lists become tuples.

        Raises:
            UsageError: A key is unknown, missing or of a wrong type.
        """
        names = {item.name: item for item in fields(cls)}  # type: ignore[arg-type]
        for key in data:
            if key not in names:
                raise UsageError(f"unknown parameter {key!r}", remedy=_did_you_mean(key, names))
        missing = [name for name, item in names.items() if item.default is MISSING and name not in data]
        require(not missing, f"parameter {' and '.join(missing)} is missing")
        return cls(**{key: _coerced(key, str(names[key].type), value) for key, value in data.items()})

    def to_dict(self) -> dict[str, Any]:
        """Return the request as JSON-ready data, the values left at their defaults left out."""
        defaults = {item.name: item.default for item in fields(self)}  # type: ignore[arg-type]
        return {key: value for key, value in asdict(self).items() if value != defaults[key]}  # type: ignore[call-overload]


def require(holds: bool, message: str, remedy: str = "") -> None:
    """Raise a `UsageError` unless something holds."""
    if not holds:
        raise UsageError(message, remedy=remedy)


def check_threshold(value: Optional[float]) -> None:
    """Check a threshold; None is found by itself."""
    require(value is None or 0 <= value <= 1, f"the threshold must be auto or lie in 0..1, not {value}")


def check_simplify(simplify_m: float) -> None:
    """Check the tolerance of a simplification."""
    require(0 <= simplify_m < 1e6, f"the simplification must be metres from 0 on, not {simplify_m}")


def check_layer(layer: Optional[str], masks: Optional[str]) -> None:
    """Check that a layer has a file to be in."""
    require(layer is None or masks is not None, "a layer was given without a file for the masks")


def check_bands(bands: Optional[tuple[int, ...]]) -> None:
    """Check the numbers of red, green and blue."""
    require(bands is None or (len(bands) == 3 and min(bands) >= 1), "bands must be three numbers")


def check_gsd(gsd_m: Optional[float]) -> None:
    """Check a ground resolution."""
    require(gsd_m is None or 0 < gsd_m < 1e5, f"the GSD must be metres above 0, not {gsd_m}")


def check_extent_crs(crs: Optional[str], extent: Optional[tuple[float, ...]]) -> None:
    """Check that a CRS has an extent to be of."""
    require(crs is None or extent is not None, "a CRS was given without an extent")


def check_cluster(cluster: Optional[str]) -> None:
    """Check what `--cluster` was given: "local", a number of processes, or a scheduler's address."""
    known = cluster is None or cluster == "local" or (cluster.isdigit() and int(cluster) > 0) or "://" in cluster
    remedy = "Give a scheduler's address (tcp://HOST:8786) or a number of processes, or put --cluster last."
    require(known, f"{cluster!r} is no cluster", remedy)


def _coerced(key: str, annotation: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return `value` as the field's annotation wants it."""
    if value is None and annotation.startswith("Optional["):
        return None
    inner = annotation.removeprefix("Optional[").removesuffix("]") if annotation.startswith("Optional[") else annotation
    many = inner.startswith("tuple[")
    item = inner[len("tuple[") :].rsplit(",", 1)[0] if many else inner
    gaps = item.startswith("Optional[")
    kinds = _KINDS[item.removeprefix("Optional[").removesuffix("]") if gaps else item]
    items = value if many else [value]
    good = isinstance(items, (list, tuple)) and all(
        (gaps and item is None) or (isinstance(item, kinds) and (bool in kinds or not isinstance(item, bool)))
        for item in items
    )
    require(good, f"{key} must be {'a list of ' if many else 'a '}{kinds[-1].__name__}, not {value!r}")
    return tuple(value) if many else value


def _did_you_mean(key: str, names: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(key, list(names), 1)
    return f"Did you mean {near[0]!r}?" if near else f"Known parameters: {', '.join(names)}."
