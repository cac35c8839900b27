"""Events in, rows out: the only writers of the read model.

Every row has one key on one topic and takes its values from that key's events alone: no clock, no random id, no other
row. A row remembers the version of the last event applied; an older or equal one changes nothing. So duplicates,
replays and any interleaving of keys leave the same bytes (reliability E8). The tenant is today's tenant of the event's
organisation, which the consumer has put into the unit of work; a later move re-keys the rows.
"""

from typing import Any

from sqlalchemy import Table, case
from sqlalchemy.dialects.postgresql import insert

from services.insight.models import (
    assessment_status,
    contribution,
    plan_status,
    progress_visibility,
    question_set,
    sharing_status,
)
from shared.contracts import event_types
from shared.database import UnitOfWork
from shared.envelope import ReceivedEvent
from shared.replica import Handler

Values = dict[str, Any]


def _follow(uow: UnitOfWork, event: ReceivedEvent, table: Table, key: Values, values: Values) -> None:
    """Write `values` into the row of `key` unless a later event was applied to it already."""
    stamped = values | {"version": event.aggregate_version, "changed_at": event.time}
    owner = {"tenant_id": uow.principal.tenant_id} if "tenant_id" in table.c else {}
    statement = insert(table).values(owner | key | stamped)
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=[column.name for column in table.primary_key],
            set_={name: statement.excluded[name] for name in stamped},
            where=table.c.version < statement.excluded.version,
        )
    )


def _round(uow: UnitOfWork, event: ReceivedEvent, **values: Any) -> None:
    key = {"round_id": event.data["round_id"], "org_id": event.org_id}
    _follow(uow, event, assessment_status, key, values)


