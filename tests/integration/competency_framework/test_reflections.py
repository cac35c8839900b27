"""Private reflections: the author alone, and a summary by choice."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from services.competency_framework.models import reflection, reflection_answer, shared_reflection
from services.competency_framework.worker import publish
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.principal import Principal
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.competency_framework.reflecting_boards import (
    answer_all,
    end_seat,
    new_member,
    statement_ids,
    who_finished,
)


def test_publishing_again_publishes_nothing(competency_framework: ServiceUnderTest) -> None:
    assert publish(competency_framework.database) == []


def test_an_answer_is_saved_and_read_back(competency_framework: ServiceUnderTest, trust: str, framework: Any) -> None:
    member = competency_framework.client(new_member(competency_framework, trust))
    statement = statement_ids(framework)[0]

    member.put(f"/v1/my-reflection/{statement}", {"frequency": "occasionally", "note": "On Tuesday"}, if_match=0)

    items = member.get("/v1/my-reflection").json["items"]
    assert [(item["statement_id"], item["frequency"], item["note"]) for item in items] == [
        (statement, "occasionally", "On Tuesday")
    ]


def test_of_two_tabs_the_second_sees_what_the_first_saved(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    member = competency_framework.client(new_member(competency_framework, trust))
    place = f"/v1/my-reflection/{statement_ids(framework)[0]}"
    member.put(place, {"frequency": "occasionally", "note": "first tab"}, if_match=0)

    again = member.put(place, {"frequency": "frequently", "note": "second tab"}, if_match=0)

    assert again.status_code == 412
    assert again.json["current"]["note"] == "first tab"


def test_a_version_must_be_said(competency_framework: ServiceUnderTest, trust: str, framework: Any) -> None:
    member = competency_framework.client(new_member(competency_framework, trust))

    refused = member.put(f"/v1/my-reflection/{statement_ids(framework)[0]}", {"frequency": "frequently"})

    assert refused.status_code == 428


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"frequency": "sometimes"}, "frequency"),
        ({}, "frequency"),
        ({"frequency": "frequently", "level": 3}, "level"),
        ({"frequency": "frequently", "note": "x" * 5001}, "note"),
        ({"frequency": 3}, "frequency"),
    ],
)
def test_a_wrong_answer_is_refused_with_its_field(
    competency_framework: ServiceUnderTest, trust: str, framework: Any, body: dict[str, Any], field: str
) -> None:
    member = competency_framework.client(new_member(competency_framework, trust))

    refused = member.put(f"/v1/my-reflection/{statement_ids(framework)[0]}", body, if_match=0)

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json["errors"]] == [field]
    assert member.get("/v1/my-reflection").json["items"] == []


def test_nobody_but_the_author_sees_a_reflection_whatever_they_ask(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    author = new_member(competency_framework, trust)
    answer_all(competency_framework.client(author), framework)
    everybody = [
        competency_framework.world.person(trust, role).principal()
        for role in (Role.CHAIR, Role.CHIEF_EXECUTIVE, Role.IMPROVEMENT_LEAD, Role.ACCESS_MANAGER, Role.BOARD_MEMBER)
    ]
    everybody += [
        Principal.service(author.tenant_id, author.org_id),
        competency_framework.world.person(author.tenant_id, Role.ICB_LEAD).principal(),
        competency_framework.world.national(Role.NATIONAL_ANALYST).principal(),
        Principal.public(),
    ]

    for principal in everybody:
        with competency_framework.unit_of_work(principal) as uow:
            assert uow.session.execute(select(reflection_answer)).all() == []
            assert uow.session.execute(select(reflection)).all() == []


def test_finishing_needs_every_statement_and_tells_only_a_count(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    member = competency_framework.client(new_member(competency_framework, trust))
    refused = member.post("/v1/my-reflection/finish")
    answer_all(member, framework)

    finished = member.post("/v1/my-reflection/finish")

    assert refused.status_code == 409
    assert len(refused.json["missing"]) == len(statement_ids(framework))
    assert finished.status_code == 200
    told = competency_framework.events(event_types.REFLECTION_COMPLETED, org=trust)
    assert [(event.data["completed"], event.actor) for event in told] == [(1, None)]


def test_a_summary_goes_to_the_chair_by_choice_and_comes_back_when_it_is_stopped(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    chair = competency_framework.client(competency_framework.world.person(trust, Role.CHAIR))
    member = who_finished(competency_framework, trust, framework, "frequently")
    domain = framework["domains"][0]["id"]

    member.post("/v1/my-reflection/share", {"domains": [domain]})
    shown = chair.get("/v1/shared-reflections").json["items"]
    member.post("/v1/my-reflection/stop-sharing")

    assert [[part["domain"] for part in item["summary"]] for item in shown] == [[domain]]
    assert chair.get("/v1/shared-reflections").json["items"] == []


def test_a_summary_is_shown_to_nobody_but_its_author_and_the_chair(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    competency_framework.world.person(trust, Role.CHAIR)
    member = who_finished(competency_framework, trust, framework, "frequently")
    member.post("/v1/my-reflection/share", {"domains": [framework["domains"][0]["id"]]})

    with competency_framework.unit_of_work(new_member(competency_framework, trust).principal()) as uow:
        assert uow.session.execute(select(shared_reflection)).all() == []


def test_sharing_needs_a_finished_reflection_and_a_chair(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    domains = {"domains": [framework["domains"][0]["id"]]}
    unfinished = competency_framework.client(new_member(competency_framework, trust))
    without_chair = who_finished(competency_framework, trust, framework, "frequently")

    assert unfinished.post("/v1/my-reflection/share", domains).json["type"] == "/problems/nothing-to-share"
    assert without_chair.post("/v1/my-reflection/share", domains).json["type"] == "/problems/no-chair"


def test_what_somebody_showed_the_chair_is_seen_no_more_once_they_have_left(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    chair = competency_framework.client(competency_framework.world.person(trust, Role.CHAIR))
    member = new_member(competency_framework, trust)
    client = competency_framework.client(member)
    answer_all(client, framework)
    client.post("/v1/my-reflection/finish")
    assert client.post("/v1/my-reflection/share", {"domains": [framework["domains"][0]["id"]]}).status_code == 200
    shown = chair.get("/v1/shared-reflections").json["count"]

    end_seat(competency_framework, member)

    assert (shown, chair.get("/v1/shared-reflections").json["count"]) == (1, 0)


def test_reflections_move_with_their_organisation(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    author = new_member(competency_framework, trust)
    answer_all(competency_framework.client(author), framework)
    new = competency_framework.world.tenant()

    competency_framework.deliver(
        event_types.ORGANISATION_MOVED,
        {
            "code": trust,
            "from_tenant": author.tenant_id,
            "to_tenant": new,
            "effective_on": datetime.now(UTC).date().isoformat(),
        },
        org=trust,
    )

    moved = competency_framework.client(Person(author.person_id, new, trust, author.roles))
    assert len(moved.get("/v1/my-reflection").json["items"]) == len(statement_ids(framework))


def test_saving_an_answer_costs_few_statements(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    member = competency_framework.client(new_member(competency_framework, trust))
    place = f"/v1/my-reflection/{statement_ids(framework)[0]}"
    member.put(place, {"frequency": "frequently"}, if_match=0)

    with competency_framework.counted_statements() as statements:
        member.put(place, {"frequency": "occasionally"}, if_match=1)

    assert len(statements) == 7  # principal, membership, framework, use, reflection, answer, audit
