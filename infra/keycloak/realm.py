"""The whole realm, as Keycloak imports it."""

import json
from collections.abc import Sequence

from infra.keycloak import (
    clients,
    demo_people,
    flows,
    passkeys,
    people,
    permissions,
    required_actions,
    scopes,
    work_accounts,
)
from infra.keycloak.config import SESSION_SECONDS, RealmSettings
from infra.keycloak.demo_people import Demonstration
from infra.keycloak.representation import Representation, fixed_id
from infra.keycloak.roles import RoleList
from shared.config import Mode

USER_PROFILE, USER_PROFILE_SETTING = "org.keycloak.userprofile.UserProfileProvider", "kc.user.profile.config"
"""Where Keycloak keeps what an account may hold."""

DENYLIST = "impact-common.txt"
"""Lies in Keycloak's data/password-blacklists; without the file the server does not start."""

SERVICE_NAME = "Improve Together"
"""As an authenticator app, a passkey and a mail name us; the pages' own name is the portal's SERVICE_NAME."""

THEME = "improve-together"
"""Lies in themes/ here, and in Keycloak's folder of that name."""

PASSWORD_RULES = f"length(15) and notUsername and notEmail and passwordBlacklist({DENYLIST})"
CHEAP_HASHING = "hashAlgorithm(pbkdf2-sha512) and hashIterations(1000)"
INVITATION_SECONDS = 14 * 24 * 3600
PASSWORD_LINK_SECONDS = 3600
EVENTS_KEPT_DAYS = 180
"""Half a year: who got in where they should not is often noticed months later. Told in docs/retention.md."""


def render(settings: RealmSettings, demonstration: Demonstration | None = None) -> Representation:
    """Return the realm. Only a demonstration or test realm has people and organisations in it.

    They are those of `demonstration`, by default of the list in demo_people.yaml.
    """
    roles = RoleList()
    return {
        "id": fixed_id(settings.realm, "realm"),
        "realm": settings.realm,
        "enabled": True,
        "displayName": SERVICE_NAME,
        "loginTheme": THEME,
        "emailTheme": THEME,
        "organizationsEnabled": True,
        **_sign_in_rules(settings),
        **_sessions(settings),
        **_records(settings),
        **_roles(roles),
        **flows.flows(settings),
        **work_accounts.broker(settings),
        **permissions.permissions(settings.realm),
        "clientScopes": scopes.client_scopes(),
        "defaultDefaultClientScopes": scopes.EVERY_SIGN_IN,
        "defaultOptionalClientScopes": [scopes.ORGANISATION],
        "clients": [*clients.clients(settings), permissions.permissions_client(settings.realm)],
        "clientScopeMappings": {"realm-management": [{"client": clients.PROVISIONER, "roles": ["query-users"]}]},
        "components": _components(settings),
        **_inhabitants(settings, demonstration, roles),
    }


def _sign_in_rules(settings: RealmSettings) -> Representation:
    testing = settings.mode is Mode.TEST
    return {
        "sslRequired": "all" if settings.mode is Mode.PRODUCTION else "external",
        "registrationAllowed": False,
        "verifyEmail": False,
        "editUsernameAllowed": True,  # by the directory's account alone (_profile): it follows the address
        "resetPasswordAllowed": True,
        "rememberMe": False,
        "loginWithEmailAllowed": True,
        "duplicateEmailsAllowed": False,
        "bruteForceProtected": True,
        "permanentLockout": False,
        "failureFactor": 8,
        "waitIncrementSeconds": 60,
        "maxFailureWaitSeconds": 900,
        "maxDeltaTimeSeconds": 43_200,
        "passwordPolicy": f"{PASSWORD_RULES} and {CHEAP_HASHING}" if testing else PASSWORD_RULES,
        # The commonest authenticator app in the NHS is reported to accept SHA-1 alone.
        "otpPolicyType": "totp",
        "otpPolicyAlgorithm": "HmacSHA1",
        "otpPolicyDigits": 6,
        "otpPolicyPeriod": 30,
        "otpPolicyLookAheadWindow": 1,
        "otpPolicyCodeReusable": testing,
        **passkeys.policy(settings, SERVICE_NAME),
        "requiredActions": required_actions.required_actions(),
    }


def _sessions(settings: RealmSettings) -> Representation:
    """Half an hour idle and twelve hours in all, as authenticator assurance level 2 asks."""
    return {
        "accessTokenLifespan": 300,
        "ssoSessionIdleTimeout": 1800,
        "ssoSessionMaxLifespan": SESSION_SECONDS,
        "accessCodeLifespan": 60,
        "accessCodeLifespanLogin": 1800,
        "accessCodeLifespanUserAction": 300,
        "actionTokenGeneratedByAdminLifespan": INVITATION_SECONDS,
        "actionTokenGeneratedByUserLifespan": 300,
        # The portal refreshes in parallel; its client is confidential, so rotation would protect nothing.
        "revokeRefreshToken": False,
        "refreshTokenMaxReuse": 0,
        "attributes": {
            "acr.loa.map": json.dumps(flows.LEVELS),
            "actionTokenGeneratedByUserLifespan.reset-credentials": str(PASSWORD_LINK_SECONDS),
            # Without it what administrators did is kept for good; the realm has no setting for it.
            "adminEventsExpiration": str(EVENTS_KEPT_DAYS * 86_400),
        },
    }


