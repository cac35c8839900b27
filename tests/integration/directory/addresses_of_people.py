"""What tests of changed addresses do: ask, have mails sent, follow links, look at what is kept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from services.directory.address_mail import SendAddressLink, TellFormerAddress
from services.directory.commands import address_changes
from services.directory.models import address_change, former_address, person
from shared.ids import new_id
from shared.mechanism import due_work
from shared.principal import NATIONAL_TENANT, Principal
from shared.scheduler import Scheduler
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.mails_kept import MailsKept

ADDRESS = "/v1/me/address"


@dataclass
class Addresses:
    """The scheduler's part in changed addresses, and what people do."""

    directory: ServiceUnderTest
    mails: MailsKept = field(default_factory=MailsKept)

    def ask(self, who: Person, email: str, **how: Any) -> Any:
        """Ask for a link to a new address."""
        key = how.pop("key", None)
        return self.directory.client(who, **how).post(ADDRESS, {"email": email}, **({"key": key} if key else {}))

    def stop(self, who: Person) -> Any:
        """Stop the change that waits."""
        return self.directory.client(who).post(f"{ADDRESS}/stop")

    def look(self, who: Person, secret: str) -> Any:
        """Open the page behind a link."""
        return self.directory.client(who).get(f"{ADDRESS}/by-token/{secret}")

    def confirm(self, who: Person, secret: str) -> Any:
        """Press the button there."""
        return self.directory.client(who).post(f"{ADDRESS}/by-token/{secret}/confirm")

    def deliver(self) -> MailsKept:
        """Do what the scheduler does, and return all mails so far."""
        Scheduler(self.directory.database, self.handlers(), stop=lambda: False).run_once()
        return self.mails

    def handlers(self) -> dict[str, Any]:
        """Return the due work of changed addresses."""
        return {
            address_changes.SEND: SendAddressLink(self.mails, "http://localhost:8000"),
            address_changes.TELL: TellFormerAddress(self.mails),
            address_changes.FORGET: address_changes.forget_when_over,
        }

    def link_to(self, email: str) -> str:
        """Return the secret of the newest link to an address."""
        found = re.search(r"/account/address/(\S+)", self.mails.to(email)[-1].body)
        assert found is not None
        return found[1]

    def asked(self, who: Person, email: str) -> str:
        """Ask, have the mail sent, and return the secret of its link."""
        answer = self.ask(who, email)
        assert answer.status_code == 200, answer.json
        self.deliver()
        return self.link_to(email)

    def of(self, who: Person) -> str:
        """Return somebody's address."""
        (found,) = self._read(select(person.c.email).where(person.c.person_id == who.person_id))
        return str(found.email)

    def waiting(self, who: Person) -> list[Any]:
        """Return the change of somebody's that waits."""
        return self._read(select(address_change).where(address_change.c.person_id == who.person_id))

    def former(self, who: Person) -> list[str]:
        """Return the old addresses that are still kept."""
        kept = select(former_address.c.email).where(former_address.c.person_id == who.person_id)
        return [str(row.email) for row in self._read(kept)]

    def due(self, who: Person) -> list[str]:
        """Return what is to be done about somebody's new address."""
        row = due_work.c
        kinds = select(row.kind).where(row.object_id == who.person_id, row.kind.in_(list(self.handlers())))
        return sorted(str(found.kind) for found in self._read(kinds))

    def age(self, who: Person, by: timedelta) -> None:
        """Let the change that waits, and what is due about it, have been asked for that much earlier."""
        asked, row, mine = address_change.c, due_work.c, person.c
        (found,) = self._read(select(mine.address_asked_at).where(mine.person_id == who.person_id))
        earlier = [moment - by for moment in found.address_asked_at]
        with self.directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
            for statement in (
                update(address_change).where(asked.person_id == who.person_id).values(asked_at=asked.asked_at - by),
                update(due_work).where(row.object_id == who.person_id).values(due_at=row.due_at - by),
                update(person).where(mine.person_id == who.person_id).values(address_asked_at=earlier),
            ):
                uow.session.execute(statement)
            uow.commit()

    def make_due(self) -> None:
        """Let the next try be now instead of after its pause."""
        with self.directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
            later = due_work.c.kind.in_(list(self.handlers()))
            uow.session.execute(update(due_work).where(later).values(due_at=uow.now))
            uow.commit()

    def _read(self, statement: Any) -> list[Any]:
        with self.directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
            return list(uow.session.execute(statement).all())


@pytest.fixture
def addresses(directory: ServiceUnderTest) -> Iterator[Addresses]:
    """Return the changed addresses of one test; what was left to be done is taken back."""
    addresses = Addresses(directory)
    yield addresses
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        uow.session.execute(delete(due_work).where(due_work.c.kind.in_(list(addresses.handlers()))))
        uow.commit()


@pytest.fixture
def new_address() -> str:
    """Return an address that nobody has."""
    return f"{new_id()}@new.example"
