"""Who is asked to answer."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from services.assessment import events
from services.assessment.commands.steps import check_step, locked_round, take_step
from services.assessment.domain.rounds import State, Step, check_additions, check_respondents
from services.assessment.models import respondent, round_
from services.assessment.queries.answerers import check_may_answer
from services.assessment.queries.rounds import active_people
from shared import outbox
from shared.database import UnitOfWork
from shared.problems import NotFound


def invite(uow: UnitOfWork, round_id: UUID, *, respondents: Sequence[dict[str, Any]]) -> None:
    """Ask more people; asking somebody again who was removed brings their answers back into the range."""
    row = locked_round(uow, round_id)
    check_step(row, Step.INVITE)
    before = {person.person_id for person in active_people(uow, round_id)}
    named = [person["person_id"] for person in respondents]
    added = [person_id for person_id in named if person_id not in before]
    check_additions(named)
    check_respondents([*sorted(before), *added])
    add_people(uow, row, respondents)
    _people_changed(uow, row, added=added, removed=[])


def remove(uow: UnitOfWork, round_id: UUID, person_id: str) -> None:
    """Take somebody out: their answers leave the range and stay their own. Raises NotFound for a stranger."""
    row = locked_round(uow, round_id)
    check_step(row, Step.INVITE)
    staying = [person.person_id for person in active_people(uow, round_id) if person.person_id != person_id]
    check_respondents(staying)
    if not _take_out(uow, row, person_id):
        raise NotFound
    _people_changed(uow, row, added=[], removed=[person_id])


def remove_leaver(uow: UnitOfWork, person_id: str) -> None:
    """Take somebody who may not be asked any more out of every round that still takes answers."""
    unfinished = (
        select(round_.c.id)
        .where(
            round_.c.tenant_id == uow.principal.tenant_id,
            round_.c.org_id == uow.principal.org_id,
            round_.c.state.in_([State.DRAFT.value, State.OPEN.value]),
        )
        .order_by(round_.c.id)
    )
    for round_id in list(uow.session.execute(unfinished).scalars()):
        row = locked_round(uow, round_id)
        if State(row.state) in {State.DRAFT, State.OPEN} and _take_out(uow, row, person_id):
            _people_changed(uow, row, added=[], removed=[person_id])


def add_people(uow: UnitOfWork, row: Row[Any], respondents: Sequence[dict[str, Any]]) -> None:
    """Write who is asked. Raises NotValid for somebody who holds no role today whose holders are asked."""
    check_may_answer(uow, row.org_id, [person["person_id"] for person in respondents])
    rows = [
        {
            "tenant_id": row.tenant_id,
            "org_id": row.org_id,
            "round_id": row.id,
            "person_id": person["person_id"],
            "executive": person.get("executive"),
            "finished": False,
            "removed": False,
            "invited_at": uow.now,
        }
        for person in respondents
    ]
    statement = insert(respondent).values(rows)
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "round_id", "person_id"],
            set_={"removed": False, "executive": statement.excluded.executive},
        )
    )


def _take_out(uow: UnitOfWork, row: Row[Any], person_id: str) -> bool:
    who = respondent.c
    statement = (
        update(respondent)
        .where(
            who.tenant_id == row.tenant_id,
            who.round_id == row.id,
            who.person_id == person_id,
            who.removed.is_(False),
        )
        .values(removed=True)
    )
    return uow.session.execute(statement.returning(who.person_id)).first() is not None


def _people_changed(uow: UnitOfWork, row: Row[Any], *, added: Sequence[str], removed: Sequence[str]) -> None:
    changed = take_step(uow, row, Step.INVITE)
    if changed.state == State.OPEN and (added or removed):
        people = active_people(uow, row.id)
        outbox.add(uow, events.round_changed(changed, people, ["respondents"], added=added, removed=removed))
