"""What people do with a plan: choose priorities, write its aim, ask for approval, approve, send back, close."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.action_plan import events
from services.action_plan.commands.steps import check_step, close_locked, locked_plan, supersede_earlier, take_step
from services.action_plan.domain.errors import PriorityInUse
from services.action_plan.domain.plans import (
    CloseCode,
    State,
    Step,
    check_complete_enough,
    check_everything_finished,
    check_levels_hold,
    check_priorities,
)
from services.action_plan.domain.texts import LONGEST_TITLE, required_text
from services.action_plan.models import action, plan_approval, priority
from services.action_plan.queries.counts import UNFINISHED, action_counts
from services.action_plan.queries.plans import live_priorities, plan_view
from shared import outbox
from shared.clock import local_day
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.problems import StaleVersion


def choose_priorities(uow: UnitOfWork, plan_id: UUID, version: int, *, priorities: Sequence[dict[str, str]]) -> None:
    """Put three to five priorities in the order given; one that stays keeps its actions; the same again is no change.

    Raises NotFound, StaleVersion, NotPossibleNow, NotValid for wrong items or titles, and PriorityInUse when actions
    that are not finished hang on one that is to go.
    """
    row = _editable(uow, plan_id, version)
    practices = {item["item_id"]: item["practice_id"] for item in row.items}
    check_priorities([each["item_id"] for each in priorities], practices)
    titles = [
        required_text(f"priorities.{place}.title", each["title"], "Enter a title", longest=LONGEST_TITLE)
        for place, each in enumerate(priorities)
    ]
    chosen = list(zip([each["item_id"] for each in priorities], titles, strict=True))
    if chosen == [(each["item_id"], each["title"]) for each in live_priorities(uow, plan_id)]:
        return
    _drop_others(uow, row, [item_id for item_id, _ in chosen])
    _upsert(uow, row, [(item_id, practices[item_id], title) for item_id, title in chosen])
    _edited(uow, row)


def write_aim(uow: UnitOfWork, plan_id: UUID, version: int, *, aim: str) -> None:
    """Write what the plan is for. Raises NotFound, StaleVersion, NotPossibleNow and NotValid."""
    row = _editable(uow, plan_id, version)
    text = required_text("aim", aim, "Write what the board wants to reach, and by when")
    if text != row.aim:
        _edited(uow, row, aim=text)


def request_approval(uow: UnitOfWork, plan_id: UUID) -> None:
    """Put the plan before the chair and the chief executive.

    Raises NotFound, NotPossibleNow, LevelsNotAgreed, PrioritiesMissing and AimMissing.
    """
    row = locked_plan(uow, plan_id)
    check_step(row, Step.REQUEST_APPROVAL)
    check_levels_hold(held_up=row.levels_withdrawn_at is not None)
    priorities = len(live_priorities(uow, plan_id))
    check_complete_enough(priorities=priorities, aim=row.aim)
    asked = {"approval_requested_at": uow.now, "approval_requested_by": uow.principal.person_id}
    row = take_step(uow, row, Step.REQUEST_APPROVAL, **asked, sent_back_note=None, sent_back_by=None)
    today, counts = local_day(uow.now), action_counts(uow, plan_id)
    outbox.add(uow, events.plan_approval_requested(row, requested_on=today, priorities=priorities, counts=counts))


def approve(uow: UnitOfWork, plan_id: UUID, version: int) -> None:
    """Commit to the plan as it was read, keep it as approved, and close the plan it takes the place of.

    Raises NotFound, StaleVersion when it was changed or decided about since, NotPossibleNow and LevelsNotAgreed.
    """
    row = locked_plan(uow, plan_id)
    _check_version(uow, row, version)
    check_step(row, Step.APPROVE)
    check_levels_hold(held_up=row.levels_withdrawn_at is not None)
    by = {"approved_at": uow.now, "approved_by": uow.principal.person_id}
    row = take_step(uow, row, Step.APPROVE, **by, approved_revision=row.revision)
    priorities = live_priorities(uow, plan_id)
    _keep_as_approved(uow, row, priorities)
    counts = action_counts(uow, plan_id)
    approved_on = local_day(uow.now)
    outbox.add(uow, events.plan_approved(row, approved_on=approved_on, priorities=len(priorities), counts=counts))
    supersede_earlier(uow, row, approved_too=True)


def send_back(uow: UnitOfWork, plan_id: UUID, version: int, *, note: str) -> None:
    """Give the plan back to the lead with a note. Raises NotFound, StaleVersion, NotPossibleNow and NotValid."""
    row = locked_plan(uow, plan_id)
    _check_version(uow, row, version)
    check_step(row, Step.SEND_BACK)
    text = required_text("note", note, "Say what should change")
    row = take_step(uow, row, Step.SEND_BACK, sent_back_note=text, sent_back_by=uow.principal.person_id)
    outbox.add(uow, events.plan_sent_back(row, local_day(uow.now)))


def close(uow: UnitOfWork, plan_id: UUID) -> None:
    """Close a plan that has actions, all of them done or stopped.

    Raises NotFound, NotPossibleNow, ActionsMissing and ActionsUnfinished.
    """
    row = locked_plan(uow, plan_id)
    check_step(row, Step.COMPLETE)
    counted = select(func.count().label("actions"), func.count().filter(UNFINISHED).label("unfinished"))
    of_this_plan = (action.c.tenant_id == row.tenant_id, action.c.plan_id == row.id)
    found = uow.session.execute(counted.select_from(action).where(*of_this_plan)).one()
    check_everything_finished(actions=found.actions, unfinished=found.unfinished)
    close_locked(uow, row, Step.COMPLETE, CloseCode.COMPLETED)


def _editable(uow: UnitOfWork, plan_id: UUID, version: int) -> Row[Any]:
    row = locked_plan(uow, plan_id)
    check_step(row, Step.EDIT)
    _check_version(uow, row, version)
    return row


def _check_version(uow: UnitOfWork, row: Row[Any], version: int) -> None:
    if version != row.version:
        raise StaleVersion(current=plan_view(uow, row.id))


def _edited(uow: UnitOfWork, row: Row[Any], **values: Any) -> None:
    """Save an edit; the first one after an approval begins the next revision, which needs an approval of its own."""
    if row.state != State.APPROVED:
        take_step(uow, row, Step.EDIT, **values)
        return
    row = take_step(uow, row, Step.EDIT, revision=row.revision + 1, **values)
    priorities, counts = len(live_priorities(uow, row.id)), action_counts(uow, row.id)
    outbox.add(uow, events.plan_revised(row, revised_on=local_day(uow.now), priorities=priorities, counts=counts))


def _drop_others(uow: UnitOfWork, row: Row[Any], chosen: Sequence[str]) -> None:
    """Take the priorities out of the plan that were not chosen again; finished actions keep theirs on record."""
    goes = (
        priority.c.tenant_id == row.tenant_id,
        priority.c.plan_id == row.id,
        priority.c.dropped_at.is_(None),
        priority.c.item_id.not_in(chosen),
    )
    in_use = (
        select(priority.c.title, func.count())
        .join(action, (action.c.tenant_id == priority.c.tenant_id) & (action.c.priority_id == priority.c.id))
        .where(*goes, UNFINISHED)
        .group_by(priority.c.id, priority.c.title)
    )
    if found := uow.session.execute(in_use).first():
        raise PriorityInUse(f"Finish or stop the actions under “{found[0]}” first: {found[1]}", field="priorities")
    uow.session.execute(update(priority).where(*goes).values(dropped_at=uow.now))


def _upsert(uow: UnitOfWork, row: Row[Any], chosen: Sequence[tuple[str, str, str]]) -> None:
    rows = [
        {
            "tenant_id": row.tenant_id,
            "org_id": row.org_id,
            "id": new_id(),
            "plan_id": row.id,
            "item_id": item_id,
            "practice_id": practice_id,
            "title": title,
            "position": place,
            "dropped_at": None,
        }
        for place, (item_id, practice_id, title) in enumerate(chosen, 1)
    ]
    statement = upsert(priority).values(rows)
    renewed = {name: statement.excluded[name] for name in ("practice_id", "title", "position", "dropped_at")}
    keys = ["tenant_id", "plan_id", "item_id"]
    uow.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=renewed))


def _keep_as_approved(uow: UnitOfWork, row: Row[Any], priorities: Sequence[dict[str, Any]]) -> None:
    role = next(role for role in (Role.CHAIR, Role.CHIEF_EXECUTIVE, Role.PLACE_CONVENOR) if uow.principal.holds(role))
    kept = [{name: each[name] for name in ("item_id", "practice_id", "title", "position")} for each in priorities]
    named = [{"id": str(each["id"]), **shown} for each, shown in zip(priorities, kept, strict=True)]
    content = {"aim": row.aim, "priorities": named}
    uow.session.execute(
        insert(plan_approval).values(
            tenant_id=row.tenant_id,
            org_id=row.org_id,
            plan_id=row.id,
            revision=row.revision,
            content=content,
            approved_by=uow.principal.person_id,
            approved_as=role.value,
            approved_at=uow.now,
        )
    )
