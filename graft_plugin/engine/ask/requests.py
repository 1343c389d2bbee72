"""What can be asked of a scene in words: frozen dataclasses like those of `engine.requests`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Optional
from urllib.parse import urlsplit

from ..index_requests import check_extent
from ..request_base import R, Request, check_extent_crs, check_threshold, require
from ..requests import REFINERS, check_precision, check_sensor

MAX_QUESTION = 1000
"""Characters of a question."""


@dataclass(frozen=True)
class Endpoint:
    """A chat endpoint that speaks OpenAI's protocol.

    Attributes:
        url: Its base, such as http://127.0.0.1:11434/v1; "/chat/completions" is added where it lacks.
        model: The name by which it knows its model.
        key: Sent as a bearer token; never shown, logged, or kept in a result.
        timeout_s: Longest silence of the server.
    """

    url: str
    model: str
    key: Optional[str] = field(default=None, repr=False)
    timeout_s: float = 60.0

    def __post_init__(self) -> None:
        """Check every value on its own, without ever naming the key."""
        try:
            parts = urlsplit(self.url)
            web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            web = False
        require(web, "the endpoint must be an http or https address", "For example http://127.0.0.1:11434/v1.")
        require("@" not in parts.netloc, "the endpoint's address holds a name or password", "Give the key by itself.")
        require(not parts.query and not parts.fragment, "the endpoint's address must end before ? and #")
        require(bool(self.model.strip()), "no model was named for the endpoint", "Give the name it knows it by.")
        sound = self.key is None or (self.key.isascii() and self.key.isprintable())
        require(sound, "the key holds characters that no key has", "Copy it again, without line breaks.")
        require(0 < self.timeout_s <= 3600, "the endpoint's time-out must be seconds above 0")


class _Asked(Request):
    """A request that may name an endpoint."""

    endpoint: Optional[Endpoint]

    @classmethod
    def from_dict(cls: type[R], data: Mapping[str, Any]) -> R:
        """As `Request.from_dict`; the endpoint is an object of its own, and a threshold may be "auto"."""
        plain = {key: value for key, value in data.items() if key != "endpoint"}
        if plain.get("threshold") == "auto":
            plain["threshold"] = None
        request = super().from_dict(plain)
        given = data.get("endpoint")
        return request if given is None else cls(**{**vars(request), "endpoint": _endpoint(given)})

    def to_dict(self) -> dict[str, Any]:
        """As `Request.to_dict`, without the endpoint's key: what is kept of a request holds none."""
        data = super().to_dict()
        if self.endpoint is not None:
            data["endpoint"] = {key: value for key, value in asdict(self.endpoint).items() if key != "key"}
        return data


@dataclass(frozen=True)
class AskRequest(_Asked):
    """A question about a raster.

    Attributes:
        raster: Path of the raster; the later one where `before` is given.
        question: In English; may be empty where there is a plan.
        plan: A plan to run as it is; None: the endpoint writes it, or the built-in planner where there is none.
        before: The same place earlier, for questions of change.
        model, sam, sensor, bands, stretch, extent, gsd_m, store, use_store, device, precision, offline: See
            `QueryRequest`; `offline` also keeps the endpoint from being asked.
        extent_crs: CRS of the extent; None: the raster's own.
        refine: "sam", or "none" for the outlines of the heatmap's cells.
        threshold: Score in 0..1 from which a place belongs to a text; None: found for each text.
        out: GeoPackage to write, one layer for each name of the plan; layers of other names in it stay.
        endpoint: Who writes the plan; None: the built-in planner.
    """

    raster: str
    question: str = ""
    plan: Optional[str] = None
    before: Optional[str] = None
    model: str = "mini"
    sam: str = "mini"
    sensor: str = "auto"
    bands: Optional[tuple[int, ...]] = None
    stretch: Optional[tuple[float, ...]] = None
    extent: Optional[tuple[float, ...]] = None
    extent_crs: Optional[str] = None
    gsd_m: Optional[float] = None
    threshold: Optional[float] = None
    refine: str = "sam"
    out: Optional[str] = None
    endpoint: Optional[Endpoint] = None
    store: Optional[str] = None
    use_store: bool = True
    device: str = "auto"
    precision: str = "auto"
    offline: bool = False

    def __post_init__(self) -> None:
        """Check every value on its own; raise `UsageError` for the first that cannot be meant."""
        require(bool(self.raster), "no raster was named")
        asked = bool(self.question.strip()) or self.plan is not None
        require(asked, "nothing was asked", 'Ask something: "How many ponds are there?"')
        require(len(self.question) <= MAX_QUESTION, f"the question is longer than {MAX_QUESTION} characters")
        require(self.plan is None or bool(self.plan.strip()), "the plan is empty")
        check_sensor(self.sensor)
        require(self.refine in REFINERS, f"refine must be one of {', '.join(REFINERS)}, not {self.refine!r}")
        check_precision(self.precision)
        check_extent_crs(self.extent_crs, self.extent)
        check_extent(self.extent)
        check_threshold(self.threshold)


@dataclass(frozen=True)
class PlanRequest(_Asked):
    """A question whose plan is only written, to be looked at or to try an endpoint.

    Attributes:
        question: In English; an endpoint may understand others.
        dated: Whether there are two dates.
        endpoint: Who writes the plan; None: the built-in planner.
        offline: See `AskRequest`.
    """

    question: str
    dated: bool = False
    endpoint: Optional[Endpoint] = None
    offline: bool = False

    def __post_init__(self) -> None:
        """Check every value on its own; raise `UsageError` for the first that cannot be meant."""
        require(bool(self.question.strip()), "nothing was asked", 'Ask something: "How many ponds are there?"')
        require(len(self.question) <= MAX_QUESTION, f"the question is longer than {MAX_QUESTION} characters")


def _endpoint(given: object) -> Endpoint:
    """Read an endpoint without ever repeating its values, of which one is a secret."""
    known = {"url": str, "model": str, "key": (str, type(None)), "timeout_s": (int, float)}
    good = isinstance(given, dict) and all(
        name in known and isinstance(value, known[name]) and not isinstance(value, bool)  # type: ignore[arg-type]
        for name, value in given.items()
    )
    require(good and {"url", "model"} <= given.keys(), "an endpoint has a url, a model and a key, all texts")  # type: ignore[attr-defined]
    return Endpoint(**given)  # type: ignore[arg-type]
