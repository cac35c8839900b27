"""Signing in with a work account: an outside issuer brokered by our realm.

A first sign-in links nothing and creates nothing: it ends on a page that says whom to ask. Who belongs to which work
account is decided by the directory, from a personal invitation, and written here by its provisioning account.

After the issuer's sign-in a session is at level 1, whatever the issuer says; nothing else may be asked in the same
request. A code of our own given inside a brokered sign-in would not renew `auth_time`, which is then the issuer's, so
the second factor is always a second request of the portal.
"""

from infra.keycloak.config import SESSION_SECONDS, RealmSettings
from infra.keycloak.representation import Representation, flow, step, sub_flow
from shared.config import WORK_ACCOUNT, WorkIssuer

SHOWN_NAME = "Work account"
FIRST = "work account, first sign-in"
AFTER = "work account, after sign-in"
NO_INVITATION = (
    "Your work account is not linked to this service yet. If you have an invitation, open the link in it. "
    "If you have none, ask the access manager of your organisation. "
    "If you have just accepted your invitation, wait a minute and try again."
)
_LEVEL_1 = "work account, level 1"


def flows(settings: RealmSettings) -> list[Representation]:
    """Return what happens at a work account's first sign-in, and after each; nothing without an issuer."""
    if settings.work is None:
        return []
    return [
        flow(FIRST, step("deny-access-authenticator", "REQUIRED", "work-no-invitation"), top=True),
        # A flow of conditions alone fails when none holds, so it begins with a step that always does.
        flow(AFTER, step("allow-access-authenticator", "REQUIRED"), sub_flow(_LEVEL_1, "CONDITIONAL"), top=True),
        flow(
            _LEVEL_1,
            step("conditional-level-of-authentication", "REQUIRED", "work-level-1"),
            step("allow-access-authenticator", "REQUIRED"),
        ),
    ]


def flow_configs(settings: RealmSettings) -> dict[str, dict[str, str]]:
    """Return the configurations of those flows' steps, by name."""
    if settings.work is None:
        return {}
    return {
        "work-no-invitation": {"denyErrorMessage": NO_INVITATION},
        "work-level-1": {"loa-condition-level": "1", "loa-max-age": str(SESSION_SECONDS)},
    }


def broker(settings: RealmSettings) -> Representation:
    """Return the part of the realm that names the outside issuer."""
    return {"identityProviders": [_provider(settings.work)]} if settings.work else {}


def _provider(work: WorkIssuer) -> Representation:
    return {
        "alias": WORK_ACCOUNT,
        "displayName": SHOWN_NAME,
        "providerId": "oidc",
        "enabled": True,
        "trustEmail": False,
        "storeToken": False,
        "firstBrokerLoginFlowAlias": FIRST,
        "postBrokerLoginFlowAlias": AFTER,
        "config": {
            "issuer": work.issuer,
            "authorizationUrl": work.authorize_url,
            "tokenUrl": work.token_url,
            "jwksUrl": work.keys_url,
            "clientId": work.client_id,
            "clientSecret": work.client_secret or "",
            "clientAuthMethod": "client_secret_basic",
            "defaultScope": "openid",
            "validateSignature": "true",
            "useJwksUrl": "true",
            "pkceEnabled": "true",
            "pkceMethod": "S256",
            # Names and addresses are the directory's; nothing of the issuer's is taken over.
            "disableUserInfo": "true",
            "syncMode": "IMPORT",
        },
    }
