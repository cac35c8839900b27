"""*I have a new phone*: through the trust's access manager, told to the person and the chair."""

from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from services.directory.commands.second_factors import RESET
from services.directory.second_factor_work import ResetSecondFactor
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.mechanism import due_work
from shared.principal import NATIONAL_TENANT, Principal
from shared.scheduler import Scheduler
from shared.testing.service_under_test import Client, ServiceUnderTest
from shared.testing.world import Person
from tests.integration.directory.conftest import Register


@dataclass
class FactorsInMemory:
    """The identity provider's part; `has_work_account` says who needs no link."""

    has_work_account: bool = False
    reset: list[str] = field(default_factory=list)
    mailed: list[str] = field(default_factory=list)
    passkeys: list[str] = field(default_factory=list)
    unlinked: list[str] = field(default_factory=list)

    def unlink_work_account(self, person_id: str) -> None:
        """Note whose, before anything else is taken away."""
        assert person_id not in self.reset
        self.unlinked.append(person_id)
        self.has_work_account = False

    def reset_second_factor(self, person_id: str, *, passkey: bool = False) -> bool:
        """Note whose, and who gets a passkey."""
        self.reset.append(person_id)
        self.passkeys += [person_id] if passkey else []
        return not self.has_work_account

    def send_setup_mail(self, person_id: str, lifespan: int) -> None:
        """Note to whom."""
        self.mailed.append(person_id)


@pytest.fixture
def trust(register: Register) -> str:
    return register.trust()


@pytest.fixture
def member(register: Register, trust: str) -> Person:
    return register.person(trust, Role.BOARD_MEMBER, name="Bola Adeyemi")


@pytest.fixture
def manager(directory: ServiceUnderTest, register: Register, trust: str) -> Client:
    return directory.client(register.person(trust, Role.ACCESS_MANAGER, name="Amir Shah"))


def path_of(person: Person) -> str:
    """Return where somebody's second factor is reset."""
    return f"/v1/people/{person.person_id}/second-factor/reset"


def carry_out(directory: ServiceUnderTest, factors: FactorsInMemory) -> None:
    """Do what the scheduler does."""
    Scheduler(directory.database, {RESET: ResetSecondFactor(factors)}, stop=lambda: False).run_once()


def asked(directory: ServiceUnderTest, person: Person) -> int:
    """Return how many resets of somebody's wait."""
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        rows = select(due_work.c.id).where(due_work.c.kind == RESET, due_work.c.object_id == person.person_id)
        return len(uow.session.execute(rows).all())


@pytest.mark.parametrize("has_work_account", [False, True])
def test_the_old_factor_goes_and_a_link_is_mailed_to_who_has_no_work_account(
    directory: ServiceUnderTest, manager: Client, member: Person, *, has_work_account: bool
) -> None:
    factors = FactorsInMemory(has_work_account)

    answer = manager.post(path_of(member))
    carry_out(directory, factors)

    assert answer.status_code == 200
    assert member.person_id in factors.reset
    assert (member.person_id in factors.mailed) is not has_work_account


@pytest.mark.parametrize(("body", "passkey"), [({}, False), ({"passkey": False}, False), ({"passkey": True}, True)])
def test_the_access_manager_says_whether_a_passkey_takes_its_place(
    directory: ServiceUnderTest, manager: Client, member: Person, body: dict[str, bool], *, passkey: bool
) -> None:
    factors = FactorsInMemory()

    manager.post(path_of(member), body)
    carry_out(directory, factors)

    assert (member.person_id in factors.passkeys) is passkey


def test_it_is_told_to_every_service_without_saying_why(
    directory: ServiceUnderTest, manager: Client, member: Person, trust: str
) -> None:
    manager.post(path_of(member))

    event = directory.events(event_types.SECOND_FACTOR_RESET, org=trust)[-1]
    assert event.key == event.data["person_id"] == member.person_id
    assert set(event.data) == {"person_id", "org_id", "reset_at", "asked_in"}
    assert event.data["asked_in"] == "here"


def test_every_other_organisation_the_person_acts_for_is_told_and_finds_it_in_its_audit_trail(
    directory: ServiceUnderTest, register: Register, manager: Client, member: Person, trust: str
) -> None:
    other = register.trust()
    for role in (Role.CHAIR, Role.BOARD_MEMBER):
        register.person(other, role, person_id=member.person_id)
    theirs = register.person(other, Role.ACCESS_MANAGER)

    manager.post(path_of(member))

    told = directory.events(event_types.SECOND_FACTOR_RESET, key=member.person_id)
    assert [(e.org_id, e.tenant_id, e.data["org_id"], e.data["asked_in"]) for e in told] == [
        (trust, directory.world.tenant_of(trust), trust, "here"),
        (other, theirs.tenant_id, trust, "elsewhere"),
    ]
    lines = directory.client(theirs).get("/v1/audit").json["items"]
    assert [line["object_id"] for line in lines if line["action"] == "account.second-factor-reset"] == [
        member.person_id
    ]


def test_another_trusts_people_do_not_exist(directory: ServiceUnderTest, register: Register, manager: Client) -> None:
    stranger = register.person(register.trust(), Role.BOARD_MEMBER)

    assert manager.post(path_of(stranger)).status_code == 404
    assert asked(directory, stranger) == 0


def test_nobody_resets_their_own(directory: ServiceUnderTest, register: Register, trust: str) -> None:
    person = register.person(trust, Role.ACCESS_MANAGER)

    assert directory.client(person).post(path_of(person)).status_code == 409


def test_somebody_of_the_national_team_who_also_sits_on_a_board_is_out_of_reach(
    directory: ServiceUnderTest, register: Register, manager: Client, trust: str
) -> None:
    national = register.national(Role.NATIONAL_ANALYST)
    both = register.person(trust, Role.CHAIR, person_id=national.person_id)

    assert manager.post(path_of(both)).status_code == 409
    assert asked(directory, both) == 0
    assert directory.events(event_types.SECOND_FACTOR_RESET, org=trust) == []


def test_it_needs_a_fresh_second_factor_of_who_does_it(
    directory: ServiceUnderTest, register: Register, trust: str, member: Person
) -> None:
    weak = directory.client(register.person(trust, Role.ACCESS_MANAGER), strong=False)

    assert weak.post(path_of(member)).status_code == 401
