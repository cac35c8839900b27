"""Drafts a plan from what the board agreed, and draws its suggestions up again until the plan is first approved.

Until then the plan hangs on those levels: it waits when the board takes them back, and ends when they are given up.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.action_plan import events
from services.action_plan.commands.reminders import follow_due_day
from services.action_plan.commands.steps import close_locked, locked_plan_of_round, supersede_earlier, take_step
from services.action_plan.domain.plans import CloseCode, State, Step
from services.action_plan.domain.suggestions import AgreedItem, Suggestion, suggest
from services.action_plan.models import action, national_priority, plan, priority
from services.action_plan.queries.counts import UNFINISHED
from shared import outbox
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.ids import new_id

GIVEN_UP = "abandoned"
"""How levels are taken back for good; in any other way they will be agreed anew."""
ITEM_FIELDS = ("item_id", "practice_id", "level", "aim_level", "previous_level")


def draft_plan(uow: UnitOfWork, result: Mapping[str, Any]) -> None:
    """Draft the plan of a self-assessment, or refresh it while it was never approved.

    Repeating it with the same result leaves the same plan: one a self-assessment, whatever is delivered twice.
    """
    row = _insert(uow, result)
    if row is None:
        _refresh(uow, locked_plan_of_round(uow, result["round_id"]), result)
        return
    outbox.add(uow, events.plan_drafted(row, drafted_on=local_day(uow.now), refreshed=False))
    supersede_earlier(uow, row, approved_too=False)


def note_sign_off(uow: UnitOfWork, result: Mapping[str, Any]) -> None:
    """Note when the result was signed off; levels that differ from the agreed ones refresh an unapproved plan."""
    row = locked_plan_of_round(uow, result["round_id"])
    if row is None:
        draft_plan(uow, result)
    elif row.items != _items(result):
        _refresh(uow, row, result)
    _set_signed_off(uow, result["round_id"], date.fromisoformat(result["signed_off_on"]))


def note_correction(uow: UnitOfWork, result: Mapping[str, Any]) -> None:
    """Draw an unapproved plan up again from corrected levels; the day they were agreed stays."""
    row = locked_plan_of_round(uow, result["round_id"])
    if row is not None and row.items != _items(result):
        _refresh(uow, row, {**result, "agreed_on": row.agreed_on.isoformat()})


def take_back(uow: UnitOfWork, result: Mapping[str, Any]) -> None:
    """Close the plan of a self-assessment that was given up, or hold its approval up until levels are agreed anew.

    A plan that was ever approved stays as the board knows it.
    """
    row = locked_plan_of_round(uow, result["round_id"])
    if row is None or row.state == State.CLOSED or row.approved_revision is not None:
        return
    if result["withdrawn_code"] == GIVEN_UP:
        close_locked(uow, row, Step.WITHDRAW, CloseCode.WITHDRAWN)
        _bring_back_replaced(uow, row)
    elif row.levels_withdrawn_at is None:
        take_step(uow, row, Step.HOLD_UP, levels_withdrawn_at=uow.now)


def _insert(uow: UnitOfWork, result: Mapping[str, Any]) -> Row[Any] | None:
    values = {
        "tenant_id": uow.principal.tenant_id,
        "org_id": uow.principal.org_id,
        "id": new_id(),
        "round_id": UUID(result["round_id"]),
        "question_set_id": result["question_set_id"],
        "state": State.DRAFTED.value,
        "version": 1,
        "revision": 1,
        "aim": "",
        "drafted_at": uow.now,
        **_drawn_up(uow, result),
    }
    statement = insert(plan).values(values)
    keys = ["tenant_id", "org_id", "round_id"]
    return uow.session.execute(statement.on_conflict_do_nothing(index_elements=keys).returning(plan)).first()


def _refresh(uow: UnitOfWork, row: Row[Any] | None, result: Mapping[str, Any]) -> None:
    """Draw an open plan's suggestions up again; a plan that was ever approved stays as the board knows it."""
    if row is None or row.state == State.CLOSED or row.approved_revision is not None:
        return
    _draft_again(uow, row, Step.REFRESH, result, levels_withdrawn_at=None)


