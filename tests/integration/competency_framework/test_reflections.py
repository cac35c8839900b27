"""Private reflections: the author alone, a summary by choice, a board's profile in words from seven people up."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from services.competency_framework.commands import finish
from services.competency_framework.models import reflection, reflection_answer, shared_reflection
from services.competency_framework.worker import publish
from shared.clock import FrozenClock
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.principal import Principal
from shared.testing.service_under_test import Client, ServiceUnderTest
from shared.testing.world import Person


@pytest.fixture(autouse=True)
def framework(competency_framework: ServiceUnderTest) -> dict[str, Any]:
    """Return the published framework."""
    publish(competency_framework.database)
    with competency_framework.unit_of_work(Principal.service("NATIONAL", "NATIONAL")) as uow:
        from services.competency_framework.queries import current_framework

        return dict(current_framework(uow).content)


@pytest.fixture
def trust(competency_framework: ServiceUnderTest) -> str:
    """Return a trust of this test."""
    return competency_framework.world.trust()


def _statements(framework: dict[str, Any]) -> list[str]:
    return [statement["id"] for domain in framework["domains"] for statement in domain["statements"]]


def _answer_all(client: Client, framework: dict[str, Any], frequency: str = "frequently") -> None:
    for statement in _statements(framework):
        saved = client.put(f"/v1/my-reflection/{statement}", {"frequency": frequency}, if_match=0)
        assert saved.status_code == 200, saved.json


def _member(service: ServiceUnderTest, trust: str) -> Person:
    return service.world.person(trust, Role.BOARD_MEMBER)


def _finished(service: ServiceUnderTest, trust: str, framework: dict[str, Any], frequency: str) -> Client:
    client = service.client(_member(service, trust))
    _answer_all(client, framework, frequency)
    assert client.post("/v1/my-reflection/finish").status_code == 200
    return client


def test_publishing_again_publishes_nothing(competency_framework: ServiceUnderTest) -> None:
    assert publish(competency_framework.database) == []


def test_an_answer_is_saved_and_read_back(competency_framework: ServiceUnderTest, trust: str, framework: Any) -> None:
    member = competency_framework.client(_member(competency_framework, trust))
    statement = _statements(framework)[0]

    member.put(f"/v1/my-reflection/{statement}", {"frequency": "occasionally", "note": "On Tuesday"}, if_match=0)

    items = member.get("/v1/my-reflection").json["items"]
    assert [(item["statement_id"], item["frequency"], item["note"]) for item in items] == [
        (statement, "occasionally", "On Tuesday")
    ]


def test_of_two_tabs_the_second_sees_what_the_first_saved(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    member = competency_framework.client(_member(competency_framework, trust))
    place = f"/v1/my-reflection/{_statements(framework)[0]}"
    member.put(place, {"frequency": "occasionally", "note": "first tab"}, if_match=0)

    again = member.put(place, {"frequency": "frequently", "note": "second tab"}, if_match=0)

    assert again.status_code == 412
    assert again.json["current"]["note"] == "first tab"


def test_a_version_must_be_said(competency_framework: ServiceUnderTest, trust: str, framework: Any) -> None:
    member = competency_framework.client(_member(competency_framework, trust))

    refused = member.put(f"/v1/my-reflection/{_statements(framework)[0]}", {"frequency": "frequently"})

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
    member = competency_framework.client(_member(competency_framework, trust))

    refused = member.put(f"/v1/my-reflection/{_statements(framework)[0]}", body, if_match=0)

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json["errors"]] == [field]
    assert member.get("/v1/my-reflection").json["items"] == []


def test_nobody_but_the_author_sees_a_reflection_whatever_they_ask(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    author = _member(competency_framework, trust)
    _answer_all(competency_framework.client(author), framework)
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
    member = competency_framework.client(_member(competency_framework, trust))
    refused = member.post("/v1/my-reflection/finish")
    _answer_all(member, framework)

    finished = member.post("/v1/my-reflection/finish")

    assert refused.status_code == 409
    assert len(refused.json["missing"]) == len(_statements(framework))
    assert finished.status_code == 200
    told = competency_framework.events(event_types.REFLECTION_COMPLETED, org=trust)
    assert [(event.data["completed"], event.actor) for event in told] == [(1, None)]


def test_a_summary_goes_to_the_chair_by_choice_and_comes_back_when_it_is_stopped(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    chair = competency_framework.client(competency_framework.world.person(trust, Role.CHAIR))
    member = _finished(competency_framework, trust, framework, "frequently")
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
    member = _finished(competency_framework, trust, framework, "frequently")
    member.post("/v1/my-reflection/share", {"domains": [framework["domains"][0]["id"]]})

    with competency_framework.unit_of_work(_member(competency_framework, trust).principal()) as uow:
        assert uow.session.execute(select(shared_reflection)).all() == []


def test_sharing_needs_a_finished_reflection_and_a_chair(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    domains = {"domains": [framework["domains"][0]["id"]]}
    unfinished = competency_framework.client(_member(competency_framework, trust))
    without_chair = _finished(competency_framework, trust, framework, "frequently")

    assert unfinished.post("/v1/my-reflection/share", domains).json["type"] == "/problems/nothing-to-share"
    assert without_chair.post("/v1/my-reflection/share", domains).json["type"] == "/problems/no-chair"


def test_the_boards_profile_appears_with_the_seventh_person_in_words(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    chair = competency_framework.client(competency_framework.world.person(trust, Role.CHAIR))
    for _ in range(6):
        _finished(competency_framework, trust, framework, "frequently")
    with_six = chair.get("/v1/board-profile").json

    _finished(competency_framework, trust, framework, "frequently")
    with_seven = chair.get("/v1/board-profile").json

    assert (with_six["shown"], with_six["completed"], with_six["domains"]) == (False, 6, [])
    assert {domain["word"] for domain in with_seven["domains"]} == {"strong"}
    assert len(competency_framework.events(event_types.BOARD_PROFILE_UPDATED, org=trust)) == 1


def test_a_profile_that_appears_after_midnight_in_summer_bears_the_new_day(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    for _ in range(6):
        _finished(competency_framework, trust, framework, "frequently")
    seventh = _member(competency_framework, trust)
    _answer_all(competency_framework.client(seventh), framework)
    half_past_midnight = FrozenClock(datetime(2027, 6, 30, 23, 30, tzinfo=UTC))

    with UnitOfWork(competency_framework.database, seventh.principal(), clock=half_past_midnight) as uow:
        finish(uow)
        uow.commit()

    (told,) = competency_framework.events(event_types.BOARD_PROFILE_UPDATED, org=trust)
    assert told.data["updated_on"] == "2027-07-01"


def test_the_profile_does_not_betray_what_the_last_person_answered(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    """Seven are at the border; each of the next two would tip it, and must not be seen to."""
    chair = competency_framework.client(competency_framework.world.person(trust, Role.CHAIR))
    for frequency in ["frequently"] * 4 + ["occasionally"] * 3:
        _finished(competency_framework, trust, framework, frequency)
    before = chair.get("/v1/board-profile").json["domains"]

    seen = []
    for _ in range(2):
        _finished(competency_framework, trust, framework, "rarely_or_never")
        seen.append(chair.get("/v1/board-profile").json["domains"])
    _finished(competency_framework, trust, framework, "rarely_or_never")
    after_three = chair.get("/v1/board-profile").json["domains"]

    assert {domain["word"] for domain in before} == {"mixed"}
    assert seen == [before, before]
    assert {domain["word"] for domain in after_three} == {"thin"}


def test_no_chance_is_an_answer_and_leaves_the_word_to_the_others(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    chair = competency_framework.client(competency_framework.world.person(trust, Role.CHAIR))
    for frequency in ["no_chance"] * 3 + ["frequently"] * 4:
        _finished(competency_framework, trust, framework, frequency)

    profile = chair.get("/v1/board-profile").json

    assert {domain["word"] for domain in profile["domains"]} == {"too_few"}


@pytest.mark.parametrize("role", [Role.BOARD_MEMBER, Role.IMPROVEMENT_LEAD, Role.CHIEF_EXECUTIVE])
def test_only_the_chair_reads_the_profile(competency_framework: ServiceUnderTest, trust: str, role: Role) -> None:
    someone = competency_framework.client(competency_framework.world.person(trust, role))

    assert someone.get("/v1/board-profile").status_code == 403


def test_reflections_move_with_their_organisation(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    author = _member(competency_framework, trust)
    _answer_all(competency_framework.client(author), framework)
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
    assert len(moved.get("/v1/my-reflection").json["items"]) == len(_statements(framework))


def test_saving_an_answer_costs_few_statements(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    member = competency_framework.client(_member(competency_framework, trust))
    place = f"/v1/my-reflection/{_statements(framework)[0]}"
    member.put(place, {"frequency": "frequently"}, if_match=0)

    with competency_framework.counted_statements() as statements:
        member.put(place, {"frequency": "occasionally"}, if_match=1)

    assert len(statements) == 7  # principal, membership, framework, use, reflection, answer, audit
