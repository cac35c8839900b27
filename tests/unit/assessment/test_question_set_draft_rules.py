"""A version is tried, drafted, sent, and published or sent back; and what the next version starts from."""

from datetime import date

import pytest

from services.assessment.domain.errors import NotPossibleNow, NotValid, OwnWork
from services.assessment.domain.question_set_drafts import (
    TRANSITIONS,
    DraftState,
    DraftStep,
    after,
    check_retirement,
    next_version,
    require_another_person,
)
from services.assessment.domain.question_set_rules import faults_of
from services.assessment.domain.question_sets import parse
from tests.unit.assessment.question_set_example import whole_question_set

TODAY = date(2026, 11, 26)


def test_the_way_to_publication_leads_through_approval() -> None:
    steps = [DraftStep.KEEP, DraftStep.SEND, DraftStep.SEND_BACK, DraftStep.SEND, DraftStep.PUBLISH]
    state = DraftState.TRIED

    for step in steps:
        state = after(state, step)

    assert state is DraftState.PUBLISHED
    assert {start for (start, step) in TRANSITIONS if step is DraftStep.PUBLISH} == {DraftState.SENT}


@pytest.mark.parametrize("state", [DraftState.PUBLISHED, DraftState.DISCARDED])
def test_nothing_follows_the_end(state: DraftState) -> None:
    for step in DraftStep:
        with pytest.raises(NotPossibleNow):
            after(state, step)


def test_nobody_decides_about_their_own_work() -> None:
    require_another_person("nia", ["ned"])
    with pytest.raises(OwnWork):
        require_another_person("ned", ["ned", "nia"])


def test_a_set_is_retired_from_today_or_later_and_the_day_can_be_moved_until_it_comes() -> None:
    check_retirement(TODAY, already=None, today=TODAY)
    check_retirement(date(2027, 6, 1), already=date(2027, 4, 1), today=TODAY)
    with pytest.raises(NotValid):
        check_retirement(date(2026, 11, 25), already=None, today=TODAY)
    with pytest.raises(NotPossibleNow):
        check_retirement(date(2027, 6, 1), already=TODAY, today=TODAY)


def test_the_start_for_the_next_version_is_a_whole_set_that_changes_no_item() -> None:
    older = whole_question_set()

    start = next_version(older, first_day=TODAY)

    assert (start["id"], start["version"], start["replaces"]) == ("small-2", "2", "small-1")
    assert start["effective_from"] == "2026-11-26"
    assert start["mapping"]["i3"] == {"from": "i3", "comparable": True, "reason": None}
    assert faults_of(start, parse(older)) == []


def test_a_label_without_a_number_gets_one() -> None:
    assert next_version(whole_question_set(id="for-all", version="spring"), first_day=TODAY)["id"] == "for-all-2"
