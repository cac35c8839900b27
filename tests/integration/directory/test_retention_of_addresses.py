"""Twelve months after the last role ended nobody is reached or signs in any more; the name stays on what they did."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, insert, select, update

from services.directory.domain.retention import ADDRESS_KEPT_MONTHS
from services.directory.models import external_identity, former_address, organisation, person
from services.directory.queries.people import addresses
from services.directory.worker import FORGET
from shared.clock import FrozenClock, local_day, months_before
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.mechanism import audit_entry
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.account_stores import Provisioning, end
from tests.integration.directory.conftest import Register, change_roles

OUR_HAND = Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)
NOW = datetime.now(UTC).replace(microsecond=0)
BEFORE = months_before(NOW, ADDRESS_KEPT_MONTHS)
LONG_BEFORE, SECOND, DAY = BEFORE - timedelta(days=700), timedelta(seconds=1), timedelta(days=1)


def forget(directory: ServiceUnderTest) -> None:
    clock = FrozenClock(NOW)
    FORGET.run(lambda tenant, org: UnitOfWork(directory.database, Principal.service(tenant, org), clock=clock))


def address_of(directory: ServiceUnderTest, person_id: str) -> str | None:
    with directory.unit_of_work(OUR_HAND) as uow:
        return uow.session.execute(select(person.c.email).where(person.c.person_id == person_id)).scalar_one()


def trail(directory: ServiceUnderTest, person_id: str) -> int:
    row = audit_entry.c
    given_up = select(func.count()).where(row.object_id == person_id, row.action == "person.address-given-up")
    with directory.unit_of_work(OUR_HAND) as uow:
        return int(uow.session.execute(given_up).scalar_one())


def leaver(directory: ServiceUnderTest, register: Register, **dates: datetime) -> Person:
    who = register.person(register.trust(), Role.CHAIR, name="Jo Smith")
    change_roles(directory, who.person_id, **{"valid_from": LONG_BEFORE} | dates)
    return who


@pytest.mark.parametrize(
    ("dates", "due"),
    [
        ({"ended_at": BEFORE}, True),
        ({"ended_at": BEFORE + SECOND}, False),
        ({"valid_until": BEFORE}, True),
        ({"valid_until": BEFORE + SECOND}, False),
        ({"ended_at": BEFORE, "valid_until": NOW + DAY}, True),
        ({}, False),
    ],
)
def test_exactly_those_who_left_long_enough_ago(
    directory: ServiceUnderTest, register: Register, dates: dict[str, datetime], *, due: bool
) -> None:
    who = leaver(directory, register, **dates)

    forget(directory)

    assert (address_of(directory, who.person_id) is None) is due
    assert trail(directory, who.person_id) == int(due)


@pytest.mark.parametrize(("closed", "due"), [(BEFORE - DAY, True), (BEFORE + 2 * DAY, False)])
def test_a_role_in_an_organisation_that_closed_ended_with_it(
    directory: ServiceUnderTest, register: Register, closed: datetime, *, due: bool
) -> None:
    who = leaver(directory, register)
    with directory.unit_of_work(OUR_HAND) as uow:
        where = organisation.c.code == who.org_id
        uow.session.execute(update(organisation).where(where).values(open_until=local_day(closed)))
        uow.commit()

    forget(directory)

    assert (address_of(directory, who.person_id) is None) is due


@pytest.mark.parametrize("until", [None, BEFORE + SECOND])
def test_whoever_has_held_another_role_since_is_left_alone(
    directory: ServiceUnderTest, register: Register, until: datetime | None
) -> None:
    who = leaver(directory, register, ended_at=BEFORE - DAY)
    elsewhere = register.trust()
    register.person(elsewhere, Role.BOARD_MEMBER, person_id=who.person_id)
    change_roles(directory, who.person_id, elsewhere, valid_from=LONG_BEFORE, ended_at=until)

    forget(directory)

    assert address_of(directory, who.person_id) is not None


def never_acted(directory: ServiceUnderTest) -> str:
    person_id = str(new_id())
    row = {"person_id": person_id, "name": "Jo Smith", "email": f"{person_id}@x.example", "created_at": LONG_BEFORE}
    with directory.unit_of_work(OUR_HAND) as uow:
        uow.session.execute(insert(person).values(row))
        uow.commit()
    return person_id


def test_whoever_has_never_had_a_role_is_left_alone(directory: ServiceUnderTest) -> None:
    person_id = never_acted(directory)

    forget(directory)

    assert address_of(directory, person_id) is not None


def test_address_accounts_and_sign_in_go_and_the_name_stays(
    directory: ServiceUnderTest, register: Register, provisioning: Provisioning
) -> None:
    who = register.person(register.trust(), Role.CHAIR, name="Jo Smith")
    provisioning.run()
    end(directory, who.person_id, who.org_id)
    provisioning.run()
    disabled = provisioning.accounts.find_account(who.person_id)
    linked = {"issuer": "https://work.example", "subject": who.person_id, "person_id": who.person_id}
    with directory.unit_of_work(OUR_HAND) as uow:
        uow.session.execute(insert(external_identity).values(**linked, linked_at=uow.now, shown_name="jo@work"))
        uow.commit()
    change_roles(directory, who.person_id, valid_from=LONG_BEFORE, ended_at=BEFORE)

    forget(directory)
    provisioning.run()

    assert disabled is not None
    assert provisioning.accounts.find_account(who.person_id) is None
    assert provisioning.failed(who.person_id) == []
    assert identities(directory, who) == []
    with directory.unit_of_work(OUR_HAND) as uow:
        assert addresses(uow, [who.person_id]) == {"people": []}
    manager = directory.client(register.person(who.org_id, Role.ACCESS_MANAGER))
    named = manager.post("/v1/names", {"person_ids": [who.person_id]}).json["names"]
    assert named == {who.person_id: "Jo Smith"}


def identities(directory: ServiceUnderTest, who: Person) -> list[Any]:
    statement = select(external_identity.c.subject).where(external_identity.c.person_id == who.person_id)
    with directory.unit_of_work(OUR_HAND) as uow:
        return list(uow.session.execute(statement).scalars())


def test_people_of_the_national_team_likewise(
    directory: ServiceUnderTest, register: Register, provisioning: Provisioning
) -> None:
    gone, stays = (register.national("national-analyst") for _ in range(2))
    change_roles(directory, gone.person_id, valid_from=LONG_BEFORE, ended_at=BEFORE)
    change_roles(directory, stays.person_id, valid_from=LONG_BEFORE)

    forget(directory)
    provisioning.run()

    assert address_of(directory, gone.person_id) is None
    assert address_of(directory, stays.person_id) is not None
    assert provisioning.failed(gone.person_id) == []


def test_whoever_is_given_a_role_in_this_moment_is_left_alone(directory: ServiceUnderTest, register: Register) -> None:
    who, other = (leaver(directory, register, ended_at=BEFORE) for _ in range(2))
    with directory.unit_of_work(OUR_HAND) as uow:
        uow.session.execute(select(person).where(person.c.person_id == who.person_id).with_for_update()).all()
        forget(directory)

    assert address_of(directory, who.person_id) is not None
    assert address_of(directory, other.person_id) is None


@pytest.mark.parametrize(("changed_at", "kept"), [(BEFORE, 0), (BEFORE + SECOND, 1)])
def test_an_address_somebody_had_before_does_not_wait_for_its_mail_for_ever(
    directory: ServiceUnderTest, register: Register, changed_at: datetime, kept: int
) -> None:
    who = register.person(register.trust(), Role.CHAIR)
    row = {"id": new_id(), "person_id": who.person_id, "email": "old@trust.example", "changed_at": changed_at}
    with directory.unit_of_work(OUR_HAND) as uow:
        uow.session.execute(insert(former_address).values(row))
        uow.commit()

    forget(directory)

    with directory.unit_of_work(OUR_HAND) as uow:
        theirs = select(func.count()).select_from(former_address).where(former_address.c.person_id == who.person_id)
        assert uow.session.execute(theirs).scalar_one() == kept


def test_whoever_is_given_a_role_after_being_found_is_left_alone(
    directory: ServiceUnderTest, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked again once the row is ours: what was found before may have changed by then."""
    who = leaver(directory, register)
    found = select(person.c.person_id).where(person.c.person_id == who.person_id)
    monkeypatch.setattr("services.directory.commands.retention._left", lambda *_: found)
    before = counted()

    forget(directory)

    assert counted() == before
    assert address_of(directory, who.person_id) is not None


def test_only_those_whose_time_is_over_are_looked_for_and_counted(
    directory: ServiceUnderTest, register: Register
) -> None:
    forget(directory)
    before = counted()
    leaver(directory, register, ended_at=BEFORE)
    leaver(directory, register)
    never_acted(directory)

    forget(directory)

    assert counted() - before == 1


def counted() -> float:
    return REGISTRY.get_sample_value("kept_long_enough_deleted_total", {"kind": "way-to-reach-a-leaver"}) or 0.0


def test_two_schedulers_at_once_give_an_address_up_once(directory: ServiceUnderTest, register: Register) -> None:
    people = [leaver(directory, register, ended_at=BEFORE) for _ in range(5)]

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: forget(directory), range(3)))
    forget(directory)

    assert [trail(directory, who.person_id) for who in people] == [1] * 5
