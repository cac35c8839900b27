"""Boards that merge and places that are named: entries a national administrator makes by hand."""

import random
import string
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.directory.commands.register import rename_organisation
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import Client, ServiceUnderTest
from tests.integration.directory.conftest import Register

TODAY = datetime.now(UTC).date()


@pytest.fixture
def administrator(directory: ServiceUnderTest, register: Register) -> Client:
    return directory.client(register.national(Role.NATIONAL_ADMINISTRATOR))


def code() -> str:
    return "Z" + "".join(random.choices(string.ascii_uppercase, k=6))


def new(kind: str, **more: Any) -> dict[str, Any]:
    return {"code": code(), "name": "A new body (fictional)", "kind": kind, "opens_on": "2026-10-01", **more}


def test_two_boards_merge_into_a_new_one_and_their_trusts_move(
    directory: ServiceUnderTest, register: Register, administrator: Client
) -> None:
    old, entry = register.tenant(), new("icb", region="Y61")
    trust = register.trust(old)
    entered = administrator.post("/v1/organisations", entry)
    last_day = (TODAY - timedelta(days=1)).isoformat()
    closing = {"last_day": last_day, "successors": [{"code": entry["code"], "kind": "merger"}]}

    too_early = administrator.post(f"/v1/organisations/{old}/close", closing)
    administrator.post(
        f"/v1/organisations/{trust}/moves",
        {"to_tenant": entry["code"], "effective_on": TODAY.isoformat(), "reason": "Merger"},
    )
    closed = administrator.post(f"/v1/organisations/{old}/close", closing)

    assert (entered.status_code, too_early.status_code, closed.status_code) == (201, 409, 200)
    assert entered.json["tenant"] == entry["code"]
    assert [s["code"] for s in closed.json["successors"]] == [entry["code"]]
    assert administrator.get(f"/v1/organisations/{trust}").json["region"] == "Y61"
    told = [e.type for e in directory.events(org=old)]
    assert told[-2:] == [event_types.ORGANISATION_SUCCEEDED, event_types.ORGANISATION_CLOSED]


def test_a_place_belongs_to_its_board_and_takes_its_region(
    directory: ServiceUnderTest, register: Register, administrator: Client
) -> None:
    tenant, entry = register.tenant(), new("place")

    entered = administrator.post("/v1/organisations", entry | {"tenant": tenant})

    assert (entered.json["tenant"], entered.json["region"]) == (tenant, "Y60")
    told = directory.events(event_types.ORGANISATION_REGISTERED, org=entry["code"])
    assert [(e.tenant_id, e.data["kind"]) for e in told] == [(tenant, "place")]


def test_a_boards_access_manager_appoints_the_convenor_of_its_place(
    directory: ServiceUnderTest, register: Register, administrator: Client
) -> None:
    tenant, entry = register.tenant(), new("place")
    administrator.post("/v1/organisations", entry | {"tenant": tenant})
    board = directory.client(register.person(tenant, Role.ICB_ACCESS_MANAGER))
    person = {"name": "Cara Drake", "email": f"{code()}@place.example".lower(), "role": "place-convenor"}

    sent = board.post("/v1/invitations", person | {"organisation": entry["code"]})

    assert sent.status_code == 201


def test_the_national_body_is_entered_and_closed_and_the_national_team_stays(
    directory: ServiceUnderTest, administrator: Client
) -> None:
    entry, closing = new("national"), {"last_day": TODAY.isoformat()}

    entered = administrator.post("/v1/organisations", entry | {"opens_on": "2026-01-01"})
    closed = administrator.post(f"/v1/organisations/{entry['code']}/close", closing)
    team = administrator.post("/v1/organisations/NATIONAL/close", closing)

    assert (entered.status_code, entered.json["tenant"]) == (201, "NATIONAL")
    assert (closed.status_code, team.status_code) == (200, 409)
    told = directory.events(event_types.ORGANISATION_REGISTERED, org=entry["code"])
    assert [(e.tenant_id, e.data["kind"]) for e in told] == [("NATIONAL", "national")]