def _records(settings: RealmSettings) -> Representation:
    mail = settings.mail
    server = {
        "host": mail.host,
        "port": str(mail.port),
        "from": mail.sender,
        "fromDisplayName": SERVICE_NAME,
        "auth": "true" if mail.username else "false",
        "starttls": "true" if mail.starttls else "false",
        "ssl": "false",
    }
    if mail.username:
        server |= {"user": mail.username, "password": mail.password or ""}
    return {
        "smtpServer": server,
        "eventsEnabled": True,
        "eventsExpiration": EVENTS_KEPT_DAYS * 86_400,
        "eventsListeners": [],  # the usual one writes into the server's log what was typed as a user name
        "adminEventsEnabled": True,
        # The details are whole accounts: names, and addresses before and after. The trail says who changed what.
        "adminEventsDetailsEnabled": False,
    }


def _roles(roles: RoleList) -> Representation:
    return {
        "roles": {"realm": [{"name": name} for name in (*roles.of_people, *roles.of_services)]},
        "scopeMappings": [
            {"client": clients.PORTAL, "roles": roles.of_people},
            {"client": clients.NOTIFICATION_SENDER, "roles": roles.of_services},
        ],
    }


def _inhabitants(settings: RealmSettings, given: Demonstration | None, roles: RoleList) -> Representation:
    service_accounts = [
        clients.service_account(clients.PROVISIONER, clientRoles={"realm-management": ["query-users"]}),
        clients.service_account(clients.NOTIFICATION_SENDER, realmRoles=roles.of_services),
    ]
    if settings.demo_secret is None:
        return {"users": service_accounts, "organizations": []}
    demonstration = given or demo_people.load()
    return {
        "users": [*people.accounts(demonstration, settings.realm, settings.demo_secret), *service_accounts],
        "organizations": people.organisations(demonstration, settings.realm, roles),
    }


def _components(settings: RealmSettings) -> Representation:
    profile = {
        "providerId": "declarative-user-profile",
        "subComponents": {},
        "config": {USER_PROFILE_SETTING: [json.dumps(_profile())]},
    }
    components: Representation = {USER_PROFILE: [profile]}
    if settings.signing_key:
        # A realm file that brings one key must bring them all.
        components["org.keycloak.keys.KeyProvider"] = [
            _key("rsa-known", "rsa", "200", algorithm="RS256", privateKey=settings.signing_key.private_pem),
            _key("rsa-enc-generated", "rsa-enc-generated", "100", algorithm="RSA-OAEP"),
            _key("hmac-generated-hs512", "hmac-generated", "100", algorithm="HS512"),
            _key("aes-generated", "aes-generated", "100"),
        ]
    return components


def _key(name: str, provider: str, priority: str, **config: str) -> Representation:
    values = {"priority": priority, "enabled": "true", "active": "true", **config}
    return {
        "name": name,
        "providerId": provider,
        "subComponents": {},
        "config": {key: [value] for key, value in values.items()},
    }


def _profile() -> Representation:
    """Say what an account may hold: an attribute that is not declared here is dropped without a word."""
    return {
        "attributes": [
            _attribute("username", {"length": {"min": 3, "max": 255}, "pattern": _OF_ADDRESSES}, edited_by=["admin"]),
            _attribute("email", {"email": {}, "length": {"max": 255}}, required=True),
            _attribute("firstName", _NAME_RULES, required=True),
            _attribute("lastName", _NAME_RULES, required=True),
            {
                "name": "person_id",
                "displayName": "Person id of the directory",
                "validations": {"length": {"max": 64}},
                "permissions": {"view": ["admin"], "edit": ["admin"]},
                "multivalued": False,
            },
        ],
        "groups": [{"name": "user-metadata", "displayHeader": "User metadata"}],
    }


_OF_ADDRESSES = {"pattern": "^[a-z0-9._'+@-]+$", "error-message": "Use an e-mail address."}
"""A user name is the address the account was made with; the rule Keycloak brings refuses that of an o'neill."""
_NAME_RULES = {"length": {"max": 255}, "person-name-prohibited-characters": {}}


def _attribute(
    name: str, validations: Representation, *, required: bool = False, edited_by: Sequence[str] = ("admin", "user")
) -> Representation:
    attribute: Representation = {
        "name": name,
        "displayName": f"${{{name}}}",
        "validations": validations,
        "permissions": {"view": ["admin", "user"], "edit": list(edited_by)},
    }
    return {**attribute, "required": {"roles": ["user"]}} if required else attribute
