"""Counting, with the person whom it mails, how often something was done (domain/how_often.py)."""

from datetime import datetime

from sqlalchemy import Column, select, update

from services.directory.domain.errors import RuleBroken
from services.directory.domain.how_often import once_more
from services.directory.models import person
from shared.database import UnitOfWork


def count_once_more(uow: UnitOfWork, person_id: str, when: Column[list[datetime]], *, refusal: RuleBroken) -> None:
    """Write down in `when` that it is done now, as the directory's own hand, with the person locked.

    Raises `refusal` for what was done as often as it may.
    """
    this = person.c.person_id == person_id
    earlier = uow.session.execute(select(when).where(this)).scalar_one()
    moments = once_more(earlier, uow.now, refusal=refusal)
    uow.session.execute(update(person).where(this).values({when.name: moments}))
