"""Asking for sign-in accounts to follow what the directory holds.

An intent is written in the transaction of its cause and carried out by the scheduler (account_work.py). It belongs to
the national tenant: an account spans all tenants in which its person has a role, so a move must not carry it along.
"""

from sqlalchemy import select

from services.directory.models import appointment
from services.directory.own_hand import own_hand
from shared import due_work
from shared.database import UnitOfWork
from shared.principal import NATIONAL_TENANT

PROVISION = "provision-account"


def request_account(uow: UnitOfWork, person_id: str) -> None:
    """Ask for one person's account to be brought in line, as soon as the scheduler gets to it."""
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        due_work.add(uow, PROVISION, person_id, uow.now)


def request_accounts_of(uow: UnitOfWork, org_id: str) -> None:
    """Ask for the accounts of everybody who holds a role in an organisation to be brought in line."""
    held = appointment.c
    with own_hand(uow, NATIONAL_TENANT, NATIONAL_TENANT):
        people = select(held.person_id).where(held.org_id == org_id, held.ended_at.is_(None)).distinct()
        for person_id in uow.session.execute(people).scalars().all():
            due_work.add(uow, PROVISION, person_id, uow.now)
