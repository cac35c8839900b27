"""What the directory's provisioning may do with Keycloak, and no more.

Its rights cover the accounts in the group `tenant-users`, and the organisations. National accounts are not in that
group: it can neither see, change nor appoint them. The roles `manage-users` and `manage-organizations` would let it
reset a national administrator's password. Rights are given by group and never taken away by type: a rule that refuses
one action to everybody refuses every action.
"""

import json

from infra.keycloak.clients import PROVISIONER
from infra.keycloak.representation import Representation, fixed_id

TENANT_USERS = "tenant-users"
HOLDER = "admin-permissions"
_POLICY = "is the provisioner"
_SCOPES = {
    "Users": ["manage", "view", "impersonate", "map-roles", "manage-group-membership", "reset-password"],
    "Groups": [
        "manage",
        "view",
        "manage-membership",
        "manage-membership-of-members",
        "manage-members",
        "view-members",
        "impersonate-members",
    ],
    "Clients": ["manage", "map-roles", "map-roles-client-scope", "map-roles-composite", "view"],
    "Roles": ["map-role", "map-role-client-scope", "map-role-composite"],
    "Organizations": ["manage", "view"],
}
_GROUP_RIGHTS = ["view", "view-members", "manage-members", "manage-membership", "manage-membership-of-members"]


def permissions(realm: str) -> Representation:
    """Return the realm's switch for fine-grained permissions and the group they are about."""
    group = {"id": _group_id(realm), "name": TENANT_USERS, "description": "Accounts that the directory provisions"}
    return {"adminPermissionsEnabled": True, "adminPermissionsClient": _client(realm), "groups": [group]}


def permissions_client(realm: str) -> Representation:
    """Return the client that holds the permissions: Keycloak wants it both here and in the list of clients."""
    # Keycloak gives it this scope by itself; named here, so that it does not look like a change by hand.
    scopes = {"defaultClientScopes": ["service_account"]}
    return {**_client(realm), **scopes, "authorizationSettings": _rules(_group_id(realm))}


def _group_id(realm: str) -> str:
    return fixed_id(realm, "group", TENANT_USERS)


def _client(realm: str) -> Representation:
    return {
        "id": fixed_id(realm, "client", HOLDER),
        "clientId": HOLDER,
        "enabled": True,
        "protocol": "openid-connect",
        "publicClient": False,
        "standardFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": True,
        "authorizationServicesEnabled": True,
        "fullScopeAllowed": False,
        "attributes": {"realm_client": "false"},
        "defaultClientScopes": [],
        "optionalClientScopes": [],
    }


def _rules(group_id: str) -> Representation:
    types = [
        {"name": name, "type": name, "ownerManagedAccess": False, "scopes": _named(scopes)}
        for name, scopes in _SCOPES.items()
    ]
    group = {"name": group_id, "ownerManagedAccess": False, "scopes": _named(_SCOPES["Groups"])}
    return {
        "allowRemoteResourceManagement": True,
        "policyEnforcementMode": "ENFORCING",
        "decisionStrategy": "UNANIMOUS",
        "scopes": _named(sorted({scope for scopes in _SCOPES.values() for scope in scopes})),
        "resources": [*types, group],
        "policies": [
            _policy(_POLICY, "user", users=json.dumps([f"service-account-{PROVISIONER}"])),
            _permission("provisioner: tenant users", "Groups", group_id, _GROUP_RIGHTS),
            _permission("provisioner: organizations", "Organizations", "Organizations", _SCOPES["Organizations"]),
        ],
    }


def _permission(name: str, kind: str, resource: str, scopes: list[str]) -> Representation:
    return _policy(
        name,
        "scope",
        defaultResourceType=kind,
        resources=json.dumps([resource]),
        scopes=json.dumps(scopes),
        applyPolicies=json.dumps([_POLICY]),
    )


def _policy(name: str, kind: str, **config: str) -> Representation:
    return {"name": name, "type": kind, "logic": "POSITIVE", "decisionStrategy": "UNANIMOUS", "config": config}


def _named(names: list[str]) -> list[Representation]:
    return [{"name": name} for name in names]
