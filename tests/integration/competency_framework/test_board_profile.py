"""The board's profile: words from seven people up, of the board of today, and never what one person answered."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.competency_framework.commands import finish
from shared.clock import FrozenClock
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.competency_framework.reflecting_boards import (
    answer_all,
    end_seat,
    new_member,
    statement_ids,
    who_finished,
)


def test_the_boards_profile_appears_with_the_seventh_person_in_words(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    chair = competency_framework.client(competency_framework.world.person(trust, Role.CHAIR))
    for _ in range(6):
        who_finished(competency_framework, trust, framework, "frequently")
    with_six = chair.get("/v1/board-profile").json

    who_finished(competency_framework, trust, framework, "frequently")
    with_seven = chair.get("/v1/board-profile").json

    assert (with_six["shown"], with_six["completed"], with_six["domains"]) == (False, 6, [])
    assert {domain["word"] for domain in with_seven["domains"]} == {"strong"}
    assert len(competency_framework.events(event_types.BOARD_PROFILE_UPDATED, org=trust)) == 1


def test_a_profile_that_appears_after_midnight_in_summer_bears_the_new_day(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    for _ in range(6):
        who_finished(competency_framework, trust, framework, "frequently")
    seventh = new_member(competency_framework, trust)
    answer_all(competency_framework.client(seventh), framework)
    half_past_midnight = FrozenClock(datetime(2027, 6, 30, 23, 30, tzinfo=UTC))

    with UnitOfWork(competency_framework.database, seventh.principal(), clock=half_past_midnight) as uow:
        finish(uow)
        uow.commit()

    (told,) = competency_framework.events(event_types.BOARD_PROFILE_UPDATED, org=trust)
    assert told.data["updated_on"] == "2027-07-01"


def test_the_profile_does_not_betray_what_the_last_person_answered(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    """Seven are at the border; each of the next four would tip it, and must not be seen to."""
    chair = competency_framework.client(competency_framework.world.person(trust, Role.CHAIR))
    for frequency in ["frequently"] * 4 + ["occasionally"] * 3:
        who_finished(competency_framework, trust, framework, frequency)
    before = chair.get("/v1/board-profile").json["domains"]

    seen = []
    for _ in range(4):
        who_finished(competency_framework, trust, framework, "rarely_or_never")
        seen.append(chair.get("/v1/board-profile").json["domains"])
    who_finished(competency_framework, trust, framework, "rarely_or_never")
    after_five = chair.get("/v1/board-profile").json["domains"]

    assert {domain["word"] for domain in before} == {"mixed"}
    assert seen == [before] * 4
    assert {domain["word"] for domain in after_five} == {"thin"}


def test_a_chair_with_colleagues_who_finish_again_learns_nothing_about_the_one_who_follows(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    """Saying *I have finished* again with the same answers is nothing new, and what a reader changed does not count."""
    chair = competency_framework.client(competency_framework.world.person(trust, Role.CHAIR))
    answer_all(chair, framework, "frequently")
    assert chair.post("/v1/my-reflection/finish").status_code == 200
    board = [who_finished(competency_framework, trust, framework, "frequently") for _ in range(6)]
    before = chair.get("/v1/board-profile").json

    for again in [chair, *board]:
        assert again.post("/v1/my-reflection/finish").status_code == 200
    for author in [chair, *board[:3]]:
        for statement in statement_ids(framework):
            author.put(f"/v1/my-reflection/{statement}", {"frequency": "occasionally"}, if_match=1)
        assert author.post("/v1/my-reflection/finish").status_code == 200
    who_finished(competency_framework, trust, framework, "rarely_or_never")
    after = chair.get("/v1/board-profile").json
    who_finished(competency_framework, trust, framework, "rarely_or_never")
    with_five_new = chair.get("/v1/board-profile").json

    assert {domain["word"] for domain in before["domains"]} == {"strong"}
    assert (after["domains"], after["as_at"]) == (before["domains"], before["as_at"])
    assert ({domain["word"] for domain in with_five_new["domains"]}, with_five_new["people"]) == ({"thin"}, 9)


def test_who_has_left_the_board_is_in_its_profile_no_more(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    chair = competency_framework.client(competency_framework.world.person(trust, Role.CHAIR))
    leaving = [new_member(competency_framework, trust) for _ in range(2)]
    for member in leaving:
        client = competency_framework.client(member)
        answer_all(client, framework, "rarely_or_never")
        assert client.post("/v1/my-reflection/finish").status_code == 200
        end_seat(competency_framework, member)
    for _ in range(6):
        who_finished(competency_framework, trust, framework, "frequently")
    with_six = chair.get("/v1/board-profile").json
    who_finished(competency_framework, trust, framework, "frequently")

    with_seven = chair.get("/v1/board-profile").json

    assert (with_six["shown"], with_six["completed"]) == (False, 6)
    assert ({domain["word"] for domain in with_seven["domains"]}, with_seven["people"]) == ({"strong"}, 7)


def test_no_chance_is_an_answer_and_leaves_the_word_to_the_others(
    competency_framework: ServiceUnderTest, trust: str, framework: Any
) -> None:
    chair = competency_framework.client(competency_framework.world.person(trust, Role.CHAIR))
    for frequency in ["no_chance"] * 3 + ["frequently"] * 4:
        who_finished(competency_framework, trust, framework, frequency)

    profile = chair.get("/v1/board-profile").json

    assert {domain["word"] for domain in profile["domains"]} == {"too_few"}


@pytest.mark.parametrize("role", [Role.BOARD_MEMBER, Role.IMPROVEMENT_LEAD, Role.CHIEF_EXECUTIVE])
def test_only_the_chair_reads_the_profile(competency_framework: ServiceUnderTest, trust: str, role: Role) -> None:
    someone = competency_framework.client(competency_framework.world.person(trust, role))

    assert someone.get("/v1/board-profile").status_code == 403
