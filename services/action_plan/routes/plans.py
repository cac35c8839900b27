"""Plans: read them, choose priorities, write the aim."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.action_plan.commands import plans
from services.action_plan.queries.plans import all_plans, plan_view
from services.action_plan.routes.who import LEADS, READERS, SEES_LEVELS
from services.action_plan.schemas.requests import ChoosePriorities, WriteAim
from services.action_plan.schemas.views import PlanPage, PlanView
from shared.access import requires
from shared.database import UnitOfWork
from shared.request_and_reply import if_match, reply
from shared.request_transaction import unit_of_work
from shared.schema import PageQuery


def blueprint() -> Blueprint:
    """Return the routes of plans."""
    blp = Blueprint("plans", __name__, url_prefix="/v1/plans", description="Action plans")
    _reading(blp)
    _editing(blp)
    return blp


def _reading(blp: Blueprint) -> None:
    @blp.route("")
    @requires(*READERS, audit=None)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, PlanPage)
    def list_plans(query: dict[str, Any]) -> Response:
        with unit_of_work() as uow:
            answer = all_plans(uow, **query)
        return reply(answer)

    @blp.route("/<uuid:plan_id>")
    @requires(*READERS, audit=None)
    @blp.response(200, PlanView)
    def show_plan(plan_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = plan_view(uow, plan_id, levels=uow.principal.holds(*SEES_LEVELS))
        return reply(answer, etag=answer["version"])


def _editing(blp: Blueprint) -> None:
    @blp.route("/<uuid:plan_id>/priorities", methods=["PUT"])
    @requires(*LEADS, audit="plan.priorities-chosen")
    @blp.arguments(ChoosePriorities)
    @blp.response(200, PlanView)
    def choose(data: dict[str, Any], plan_id: UUID) -> Response:
        with unit_of_work() as uow:
            plans.choose_priorities(uow, plan_id, if_match(), **data)
            return committed(uow, plan_id)

    @blp.route("/<uuid:plan_id>/aim", methods=["PUT"])
    @requires(*LEADS, audit="plan.aim-written")
    @blp.arguments(WriteAim)
    @blp.response(200, PlanView)
    def write_aim(data: dict[str, Any], plan_id: UUID) -> Response:
        with unit_of_work() as uow:
            plans.write_aim(uow, plan_id, if_match(), **data)
            return committed(uow, plan_id)


def committed(uow: UnitOfWork, plan_id: UUID) -> Response:
    """Commit and answer with the plan as it is now."""
    answer = plan_view(uow, plan_id)
    uow.commit(answer)
    return reply(answer, etag=answer["version"])
