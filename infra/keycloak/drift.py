"""Whether a running realm still is what we rendered.

The realm file is read at the first start only; what is changed by hand or by a newer release afterwards shows here.
Compared are the settings that the safety of signing in rests on, not every default that Keycloak adds.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from infra.keycloak.admin_api import RealmAdmin
from infra.keycloak.realm import USER_PROFILE, USER_PROFILE_SETTING
from infra.keycloak.representation import Representation
from infra.keycloak.rights import apart, missing, rights_differences

_ELSEWHERE = frozenset({"id", "attributes", "smtpServer", "roles", "groups", "users", "organizations", "components"})
_UNORDERED = frozenset({"redirectUris", "defaultClientScopes", "optionalClientScopes", "webOrigins"})
_LISTS = ("eventsListeners", "webAuthnPolicyPasswordlessSignatureAlgorithms")
_BUILT_IN = frozenset({"broker", "realm-management", "_system"})
"""Keycloak's own; it makes `_system` when a link from a mail is first opened outside a sign-in."""

_NOT_SHOWN = frozenset({"secret", "authorizationSettings", "protocolMappers", "id"})


def differences(rendered: Representation, admin: RealmAdmin) -> list[str]:
    """Return a sentence for each setting of the running realm that is not as rendered; empty when all is well."""
    running = admin.get("")
    return [
        *_settings(rendered, running),
        *_compare("attribute", rendered["attributes"], running["attributes"]),
        *_compare("mail server", _without_password(rendered["smtpServer"]), running["smtpServer"]),
        *_clients(rendered, admin),
        *_scopes(rendered, admin),
        *_levels(rendered, admin),
        *_brokers(rendered, admin),
        *_required_actions(rendered, admin),
        *_user_profile(rendered, admin),
        *missing("role", {r["name"] for r in rendered["roles"]["realm"]}, {r["name"] for r in admin.get("/roles")}),
        *rights_differences(rendered, admin),
    ]


def _settings(rendered: Representation, running: Representation) -> Iterator[str]:
    plain = {k: v for k, v in rendered.items() if k not in _ELSEWHERE and isinstance(v, str | int | bool)}
    plain |= {key: rendered[key] for key in _LISTS}
    yield from _compare("setting", plain, running)


def _compare(what: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    for key, value in wanted.items():
        other = found.get(key)
        if key in _UNORDERED:
            value, other = sorted(value), sorted(other or [])
        if value != other:
            yield f"{what} {key}: {other!r} instead of {value!r}"


def _compare_whole(what: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """Compare what somebody added as well; Keycloak tells some settings that are empty or off."""
    set_here, set_there = ({key: value for key, value in one.items() if value} for one in (wanted, found))
    yield from _compare(what, dict.fromkeys(set_there) | set_here, set_there)


def _without_password(mail: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in mail.items() if key != "password"}


def _clients(rendered: Representation, admin: RealmAdmin) -> Iterator[str]:
    running = {client["clientId"]: client for client in admin.get("/clients")}
    for client in rendered["clients"]:
        name = client["clientId"]
        if name not in running:
            yield f"client {name} is missing"
            continue
        settings = {key: value for key, value in client.items() if key not in _NOT_SHOWN and key != "attributes"}
        yield from _compare(f"client {name}:", settings, running[name])
        yield from _compare(f"client {name}: attribute", client["attributes"], running[name].get("attributes", {}))
    # A client somebody added could be one that people sign in at.
    for name in sorted(running.keys() - {client["clientId"] for client in rendered["clients"]} - _BUILT_IN):
        if running[name]["enabled"]:
            yield f"client {name} is not ours"


def _scopes(rendered: Representation, admin: RealmAdmin) -> Iterator[str]:
    running = {scope["name"]: scope for scope in admin.get("/client-scopes")}
    for scope in rendered["clientScopes"]:
        found = running.get(scope["name"], {})
        mappers = {mapper["name"]: mapper["config"] for mapper in found.get("protocolMappers", [])}
        wanted = {mapper["name"]: mapper["config"] for mapper in scope["protocolMappers"]}
        for name in wanted.keys() | mappers.keys():
            yield from _compare(f"scope {scope['name']}: {name}:", wanted.get(name, {}), mappers.get(name, {}))
            yield from missing(f"scope {scope['name']}: mapper", {name}, set(wanted) & set(mappers))


def _levels(rendered: Representation, admin: RealmAdmin) -> Iterator[str]:
    wanted = {config["alias"]: config["config"] for config in rendered["authenticatorConfig"]}
    executions = [step for flow in rendered["authenticationFlows"] if flow["topLevel"] for step in _steps(flow, admin)]
    found: dict[str, Representation] = {}
    for execution in executions:
        if "authenticationConfig" in execution:
            config = admin.get(f"/authentication/config/{execution['authenticationConfig']}")
            found[config["alias"]] = config["config"]
    yield from _compare("sign-in step", wanted, found)
    shape = [(e.get("providerId"), e["requirement"]) for e in executions]
    if sorted(map(json.dumps, shape)) != sorted(map(json.dumps, _rendered_steps(rendered))):
        yield "the steps of signing in are not as rendered"


def _brokers(rendered: Representation, admin: RealmAdmin) -> Iterator[str]:
    """An outside issuer that somebody added could say who anybody is."""
    running = {broker["alias"]: broker for broker in admin.get("/identity-provider/instances")}
    wanted = {broker["alias"]: broker for broker in rendered.get("identityProviders", [])}
    yield from apart("issuer", set(wanted), set(running))
    for alias in sorted(wanted.keys() & running.keys()):
        broker = running[alias]
        settings = {key: value for key, value in wanted[alias].items() if key != "config"}
        yield from _compare(f"issuer {alias}:", settings, broker)
        config = {key: value for key, value in wanted[alias]["config"].items() if key != "clientSecret"}
        yield from _compare(f"issuer {alias}:", config, broker["config"])


def _required_actions(rendered: Representation, admin: RealmAdmin) -> Iterator[str]:
    """What somebody may set up; an action that somebody added could change whose account it is."""
    running = {action["alias"]: action for action in admin.get("/authentication/required-actions")}
    wanted = {action["alias"]: action for action in rendered["requiredActions"]}
    yield from missing("action", set(wanted), set(running))
    for alias, action in running.items():
        if alias in wanted:
            yield from _compare(f"action {alias}:", wanted[alias], action)
        elif action["enabled"]:
            yield f"action {alias} is not ours"


def _user_profile(rendered: Representation, admin: RealmAdmin) -> Iterator[str]:
    """What an account may hold and who may change it: who changes the user name or the person id is somebody else."""
    (profile,) = rendered["components"][USER_PROFILE]
    whole, found = json.loads(profile["config"][USER_PROFILE_SETTING][0]), admin.get("/users/profile")
    wanted, running = ({each["name"]: each for each in one.pop("attributes")} for one in (whole, found))
    yield from apart("account's attribute", set(wanted), set(running))
    for name in sorted(wanted.keys() & running.keys()):
        yield from _compare_whole(f"account's {name}:", wanted[name], running[name])
    # Here an account may be let hold what is not declared.
    yield from _compare_whole("account's", whole, found)


def _steps(flow: Representation, admin: RealmAdmin) -> list[Representation]:
    return list(admin.get(f"/authentication/flows/{quote(flow['alias'])}/executions"))


def _rendered_steps(rendered: Representation) -> Iterator[tuple[str | None, str]]:
    for flow in rendered["authenticationFlows"]:
        for execution in flow["authenticationExecutions"]:
            yield execution.get("authenticator"), execution["requirement"]