def test_the_administrator_appoints_the_bodys_access_manager_who_appoints_its_board(
    directory: ServiceUnderTest, register: Register, administrator: Client
) -> None:
    body = register.national_body()
    invited = {"name": "Cara Drake", "email": f"{code()}@body.example".lower(), "organisation": body}
    manager = directory.client(register.person(body, Role.ACCESS_MANAGER))

    first = administrator.post("/v1/invitations", invited | {"role": "access-manager"})
    beyond = [
        administrator.post("/v1/invitations", invited | {"role": role}).status_code
        for role in ("chair", "national-analyst")
    ]
    chair = manager.post("/v1/invitations", invited | {"role": "chair"})
    upward = manager.post("/v1/invitations", invited | {"organisation": "NATIONAL", "role": "national-analyst"})

    assert (first.status_code, beyond) == (201, [403, 422])
    assert (chair.status_code, upward.status_code) == (201, 403)


def test_an_entry_that_cannot_be_is_refused(register: Register, administrator: Client) -> None:
    tenant = register.tenant()
    cases = [
        (new("trust"), 422),
        (new("icb"), 422),
        (new("national", tenant=tenant), 422),
        (new("national", region="Y60"), 422),
        (new("icb", region="Q99"), 422),
        (new("place"), 422),
        (new("place", tenant="QMJ"), 422),
        (new("icb", region="Y60") | {"code": tenant}, 409),
        (new("icb", region="Y60") | {"name": "two\nlines"}, 422),
    ]

    assert [administrator.post("/v1/organisations", body).status_code for body, _ in cases] == [s for _, s in cases]


def test_a_trust_is_closed_by_the_published_file_alone(register: Register, administrator: Client) -> None:
    trust = register.trust()

    refused = administrator.post(f"/v1/organisations/{trust}/close", {"last_day": date(2026, 10, 1).isoformat()})

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/entry-refused")


def test_a_successor_named_twice_is_refused_and_nothing_is_closed(
    directory: ServiceUnderTest, register: Register, administrator: Client
) -> None:
    old, successor = register.tenant(), {"code": register.tenant(), "kind": "merger"}
    closing = {"last_day": TODAY.isoformat(), "successors": [successor, successor]}

    refused = administrator.post(f"/v1/organisations/{old}/close", closing)

    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "successors")
    assert directory.events(event_types.ORGANISATION_CLOSED, org=old) == []


def test_of_two_names_for_one_day_the_second_counts(
    directory: ServiceUnderTest, register: Register, administrator: Client
) -> None:
    trust = register.trust()
    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        for name in ("First Name", "Second Name"):
            rename_organisation(uow, trust, name, effective_on=TODAY, source="made up")
        uow.commit()

    names = administrator.get(f"/v1/organisations/{trust}").json["names"]

    assert [(one["name"], one["valid_until"]) for one in names] == [
        ("Second Name", None),
        (f"{trust} (fictional)", TODAY.isoformat()),
    ]


def test_the_sector_of_a_new_trust_is_set_and_told(
    directory: ServiceUnderTest, register: Register, administrator: Client
) -> None:
    trust = register.trust()

    placed = administrator.put(f"/v1/organisations/{trust}/sector", {"sector": "community"})

    assert placed.json["sector"] == "community"
    told = directory.events(event_types.ORGANISATION_REGISTERED, org=trust)[-1]
    assert (told.data["sector"], told.data["tenant"]) == ("community", directory.world.tenant_of(trust))
    assert administrator.put(f"/v1/organisations/{trust}/sector", {"sector": "circus"}).status_code == 422


@pytest.mark.parametrize("role", [Role.NATIONAL_ANALYST, Role.NATIONAL_EDITOR])
def test_nobody_else_writes_the_register(directory: ServiceUnderTest, register: Register, role: Role) -> None:
    trust, client = register.trust(), directory.client(register.national(role))

    assert client.post("/v1/organisations", new("icb", region="Y60")).status_code == 403
    assert client.post(f"/v1/organisations/{trust}/close", {"last_day": "2026-10-01"}).status_code == 403
    assert client.put(f"/v1/organisations/{trust}/sector", {"sector": "acute"}).status_code == 403
