"""An invitation is deleted twelve months after it was taken up, withdrawn or ran out; no sooner, and nothing else."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, update

from services.directory.domain.invitations import LIFETIME
from services.directory.domain.retention import INVITATION_KEPT_MONTHS
from services.directory.models import invitation
from services.directory.worker import FORGET
from shared.clock import FrozenClock, months_before
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.mechanism import audit_entry
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import Client, ServiceUnderTest
from tests.bench.statements import watched
from tests.integration.directory.conftest import Register

OUR_HAND = Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)
NOW = datetime.now(UTC).replace(microsecond=0)
BEFORE = months_before(NOW, INVITATION_KEPT_MONTHS)
SECOND, LONG = timedelta(seconds=1), timedelta(days=900)
CASES: Mapping[str, tuple[dict[str, datetime], bool]] = {
    "taken up long enough ago": ({"sent_at": BEFORE - LONG, "accepted_at": BEFORE}, True),
    "taken up since": ({"sent_at": BEFORE - LONG, "accepted_at": BEFORE + SECOND}, False),
    "withdrawn long enough ago": ({"sent_at": BEFORE - LONG, "withdrawn_at": BEFORE}, True),
    "withdrawn since": ({"sent_at": BEFORE - LONG, "withdrawn_at": BEFORE + SECOND}, False),
    "ran out long enough ago": ({"sent_at": BEFORE - LIFETIME}, True),
    "ran out since": ({"sent_at": BEFORE - LIFETIME + SECOND}, False),
    "sent again lately": ({"created_at": BEFORE - LONG, "sent_at": NOW - SECOND}, False),
}


@pytest.fixture
def manager(directory: ServiceUnderTest, register: Register) -> Client:
    return directory.client(register.person(register.trust(), Role.ACCESS_MANAGER))


def forget(directory: ServiceUnderTest, now: datetime = NOW) -> None:
    clock = FrozenClock(now)
    FORGET.run(lambda tenant, org: UnitOfWork(directory.database, Principal.service(tenant, org), clock=clock))


def invited(directory: ServiceUnderTest, manager: Client, **dates: datetime) -> UUID:
    sent = {"name": "Bola Adeyemi", "email": f"{new_id()}@trust.example", "role": "board-member"}
    made = UUID(manager.post("/v1/invitations", sent).json["id"])
    if dates:
        with directory.unit_of_work(OUR_HAND) as uow:
            uow.session.execute(update(invitation).where(invitation.c.id == made).values(**dates))
            uow.commit()
    return made


def is_kept(directory: ServiceUnderTest, made: UUID) -> bool:
    with directory.unit_of_work(OUR_HAND) as uow:
        return uow.session.execute(select(invitation.c.id).where(invitation.c.id == made)).first() is not None


@pytest.mark.parametrize("case", CASES)
def test_exactly_what_is_due_goes(directory: ServiceUnderTest, manager: Client, case: str) -> None:
    dates, due = CASES[case]
    made = invited(directory, manager, **dates)

    forget(directory)

    assert is_kept(directory, made) is not due


def test_a_year_later_it_goes_and_its_trail_stays(directory: ServiceUnderTest, manager: Client) -> None:
    made = invited(directory, manager)

    forget(directory, NOW + timedelta(days=365))
    shortly_before = is_kept(directory, made)
    forget(directory, NOW + timedelta(days=366 + 14))

    assert (shortly_before, is_kept(directory, made)) == (True, False)
    assert manager.get("/v1/invitations").json["items"] == []
    with directory.unit_of_work(OUR_HAND) as uow:
        trail = select(func.count()).where(audit_entry.c.object_id == str(made))
        assert uow.session.execute(trail).scalar_one() == 1


def test_one_that_is_sent_again_in_this_moment_stays(directory: ServiceUnderTest, manager: Client) -> None:
    """Whoever sends it again has locked the row: it is not waited for, and not deleted."""
    made = invited(directory, manager, sent_at=BEFORE - LIFETIME)
    other = invited(directory, manager, sent_at=BEFORE - LIFETIME)
    with directory.unit_of_work(OUR_HAND) as uow:
        uow.session.execute(update(invitation).where(invitation.c.id == made).values(sent_at=NOW))
        forget(directory)
        uow.commit()

    assert (is_kept(directory, made), is_kept(directory, other)) == (True, False)


def test_an_invitation_is_deleted_by_our_own_processes_alone(directory: ServiceUnderTest, register: Register) -> None:
    manager = register.person(register.trust(), Role.ACCESS_MANAGER)
    sent = {"name": "Bola Adeyemi", "email": f"{new_id()}@trust.example", "role": "board-member"}
    directory.client(manager).post("/v1/invitations", sent)
    its_own = delete(invitation).where(invitation.c.org_id == manager.org_id).returning(invitation.c.id)
    gone = []

    for asker in (manager.principal(), Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)):
        with directory.unit_of_work(asker) as uow:
            gone.append(len(uow.session.execute(its_own).all()))

    assert gone == [0, 1]


def test_old_ones_and_those_to_an_address_are_found_by_an_index(
    directory: ServiceUnderTest, register: Register
) -> None:
    manager = register.person(register.trust(), Role.ACCESS_MANAGER)
    with watched(directory) as seen:
        forget(directory)
        invited(directory, directory.client(manager))

    [old] = plans(directory, OUR_HAND, [each for each in seen.statements if "WITH due" in each[0]])
    [lately] = plans(
        directory, manager.principal(), [each for each in seen.statements if "SELECT invitation.sendings" in each[0]]
    )
    assert ("invitation_by_age" in old, "invitation_by_address" in lately) == (True, True)


def plans(directory: ServiceUnderTest, asker: Principal, statements: list[tuple[str, Any]]) -> list[str]:
    """Return the plans of statements where a whole table is read only if nothing else is possible."""
    with directory.unit_of_work(asker) as uow:
        connection = uow.session.connection()
        connection.exec_driver_sql("set local enable_seqscan = off")
        return [str(connection.exec_driver_sql(f"explain {asked}", given).all()) for asked, given in statements]
