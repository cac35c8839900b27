"""A plan before its board: asked for, approved, sent back, closed."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.action_plan.commands import plans
from services.action_plan.routes.plans import committed
from services.action_plan.routes.who import APPROVERS, ASKS_FOR_APPROVAL, DELEGATES, LEADS
from services.action_plan.schemas.requests import SendBack
from services.action_plan.schemas.views import PlanView
from shared.access import requires
from shared.request_and_reply import if_match
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of approval."""
    blp = Blueprint("approval", __name__, url_prefix="/v1/plans", description="The board commits to a plan")
    _asking(blp)
    _deciding(blp)
    return blp


def _asking(blp: Blueprint) -> None:
    @blp.route("/<uuid:plan_id>/request-approval", methods=["POST"])
    @requires(*ASKS_FOR_APPROVAL, audit="plan.approval-requested", delegates=DELEGATES)
    @blp.response(200, PlanView)
    def request_approval(plan_id: UUID) -> Response:
        with unit_of_work() as uow:
            plans.request_approval(uow, plan_id)
            return committed(uow, plan_id)

    @blp.route("/<uuid:plan_id>/close", methods=["POST"])
    @requires(*LEADS, audit="plan.closed")
    @blp.response(200, PlanView)
    def close(plan_id: UUID) -> Response:
        with unit_of_work() as uow:
            plans.close(uow, plan_id)
            return committed(uow, plan_id)


def _deciding(blp: Blueprint) -> None:
    @blp.route("/<uuid:plan_id>/approve", methods=["POST"])
    @requires(*APPROVERS, audit="plan.approved", strong=True)
    @blp.response(200, PlanView)
    def approve(plan_id: UUID) -> Response:
        with unit_of_work() as uow:
            plans.approve(uow, plan_id, if_match())
            return committed(uow, plan_id)

    @blp.route("/<uuid:plan_id>/send-back", methods=["POST"])
    @requires(*APPROVERS, audit="plan.sent-back")
    @blp.arguments(SendBack)
    @blp.response(200, PlanView)
    def send_back(data: dict[str, Any], plan_id: UUID) -> Response:
        with unit_of_work() as uow:
            plans.send_back(uow, plan_id, if_match(), **data)
            return committed(uow, plan_id)
