"""What the tokens carry.

Access tokens carry ids, never names or addresses. One scope per API puts that API alone into `aud`, so that a token
of one service is worth nothing at another. The built-in scopes are all listed here, because Keycloak makes none of
its own when a realm file brings any.
"""

from infra.keycloak.representation import Representation, mapper

API_AUDIENCES = (
    "directory-api",
    "assessment-api",
    "action-plan-api",
    "competency-api",
    "notification-api",
    "insight-api",
)
EVERY_SIGN_IN = ["basic", "profile", "email", "acr", "roles", "person"]
ORGANISATION = "organization"
_ACCESS = {"access.token.claim": "true", "introspection.token.claim": "true"}
_ACCESS_ONLY = {**_ACCESS, "id.token.claim": "false"}
_BOTH = {**_ACCESS, "id.token.claim": "true"}
_STRINGS = {"jsonType.label": "String"}
_ID_ONLY = {
    "access.token.claim": "false",
    "id.token.claim": "true",
    "userinfo.token.claim": "true",
    "introspection.token.claim": "false",
}


def client_scopes() -> list[Representation]:
    """Return every client scope of the realm."""
    return [*_everyday_scopes(), *_identity_scopes(), _organisation(), *(_api(name) for name in API_AUDIENCES)]


def audience_mapper(api: str) -> Representation:
    """Return the mapper that puts `api` into `aud`."""
    return mapper(f"audience {api}", "oidc-audience-mapper", {**_ACCESS_ONLY, "included.client.audience": api})


def _everyday_scopes() -> list[Representation]:
    client_role = {"claim.name": "resource_access.${client_id}.roles", **_STRINGS, "multivalued": "true"}
    return [
        _scope("basic", _note("auth_time", "AUTH_TIME", "long"), mapper("sub", "oidc-sub-mapper", dict(_ACCESS))),
        _scope("acr", mapper("level of authentication", "oidc-acr-mapper", dict(_BOTH))),
        _scope("roles", realm_roles_mapper()),
        _scope(
            "admin-roles",
            mapper("client roles", "oidc-usermodel-client-role-mapper", {**_ACCESS_ONLY, **client_role}),
            mapper("audience resolve", "oidc-audience-resolve-mapper", dict(_ACCESS_ONLY)),
        ),
        _scope("service_account", _note("client_id", "client_id", "String")),
    ]


def realm_roles_mapper() -> Representation:
    """Return the mapper for the roles that count everywhere; roles in an organisation come from its groups alone."""
    config = {**_ACCESS_ONLY, **_STRINGS, "claim.name": "realm_access.roles", "multivalued": "true"}
    return mapper("realm roles", "oidc-usermodel-realm-role-mapper", config)


def _identity_scopes() -> list[Representation]:
    verified = {**_ID_ONLY, "user.attribute": "emailVerified", "claim.name": "email_verified"}
    return [
        _scope("person", _attribute("person_id", "person_id", _BOTH), _note("identity_provider", "identity_provider")),
        _scope(
            "profile",
            _attribute("preferred_username", "username", _ID_ONLY),
            _attribute("given_name", "firstName", _ID_ONLY),
            _attribute("family_name", "lastName", _ID_ONLY),
            mapper("full name", "oidc-full-name-mapper", dict(_ID_ONLY)),
            visible=True,
        ),
        _scope(
            "email",
            _attribute("email", "email", _ID_ONLY),
            mapper("email verified", "oidc-usermodel-property-mapper", {**verified, "jsonType.label": "boolean"}),
            visible=True,
        ),
    ]


def _organisation() -> Representation:
    """Pin the claim to one shape: {alias: {"id": …, "groups": ["/CODE/role", …]}}.

    The roles of the groups are left out: Keycloak would merge those of all of a person's organisations.
    """
    membership = {
        "claim.name": "organization",
        "jsonType.label": "JSON",
        "multivalued": "true",
        "addOrganizationId": "true",
        "addOrganizationAttributes": "false",
    }
    return _scope(
        ORGANISATION,
        mapper("organization", "oidc-organization-membership-mapper", {**_BOTH, **membership}),
        mapper(
            "organization groups",
            "oidc-organization-group-membership-mapper",
            {**_BOTH, "addGroupRoleMappings": "false"},
        ),
        visible=True,
    )


def _api(name: str) -> Representation:
    return _scope(name, audience_mapper(name), visible=True)


def _scope(name: str, *mappers: Representation, visible: bool = False) -> Representation:
    return {
        "name": name,
        "protocol": "openid-connect",
        "attributes": {
            "include.in.token.scope": "true" if visible else "false",
            "display.on.consent.screen": "false",
        },
        "protocolMappers": list(mappers),
    }


def _note(claim: str, note: str, kind: str = "String") -> Representation:
    config = {**_BOTH, "user.session.note": note, "claim.name": claim, "jsonType.label": kind}
    return mapper(claim, "oidc-usersessionmodel-note-mapper", config)


def _attribute(claim: str, attribute: str, where: dict[str, str]) -> Representation:
    config = {**where, **_STRINGS, "user.attribute": attribute, "claim.name": claim}
    return mapper(claim, "oidc-usermodel-attribute-mapper", config)
