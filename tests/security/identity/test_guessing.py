"""Guessing passwords: an account closes after a few tries and opens again by itself; nobody else notices (K14)."""

import time
from collections.abc import Iterator

import pytest

from shared.identity_admin import IdentityAdmin, Place
from shared.testing.sign_in import Browser, SignInStopped, challenge_of
from tests.security.identity.forms import fill_in
from tests.security.identity.people import NewPerson, somebody_new
from tests.security.identity.realm_under_test import RealmUnderTest

LEAD = Place("XNV01", "DEMO01", "improvement-lead")
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


def _guess(realm: RealmUnderTest, name: str) -> None:
    browser = Browser()
    page = realm.portal.authorize(browser, scope="openid", code_challenge=challenge_of("x" * 43), acr_values="strong")
    fill_in(browser, page, username=name, password="not the right password")


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


def test_one_wrong_password_for_many_people_closes_nobody(realm: RealmUnderTest) -> None:
    names = [str(user["username"]) for user in realm.admin.get("/users", max="50") if "." in user["username"]]

    for name in names:
        _guess(realm, name)

    closed = [
        user["username"]
        for user in realm.admin.get("/users", max="50")
        if realm.admin.get(f"/attack-detection/brute-force/users/{user['id']}")["disabled"]
    ]
    assert len(names) >= 20
    assert closed == []


def test_the_rules_of_closing_are_those_that_are_rendered(realm: RealmUnderTest) -> None:
    running = realm.admin.get("")

    rules = ("bruteForceProtected", "permanentLockout", "failureFactor", "maxFailureWaitSeconds")
    assert [running[rule] for rule in rules] == [True, False, 8, 900]
