"""Who may do what at a running realm, compared with what was rendered.

Settings alone do not show it: a role given by hand to the provisioning account, or one of its permissions made wider,
leaves every client as it was, and lets whoever has that one credential do what permissions.py is there to prevent.
"""

import json
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from infra.keycloak.admin_api import RealmAdmin
from infra.keycloak.permissions import HOLDER
from infra.keycloak.representation import Representation

_ADMINISTRATION = "realm-management"
"""Keycloak's client whose roles open the realm's Admin API."""

_OF_EVERYBODY = frozenset({"offline_access", "uma_authorization"})
"""Keycloak's own roles in the one that every account holds; no service looks at them."""

_OF_A_HOLDER = frozenset({f"{HOLDER}/uma_protection"})
"""Keycloak gives it by itself to the account of a client that holds permissions."""

_LISTS = ("users", "resources", "scopes", "applyPolicies")


def rights_differences(rendered: Representation, admin: RealmAdmin) -> list[str]:
    """Return a sentence for each right that is held and should not be, or the other way round."""
    clients = admin.get("/clients")
    return [
        *_service_accounts(rendered, clients, admin),
        *_administrators(rendered, admin),
        *_what_roles_contain(rendered, admin),
        *_reach_of_clients(rendered, clients, admin),
        *_permissions(rendered, admin),
    ]


def _service_accounts(rendered: Representation, clients: list[Representation], admin: RealmAdmin) -> Iterator[str]:
    wanted = {user["serviceAccountClientId"]: user for user in rendered["users"] if "serviceAccountClientId" in user}
    for client in clients:
        if not client["serviceAccountsEnabled"]:
            continue
        account = admin.get(f"/clients/{client['id']}/service-account-user")
        held = _mapped(admin.get(f"/users/{account['id']}/role-mappings"))
        mine = _roles_of(wanted.get(client["clientId"], {}))
        what = f"service account of {client['clientId']}:"
        yield from apart(f"{what} role", mine, held - _OF_A_HOLDER - {_default_role(rendered)})
        groups = {group["path"] for group in admin.get(f"/users/{account['id']}/groups")}
        yield from apart(f"{what} group", set(), groups)


def _administrators(rendered: Representation, admin: RealmAdmin) -> Iterator[str]:
    """Nobody but a service account of ours administers the realm from within; people do it from the server's own."""
    ours = {user["username"] for user in rendered["users"] if "serviceAccountClientId" in user}
    client = admin.client(_ADMINISTRATION)["id"]
    for role in admin.get(f"/clients/{client}/roles"):
        path = f"/clients/{client}/roles/{quote(role['name'])}"
        for account in admin.get(f"{path}/users", max="100"):
            if account["username"] not in ours:
                yield f"{_ADMINISTRATION}/{role['name']} is held by the account {account['id']}"
        for group in admin.get(f"{path}/groups", max="100"):
            yield f"{_ADMINISTRATION}/{role['name']} is held by the group {group['path']}"


def _what_roles_contain(rendered: Representation, admin: RealmAdmin) -> Iterator[str]:
    """A role of the realm stands for itself, and is given to people one by one."""
    for role in admin.get("/roles"):
        path = f"/roles/{quote(role['name'])}"
        allowed = _OF_EVERYBODY if role["name"] == _default_role(rendered) else frozenset[str]()
        parts = {part["name"] for part in admin.get(f"{path}/composites")} if role["composite"] else set()
        for part in sorted(parts - allowed):
            yield f"role {role['name']} contains {part}"
        for group in admin.get(f"{path}/groups", max="100"):
            yield f"role {role['name']} is held by the group {group['path']}"


def _reach_of_clients(rendered: Representation, clients: list[Representation], admin: RealmAdmin) -> Iterator[str]:
    """Which of somebody's roles a client's tokens may carry, and what the client itself writes into them."""
    wanted_mappers = {client["clientId"]: client.get("protocolMappers", []) for client in rendered["clients"]}
    for client in clients:
        name = client["clientId"]
        if not client["enabled"] or name not in wanted_mappers:
            continue
        reach = _mapped(admin.get(f"/clients/{client['id']}/scope-mappings"))
        yield from apart(f"client {name}: reaches role", _reach_wanted(rendered, name), reach)
        wanted, running = (
            {mapper["name"]: {"kind": mapper["protocolMapper"], **_said(mapper["config"])} for mapper in mappers}
            for mappers in (wanted_mappers[name], client.get("protocolMappers", []))
        )
        yield from apart(f"client {name}: mapper", set(wanted), set(running))
        for mapper in sorted(wanted.keys() & running.keys()):
            if wanted[mapper] != running[mapper]:
                yield f"client {name}: mapper {mapper}: {running[mapper]!r} instead of {wanted[mapper]!r}"


