"""What this service does when assessment or the network says something, and when a day comes."""

from collections.abc import Mapping
from uuid import UUID

from services.action_plan.commands.drafting import draft_plan, note_correction, note_sign_off, take_back
from services.action_plan.commands.leavers import note_leaver
from services.action_plan.commands.national_priorities import end_priority, learn_priority
from services.action_plan.commands.reminders import DUE_SOON_WORK, OVERDUE_WORK, tell_due_soon, tell_overdue
from services.action_plan.commands.sharing import LEFT_OVER_WORK, end_left_over
from services.action_plan.queries.owners import MAY_OWN, may_own
from shared import audit
from shared.contracts import event_types
from shared.database import UnitOfWork
from shared.envelope import ReceivedEvent
from shared.replica import Handler
from shared.scheduler import DueHandler, Work


def on_result_agreed(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Levels were agreed: a plan is drafted from them, or refreshed."""
    draft_plan(uow, event.data)


def on_result_signed_off(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """The levels are signed off: the plan says so."""
    note_sign_off(uow, event.data)


def on_result_corrected(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """The signed levels were put right: an unapproved plan follows, an approved one keeps what the board approved."""
    note_correction(uow, event.data)


def on_result_withdrawn(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """The agreed levels hold no longer: a plan that was never approved waits, or ends."""
    take_back(uow, event.data)


def on_membership_ended(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """Tell whoever leads of a leaver's actions; who keeps another role with which one may own actions keeps them.

    Runs after the replica has forgotten the role. A role with which one owns nothing takes no actions along.
    """
    person_id, org_id = event.data["person_id"], event.data["org_id"]
    if event.data["role"] in MAY_OWN and not may_own(uow, person_id, org_id):
        note_leaver(uow, person_id)


def on_priority_published(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """A national priority holds for a time."""
    learn_priority(uow, event.data)


def on_priority_ended(uow: UnitOfWork, event: ReceivedEvent) -> None:
    """A national priority ends."""
    end_priority(uow, event.data)


def due_soon(uow: UnitOfWork, work: Work) -> None:
    """The last week before a due day begins. Safe to repeat: a due day is told once."""
    tell_due_soon(uow, UUID(work.object_id))


def overdue(uow: UnitOfWork, work: Work) -> None:
    """A due day has ended. Safe to repeat: a due day is told once."""
    tell_overdue(uow, UUID(work.object_id))


def closed_while_shared(uow: UnitOfWork, work: Work) -> None:
    """A plan was closed by a release that went on showing it. Safe to repeat: what was stopped stays as it is."""
    if end_left_over(uow, UUID(work.object_id)):
        audit.record(uow, "plan.sharing-ended", "plan", work.object_id)


HANDLERS: Mapping[str, Handler] = {
    event_types.RESULT_AGREED: on_result_agreed,
    event_types.RESULT_SIGNED_OFF: on_result_signed_off,
    event_types.RESULT_CORRECTED: on_result_corrected,
    event_types.RESULT_WITHDRAWN: on_result_withdrawn,
    event_types.NATIONAL_PRIORITY_PUBLISHED: on_priority_published,
    event_types.NATIONAL_PRIORITY_ENDED: on_priority_ended,
    event_types.MEMBERSHIP_ENDED: on_membership_ended,
}
DUE_HANDLERS: Mapping[str, DueHandler] = {
    DUE_SOON_WORK: due_soon,
    OVERDUE_WORK: overdue,
    LEFT_OVER_WORK: closed_while_shared,
}
