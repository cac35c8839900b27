"""Asks directory for a person's address at the moment of sending; nothing of the answer is kept."""

from dataclasses import dataclass

import requests

from shared.service_token import TIMEOUT, ServiceToken


@dataclass(frozen=True, slots=True)
class Address:
    """Where and how to greet a person."""

    email: str
    name: str


class DirectoryAddresses:
    """The address book of directory, asked as the service account `notification-sender`."""

    def __init__(self, url: str, token: ServiceToken) -> None:
        self._url = url
        self._token = token

    def of(self, person_id: str) -> Address | None:
        """Return a person's address, None when directory knows none; raises requests' errors when it is away."""
        answer = requests.post(
            f"{self._url}/v1/addresses",
            json={"person_ids": [person_id]},
            headers=self._token.header(),
            timeout=TIMEOUT,
        )
        answer.raise_for_status()
        people = answer.json()["people"]
        return Address(people[0]["email"], people[0]["name"]) if people else None
