"""What this service does when directory says something, and when a day is over."""

from collections.abc import Mapping
from uuid import UUID

from services.assessment.commands.grants import END_WORK
from services.assessment.commands.reminding import remind_before_closing
from services.assessment.commands.respondents import remove_leaver
from services.assessment.commands.rounds import CLOSE_WORK, REMIND_WORK, close_locked
from services.assessment.commands.sharing import end_on_its_day
from services.assessment.commands.steps import locked_round
from services.assessment.domain.rounds import State
from services.assessment.queries.answerers import may_answer
from shared import audit
from shared.clock import end_of_local_day
from shared.contracts import event_types
from shared.database import UnitOfWork
from shared.envelope import ReceivedEvent
from shared.replica import Handler
from shared.scheduler import DueHandler, Work


def on_membership_ended(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Take a leaver out of the rounds that still take answers; who keeps another role that answers stays asked.

    Runs after the replica has forgotten the role. Order-safe: a role granted again later does not invite again.
    """
    person_id, org_id = event.data["person_id"], event.data["org_id"]
    if person_id not in may_answer(uow, org_id):
        remove_leaver(uow, person_id)


def close_when_the_day_is_over(uow: UnitOfWork, work: Work) -> None:
    """Close answering on its closing date. Safe to repeat: a round that is closed or was extended stays as it is."""
    row = locked_round(uow, UUID(work.object_id))
    if row.state == State.OPEN and end_of_local_day(row.closes_on) <= uow.now:
        close_locked(uow, row)
        audit.record(uow, "round.closed-by-date", "round", work.object_id)


def tell_that_it_closes_soon(uow: UnitOfWork, work: Work) -> None:
    """Remind those who have not finished. Safe to repeat: nobody is reminded twice on one day."""
    remind_before_closing(uow, UUID(work.object_id))


def stop_sharing_when_its_day_is_over(uow: UnitOfWork, work: Work) -> None:
    """Stop what was shared until a day. Safe to repeat: what was stopped or given a later day stays as it is."""
    if end_on_its_day(uow, UUID(work.object_id)):
        audit.record(uow, "sharing.ended-by-date", "sharing", work.object_id)


HANDLERS: Mapping[str, Handler] = {event_types.MEMBERSHIP_ENDED: on_membership_ended}
DUE_HANDLERS: Mapping[str, DueHandler] = {
    CLOSE_WORK: close_when_the_day_is_over,
    REMIND_WORK: tell_that_it_closes_soon,
    END_WORK: stop_sharing_when_its_day_is_over,
}
