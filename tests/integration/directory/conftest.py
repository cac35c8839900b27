"""A register and people for tests of the directory, written the way the service writes them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from services.directory.commands.first_start import load_register
from services.directory.commands.invitations import SEND
from services.directory.commands.people import NewPerson, load_people
from services.directory.commands.register import Entry, register_organisation
from services.directory.invitation_mail import SendInvitation
from services.directory.models import appointment, invitation
from services.directory.queries.register import body
from shared.clock import Clock
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT, Principal
from shared.scheduler import Scheduler
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.account_stores import keycloak, provisioning
from tests.integration.directory.addresses_of_people import addresses, new_address
from tests.integration.directory.mails_kept import MailsKept

__all__ = ["MailsKept", "addresses", "keycloak", "new_address", "provisioning"]

OPENED = date(2020, 1, 1)


@dataclass
class Register:
    """Organisations and people made up for one test, known to the register and to the copy the access check reads."""

    directory: ServiceUnderTest

    def tenant(self) -> str:
        """Make an ICB."""
        code = self.directory.world.tenant()
        self._register(code, "icb", code)
        return code

    def trust(self, tenant: str | None = None, *, open_until: date | None = None) -> str:
        """Make a trust, in an ICB of its own unless one is given."""
        tenant = tenant or self.tenant()
        code = self.directory.world.trust(tenant)
        self._register(code, "trust", tenant, open_until=open_until)
        return code

    def place(self, tenant: str) -> str:
        """Make a place of an ICB."""
        code = self.directory.world.place(tenant)
        self._register(code, "place", tenant)
        return code

    def national_body(self) -> str:
        """Make the body that the national team works for."""
        code = self.directory.world.national_body()
        self._register(code, "national", NATIONAL_TENANT)
        return code

    def person(
        self,
        org_id: str,
        *roles: str,
        name: str = "Robin Field",
        email: str | None = None,
        person_id: str | None = None,
    ) -> Person:
        """Give somebody roles in an organisation."""
        person_id = person_id or str(new_id())
        entry = NewPerson(
            name, email or f"{person_id}@trust.example", tuple((org_id, role) for role in roles), person_id
        )
        with self.directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
            load_people(uow, [entry])
            tenant_id = str(body(uow, org_id).tenant)
            uow.commit()
        return Person(person_id, tenant_id, org_id, frozenset(roles))

    def national(self, *roles: str, name: str = "Noor Field") -> Person:
        """Give somebody roles in the national body."""
        self.directory.world.national("national-analyst")  # makes the national body known to the access check
        return self.person(NATIONAL_TENANT, *roles, name=name)

    def _register(self, code: str, kind: str, tenant: str, *, open_until: date | None = None) -> None:
        sector = "acute" if kind == "trust" else None
        entry = Entry(
            code, f"{code} (fictional)", kind, "Y60", sector, True, OPENED, open_until, "made up", tenant, OPENED
        )
        with self.directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
            register_organisation(uow, entry)
            uow.commit()


@pytest.fixture(scope="session")
def _real_register(directory: ServiceUnderTest) -> None:
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        load_register(uow)
        uow.commit()


@pytest.fixture
def register(directory: ServiceUnderTest, _real_register: None) -> Register:
    """Return a register that holds the real organisations, to which a test adds its own."""
    return Register(directory)


def change_roles(directory: ServiceUnderTest, person_id: str, org_id: str | None = None, **values: Any) -> None:
    """Let a person's roles, everywhere or in one organisation, have other dates."""
    held = appointment.c
    which = held.person_id == person_id
    if org_id is not None:
        which &= held.org_id == org_id
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        uow.session.execute(update(appointment).where(which).values(**values))
        uow.commit()


@dataclass
class Post:
    """The scheduler's part in invitations."""

    directory: ServiceUnderTest
    mails: MailsKept = field(default_factory=MailsKept)

    def deliver(self, clock: Clock | None = None) -> MailsKept:
        """Send what is due and return all mails so far."""
        handlers = {SEND: SendInvitation(self.mails, "http://localhost:8000")}
        Scheduler(self.directory.database, handlers, stop=lambda: False, clock=clock).run_once()
        return self.mails


@pytest.fixture
def post(directory: ServiceUnderTest) -> Post:
    """Return the scheduler that sends invitations, with a mail service that keeps them."""
    return Post(directory)


def age_invitation(directory: ServiceUnderTest, email: str, age: timedelta) -> None:
    """Let an invitation have been made and sent that much earlier."""
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        row = invitation.c
        values = {"sent_at": row.sent_at - age, "created_at": row.created_at - age}
        uow.session.execute(update(invitation).where(row.email == email).values(values))
        uow.commit()
