"""Asking for sign-in accounts to follow what the directory holds.

An intent is written in the transaction of its cause and carried out by the scheduler (account_work.py). It belongs to
the national tenant: an account spans all tenants in which its person has a role, so a move must not carry it along.
"""

from datetime import date
from typing import Any

from sqlalchemy import Row, select

from services.directory.commands.how_often import count_once_more
from services.directory.domain.how_often import SetupMailSentOften
from services.directory.models import appointment, person
from services.directory.own_hand import own_hand
from shared import due_work
from shared.clock import start_of_local_day
from shared.database import UnitOfWork
from shared.principal import NATIONAL_TENANT
from shared.problems import NotFound

PROVISION = "provision-account"
CLOSING = "accounts-after-closing"


def request_account(
    uow: UnitOfWork,
    person_id: str,
    *,
    setup_mail: bool = False,
    passkey: bool | None = None,
    anew: bool = False,
    former: str | None = None,
) -> None:
    """Ask for one person's account to be brought in line, as soon as the scheduler gets to it.

    `setup_mail` sends the link to set up the sign-in once more, unless it has been set up by then. `passkey` says what
    the person wants to set up: a passkey, or a password and a code. `anew` takes away all that the account has been
    signed in with. `former` is whose address this person has now: that account goes first.
    """
    asked = {"setup_mail": setup_mail or None, "passkey": passkey, "anew": anew or None, "former": former}
    data = {name: value for name, value in asked.items() if value is not None}
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        due_work.add(uow, PROVISION, person_id, uow.now, data)


def send_setup_mail_again(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
    """Send a person of the caller's organisation a fresh link to set up the sign-in.

    Raises NotFound for anybody else, SetupMailSentOften for a fourth one within a day, whoever asks.
    """
    uow.about("person", person_id)
    check_own_person(uow, person_id)
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        who = lock_person(uow, person_id)
        count_once_more(uow, who, person.c.setup_mail_asked_at, refusal=SetupMailSentOften())
    request_account(uow, person_id, setup_mail=True)
    return {"person_id": person_id, "asked_at": uow.now}


def lock_person(uow: UnitOfWork, person_id: str) -> Row[Any]:
    """Lock the person and return the row: the events of one person leave in the order in which things happened."""
    found = uow.session.execute(select(person).where(person.c.person_id == person_id).with_for_update()).first()
    if found is None:
        raise NotFound
    return found


def check_own_person(uow: UnitOfWork, person_id: str, *, or_holds: str | None = None) -> None:
    """Raise NotFound unless the person holds a role in the caller's organisation, or one that the caller sees."""
    held = appointment.c
    theirs = (held.org_id == uow.principal.org_id) | (held.role == or_holds)
    own = select(held.id).where(held.person_id == person_id, held.ended_at.is_(None), theirs)
    if uow.session.execute(own).first() is None:
        raise NotFound


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
