"""Builds the events this service publishes; none names a person or says what was answered."""

from datetime import date

from services.competency_framework.domain.frameworks import Framework
from shared.contracts import event_types
from shared.outbox import Event
from shared.principal import NATIONAL_TENANT


def framework_published(framework: Framework) -> Event:
    """A version of a framework can be used."""
    return Event(
        event_types.FRAMEWORK_PUBLISHED,
        key=framework.id,
        org_id=NATIONAL_TENANT,
        tenant_id=NATIONAL_TENANT,
        data={
            "framework_id": framework.id,
            "version": framework.version,
            "effective_from": framework.effective_from,
            "statement_count": len(framework.domain_of_statement()),
            "illustrative": framework.illustrative,
        },
    )


def reflection_completed(org_id: str, framework_id: str, completed: int) -> Event:
    """One more of the board has finished; never who."""
    return Event(
        event_types.REFLECTION_COMPLETED,
        key=org_id,
        actor=False,
        data={"org_id": org_id, "framework_id": framework_id, "completed": completed},
    )


def board_profile_updated(org_id: str, framework_id: str, people: int, on: date) -> Event:
    """The board's profile was worked out anew."""
    return Event(
        event_types.BOARD_PROFILE_UPDATED,
        key=org_id,
        actor=False,
        data={
            "org_id": org_id,
            "framework_id": framework_id,
            "people": people,
            "shown": True,
            "updated_on": on.isoformat(),
        },
    )
