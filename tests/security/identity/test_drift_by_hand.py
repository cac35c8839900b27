"""What drift finds beyond settings: how people sign in, who vouches for them, what tokens carry, who holds which right.

Each change is made on the running realm as somebody at the Admin API would, found, and taken back.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from urllib.parse import quote

import pytest

from infra.keycloak.admin_api import RealmAdmin
from infra.keycloak.clients import NOTIFICATION_SENDER, PORTAL, PROVISIONER
from infra.keycloak.drift import differences
from infra.keycloak.flows import SECOND_FACTOR
from infra.keycloak.permissions import HOLDER, TENANT_USERS
from infra.keycloak.realm import render
from infra.keycloak.representation import Representation
from shared.config import WORK_ACCOUNT
from tests.security.identity.realm_under_test import RealmUnderTest

Change = Callable[[RealmAdmin], AbstractContextManager[None]]


@contextmanager
def _put(admin: RealmAdmin, path: str, before: Representation, after: Representation) -> Iterator[None]:
    admin.put(path, after)
    try:
        yield
    finally:
        admin.put(path, before)


@contextmanager
def _added(admin: RealmAdmin, path: str, body: object, gone: Callable[[str], str]) -> Iterator[None]:
    made = admin.post(path, body)
    try:
        yield
    finally:
        admin.delete(gone(made))


def _a_second_factor_that_is_not_asked_for(admin: RealmAdmin) -> AbstractContextManager[None]:
    path = f"/authentication/flows/{quote(SECOND_FACTOR)}/executions"
    (code,) = (step for step in admin.get(path) if step.get("providerId") == "auth-otp-form")
    return _put(admin, path, code, {**code, "requirement": "DISABLED"})


def _a_sign_in_that_stays_strong_for_a_day(admin: RealmAdmin) -> AbstractContextManager[None]:
    steps = admin.get(f"/authentication/flows/{quote('impact level 2')}/executions")
    (level,) = (step for step in steps if step.get("providerId") == "conditional-level-of-authentication")
    where = level["authenticationConfig"]
    before = admin.get(f"/authentication/config/{where}")
    longer = {**before, "config": {**before["config"], "loa-max-age": "86400"}}
    return _put(admin, f"/authentication/config/{where}", before, longer)


def _an_issuer_of_somebodys(admin: RealmAdmin) -> AbstractContextManager[None]:
    config = {
        "clientId": "x",
        "clientSecret": "x",
        "authorizationUrl": "https://x.example",
        "tokenUrl": "https://x.example",
    }
    issuer = {"alias": "by-hand", "providerId": "oidc", "enabled": True, "config": config}
    return _added(admin, "/identity-provider/instances", issuer, lambda _: "/identity-provider/instances/by-hand")


def _an_issuer_whose_signatures_nobody_checks(admin: RealmAdmin) -> AbstractContextManager[None]:
    path = f"/identity-provider/instances/{WORK_ACCOUNT}"
    before = admin.get(path)
    return _put(admin, path, before, {**before, "config": {**before["config"], "validateSignature": "false"}})


def _a_scope_that_says_more(admin: RealmAdmin) -> AbstractContextManager[None]:
    (scope,) = (each for each in admin.get("/client-scopes") if each["name"] == "assessment-api")
    (mapper,) = scope["protocolMappers"]
    wider = {**mapper, "config": {**mapper["config"], "included.client.audience": "insight-api"}}
    return _put(admin, f"/client-scopes/{scope['id']}/protocol-mappers/models/{mapper['id']}", mapper, wider)


def _a_portal_that_says_whom_it_likes(admin: RealmAdmin) -> AbstractContextManager[None]:
    path = f"/clients/{admin.client(PORTAL)['id']}/protocol-mappers/models"
    config = {"claim.name": "person_id", "claim.value": "somebody-else", "access.token.claim": "true"}
    kind = "oidc-hardcoded-claim-mapper"
    mapper = {"name": "by hand", "protocol": "openid-connect", "protocolMapper": kind, "config": config}
    return _added(admin, path, mapper, lambda made: f"{path}/{made}")


@contextmanager
def _role(admin: RealmAdmin, path: str, role: Representation) -> Iterator[None]:
    admin.post(path, [role])
    try:
        yield
    finally:
        admin.delete(path, [role])


def _administrators_role(admin: RealmAdmin, name: str) -> tuple[str, Representation]:
    client = admin.client("realm-management")["id"]
    return client, admin.get(f"/clients/{client}/roles/{name}")


def _account(admin: RealmAdmin, client: str) -> str:
    return str(admin.get(f"/clients/{admin.client(client)['id']}/service-account-user")["id"])


def _a_provisioner_that_manages_everybody(admin: RealmAdmin) -> AbstractContextManager[None]:
    client, role = _administrators_role(admin, "manage-users")
    return _role(admin, f"/users/{_account(admin, PROVISIONER)}/role-mappings/clients/{client}", role)


def _a_sender_with_a_national_role(admin: RealmAdmin) -> AbstractContextManager[None]:
    role = admin.get("/roles/national-administrator")
    return _role(admin, f"/users/{_account(admin, NOTIFICATION_SENDER)}/role-mappings/realm", role)


def _a_person_who_administers_the_realm(admin: RealmAdmin) -> AbstractContextManager[None]:
    client, role = _administrators_role(admin, "realm-admin")
    (person,) = admin.get("/users", username="bola.member", exact="true")
    return _role(admin, f"/users/{person['id']}/role-mappings/clients/{client}", role)


def _a_group_that_administers_the_realm(admin: RealmAdmin) -> AbstractContextManager[None]:
    client, role = _administrators_role(admin, "view-users")
    return _role(admin, f"/groups/{_tenant_users(admin)}/role-mappings/clients/{client}", role)


def _a_group_of_the_nation(admin: RealmAdmin) -> AbstractContextManager[None]:
    role = admin.get("/roles/national-analyst")
    return _role(admin, f"/groups/{_tenant_users(admin)}/role-mappings/realm", role)


def _everybody_an_administrator(admin: RealmAdmin) -> AbstractContextManager[None]:
    _, role = _administrators_role(admin, "manage-realm")
    return _role(admin, f"/roles/default-roles-{admin.realm}/composites", role)


def _a_provisioner_whose_tokens_carry_more(admin: RealmAdmin) -> AbstractContextManager[None]:
    client, role = _administrators_role(admin, "manage-clients")
    return _role(admin, f"/clients/{admin.client(PROVISIONER)['id']}/scope-mappings/clients/{client}", role)


def _tenant_users(admin: RealmAdmin) -> str:
    (group,) = admin.get("/groups", search=TENANT_USERS, exact="true")
    return str(group["id"])


def _permission(admin: RealmAdmin) -> tuple[str, Representation]:
    """Return where the provisioner's rights over tenant users lie, and all their parts by id."""
    server = f"/clients/{admin.client(HOLDER)['id']}/authz/resource-server"
    (rule,) = (each for each in admin.get(f"{server}/policy", max="100") if each["name"].endswith("tenant users"))
    place = f"{server}/policy/{rule['id']}"
    whole = {key: rule[key] for key in ("id", "name", "type", "logic", "decisionStrategy")} | {
        "resourceType": "Groups",
        "resources": [each["_id"] for each in admin.get(f"{place}/resources")],
        "scopes": [each["id"] for each in admin.get(f"{place}/scopes")],
        "policies": [each["id"] for each in admin.get(f"{place}/associatedPolicies")],
    }
    return f"{server}/permission/scope/{rule['id']}", whole


