"""Guessing passwords: an account closes after a few tries and opens again by itself; nobody else notices (K14)."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from requests.adapters import HTTPAdapter

from infra.keycloak.guessing import MANY, WINDOW, sprayings
from shared.identity_admin import IdentityAdmin, Place
from shared.testing.sign_in import Browser, SignInStopped, challenge_of
from tests.security.identity.forms import fill_in
from tests.security.identity.people import NewPerson, somebody_new
from tests.security.identity.realm_under_test import RealmUnderTest

LEAD = Place("XNV01", "DEMO01", "improvement-lead")
SPRAYER, TRUST = "127.0.0.50", "127.0.0.60"
WAIT = 20
"""Seconds for which these tests let an account be closed, instead of a minute and more."""


@pytest.fixture
def short_waits(realm: RealmUnderTest) -> Iterator[None]:
    """Let a closed account open again after a few seconds."""
    before = realm.admin.get("")
    short = {"waitIncrementSeconds": WAIT, "minimumQuickLoginWaitSeconds": WAIT, "maxFailureWaitSeconds": WAIT}
    realm.admin.put("", {**before, **short})
    yield
    realm.admin.put("", before)


class FromAddress(HTTPAdapter):
    """Sends from one of this machine's own addresses."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Bind each connection to the address."""
        super().init_poolmanager(*args, source_address=(self._address, 0), **options)


@pytest.fixture
def fifty(realm: RealmUnderTest) -> Iterator[list[str]]:
    """Return the names of fifty accounts."""
    names = [f"{uuid4().hex[:12]}@demo.example" for _ in range(50)]
    made = [realm.admin.post("/users", {"username": name, "email": name, "enabled": True}) for name in names]
    yield names
    for account in made:
        realm.admin.delete(f"/users/{account}")


def _guess(realm: RealmUnderTest, name: str, *, address: str | None = None) -> None:
    browser = Browser()
    if address:
        browser.mount("http://", FromAddress(address))
    page = realm.portal.authorize(browser, scope="openid", code_challenge=challenge_of("x" * 43), acr_values="strong")
    fill_in(browser, page, username=name, password="not the right password")


def _closed(realm: RealmUnderTest, names: list[str]) -> list[str]:
    accounts = [realm.admin.get("/users", username=name, exact="true")[0] for name in names]
    states = {each["username"]: f"/attack-detection/brute-force/users/{each['id']}" for each in accounts}
    return [name for name, state in states.items() if realm.admin.get(state)["disabled"]]


def _is_closed(realm: RealmUnderTest, person: NewPerson) -> bool:
    (account,) = realm.admin.get("/users", q=f"person_id:{person.person_id}")
    return bool(realm.admin.get(f"/attack-detection/brute-force/users/{account['id']}")["disabled"])


def test_fifty_wrong_passwords_close_one_account_which_opens_again_by_itself(
    realm: RealmUnderTest, provisioner: IdentityAdmin, short_waits: None
) -> None:
    person, other = somebody_new(realm, provisioner, LEAD), somebody_new(realm, provisioner, LEAD)

    tries = next((number for number in range(1, 51) if _closes(realm, person)), None)

    assert tries is not None
    with pytest.raises(SignInStopped, match="Invalid username or password"):
        person.sign_in()
    assert other.sign_in().tenants == ["XNV01"]
    assert _opens_again(realm, person)
    assert person.sign_in().tenants == ["XNV01"]


def _closes(realm: RealmUnderTest, person: NewPerson) -> bool:
    """Guess once more; say whether that closed the account."""
    _guess(realm, person.email)
    return _is_closed(realm, person)


def _opens_again(realm: RealmUnderTest, person: NewPerson) -> bool:
    for _ in range(3 * WAIT):
        if not _is_closed(realm, person):
            return True
        time.sleep(1)
    return False


def test_one_wrong_password_for_fifty_people_closes_nobody_and_names_the_address(
    realm: RealmUnderTest, fifty: list[str]
) -> None:
    """No limit per account sees it; the edge's limit is the platform's, and this is how somebody notices."""
    for name in fifty:
        _guess(realm, name, address=SPRAYER)

    found = {each.address: each for each in sprayings(realm.admin, datetime.now(UTC))}

    assert len(set(fifty)) == 50
    assert _closed(realm, fifty) == []
    assert (found[SPRAYER].accounts, found[SPRAYER].tries) == (50, 50)
    assert str(found[SPRAYER]) == f"{SPRAYER} failed to sign in at 50 accounts, in 50 tries"
    assert sprayings(realm.admin, datetime.now(UTC) + 2 * WINDOW) == []


def test_people_of_one_address_who_mistype_are_nobody_to_worry_about(realm: RealmUnderTest, fifty: list[str]) -> None:
    for name in [*fifty[: MANY - 1], *fifty[:5]]:
        _guess(realm, name, address=TRUST)

    assert TRUST not in {each.address for each in sprayings(realm.admin, datetime.now(UTC))}


def test_the_rules_of_closing_are_those_that_are_rendered(realm: RealmUnderTest) -> None:
    running = realm.admin.get("")

    rules = ("bruteForceProtected", "permanentLockout", "failureFactor", "maxFailureWaitSeconds")
    assert [running[rule] for rule in rules] == [True, False, 8, 900]
