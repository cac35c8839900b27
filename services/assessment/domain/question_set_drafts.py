"""The way of a new version: tried, kept as a draft, sent for approval, and published or sent back by somebody else."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from services.assessment.domain.errors import NotPossibleNow, NotValid, OwnWork
from services.assessment.domain.question_set_changes import items_of


class DraftState(StrEnum):
    TRIED = "tried"
    DRAFT = "draft"
    SENT = "sent"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class DraftStep(StrEnum):
    KEEP = "keep"
    SEND = "send"
    SEND_BACK = "send_back"
    PUBLISH = "publish"
    DISCARD = "discard"


TRANSITIONS: Mapping[tuple[DraftState, DraftStep], DraftState] = MappingProxyType(
    {
        (DraftState.TRIED, DraftStep.KEEP): DraftState.DRAFT,
        (DraftState.TRIED, DraftStep.DISCARD): DraftState.DISCARDED,
        (DraftState.DRAFT, DraftStep.SEND): DraftState.SENT,
        (DraftState.DRAFT, DraftStep.DISCARD): DraftState.DISCARDED,
        (DraftState.SENT, DraftStep.SEND_BACK): DraftState.DRAFT,
        (DraftState.SENT, DraftStep.PUBLISH): DraftState.PUBLISHED,
    }
)
_STATE_IN_WORDS = {
    DraftState.TRIED: "has only been tried",
    DraftState.DRAFT: "is a draft",
    DraftState.SENT: "waits for approval",
    DraftState.PUBLISHED: "is published",
    DraftState.DISCARDED: "was thrown away",
}
_STEP_IN_WORDS = {
    DraftStep.KEEP: "it cannot be kept as a draft",
    DraftStep.SEND: "it cannot be sent for approval",
    DraftStep.SEND_BACK: "it cannot be sent back",
    DraftStep.PUBLISH: "it cannot be published",
    DraftStep.DISCARD: "it cannot be thrown away",
}


def after(state: DraftState, step: DraftStep) -> DraftState:
    """The state that follows ``step``.

    :raises NotPossibleNow: the step does not exist from this state.
    """
    following = TRANSITIONS.get((state, step))
    if following is None:
        raise NotPossibleNow(f"This version {_STATE_IN_WORDS[state]}, so {_STEP_IN_WORDS[step]}")
    return following


def require_another_person(person_id: str | None, worked_on_by: Sequence[str]) -> None:
    """:raises OwnWork: who decides has worked on it."""
    if person_id in worked_on_by:
        raise OwnWork("You worked on this version. Somebody else must decide about it")


def check_retirement(retired_on: date, *, already: date | None, today: date) -> None:
    """A version is retired from a day on that has not passed; until that day comes the day can be changed.

    :raises NotValid: the day has passed.
    :raises NotPossibleNow: the version is retired already.
    """
    if already is not None and already <= today:
        raise NotPossibleNow("This question set is retired already")
    if retired_on < today:
        raise NotValid("retired_on", "The day must be today or later")


def next_version(content: Mapping[str, Any], *, first_day: date) -> dict[str, Any]:
    """The set as a start for the version after it: a new id, and each item comparable with itself until changed."""
    return {
        **content,
        "id": _counted_up(content["id"]),
        "version": _counted_up(content["version"]),
        "effective_from": first_day.isoformat(),
        "effective_to": None,
        "replaces": content["id"],
        "mapping": {item_id: {"from": item_id, "comparable": True, "reason": None} for item_id in items_of(content)},
    }


def _counted_up(label: str) -> str:
    """``trust-2026-1`` becomes ``trust-2026-2``; a label without a number at its end gets one."""
    found = re.fullmatch(r"(.*?)(\d+)", label)
    return f"{found[1]}{int(found[2]) + 1}" if found else f"{label}-2"
