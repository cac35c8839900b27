"""People who do not come by invitation: the first administrator of a new service, and lists loaded in bulk.

Both go the way every role goes (`grant_role`), and both may be run again: who is known stays, what is held is kept.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, insert, select

from services.directory.commands.addresses import person_at
from services.directory.commands.appointments import Grant, grant_role
from services.directory.domain.appointments import AppointmentRefused, UnknownRole
from services.directory.models import appointment, person
from services.directory.own_hand import own_hand
from services.directory.queries.register import body
from services.directory.role_rules import body_of, role_rules
from shared import audit
from shared.contracts.roles import Level, Role, role_register
from shared.database import UnitOfWork
from shared.email_addresses import email_address
from shared.person_names import person_name
from shared.principal import NATIONAL_TENANT
from shared.problems import Invalid


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to be known, with (organisation, role) pairs; without an id one is made."""

    name: str
    email: str
    roles: tuple[tuple[str, str], ...]
    person_id: str | None = None


def load_people(uow: UnitOfWork, people: Iterable[NewPerson], *, provision: bool = True) -> int:
    """Make people known and give them their roles; returns how many roles were new.

    `provision=False` leaves the sign-in accounts alone, for a realm that was filled from the same list. Raises NotFound
    for an unknown organisation, UnknownRole for a role its kind does not have, Invalid for a name or an address that no
    invitation would take.
    """
    given = 0
    for entry in people:
        person_id = _known(uow, entry)
        for org_id, role in entry.roles:
            given += _give(uow, person_id, org_id, role, provision=provision)
    return given


def appoint_first_administrator(uow: UnitOfWork, *, name: str, email: str) -> str:
    """Make the first national administrator and return the person's id, which the sign-in account must carry.

    Raises AppointmentRefused when there is an administrator already: from then on they appoint one another; Invalid for
    a name or an address that no invitation would take.
    """
    role = Role.NATIONAL_ADMINISTRATOR.value
    held = appointment.c
    there = select(held.id).where(held.org_id == NATIONAL_TENANT, held.role == role, held.ended_at.is_(None))
    if uow.session.execute(there).first() is not None:
        raise AppointmentRefused("There is a national administrator already, who can appoint others.")
    person_id = _known(uow, NewPerson(name, email, ()))
    _give(uow, person_id, NATIONAL_TENANT, role, provision=False)
    return person_id


def _known(uow: UnitOfWork, entry: NewPerson) -> str:
    name, email = _checked("name", person_name, entry.name), _checked("email", email_address, entry.email)
    if entry.person_id is None:
        return person_at(uow, name=name, email=email)
    row = {"person_id": entry.person_id, "name": name, "email": email, "created_at": uow.now}
    known = select(person.c.person_id).where(person.c.person_id == entry.person_id)
    if uow.session.execute(known).first() is None:
        uow.session.execute(insert(person).values(row))
    return entry.person_id


def _checked(field: str, rule: Callable[[str], str], typed: str) -> str:
    try:
        return rule(typed)
    except ValueError as wrong:
        raise Invalid(field, str(wrong)) from wrong


def _give(uow: UnitOfWork, person_id: str, org_id: str, role: str, *, provision: bool) -> int:
    where: Row[Any] = body(uow, org_id)
    if role not in role_rules() or not _can_be_held(role, body_of(where).kind):
        raise UnknownRole(f"There is no role {role} in {org_id}.", field="role")
    held = appointment.c
    has = select(held.id).where(
        held.person_id == person_id, held.org_id == org_id, held.role == role, held.ended_at.is_(None)
    )
    if where.tenant is None or uow.session.execute(has).first() is not None:
        return 0
    with own_hand(uow, where.tenant, org_id):
        membership_id = grant_role(uow, Grant(person_id, org_id, role), provision=provision)
        audit.record(uow, "membership.loaded", "membership", str(membership_id))
    return 1


def _can_be_held(role: str, kind: str) -> bool:
    """Operators belong to no organisation by the role list; they are kept with the national body."""
    entry = role_register()[Role(role)]
    return kind in entry.held_in or (entry.level is Level.OPERATOR and kind == "national")
