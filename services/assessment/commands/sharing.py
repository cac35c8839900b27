"""What leaves the organisation: proposed by the lead, decided by the chair, stopped at any time.

Sharing writes a frozen row for the ICB, made from exactly what the preview shows; stopping deletes it.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.assessment import events
from services.assessment.commands.grants import (
    EXPIRED,
    REPLACED,
    STOPPED,
    end_copy_left_behind,
    end_grant,
    grant_count,
    grant_summary,
    running_grants,
    stop_grant,
    terms_of,
    withdraw_from_before,
)
from services.assessment.commands.steps import locked_round
from services.assessment.domain.errors import NoAudience, NotSignedOff
from services.assessment.domain.rounds import State
from services.assessment.domain.sharing import Shared, Terms, check_terms, require_followed, require_proposable
from services.assessment.models import progress_visibility, shared_view_reading, sharing_grant, sharing_proposal
from services.assessment.queries.sharing import progress_is_visible, shared_summaries, sharing_view
from shared import outbox, replica
from shared.clock import end_of_local_day, local_day
from shared.database import UnitOfWork
from shared.problems import NotFound, StaleVersion

PROPOSABLE = {"share_summary": "summary", "share_priorities": "priorities", "count_us": "count_us"}


def propose(uow: UnitOfWork, round_id: UUID, terms: Terms, **wanted: bool) -> None:
    """Prepare what to share for the chair to decide; nothing is shared by it.

    `wanted` answers each of `PROPOSABLE`. Raises NotFound, NotSignedOff, NotValid and NoAudience.
    """
    row = _signed_off(uow, round_id)
    require_proposable(row.kind, **wanted)
    check_terms(terms, today=local_day(uow.now))
    values = {
        **wanted,
        "how_much": terms.how_much.value,
        "valid_until": terms.valid_until,
        "proposed_by": uow.principal.person_id,
        "proposed_at": uow.now,
    }
    statement = upsert(sharing_proposal).values(tenant_id=row.tenant_id, org_id=row.org_id, round_id=round_id, **values)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "round_id"], set_=values))
    proposed = [word for name, word in PROPOSABLE.items() if wanted[name]]
    outbox.add(uow, events.sharing_proposed(row, proposed, local_day(uow.now)))


def decide(
    uow: UnitOfWork,
    round_id: UUID,
    version: int,
    terms: Terms,
    *,
    share_summary: bool,
    count_us: bool,
    progress_visible: bool,
) -> None:
    """Share exactly what is said and stop the rest; `version` is that of what the chair was shown (`sharing_view`).

    Raises NotFound, NotSignedOff, StaleVersion, NotValid and NoAudience.
    """
    row = _signed_off(uow, round_id)
    shown = sharing_view(uow, round_id, terms.how_much)
    if shown["version"] != version:
        raise StaleVersion(shown)
    running = running_grants(uow, round_id)
    _decide_summary(uow, row, running.get(Shared.SUMMARY), terms if share_summary else None, shown["preview"])
    if count_us and Shared.COUNTED not in running:
        grant_count(uow, row)
    if not count_us and Shared.COUNTED in running:
        stop_grant(uow, row, running[Shared.COUNTED])
    if progress_visible != shown["progress_visible"]:
        set_progress_visibility(uow, visible=progress_visible)
    proposal = sharing_proposal.c
    uow.session.execute(
        delete(sharing_proposal).where(proposal.tenant_id == row.tenant_id, proposal.round_id == round_id)
    )


def _decide_summary(
    uow: UnitOfWork, row: Row[Any], current: Row[Any] | None, terms: Terms | None, content: dict[str, Any] | None
) -> None:
    """Share `content`, stop, or take the place of what is shared on other terms; the same terms change nothing.

    What an ICB was shown that the organisation has left stays as it was on that day (docs/adr/0007): it is neither
    stopped nor taken for what the ICB of today may see.
    """
    if terms is not None:
        check_terms(terms, today=local_day(uow.now))
    if current is not None and current.shared_with == row.tenant_id:
        if terms_of(current) == terms:
            return
        stop_grant(uow, row, current, why=STOPPED if terms is None else REPLACED)
    elif current is not None and terms is not None:
        end_grant(uow, row, current)
    withdraw_from_before(uow, row)
    if terms is not None:
        grant_summary(uow, row, terms, content)


def stop(uow: UnitOfWork, grant_id: UUID) -> UUID:
    """Stop sharing one thing and return its round; stopping again changes nothing.

    Raises NotFound, and NoAudience for what was shared with an ICB the organisation has left: that stays as it was
    on the day of the move and goes no further (docs/adr/0007).
    """
    found = _grant(uow, grant_id)
    if found is None:
        raise NotFound
    round_id: UUID = found.round_id
    row = locked_round(uow, round_id)
    current = running_grants(uow, row.id).get(Shared(found.what))
    if current is not None and current.id == grant_id:
        if found.what == Shared.SUMMARY and found.shared_with != uow.principal.tenant_id:
            raise NoAudience("This was shared with an ICB you have left. It stays as it was on that day")
        stop_grant(uow, row, current)
    return round_id


def end_on_its_day(uow: UnitOfWork, grant_id: UUID) -> bool:
    """Stop what was shared until a day that is over, with whichever ICB; tells whether anything was stopped.

    After a move something else may have taken its place at the new ICB: the copy of the old one ends all the same.
    """
    found = _grant(uow, grant_id)
    if found is None:
        return False
    row = locked_round(uow, found.round_id)
    if found.valid_until is None or end_of_local_day(found.valid_until) > uow.now:
        return False
    current = running_grants(uow, row.id).get(Shared(found.what))
    if current is None or current.id != grant_id:
        return end_copy_left_behind(uow, row, found, why=EXPIRED)
    stop_grant(uow, row, current, why=EXPIRED)
    return True


def _grant(uow: UnitOfWork, grant_id: UUID) -> Row[Any] | None:
    grant = sharing_grant.c
    statement = select(sharing_grant).where(grant.tenant_id == uow.principal.tenant_id, grant.id == grant_id)
    return uow.session.execute(statement).first()


def set_progress_visibility(uow: UnitOfWork, *, visible: bool) -> None:
    """Show the ICB a trust's progress, or hide it. Nothing is told when nothing changes. Raises NoAudience."""
    require_followed(replica.kind_of(uow, uow.principal.org_id))
    if progress_is_visible(uow) == visible:
        return
    key = {"tenant_id": uow.principal.tenant_id, "org_id": uow.principal.org_id}
    values = {"visible": visible, "changed_by": uow.principal.person_id, "changed_at": uow.now}
    statement = upsert(progress_visibility).values(**key, **values)
    uow.session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
    today = local_day(uow.now)
    outbox.add(uow, events.progress_visibility_changed(uow.principal.org_id, visible=visible, changed_on=today))


