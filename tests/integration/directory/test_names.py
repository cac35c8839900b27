"""Names from ids, for each persona: those who act or acted for one's organisation, who gave a role there, and oneself.

An id may be met anywhere: in a line of the audit trail, in a mail, in a file somebody kept. It opens no name.
"""

from dataclasses import dataclass

import pytest

from services.directory.commands.appointments import Grant, grant_role
from services.directory.queries.people import names
from shared.contracts.roles import Level, Role, role_register
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.account_stores import end
from tests.integration.directory.conftest import Register

PERSONAS = [role for role in role_register() if role is not Role.NOTIFICATION_SENDER]
REGION = "Y60"


@dataclass
class Nation:
    """An ICB with two trusts and a place, another ICB with a trust, and the national team."""

    directory: ServiceUnderTest
    register: Register
    icb: str
    trust: str
    sister: str
    place: str
    elsewhere: str
    far_trust: str

    def home_of(self, role: Role) -> str:
        """Return where somebody of this role acts."""
        level = role_register()[role].level
        homes = {Level.TRUST: self.trust, Level.ICB: self.icb, Level.PLACE: self.place, Level.REGION: REGION}
        return homes.get(level, NATIONAL_TENANT)

    def everybody(self) -> dict[str, list[Person]]:
        """Return by organisation people of every role held there, and one whose role ended."""
        found: dict[str, list[Person]] = {}
        for org in (self.icb, self.trust, self.sister, self.place, self.elsewhere, self.far_trust, NATIONAL_TENANT):
            kind = {self.icb: "icb", self.elsewhere: "icb", self.place: "place"}.get(org, "trust")
            kind = "national" if org == NATIONAL_TENANT else kind
            roles = [role for role, entry in role_register().items() if kind in entry.held_in]
            left = self.person(org, roles[0])
            found[org] = [*(self.person(org, role) for role in roles), left]
            end(self.directory, left.person_id, org)
        found[REGION] = [self.person(REGION, Role.REGIONAL_LEAD)]
        return found

    def person(self, org: str, role: Role, person_id: str | None = None) -> Person:
        """Return somebody new of that role, or give the role to somebody who is known."""
        name = f"Somebody of {org}"
        return self.register.person(org, role, name=name, person_id=person_id)

    def give(self, giver: Person, org: str, role: Role, person_id: str) -> None:
        """Let one person give another a role, as an invitation that was accepted does."""
        where = Principal.service(self.register.directory.world.tenant_of(org), org)
        with self.directory.unit_of_work(where) as uow:
            grant_role(uow, Grant(person_id, org, role.value, uow.now, appointed_by=giver.person_id))
            uow.commit()

    def names(self, person: Person, ids: list[str]) -> set[str]:
        """Return whose names somebody is told; the access check here knows no region, so there the query is asked."""
        if person.org_id == REGION:
            with self.directory.unit_of_work(person.principal()) as uow:
                return set(names(uow, ids)["names"])
        answer = self.directory.client(person).post("/v1/names", {"person_ids": ids})
        assert answer.status_code == 200, answer.json
        return set(answer.json["names"])


@pytest.fixture(scope="module")
def nation(directory: ServiceUnderTest, _real_register: None) -> Nation:
    register = Register(directory)
    register.national(Role.NATIONAL_ANALYST)  # makes the national team known
    icb, elsewhere = register.tenant(), register.tenant()
    trust, sister, far_trust = register.trust(icb), register.trust(icb), register.trust(elsewhere)
    return Nation(directory, register, icb, trust, sister, register.place(icb), elsewhere, far_trust)


@pytest.fixture(scope="module")
def people(nation: Nation) -> dict[str, list[Person]]:
    return nation.everybody()


@pytest.mark.parametrize("role", PERSONAS)
def test_everybody_learns_the_names_of_those_who_act_or_acted_for_their_organisation_and_no_others(
    nation: Nation, people: dict[str, list[Person]], role: Role
) -> None:
    home = nation.home_of(role)
    who = nation.person(home, role) if role is not Role.OPERATOR else nation.directory.world.national(role)
    everybody = [one.person_id for group in people.values() for one in group]

    told = nation.names(who, [*everybody, who.person_id])

    assert told & set(everybody) == {one.person_id for one in people[home]}


@pytest.mark.parametrize("giver_of", [Role.ICB_ACCESS_MANAGER, Role.NATIONAL_ADMINISTRATOR])
def test_who_gave_a_role_here_is_named_and_what_they_gave_elsewhere_names_nobody(
    nation: Nation, people: dict[str, list[Person]], giver_of: Role
) -> None:
    giver = nation.person(nation.home_of(giver_of), giver_of)
    first, other = (nation.person(org, Role.CHAIR) for org in (nation.trust, nation.sister))
    nation.give(giver, nation.trust, Role.ACCESS_MANAGER, first.person_id)
    nation.give(first, nation.sister, Role.ACCESS_MANAGER, other.person_id)

    assert nation.names(first, [giver.person_id, other.person_id]) == {giver.person_id}
    assert nation.names(other, [giver.person_id, first.person_id]) == {first.person_id}
    for above in (Role.ICB_LEAD, Role.ICB_ACCESS_MANAGER):
        reader = nation.person(nation.icb, above)
        assert nation.names(reader, [first.person_id, other.person_id]) == set()


def test_who_sits_on_two_boards_is_told_of_the_one_they_act_for(
    nation: Nation, people: dict[str, list[Person]]
) -> None:
    giver = people[nation.far_trust][0]
    here = nation.person(nation.trust, Role.BOARD_MEMBER)
    nation.give(giver, nation.far_trust, Role.BOARD_MEMBER, here.person_id)

    ids = [one.person_id for group in (people[nation.far_trust], people[nation.trust]) for one in group]
    assert nation.names(here, ids) == {one.person_id for one in people[nation.trust]}
