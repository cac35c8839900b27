from datetime import date

import pytest

from services.assessment.domain.errors import NotPossibleNow, NotValid
from services.assessment.domain.rounds import (
    State,
    Step,
    after,
    check_additions,
    check_dates,
    check_extension,
    check_respondents,
)

TODAY = date(2026, 11, 24)
FINAL_STATES = [State.SIGNED_OFF, State.ABANDONED]


def test_a_round_can_go_from_draft_to_signed_off() -> None:
    state = State.DRAFT

    for step in (Step.OPEN, Step.CLOSE, Step.AGREE, Step.SIGN_OFF):
        state = after(state, step)

    assert state is State.SIGNED_OFF


def test_a_round_sent_back_returns_to_the_discussion() -> None:
    assert after(State.AGREED, Step.SEND_BACK) is State.CLOSED


@pytest.mark.parametrize("state", [State.CLOSED, State.AGREED])
def test_answering_can_be_reopened_until_the_board_has_signed(state: State) -> None:
    assert after(state, Step.REOPEN) is State.OPEN


@pytest.mark.parametrize("state", FINAL_STATES)
@pytest.mark.parametrize("step", list(Step))
def test_nothing_can_happen_to_a_finished_round(state: State, step: Step) -> None:
    with pytest.raises(NotPossibleNow):
        after(state, step)


def test_a_refused_step_says_where_the_round_stands_and_what_is_not_possible() -> None:
    with pytest.raises(NotPossibleNow) as refusal:
        after(State.CLOSED, Step.ANSWER)

    assert str(refusal.value) == "This self-assessment is in discussion, so answers cannot be changed"


@pytest.mark.parametrize("state", [state for state in State if state is not State.OPEN])
def test_answers_can_be_given_only_while_the_round_is_open(state: State) -> None:
    with pytest.raises(NotPossibleNow):
        after(state, Step.ANSWER)


def test_a_round_may_close_today() -> None:
    check_dates(TODAY, TODAY, today=TODAY)


@pytest.mark.parametrize(
    ("closes_on", "discussion_on", "field"),
    [
        (date(2026, 11, 23), date(2026, 12, 1), "closes_on"),
        (date(2026, 12, 2), date(2026, 12, 1), "discussion_on"),
    ],
)
def test_dates_in_the_past_or_the_wrong_way_round_are_refused(closes_on: date, discussion_on: date, field: str) -> None:
    with pytest.raises(NotValid) as refusal:
        check_dates(closes_on, discussion_on, today=TODAY)

    assert refusal.value.field == field


@pytest.mark.parametrize("new_date", [date(2026, 11, 30), date(2026, 11, 29)])
def test_an_extension_gives_more_time_never_less(new_date: date) -> None:
    with pytest.raises(NotValid):
        check_extension(date(2026, 11, 30), new_date, today=TODAY)


def test_an_extension_into_the_past_is_refused() -> None:
    with pytest.raises(NotValid):
        check_extension(date(2026, 11, 1), date(2026, 11, 10), today=TODAY)


@pytest.mark.parametrize("people", [[], ["a"], ["a", "b", "a"], [str(n) for n in range(101)]])
def test_a_round_needs_between_two_and_a_hundred_different_people(people: list[str]) -> None:
    with pytest.raises(NotValid):
        check_respondents(people)


@pytest.mark.parametrize("named", [[], ["a", "a"]])
def test_an_addition_names_somebody_and_nobody_twice(named: list[str]) -> None:
    with pytest.raises(NotValid):
        check_additions(named)


def test_two_people_are_enough_to_begin() -> None:
    check_respondents(["a", "b"])
