"""Tokens of another realm, of another issuer, and requests that lie about where they came in (K4, K5, K6)."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from infra.keycloak.admin_api import RealmAdmin
from infra.keycloak.config import RealmSettings
from infra.keycloak.demo_people import Demonstration
from infra.keycloak.realm import render
from infra.keycloak.scopes import API_AUDIENCES
from infra.servers import ConnectionSettings
from shared.config import OidcConfig
from shared.problems import NotSignedIn
from shared.testing.sign_in import claims_of
from shared.tokens import TokenVerifier
from tests.security.identity.realm_under_test import RealmUnderTest

ROOT = Path(__file__).resolve().parents[3]
FORGED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "443",
    "X-Forwarded-For": "203.0.113.9",
    "Forwarded": "host=evil.example;proto=https;for=203.0.113.9",
}


@pytest.fixture(scope="module")
def twin(
    identity_servers: ConnectionSettings,
    realm: RealmUnderTest,
    realm_settings: RealmSettings,
    demonstration: Demonstration,
) -> Iterator[RealmUnderTest]:
    """Return a second realm of the same server with the same names, tenants and even the same signing key."""
    settings = replace(realm_settings, realm=f"twin-{secrets.token_hex(4)}", work=None)
    keycloak = identity_servers.keycloak
    admin = RealmAdmin(keycloak.base_url, keycloak.admin_username, keycloak.admin_password, settings.realm)
    people = tuple(person for person in demonstration.people if person.username == "bola.member")
    try:
        admin.import_realm(render(settings, replace(demonstration, people=people)))
        yield RealmUnderTest(keycloak.base_url, settings, admin, realm.mailbox)
    finally:
        admin.delete_realm()


def _verifier(realm: RealmUnderTest, audience: str) -> TokenVerifier:
    return TokenVerifier(OidcConfig(realm.issuer, f"{realm.issuer}/protocol/openid-connect/certs", audience))


def test_a_realm_of_the_same_server_with_the_same_people_opens_nothing(
    realm: RealmUnderTest, twin: RealmUnderTest
) -> None:
    ours, theirs = realm.sign_in("bola.member"), twin.sign_in("bola.member")

    for audience in API_AUDIENCES:
        verifier = _verifier(realm, audience)
        assert verifier.claims(ours.token(audience, "XNV01"))["aud"] == audience
        with pytest.raises(NotSignedIn):
            verifier.claims(theirs.token(audience, "XNV01"))


def test_no_process_reads_a_discovery_document() -> None:
    reading = re.compile(r"openid-configuration|server_metadata_url|well_known")
    sources = [path for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.py")]

    assert len(sources) > 100
    assert [str(path) for path in sources if reading.search(path.read_text())] == []


def test_forged_forwarding_headers_change_no_issuer(realm: RealmUnderTest) -> None:
    session = realm.sign_in("bola.member")
    form = {"grant_type": "refresh_token", "refresh_token": session.refresh_token, "scope": "openid directory-api"}
    who = ("portal", realm.settings.portal_secret)

    for base in (realm.base_url, realm.base_url.replace("localhost", "127.0.0.1")):
        address = f"{base}/realms/{realm.settings.realm}/protocol/openid-connect/token"
        answer = requests.post(address, data=form, auth=who, headers=FORGED, timeout=20)
        assert claims_of(answer.json()["access_token"])["iss"] == realm.issuer


def test_forged_forwarding_headers_send_nobody_elsewhere(realm: RealmUnderTest) -> None:
    address = f"{realm.issuer}/protocol/openid-connect/auth"
    asked = {"response_type": "code", "client_id": "portal", "redirect_uri": realm.callback, "scope": "openid"}
    pkce = {"code_challenge": "x" * 43, "code_challenge_method": "S256"}

    page = requests.get(address, params={**asked, **pkce}, headers=FORGED, timeout=20)

    assert page.status_code == 200
    assert "evil.example" not in page.text
