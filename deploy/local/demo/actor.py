"""A person of the demonstration at the keyboard: signed in at Keycloak, calling the services' public APIs.

Nothing here knows a database or a broker. What a person may not do is refused here as it would be in the browser.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import uuid4

import requests

from deploy.local.environment import api_url
from infra.servers import Profile
from shared.config import audience_of

Json = dict[str, Any]
Seen = TypeVar("Seen")
PATIENCE = 30.0
CALL_SECONDS = 30
LOOK_EVERY = 0.1


class RefusedError(Exception):
    """A service refused a step of the story; the message has who, what and the answer's own words."""

    def __init__(self, who: str, what: str, reply: requests.Response) -> None:
        super().__init__(f"{who}: {what} was answered with {reply.status_code}\n{reply.text[:1500]}")
        self.status = reply.status_code


class NotSeenError(Exception):
    """Something did not become visible in time."""


class Actor:
    """One person acting for one organisation. `token(audience)` gives an access token narrowed to tenant and API."""

    def __init__(self, profile: Profile, username: str, acting_for: str, token: Callable[[str], str]) -> None:
        self.username = username
        self.acting_for = acting_for
        self._profile = profile
        self._token = token
        self._http = requests.Session()

    def get(self, service: str, path: str, **query: str | int) -> Any:
        return self._call("GET", service, path, params=query)

    def post(
        self, service: str, path: str, body: Mapping[str, Any] | None = None, *, version: int | None = None
    ) -> Any:
        headers = {"Idempotency-Key": str(uuid4()), **_if_match(version)}
        return self._call("POST", service, path, json=body or {}, headers=headers)

    def put(self, service: str, path: str, body: Mapping[str, Any], version: int | None = None) -> Any:
        return self._call("PUT", service, path, json=body, headers=_if_match(version))

    def patch(self, service: str, path: str, body: Mapping[str, Any], version: int) -> Any:
        return self._call("PATCH", service, path, json=body, headers=_if_match(version))

    def upload(
        self, service: str, path: str, name: str, content: bytes, fields: Mapping[str, str] | None = None
    ) -> Any:
        """Send one file as a form would, with the form's other fields."""
        return self._call("POST", service, path, files={"file": (name, content, "text/csv")}, data=fields,
                          headers={"Idempotency-Key": str(uuid4())})  # fmt: skip

    def _call(self, method: str, service: str, path: str, **more: Any) -> Any:
        headers = {
            "Authorization": f"Bearer {self._token(audience_of(service))}",
            "Acting-For": self.acting_for,
            **more.pop("headers", {}),
        }
        url = f"{api_url(self._profile, service)}/v1{path}"
        reply = self._http.request(method, url, headers=headers, timeout=CALL_SECONDS, **more)
        if not reply.ok:
            raise RefusedError(self.username, f"{method} {service} {path}", reply)
        return reply.json() if reply.content else None


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}


def until(look: Callable[[], Seen | None], what: str, patience: float = PATIENCE) -> tuple[Seen, float]:
    """Look again and again until there is something; returns it and the seconds it took. Raises NotSeenError."""
    started = time.monotonic()
    while True:
        seen = look()
        if seen:
            return seen, time.monotonic() - started
        if time.monotonic() - started > patience:
            raise NotSeenError(f"{what} did not become visible within {patience:.0f} s.")
        time.sleep(LOOK_EVERY)
