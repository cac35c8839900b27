"""What organisations chose to show their ICB. Reading is written down where they can see it.

The audit trail gets a line for each organisation that was read of.
"""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from services.assessment.commands.sharing import read_shared_summaries
from services.assessment.schemas.requests import WhichSummaries
from services.assessment.schemas.sharing import SharedSummaryPage
from shared.access import requires
from shared.contracts.roles import Role
from shared.problems import NotFound
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of shared summaries."""
    blp = Blueprint(
        "shared-summaries", __name__, url_prefix="/v1/shared-summaries", description="What was shared with the ICB"
    )

    @blp.route("")
    @requires(Role.ICB_LEAD, audit="shared-summaries.read")
    @blp.arguments(WhichSummaries, location="query")
    @blp.response(200, SharedSummaryPage)
    def list_shared_summaries(query: dict[str, Any]) -> Response:
        with unit_of_work() as uow:
            items = read_shared_summaries(uow, **query)
            uow.about("organisation", *sorted({item["org_id"] for item in items}))
            uow.commit()
        return reply({"items": items, "next": None, "count": len(items)})

    @blp.route("/<org_id>")
    @requires(Role.ICB_LEAD, audit="shared-summary.read")
    @blp.response(200, SharedSummaryPage)
    def show_shared_summaries(org_id: str) -> Response:
        with unit_of_work() as uow:
            uow.about("organisation", org_id)
            items = read_shared_summaries(uow, org_id)
            if not items:
                raise NotFound
            uow.commit()
        return reply({"items": items, "next": None, "count": len(items)})

    return blp