def _said(config: Mapping[str, str]) -> dict[str, str]:
    """What a mapper does; Keycloak writes down besides what it does not do."""
    return {key: value for key, value in config.items() if value != "false"}


def _reach_wanted(rendered: Representation, client: str) -> set[str]:
    realm = {role for each in rendered["scopeMappings"] if each["client"] == client for role in each["roles"]}
    return realm | {
        f"{owner}/{role}"
        for owner, mappings in rendered["clientScopeMappings"].items()
        for each in mappings
        if each["client"] == client
        for role in each["roles"]
    }


def _permissions(rendered: Representation, admin: RealmAdmin) -> Iterator[str]:
    """What the provisioning account may do with which accounts: the rules that permissions.py wrote."""
    (holder,) = (client for client in rendered["clients"] if client["clientId"] == HOLDER)
    settings = holder["authorizationSettings"]
    server = f"/clients/{admin.client(HOLDER)['id']}/authz/resource-server"
    enforced = admin.get(server)
    for key in ("policyEnforcementMode", "decisionStrategy"):
        if enforced[key] != settings[key]:
            yield f"permissions: {key}: {enforced[key]!r} instead of {settings[key]!r}"
    wanted = {rule["name"]: _rule(rule, rule["config"]) for rule in settings["policies"]}
    running = {rule["name"]: _running_rule(rule, server, admin) for rule in admin.get(f"{server}/policy", max="1000")}
    yield from apart("permission", set(wanted), set(running))
    for name in sorted(wanted.keys() & running.keys()):
        for part, value in wanted[name].items():
            if running[name][part] != value:
                yield f"permission {name}: {part}: {running[name][part]!r} instead of {value!r}"


def _rule(rule: Representation, config: Mapping[str, str]) -> dict[str, object]:
    lists = {part: sorted(json.loads(config.get(part, "[]"))) for part in _LISTS}
    shape = {part: rule[part] for part in ("type", "logic", "decisionStrategy")}
    return {**shape, **lists, "defaultResourceType": config.get("defaultResourceType", "")}


def _running_rule(rule: Representation, server: str, admin: RealmAdmin) -> dict[str, object]:
    """Return a rule as it runs, whose parts Keycloak shows one by one and by id."""
    place = f"{server}/policy/{rule['id']}"
    found = {
        "users": [admin.get(f"/users/{user}")["username"] for user in json.loads(rule["config"].get("users", "[]"))],
        "resources": [resource["name"] for resource in admin.get(f"{place}/resources")],
        "scopes": [scope["name"] for scope in admin.get(f"{place}/scopes")],
        "applyPolicies": [policy["name"] for policy in admin.get(f"{place}/associatedPolicies")],
    }
    kind = {"defaultResourceType": rule["config"].get("defaultResourceType", "")}
    return _rule(rule, {part: json.dumps(names) for part, names in found.items()} | kind)


def _default_role(rendered: Representation) -> str:
    return f"default-roles-{rendered['realm']}"


def _roles_of(user: Representation) -> set[str]:
    clients = {f"{client}/{role}" for client, roles in user.get("clientRoles", {}).items() for role in roles}
    return {*user.get("realmRoles", ()), *clients}


def _mapped(mappings: Representation) -> set[str]:
    """Return the roles of an answer about mappings, those of clients as `client/role`."""
    realm = {role["name"] for role in mappings.get("realmMappings", ())}
    clients = mappings.get("clientMappings", {})
    return realm | {f"{name}/{role['name']}" for name, each in clients.items() for role in each["mappings"]}


def missing(what: str, wanted: set[str], found: set[str]) -> Iterator[str]:
    """Yield a sentence for each name that should be there and is not."""
    for name in sorted(wanted - found):
        yield f"{what} {name} is missing"


def apart(what: str, wanted: set[str], found: set[str]) -> Iterator[str]:
    """Say what is missing and what is not ours."""
    yield from missing(what, wanted, found)
    for name in sorted(found - wanted):
        yield f"{what} {name} is not ours"
