"""Calls of the identity provider's Admin API, and what may become of them.

The only module that knows python-keycloak. It signs in with a service account whose rights end at one group of accounts
and the organizations (infra/keycloak/permissions.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from keycloak import KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakConnectionError, KeycloakError

TIMEOUT_SECONDS = 8
"""For each call. More than the 5 s that Keycloak itself waits for a portal which does not answer a logout."""

Method = Literal["get", "post", "put", "delete"]
Query = Mapping[str, str | int]
_RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})


class IdentityProviderError(Exception):
    """A call to the identity provider did not do what was asked."""


class IdentityProviderUnavailable(IdentityProviderError):
    """It did not answer, or could not just now: worth repeating later."""


class IdentityProviderRefused(IdentityProviderError):
    """It said no and will say so again; `status` is its HTTP answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class IdentityAdminConfig:
    """Where the realm is and who we are there. `redirect_uri` is where a set-up link leads back to."""

    server_url: str
    realm: str
    client_id: str
    client_secret: str
    portal_client: str
    redirect_uri: str
    timeout: int = TIMEOUT_SECONDS


class AdminApi:
    """One realm's Admin API. Raises IdentityProviderUnavailable or IdentityProviderRefused."""

    def __init__(self, config: IdentityAdminConfig) -> None:
        self.config = config
        self._connection = KeycloakOpenIDConnection(
            server_url=config.server_url.rstrip("/") + "/",
            realm_name=config.realm,
            client_id=config.client_id,
            client_secret_key=config.client_secret,
            timeout=config.timeout,
            # Repeating is the caller's business, who also knows when to give up.
            max_retries=0,
        )

    def get(self, path: str, query: Query | None = None) -> Any:
        """Return what is at `path`."""
        return self.call("get", path, query=query)

    def call(
        self, method: Method, path: str, body: object = None, *, accept: int | None = None, query: Query | None = None
    ) -> Any:
        """Return what was answered, or None for an empty answer or the `accept`ed status."""
        address = f"admin/realms/{self.config.realm}{path}"
        try:
            answer = self._send(method, address, body, query or {})
        except KeycloakError as error:
            raise _translated(error) from error
        if answer.status_code == accept:
            return None
        if not answer.ok:
            # The answer's own words may hold an address: the status has to do.
            raise _refusal(
                f"{method} {path.partition('?')[0]} was answered with {answer.status_code}", answer.status_code
            )
        return answer.json() if answer.content else None

    def _send(self, method: Method, address: str, body: object, query: Query) -> Any:
        if method == "get":
            return self._connection.raw_get(address, **query)
        data = "" if body is None else orjson.dumps(body).decode()
        return getattr(self._connection, f"raw_{method}")(address, data=data, **query)


def _translated(error: KeycloakError) -> IdentityProviderError:
    """Sort what the library raises: no connection and a server in trouble pass, everything else stays."""
    if isinstance(error, KeycloakConnectionError) or error.response_code in _RETRYABLE:
        return IdentityProviderUnavailable("The identity provider does not answer.")
    return IdentityProviderRefused("The identity provider refuses our credentials.", error.response_code)


def _refusal(message: str, status: int) -> IdentityProviderError:
    return IdentityProviderUnavailable(message) if status in _RETRYABLE else IdentityProviderRefused(message, status)
