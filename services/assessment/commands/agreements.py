"""Record what the board agrees in its discussion, and put the whole forward for sign-off."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.assessment import events
from services.assessment.commands.coming_back import no_longer_aside
from services.assessment.commands.steps import check_step, locked_round, take_step
from services.assessment.domain.agreements import (
    Agreement,
    agreed_together,
    check_all_agreed,
    check_reasons,
    checked_agreement,
)
from services.assessment.domain.answers import checked_level
from services.assessment.domain.errors import NotValid
from services.assessment.domain.question_sets import QuestionSet
from services.assessment.domain.rounds import Step
from services.assessment.models import agreement, practice_level
from services.assessment.queries.discussion import (
    AGREED_COLUMNS,
    agreements,
    practice_levels,
    range_of,
    range_rows,
    shown_range,
)
from services.assessment.queries.question_sets import get_question_set
from services.assessment.queries.results import levels_for_the_plan
from services.assessment.queries.rounds import active_people
from shared import outbox
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.problems import StaleVersion


def record_agreement(
    uow: UnitOfWork,
    round_id: UUID,
    item_id: str,
    version: int,
    *,
    level: int,
    reason: str | None = None,
    evidence: str | None = None,
    differed: str | None = None,
    aim_level: int | None = None,
) -> dict[str, Any]:
    """Record or change the agreed level of one item; `version` is 0 for the first.

    Raises NotFound, NotPossibleNow, NotValid (a reason is missing among others), and StaleVersion with the other
    text when somebody recorded the item meanwhile.
    """
    row = _in_discussion(uow, round_id)
    get_question_set(uow, row.question_set_id).require_item(item_id)
    agreed = checked_agreement(
        level=level,
        views=shown_range(uow, round_id, item_id),
        reason=reason,
        evidence=evidence,
        differed=differed,
        aim_level=aim_level,
    )
    key = {"tenant_id": row.tenant_id, "round_id": round_id, "item_id": item_id}
    values = _values(uow, agreed) | {"version": version + 1}
    if version == 0:
        first = upsert(agreement).values(**key, **values, org_id=row.org_id)
        saved = uow.session.execute(first.on_conflict_do_nothing().returning(*AGREED_COLUMNS)).first()
    else:
        same = [agreement.c[name] == value for name, value in key.items()]
        again = update(agreement).where(*same, agreement.c.version == version).values(**values)
        saved = uow.session.execute(again.returning(*AGREED_COLUMNS)).first()
    if saved is None:
        raise StaleVersion(agreements(uow, round_id).get(item_id, {"version": 0}))
    no_longer_aside(uow, round_id, item_id)
    return dict(saved._mapping)


def agree_together(uow: UnitOfWork, round_id: UUID, *, item_ids: Sequence[str]) -> dict[str, Any]:
    """Agree close items at the level most people chose; items agreed already stay as they are.

    Raises NotFound, NotPossibleNow, and NotValid for an item whose views are hidden or lie too far apart.
    """
    row = _in_discussion(uow, round_id)
    question_set = get_question_set(uow, row.question_set_id)
    stored = range_rows(uow, round_id)
    values = []
    for item_id in dict.fromkeys(item_ids):
        question_set.require_item(item_id)
        found = stored.get(item_id)
        if found is None or not found["shown"]:
            raise NotValid("item_ids", "Only items whose range of views is shown can be agreed together")
        key = {"tenant_id": row.tenant_id, "org_id": row.org_id, "round_id": round_id, "item_id": item_id}
        values.append(key | _values(uow, agreed_together(range_of(found))) | {"version": 1})
    if not values:
        raise NotValid("item_ids", "Name at least one item")
    statement = upsert(agreement).values(values).on_conflict_do_nothing().returning(agreement.c.item_id)
    agreed = set(uow.session.execute(statement).scalars())
    asked = [value["item_id"] for value in values]
    no_longer_aside(uow, round_id, *asked)
    return {
        "agreed": [item_id for item_id in asked if item_id in agreed],
        "agreed_before": [item_id for item_id in asked if item_id not in agreed],
    }


def record_practice_level(
    uow: UnitOfWork, round_id: UUID, practice_id: str, version: int | None, *, level: int
) -> dict[str, Any]:
    """Record the overall level of a practice: agreed, never computed.

    With a `version` (0 for the first) the write is refused with StaleVersion when somebody recorded it meanwhile.
    """
    row = _in_discussion(uow, round_id)
    get_question_set(uow, row.question_set_id).require_practice(practice_id)
    checked_level("level", level)
    key = {"tenant_id": row.tenant_id, "round_id": round_id, "practice_id": practice_id}
    values = {"level": level, "recorded_by": uow.principal.person_id, "recorded_at": uow.now}
    column = practice_level.c
    statement = upsert(practice_level).values(**key, **values, org_id=row.org_id, version=1)
    saved = uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=list(key),
            set_=values | {"version": column.version + 1},
            where=None if version is None else column.version == version,
        ).returning(column.practice_id, column.level, column.version)
    ).first()
    if saved is None or (version is not None and saved.version != version + 1):
        stored = practice_levels(uow, round_id)[practice_id]
        raise StaleVersion({"practice_id": practice_id, "level": stored.level, "version": stored.version})
    return dict(saved._mapping)


def put_forward(uow: UnitOfWork, round_id: UUID) -> None:
    """Every item and practice is agreed: the plan can be drafted, and the chair is asked to sign.

    Raises NotFound, NotPossibleNow, and StillOpen naming what has no level yet.
    """
    row = locked_round(uow, round_id)
    check_step(row, Step.AGREE)
    question_set = get_question_set(uow, row.question_set_id)
    _check_complete(uow, row, question_set)
    people = active_people(uow, round_id)
    today, items = local_day(uow.now), len(question_set.items)
    agreed = take_step(uow, row, Step.AGREE, agreed_at=uow.now, sent_back_note=None, sent_back_by=None)
    outbox.add(uow, events.round_agreed(agreed, agreed_on=today, items=items))
    outbox.add(uow, events.result_agreed(agreed, levels_for_the_plan(uow, agreed, question_set), today))
    request = events.sign_off_requested(
        agreed,
        requested_on=today,
        items=items,
        invited=len(people),
        took_part=sum(person.finished for person in people),
    )
    outbox.add(uow, request)


def _check_complete(uow: UnitOfWork, row: Row[Any], question_set: QuestionSet) -> None:
    agreed = agreements(uow, row.id)
    check_all_agreed(
        items=question_set.items,
        practices=question_set.practices,
        agreed_items=agreed,
        agreed_practices=practice_levels(uow, row.id),
    )
    check_reasons(
        items=question_set.items,
        views={item_id: range_of(found) for item_id, found in range_rows(uow, row.id).items() if found["shown"]},
        levels={item_id: found["level"] for item_id, found in agreed.items()},
        reasons={item_id: found["reason"] for item_id, found in agreed.items()},
    )


def _in_discussion(uow: UnitOfWork, round_id: UUID) -> Row[Any]:
    row = locked_round(uow, round_id, shared=True)
    check_step(row, Step.RECORD)
    return row


def _values(uow: UnitOfWork, agreed: Agreement) -> dict[str, Any]:
    return {
        "level": agreed.level,
        "reason": agreed.reason,
        "evidence": agreed.evidence,
        "differed": agreed.differed,
        "aim_level": agreed.aim_level,
        "recorded_by": uow.principal.person_id,
        "recorded_at": uow.now,
    }