def _a_provisioner_that_signs_in_as_others(admin: RealmAdmin) -> AbstractContextManager[None]:
    path, whole = _permission(admin)
    server = path.partition("/permission")[0]
    (more,) = (each["id"] for each in admin.get(f"{server}/scope", max="100") if each["name"] == "impersonate-members")
    return _put(admin, path, whole, {**whole, "scopes": [*whole["scopes"], more]})


def _somebody_else_who_may_provision(admin: RealmAdmin) -> AbstractContextManager[None]:
    server = f"/clients/{admin.client(HOLDER)['id']}/authz/resource-server"
    (policy,) = (each for each in admin.get(f"{server}/policy", max="100") if each["type"] == "user")
    path = f"{server}/policy/user/{policy['id']}"
    before = admin.get(path)
    (person,) = admin.get("/users", username="bola.member", exact="true")
    return _put(admin, path, before, {**before, "users": [*before["users"], person["id"]]})


CHANGES: dict[str, Change] = {
    "the steps of signing in are not as rendered": _a_second_factor_that_is_not_asked_for,
    "sign-in step impact-level-2": _a_sign_in_that_stays_strong_for_a_day,
    "issuer by-hand is not ours": _an_issuer_of_somebodys,
    f"issuer {WORK_ACCOUNT}: validateSignature": _an_issuer_whose_signatures_nobody_checks,
    "scope assessment-api: ": _a_scope_that_says_more,
    f"client {PORTAL}: mapper by hand is not ours": _a_portal_that_says_whom_it_likes,
    f"service account of {PROVISIONER}: role realm-management/manage-users is not ours": (
        _a_provisioner_that_manages_everybody
    ),
    f"service account of {NOTIFICATION_SENDER}: role national-administrator is not ours": (
        _a_sender_with_a_national_role
    ),
    "realm-management/realm-admin is held by the account": _a_person_who_administers_the_realm,
    f"realm-management/view-users is held by the group /{TENANT_USERS}": _a_group_that_administers_the_realm,
    f"role national-analyst is held by the group /{TENANT_USERS}": _a_group_of_the_nation,
    "role default-roles-": _everybody_an_administrator,
    f"client {PROVISIONER}: reaches role realm-management/manage-clients is not ours": (
        _a_provisioner_whose_tokens_carry_more
    ),
    "permission provisioner: tenant users: scopes": _a_provisioner_that_signs_in_as_others,
    "permission is the provisioner: users": _somebody_else_who_may_provision,
}


@pytest.mark.parametrize("found", CHANGES)
def test_a_change_by_hand_is_named_and_nothing_else_is(realm: RealmUnderTest, found: str) -> None:
    with CHANGES[found](realm.admin):
        (difference,) = differences(render(realm.settings), realm.admin)

    assert difference.startswith(found)
    assert differences(render(realm.settings), realm.admin) == []
