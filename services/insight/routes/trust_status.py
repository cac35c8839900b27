"""How an ICB's trusts are getting on, and what a trust's own people see of that.

Reading it leaves no line in the audit trail: progress holds no level and no word of a board, and an ICB lead sees all
of it on each visit of the first page. What a trust chose to share is audited where it is read.
"""

from flask import Response
from flask_smorest import Blueprint

from services.insight import queries
from services.insight.schemas import TrustStatus, TrustStatuses
from shared.access import requires
from shared.contracts.roles import Role
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work

blp = Blueprint("trust_status", __name__, url_prefix="/v1", description="Progress of trusts, as their ICB sees it")
OF_A_TRUST = (
    Role.BOARD_MEMBER,
    Role.IMPROVEMENT_LEAD,
    Role.CHAIR,
    Role.CHIEF_EXECUTIVE,
    Role.COMPANY_SECRETARY,
    Role.ACTION_OWNER,
    Role.ACCESS_MANAGER,
)


@blp.route("/trust-status")
@requires(Role.ICB_LEAD, audit=None)
@blp.response(200, TrustStatuses)
def list_trusts() -> Response:
    """One row a member trust, also for those that never began."""
    with unit_of_work() as uow:
        items = queries.trusts_of_icb(uow)
    return reply({"items": items, "next": None, "count": len(items)})


@blp.route("/trust-status/<string:org_id>")
@requires(Role.ICB_LEAD, audit=None)
@blp.response(200, TrustStatus)
def one_trust(org_id: str) -> Response:
    """One member trust."""
    with unit_of_work() as uow:
        status = queries.trust_of_icb(uow, org_id)
    return reply(status)


@blp.route("/our-status")
@requires(*OF_A_TRUST, audit=None)
@blp.response(200, TrustStatus)
def our_status() -> Response:
    """What the ICB sees of us: the same row, made the same way."""
    with unit_of_work() as uow:
        status = queries.our_status(uow)
    return reply(status)
