"""A running realm is compared with what would be rendered."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from infra.keycloak.admin_api import readdress_portal
from infra.keycloak.drift import differences
from infra.keycloak.realm import render
from infra.keycloak.representation import Representation
from shared.config import PASSKEY_ACTION
from tests.security.identity.realm_under_test import RealmUnderTest


def test_a_realm_just_imported_is_as_rendered(realm: RealmUnderTest) -> None:
    assert differences(render(realm.settings), realm.admin) == []


def _change(part: str, **changes: object) -> Callable[[Representation], Representation]:
    return lambda running: {**running, part: {**running[part], **changes}} if part else {**running, **changes}


CHANGES = {
    "setting revokeRefreshToken": ("", _change("", revokeRefreshToken=True)),
    "setting editUsernameAllowed": ("", _change("", editUsernameAllowed=False)),
    "setting passwordPolicy": ("", _change("", passwordPolicy="length(8)")),
    "setting webAuthnPolicyPasswordlessUserVerificationRequirement": (
        "",
        _change("", webAuthnPolicyPasswordlessUserVerificationRequirement="discouraged"),
    ),
    "setting webAuthnPolicyPasswordlessRpId": ("", _change("", webAuthnPolicyPasswordlessRpId="elsewhere.example")),
    "setting webAuthnPolicyPasswordlessPasskeysEnabled": (
        "",
        _change("", webAuthnPolicyPasswordlessPasskeysEnabled=False),
    ),
    "setting webAuthnPolicyPasswordlessSignatureAlgorithms": (
        "",
        _change("", webAuthnPolicyPasswordlessSignatureAlgorithms=["RS1"]),
    ),
    "setting eventsExpiration": ("", _change("", eventsExpiration=31_536_000)),
    "setting eventsListeners": ("", _change("", eventsListeners=["jboss-logging"])),
    "setting adminEventsDetailsEnabled": ("", _change("", adminEventsDetailsEnabled=True)),
    "attribute adminEventsExpiration": ("", _change("attributes", adminEventsExpiration="")),
    "client portal: redirectUris": ("portal", _change("", redirectUris=["http://localhost:1/*"])),
    "client portal: attribute pkce.code.challenge.method": (
        "portal",
        _change("attributes", **{"pkce.code.challenge.method": "plain"}),
    ),
    "client portal: attribute standard.token.exchange.enabled": (
        "portal",
        _change("attributes", **{"standard.token.exchange.enabled": "true"}),
    ),
    "client admin-cli: enabled": ("admin-cli", _change("", enabled=True)),
}


@pytest.mark.parametrize("found", CHANGES)
def test_a_change_by_hand_is_named(realm: RealmUnderTest, found: str) -> None:
    client, change = CHANGES[found]
    path = f"/clients/{realm.admin.client(client)['id']}" if client else ""
    before = realm.admin.get(path)
    realm.admin.put(path, change(before))

    try:
        (difference,) = differences(render(realm.settings), realm.admin)
    finally:
        realm.admin.put(path, before)

    assert difference.startswith(found)


def test_a_client_somebody_added_is_named(realm: RealmUnderTest) -> None:
    added = realm.admin.post("/clients", {"clientId": "added-by-hand", "publicClient": True})

    try:
        found = differences(render(realm.settings), realm.admin)
    finally:
        realm.admin.delete(f"/clients/{added}")

    assert found == ["client added-by-hand is not ours"]


def test_a_passkey_that_can_no_longer_be_set_up_is_named(realm: RealmUnderTest) -> None:
    path = f"/authentication/required-actions/{PASSKEY_ACTION}"
    before = realm.admin.get(path)
    realm.admin.put(path, {**before, "enabled": False})

    try:
        found = differences(render(realm.settings), realm.admin)
    finally:
        realm.admin.put(path, before)

    assert found == [f"action {PASSKEY_ACTION}: enabled: False instead of True"]


def test_a_user_name_that_people_may_change_is_named(realm: RealmUnderTest) -> None:
    before = realm.admin.get("/users/profile")
    username, *others = before["attributes"]
    permissions = {"view": ["admin", "user"], "edit": ["admin", "user"]}
    realm.admin.put("/users/profile", {**before, "attributes": [{**username, "permissions": permissions}, *others]})

    try:
        (found,) = differences(render(realm.settings), realm.admin)
    finally:
        realm.admin.put("/users/profile", before)

    assert found.startswith("account's username: permissions")


@pytest.mark.parametrize(
    ("found", "change"),
    [
        (
            "account's attribute shoe-size is not ours",
            lambda whole: {**whole, "attributes": [*whole["attributes"], {"name": "shoe-size"}]},
        ),
        (
            "account's unmanagedAttributePolicy: 'ENABLED' instead of None",
            lambda whole: {**whole, "unmanagedAttributePolicy": "ENABLED"},
        ),
        (
            "account's email: annotations",
            lambda whole: {**whole, "attributes": [_annotated(each) for each in whole["attributes"]]},
        ),
        ("account's groups", lambda whole: {**whole, "groups": [*whole["groups"], {"name": "by hand"}]}),
    ],
)
def test_an_account_that_may_hold_more_is_named(
    realm: RealmUnderTest, found: str, change: Callable[[Representation], Representation]
) -> None:
    before = realm.admin.get("/users/profile")
    realm.admin.put("/users/profile", change(before))

    try:
        (difference,) = differences(render(realm.settings), realm.admin)
    finally:
        realm.admin.put("/users/profile", before)

    assert difference.startswith(found)
    assert differences(render(realm.settings), realm.admin) == []


def _annotated(attribute: Representation) -> Representation:
    return {**attribute, "annotations": {"inputType": "html5-text"}} if attribute["name"] == "email" else attribute


def test_an_action_somebody_added_is_named(realm: RealmUnderTest) -> None:
    action = {"providerId": "UPDATE_PROFILE", "name": "Update profile"}
    realm.admin.post("/authentication/register-required-action", action)

    try:
        found = differences(render(realm.settings), realm.admin)
    finally:
        realm.admin.delete("/authentication/required-actions/UPDATE_PROFILE")

    assert found == ["action UPDATE_PROFILE is not ours"]


def test_a_second_factor_that_can_be_left_out_is_named(realm: RealmUnderTest) -> None:
    flow = "/authentication/flows/impact%20second%20factor/executions"
    given = next(step for step in realm.admin.get(flow) if step.get("providerId") == "conditional-credential")
    path = f"/authentication/config/{given['authenticationConfig']}"
    before = realm.admin.get(path)
    realm.admin.put(path, {**before, "config": {**before["config"], "included": "false"}})

    try:
        (found,) = differences(render(realm.settings), realm.admin)
    finally:
        realm.admin.put(path, before)

    assert found.startswith("sign-in step impact-passkey-given")


def test_a_portal_that_moved_to_another_port_is_told_to_the_realm(realm: RealmUnderTest) -> None:
    moved = replace(realm.settings, portal_url="http://localhost:1")

    changed = readdress_portal(realm.admin, moved)
    page = differences(render(moved), realm.admin)
    back = readdress_portal(realm.admin, realm.settings)

    assert (changed, page, back) == (True, [], True)
    assert not readdress_portal(realm.admin, realm.settings)
    assert differences(render(realm.settings), realm.admin) == []
