"""Who may ask the realm for tokens: one portal for people, two service accounts, and nobody else.

The portal is the only interactive client. A sign-in at any other would renew `auth_time` for the portal's session as
well, and pass a password for a second factor; so the consoles that Keycloak brings along are switched off.
"""

from infra.keycloak.config import RealmSettings
from infra.keycloak.representation import Representation
from infra.keycloak.scopes import (
    API_AUDIENCES,
    EVERY_SIGN_IN,
    ORGANISATION,
    audience_mapper,
    realm_roles_mapper,
)

PORTAL = "portal"
PROVISIONER = "directory-provisioner"
NOTIFICATION_SENDER = "notification-sender"
UNUSED = ("account", "account-console", "security-admin-console", "admin-cli")
CALLBACK_PATH = "/auth/callback"
SIGNED_OUT_PATH = "/signed-out"
BACKCHANNEL_LOGOUT_PATH = "/auth/backchannel-logout"


def clients(settings: RealmSettings) -> list[Representation]:
    """Return every client of the realm except the one that holds the provisioner's permissions."""
    return [
        portal(settings),
        _provisioner(settings),
        _notification_sender(settings),
        *(_silent(audience, enabled=True) for audience in API_AUDIENCES),
        *({**_silent(name, enabled=False), "publicClient": True} for name in UNUSED),
    ]


def service_account(client: str, **roles: object) -> Representation:
    """Return the account behind a client that acts in its own name, with the roles it has."""
    return {"username": f"service-account-{client}", "enabled": True, "serviceAccountClientId": client, **roles}


def portal(settings: RealmSettings) -> Representation:
    """Return the only client that people sign in at."""
    return {
        **_confidential(PORTAL, settings.portal_secret),
        "name": "Portal",
        "standardFlowEnabled": True,
        "rootUrl": settings.portal_url,
        "baseUrl": "/",
        "redirectUris": [settings.portal_url + CALLBACK_PATH],
        "attributes": _portal_attributes(settings),
        "defaultClientScopes": EVERY_SIGN_IN,
        "optionalClientScopes": [ORGANISATION, *API_AUDIENCES],
    }


def _portal_attributes(settings: RealmSettings) -> dict[str, str]:
    backchannel = settings.portal_backchannel_url or settings.portal_url
    return {
        "pkce.code.challenge.method": "S256",
        "minimum.acr.value": "strong",
        "post.logout.redirect.uris": settings.portal_url + SIGNED_OUT_PATH,
        "backchannel.logout.url": backchannel + BACKCHANNEL_LOGOUT_PATH,
        "backchannel.logout.session.required": "true",
        "backchannel.logout.revoke.offline.tokens": "false",
        # An exchange would take the level of the whole session down to `password`.
        "standard.token.exchange.enabled": "false",
        "use.refresh.tokens": "true",
    }


def _provisioner(settings: RealmSettings) -> Representation:
    return {
        **_confidential(PROVISIONER, settings.provisioner_secret),
        "name": "Directory's provisioning of accounts",
        "serviceAccountsEnabled": True,
        "attributes": {},
        "defaultClientScopes": ["basic", "admin-roles", "service_account"],
    }


def _notification_sender(settings: RealmSettings) -> Representation:
    """The one caller without a person: it asks directory for addresses at the moment of sending."""
    return {
        **_confidential(NOTIFICATION_SENDER, settings.notification_sender_secret),
        "name": "Notification, asking for addresses",
        "serviceAccountsEnabled": True,
        "attributes": {},
        "defaultClientScopes": ["basic", "service_account"],
        "protocolMappers": [audience_mapper("directory-api"), realm_roles_mapper()],
    }


def _confidential(name: str, secret: str) -> Representation:
    return {
        **_silent(name, enabled=True),
        "clientAuthenticatorType": "client-secret",
        "secret": secret,
        "frontchannelLogout": False,
    }


def _silent(name: str, *, enabled: bool) -> Representation:
    """Return a client that no flow works for. The APIs are such: they exist to be audiences."""
    flows_off = dict.fromkeys(
        ("standardFlowEnabled", "implicitFlowEnabled", "directAccessGrantsEnabled", "serviceAccountsEnabled"), False
    )
    return {
        "clientId": name,
        "name": name,
        "enabled": enabled,
        "protocol": "openid-connect",
        "publicClient": False,
        "fullScopeAllowed": False,
        **flows_off,
        "redirectUris": [],
        "webOrigins": [],
        "attributes": {},
        "defaultClientScopes": [],
        "optionalClientScopes": [],
    }
