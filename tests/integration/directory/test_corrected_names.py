"""A name is corrected where the person has acted longest, by somebody else, and the person is told."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from services.directory.commands.accounts import PROVISION
from services.directory.models import person as person_table
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.mechanism import due_work
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.account_stores import Provisioning
from tests.integration.directory.conftest import Register, change_roles

RIGHT = "Bola Adeyemi-Ross"


@pytest.fixture
def trust(register: Register) -> str:
    return register.trust()


@pytest.fixture
def member(register: Register, trust: str) -> Person:
    return register.person(trust, Role.BOARD_MEMBER, name="Bola Adyemi")


@pytest.fixture
def manager(register: Register, trust: str) -> Person:
    return register.person(trust, Role.ACCESS_MANAGER, name="Amir Shah")


def correct(directory: ServiceUnderTest, by: Person, whose: Person, name: str = RIGHT, **how: Any) -> Any:
    return directory.client(by, **how).patch(f"/v1/people/{whose.person_id}", {"name": name})


def name_of(directory: ServiceUnderTest, whose: Person) -> str:
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        known = select(person_table.c.name).where(person_table.c.person_id == whose.person_id)
        return str(uow.session.execute(known).scalar())


def accounts_asked(directory: ServiceUnderTest, whose: Person) -> int:
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        row = due_work.c
        waiting = select(row.id).where(row.kind == PROVISION, row.object_id == whose.person_id, row.failed_at.is_(None))
        return len(uow.session.execute(waiting).all())


def test_the_new_name_is_shown_at_once_and_the_account_follows(
    directory: ServiceUnderTest, register: Register, manager: Person, member: Person, provisioning: Provisioning
) -> None:
    provisioning.run()
    answer = correct(directory, manager, member)

    assert answer.json == {
        "person_id": member.person_id,
        "name": RIGHT,
        "changed": True,
        "account_kept_by_operator": False,
    }
    asked = directory.client(manager).post("/v1/names", {"person_ids": [member.person_id]})
    assert asked.json["names"] == {member.person_id: RIGHT}
    assert directory.client(member).get("/v1/me").json["name"] == RIGHT
    assert directory.client(member).get("/v1/me/account").json["name"] == RIGHT
    assert accounts_asked(directory, member) == 1
    provisioning.run()
    assert accounts_asked(directory, member) == 0


def test_the_person_is_told_by_an_event_and_the_trail_says_who_did_it_without_a_name(
    directory: ServiceUnderTest, manager: Person, member: Person, trust: str
) -> None:
    correct(directory, manager, member)

    (told,) = directory.events(event_types.PERSON_NAME_CORRECTED, key=member.person_id)
    lines = [one for one in directory.client(manager).get("/v1/audit").json["items"] if one["action"] != "names.read"]
    assert (told.org_id, told.tenant_id, told.actor) == (trust, member.tenant_id, manager.person_id)
    assert set(told.data) == {"person_id", "org_id", "corrected_at"}
    line = next(one for one in lines if one["action"] == "person.name-corrected")
    assert (line["person_id"], line["object_id"]) == (manager.person_id, member.person_id)
    assert "Bola" not in f"{told}{lines}"


def test_the_present_name_changes_nothing_and_tells_nobody(
    directory: ServiceUnderTest, manager: Person, member: Person, provisioning: Provisioning
) -> None:
    provisioning.run()

    answer = correct(directory, manager, member, "  Bola   Adyemi ")

    assert (answer.status_code, answer.json["changed"]) == (200, False)
    assert directory.events(event_types.PERSON_NAME_CORRECTED, key=member.person_id) == []
    assert accounts_asked(directory, member) == 0


def test_another_trusts_people_do_not_exist(directory: ServiceUnderTest, register: Register, manager: Person) -> None:
    stranger = register.person(register.trust(), Role.BOARD_MEMBER, name="Bola Adyemi")

    assert correct(directory, manager, stranger).status_code == 404
    assert name_of(directory, stranger) == "Bola Adyemi"


def test_nobody_corrects_their_own(directory: ServiceUnderTest, manager: Person) -> None:
    refused = correct(directory, manager, manager)

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/own-name")
    assert name_of(directory, manager) == "Amir Shah"


@pytest.mark.parametrize("role", [Role.CHAIR, Role.IMPROVEMENT_LEAD, Role.BOARD_MEMBER, Role.COMPANY_SECRETARY])
def test_no_other_role_corrects_a_name(
    directory: ServiceUnderTest, register: Register, trust: str, member: Person, role: Role
) -> None:
    assert correct(directory, register.person(trust, role), member).status_code == 403
    assert name_of(directory, member) == "Bola Adyemi"


def test_it_needs_a_fresh_second_factor_of_who_does_it(
    directory: ServiceUnderTest, manager: Person, member: Person
) -> None:
    assert correct(directory, manager, member, strong=False).status_code == 401


def test_a_small_role_elsewhere_gives_no_power_over_a_chairs_name(
    directory: ServiceUnderTest, register: Register, trust: str
) -> None:
    other = register.trust()
    chair = register.person(trust, Role.CHAIR, name="Chandra Rao")
    register.person(other, Role.ACTION_OWNER, person_id=chair.person_id)
    for org, days in ((trust, 365), (other, 30)):
        change_roles(directory, chair.person_id, org, valid_from=func.now() - timedelta(days=days))
    at_home, elsewhere = (register.person(org, Role.ACCESS_MANAGER) for org in (trust, other))

    refused = correct(directory, elsewhere, chair, "Somebody Else")

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/name-of-another-organisation")
    assert f"{trust} (fictional), which looks after their name. Ask the access manager" in refused.json["detail"]
    assert name_of(directory, chair) == "Chandra Rao"
    assert correct(directory, at_home, chair, "Chandra Rao-Lee").status_code == 200


def test_every_organisation_they_act_for_finds_it_in_its_trail(
    directory: ServiceUnderTest, register: Register, manager: Person, member: Person
) -> None:
    other = register.trust()
    register.person(other, Role.ACTION_OWNER, person_id=member.person_id)
    change_roles(directory, member.person_id, member.org_id, valid_from=func.now() - timedelta(days=365))

    correct(directory, manager, member)
    correct(directory, manager, member)

    for org in (member.org_id, other):
        reader = directory.client(register.person(org, Role.ACCESS_MANAGER))
        lines = [one for one in reader.get("/v1/audit").json["items"] if one["action"] == "person.name-corrected"]
        assert {(one["person_id"], one["object_id"]) for one in lines} == {(manager.person_id, member.person_id)}
        assert len(lines) == (2 if org == member.org_id else 1), "where nothing changed only the request itself is told"


def test_three_times_a_day_is_enough_whoever_does_it(
    directory: ServiceUnderTest, register: Register, manager: Person, member: Person
) -> None:
    colleague = register.person(manager.org_id, Role.ACCESS_MANAGER)
    names = ["Bola A", "Bola B", "Bola C"]
    assert [correct(directory, manager, member, name).status_code for name in names] == [200] * 3

    unchanged, refused = (correct(directory, colleague, member, name) for name in ("Bola C", "Bola D"))

    assert (unchanged.status_code, refused.status_code) == (200, 409)
    assert refused.json["type"] == "/problems/name-corrected-often"
    assert name_of(directory, member) == "Bola C"
    assert len(directory.events(event_types.PERSON_NAME_CORRECTED, key=member.person_id)) == 3
    _a_day_later(directory, member)
    assert correct(directory, colleague, member, "Bola D").status_code == 200


def _a_day_later(directory: ServiceUnderTest, whose: Person) -> None:
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        who = person_table.c
        (kept,) = uow.session.execute(select(who.name_corrected_at).where(who.person_id == whose.person_id)).one()
        earlier = {"name_corrected_at": [moment - timedelta(days=1) for moment in kept]}
        uow.session.execute(update(person_table).where(who.person_id == whose.person_id).values(earlier))
        uow.commit()


def test_a_regional_lead_is_corrected_by_a_national_administrator_and_told_in_the_region(
    directory: ServiceUnderTest, register: Register, manager: Person, provisioning: Provisioning
) -> None:
    administrator, lead = register.national(Role.NATIONAL_ADMINISTRATOR), register.person("Y60", Role.REGIONAL_LEAD)
    provisioning.run()

    done, refused = (correct(directory, by, lead) for by in (administrator, manager))

    assert (done.status_code, done.json["account_kept_by_operator"], refused.status_code) == (200, False, 404)
    assert name_of(directory, lead) == RIGHT
    assert accounts_asked(directory, lead) == 1
    (told,) = directory.events(event_types.PERSON_NAME_CORRECTED, key=lead.person_id)
    assert (told.org_id, told.tenant_id, told.actor) == ("Y60", NATIONAL_TENANT, administrator.person_id)
    assert directory.client(lead).get("/v1/me/account").json["name_kept_nationally"] is True


def test_of_a_regional_lead_who_acts_for_a_trust_its_access_manager_is_asked(
    directory: ServiceUnderTest, register: Register, manager: Person, member: Person
) -> None:
    administrator = register.national(Role.NATIONAL_ADMINISTRATOR)
    register.person("Y60", Role.REGIONAL_LEAD, person_id=member.person_id)

    refused, done = (correct(directory, by, member) for by in (administrator, manager))

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/name-of-another-organisation")
    assert "Ask the access manager there" in refused.json["detail"]
    assert done.status_code == 200
    assert directory.client(member).get("/v1/me/account").json["name_kept_nationally"] is False


def test_of_the_national_team_a_national_administrator_does_and_the_account_is_an_operators(
    directory: ServiceUnderTest, register: Register, trust: str, manager: Person
) -> None:
    administrator = register.national(Role.NATIONAL_ADMINISTRATOR)
    analyst = register.national(Role.NATIONAL_ANALYST, name="Nora Analyst")
    also_here = register.person(trust, Role.BOARD_MEMBER, person_id=analyst.person_id)

    refused = correct(directory, manager, also_here)
    done = correct(directory, administrator, analyst)

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/name-of-another-organisation")
    assert "national administrator" in refused.json["detail"]
    assert (done.status_code, done.json["account_kept_by_operator"]) == (200, True)
    (told,) = directory.events(event_types.PERSON_NAME_CORRECTED, key=analyst.person_id)
    assert (told.org_id, told.tenant_id) == (NATIONAL_TENANT, NATIONAL_TENANT)


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "Bola\nAdeyemi", "<b>Bola</b>", "Bola https://x.example"])
def test_a_name_that_no_invitation_would_take_is_refused(
    directory: ServiceUnderTest, manager: Person, member: Person, name: str
) -> None:
    refused = correct(directory, manager, member, name)

    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == "name"
    assert name_of(directory, member) == "Bola Adyemi"
