"""Where tests of accounts keep them: in memory and in Keycloak itself, and the scheduler's part in between."""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from infra.keycloak.admin_api import RealmAdmin
from infra.keycloak.config import MailServer, RealmSettings
from infra.keycloak.demo_people import Demonstration
from infra.keycloak.realm import render
from infra.keycloak.signing_key import SigningKey
from infra.servers import Profile, Servers, connection_settings
from services.directory.account_work import Accounts, ProvisionAccount
from services.directory.commands.accounts import PROVISION, request_account
from services.directory.commands.appointments import end_role
from services.directory.config import AccountsConfig
from services.directory.identity_provider import identity_admin
from services.directory.models import appointment
from shared.clock import FrozenClock
from shared.config import Mode
from shared.identity_admin import IdentityAdmin
from shared.mechanism import due_work
from shared.principal import NATIONAL_TENANT, Principal
from shared.scheduler import Scheduler
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.directory.accounts_in_memory import AccountsInMemory

ISSUER = "https://identity.example/realms/impact"


@dataclass
class Provisioning:
    """The scheduler's part in sign-in accounts."""

    directory: ServiceUnderTest
    accounts: Accounts
    work_issuer: str | None = None

    def run(self, *, later: timedelta = timedelta(0)) -> None:
        """Carry out all that is due for accounts, what other tests left undone too."""
        clock = FrozenClock(datetime.now(UTC) + later + timedelta(seconds=1))
        work = {PROVISION: ProvisionAccount(self.accounts, ISSUER, self.work_issuer)}
        scheduler = Scheduler(self.directory.database, work, stop=lambda: False, clock=clock)
        while scheduler.run_once():
            pass

    def ask(self, person_id: str) -> None:
        """Ask for one account to be brought in line."""
        with self.directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
            request_account(uow, person_id)
            uow.commit()

    def failed(self, person_id: str) -> list[str]:
        """Return the errors of work on one person that was given up."""
        with self.directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
            row = due_work.c
            found = select(row.last_error).where(row.object_id == person_id, row.failed_at.is_not(None))
            return [str(error) for error in uow.session.execute(found).scalars()]


@pytest.fixture(scope="session")
def keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityAdmin]:
    """The provisioning account of an empty realm of its own on the Keycloak of this run."""
    named = os.environ.get("IMPACT_TEST_PROFILE")
    servers = (
        connection_settings(named) if named else Servers(Profile("test"), only=["postgres", "keycloak", "smtp"]).start()
    )
    settings = _realm_settings(servers.smtp.host, servers.smtp.port, tmp_path_factory.mktemp("signing-key"))
    base_url = servers.keycloak.base_url
    admin = RealmAdmin(base_url, servers.keycloak.admin_username, servers.keycloak.admin_password, settings.realm)
    admin.import_realm(render(settings, Demonstration(tenants=(), organisations=(), people=())))
    accounts = AccountsConfig(base_url, ISSUER, settings.realm, "directory-provisioner", settings.provisioner_secret)
    yield identity_admin(accounts, settings.portal_url)
    admin.delete_realm()


def _realm_settings(smtp_host: str, smtp_port: int, keys: Path) -> RealmSettings:
    return RealmSettings(
        mode=Mode.TEST,
        portal_url="http://localhost:8000",
        passkey_domain="localhost",
        portal_secret=secrets.token_urlsafe(24),
        provisioner_secret=secrets.token_urlsafe(24),
        notification_sender_secret=secrets.token_urlsafe(24),
        mail=MailServer(smtp_host, smtp_port, "no-reply@impact.example"),
        demo_secret=secrets.token_urlsafe(24),
        signing_key=SigningKey.kept_in(keys),
        realm=f"directory-{secrets.token_hex(4)}",
    )


@pytest.fixture(params=["memory", "keycloak"])
def provisioning(request: pytest.FixtureRequest, directory: ServiceUnderTest) -> Provisioning:
    """Both account stores in turn; what other tests asked for is out of the way."""
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        uow.session.execute(due_work.delete().where(due_work.c.kind == PROVISION))
        uow.commit()
    accounts = AccountsInMemory() if request.param == "memory" else request.getfixturevalue("keycloak")
    return Provisioning(directory, accounts)


def end(directory: ServiceUnderTest, person_id: str, org_id: str) -> None:
    """End every role of a person in an organisation."""
    with directory.unit_of_work(Principal.service(directory.world.tenant_of(org_id), org_id)) as uow:
        held = appointment.c
        rows = uow.session.execute(select(held.id).where(held.person_id == person_id, held.org_id == org_id)).scalars()
        for membership_id in rows.all():
            end_role(uow, membership_id, end_code="ended")
        uow.commit()
