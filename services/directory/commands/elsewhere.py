"""What is done about a person stands in the trail of every organisation for which they act, wherever it was done."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row, select

from services.directory.models import appointment
from services.directory.own_hand import own_hand
from services.directory.queries.people import current
from shared import audit
from shared.database import UnitOfWork


def other_organisations(uow: UnitOfWork, person_id: str) -> Sequence[Row[Any]]:
    """Return tenant and code of every other organisation for which somebody acts, as the directory's own hand."""
    held = appointment.c
    statement = (
        select(held.tenant_id, held.org_id)
        .where(held.person_id == person_id, held.org_id != uow.principal.org_id, current(uow.now))
        .distinct()
        .order_by(held.tenant_id, held.org_id)
    )
    return uow.session.execute(statement).all()


def record_elsewhere(
    uow: UnitOfWork,
    person_id: str,
    others: Sequence[Row[Any]],
    *,
    action: str,
    tell: Callable[[], None] = lambda: None,
) -> None:
    """Write the act about a person into the trail of each of `others`, where `tell` may tell people as well."""
    for other in others:
        with own_hand(uow, other.tenant_id, other.org_id):
            tell()
            audit.record(uow, action, "person", person_id)
