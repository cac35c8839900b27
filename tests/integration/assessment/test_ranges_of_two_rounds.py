"""Ranges of two rounds of a board are not subtracted from each other, nor is next year's round punished."""

from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.assessment.boards import Board, found_board

NOTHING_SHOWS = "nearly the same people finished a self-assessment in the six months before"


def answered_by(board: Board, people: Sequence[Person], levels: Sequence[int] = ()) -> str:
    """A closed round that these people finished; they chose 3 unless `levels` says otherwise."""
    round_id = board.open(people)
    for person, level in zip(people, levels or [3] * len(people), strict=True):
        board.answer(person, round_id, "i1", level)
    board.all_finish(round_id, people)
    board.close(round_id)
    return round_id


def given_up(board: Board, round_id: str) -> None:
    board.do(board.lead, round_id, "abandon", {"reason": "By mistake."})


def i1(board: Board, round_id: str) -> dict[str, Any]:
    views: dict[str, Any] = board.ranges(round_id)["i1"]
    return views


def months_ago(board: Board, round_id: str, months: int) -> None:
    """Let the closings of a round lie that far back."""
    with psycopg.connect(board.service.superuser_url) as connection:
        connection.execute(
            "update assessment.closing set counted_at = counted_at - make_interval(months => %s) where round_id = %s",
            [months, round_id],
        )


@pytest.mark.parametrize("fewer", [1, 4])
def test_asking_again_without_some_shows_no_range(service: ServiceUnderTest, fewer: int) -> None:
    """Eleven, given up "by mistake", then all but the first: the first range less the second is one answer."""
    board = found_board(service, members=11)
    first = answered_by(board, board.members, [5, *[3] * 10])
    assert i1(board, first)["counts"]["5"] == 1
    given_up(board, first)

    second = answered_by(board, board.members[fewer:])

    views = board.ranges(second)
    assert [seen["shown"] for seen in views.values()] == [False] * len(views)
    assert all(NOTHING_SHOWS in seen["reason"] for seen in views.values())


def test_one_more_than_before_shows_no_range_either(board: Board) -> None:
    given_up(board, answered_by(board, board.members[1:]))

    second = answered_by(board, board.members, [5, *[3] * 5])

    assert NOTHING_SHOWS in i1(board, second)["reason"]


def test_the_one_left_out_may_finish_after_all_and_then_the_range_shows(board: Board) -> None:
    given_up(board, answered_by(board, board.members))
    second = answered_by(board, board.members[1:])
    hidden = i1(board, second)
    board.do(board.lead, second, "reopen", {"reason": "One was left out."})
    board.do(board.lead, second, "respondents", {"respondents": [{"person_id": board.members[0].person_id}]})
    board.answer(board.members[0], second, "i1", 4)
    board.all_finish(second, board.members[:1])

    board.close(second)

    assert hidden["shown"] is False
    assert i1(board, second)["counts"] == {"1": 0, "2": 0, "3": 5, "4": 1, "5": 0}


def test_the_same_people_see_their_range_again(board: Board) -> None:
    given_up(board, answered_by(board, board.members))

    assert i1(board, answered_by(board, board.members))["counts"]["3"] == 6


def test_five_others_make_a_range_of_their_own(service: ServiceUnderTest) -> None:
    board = found_board(service, members=11)
    given_up(board, answered_by(board, board.members[:6]))

    assert i1(board, answered_by(board, board.members))["counts"]["3"] == 11


def test_a_range_of_fewer_than_five_is_no_range_to_compare_with(board: Board) -> None:
    given_up(board, answered_by(board, board.members[:4]))

    assert i1(board, answered_by(board, board.members))["shown"] is True


@pytest.mark.parametrize(("months", "shown"), [(5, False), (7, True)])
def test_the_next_round_is_compared_for_six_months(board: Board, months: int, shown: bool) -> None:
    """A round that was signed; the one after half a year begins anew, whoever joined or left the board."""
    first = board.signed_round()
    months_ago(board, first, months)

    second = answered_by(board, board.members[1:])

    assert i1(board, second)["shown"] is shown


def test_what_was_shown_two_rounds_ago_is_compared_too(service: ServiceUnderTest) -> None:
    """Eleven; then only the last five; then all but the first: the first range less the third is one answer."""
    board = found_board(service, members=11)
    for people in (board.members, board.members[6:]):
        last = answered_by(board, people)
        assert i1(board, last)["shown"] is True
        given_up(board, last)

    third = answered_by(board, board.members[1:])

    assert NOTHING_SHOWS in i1(board, third)["reason"]
