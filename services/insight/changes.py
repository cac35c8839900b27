"""What each event says about which row of the read model; `handlers.py` writes it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import Table

from services.insight.models import (
    assessment_status,
    plan_status,
    progress_visibility,
    question_set,
    sharing_status,
)
from services.insight.row_change import Change, Values
from shared.contracts import event_types
from shared.envelope import ReceivedEvent


def _change(event: ReceivedEvent, table: Table, key: Values, values: Values) -> Change:
    return Change(table, key, values | {"version": event.aggregate_version, "changed_at": event.time})


def _round(event: ReceivedEvent, **values: Any) -> Change:
    key = {"round_id": event.data["round_id"], "org_id": event.org_id}
    return _change(event, assessment_status, key, values)


def on_round_opened(event: ReceivedEvent) -> Change:
    """A self-assessment begins."""
    data = event.data
    return _round(
        event,
        question_set_id=data["question_set_id"],
        audience=data["audience"],
        stage="open",
        stage_since=data["opened_on"],
        opened_on=data["opened_on"],
        closes_on=data["closes_on"],
        discussion_on=data.get("discussion_on"),
        invited=data["invited"],
        finished=0,
    )


def on_round_changed(event: ReceivedEvent) -> Change:
    """Dates or the number of people invited changed, and with them, mostly, how many of those have finished."""
    data = event.data
    counted = {"finished": data["finished"]} if "finished" in data else {}
    return _round(
        event,
        closes_on=data["closes_on"],
        discussion_on=data.get("discussion_on"),
        invited=data["invited"],
        **counted,
    )


def on_response_completed(event: ReceivedEvent) -> Change:
    """Somebody finished, or took it back: a count only."""
    return _round(event, invited=event.data["invited"], finished=event.data["finished"])


def on_round_closed(event: ReceivedEvent) -> Change:
    """Answering is over."""
    data = event.data
    return _round(
        event,
        stage="closed",
        stage_since=data["closed_on"],
        discussion_on=data.get("discussion_on"),
        invited=data["invited"],
        finished=data["finished"],
    )


def on_round_reopened(event: ReceivedEvent) -> Change:
    """Answering goes on until another day."""
    data = event.data
    return _round(
        event,
        stage="open",
        stage_since=data["reopened_on"],
        closes_on=data["closes_on"],
        discussion_on=data.get("discussion_on"),
        invited=data["invited"],
    )


def on_round_agreed(event: ReceivedEvent) -> Change:
    """The board has agreed its levels."""
    return _round(event, stage="agreed", stage_since=event.data["agreed_on"])


def on_round_sent_back(event: ReceivedEvent) -> Change:
    """The result was not signed off: the board's discussion goes on."""
    return _round(event, stage="closed", stage_since=event.data["sent_back_on"])


def on_round_signed_off(event: ReceivedEvent) -> Change:
    """The result is signed off."""
    day = event.data["signed_off_on"]
    return _round(event, stage="signed_off", stage_since=day, signed_off_on=day, invited=event.data["invited"])


def on_round_corrected(event: ReceivedEvent) -> Change:
    """A signed-off result was corrected and signed off again."""
    return _round(event, stage="signed_off", corrected_on=event.data["corrected_on"])


def on_round_abandoned(event: ReceivedEvent) -> Change:
    """The self-assessment ends without a result."""
    return _round(event, stage="abandoned", stage_since=event.data["abandoned_on"])


def on_progress_visibility_changed(event: ReceivedEvent) -> Change:
    """The organisation shows its progress to its ICB, or stops showing it."""
    values = {"visible": event.data["visible"], "changed_on": event.data["changed_on"]}
    return _change(event, progress_visibility, {"org_id": event.org_id}, values)


def on_sharing_granted(event: ReceivedEvent) -> Change:
    """Something may be read by somebody from a day on; what it says stays where it was made."""
    data = event.data
    values = {
        "what": data["what"],
        "shown_to": data["audience_tenant"],
        "granted_on": data["granted_on"],
        "valid_until": data.get("valid_until"),
    }
    return _change(event, sharing_status, {"sharing_id": data["sharing_id"], "org_id": event.org_id}, values)


def on_sharing_stopped(event: ReceivedEvent) -> Change:
    """It can no longer be read."""
    data = event.data
    values = {"what": data["what"], "shown_to": data["audience_tenant"], "stopped_on": data["stopped_on"]}
    return _change(event, sharing_status, {"sharing_id": data["sharing_id"], "org_id": event.org_id}, values)


