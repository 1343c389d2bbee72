"""Who writes the plan of a question: the built-in planner, or a chat endpoint whose key QGIS keeps encrypted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Optional

from qgis.core import QgsApplication, QgsAuthMethodConfig

from ..errors import UsageError
from .i18n import tr
from .settings import ENDPOINT_AUTH, ENDPOINT_MODEL, ENDPOINT_URL, PLANNER

BUILT_IN, ENDPOINT = "built-in", "endpoint"
KEY_NAME = "GRAFT: key of the endpoint that writes plans"
METHOD = "Basic"
"""What every QGIS has; the key is its password, and no user is named."""


@dataclass(frozen=True)
class PlanWriter:
    """A chat endpoint that speaks OpenAI's protocol.

    Attributes:
        url: Its base, such as http://127.0.0.1:11434/v1.
        model: The name by which it knows its model.
        key: Empty where it wants none; never shown, logged or kept outside of QGIS's authentication database.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)

    def to_request(self) -> Dict[str, Any]:
        """Return the engine's field `endpoint`."""
        return {"url": self.url, "model": self.model, **({"key": self.key} if self.key else {})}


def chosen_writer() -> Optional[PlanWriter]:
    """Return the endpoint that the options name; None: the built-in planner writes. In the main thread.

    Raises:
        UsageError: It lacks an address or a model, or its key cannot be read.
    """
    if PLANNER.get() != ENDPOINT:
        return None
    return checked_writer(ENDPOINT_URL.get(), ENDPOINT_MODEL.get(), read_key(ENDPOINT_AUTH.get()))


def checked_writer(url: str, model: str, key: str) -> PlanWriter:
    """Return an endpoint, once its address and model are there; the engine checks what they are worth.

    Raises:
        UsageError: One of them is missing.
    """
    if not url or not model:
        lacks = tr("address") if not url else tr("model")
        raise UsageError(
            tr("the endpoint that writes plans has no {}").format(lacks),
            remedy=tr("Fill it in, or choose the built-in planner: Settings, Options, GRAFT."),
        )
    return PlanWriter(url, model, key)


def read_key(auth_id: str) -> str:
    """Return the key that QGIS keeps under an id; empty for no id. May ask for QGIS's master password.

    Raises:
        UsageError: It is not there, or QGIS does not give it out.
    """
    if not auth_id:
        return ""
    config = QgsAuthMethodConfig()
    done = QgsApplication.authManager().loadAuthenticationConfig(auth_id, config, True)
    if not _succeeded(done):
        raise UsageError(
            tr("QGIS does not give out the endpoint's key"),
            remedy=tr("Give QGIS its master password, or enter the key anew: Settings, Options, GRAFT."),
        )
    return str(config.config("password"))


def keep_key(key: str, auth_id: str) -> str:
    """Have QGIS keep a key, in the place of the one under `auth_id`; return the id. An empty key is forgotten.

    Raises:
        UsageError: QGIS does not take it: no master password was given, or authentication is switched off.
    """
    manager = QgsApplication.authManager()
    known = bool(auth_id) and auth_id in manager.configIds()
    if not key:
        if known:
            manager.removeAuthenticationConfig(auth_id)
        return ""
    config = QgsAuthMethodConfig(METHOD)
    config.setName(KEY_NAME)
    config.setConfig("username", "")
    config.setConfig("password", key)
    if known:
        config.setId(auth_id)
    done = (manager.updateAuthenticationConfig if known else manager.storeAuthenticationConfig)(config)
    if not _succeeded(done):
        raise UsageError(
            tr("QGIS does not keep the endpoint's key"),
            remedy=tr("Give QGIS its master password: Settings, Options, Authentication."),
        )
    return str(config.id())


def _succeeded(done: Any) -> bool:  # noqa: ANN401 - bool, or (bool, config) where PyQt hands the argument back
    return bool(done[0] if isinstance(done, tuple) else done)