def _bring_back_replaced(uow: UnitOfWork, withdrawn: Row[Any]) -> None:
    """Open the draft again whose place the withdrawn plan took when it was drafted: its own levels still hold.

    Without it an organisation whose board never approved a plan would be left with none. Its actions' due days may
    have gone by unwatched meanwhile.
    """
    replaced = (
        plan.c.tenant_id == withdrawn.tenant_id,
        plan.c.org_id == withdrawn.org_id,
        plan.c.close_code == CloseCode.SUPERSEDED.value,
        plan.c.approved_revision.is_(None),
        plan.c.closed_at == withdrawn.drafted_at,
    )
    newest = select(plan).where(*replaced).order_by(plan.c.id.desc()).limit(1).with_for_update()
    row = uow.session.execute(newest).first()
    if row is None:
        return
    result = {"round_id": str(row.round_id), "items": row.items, "agreed_on": row.agreed_on.isoformat()}
    _draft_again(uow, row, Step.BRING_BACK, result, closed_at=None, close_code=None)
    for left in uow.session.execute(
        select(action).where(action.c.tenant_id == row.tenant_id, action.c.plan_id == row.id)
    ):
        follow_due_day(uow, left)


def _draft_again(uow: UnitOfWork, row: Row[Any], step: Step, result: Mapping[str, Any], **values: Any) -> None:
    drafted = take_step(uow, row, step, refreshed_at=uow.now, **values, **_drawn_up(uow, result))
    outbox.add(uow, events.plan_drafted(drafted, drafted_on=local_day(uow.now), refreshed=True))


def _set_signed_off(uow: UnitOfWork, round_id: str, day: date) -> None:
    mine = (plan.c.tenant_id == uow.principal.tenant_id, plan.c.org_id == uow.principal.org_id)
    uow.session.execute(update(plan).where(*mine, plan.c.round_id == UUID(round_id)).values(signed_off_on=day))


def _drawn_up(uow: UnitOfWork, result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that follow from a result."""
    items = _items(result)
    suggestions = suggest(
        [AgreedItem(**item) for item in items],
        unfinished=_unfinished_by_item(uow, UUID(result["round_id"])),
        national=_national_items(uow, local_day(uow.now)),
    )
    return {
        "items": items,
        "suggestions": [_as_stored(suggestion) for suggestion in suggestions],
        "agreed_on": date.fromisoformat(result["agreed_on"]),
    }


def _items(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{field: item.get(field) for field in ITEM_FIELDS} for item in result["items"]]


def _as_stored(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "item_id": suggestion.item.item_id,
        "practice_id": suggestion.item.practice_id,
        "score": suggestion.score,
        "reason": suggestion.reasons[0].code.value,
        "reasons": [
            {"code": reason.code.value, "points": reason.points, "numbers": dict(reason.numbers)}
            for reason in suggestion.reasons
        ],
    }


def _unfinished_by_item(uow: UnitOfWork, round_id: UUID) -> dict[str, int]:
    """Return how many actions of the plan approved last were never finished, by item."""
    mine = (plan.c.tenant_id == uow.principal.tenant_id, plan.c.org_id == uow.principal.org_id)
    approved = plan.c.approved_revision.is_not(None)
    earlier = select(plan.c.id).where(*mine, plan.c.round_id != round_id, approved).order_by(plan.c.id.desc()).limit(1)
    statement = (
        select(priority.c.item_id, func.count().label("left"))
        .join(action, (action.c.tenant_id == priority.c.tenant_id) & (action.c.priority_id == priority.c.id))
        .where(priority.c.tenant_id == uow.principal.tenant_id, UNFINISHED)
        .where(priority.c.plan_id == earlier.scalar_subquery())
        .group_by(priority.c.item_id)
    )
    return {row.item_id: row.left for row in uow.session.execute(statement)}


def _national_items(uow: UnitOfWork, today: date) -> frozenset[str]:
    holds = (national_priority.c.starts_on <= today, national_priority.c.ends_on >= today)
    return frozenset(uow.session.execute(select(func.unnest(national_priority.c.item_ids)).where(*holds)).scalars())
