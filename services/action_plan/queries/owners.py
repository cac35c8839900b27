"""Who may own an action, and which actions are owned by somebody who has left."""

from typing import Any

from sqlalchemy import ColumnElement, Label, case, exists, select

from services.action_plan.models import action
from services.action_plan.queries.counts import UNFINISHED
from shared import replica
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.mechanism import known_membership

MAY_OWN = (
    Role.BOARD_MEMBER,
    Role.IMPROVEMENT_LEAD,
    Role.CHAIR,
    Role.CHIEF_EXECUTIVE,
    Role.COMPANY_SECRETARY,
    Role.ACTION_OWNER,
    Role.PLACE_CONVENOR,
)
"""Who can read the plan; anybody else could not keep an action up to date."""


def may_own(uow: UnitOfWork, person_id: str, org_id: str) -> bool:
    """Tell whether somebody holds a role today that lets them read the plan, as this service knows it."""
    return bool(uow.session.scalar(select(_in_office(uow, person_id, org_id))))


def owner_left(uow: UnitOfWork) -> Label[Any]:
    """Return, as a column of a query over actions, whether an unfinished one is owned by somebody who may not own it.

    Nobody keeps such an action up to date: it waits for another owner.
    """
    in_office = _in_office(uow, action.c.owner_id, action.c.org_id)
    return case((UNFINISHED & ~in_office, True), else_=False).label("owner_left")


def _in_office(
    uow: UnitOfWork, person_id: str | ColumnElement[str], org_id: str | ColumnElement[str]
) -> ColumnElement[bool]:
    held = known_membership.c
    return exists().where(
        held.person_id == person_id,
        held.org_id == org_id,
        held.role.in_([role.value for role in MAY_OWN]),
        replica.held_today(uow.now),
    )
