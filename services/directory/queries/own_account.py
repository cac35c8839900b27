"""What the directory holds about whoever asks."""

from typing import Any

from sqlalchemy import Row, select

from services.directory.models import appointment, external_identity, organisation, person
from services.directory.queries.address_changes import waiting_change
from services.directory.queries.people import current, last_day
from services.directory.queries.terms import is_looked_after_nationally, is_of_national_team, terms_of
from services.directory.role_rules import role_titles
from shared.database import UnitOfWork
from shared.problems import NotFound


def own_account(uow: UnitOfWork) -> dict[str, Any]:
    """Return name, address and roles with their dates, work accounts, and the new address that waits."""
    who, known = person.c, external_identity.c
    oneself = select(who.name, who.email).where(who.person_id == uow.principal.person_id)
    found = uow.session.execute(oneself).first()
    if found is None:
        raise NotFound
    terms = terms_of(uow, str(uow.principal.person_id))
    links = select(known.shown_name, known.linked_at).where(
        known.person_id == uow.principal.person_id, known.shown_name.is_not(None)
    )
    return {
        "name": found.name,
        "email": found.email,
        "address_kept_here": not is_of_national_team(terms, uow.now),
        "name_kept_nationally": is_looked_after_nationally(terms, uow.now),
        "address_change": waiting_change(uow),
        "roles": [_shown(row) for row in _own_roles(uow)],
        "work_accounts": [dict(row) for row in uow.session.execute(links).mappings()],
    }


def _own_roles(uow: UnitOfWork) -> list[Row[Any]]:
    held, where = appointment.c, organisation.c
    statement = (
        select(where.name.label("organisation_name"), held.role, held.valid_from, held.valid_until)
        .join(organisation, where.code == held.org_id)
        .where(held.person_id == uow.principal.person_id, current(uow.now))
        .order_by(where.name, held.role)
    )
    return list(uow.session.execute(statement))


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {
        "organisation_name": row.organisation_name,
        "title": role_titles()[row.role],
        "since": row.valid_from,
        "until": last_day(row.valid_until),
    }
