"""Priorities that organisations chose to show their ICB. Reading is written down where they can see it.

The audit trail gets a line for each organisation that was read of.
"""

from flask import Response
from flask_smorest import Blueprint

from services.action_plan.commands.sharing import read_shared_plans
from services.action_plan.schemas.views import SharedPlanPage
from shared.access import requires
from shared.contracts.roles import Role
from shared.problems import NotFound
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of shared plans."""
    blp = Blueprint("shared-plans", __name__, url_prefix="/v1/shared-plans", description="What was shared with the ICB")

    @blp.route("")
    @requires(Role.ICB_LEAD, audit="shared-plans.read")
    @blp.response(200, SharedPlanPage)
    def list_shared_plans() -> Response:
        with unit_of_work() as uow:
            items = read_shared_plans(uow)
            uow.about("organisation", *sorted({item["org_id"] for item in items}))
            uow.commit()
        return reply({"items": items, "next": None, "count": len(items)})

    @blp.route("/<org_id>")
    @requires(Role.ICB_LEAD, audit="shared-plan.read")
    @blp.response(200, SharedPlanPage)
    def show_shared_plans(org_id: str) -> Response:
        with unit_of_work() as uow:
            uow.about("organisation", org_id)
            items = read_shared_plans(uow, org_id)
            if not items:
                raise NotFound
            uow.commit()
        return reply({"items": items, "next": None, "count": len(items)})

    return blp
