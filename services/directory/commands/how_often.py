"""Counting, with the person whom it mails, how often something was done (domain/how_often.py)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Row, update

from services.directory.domain.errors import RuleBroken
from services.directory.domain.how_often import once_more
from services.directory.models import person
from shared.database import UnitOfWork


def count_once_more(uow: UnitOfWork, who: Row[Any], when: Column[list[datetime]], *, refusal: RuleBroken) -> None:
    """Write down in `when` that it is done now, as the directory's own hand; `who` is the person's row, locked.

    Raises `refusal` for what was done as often as it may.
    """
    moments = once_more(who._mapping[when.name], uow.now, refusal=refusal)
    uow.session.execute(update(person).where(person.c.person_id == who.person_id).values({when.name: moments}))
