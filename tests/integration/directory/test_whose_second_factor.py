"""Who may reset a second factor: the organisation for which the person has acted longest, once a day."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from services.directory.commands.work_accounts import link_work_account
from services.directory.domain.work_accounts import WorkAccount
from services.directory.models import appointment, external_identity, organisation, person
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.conftest import Register, change_roles
from tests.integration.directory.test_second_factor import FactorsInMemory, asked, carry_out, path_of

ELSEWHERE = "/problems/second-factor-of-another-organisation"


def _since(directory: ServiceUnderTest, whose: Person, org_id: str, **ago: timedelta) -> None:
    """Let a person's roles in an organisation have begun, or ended, so long ago."""
    change_roles(directory, whose.person_id, org_id, **{name: func.now() - by for name, by in ago.items()})


def _reset_by(directory: ServiceUnderTest, manager: Person, whose: Person, **body: Any) -> TestResponse:
    return directory.client(manager).post(path_of(whose), body)


@pytest.fixture
def chair(directory: ServiceUnderTest, register: Register) -> Person:
    """Return somebody who has chaired a trust for a year and was given a small role at another a month ago."""
    home, other = register.trust(), register.trust()
    chair = register.person(home, Role.CHAIR)
    register.person(other, Role.ACTION_OWNER, person_id=chair.person_id)
    _since(directory, chair, home, valid_from=timedelta(days=365))
    _since(directory, chair, other, valid_from=timedelta(days=30))
    return chair


def _other_of(directory: ServiceUnderTest, chair: Person) -> str:
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        held = appointment.c
        small = select(held.org_id).where(held.person_id == chair.person_id, held.org_id != chair.org_id)
        return str(uow.session.execute(small).scalar())


def _name_of(directory: ServiceUnderTest, code: str) -> str:
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        return str(uow.session.execute(select(organisation.c.name).where(organisation.c.code == code)).scalar())


def test_a_small_role_elsewhere_gives_no_power_over_the_account_of_a_chair(
    directory: ServiceUnderTest, register: Register, chair: Person
) -> None:
    register.person(chair.org_id, Role.ACCESS_MANAGER)
    other = _other_of(directory, chair)

    refused = _reset_by(directory, register.person(other, Role.ACCESS_MANAGER), chair)

    assert (refused.status_code, refused.json["type"]) == (409, ELSEWHERE)
    assert f"acted longest for {_name_of(directory, chair.org_id)}," in refused.json["detail"]
    assert "Ask the access manager there" in refused.json["detail"]
    assert asked(directory, chair) == 0
    assert directory.events(event_types.SECOND_FACTOR_RESET, key=chair.person_id) == []


def test_the_organisation_acted_for_longest_resets_it(
    directory: ServiceUnderTest, register: Register, chair: Person
) -> None:
    assert _reset_by(directory, register.person(chair.org_id, Role.ACCESS_MANAGER), chair).status_code == 200
    assert asked(directory, chair) == 1


def test_after_a_break_it_is_whoever_has_had_them_without_one(
    directory: ServiceUnderTest, register: Register, chair: Person
) -> None:
    _since(directory, chair, chair.org_id, valid_from=timedelta(days=365), ended_at=timedelta(days=40))
    register.person(chair.org_id, Role.BOARD_MEMBER, person_id=chair.person_id)

    refused = _reset_by(directory, register.person(chair.org_id, Role.ACCESS_MANAGER), chair)
    done = _reset_by(directory, register.person(_other_of(directory, chair), Role.ACCESS_MANAGER), chair)

    assert (refused.status_code, done.status_code) == (409, 200)


def test_once_the_roles_at_home_have_ended_the_next_organisation_looks_after_it(
    directory: ServiceUnderTest, register: Register, chair: Person
) -> None:
    _since(directory, chair, chair.org_id, ended_at=timedelta(minutes=1))

    done = _reset_by(directory, register.person(_other_of(directory, chair), Role.ACCESS_MANAGER), chair)

    assert done.status_code == 200


