"""People of an organisation, names for pages, addresses for the one service that sends mail."""

import time
from uuid import uuid4

import pytest

from shared.contracts.roles import Role
from shared.ids import new_id
from shared.testing.service_under_test import Client, ServiceUnderTest
from tests.integration.directory.account_stores import end
from tests.integration.directory.conftest import Register


def sender(directory: ServiceUnderTest, *, client: str = "notification-sender") -> Client:
    """A client with the token of a service's own account."""
    now = int(time.time())
    claims = {
        "iss": directory.mint.issuer,
        "aud": "directory-api",
        "azp": client,
        "client_id": client,
        "typ": "Bearer",
        "sub": str(uuid4()),
        "iat": now,
        "exp": now + 300,
    }
    return directory.client_with(directory.mint.sign(claims))


def test_members_see_the_people_of_their_organisation_without_addresses(
    directory: ServiceUnderTest, register: Register
) -> None:
    trust = register.trust()
    member = register.person(trust, Role.BOARD_MEMBER, name="bola Adeyemi")
    register.person(trust, Role.CHAIR, Role.ACTION_OWNER, name="Chandra Nair")

    answer = directory.client(member).get("/v1/people").json

    assert [(p["name"], p["email"]) for p in answer["items"]] == [("bola Adeyemi", None), ("Chandra Nair", None)]
    assert [role["title"] for role in answer["items"][1]["roles"]] == ["Action owner", "Chair"]


def test_the_access_manager_sees_addresses(directory: ServiceUnderTest, register: Register) -> None:
    trust = register.trust()
    manager = register.person(trust, Role.ACCESS_MANAGER, email=f"{trust}@trust.example".lower())

    answer = directory.client(manager).get("/v1/people").json

    assert answer["items"][0]["email"] == f"{trust}@trust.example".lower()


def test_whoever_organises_finds_colleagues_by_address_and_nobody_else(
    directory: ServiceUnderTest, register: Register
) -> None:
    tenant = register.tenant()
    trust, other = register.trust(tenant), register.trust(tenant)
    lead = register.person(trust, Role.IMPROVEMENT_LEAD)
    known, elsewhere = f"anna.{trust}@trust.example".lower(), f"ben.{other}@trust.example".lower()
    anna = register.person(trust, Role.BOARD_MEMBER, email=known)
    register.person(other, Role.BOARD_MEMBER, email=elsewhere)

    answer = directory.client(lead).post("/v1/people/find", {"emails": [known.upper(), elsewhere, "no@one.example"]})

    assert answer.json == {"found": {known: anna.person_id}}


def test_a_board_member_cannot_look_addresses_up(directory: ServiceUnderTest, register: Register) -> None:
    member = register.person(register.trust(), Role.BOARD_MEMBER)

    assert directory.client(member).post("/v1/people/find", {"emails": ["a@b.example"]}).status_code == 403


def test_people_of_another_trust_are_not_shown(directory: ServiceUnderTest, register: Register) -> None:
    tenant = register.tenant()
    own, other = register.trust(tenant), register.trust(tenant)
    register.person(other, Role.CHAIR)
    manager = directory.client(register.person(own, Role.ACCESS_MANAGER))

    assert manager.get(f"/v1/people?organisation={other}").json["items"] == []


def test_who_appoints_at_an_icb_sees_the_access_managers_of_its_trusts_and_nobody_else_there(
    directory: ServiceUnderTest, register: Register
) -> None:
    tenant = register.tenant()
    trust, foreign = register.trust(tenant), register.trust()
    register.person(trust, Role.ACCESS_MANAGER, name="Amir Shah")
    register.person(trust, Role.CHAIR)
    register.person(foreign, Role.ACCESS_MANAGER)
    board = directory.client(register.person(tenant, Role.ICB_ACCESS_MANAGER))

    assert [p["name"] for p in board.get(f"/v1/people?organisation={trust}").json["items"]] == ["Amir Shah"]
    assert board.get(f"/v1/people?organisation={foreign}").json["items"] == []


def test_who_appoints_nobody_sees_nobody_of_another_organisation(
    directory: ServiceUnderTest, register: Register
) -> None:
    tenant = register.tenant()
    trust = register.trust(tenant)
    register.person(trust, Role.ACCESS_MANAGER, name="Amir Shah")
    lead = directory.client(register.person(tenant, Role.ICB_LEAD, name="Iris Cole"))

    assert lead.get(f"/v1/people?organisation={trust}").json["items"] == []
    assert [p["name"] for p in lead.get(f"/v1/people?organisation={tenant}").json["items"]] == ["Iris Cole"]


def test_somebody_who_has_left_is_no_longer_listed(directory: ServiceUnderTest, register: Register) -> None:
    trust = register.trust()
    left = register.person(trust, Role.BOARD_MEMBER)
    stays = register.person(trust, Role.CHAIR)
    end(directory, left.person_id, trust)

    people = directory.client(stays).get("/v1/people").json["items"]

    assert [p["person_id"] for p in people] == [stays.person_id]


