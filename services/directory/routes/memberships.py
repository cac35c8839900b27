"""Ending a role."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.directory.commands.appointments import end_membership
from services.directory.schemas.people import EndedView, EndMembership
from shared.access import requires
from shared.contracts.roles import Role
from shared.web import reply, unit_of_work

blp = Blueprint("memberships", __name__, url_prefix="/v1/memberships", description="Roles held")


@blp.route("/<uuid:membership_id>/end", methods=["POST"])
@requires(
    Role.ACCESS_MANAGER, Role.ICB_ACCESS_MANAGER, Role.NATIONAL_ADMINISTRATOR, audit="membership.ended", strong=True
)
@blp.arguments(EndMembership)
@blp.response(200, EndedView)
def end(data: dict[str, Any], membership_id: UUID) -> Response:
    """End a role; whoever could give it can end it."""
    with unit_of_work() as uow:
        answer = end_membership(uow, membership_id, **data)
        uow.commit(answer)
    return reply(answer)
