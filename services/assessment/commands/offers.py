"""A text that its author offers to the discussion: copied without a name, taken back when the author says so.

Only the author's private answer knows which offered text is theirs. The id is random, so that neither order nor time
tells who wrote it, and the row carries no date.
"""

from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete
from sqlalchemy.dialects.postgresql import insert

from services.assessment.domain.answers import Answer
from services.assessment.models import offered_text
from shared.database import UnitOfWork


def put_offer(uow: UnitOfWork, round_id: UUID, item_id: str, offer_id: UUID | None, given: Answer) -> UUID | None:
    """Make the offered text equal to what the answer offers now; return its id, or None when nothing is offered."""
    wanted = given.offered and bool(given.why or given.evidence)
    if not wanted:
        if offer_id is not None:
            uow.session.execute(delete(offered_text).where(_this(uow, offer_id)))
        return None
    offer_id = offer_id or uuid4()
    statement = insert(offered_text).values(
        tenant_id=uow.principal.tenant_id,
        org_id=uow.principal.org_id,
        id=offer_id,
        round_id=round_id,
        item_id=item_id,
        why=given.why,
        evidence=given.evidence,
    )
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "id"],
            set_={"why": statement.excluded.why, "evidence": statement.excluded.evidence},
        )
    )
    return offer_id


def _this(uow: UnitOfWork, offer_id: UUID) -> ColumnElement[bool]:
    return (offered_text.c.tenant_id == uow.principal.tenant_id) & (offered_text.c.id == offer_id)
