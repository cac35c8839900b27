"""A plan and the steps it may take.

The table is the whole life of a plan. Sent back is not a state: the plan is drafted again and carries the note until
approval is asked for anew. An approved plan whose priorities or aim change is drafted again as its next revision; what
was approved stays on record, and stays what the ICB sees, until the board approves the revision.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from services.action_plan.domain.errors import (
    ActionsMissing,
    ActionsUnfinished,
    AimMissing,
    ItemChosenTwice,
    LevelsNotAgreed,
    NoAudience,
    NotApproved,
    NotPossibleNow,
    PrioritiesMissing,
    UnknownItem,
    WrongNumberOfPriorities,
)

FOLLOWED = "trust"
"""The kind of organisation whose plan an ICB may be shown."""
FEWEST_PRIORITIES = 3
MOST_PRIORITIES = 5
"""Three to five: fewer is no plan, more is no choice (personas 1, task 8)."""


class State(StrEnum):
    """Where a plan is."""

    DRAFTED = "drafted"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    CLOSED = "closed"


class Step(StrEnum):
    """What can happen to a plan."""

    REFRESH = "refresh"
    EDIT = "edit"
    WORK = "work"
    REQUEST_APPROVAL = "request_approval"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    SHARE = "share"
    COMPLETE = "complete"
    SUPERSEDE = "supersede"
    HOLD_UP = "hold_up"
    WITHDRAW = "withdraw"
    BRING_BACK = "bring_back"


class CloseCode(StrEnum):
    """Why a plan was closed."""

    COMPLETED = "completed"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


TRANSITIONS: Mapping[tuple[State, Step], State] = MappingProxyType(
    {
        (State.DRAFTED, Step.REFRESH): State.DRAFTED,
        (State.DRAFTED, Step.EDIT): State.DRAFTED,
        (State.DRAFTED, Step.WORK): State.DRAFTED,
        (State.DRAFTED, Step.SHARE): State.DRAFTED,
        (State.DRAFTED, Step.REQUEST_APPROVAL): State.AWAITING_APPROVAL,
        (State.DRAFTED, Step.SUPERSEDE): State.CLOSED,
        (State.DRAFTED, Step.HOLD_UP): State.DRAFTED,
        (State.DRAFTED, Step.WITHDRAW): State.CLOSED,
        (State.AWAITING_APPROVAL, Step.REFRESH): State.DRAFTED,
        (State.AWAITING_APPROVAL, Step.WORK): State.AWAITING_APPROVAL,
        (State.AWAITING_APPROVAL, Step.SHARE): State.AWAITING_APPROVAL,
        (State.AWAITING_APPROVAL, Step.APPROVE): State.APPROVED,
        (State.AWAITING_APPROVAL, Step.SEND_BACK): State.DRAFTED,
        (State.AWAITING_APPROVAL, Step.SUPERSEDE): State.CLOSED,
        (State.AWAITING_APPROVAL, Step.HOLD_UP): State.AWAITING_APPROVAL,
        (State.AWAITING_APPROVAL, Step.WITHDRAW): State.CLOSED,
        (State.APPROVED, Step.EDIT): State.DRAFTED,
        (State.APPROVED, Step.WORK): State.APPROVED,
        (State.APPROVED, Step.SHARE): State.APPROVED,
        (State.APPROVED, Step.COMPLETE): State.CLOSED,
        (State.APPROVED, Step.SUPERSEDE): State.CLOSED,
        (State.CLOSED, Step.BRING_BACK): State.DRAFTED,
    }
)

_STATE_IN_WORDS = {
    State.DRAFTED: "is being drafted",
    State.AWAITING_APPROVAL: "waits for approval",
    State.APPROVED: "is approved",
    State.CLOSED: "is closed",
}
_STEP_IN_WORDS = {
    Step.REFRESH: "its suggestions cannot be drawn up again",
    Step.EDIT: "its priorities and its aim cannot be changed",
    Step.WORK: "its actions cannot be changed",
    Step.REQUEST_APPROVAL: "approval cannot be asked for",
    Step.APPROVE: "it cannot be approved",
    Step.SEND_BACK: "it cannot be sent back",
    Step.SHARE: "its priorities cannot be shared",
    Step.COMPLETE: "it cannot be closed as complete",
    Step.SUPERSEDE: "no newer plan can take its place",
    Step.HOLD_UP: "its approval cannot be held up",
    Step.WITHDRAW: "it cannot end with its self-assessment",
    Step.BRING_BACK: "it cannot be opened again",
}
_WHY_CLOSED = {
    CloseCode.COMPLETED: "each of its actions is done or stopped",
    CloseCode.SUPERSEDED: "a newer plan has taken its place",
    CloseCode.WITHDRAWN: "the self-assessment it was drafted from was given up before it was signed off",
}
HELD_UP = (
    "The levels this plan was drafted from are being discussed again: it can be approved when they are agreed anew"
)
"""Whatever a board takes back for a while, its plan waits for."""


def after(state: State, step: Step) -> State:
    """Return the state that follows ``step``.

    :raises NotPossibleNow: the step does not exist from this state.
    """
    following = TRANSITIONS.get((state, step))
    if following is None:
        raise NotPossibleNow(f"This plan {_STATE_IN_WORDS[state]}, so {_STEP_IN_WORDS[step]}")
    return following


def check_priorities(chosen: Sequence[str], known: Collection[str]) -> None:
    """Three to five items, each once, each one the board agreed a level for.

    :raises WrongNumberOfPriorities, ItemChosenTwice, UnknownItem: otherwise.
    """
    if not FEWEST_PRIORITIES <= len(chosen) <= MOST_PRIORITIES:
        message = f"Choose {FEWEST_PRIORITIES} to {MOST_PRIORITIES} priorities; this has {len(chosen)}"
        raise WrongNumberOfPriorities(message, field="priorities")
    for place, item_id in enumerate(chosen):
        field = f"priorities.{place}.item_id"
        if item_id in chosen[:place]:
            raise ItemChosenTwice("Choose each item once", field=field)
        if item_id not in known:
            raise UnknownItem("Choose an item that the board agreed a level for", field=field)


def check_levels_hold(*, held_up: bool) -> None:
    """A board approves what follows from the levels it agreed, not what followed from levels it took back.

    :raises LevelsNotAgreed: the levels are being discussed again.
    """
    if held_up:
        raise LevelsNotAgreed(HELD_UP)


def notice(close_code: str | None, *, held_up: bool) -> str | None:
    """Return what a reader of the plan must know first: why it is closed, or why it cannot be approved now."""
    if close_code is not None:
        return f"This plan is closed: {_WHY_CLOSED[CloseCode(close_code)]}."
    return f"{HELD_UP}." if held_up else None


def check_complete_enough(*, priorities: int, aim: str) -> None:
    """A board approves priorities that serve an aim.

    :raises PrioritiesMissing, AimMissing: one of them is not there yet.
    """
    if priorities < FEWEST_PRIORITIES:
        raise PrioritiesMissing(f"Choose {FEWEST_PRIORITIES} to {MOST_PRIORITIES} priorities first")
    if not aim:
        raise AimMissing("Write down the aim of the plan first")


def check_ever_approved(approved_revision: int | None) -> None:
    """Only what the board committed to leaves the organisation; a revision in progress does not take that back.

    :raises NotApproved: the plan was never approved.
    """
    if approved_revision is None:
        raise NotApproved("Only an approved plan can be shared")


def check_is_followed(kind: str | None) -> None:
    """An ICB follows its trusts: of a place it reads the summary of a self-assessment, and nobody is above an ICB.

    :raises NoAudience: the plan belongs to an organisation that is no trust.
    """
    if kind != FOLLOWED:
        raise NoAudience("Only a trust's plan can be shared with an ICB")


def check_everything_finished(*, actions: int, unfinished: int) -> None:
    """A plan is complete when something was decided on and nothing of it is left to do.

    :raises ActionsMissing, ActionsUnfinished: otherwise.
    """
    if not actions:
        raise ActionsMissing(
            "This plan has no action: add what is to be done, and close it when that is done or stopped"
        )
    if unfinished:
        raise ActionsUnfinished(f"Actions that are neither done nor stopped: {unfinished}")
