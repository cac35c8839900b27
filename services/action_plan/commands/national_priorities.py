"""What holds nationally for a time: kept so that a draft can say which items it names."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from services.action_plan.models import national_priority
from shared.database import UnitOfWork


def learn_priority(uow: UnitOfWork, data: Mapping[str, Any]) -> None:
    """Keep a national priority, in place of what was known of it."""
    values = {
        "starts_on": date.fromisoformat(data["starts_on"]),
        "ends_on": date.fromisoformat(data["ends_on"]),
        "item_ids": list(data["item_ids"]),
    }
    statement = insert(national_priority).values(priority_code=data["priority_code"], **values)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["priority_code"], set_=values))


def end_priority(uow: UnitOfWork, data: Mapping[str, Any]) -> None:
    """Note the last day on which a national priority holds; drafts made before stay as they are."""
    row = national_priority.c
    uow.session.execute(
        update(national_priority)
        .where(row.priority_code == data["priority_code"])
        .values(ends_on=date.fromisoformat(data["ended_on"]))
    )
