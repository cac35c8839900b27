"""What Keycloak writes down of sign-ins and of changes goes after a while, and names nobody where it need not."""

import json
from uuid import uuid4

from infra.keycloak.realm import EVENTS_KEPT_DAYS
from shared.identity_admin import IdentityAdmin
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
