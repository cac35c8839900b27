"""A round (pages say: a self-assessment) and the steps it may take.

The table is the whole life of a round. Sent back is not a state: the round returns to *closed*, where levels
can be agreed again, and carries the note until it is agreed anew.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from services.assessment.domain.errors import NotPossibleNow, NotValid

FEWEST_RESPONDENTS = 2
"""One person's self-assessment is not a board's: a discussion needs two."""
MOST_RESPONDENTS = 100


class State(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    AGREED = "agreed"
    SIGNED_OFF = "signed_off"
    ABANDONED = "abandoned"


IN_PROGRESS = frozenset({State.OPEN, State.CLOSED, State.AGREED})
"""States of which an organisation has at most one round a kind."""


class Step(StrEnum):
    OPEN = "open"
    INVITE = "invite"
    ADD_EVIDENCE = "add_evidence"
    ANSWER = "answer"
    REMIND = "remind"
    EXTEND = "extend"
    CLOSE = "close"
    REOPEN = "reopen"
    RECORD = "record"
    AGREE = "agree"
    RECORD_DECISION = "record_decision"
    SEND_BACK = "send_back"
    SIGN_OFF = "sign_off"
    ABANDON = "abandon"


TRANSITIONS: Mapping[tuple[State, Step], State] = MappingProxyType(
    {
        (State.DRAFT, Step.INVITE): State.DRAFT,
        (State.DRAFT, Step.ADD_EVIDENCE): State.DRAFT,
        (State.DRAFT, Step.OPEN): State.OPEN,
        (State.DRAFT, Step.ABANDON): State.ABANDONED,
        (State.OPEN, Step.INVITE): State.OPEN,
        (State.OPEN, Step.ADD_EVIDENCE): State.OPEN,
        (State.OPEN, Step.ANSWER): State.OPEN,
        (State.OPEN, Step.REMIND): State.OPEN,
        (State.OPEN, Step.EXTEND): State.OPEN,
        (State.OPEN, Step.CLOSE): State.CLOSED,
        (State.OPEN, Step.ABANDON): State.ABANDONED,
        (State.CLOSED, Step.ADD_EVIDENCE): State.CLOSED,
        (State.CLOSED, Step.RECORD): State.CLOSED,
        (State.CLOSED, Step.AGREE): State.AGREED,
        (State.CLOSED, Step.REOPEN): State.OPEN,
        (State.CLOSED, Step.ABANDON): State.ABANDONED,
        (State.AGREED, Step.RECORD_DECISION): State.AGREED,
        (State.AGREED, Step.SEND_BACK): State.CLOSED,
        (State.AGREED, Step.REOPEN): State.OPEN,
        (State.AGREED, Step.SIGN_OFF): State.SIGNED_OFF,
        (State.AGREED, Step.ABANDON): State.ABANDONED,
    }
)

_STAGE_IN_WORDS = {
    State.DRAFT: "has not started",
    State.OPEN: "is still being answered",
    State.CLOSED: "is in discussion",
    State.AGREED: "is agreed and waits for sign-off",
    State.SIGNED_OFF: "is signed off",
    State.ABANDONED: "was abandoned",
}
_STEP_IN_WORDS = {
    Step.OPEN: "it cannot be opened",
    Step.INVITE: "the people who answer cannot be changed",
    Step.ADD_EVIDENCE: "its evidence cannot be changed",
    Step.ANSWER: "answers cannot be changed",
    Step.REMIND: "nobody can be reminded",
    Step.EXTEND: "the closing date cannot be changed",
    Step.CLOSE: "answering cannot be closed",
    Step.REOPEN: "answering cannot be reopened",
    Step.RECORD: "agreed levels cannot be recorded",
    Step.AGREE: "it cannot be put forward for sign-off",
    Step.RECORD_DECISION: "the board's decision cannot be recorded",
    Step.SEND_BACK: "it cannot be sent back",
    Step.SIGN_OFF: "it cannot be signed off",
    Step.ABANDON: "it cannot be abandoned",
}


def after(state: State, step: Step) -> State:
    """The state that follows ``step``.

    :raises NotPossibleNow: the step does not exist from this state.
    """
    following = TRANSITIONS.get((state, step))
    if following is None:
        raise NotPossibleNow(f"This self-assessment {_STAGE_IN_WORDS[state]}, so {_STEP_IN_WORDS[step]}")
    return following


def check_dates(closes_on: date, discussion_on: date | None, *, today: date) -> None:
    """Answering closes today or later, and the board discusses on that day or after it.

    :raises NotValid: the closing date has passed, or the dates are the wrong way round.
    """
    _check_to_come(closes_on, today)
    check_order(closes_on, discussion_on)


def check_order(closes_on: date, discussion_on: date | None) -> None:
    """The board discusses on the day on which answering closes, or after it.

    :raises NotValid: otherwise.
    """
    if discussion_on is not None and discussion_on < closes_on:
        raise NotValid("discussion_on", "The discussion must be on or after the closing date")


def check_new_closing(state: State, closes_on: date, *, today: date) -> None:
    """While nobody has been told of it, the closing date is free; afterwards an extension alone moves it.

    :raises NotPossibleNow: people were told already.
    :raises NotValid: the new date has passed.
    """
    if state is not State.DRAFT:
        raise NotPossibleNow("People have been told the closing date. Give them more time instead")
    _check_to_come(closes_on, today)


def check_extension(closes_on: date, new_closes_on: date, *, today: date) -> None:
    """An extension only ever gives people more time.

    :raises NotValid: the new date is not later than the old one, or has passed.
    """
    if new_closes_on <= closes_on:
        raise NotValid("closes_on", "The new closing date must be later than the one people were told")
    _check_to_come(new_closes_on, today)


def _check_to_come(closes_on: date, today: date) -> None:
    if closes_on < today:
        raise NotValid("closes_on", "The closing date must be today or later")


def check_respondents(people: Iterable[str]) -> None:
    """Each person once, at least two, at most a hundred.

    :raises NotValid: otherwise.
    """
    invited = list(people)
    if len(set(invited)) != len(invited):
        raise NotValid("respondents", "Each person can be invited once")
    if len(invited) < FEWEST_RESPONDENTS:
        raise NotValid("respondents", "Invite at least 2 people to answer")
    if len(invited) > MOST_RESPONDENTS:
        raise NotValid("respondents", f"Invite at most {MOST_RESPONDENTS} people")


def check_additions(people: Iterable[str]) -> None:
    """Somebody is named, and nobody twice.

    :raises NotValid: otherwise.
    """
    named = list(people)
    if not named:
        raise NotValid("respondents", "Name at least one person")
    if len(set(named)) != len(named):
        raise NotValid("respondents", "Each person can be invited once")