def test_where_nobody_looks_after_access_at_home_its_icb_is_to_appoint_somebody(
    directory: ServiceUnderTest, register: Register, chair: Person
) -> None:
    refused = _reset_by(directory, register.person(_other_of(directory, chair), Role.ACCESS_MANAGER), chair)

    icb = _name_of(directory, directory.world.tenant_of(chair.org_id))
    assert refused.status_code == 409
    assert f"no access manager there at the moment. Ask {icb} to appoint one." in refused.json["detail"]


def test_of_an_icb_without_anybody_it_is_the_national_team_that_appoints(
    directory: ServiceUnderTest, register: Register
) -> None:
    icb, trust = register.tenant(), register.trust()
    lead = register.person(icb, Role.ICB_LEAD)
    _since(directory, lead, icb, valid_from=timedelta(days=365))
    register.person(trust, Role.ACTION_OWNER, person_id=lead.person_id)

    refused = _reset_by(directory, register.person(trust, Role.ACCESS_MANAGER), lead)

    assert "Ask the national team to appoint one." in refused.json["detail"]


def test_of_the_only_access_manager_at_home_it_is_the_operator_who_is_asked(
    directory: ServiceUnderTest, register: Register, chair: Person
) -> None:
    register.person(chair.org_id, Role.ACCESS_MANAGER, person_id=chair.person_id)

    refused = _reset_by(directory, register.person(_other_of(directory, chair), Role.ACCESS_MANAGER), chair)

    assert "the only access manager there. Ask the operator of this service." in refused.json["detail"]


def test_nobodys_is_reset_twice_within_a_day_whoever_asks(
    directory: ServiceUnderTest, register: Register, chair: Person
) -> None:
    first, second = (register.person(chair.org_id, Role.ACCESS_MANAGER) for _ in range(2))

    done = _reset_by(directory, first, chair, passkey=True)
    refused = _reset_by(directory, second, chair)

    assert (done.status_code, refused.status_code) == (200, 409)
    assert refused.json["type"] == "/problems/second-factor-reset-today"
    assert "once in 24 hours" in refused.json["detail"]
    assert len(directory.events(event_types.SECOND_FACTOR_RESET, key=chair.person_id, org=chair.org_id)) == 1
    factors = FactorsInMemory()
    carry_out(directory, factors)
    assert chair.person_id in factors.passkeys


def test_a_day_later_it_may_be_reset_again(directory: ServiceUnderTest, register: Register, chair: Person) -> None:
    manager = register.person(chair.org_id, Role.ACCESS_MANAGER)
    assert _reset_by(directory, manager, chair).status_code == 200

    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        yesterday = {"second_factor_reset_at": person.c.second_factor_reset_at - timedelta(days=1)}
        uow.session.execute(update(person).where(person.c.person_id == chair.person_id).values(yesterday))
        uow.commit()

    assert _reset_by(directory, manager, chair).status_code == 200


@pytest.mark.parametrize(("body", "unlinked"), [({"unlink_work_account": True}, True), ({}, False)])
def test_the_access_manager_may_end_signing_in_with_the_work_account(
    directory: ServiceUnderTest, register: Register, chair: Person, body: dict[str, bool], *, unlinked: bool
) -> None:
    subject = f"outside-{new_id()}"
    with directory.unit_of_work(Principal.service(chair.tenant_id, chair.org_id)) as uow:
        link_work_account(uow, chair.person_id, WorkAccount("https://work.example", subject, None, "jo.smith"))
        uow.commit()
    factors = FactorsInMemory(has_work_account=True)
    manager = register.person(chair.org_id, Role.ACCESS_MANAGER)

    _reset_by(directory, manager, chair, **body)
    carry_out(directory, factors)

    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        left = uow.session.execute(select(external_identity).where(external_identity.c.subject == subject)).all()
    lines = [line["action"] for line in directory.client(manager).get("/v1/audit").json["items"]]
    assert (left == []) is unlinked
    assert (chair.person_id in factors.unlinked) is unlinked
    assert (chair.person_id in factors.mailed) is unlinked
    assert ("work-account.unlinked" in lines) is unlinked
