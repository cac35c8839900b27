"""A second realm that plays a trust's own identity provider, such as its Entra; for the demonstration and for tests.

It is an ordinary issuer to us: one client, password alone, and people whom our realm knows only once they are linked.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from infra.keycloak.config import RealmSettings
from infra.keycloak.demo_people import Demonstration, DemoPerson, credentials_of, load, work_subject
from infra.keycloak.representation import Representation, fixed_id
from shared.config import WORK_ACCOUNT, MissingSetting, Mode, WorkIssuer

LINK_CALLBACK_PATH = "/auth/work-link/callback"


def render(settings: RealmSettings, demonstration: Demonstration | None = None) -> Representation:
    """Return the realm at the address that `settings.work` names; raises MissingSetting in production."""
    if settings.work is None or settings.demo_secret is None or settings.mode is Mode.PRODUCTION:
        raise MissingSetting("A production realm has a real issuer of work accounts.")
    people = [person for person in (demonstration or load()).people if person.work_account]
    return {
        "id": fixed_id(settings.realm, "work-realm"),
        "realm": name_of(settings.work),
        "enabled": True,
        "displayName": "Work account of a fictional trust",
        "sslRequired": "external",
        "registrationAllowed": False,
        "bruteForceProtected": True,
        "accessTokenLifespan": 300,
        "clients": [client(settings, settings.work)],
        "users": list(_accounts(people, settings.realm, settings.demo_secret)),
    }


def name_of(work: WorkIssuer) -> str:
    """Return the realm's name: the last part of the issuer."""
    return work.issuer.rsplit("/", 1)[-1]


def client(settings: RealmSettings, work: WorkIssuer) -> Representation:
    """Return ourselves as the issuer knows us: our realm signs people in there, and the portal learns who they are.

    Both under one client, because some issuers call the same person differently at each client.
    """
    keycloak = urlsplit(work.issuer)
    ours = f"{keycloak.scheme}://{keycloak.netloc}/realms/{settings.realm}/broker/{WORK_ACCOUNT}/endpoint"
    return {
        "id": fixed_id(settings.realm, "work-realm", "client"),
        "clientId": work.client_id,
        "enabled": True,
        "protocol": "openid-connect",
        "publicClient": False,
        "clientAuthenticatorType": "client-secret",
        "secret": work.client_secret,
        "redirectUris": [ours, settings.portal_url + LINK_CALLBACK_PATH],
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "fullScopeAllowed": False,
        "attributes": {"pkce.code.challenge.method": "S256"},
    }


def _accounts(people: Iterable[DemoPerson], realm: str, secret: str) -> Iterable[Representation]:
    for person in people:
        password, _ = credentials_of(person.username, secret)
        yield {
            "id": work_subject(person.username, realm),
            "username": person.username,
            "enabled": True,
            "email": person.email,
            "emailVerified": True,
            "firstName": person.first_name,
            "lastName": person.last_name,
            "credentials": [{"type": "password", "value": password, "temporary": False}],
        }