def _plan(event: ReceivedEvent, **values: Any) -> Change:
    counts = event.data.get("action_counts") or {}
    values |= {name: counts[name] for name in ("done", "under_way", "overdue") if name in counts}
    return _change(event, plan_status, {"plan_id": event.data["plan_id"], "org_id": event.org_id}, values)


def _draft(event: ReceivedEvent, **values: Any) -> Change:
    """Say something of a draft: where a plan that holds stands, and what its priorities are, stays as approved."""
    if "priority_count" in event.data:
        values["priorities"] = event.data["priority_count"]
    return replace(_plan(event), of_draft=values)


def on_plan_drafted(event: ReceivedEvent) -> Change:
    """A plan was drafted or refreshed, which none is that was ever approved."""
    day = event.data["drafted_on"]
    return _plan(event, round_id=event.data["round_id"], state="draft", state_since=day, drafted_on=day)


def on_plan_approval_requested(event: ReceivedEvent) -> Change:
    """The plan waits for the chair or the chief executive."""
    return _draft(event, state="waiting_for_approval", state_since=event.data["requested_on"])


def on_plan_sent_back(event: ReceivedEvent) -> Change:
    """The plan goes back to the improvement lead."""
    return _draft(event, state="draft", state_since=event.data["sent_back_on"])


def on_plan_approved(event: ReceivedEvent) -> Change:
    """The plan is approved, and holds until it is closed; a revision in progress does not take that back."""
    data = event.data
    day, priorities = data["approved_on"], data["priority_count"]
    approved = {"state": "approved", "state_since": day, "approved_on": day, "priorities": priorities}
    return _plan(event, round_id=data["round_id"], **approved)


def on_plan_closed(event: ReceivedEvent) -> Change:
    """Nothing more is done under this plan; one whose levels were taken back never was a plan of the board."""
    state = "withdrawn" if event.data.get("result_withdrawn") else "closed"
    return _plan(event, state=state, state_since=event.data["closed_on"])


def on_plan_revised(event: ReceivedEvent) -> Change:
    """The priorities or the aim of an approved plan were changed: a revision, which is a draft until approved."""
    return _draft(event)


def on_plan_counts_changed(event: ReceivedEvent) -> Change:
    """Actions changed; the counts ride in the event."""
    return _plan(event)


def on_instrument_published(event: ReceivedEvent) -> Change:
    """A question set and the names of its practices, which label the figures."""
    data = event.data
    practices = [{"id": each["practice_id"], "title": each["label"]} for each in data["practices"]]
    values = {
        "audience": data["audience"],
        "practices": practices,
        "illustrative": data["illustrative"],
        "effective_from": data["effective_from"],
    }
    return _change(event, question_set, {"question_set_id": data["question_set_id"]}, values)


_COUNTS_CHANGE = (
    event_types.ACTION_ADDED,
    event_types.ACTION_PROGRESSED,
    event_types.ACTION_COMPLETED,
    event_types.ACTION_STOPPED,
    event_types.ACTION_BECAME_OVERDUE,
)
CHANGES: dict[str, Callable[[ReceivedEvent], Change]] = {
    event_types.ROUND_OPENED: on_round_opened,
    event_types.ROUND_CHANGED: on_round_changed,
    event_types.RESPONSE_COMPLETED: on_response_completed,
    event_types.ROUND_CLOSED: on_round_closed,
    event_types.ROUND_REOPENED: on_round_reopened,
    event_types.ROUND_AGREED: on_round_agreed,
    event_types.ROUND_SENT_BACK: on_round_sent_back,
    event_types.ROUND_SIGNED_OFF: on_round_signed_off,
    event_types.ROUND_CORRECTED: on_round_corrected,
    event_types.ROUND_ABANDONED: on_round_abandoned,
    event_types.PROGRESS_VISIBILITY_CHANGED: on_progress_visibility_changed,
    event_types.SHARING_GRANTED: on_sharing_granted,
    event_types.SHARING_STOPPED: on_sharing_stopped,
    event_types.PLAN_SHARING_GRANTED: on_sharing_granted,
    event_types.PLAN_SHARING_STOPPED: on_sharing_stopped,
    event_types.PLAN_DRAFTED: on_plan_drafted,
    event_types.PLAN_APPROVAL_REQUESTED: on_plan_approval_requested,
    event_types.PLAN_SENT_BACK: on_plan_sent_back,
    event_types.PLAN_APPROVED: on_plan_approved,
    event_types.PLAN_REVISED: on_plan_revised,
    event_types.PLAN_CLOSED: on_plan_closed,
    event_types.INSTRUMENT_PUBLISHED: on_instrument_published,
    **dict.fromkeys(_COUNTS_CHANGE, on_plan_counts_changed),
}
