"""What the organisation shares of a plan."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.action_plan.commands import sharing
from services.action_plan.queries.sharing import sharing_view
from services.action_plan.routes.who import DECIDERS, LEADS, SEES_SHARING
from services.action_plan.schemas.requests import DecideSharing
from services.action_plan.schemas.views import PlanSharing
from shared.access import requires
from shared.database import UnitOfWork
from shared.request_and_reply import if_match, reply
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of sharing."""
    blp = Blueprint("plan-sharing", __name__, url_prefix="/v1/plans", description="What leaves the organisation")

    @blp.route("/<uuid:plan_id>/sharing")
    @requires(*SEES_SHARING, audit=None)
    @blp.response(200, PlanSharing)
    def show_sharing(plan_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = sharing_view(uow, plan_id)
        return reply(answer, etag=answer["version"])

    @blp.route("/<uuid:plan_id>/sharing/propose", methods=["POST"])
    @requires(*LEADS, audit="plan.sharing-proposed")
    @blp.response(200, PlanSharing)
    def propose(plan_id: UUID) -> Response:
        with unit_of_work() as uow:
            sharing.propose(uow, plan_id)
            return _committed(uow, plan_id)

    @blp.route("/<uuid:plan_id>/sharing", methods=["PUT"])
    @requires(*DECIDERS, audit="plan.sharing-decided", strong=True)
    @blp.arguments(DecideSharing)
    @blp.response(200, PlanSharing)
    def decide(data: dict[str, Any], plan_id: UUID) -> Response:
        with unit_of_work() as uow:
            sharing.decide(uow, plan_id, if_match(), **data)
            return _committed(uow, plan_id)

    return blp


def _committed(uow: UnitOfWork, plan_id: UUID) -> Response:
    """Commit and answer with what is shared now."""
    answer = sharing_view(uow, plan_id)
    uow.commit(answer)
    return reply(answer, etag=answer["version"])
