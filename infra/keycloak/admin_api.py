"""The Admin API, as the server's own administrator sees it: for setting a realm up and looking it over.

No process of the product uses this; the directory has its own narrow account (shared/identity_admin).
"""

import time
from typing import Any

import requests

from infra.keycloak.clients import PORTAL, portal
from infra.keycloak.config import RealmSettings
from infra.keycloak.representation import Representation

TIMEOUT_SECONDS = 300
"""A whole realm is imported in one call, and slowly on a machine with much else to do."""


class AdminCallFailed(Exception):
    """Keycloak refused a call of the server's administrator; the message holds the call and the answer."""


class RealmAdmin:
    """One realm of a running server. Signs in by itself and again when its token ends."""

    def __init__(self, base_url: str, username: str, password: str, realm: str = "impact") -> None:
        self.realm = realm
        self._base_url = base_url.rstrip("/")
        self._credentials = {"username": username, "password": password}
        self._session = requests.Session()
        self._token_ends = 0.0

    def import_realm(self, representation: Representation) -> None:
        """Make the realm on the running server; raises AdminCallFailed when it is already there."""
        self._call("POST", f"{self._base_url}/admin/realms", representation)

    def delete_realm(self) -> None:
        """Delete the realm with everybody in it."""
        self._call("DELETE", self._address(""))

    def get(self, path: str, **query: str) -> Any:
        """Return what lies at `path`, relative to the realm."""
        return self._call("GET", self._address(path), query=query).json()

    def post(self, path: str, body: object) -> str:
        """Create something; return its id, taken from the address of the answer."""
        return self._call("POST", self._address(path), body).headers.get("Location", "").rsplit("/", 1)[-1]

    def put(self, path: str, body: object) -> None:
        """Replace what lies at `path`."""
        self._call("PUT", self._address(path), body)

    def delete(self, path: str, body: object = None) -> None:
        """Delete what lies at `path`, or of it only what `body` names."""
        self._call("DELETE", self._address(path), body)

    def client(self, client_id: str) -> Representation:
        """Return a client of the realm; raises AdminCallFailed when there is none of that name."""
        found = self.get("/clients", clientId=client_id)
        if not found:
            raise AdminCallFailed(f"The realm {self.realm} has no client {client_id}.")
        return dict(found[0])

    def _address(self, path: str) -> str:
        return f"{self._base_url}/admin/realms/{self.realm}{path}"

    def _call(
        self, method: str, address: str, body: object = None, *, query: dict[str, str] | None = None
    ) -> requests.Response:
        if time.monotonic() >= self._token_ends:
            self._sign_in()
        answer = self._session.request(method, address, json=body, params=query, timeout=TIMEOUT_SECONDS)
        if not answer.ok:
            raise AdminCallFailed(f"{method} {address}: {answer.status_code} {answer.text[:300]}")
        return answer

    def _sign_in(self) -> None:
        answer = self._session.post(
            f"{self._base_url}/realms/master/protocol/openid-connect/token",
            data={"grant_type": "password", "client_id": "admin-cli", **self._credentials},
            timeout=TIMEOUT_SECONDS,
        )
        if not answer.ok:
            raise AdminCallFailed(f"Keycloak's administrator cannot sign in: {answer.status_code} {answer.text[:300]}")
        token = answer.json()
        self._session.headers["Authorization"] = f"Bearer {token['access_token']}"
        self._token_ends = time.monotonic() + token["expires_in"] - 10


def readdress_portal(admin: RealmAdmin, settings: RealmSettings) -> bool:
    """Give the running realm's portal client the addresses of `settings`; return whether anything had to change.

    Needed when the portal's port had to change: the realm file counts at Keycloak's first start only.
    """
    wanted, running = portal(settings), admin.client(PORTAL)
    addresses = {key: wanted[key] for key in ("rootUrl", "redirectUris")}
    attributes = {key: value for key, value in wanted["attributes"].items() if key.endswith((".uris", ".url"))}
    changed = {**running, **addresses, "attributes": {**running["attributes"], **attributes}}
    if changed == running:
        return False
    admin.put(f"/clients/{running['id']}", changed)
    return True