def on_round_opened(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """A self-assessment begins."""
    data = event.data
    _round(
        uow,
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


def on_round_changed(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Dates or the number of people invited changed."""
    data = event.data
    _round(
        uow,
        event,
        closes_on=data["closes_on"],
        discussion_on=data.get("discussion_on"),
        invited=data["invited"],
    )


def on_response_completed(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Somebody finished, or took it back: a count only."""
    _round(uow, event, invited=event.data["invited"], finished=event.data["finished"])


def on_round_closed(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Answering is over."""
    data = event.data
    _round(
        uow,
        event,
        stage="closed",
        stage_since=data["closed_on"],
        discussion_on=data.get("discussion_on"),
        invited=data["invited"],
        finished=data["finished"],
    )


def on_round_reopened(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Answering goes on until another day."""
    data = event.data
    _round(
        uow,
        event,
        stage="open",
        stage_since=data["reopened_on"],
        closes_on=data["closes_on"],
        discussion_on=data.get("discussion_on"),
        invited=data["invited"],
    )


def on_round_agreed(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """The board has agreed its levels."""
    _round(uow, event, stage="agreed", stage_since=event.data["agreed_on"])


def on_round_sent_back(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """The result was not signed off: the board's discussion goes on."""
    _round(uow, event, stage="closed", stage_since=event.data["sent_back_on"])


def on_round_signed_off(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """The result is signed off."""
    day = event.data["signed_off_on"]
    _round(uow, event, stage="signed_off", stage_since=day, signed_off_on=day, invited=event.data["invited"])


def on_round_corrected(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """A signed-off result was corrected and signed off again."""
    _round(uow, event, stage="signed_off", corrected_on=event.data["corrected_on"])


def on_round_abandoned(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """The self-assessment ends without a result."""
    _round(uow, event, stage="abandoned", stage_since=event.data["abandoned_on"])


def on_progress_visibility_changed(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """The organisation shows its progress to its ICB, or stops showing it."""
    values = {"visible": event.data["visible"], "changed_on": event.data["changed_on"]}
    _follow(uow, event, progress_visibility, {"org_id": event.org_id}, values)


def on_sharing_granted(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Something may be read by somebody from a day on; what it says stays where it was made."""
    data = event.data
    values = {
        "what": data["what"],
        "shown_to": data["audience_tenant"],
        "granted_on": data["granted_on"],
        "valid_until": data.get("valid_until"),
    }
    _follow(uow, event, sharing_status, {"sharing_id": data["sharing_id"], "org_id": event.org_id}, values)


def on_sharing_stopped(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """It can no longer be read."""
    data = event.data
    values = {"what": data["what"], "shown_to": data["audience_tenant"], "stopped_on": data["stopped_on"]}
    _follow(uow, event, sharing_status, {"sharing_id": data["sharing_id"], "org_id": event.org_id}, values)


def _plan(uow: UnitOfWork, event: ReceivedEvent, **values: Any) -> None:
    counts = event.data.get("action_counts") or {}
    values |= {name: counts[name] for name in ("done", "under_way", "overdue") if name in counts}
    if "priority_count" in event.data:
        values["priorities"] = event.data["priority_count"]
    _follow(uow, event, plan_status, {"plan_id": event.data["plan_id"], "org_id": event.org_id}, values)


def on_plan_drafted(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """A plan was drafted or refreshed."""
    day = event.data["drafted_on"]
    _plan(uow, event, round_id=event.data["round_id"], state="draft", state_since=day, drafted_on=day)


def on_plan_approval_requested(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """The plan waits for the chair or the chief executive."""
    _plan(uow, event, state="waiting_for_approval", state_since=event.data["requested_on"])


def on_plan_sent_back(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """The plan goes back to the improvement lead."""
    _plan(uow, event, state="draft", state_since=event.data["sent_back_on"])


def on_plan_approved(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """The plan is approved."""
    _plan(uow, event, round_id=event.data["round_id"], state="approved", state_since=event.data["approved_on"])


def on_plan_closed(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Nothing more is done under this plan."""
    _plan(uow, event, state="closed", state_since=event.data["closed_on"])


def on_plan_counts_changed(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Priorities or actions changed; the counts ride in the event."""
    _plan(uow, event)


def on_contribution_made(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """A trust lets its practice levels be counted."""
    data = event.data
    levels = {each["practice_id"]: each["level"] for each in data["practices"]}
    _contribute(uow, event, levels, question_set_id=data["question_set_id"], contributed_on=data["contributed_on"])


def on_contribution_stopped(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """The trust is not counted any more: its levels are forgotten, that they changed is not."""
    _contribute(uow, event, None, question_set_id=None, contributed_on=None)


def _contribute(uow: UnitOfWork, event: ReceivedEvent, levels: dict[str, int] | None, **values: Any) -> None:
    """Write the levels; `edition` goes up only when they differ from those before."""
    stamped = values | {"levels": levels, "version": event.aggregate_version, "changed_at": event.time}
    key = {"tenant_id": uow.principal.tenant_id, "org_id": event.org_id}
    statement = insert(contribution).values(key | stamped | {"edition": 1})
    changed = contribution.c.levels.is_distinct_from(statement.excluded.levels)
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "org_id"],
            set_={name: statement.excluded[name] for name in stamped}
            | {"edition": contribution.c.edition + case((changed, 1), else_=0)},
            where=contribution.c.version < statement.excluded.version,
        )
    )


def on_instrument_published(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """A question set and the names of its practices, which label the figures."""
    data = event.data
    practices = [{"id": each["practice_id"], "title": each["label"]} for each in data["practices"]]
    values = {
        "audience": data["audience"],
        "practices": practices,
        "illustrative": data["illustrative"],
        "effective_from": data["effective_from"],
    }
    _follow(uow, event, question_set, {"question_set_id": data["question_set_id"]}, values)


_COUNTS_CHANGE = (
    event_types.PLAN_REVISED,
    event_types.ACTION_ADDED,
    event_types.ACTION_PROGRESSED,
    event_types.ACTION_COMPLETED,
    event_types.ACTION_STOPPED,
    event_types.ACTION_BECAME_OVERDUE,
)
HANDLERS: dict[str, Handler] = {
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
    event_types.PLAN_CLOSED: on_plan_closed,
    event_types.CONTRIBUTION_MADE: on_contribution_made,
    event_types.CONTRIBUTION_STOPPED: on_contribution_stopped,
    event_types.INSTRUMENT_PUBLISHED: on_instrument_published,
    **dict.fromkeys(_COUNTS_CHANGE, on_plan_counts_changed),
}
"""Types not listed are read past: the consumer counts them in its place of each key and does nothing else."""
