"""Asking for sign-in accounts to follow what the directory holds.

An intent is written in the transaction of its cause and carried out by the scheduler (account_work.py). It belongs to
the national tenant: an account spans all tenants in which its person has a role, so a move must not carry it along.
"""

from typing import Any

from sqlalchemy import select

from services.directory.models import appointment
from services.directory.own_hand import own_hand
from shared import due_work
from shared.database import UnitOfWork
from shared.principal import NATIONAL_TENANT
from shared.problems import NotFound

PROVISION = "provision-account"


def request_account(uow: UnitOfWork, person_id: str, *, setup_mail: bool = False) -> None:
    """Ask for one person's account to be brought in line, as soon as the scheduler gets to it.

    `setup_mail` sends the link to set up the sign-in once more, unless it has been set up by then.
    """
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        due_work.add(uow, PROVISION, person_id, uow.now, {"setup_mail": True} if setup_mail else {})


def send_setup_mail_again(uow: UnitOfWork, person_id: str) -> dict[str, Any]:
    """Send a person of the caller's organisation a fresh link to set up the sign-in; NotFound for anybody else."""
    uow.about("person", person_id)
    held = appointment.c
    own = select(held.id).where(
        held.person_id == person_id, held.org_id == uow.principal.org_id, held.ended_at.is_(None)
    )
    if uow.session.execute(own).first() is None:
        raise NotFound
    request_account(uow, person_id, setup_mail=True)
    return {"person_id": person_id, "asked_at": uow.now}


def request_accounts_of(uow: UnitOfWork, org_id: str) -> None:
    """Ask for the accounts of everybody who holds a role in an organisation to be brought in line."""
    held = appointment.c
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        people = select(held.person_id).where(held.org_id == org_id, held.ended_at.is_(None)).distinct()
        for person_id in uow.session.execute(people).scalars().all():
            due_work.add(uow, PROVISION, person_id, uow.now)
