"""*Come back to this*: items the board puts aside in its discussion, and showing the ranges that were held back."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as upsert

from services.assessment.commands.steps import check_step, locked_round, take_step
from services.assessment.domain.rounds import Step
from services.assessment.models import parked_item
from services.assessment.queries.question_sets import get_question_set
from shared.database import UnitOfWork


def park(uow: UnitOfWork, round_id: UUID, item_id: str) -> None:
    """Put an item aside: the discussion comes back to it after the others. Raises NotFound, NotPossibleNow."""
    row = locked_round(uow, round_id, shared=True)
    check_step(row, Step.RECORD)
    get_question_set(uow, row.question_set_id).require_item(item_id)
    statement = upsert(parked_item).values(
        tenant_id=row.tenant_id,
        org_id=row.org_id,
        round_id=round_id,
        item_id=item_id,
        parked_by=uow.principal.person_id,
        parked_at=uow.now,
    )
    uow.session.execute(statement.on_conflict_do_nothing())


def take_up(uow: UnitOfWork, round_id: UUID, item_id: str) -> None:
    """Take an item up again. Raises NotFound, NotPossibleNow."""
    row = locked_round(uow, round_id, shared=True)
    check_step(row, Step.RECORD)
    no_longer_aside(uow, round_id, item_id)


def no_longer_aside(uow: UnitOfWork, round_id: UUID, *item_ids: str) -> None:
    """What is agreed needs no coming back."""
    aside = parked_item.c
    uow.session.execute(
        delete(parked_item).where(
            aside.tenant_id == uow.principal.tenant_id, aside.round_id == round_id, aside.item_id.in_(item_ids)
        )
    )


def show_ranges(uow: UnitOfWork, round_id: UUID) -> None:
    """Let the board see the ranges that the lead held back for the meeting; they stay shown."""
    row = locked_round(uow, round_id)
    check_step(row, Step.RECORD)
    take_step(uow, row, Step.RECORD, ranges_held_back=False)
