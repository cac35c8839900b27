"""One's own private reflection. The audit rows of these routes are visible to their author alone."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from services.competency_framework import commands, queries
from services.competency_framework.queries import BOARD
from services.competency_framework.schemas import (
    AnswerView,
    FinishedView,
    MyReflection,
    SaveAnswer,
    SharedPage,
    ShareSummary,
    ShareView,
    StoppedView,
)
from shared.access import requires
from shared.contracts.roles import Role
from shared.request_and_reply import if_match, reply
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of one's own reflection."""
    blp = Blueprint("my-reflection", __name__, url_prefix="/v1/my-reflection", description="For my eyes")

    @blp.route("")
    @requires(*BOARD, audit=None)
    @blp.response(200, MyReflection)
    def show() -> Response:
        with unit_of_work() as uow:
            answer = queries.my_reflection(uow)
        return reply(answer)

    @blp.route("/<statement_id>", methods=["PUT"])
    @requires(*BOARD, audit="reflection.saved", private=True)
    @blp.arguments(SaveAnswer)
    @blp.response(200, AnswerView)
    def save(data: dict[str, Any], statement_id: str) -> Response:
        with unit_of_work() as uow:
            answer = commands.save_answer(uow, statement_id, if_match(), **data)
            uow.commit(answer)
        return reply(answer, etag=answer["version"])

    @blp.route("/finish", methods=["POST"])
    @requires(*BOARD, audit="reflection.finished", private=True)
    @blp.response(200, FinishedView)
    def finish() -> Response:
        with unit_of_work() as uow:
            answer = commands.finish(uow)
            uow.commit(answer)
        return reply(answer)

    _sharing(blp)
    return blp


def _sharing(blp: Blueprint) -> None:
    @blp.route("/share", methods=["POST"])
    @requires(*BOARD, audit="reflection.shared", private=True)
    @blp.arguments(ShareSummary)
    @blp.response(200, ShareView)
    def share(data: dict[str, Any]) -> Response:
        with unit_of_work() as uow:
            answer = commands.share(uow, **data)
            uow.commit(answer)
        return reply(answer)

    @blp.route("/stop-sharing", methods=["POST"])
    @requires(*BOARD, audit="reflection.sharing-stopped", private=True)
    @blp.response(200, StoppedView)
    def stop() -> Response:
        with unit_of_work() as uow:
            answer = commands.stop_sharing(uow)
            uow.commit(answer)
        return reply(answer)


def shared_blueprint() -> Blueprint:
    """Return the route of what members of the board chose to show their chair."""
    blp = Blueprint("shared-reflections", __name__, url_prefix="/v1/shared-reflections", description="Shown to me")

    @blp.route("")
    @requires(Role.CHAIR, audit="shared-reflections.read")
    @blp.response(200, SharedPage)
    def shared_with_me() -> Response:
        with unit_of_work() as uow:
            answer = queries.shared_with_me(uow)
            uow.commit(answer)
        return reply(answer)

    return blp