def test_pages_of_people_follow_each_other_by_name(directory: ServiceUnderTest, register: Register) -> None:
    trust = register.trust()
    for name in ("Cara Low", "Ada Pike", "ben Osei", "Ada Pike"):
        register.person(trust, Role.BOARD_MEMBER, name=name)
    client = directory.client(register.person(trust, Role.CHAIR, name="Zoe Gale"))

    first = client.get("/v1/people?limit=3").json
    second = client.get(f"/v1/people?limit=3&cursor={first['next']}").json

    assert [p["name"] for p in first["items"]] == ["Ada Pike", "Ada Pike", "ben Osei"]
    assert [p["name"] for p in second["items"]] == ["Cara Low", "Zoe Gale"]
    assert second["next"] is None


def test_a_list_of_people_takes_three_statements_however_many_they_are(
    directory: ServiceUnderTest, register: Register
) -> None:
    trust = register.trust()
    client = directory.client(register.person(trust, Role.CHAIR))
    for _ in range(5):
        register.person(trust, Role.BOARD_MEMBER, Role.ACTION_OWNER)
    client.get("/v1/people")

    with directory.counted_statements() as sql:
        client.get("/v1/people")

    assert len(sql) == 3, sql  # the principal's settings, the access check, the question


def test_names_are_given_of_those_one_may_see_and_of_nobody_else(
    directory: ServiceUnderTest, register: Register
) -> None:
    trust = register.trust()
    colleague = register.person(trust, Role.CHAIR, name="Chandra Nair")
    left = register.person(trust, Role.BOARD_MEMBER, name="Bert Hallam")
    stranger = register.person(register.trust(), Role.CHAIR)
    end(directory, left.person_id, trust)
    client = directory.client(register.person(trust, Role.IMPROVEMENT_LEAD))

    asked = [colleague.person_id, left.person_id, stranger.person_id, str(new_id())]
    names = client.post("/v1/names", {"person_ids": asked}).json["names"]

    assert names == {colleague.person_id: "Chandra Nair", left.person_id: "Bert Hallam"}


def test_many_names_take_as_many_statements_as_one(directory: ServiceUnderTest, register: Register) -> None:
    trust = register.trust()
    ids = [register.person(trust, Role.BOARD_MEMBER).person_id for _ in range(6)]
    client = directory.client(register.person(trust, Role.CHAIR))
    client.post("/v1/names", {"person_ids": ids})

    with directory.counted_statements() as sql:
        client.post("/v1/names", {"person_ids": ids})

    assert len(sql) == 4, sql  # settings, access check, the question, the audit row


@pytest.mark.parametrize("ids", [[], ["not-an-id"], [str(new_id())] * 501, "text", None])
def test_a_wrong_list_of_people_is_refused(directory: ServiceUnderTest, register: Register, ids: object) -> None:
    client = directory.client(register.person(register.trust(), Role.CHAIR))

    assert client.post("/v1/names", {"person_ids": ids}).status_code == 422


def test_the_sender_of_mail_gets_addresses(directory: ServiceUnderTest, register: Register) -> None:
    one = register.person(register.trust(), Role.CHAIR, name="Chandra Nair", email=f"{new_id()}@trust.example")
    two = register.person(register.trust(), Role.CHAIR)

    answer = sender(directory).post("/v1/addresses", {"person_ids": [one.person_id, two.person_id, str(new_id())]})

    assert {p["person_id"]: p["name"] for p in answer.json["people"]} == {
        one.person_id: "Chandra Nair",
        two.person_id: "Robin Field",
    }
    assert all(p["email"].endswith("@trust.example") for p in answer.json["people"])


@pytest.mark.parametrize(
    "role", [Role.ACCESS_MANAGER, Role.CHAIR, Role.ICB_ACCESS_MANAGER, Role.NATIONAL_ADMINISTRATOR]
)
def test_no_person_gets_addresses_in_bulk(directory: ServiceUnderTest, register: Register, role: Role) -> None:
    if role is Role.NATIONAL_ADMINISTRATOR:
        person = register.national(role)
    else:
        person = register.person(register.tenant() if role is Role.ICB_ACCESS_MANAGER else register.trust(), role)

    refused = directory.client(person).post("/v1/addresses", {"person_ids": [person.person_id]})

    assert refused.status_code == 403


def test_the_sender_of_mail_can_do_nothing_else(directory: ServiceUnderTest, register: Register) -> None:
    service = sender(directory)

    for path in ("/v1/people", "/v1/organisations", "/v1/invitations", "/v1/audit"):
        assert service.get(path).status_code == 403, path
    assert service.post("/v1/names", {"person_ids": [str(new_id())]}).status_code == 403


def test_another_services_account_is_nobody_here(directory: ServiceUnderTest, register: Register) -> None:
    refused = sender(directory, client="directory-provisioner").post("/v1/addresses", {"person_ids": [str(new_id())]})

    assert refused.status_code == 401


def test_the_access_manager_sees_whose_roles_ended_and_nobody_of_another_trust(
    directory: ServiceUnderTest, register: Register
) -> None:
    trust = register.trust()
    manager = register.person(trust, Role.ACCESS_MANAGER)
    left = register.person(trust, Role.BOARD_MEMBER, name="Lee Left")
    elsewhere = register.trust()
    gone = register.person(elsewhere, Role.BOARD_MEMBER, name="Gwen Gone")
    end(directory, left.person_id, trust)
    end(directory, gone.person_id, elsewhere)

    answer = directory.client(manager).get("/v1/people/leavers").json

    assert [(one["name"], one["title"]) for one in answer["items"]] == [("Lee Left", "Board member")]
