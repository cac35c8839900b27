"""Asking for sign-in accounts to follow what the directory holds.

An intent is written in the transaction of its cause and carried out by the scheduler (account_work.py). It belongs to
the national tenant: an account spans all tenants in which its person has a role, so a move must not carry it along.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from services.directory import events
from services.directory.models import appointment, person
from services.directory.own_hand import own_hand
from services.directory.queries.people import current
from shared import audit, due_work, outbox
from shared.clock import start_of_local_day
from shared.database import UnitOfWork
from shared.principal import NATIONAL_TENANT
from shared.problems import Conflict, NotFound

PROVISION = "provision-account"
RESET = "reset-second-factor"
CLOSING = "accounts-after-closing"


def request_account(uow: UnitOfWork, person_id: str, *, setup_mail: bool = False, passkey: bool | None = None) -> None:
    """Ask for one person's account to be brought in line, as soon as the scheduler gets to it.

    `setup_mail` sends the link to set up the sign-in once more, unless it has been set up by then. `passkey` says what
    the person wants to set up: a passkey, or a password and a code.
    """
    data = {"setup_mail": True} if setup_mail else {}
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        due_work.add(uow, PROVISION, person_id, uow.now, data if passkey is None else data | {"passkey": passkey})


def send_setup_mail_again(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
    """Send a person of the caller's organisation a fresh link to set up the sign-in; NotFound for anybody else."""
    uow.about("person", person_id)
    _check_own_person(uow, person_id)
    request_account(uow, person_id, setup_mail=True)
    return {"person_id": person_id, "asked_at": uow.now}


def reset_second_factor(uow: UnitOfWork, person_id: str, *, passkey: bool = False) -> dict[str, Any]:
    """Let a person of the caller's organisation set up a new second factor, a code or a passkey; tell person and chair.

    There is one account for all organisations a person acts for, so each of them is told. Whoever asks has made sure
    who it is. Raises NotFound for anybody else's people, Conflict for oneself and for people of the national team,
    whose accounts are not the directory's.
    """
    uow.about("person", person_id)
    if person_id == uow.principal.person_id:
        raise Conflict("own-second-factor", "Nobody resets their own second factor. Ask another access manager.")
    _check_own_person(uow, person_id)
    tenant_id, org_id = uow.principal.tenant_id, uow.principal.org_id
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        if _holds_national_role(uow, person_id):
            raise Conflict("national-account", "An operator looks after the accounts of the national team.")
        due_work.add(uow, RESET, person_id, uow.now, {"passkey": passkey})
    with own_hand(uow, tenant_id, org_id):
        lock_person(uow, person_id)
        outbox.add(uow, events.second_factor_reset(person_id, org_id, reset_at=uow.now))
        elsewhere = _other_organisations(uow, person_id)
    for other in elsewhere:
        with own_hand(uow, other.tenant_id, other.org_id):
            outbox.add(uow, events.second_factor_reset(person_id, org_id, reset_at=uow.now, elsewhere=True))
            audit.record(uow, "account.second-factor-reset", "person", person_id)
    return {"person_id": person_id, "asked_at": uow.now}


def _other_organisations(uow: UnitOfWork, person_id: str) -> Sequence[Row[Any]]:
    """Return tenant and code of every other organisation for which somebody acts, as the directory's own hand."""
    held = appointment.c
    statement = (
        select(held.tenant_id, held.org_id)
        .where(held.person_id == person_id, held.org_id != uow.principal.org_id, current(uow.now))
        .distinct()
        .order_by(held.tenant_id, held.org_id)
    )
    return uow.session.execute(statement).all()


def lock_person(uow: UnitOfWork, person_id: str) -> None:
    """Lock the person: the events of one person leave in the order in which things happened."""
    statement = select(person.c.person_id).where(person.c.person_id == person_id).with_for_update()
    if uow.session.execute(statement).first() is None:
        raise NotFound


def _check_own_person(uow: UnitOfWork, person_id: str) -> None:
    """Raise NotFound unless the person holds a role in the caller's organisation."""
    held = appointment.c
    own = select(held.id).where(
        held.person_id == person_id, held.org_id == uow.principal.org_id, held.ended_at.is_(None)
    )
    if uow.session.execute(own).first() is None:
        raise NotFound


def _holds_national_role(uow: UnitOfWork, person_id: str) -> bool:
    held = appointment.c
    national = select(held.id).where(
        held.person_id == person_id, held.org_id == NATIONAL_TENANT, held.ended_at.is_(None)
    )
    return uow.session.execute(national).first() is not None


def request_accounts_of(uow: UnitOfWork, org_id: str) -> None:
    """Ask for the accounts of everybody who holds a role in an organisation to be brought in line."""
    held = appointment.c
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        people = select(held.person_id).where(held.org_id == org_id, held.ended_at.is_(None)).distinct()
        for person_id in uow.session.execute(people).scalars().all():
            due_work.add(uow, PROVISION, person_id, uow.now)


def request_accounts_once_closed(uow: UnitOfWork, org_id: str, open_until: date) -> None:
    """Ask for the accounts of an organisation's people to be brought in line on the first day it is closed.

    Work of its own for the organisation: one person's intent stands once, and another cause would move its day.
    """
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        due_work.add(uow, CLOSING, org_id, max(uow.now, start_of_local_day(open_until)))
