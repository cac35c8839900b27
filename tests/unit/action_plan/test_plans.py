"""The life of a plan and what a plan must hold."""

import pytest

from services.action_plan.domain.errors import (
    ActionsMissing,
    ActionsUnfinished,
    AimMissing,
    ItemChosenTwice,
    NoAudience,
    NotApproved,
    NotPossibleNow,
    PrioritiesMissing,
    UnknownItem,
    WrongNumberOfPriorities,
)
from services.action_plan.domain.plans import (
    TRANSITIONS,
    State,
    Step,
    after,
    check_complete_enough,
    check_ever_approved,
    check_everything_finished,
    check_is_followed,
    check_priorities,
)

KNOWN = {"i1", "i2", "i3", "i4", "i5", "i6"}
ALLOWED = {
    "drafted": {"refresh", "edit", "work", "share", "request_approval", "supersede", "hold_up", "withdraw"},
    "awaiting_approval": {"refresh", "work", "share", "approve", "send_back", "supersede", "hold_up", "withdraw"},
    "approved": {"edit", "work", "share", "complete", "supersede"},
    "closed": {"bring_back"},
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", Step)
def test_a_plan_takes_only_the_steps_its_state_allows(state: State, step: Step) -> None:
    if step.value in ALLOWED[state.value]:
        assert after(state, step) is TRANSITIONS[state, step]
    else:
        with pytest.raises(NotPossibleNow):
            after(state, step)


def test_approval_is_the_only_way_to_an_approved_plan() -> None:
    ways = {pair for pair, following in TRANSITIONS.items() if following is State.APPROVED and pair[0] is not following}

    assert ways == {(State.AWAITING_APPROVAL, Step.APPROVE)}


def test_changing_an_approved_plan_asks_for_a_new_approval() -> None:
    assert after(State.APPROVED, Step.EDIT) is State.DRAFTED


def test_a_plan_sent_back_can_be_put_forward_again() -> None:
    assert after(after(State.AWAITING_APPROVAL, Step.SEND_BACK), Step.REQUEST_APPROVAL) is State.AWAITING_APPROVAL


@pytest.mark.parametrize("count", [3, 4, 5])
def test_three_to_five_priorities_make_a_plan(count: int) -> None:
    check_priorities([f"i{place}" for place in range(1, count + 1)], KNOWN)


@pytest.mark.parametrize("count", [0, 2, 6])
def test_fewer_than_three_or_more_than_five_do_not(count: int) -> None:
    with pytest.raises(WrongNumberOfPriorities) as refused:
        check_priorities([f"i{place}" for place in range(1, count + 1)], KNOWN)

    assert refused.value.field == "priorities"
    assert f"this has {count}" in str(refused.value)


def test_an_item_the_board_agreed_no_level_for_cannot_be_a_priority() -> None:
    with pytest.raises(UnknownItem) as refused:
        check_priorities(["i1", "i2", "nowhere"], KNOWN)

    assert refused.value.field == "priorities.2.item_id"


def test_an_item_is_chosen_once() -> None:
    with pytest.raises(ItemChosenTwice) as refused:
        check_priorities(["i1", "i2", "i1"], KNOWN)

    assert refused.value.field == "priorities.2.item_id"


def test_a_plan_without_priorities_or_aim_is_not_put_forward() -> None:
    check_complete_enough(priorities=3, aim="Every ward improves something")

    with pytest.raises(PrioritiesMissing):
        check_complete_enough(priorities=0, aim="An aim")
    with pytest.raises(AimMissing):
        check_complete_enough(priorities=3, aim="")


def test_a_plan_is_complete_when_nothing_is_left_to_do() -> None:
    check_everything_finished(actions=2, unfinished=0)

    with pytest.raises(ActionsUnfinished):
        check_everything_finished(actions=2, unfinished=1)
    with pytest.raises(ActionsMissing):
        check_everything_finished(actions=0, unfinished=0)


@pytest.mark.parametrize("kind", ["place", "icb", "national", None])
def test_only_a_trusts_plan_has_an_icb_that_follows_it(kind: str | None) -> None:
    check_is_followed("trust")

    with pytest.raises(NoAudience):
        check_is_followed(kind)


def test_only_what_a_board_ever_approved_can_leave_the_organisation() -> None:
    check_ever_approved(1)

    with pytest.raises(NotApproved):
        check_ever_approved(None)
