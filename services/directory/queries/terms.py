"""For which organisations somebody has acted, from when until when, and whether the national team looks after them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from services.directory.domain.terms import Term, acts, home_of
from services.directory.models import appointment, organisation
from shared.clock import start_of_local_day
from shared.database import UnitOfWork
from shared.principal import NATIONAL_TENANT


def terms_of(uow: UnitOfWork, person_id: str) -> list[Term]:
    """Return every role a person has held, as far as the principal may see: the directory's own hand sees them all."""
    held, where = appointment.c, organisation.c
    statement = (
        select(held.org_id, where.kind, held.valid_from, held.valid_until, held.ended_at, where.open_until)
        .join(organisation, where.code == held.org_id)
        .where(held.person_id == person_id)
    )
    return [Term(row.org_id, row.kind, row.valid_from, _end(row)) for row in uow.session.execute(statement)]


def is_of_national_team(terms: Iterable[Term], now: datetime) -> bool:
    """Tell whether somebody with these terms holds a national role."""
    return any(term.org_id == NATIONAL_TENANT and term.holds(now) for term in terms)


def is_looked_after_nationally(terms: Iterable[Term], now: datetime) -> bool:
    """Tell whether a national administrator, and nobody else, is to be asked about somebody with these terms."""
    known = list(terms)
    return is_of_national_team(known, now) or (acts(known, now) and home_of(known, now) is None)


def _end(row: Row[Any]) -> datetime | None:
    """Whichever came first: the role's end, its last day, or that of its organisation."""
    closed = start_of_local_day(row.open_until) if row.open_until is not None else None
    return min((end for end in (row.ended_at, row.valid_until, closed) if end is not None), default=None)