def read_shared_summaries(
    uow: UnitOfWork, org_id: str | None = None, *, newest_alone: bool = False
) -> list[dict[str, Any]]:
    """What organisations share with the principal's ICB; that it was read is written down for them to see.

    Of one organisation, or of each the newest alone: nobody is told that something was looked at which was not shown.
    """
    found = shared_summaries(uow, org_id, newest_alone=newest_alone)
    if found:
        _write_readings(uow, found)
    for summary in found:
        del summary["tenant_id"]
    return found


def _write_readings(uow: UnitOfWork, found: list[dict[str, Any]]) -> None:
    readings = [
        {
            "tenant_id": summary["tenant_id"],
            "org_id": summary["org_id"],
            "shared_view_id": summary["sharing_id"],
            "audience_tenant": uow.principal.tenant_id,
            "person_id": uow.principal.person_id,
            "first_read_at": uow.now,
            "last_read_at": uow.now,
        }
        for summary in found
    ]
    statement = upsert(shared_view_reading).values(readings)
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "shared_view_id", "person_id"],
            set_={"last_read_at": statement.excluded.last_read_at},
        )
    )


def _signed_off(uow: UnitOfWork, round_id: UUID) -> Row[Any]:
    row = locked_round(uow, round_id)
    if row.state != State.SIGNED_OFF:
        raise NotSignedOff("Only a signed-off self-assessment can be shared")
    return row
