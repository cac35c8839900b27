"""Whether one address tries its luck at many accounts, which no limit per account can see.

Keycloak closes an account that is guessed at (realm.py). One password tried at every account closes none; that an
address may not try so often is for the platform's edge to say (deploy/kubernetes/README.md), because the sign-in pages
are reached through it. Here is whether somebody tries all the same, from what Keycloak records of each failed sign-in.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.keycloak.admin_api import RealmAdmin
from infra.keycloak.representation import Representation

WINDOW = timedelta(minutes=15)
MANY = 20
"""Accounts at which one address failed within the window. The people of a trust share an address; that twenty of them
mistype in a quarter of an hour is rarer than somebody who guesses."""
PAGE = 500


@dataclass(frozen=True, slots=True)
class Spraying:
    """An address that failed at many accounts."""

    address: str
    accounts: int
    tries: int

    def __str__(self) -> str:
        return f"{self.address} failed to sign in at {self.accounts} accounts, in {self.tries} tries"


def sprayings(admin: RealmAdmin, now: datetime) -> list[Spraying]:
    """Return every address that failed at many accounts lately, the busiest first."""
    tries: dict[str, list[str]] = defaultdict(list)
    for event in _failures(admin, now - WINDOW):
        account = event.get("userId") or event.get("details", {}).get("username")
        if account:
            tries[event["ipAddress"]].append(account)
    found = [Spraying(address, len(set(accounts)), len(accounts)) for address, accounts in tries.items()]
    return sorted((each for each in found if each.accounts >= MANY), key=lambda each: -each.accounts)


def _failures(admin: RealmAdmin, since: datetime) -> Iterator[Representation]:
    """Yield every failed sign-in since then; new ones meanwhile move the pages, so each is yielded once."""
    begins, first, seen = int(since.timestamp() * 1000), 0, set[str]()
    while True:
        page = admin.get("/events", type="LOGIN_ERROR", dateFrom=str(begins), first=str(first), max=str(PAGE))
        for event in page:
            if event["id"] not in seen:
                seen.add(event["id"])
                yield event
        if len(page) < PAGE:
            return
        first += PAGE
