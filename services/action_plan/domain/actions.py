"""An action: how it stands, and what a change of it means."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any

from services.action_plan.domain.due_dates import check_due_on
from services.action_plan.domain.errors import ReasonMissing
from services.action_plan.domain.texts import LONGEST_TITLE, checked_text, required_text


class Status(StrEnum):
    """How an action stands, said in words rather than colours; *overdue* is worked out, never chosen."""

    NOT_STARTED = "not_started"
    ON_TRACK = "on_track"
    OFF_TRACK = "off_track"
    TOO_EARLY_TO_TELL = "too_early_to_tell"
    DONE = "done"
    STOPPED = "stopped"


FINISHED = frozenset({Status.DONE, Status.STOPPED})


class Told(StrEnum):
    """What others are told about a change; words alone stay in the plan."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    PROGRESSED = "progressed"
    ASSIGNED = "assigned"


@dataclass(frozen=True, slots=True)
class ActionText:
    """What people may change about an action."""

    title: str
    owner_id: str
    due_on: date
    status: Status
    next_step: str
    blocked_by: str
    stopped_reason: str

    @property
    def finished(self) -> bool:
        """Whether nothing more is done about it."""
        return self.status in FINISHED


@dataclass(frozen=True, slots=True)
class Change:
    """One value that changed; kept in the history of the action."""

    field: str
    before: str
    after: str


def changed(current: ActionText, wanted: Mapping[str, Any], *, today: date) -> ActionText:
    """Return the action as it is to be; a reason to stop is kept only while the action is stopped.

    :raises NotValid: a text is too long or missing, the new due day is not possible, or a stop has no reason.
    """
    texts: dict[str, Any] = {
        name: checked_text(name, wanted[name])
        for name in ("next_step", "blocked_by", "stopped_reason")
        if name in wanted
    }
    if "title" in wanted:
        texts["title"] = required_text("title", wanted["title"], "Enter a title", longest=LONGEST_TITLE)
    if "status" in wanted:
        texts["status"] = Status(wanted["status"])
    if "owner_id" in wanted:
        texts["owner_id"] = str(wanted["owner_id"])
    if "due_on" in wanted:
        texts["due_on"] = wanted["due_on"]
        if wanted["due_on"] != current.due_on:
            check_due_on(wanted["due_on"], today=today)
    following = replace(current, **texts)
    if following.status is not Status.STOPPED:
        return replace(following, stopped_reason="")
    if not following.stopped_reason:
        raise ReasonMissing("Say why this action is stopped", field="stopped_reason")
    return following


def differences(before: ActionText, following: ActionText) -> list[Change]:
    """Return what differs, in the order in which a page shows it."""
    return [
        Change(part.name, str(getattr(before, part.name)), str(getattr(following, part.name)))
        for part in fields(ActionText)
        if getattr(before, part.name) != getattr(following, part.name)
    ]


def told(before: ActionText, following: ActionText) -> list[Told]:
    """Return what others are told: at most one thing about progress, and one about the owner."""
    news: list[Told] = []
    if following.status is not before.status and following.finished:
        news.append(Told.COMPLETED if following.status is Status.DONE else Told.STOPPED)
    elif not following.finished and (
        following.status is not before.status
        or following.due_on != before.due_on
        or bool(following.blocked_by) is not bool(before.blocked_by)
    ):
        news.append(Told.PROGRESSED)
    if following.owner_id != before.owner_id:
        news.append(Told.ASSIGNED)
    return news
