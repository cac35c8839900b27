"""Takes a round from one state to the next, with its row locked first."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from services.assessment.domain.rounds import State, Step, after
from services.assessment.models import round_
from shared.database import UnitOfWork
from shared.problems import NotFound

NO_DECISION: Mapping[str, None] = dict.fromkeys(
    ("decision_meeting_on", "decision_minute", "decision_recorded_by", "decision_recorded_at")
)
"""A round that goes back to discussion or answering forgets the decision recorded about it."""


def locked_round(uow: UnitOfWork, round_id: UUID, *, shared: bool = False) -> Row[Any]:
    """The row of a round of the principal's organisation, locked until the transaction ends.

    A shared lock lets others record beside this transaction, and keeps the round from changing its state meanwhile.
    Raises NotFound.
    """
    uow.about("round", round_id)
    statement = (
        select(round_)
        .where(
            round_.c.tenant_id == uow.principal.tenant_id,
            round_.c.org_id == uow.principal.org_id,
            round_.c.id == round_id,
        )
        .with_for_update(read=shared)
    )
    row = uow.session.execute(statement).first()
    if row is None:
        raise NotFound
    return row


def check_step(row: Row[Any], step: Step) -> State:
    """The state after `step`; raises NotPossibleNow when the round does not allow it."""
    return after(State(row.state), step)


def take_step(uow: UnitOfWork, row: Row[Any], step: Step, **values: Any) -> Row[Any]:
    """Move the locked round and return its new row. Raises NotPossibleNow."""
    statement = (
        update(round_)
        .where(round_.c.tenant_id == row.tenant_id, round_.c.id == row.id)
        .values(state=check_step(row, step).value, version=row.version + 1, **values)
    )
    return uow.session.execute(statement.returning(round_)).one()
