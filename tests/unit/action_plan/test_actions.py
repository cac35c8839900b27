"""What a change of an action means, and what others are told of it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.action_plan.domain.actions import ActionText, Status, Told, changed, differences, told
from services.action_plan.domain.errors import DueDateNotPossible, ReasonMissing, TextMissing, TextTooLong

TODAY = date(2026, 3, 3)
ACTION = ActionText("Visit a team a week", "owner", date(2026, 4, 1), Status.NOT_STARTED, "", "", "")

states = st.builds(
    replace,
    st.just(ACTION),
    owner_id=st.sampled_from(["owner", "another"]),
    due_on=st.dates(TODAY, TODAY + timedelta(days=400)),
    status=st.sampled_from(Status),
    next_step=st.sampled_from(["", "Ask the matron"]),
    blocked_by=st.sampled_from(["", "No money"]),
)


def change(current: ActionText = ACTION, **wanted: Any) -> ActionText:
    return changed(current, wanted, today=TODAY)


def test_what_is_not_named_stays() -> None:
    following = change(next_step="  First visit on Tuesday ")

    assert following == replace(ACTION, next_step="First visit on Tuesday")


def test_an_action_is_not_stopped_without_a_reason() -> None:
    with pytest.raises(ReasonMissing) as refused:
        change(status="stopped", stopped_reason="   ")

    assert refused.value.field == "stopped_reason"


def test_the_reason_of_a_stop_goes_when_the_action_goes_on() -> None:
    stopped = change(status="stopped", stopped_reason="Another trust does it for us")

    assert change(stopped, status="on_track").stopped_reason == ""


def test_a_due_day_is_not_moved_into_the_past() -> None:
    assert change(due_on=TODAY).due_on == TODAY
    with pytest.raises(DueDateNotPossible):
        change(due_on=TODAY - timedelta(days=1))


def test_an_overdue_action_can_be_updated_without_a_new_date() -> None:
    late = replace(ACTION, due_on=TODAY - timedelta(days=9))

    assert change(late, due_on=late.due_on, status="on_track").status is Status.ON_TRACK


def test_a_title_is_neither_blank_nor_endless() -> None:
    with pytest.raises(TextMissing):
        change(title="  ")
    with pytest.raises(TextTooLong) as refused:
        change(title="x" * 301)
    assert "this has 301" in str(refused.value)


@pytest.mark.parametrize(
    ("wanted", "news"),
    [
        ({"status": "on_track"}, [Told.PROGRESSED]),
        ({"status": "done"}, [Told.COMPLETED]),
        ({"status": "stopped", "stopped_reason": "Done elsewhere"}, [Told.STOPPED]),
        ({"due_on": date(2026, 5, 1)}, [Told.PROGRESSED]),
        ({"blocked_by": "No room"}, [Told.PROGRESSED]),
        ({"owner_id": "another"}, [Told.ASSIGNED]),
        ({"status": "done", "owner_id": "another"}, [Told.COMPLETED, Told.ASSIGNED]),
        ({"next_step": "Call the estates team"}, []),
        ({"title": "Visit two teams a week"}, []),
    ],
)
def test_states_dates_and_owners_are_told_and_words_are_not(wanted: dict[str, Any], news: list[Told]) -> None:
    assert told(ACTION, change(**wanted)) == news


def test_an_action_taken_up_again_is_told_as_progress() -> None:
    done = change(status="done")

    assert told(done, change(done, status="on_track")) == [Told.PROGRESSED]


@given(states, states)
def test_one_change_is_told_as_progress_at_most_once(before: ActionText, following: ActionText) -> None:
    news = told(before, following)

    assert len([each for each in news if each is not Told.ASSIGNED]) <= 1
    assert (Told.ASSIGNED in news) is (before.owner_id != following.owner_id)


@given(states, states)
def test_the_history_holds_exactly_what_differs(before: ActionText, following: ActionText) -> None:
    kept = {change.field: (change.before, change.after) for change in differences(before, following)}

    assert (kept == {}) is (before == following)
    assert all(first != second for first, second in kept.values())
