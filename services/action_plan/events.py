"""Builds the events this service publishes: ids, states, dates and counts, never a word of a plan.

The key is the plan. The caller holds the plan's row, so the counts are those right after the event.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row

from services.action_plan.domain.plans import CloseCode
from shared.contracts import event_types
from shared.outbox import Event

Counts = Mapping[str, int]


def plan_drafted(row: Row[Any], *, drafted_on: date, refreshed: bool) -> Event:
    """A plan was drafted from an agreed result, or drafted again from a newer one."""
    return _about(
        event_types.PLAN_DRAFTED,
        row.id,
        round_id=str(row.round_id),
        question_set_id=row.question_set_id,
        drafted_on=drafted_on,
        suggestion_count=len(row.suggestions),
        refreshed=refreshed,
    )


def plan_approval_requested(row: Row[Any], *, requested_on: date, priorities: int, counts: Counts) -> Event:
    """The plan waits for the chair or the chief executive."""
    return _about(
        event_types.PLAN_APPROVAL_REQUESTED,
        row.id,
        requested_on=requested_on,
        priority_count=priorities,
        action_counts=counts,
    )


def plan_sent_back(row: Row[Any], sent_back_on: date) -> Event:
    """The plan went back with a note; the note stays here."""
    return _about(event_types.PLAN_SENT_BACK, row.id, sent_back_on=sent_back_on)


def plan_approved(row: Row[Any], *, approved_on: date, priorities: int, counts: Counts) -> Event:
    """The board commits to the plan."""
    return _about(
        event_types.PLAN_APPROVED,
        row.id,
        round_id=str(row.round_id),
        approved_on=approved_on,
        priority_count=priorities,
        action_counts=counts,
    )


def plan_revised(row: Row[Any], *, revised_on: date, priorities: int, counts: Counts) -> Event:
    """An approved plan changed after its approval."""
    return _about(
        event_types.PLAN_REVISED, row.id, revised_on=revised_on, priority_count=priorities, action_counts=counts
    )


def plan_closed(row: Row[Any], *, closed_on: date, counts: Counts) -> Event:
    """Nothing more is done under this plan.

    Readers of the first version refuse a close code they do not know, so that a withdrawn plan adds a field to the
    nearest one instead of a code of its own.
    """
    code: dict[str, Any] = {"close_code": row.close_code}
    if row.close_code == CloseCode.WITHDRAWN:
        code = {"close_code": CloseCode.SUPERSEDED.value, "result_withdrawn": True}
    return _about(event_types.PLAN_CLOSED, row.id, closed_on=closed_on, **code, action_counts=counts)


def action_added(row: Row[Any], counts: Counts) -> Event:
    """An action was added."""
    return _about_action(
        event_types.ACTION_ADDED,
        row,
        priority_id=str(row.priority_id),
        due_on=row.due_on,
        status=row.status,
        action_counts=counts,
    )


def action_assigned(row: Row[Any], previous_owner_id: str | None) -> Event:
    """Somebody owns the action from now on."""
    return _about_action(event_types.ACTION_ASSIGNED, row, due_on=row.due_on, previous_owner_id=previous_owner_id)


def action_progressed(row: Row[Any], before: Row[Any], counts: Counts) -> Event:
    """Status, due day or blockage changed, and the action goes on."""
    moved = {"previous_due_on": before.due_on} if before.due_on != row.due_on else {}
    return _about_action(
        event_types.ACTION_PROGRESSED,
        row,
        status=row.status,
        previous_status=before.status,
        due_on=row.due_on,
        blocked=bool(row.blocked_by),
        action_counts=counts,
        **moved,
    )


def action_completed(row: Row[Any], before: Row[Any], *, completed_on: date, counts: Counts) -> Event:
    """The action was marked done."""
    return _about_action(
        event_types.ACTION_COMPLETED,
        row,
        completed_on=completed_on,
        previous_status=before.status,
        action_counts=counts,
    )


def action_stopped(row: Row[Any], before: Row[Any], *, stopped_on: date, counts: Counts) -> Event:
    """The action was given up; the reason stays here."""
    return _about_action(
        event_types.ACTION_STOPPED, row, stopped_on=stopped_on, previous_status=before.status, action_counts=counts
    )


def action_became_due_soon(row: Row[Any], days_left: int, *, owner_left: bool) -> Event:
    """The due day comes near."""
    about = {"due_on": row.due_on, "days_left": days_left}
    return _about_action(event_types.ACTION_BECAME_DUE_SOON, row, **about, **_without_owner(owner_left=owner_left))


def action_became_overdue(row: Row[Any], counts: Counts, *, owner_left: bool) -> Event:
    """The due day has ended."""
    about = {"due_on": row.due_on, "action_counts": counts}
    return _about_action(event_types.ACTION_BECAME_OVERDUE, row, **about, **_without_owner(owner_left=owner_left))


def owner_left(row: Row[Any], person_id: str, action_ids: list[str], *, overdue: int, left_on: date) -> Event:
    """Somebody who owned unfinished actions of the plan can no longer look after them."""
    return _about(
        event_types.PLAN_OWNER_LEFT,
        row.id,
        owner_id=person_id,
        action_ids=action_ids,
        action_count=len(action_ids),
        overdue_count=overdue,
        left_on=left_on,
    )


def _without_owner(*, owner_left: bool) -> dict[str, str]:
    return {"owner_state": "left"} if owner_left else {}


def sharing_proposed(row: Row[Any], proposed_on: date) -> Event:
    """The lead proposes to show the priorities to the ICB."""
    return _about(event_types.PLAN_SHARING_PROPOSED, row.id, proposed_on=proposed_on)


def sharing_granted(row: Row[Any], *, sharing_id: str, audience_tenant: str, granted_on: date) -> Event:
    """The ICB may read the priorities here, with its own sign-in."""
    shared = _shared(sharing_id, audience_tenant)
    return _about(event_types.PLAN_SHARING_GRANTED, row.id, **shared, granted_on=granted_on, valid_until=None)


def sharing_stopped(
    plan_id: object,
    *,
    sharing_id: str,
    audience_tenant: str,
    stopped_on: date,
    stop_code: str,
    plan_close_code: str | None,
) -> Event:
    """The ICB can no longer read them; the copy is deleted.

    Readers of the first version know no stop code for a plan that was closed: theirs is the nearest one, and a field of
    its own says how the plan was closed.
    """
    ended = {"stopped_on": stopped_on, "stop_code": stop_code}
    closed = {"plan_close_code": plan_close_code} if plan_close_code is not None else {}
    return _about(event_types.PLAN_SHARING_STOPPED, plan_id, **_shared(sharing_id, audience_tenant), **ended, **closed)


def _shared(sharing_id: str, audience_tenant: str) -> dict[str, Any]:
    return {
        "sharing_id": sharing_id,
        "what": "priorities",
        "audience_kind": "icb",
        "audience_tenant": audience_tenant,
    }


def _about_action(event_type: str, row: Row[Any], **data: Any) -> Event:
    return _about(event_type, row.plan_id, action_id=str(row.id), owner_id=row.owner_id, **data)


def _about(event_type: str, plan_id: object, **data: Any) -> Event:
    return Event(event_type, str(plan_id), {"plan_id": str(plan_id), **data})
