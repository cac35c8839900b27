"""Tokens of our own processes: client credentials at the realm, kept until shortly before they end."""

import threading
import time
from dataclasses import dataclass, field

import requests

TIMEOUT = (3, 5)
"""Seconds to connect and to read: nothing waits for the identity provider longer than this."""
SPARE = 30.0
"""Seconds before its end at which a token is fetched anew."""


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A client of the realm that acts for no person."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)


class ServiceToken:
    """The current token of a service account; several threads may ask at once."""

    def __init__(self, account: ServiceAccount) -> None:
        self._account = account
        self._lock = threading.Lock()
        self._token = ""
        self._ends_at = 0.0

    def header(self) -> dict[str, str]:
        """Return the header that carries the token; raises requests' errors when the realm does not answer."""
        with self._lock:
            if time.monotonic() > self._ends_at - SPARE:
                self._fetch()
            return {"Authorization": f"Bearer {self._token}"}

    def _fetch(self) -> None:
        account = self._account
        answer = requests.post(
            account.token_url,
            data={"grant_type": "client_credentials"},
            auth=(account.client_id, account.client_secret),
            timeout=TIMEOUT,
        )
        answer.raise_for_status()
        body = answer.json()
        self._token = str(body["access_token"])
        self._ends_at = time.monotonic() + float(body["expires_in"])
