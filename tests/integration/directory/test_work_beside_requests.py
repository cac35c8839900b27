"""Scheduler and requests take their locks in the same order: of two at one thing one waits, and neither is undone."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import Table, select, text
from sqlalchemy.exc import DBAPIError

from services.directory.commands import address_changes, invitations
from services.directory.commands.accounts import lock_person, request_account
from services.directory.models import invitation
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.directory.account_stores import Provisioning, end
from tests.integration.directory.accounts_in_memory import AccountsInMemory
from tests.integration.directory.addresses_of_people import Addresses
from tests.integration.directory.conftest import Post, Register

OUR_HAND = Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)
WAITING = text("select count(*) from pg_locks where not granted and locktype in ('transactionid', 'tuple')")


def meet(uow: UnitOfWork, scheduler: Callable[[], object], goes_on: Callable[[], object]) -> None:
    """Let the scheduler come to wait for what this transaction holds, then go on, and let both end."""
    with ThreadPoolExecutor(1) as pool:
        works = pool.submit(scheduler)
        deadline = time.monotonic() + 10
        while not uow.session.execute(WAITING).scalar() and not works.done():
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.02)
        goes_on()
        uow.commit()
        works.result(timeout=20)


def undone(caplog: pytest.LogCaptureFixture) -> list[BaseException]:
    """Return for what the database broke off work of the scheduler."""
    errors = [line.exc_info[1] for line in caplog.records if line.exc_info]
    return [error for error in errors if isinstance(error, DBAPIError)]


def hold(uow: UnitOfWork, table: Table, **key: object) -> None:
    found = select(table).filter_by(**key).with_for_update()
    assert uow.session.execute(found).first() is not None


def test_an_invitation_sent_again_while_its_mail_is_written_down(
    directory: ServiceUnderTest, register: Register, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    manager, email = register.person(register.trust(), Role.ACCESS_MANAGER), f"{new_id()}@trust.example"
    sent = directory.client(manager).post("/v1/invitations", {"name": "Bola A", "email": email, "role": "chair"}).json

    with directory.unit_of_work(manager.principal()) as uow:
        hold(uow, invitation, id=UUID(sent["id"]))
        meet(uow, post.deliver, lambda: invitations.resend(uow, UUID(sent["id"])))

    assert undone(caplog) == []
    post.deliver()
    assert len(post.mails.to(email)) == 2


def test_an_account_asked_for_while_it_is_written_down_that_it_was_closed(
    directory: ServiceUnderTest, register: Register, caplog: pytest.LogCaptureFixture
) -> None:
    provisioning = Provisioning(directory, AccountsInMemory())
    who = register.person(register.trust(), Role.CHAIR)
    provisioning.run()
    end(directory, who.person_id, who.org_id)

    with directory.unit_of_work(OUR_HAND) as uow:
        lock_person(uow, who.person_id)
        meet(uow, provisioning.run, lambda: request_account(uow, who.person_id))

    assert undone(caplog) == []


@pytest.mark.parametrize("stopped", [True, False])
def test_an_address_stopped_or_asked_for_while_its_link_is_written_down(
    directory: ServiceUnderTest, register: Register, addresses: Addresses, new_address: str, *, stopped: bool
) -> None:
    """The other way round: here both lock the due work first."""
    who = register.person(register.trust(), Role.CHAIR)
    addresses.ask(who, new_address)
    taken: list[str] = []

    with directory.unit_of_work(who.principal()) as uow:
        watch_locks(uow, taken)
        if stopped:
            address_changes.stop_change(uow)
        else:
            address_changes.ask_for_change(uow, email=new_address)

    assert taken.index("due_work") < taken.index("address_change")


def watch_locks(uow: UnitOfWork, taken: list[str]) -> None:
    """Note in which order tables are written."""
    execute = uow.session.execute

    def noting(statement: object, *args: object, **kw: object) -> object:
        words = str(statement).lower().split()
        if words[0] in {"insert", "delete"}:
            taken.append(words[2])
        return execute(statement, *args, **kw)  # type: ignore[call-overload]

    uow.session.execute = noting  # type: ignore[method-assign,assignment]
