"""One role of somebody: shown to those who look after access, and ended."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.directory.commands.appointments import end_membership
from services.directory.queries.people import role_of_somebody
from services.directory.schemas.people import EndedView, EndMembership, RoleOfSomebody
from shared.access import requires
from shared.contracts.roles import Role
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work

blp = Blueprint("memberships", __name__, url_prefix="/v1/memberships", description="Roles held")
ENDING = (Role.ACCESS_MANAGER, Role.ICB_ACCESS_MANAGER, Role.NATIONAL_ADMINISTRATOR)


@blp.route("/<uuid:membership_id>")
@requires(*ENDING, audit=None)
@blp.response(200, RoleOfSomebody)
def show(membership_id: UUID) -> Response:
    """Return a role that is held now, with who holds it where: one's own organisation's, or one that one gives."""
    with unit_of_work() as uow:
        answer = role_of_somebody(uow, membership_id)
    return reply(answer)


@blp.route("/<uuid:membership_id>/end", methods=["POST"])
@requires(*ENDING, audit="membership.ended", strong=True)
@blp.arguments(EndMembership)
@blp.response(200, EndedView)
def end(data: dict[str, Any], membership_id: UUID) -> Response:
    """End a role; whoever could give it can end it."""
    with unit_of_work() as uow:
        answer = end_membership(uow, membership_id, **data)
        uow.commit(answer)
    return reply(answer)
