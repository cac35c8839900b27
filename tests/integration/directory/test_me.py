"""Who has signed in and for whom they may act, asked before anybody is chosen."""

from services.directory.commands.work_accounts import link_work_account
from services.directory.domain.work_accounts import WorkAccount
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import Client, ServiceUnderTest
from tests.integration.directory.conftest import Register


def whoever(directory: ServiceUnderTest, person_id: str) -> Client:
    """A client with a token as it is before a tenant is chosen, and without Acting-For."""
    claims = directory.mint.claims("directory", person_id, tenant_id=NATIONAL_TENANT)
    return directory.client_with(directory.mint.sign(claims))


def test_a_member_of_two_boards_sees_both_with_their_tenants(directory: ServiceUnderTest, register: Register) -> None:
    first, second = register.trust(), register.trust()
    person = register.person(first, Role.BOARD_MEMBER, Role.CHAIR, name="Pat Moreton")
    register.person(second, Role.BOARD_MEMBER, person_id=person.person_id)

    answer = whoever(directory, person.person_id).get("/v1/me").json

    assert answer["name"] == "Pat Moreton"
    assert {m["org_id"]: (m["tenant_id"], m["roles"]) for m in answer["memberships"]} == {
        first: (directory.world.tenant_of(first), ["board-member", "chair"]),
        second: (directory.world.tenant_of(second), ["board-member"]),
    }
    assert answer["national_roles"] == []


def test_national_roles_are_told_apart_from_memberships(directory: ServiceUnderTest, register: Register) -> None:
    person = register.national(Role.NATIONAL_ANALYST, Role.NATIONAL_EDITOR)

    answer = whoever(directory, person.person_id).get("/v1/me").json

    assert answer["national_roles"] == ["national-analyst", "national-editor"]
    assert answer["memberships"] == []


def test_a_person_nobody_registered_may_act_for_nobody(directory: ServiceUnderTest, register: Register) -> None:
    stranger = str(new_id())

    answer = whoever(directory, stranger).get("/v1/me")

    assert answer.status_code == 200
    assert answer.json["memberships"] == []
    assert answer.json["name"] is None


def test_without_a_token_nobody_is_anybody(directory: ServiceUnderTest, register: Register) -> None:
    assert directory.client_with(None).get("/v1/me").status_code == 401


def test_memberships_are_read_in_one_statement(directory: ServiceUnderTest, register: Register) -> None:
    person = register.person(register.trust(), Role.BOARD_MEMBER)
    for _ in range(3):
        register.person(register.trust(), Role.BOARD_MEMBER, person_id=person.person_id)
    client = whoever(directory, person.person_id)
    client.get("/v1/me")

    with directory.counted_statements() as sql:
        client.get("/v1/me")

    assert len(sql) == 2, sql  # the principal's settings and the question


def test_the_register_is_shown_with_the_name_of_the_tenant(directory: ServiceUnderTest, register: Register) -> None:
    tenant = register.tenant()
    person = register.person(register.trust(tenant), Role.CHAIR)

    membership = whoever(directory, person.person_id).get("/v1/me").json["memberships"][0]

    assert (membership["org_kind"], membership["tenant_name"], membership["fictional"]) == (
        "trust",
        f"{tenant} (fictional)",
        True,
    )


def test_ones_own_account_shows_each_role_with_its_dates_and_the_work_account(
    directory: ServiceUnderTest, register: Register
) -> None:
    trust = register.trust()
    person = register.person(trust, Role.BOARD_MEMBER)
    other = register.person(trust, Role.CHAIR)
    work = WorkAccount("https://work.example", str(new_id()), "wanda@trust.example", "wanda")
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        link_work_account(uow, person.person_id, work)
        uow.commit()

    own = whoever(directory, person.person_id).get("/v1/me/account").json
    others = whoever(directory, other.person_id).get("/v1/me/account").json

    assert [(role["title"], role["until"]) for role in own["roles"]] == [("Board member", None)]
    assert [account["shown_name"] for account in own["work_accounts"]] == ["wanda"]
    assert [role["title"] for role in others["roles"]] == ["Chair"]
    assert others["work_accounts"] == []
