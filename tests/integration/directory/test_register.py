"""The register: found, shown with its history, moved with an audited command."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.directory.models import appointment
from shared import replica
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.mechanism import due_work
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import Client, ServiceUnderTest
from tests.integration.directory.conftest import Register

TODAY = datetime.now(UTC).date()


@pytest.fixture
def administrator(directory: ServiceUnderTest, register: Register) -> Client:
    return directory.client(register.national(Role.NATIONAL_ADMINISTRATOR))


@pytest.fixture
def member(directory: ServiceUnderTest, register: Register) -> Client:
    return directory.client(register.person(register.trust(), Role.BOARD_MEMBER))


def move(to: str, on: date = TODAY, reason: str = "Agreed between both boards") -> dict[str, Any]:
    return {"to_tenant": to, "effective_on": on.isoformat(), "reason": reason}


def real_ones(member: Client, kind: str) -> list[str]:
    """Return the codes of a kind of organisation, page by page: other tests made many up."""
    codes: list[str] = []
    cursor = ""
    while cursor is not None:
        page = member.get(f"/v1/organisations?kind={kind}&limit=200&cursor={cursor}").json
        codes += [o["code"] for o in page["items"] if not o["fictional"]]
        cursor = page["next"]
    return codes


def test_the_real_register_has_199_open_trusts_of_the_file_and_three_care_trusts(member: Client) -> None:
    codes = real_ones(member, "trust")

    assert len(codes) == 202
    assert {"TAD", "TAH", "TAJ"} <= set(codes)


def test_there_are_36_integrated_care_boards_and_seven_regions(member: Client) -> None:
    assert len(real_ones(member, "icb")) == 36
    assert len(real_ones(member, "region")) == 7


def test_an_organisation_is_found_by_part_of_its_name_or_by_its_code(member: Client) -> None:
    by_name = member.get("/v1/organisations?q=north london nhs").json["items"]
    by_code = member.get("/v1/organisations?q=g6v2s").json["items"]

    assert [o["code"] for o in by_name] == [o["code"] for o in by_code] == ["G6V2S"]


@pytest.mark.parametrize("q", ["%", "_", "\\"])
def test_a_wildcard_is_a_letter_like_any_other(member: Client, q: str) -> None:
    assert member.get("/v1/organisations", query_string={"q": q}).json["items"] == []


def test_a_closed_trust_is_shown_only_when_asked_for(member: Client) -> None:
    pages = [member.get(f"/v1/organisations?q=RVJ{more}").json["items"] for more in ("", "&closed=true")]

    # codes that other tests made up may hold these letters too
    open_ones, all_of_them = ([(o["code"], o["open_until"]) for o in page if o["code"] == "RVJ"] for page in pages)
    assert (open_ones, all_of_them) == ([], [("RVJ", "2026-07-01")])


def test_the_trusts_of_a_tenant_are_listed(directory: ServiceUnderTest, register: Register, member: Client) -> None:
    tenant = register.tenant()
    trusts = sorted([register.trust(tenant), register.trust(tenant)])

    items = member.get(f"/v1/organisations?tenant={tenant}&kind=trust").json["items"]

    assert [o["code"] for o in items] == trusts
    assert items[0]["tenant_name"] == f"{tenant} (fictional)"


def test_the_history_of_an_organisation_is_dated_and_has_its_sources(member: Client) -> None:
    shown = member.get("/v1/organisations/G6V2S").json

    assert [(t["tenant"], t["valid_from"], t["valid_until"]) for t in shown["tenancies"]] == [
        ("Z9B2Z", "2026-04-01", None),
        ("QMJ", "2024-11-01", "2026-04-01"),
    ]
    assert all(t["source"] for t in shown["tenancies"])


def test_a_board_that_was_split_names_all_its_successors(member: Client) -> None:
    shown = member.get("/v1/organisations/QNQ").json

    assert sorted(s["code"] for s in shown["successors"]) == ["QRL", "S0E4D", "S9B9J"]


@pytest.mark.parametrize("query", ["kind=circus", "tenant=q-mj", "limit=0", "limit=201", "surprise=1"])
def test_a_wrong_query_is_refused(member: Client, query: str) -> None:
    assert member.get(f"/v1/organisations?{query}").status_code == 422


def test_an_unknown_code_does_not_exist(member: Client) -> None:
    assert member.get("/v1/organisations/NOPE1").status_code == 404


def test_a_move_is_dated_told_and_audited(
    directory: ServiceUnderTest, register: Register, administrator: Client
) -> None:
    old, new = register.tenant(), register.tenant()
    trust = register.trust(old)

    moved = administrator.post(f"/v1/organisations/{trust}/moves", move(new))

    assert moved.status_code == 201
    assert moved.json["from_tenant"] == old
    told = directory.events(event_types.ORGANISATION_MOVED, org=trust)[-1]
    assert (told.tenant_id, told.data["from_tenant"], told.data["to_tenant"]) == (old, old, new)
    assert "Agreed" not in str(told)
    tenancies = administrator.get(f"/v1/organisations/{trust}").json["tenancies"]
    assert [(t["tenant"], t["valid_until"]) for t in tenancies] == [(new, None), (old, TODAY.isoformat())]
    rows = administrator.get("/v1/audit").json["items"]
    assert ("organisation.moved", trust) in {(row["action"], row["object_id"]) for row in rows}


def test_after_a_move_the_people_act_under_the_new_tenant_and_accounts_are_asked_to_follow(
    directory: ServiceUnderTest, register: Register, administrator: Client
) -> None:
    old, new = register.tenant(), register.tenant()
    trust = register.trust(old)
    person = register.person(trust, Role.CHAIR)
    administrator.post(f"/v1/organisations/{trust}/moves", move(new))
    told = directory.events(event_types.ORGANISATION_MOVED, org=trust)[-1]

    told_at = datetime.now(UTC)
    directory.deliver(told.type, dict(told.data), org=trust, key=trust, at=told_at)

    with directory.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        held = uow.session.execute(select(appointment.c.tenant_id).where(appointment.c.org_id == trust)).scalars()
        assert set(held) == {new}
        before = replica.tenant_at(uow, trust, told_at - timedelta(seconds=1))
        assert (before, replica.tenant_at(uow, trust, told_at)) == (old, new)
        wanted = select(due_work.c.tenant_id).where(due_work.c.object_id == person.person_id)
        assert uow.session.execute(wanted).scalars().all() == [NATIONAL_TENANT]
    assert directory.client(person).get("/v1/people").status_code == 403  # the token still names the old tenant
    there = type(person)(person.person_id, new, trust, person.roles)
    assert directory.client(there).get("/v1/people").json["count"] == 1


def test_a_trust_without_a_confirmed_board_is_placed(directory: ServiceUnderTest, administrator: Client) -> None:
    shown = administrator.get("/v1/organisations/TAH").json
    assert shown["tenant"] is None

    placed = administrator.post("/v1/organisations/TAH/moves", move("QF7"))

    assert (placed.status_code, placed.json["from_tenant"]) == (201, None)
    told = directory.events(event_types.ORGANISATION_MOVED, org="TAH")[-1]
    assert (told.tenant_id, told.data["from_tenant"]) == (NATIONAL_TENANT, None)


def test_a_move_that_makes_no_sense_is_refused(
    directory: ServiceUnderTest, register: Register, administrator: Client
) -> None:
    tenant, other = register.tenant(), register.tenant()
    trust = register.trust(tenant)
    closed = register.trust(tenant, open_until=date(2026, 4, 1))
    cases: list[tuple[str, dict[str, Any], int]] = [
        (trust, move("NOPE1"), 422),
        (trust, move("QMJ"), 422),
        (trust, move(trust), 422),
        (trust, move(tenant), 409),
        (closed, move(other), 409),
        (tenant, move(other), 409),
        (trust, move(other, TODAY + timedelta(days=1)), 422),
        (trust, move(other, date(2021, 1, 1)), 422),
        (trust, {"to_tenant": other}, 422),
        (trust, move(other, reason="two\nlines"), 422),
        ("NOPE1", move(other), 404),
    ]

    for code, body, status in cases:
        assert administrator.post(f"/v1/organisations/{code}/moves", body).status_code == status, (code, body)

    assert directory.events(event_types.ORGANISATION_MOVED, org=trust) == []


@pytest.mark.parametrize("role", [Role.NATIONAL_ANALYST, Role.NATIONAL_EDITOR, Role.NATIONAL_APPROVER])
def test_no_other_national_role_moves_anything(directory: ServiceUnderTest, register: Register, role: Role) -> None:
    trust, other = register.trust(), register.tenant()

    refused = directory.client(register.national(role)).post(f"/v1/organisations/{trust}/moves", move(other))

    assert refused.status_code == 403


def test_a_move_needs_a_fresh_second_factor(directory: ServiceUnderTest, register: Register) -> None:
    weak = directory.client(register.national(Role.NATIONAL_ADMINISTRATOR), strong=False)

    refused = weak.post(f"/v1/organisations/{register.trust()}/moves", move(register.tenant()))

    assert (refused.status_code, refused.json["type"]) == (401, "/problems/step-up-required")


def test_a_trusts_own_people_do_not_move_it(directory: ServiceUnderTest, register: Register) -> None:
    trust, other = register.trust(), register.tenant()

    for role in (Role.CHAIR, Role.ACCESS_MANAGER, Role.CHIEF_EXECUTIVE):
        client = directory.client(register.person(trust, role))
        assert client.post(f"/v1/organisations/{trust}/moves", move(other)).status_code == 403
