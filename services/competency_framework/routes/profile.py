"""Where the board is strong, mixed or thin: words from seven people up."""

from flask import Response
from flask_smorest import Blueprint

from services.competency_framework import queries
from services.competency_framework.schemas import ProfileView
from shared.access import requires
from shared.contracts.roles import Role
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the route of the board's profile."""
    blp = Blueprint("board-profile", __name__, url_prefix="/v1/board-profile", description="The board as a whole")

    @blp.route("")
    @requires(Role.CHAIR, audit="board-profile.read")
    @blp.response(200, ProfileView)
    def show() -> Response:
        with unit_of_work() as uow:
            answer = queries.profile(uow)
            uow.commit(answer)
        return reply(answer)

    return blp
