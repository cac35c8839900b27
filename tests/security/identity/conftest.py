"""A realm of its own for these tests, rendered as production's is, on the Keycloak of this run.

It has the demonstration's named people, a known signing key, cheap hashing and reusable codes, and a second factor that
counts for a few seconds instead of nine minutes, so that stepping up can be watched. It goes when the tests are done.
"""

import os
import secrets
from collections.abc import Iterator
from dataclasses import replace

import pytest

from infra.keycloak import work_realm
from infra.keycloak.admin_api import RealmAdmin
from infra.keycloak.config import MailServer, RealmSettings
from infra.keycloak.demo_people import Demonstration, load
from infra.keycloak.realm import render
from infra.keycloak.signing_key import SigningKey
from infra.servers import ConnectionSettings, Profile, Servers, connection_settings
from shared.config import Mode, work_issuer
from shared.identity_admin import IdentityAdmin
from tests.security.identity.logout_receiver import LogoutReceiver
from tests.security.identity.people import new_provisioner
from tests.security.identity.realm_under_test import Mailbox, RealmUnderTest
from tests.security.identity.work_realm_under_test import WorkRealm

STEP_UP_SECONDS = 4


@pytest.fixture(scope="session")
def identity_servers() -> ConnectionSettings:
    """Return the servers of this run, Keycloak and the mail sink among them."""
    named = os.environ.get("IMPACT_TEST_PROFILE")
    if named:
        return connection_settings(named)
    return Servers(Profile("test"), only=["postgres", "keycloak", "smtp"]).start()


@pytest.fixture(scope="session")
def logouts() -> Iterator[LogoutReceiver]:
    """Return the portal's end of back-channel logout."""
    with LogoutReceiver.listening() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def demonstration() -> Demonstration:
    """Return the people the demonstration names and where they act, without the many who only fill boards."""
    everybody = load()
    named = tuple(person for person in everybody.people if ".demo" not in person.username)
    places = {membership.organisation for person in named for membership in person.memberships}
    organisations = tuple(organisation for organisation in everybody.organisations if organisation.code in places)
    return replace(everybody, people=named, organisations=organisations)


@pytest.fixture(scope="session")
def realm_settings(
    identity_servers: ConnectionSettings, logouts: LogoutReceiver, tmp_path_factory: pytest.TempPathFactory
) -> RealmSettings:
    """Return what the tests' realm is rendered from; every secret is made for this run."""
    smtp, name = identity_servers.smtp, f"identity-{secrets.token_hex(4)}"
    issuer = f"{identity_servers.keycloak.base_url}/realms/work-of-{name}"
    return RealmSettings(
        mode=Mode.TEST,
        portal_url=logouts.url,
        passkey_domain="localhost",
        portal_secret=secrets.token_urlsafe(24),
        provisioner_secret=secrets.token_urlsafe(24),
        notification_sender_secret=secrets.token_urlsafe(24),
        mail=MailServer(smtp.host, smtp.port, "no-reply@impact.example"),
        demo_secret=secrets.token_urlsafe(24),
        signing_key=SigningKey.kept_in(tmp_path_factory.mktemp("signing-key")),
        realm=name,
        step_up_seconds=STEP_UP_SECONDS,
        work=work_issuer(
            {"WORK_ISSUER": issuer, "WORK_CLIENT_ID": "us", "WORK_CLIENT_SECRET": secrets.token_urlsafe(24)}
        ),
    )


@pytest.fixture(scope="session")
def realm(
    identity_servers: ConnectionSettings, realm_settings: RealmSettings, demonstration: Demonstration
) -> Iterator[RealmUnderTest]:
    """Return the running realm."""
    keycloak = identity_servers.keycloak
    admin = RealmAdmin(keycloak.base_url, keycloak.admin_username, keycloak.admin_password, realm_settings.realm)
    try:
        admin.import_realm(render(realm_settings, demonstration))
        yield RealmUnderTest(keycloak.base_url, realm_settings, admin, Mailbox(identity_servers.smtp.folder))
    finally:
        admin.delete_realm()


@pytest.fixture(scope="session")
def work(identity_servers: ConnectionSettings, realm: RealmUnderTest) -> Iterator[WorkRealm]:
    """Return the realm that plays a trust's own issuer."""
    keycloak, settings = identity_servers.keycloak, realm.settings
    assert settings.work is not None
    name = work_realm.name_of(settings.work)
    admin = RealmAdmin(keycloak.base_url, keycloak.admin_username, keycloak.admin_password, name)
    try:
        admin.import_realm(work_realm.render(settings))
        yield WorkRealm(admin, settings.work, realm)
    finally:
        admin.delete_realm()


@pytest.fixture(scope="session")
def provisioner(realm: RealmUnderTest) -> IdentityAdmin:
    """Return the directory's own view of the realm."""
    return new_provisioner(realm)
