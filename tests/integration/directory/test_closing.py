"""A closed organisation's people can do nothing for it any more; what they did, and who held which role, stays."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.directory.account_work import ProvisionAccount
from services.directory.commands.accounts import CLOSING, PROVISION
from services.directory.commands.register import close_organisation, reopen_organisation
from services.directory.worker import follow_closing
from shared.clock import FrozenClock, local_day
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.mechanism import due_work
from shared.principal import NATIONAL_TENANT, Principal
from shared.scheduler import Scheduler
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.directory.accounts_in_memory import AccountsInMemory
from tests.integration.directory.conftest import Register
from tests.integration.directory.test_me import whoever

TODAY = local_day(datetime.now(UTC))


@pytest.fixture
def accounts(directory: ServiceUnderTest, register: Register) -> AccountsInMemory:
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        uow.session.execute(due_work.delete().where(due_work.c.kind.in_([PROVISION, CLOSING])))
        uow.commit()
    return AccountsInMemory()


def _close(directory: ServiceUnderTest, code: str, open_until: date) -> None:
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        close_organisation(uow, code, open_until=open_until)
        uow.commit()


def _run(directory: ServiceUnderTest, accounts: AccountsInMemory, *, days: int = 0) -> None:
    clock = FrozenClock(datetime.now(UTC) + timedelta(days=days, seconds=1))
    work = {PROVISION: ProvisionAccount(accounts, "https://identity.example"), CLOSING: follow_closing}
    for _ in range(2):  # closing asks for the accounts, which are then brought in line
        Scheduler(directory.database, work, stop=lambda: False, clock=clock).run_once()


def test_accounts_lose_a_closed_organisation_on_the_first_day_it_is_closed(
    directory: ServiceUnderTest, register: Register, accounts: AccountsInMemory
) -> None:
    closing, other = register.trust(), register.trust()
    alone = register.person(closing, Role.CHAIR)
    both = register.person(closing, Role.CHAIR)
    register.person(other, Role.BOARD_MEMBER, person_id=both.person_id)
    _run(directory, accounts)

    _close(directory, closing, TODAY + timedelta(days=10))
    _run(directory, accounts, days=8)
    before = len(accounts.places_of(both.person_id))
    _run(directory, accounts, days=11)

    assert before == 2
    assert {place.organization for place in accounts.places_of(both.person_id)} == {other}
    account = accounts.find_account(alone.person_id)
    assert account is not None
    assert account.enabled is False


def test_accounts_get_an_organisation_back_that_opens_again(
    directory: ServiceUnderTest, register: Register, accounts: AccountsInMemory
) -> None:
    trust = register.trust()
    person = register.person(trust, Role.CHAIR)
    _close(directory, trust, TODAY)
    _run(directory, accounts)
    closed = accounts.places_of(person.person_id) if accounts.find_account(person.person_id) else set()

    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        reopen_organisation(uow, trust)
        uow.commit()
    _run(directory, accounts)

    assert closed == set()
    assert [place.organization for place in accounts.places_of(person.person_id)] == [trust]


def test_whoever_signs_in_is_offered_no_organisation_that_has_closed(
    directory: ServiceUnderTest, register: Register
) -> None:
    closed, other = register.trust(), register.trust()
    person = register.person(closed, Role.CHAIR)
    register.person(other, Role.BOARD_MEMBER, person_id=person.person_id)
    _close(directory, closed, TODAY)

    answer = whoever(directory, person.person_id).get("/v1/me")

    assert answer.status_code == 200
    assert [one["org_id"] for one in answer.json["memberships"]] == [other]


@pytest.mark.parametrize(("days_ago", "status"), [(1, 403), (0, 200)])
def test_a_token_of_before_opens_nothing_from_the_day_after_the_last(
    directory: ServiceUnderTest, register: Register, days_ago: int, status: int
) -> None:
    trust = register.trust()
    client = directory.client(register.person(trust, Role.CHAIR))
    closed_on = local_day(datetime.now(UTC)) - timedelta(days=days_ago)
    told = {"code": trust, "closed_on": closed_on.isoformat()}

    directory.deliver(event_types.ORGANISATION_CLOSED, told, org=trust, key=trust)

    assert client.get("/v1/people").status_code == status
