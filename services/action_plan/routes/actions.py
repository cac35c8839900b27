"""Actions: list them, add one, keep one up to date."""

from typing import Any
from uuid import UUID

from flask import Response, g
from flask_smorest import Blueprint

from services.action_plan.commands import actions
from services.action_plan.queries.actions import action_view, all_actions
from services.action_plan.routes.who import LEADS, READERS
from services.action_plan.schemas.requests import ActionQuery, AddAction, ChangeAction
from services.action_plan.schemas.views import ActionPage, ActionWithHistory
from shared.access import requires
from shared.request_and_reply import if_match, reply
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of actions."""
    blp = Blueprint("actions", __name__, url_prefix="/v1", description="What is done under a plan")
    _reading(blp)
    _changing(blp)
    return blp


def _reading(blp: Blueprint) -> None:
    @blp.route("/actions")
    @requires(*READERS, audit=None)
    @blp.arguments(ActionQuery, location="query")
    @blp.response(200, ActionPage)
    def list_actions(query: dict[str, Any]) -> Response:
        with unit_of_work() as uow:
            answer = all_actions(uow, **query)
        return reply(answer)

    @blp.route("/actions/<uuid:action_id>")
    @requires(*READERS, audit=None)
    @blp.response(200, ActionWithHistory)
    def show_action(action_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = action_view(uow, action_id)
        return reply(answer, etag=answer["version"])


def _changing(blp: Blueprint) -> None:
    @blp.route("/plans/<uuid:plan_id>/actions", methods=["POST"])
    @requires(*LEADS, audit="action.added")
    @blp.arguments(AddAction)
    @blp.response(201, ActionWithHistory)
    def add(data: dict[str, Any], plan_id: UUID) -> Response:
        g.answer_status = 201
        with unit_of_work() as uow:
            answer = action_view(uow, actions.add_action(uow, plan_id, **data))
            uow.commit(answer)
        return reply(answer, 201, etag=answer["version"])

    @blp.route("/actions/<uuid:action_id>", methods=["PATCH"])
    @requires(*READERS, audit="action.changed")
    @blp.arguments(ChangeAction)
    @blp.response(200, ActionWithHistory)
    def change(data: dict[str, Any], action_id: UUID) -> Response:
        with unit_of_work() as uow:
            leads = uow.principal.holds(*LEADS)
            answer = actions.change_action(uow, action_id, if_match(), data, leads=leads)
            uow.commit(answer)
        return reply(answer, etag=answer["version"])
