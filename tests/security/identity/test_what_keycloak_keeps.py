"""What Keycloak writes down of sign-ins and of changes goes after a while, and names nobody where it need not."""

import json
from uuid import uuid4

from infra.keycloak.realm import EVENTS_KEPT_DAYS
from infra.servers import Profile
from shared.identity_admin import IdentityAdmin
from shared.testing.sign_in import Browser, challenge_of
from tests.security.identity.forms import fill_in
from tests.security.identity.realm_under_test import RealmUnderTest


def test_both_kinds_of_records_have_an_end(realm: RealmUnderTest) -> None:
    running = realm.admin.get("")

    assert (running["eventsEnabled"], running["adminEventsEnabled"]) == (True, True)
    assert running["eventsExpiration"] == EVENTS_KEPT_DAYS * 86_400
    assert running["attributes"]["adminEventsExpiration"] == str(EVENTS_KEPT_DAYS * 86_400)


def test_that_an_account_was_changed_is_kept_and_not_what_it_holds(
    realm: RealmUnderTest, provisioner: IdentityAdmin
) -> None:
    person_id = str(uuid4())
    before, after = (f"{person_id[:13]}.{word}@demo.example" for word in ("before", "after"))

    account = provisioner.create_account(person_id, before, "Nell", "Newcomer")
    provisioner.create_account(person_id, after, "Nell", "Newcomer")

    kept = realm.admin.get("/admin-events", resourcePath=f"users/{account.id}")
    assert {event["operationType"] for event in kept} >= {"CREATE", "UPDATE"}
    assert [word for word in (before, after, "Newcomer", person_id) if word in json.dumps(kept)] == []


def test_what_was_typed_at_a_wrong_sign_in_is_kept_and_stands_in_no_log(realm: RealmUnderTest) -> None:
    """People type a password where the user name goes; more people read a log than the records."""
    typed, browser = f"{uuid4().hex}@demo.example", Browser()

    page = realm.portal.authorize(browser, scope="openid", code_challenge=challenge_of("x" * 43), acr_values="strong")
    fill_in(browser, page, username=typed, password="not the right password")

    assert typed in json.dumps(realm.admin.get("/events", type="LOGIN_ERROR"))
    assert typed not in (Profile("test").logs / "keycloak.log").read_text()
