"""Who looks after a person's account and name: whoever looks after access where that person has acted longest.

There is one account, and one name, for all organisations a person acts for. Otherwise the access manager of any board,
by giving somebody a small role there, could take over the account with which that person chairs another, or rename
them there. The national team's people are looked after by nobody below it.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from services.directory.domain.kinds import Kind
from services.directory.domain.terms import Term, home_of
from services.directory.models import appointment
from services.directory.queries.people import current
from services.directory.queries.register import body
from services.directory.queries.terms import is_looked_after_nationally
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.principal import NATIONAL_TENANT
from shared.problems import Conflict, NotFound

LOOKING_AFTER_ACCESS = (Role.ACCESS_MANAGER.value, Role.ICB_ACCESS_MANAGER.value)


def keeper_of(terms: Iterable[Term], now: datetime) -> str:
    """Return the code of the organisation that looks after somebody with these terms, all that there are.

    It is the national team for everybody who holds a role there or was given one by it where nobody looks after
    access, as in a region. Raises NotFound for somebody who acts nowhere.
    """
    known = list(terms)
    if is_looked_after_nationally(known, now):
        return NATIONAL_TENANT
    home = home_of(known, now)
    if home is None:
        raise NotFound
    return home


def national_account() -> Conflict:
    """Return the refusal of what would change the account of somebody of the national team: it is out of our rights."""
    return Conflict("national-account", "An operator looks after the accounts of the national team.")


def managers_of(uow: UnitOfWork, org_id: str) -> set[str]:
    """Return who looks after access in an organisation, as the directory's own hand."""
    held = appointment.c
    looking = held.role.in_(LOOKING_AFTER_ACCESS)
    return set(
        uow.session.execute(select(held.person_id).where(held.org_id == org_id, looking, current(uow.now))).scalars()
    )


def whom_to_ask(uow: UnitOfWork, person_id: str, home: str, *, looks_after: str, to: str) -> str:
    """Say who can do it. Where nobody looks after access, whoever appoints the first there helps, as always."""
    where, managers = body(uow, home), managers_of(uow, home)
    said = f"This person has acted longest for {where.name}, which looks after {looks_after}."
    if managers - {person_id}:
        return f"{said} Ask the access manager there to {to}."
    if managers:
        return f"{said} They are the only access manager there. Ask the operator of this service."
    above = "the national team" if where.kind == Kind.ICB else where.tenant_name
    return f"{said} There is no access manager there at the moment. Ask {above} to appoint one."
