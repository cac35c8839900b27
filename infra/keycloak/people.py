"""The accounts and organisations of the demonstration, as the realm imports them.

They come from the same list that fills the directory (demo_people.yaml), so the two agree by construction.
"""

import json

from infra.keycloak.demo_people import (
    Demonstration,
    DemoOrganisation,
    DemoPerson,
    DemoTenant,
    credentials_of,
    work_subject,
)
from infra.keycloak.permissions import TENANT_USERS
from infra.keycloak.representation import Representation, fixed_id
from infra.keycloak.roles import RoleList
from shared.config import WORK_ACCOUNT
from shared.contracts.roles import kind_for_roles


def accounts(demonstration: Demonstration, realm: str, secret: str) -> list[Representation]:
    """Return one account a person, with the password and the second factor derived from this machine's `secret`."""
    return [_account(person, realm, secret) for person in demonstration.people]


def organisations(demonstration: Demonstration, realm: str, roles: RoleList) -> list[Representation]:
    """Return one Keycloak organisation a tenant, with a group for each organisation in it and each role there."""
    return [_tenant(tenant, demonstration, realm, roles) for tenant in demonstration.tenants]


def _account(person: DemoPerson, realm: str, secret: str) -> Representation:
    password, otp_secret = credentials_of(person.username, secret)
    groups = {"groups": [f"/{TENANT_USERS}"]} if person.memberships and not person.realm_roles else {}
    return {
        "id": fixed_id(realm, "account", person.username),
        "username": person.username,
        "enabled": True,
        "email": person.email,
        "emailVerified": True,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "attributes": {"person_id": [person.person_id]},
        **_ways_in(person, realm, password, otp_secret),
        "realmRoles": [f"default-roles-{realm}", *person.realm_roles],
        **groups,
    }


def _ways_in(person: DemoPerson, realm: str, password: str, otp_secret: str) -> Representation:
    """Return a password or a linked work account, and a second factor of ours in either case."""
    second_factor = _one_time_code(otp_secret)
    if not person.work_account:
        return {"credentials": [{"type": "password", "value": password, "temporary": False}, second_factor]}
    link = {"identityProvider": WORK_ACCOUNT, "userId": work_subject(person.username, realm), "userName": person.email}
    return {"credentials": [second_factor], "federatedIdentities": [link]}


def _one_time_code(otp_secret: str) -> Representation:
    data = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"}
    return {
        "type": "otp",
        "userLabel": "demonstration",
        "secretData": json.dumps({"value": otp_secret}),
        # Without the encoding Keycloak would take the letters themselves as the key.
        "credentialData": json.dumps({**data, "secretEncoding": "BASE32"}),
    }


def _tenant(tenant: DemoTenant, demonstration: Demonstration, realm: str, roles: RoleList) -> Representation:
    return {
        "id": fixed_id(realm, "organisation", tenant.code),
        "name": tenant.name,
        "alias": tenant.code.lower(),
        "enabled": True,
        "domains": [],
        "attributes": {"ods": [tenant.code]},
        "groups": [_group(organisation, realm, roles) for organisation in demonstration.organisations_of(tenant.code)],
        "members": [
            _member(person, tenant.code, demonstration, realm)
            for person in demonstration.people
            if person.belongs_to(demonstration.codes_of(tenant.code))
        ],
    }


def _group(organisation: DemoOrganisation, realm: str, roles: RoleList) -> Representation:
    kind = kind_for_roles(organisation.kind, code=organisation.code, tenant=organisation.tenant)
    return {
        "id": _group_id(realm, organisation.code),
        "name": organisation.code,
        "attributes": {"ods": [organisation.code]},
        "subGroups": [{"id": _group_id(realm, organisation.code, role), "name": role} for role in roles.of_kind(kind)],
    }


def _member(person: DemoPerson, tenant: str, demonstration: Demonstration, realm: str) -> Representation:
    codes = demonstration.codes_of(tenant)
    groups = [
        _group_id(realm, membership.organisation, role)
        for membership in person.memberships
        if membership.organisation in codes
        for role in membership.roles
    ]
    return {"username": person.username, "membershipType": "UNMANAGED", "groups": groups}


def _group_id(realm: str, *path: str) -> str:
    return fixed_id(realm, "organisation-group", *path)
