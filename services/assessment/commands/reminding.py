"""Remind those who have not finished: by hand, and by itself three days before answering closes."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Row

from services.assessment import events
from services.assessment.commands.steps import check_step, locked_round, take_step
from services.assessment.domain.errors import NotPossibleNow
from services.assessment.domain.rounds import State, Step
from services.assessment.queries.rounds import active_people
from shared import outbox
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.outbox import Event


def remind_now(uow: UnitOfWork, round_id: UUID) -> None:
    """Ask those who have not finished once more, at most once a day: nobody is pressed into an answer.

    Raises NotPossibleNow when people were reminded today, or when all have finished.
    """
    row = locked_round(uow, round_id)
    check_step(row, Step.REMIND)
    if row.reminded_on == local_day(uow.now):
        raise NotPossibleNow("People were reminded today. You can remind them again tomorrow")
    if not _remind(uow, row, events.round_reminded):
        raise NotPossibleNow("Everybody has finished, so there is nobody to remind")


def remind_before_closing(uow: UnitOfWork, round_id: UUID) -> None:
    """The reminder that comes by itself; nothing happens when answering closed or people were reminded today."""
    row = locked_round(uow, round_id)
    today = local_day(uow.now)
    if row.state == State.OPEN and row.closes_on >= today and row.reminded_on != today:
        _remind(uow, row, events.round_closes_soon)


def _remind(uow: UnitOfWork, row: Row[object], event: Callable[..., Event]) -> bool:
    """Name those who have not finished, so that they alone are reminded; False when there is nobody."""
    people = active_people(uow, row.id)
    waiting = [person.person_id for person in people if not person.finished]
    if waiting:
        reminded = take_step(uow, row, Step.REMIND, reminded_on=local_day(uow.now))
        days_left = (row.closes_on - local_day(uow.now)) // timedelta(days=1)
        outbox.add(uow, event(reminded, days_left=days_left, invited=len(people), not_finished=waiting))
    return bool(waiting)
