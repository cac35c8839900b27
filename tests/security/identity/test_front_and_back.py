"""People reach the sign-in pages at another address than our processes reach Keycloak at (K6).

The front is a small proxy on a port of its own, as a platform's edge would be; the realm is told that address. Our
processes use the server's own address, for which Keycloak still signs in the front's name.
"""

import http.client
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from infra.keycloak.admin_api import RealmAdmin
from infra.keycloak.config import RealmSettings
from infra.keycloak.demo_people import Demonstration
from infra.keycloak.realm import render
from infra.servers import ConnectionSettings
from shared.config import OidcConfig
from shared.identity_admin import Place
from shared.problems import NotSignedIn
from shared.testing.sign_in import claims_of
from shared.tokens import TokenVerifier
from tests.security.identity.logout_receiver import LogoutReceiver
from tests.security.identity.people import INVITATION_SECONDS, new_provisioner, set_up
from tests.security.identity.realm_under_test import RealmUnderTest

OF_ONE_CONNECTION = {"connection", "transfer-encoding", "keep-alive", "content-length"}
FORGED = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
LEAD = Place("XNV01", "DEMO01", "improvement-lead")


class Edge(BaseHTTPRequestHandler):
    """Passes everything on to the server behind it."""

    back: ClassVar[str]

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = http.client.HTTPConnection(urlsplit(self.back).netloc, timeout=20)
        connection.request(self.command, self.path, body, dict(self.headers.items()))
        answer = connection.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OF_ONE_CONNECTION:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""


@contextmanager
def _front_of(back: str) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("EdgeOfOne", (Edge,), {"back": back}))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def sides(
    identity_servers: ConnectionSettings,
    realm: RealmUnderTest,
    realm_settings: RealmSettings,
    demonstration: Demonstration,
) -> Iterator[tuple[RealmUnderTest, RealmUnderTest]]:
    """Return the same realm as browsers see it, and as our processes do."""
    settings = replace(realm_settings, realm=f"front-{secrets.token_hex(4)}", work=None)
    keycloak = identity_servers.keycloak
    admin = RealmAdmin(keycloak.base_url, keycloak.admin_username, keycloak.admin_password, settings.realm)
    people = tuple(person for person in demonstration.people if person.username == "bola.member")
    rendered = render(settings, replace(demonstration, people=people))
    with _front_of(keycloak.base_url) as front:
        rendered["attributes"]["frontendUrl"] = front
        try:
            admin.import_realm(rendered)
            yield (
                RealmUnderTest(front, settings, admin, realm.mailbox),
                RealmUnderTest(keycloak.base_url, settings, admin, realm.mailbox),
            )
        finally:
            admin.delete_realm()


def _verifier(issuer: str, keys: str) -> TokenVerifier:
    return TokenVerifier(OidcConfig(issuer, f"{keys}/protocol/openid-connect/certs", "directory-api"))


def test_a_token_is_issued_in_the_fronts_name_wherever_it_was_asked_for(
    sides: tuple[RealmUnderTest, RealmUnderTest],
) -> None:
    front, back = sides
    session = front.sign_in("bola.member")
    form = {"grant_type": "refresh_token", "refresh_token": session.refresh_token}
    scope = {"scope": "openid organization:xnv01 directory-api"}

    at_the_front = session.token("directory-api", "XNV01")
    at_the_back = back.portal_endpoint.ask(**form, **scope)["access_token"]

    assert front.issuer != back.issuer
    assert {claims_of(token)["iss"] for token in (at_the_front, at_the_back)} == {front.issuer}
    for token in (at_the_front, at_the_back):
        assert _verifier(front.issuer, back.issuer).claims(token)["iss"] == front.issuer
        with pytest.raises(NotSignedIn):
            _verifier(back.issuer, back.issuer).claims(token)


def test_forged_headers_move_the_issuer_from_neither_side(sides: tuple[RealmUnderTest, RealmUnderTest]) -> None:
    front, _ = sides
    session = front.sign_in("bola.member")
    form = {"grant_type": "refresh_token", "refresh_token": session.refresh_token, "scope": "openid directory-api"}

    for side in sides:
        address = f"{side.issuer}/protocol/openid-connect/token"
        who = ("portal", side.settings.portal_secret)
        answer = requests.post(address, data=form, auth=who, headers=FORGED, timeout=20)
        assert claims_of(answer.json()["access_token"])["iss"] == front.issuer


def test_accounts_are_made_at_the_back_and_their_mails_lead_to_the_front(
    sides: tuple[RealmUnderTest, RealmUnderTest],
) -> None:
    front, back = sides
    provisioner, person_id = new_provisioner(back), str(uuid4())
    account = provisioner.create_account(person_id, f"{person_id[:13]}@demo.example", "Nell", "Newcomer")
    provisioner.add_to_organization(person_id, LEAD)

    provisioner.send_setup_mail(person_id, INVITATION_SECONDS)

    link = front.mailbox.link_to(account.email)
    assert link.startswith(f"{front.base_url}/realms/")
    set_up(link)
    found = provisioner.find_account(person_id)
    assert found is not None
    assert found.ready


def test_the_portal_is_told_of_a_logout_in_the_fronts_name(
    sides: tuple[RealmUnderTest, RealmUnderTest], logouts: LogoutReceiver
) -> None:
    front, back = sides
    session = front.sign_in("bola.member")
    logouts.forget()

    back.portal_endpoint.post("logout", refresh_token=session.refresh_token).raise_for_status()

    assert claims_of(logouts.next())["iss"] == front.issuer
