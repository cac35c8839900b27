"""The chair or chief executive signs the agreed result, or sends it back."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert

from services.assessment import events
from services.assessment.commands.steps import NO_DECISION, check_step, locked_round, take_step
from services.assessment.domain.agreements import Agreement
from services.assessment.domain.decisions import CONFIRM_WITHIN, Decision, checked_decision, decision_to_sign
from services.assessment.domain.results import (
    FIRST_REVISION,
    RoundFacts,
    Signature,
    canonical,
    fingerprint,
    frozen_content,
)
from services.assessment.domain.rounds import Step
from services.assessment.domain.texts import required_text
from services.assessment.models import signed_result
from services.assessment.queries.discussion import agreements, practice_levels
from services.assessment.queries.question_sets import get_question_set
from services.assessment.queries.results import levels_for_the_plan
from services.assessment.queries.rounds import active_people, round_view
from shared import outbox
from shared.clock import local_day
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.problems import StaleVersion

SIGNERS = (Role.CHAIR, Role.CHIEF_EXECUTIVE, Role.PLACE_CONVENOR)
"""Who may sign, the one named in the result first; a place's convenor signs its own."""


def record_decision(uow: UnitOfWork, round_id: UUID, *, meeting_on: date, minute: str | None = None) -> None:
    """Write down what the board decided, for the chair or chief executive to confirm within 30 days.

    Raises NotFound, NotPossibleNow, and NotValid for a meeting in the future.
    """
    row = locked_round(uow, round_id)
    decided = checked_decision(meeting_on, minute, today=local_day(uow.now))
    today = local_day(uow.now)
    recorded = take_step(
        uow,
        row,
        Step.RECORD_DECISION,
        decision_meeting_on=decided.meeting_on,
        decision_minute=decided.minute,
        decision_recorded_by=uow.principal.person_id,
        decision_recorded_at=uow.now,
    )
    outbox.add(uow, events.decision_recorded(recorded, recorded_on=today, confirm_by=today + CONFIRM_WITHIN))


def sign_off(
    uow: UnitOfWork, round_id: UUID, version: int, *, meeting_on: date | None = None, minute: str | None = None
) -> dict[str, Any]:
    """Freeze the agreed result with its hash; of two who sign at once, one does.

    `version` is that of the round which the signer read: levels, and the decision that was recorded, stay as they are
    while it does. Without `meeting_on` the signer confirms that decision. Raises NotFound, StaleVersion (also for the
    second signer), NotPossibleNow, and NotValid for a meeting in the future or a decision that nobody recorded.
    """
    row = _as_read(uow, round_id, version)
    check_step(row, Step.SIGN_OFF)
    today = local_day(uow.now)
    signature = _signature(uow, row, meeting_on, minute)
    question_set = get_question_set(uow, row.question_set_id)
    people = active_people(uow, round_id)
    took_part = sum(person.finished for person in people)
    sha256 = _freeze(uow, row, signature, invited=len(people), took_part=took_part)
    signed = take_step(uow, row, Step.SIGN_OFF, signed_off_at=uow.now)
    event = events.signed_off(
        signed,
        signed_on=today,
        meeting_on=signature.meeting_on,
        items=len(question_set.items),
        invited=len(people),
        took_part=took_part,
    )
    outbox.add(uow, event)
    levels = levels_for_the_plan(uow, row, question_set)
    agreed_on = local_day(row.agreed_at)
    outbox.add(
        uow,
        events.result_signed_off(signed, levels, agreed_on=agreed_on, signed_on=today, meeting_on=signature.meeting_on),
    )
    return {"id": signed.id, "state": signed.state, "version": signed.version, "sha256": sha256}


def _as_read(uow: UnitOfWork, round_id: UUID, version: int) -> Row[Any]:
    """The locked round that the signer read; whatever happened to it since made another version of it."""
    row = locked_round(uow, round_id)
    if row.version != version:
        raise StaleVersion(round_view(uow, round_id))
    return row


def signing_role(uow: UnitOfWork) -> str:
    """The role in which the principal signs."""
    return next(role.value for role in SIGNERS if uow.principal.holds(role))


def _signature(uow: UnitOfWork, row: Row[Any], meeting_on: date | None, minute: str | None) -> Signature:
    recorded = None
    if row.decision_recorded_at is not None:
        recorded = Decision(row.decision_meeting_on, row.decision_minute, row.decision_recorded_by)
    decided = decision_to_sign(
        meeting_on,
        minute,
        recorded=recorded,
        recorded_on=local_day(row.decision_recorded_at) if recorded else None,
        today=local_day(uow.now),
    )
    return Signature(
        person_id=str(uow.principal.person_id),
        role=signing_role(uow),
        signed_at=uow.now,
        meeting_on=decided.meeting_on,
        minute=decided.minute,
        recorded_by=decided.recorded_by,
    )


def _freeze(uow: UnitOfWork, row: Row[Any], signature: Signature, *, invited: int, took_part: int) -> str:
    agreed = {
        item_id: Agreement(
            level=found["level"],
            reason=found["reason"],
            evidence=found["evidence"],
            differed=found["differed"],
            aim_level=found["aim_level"],
        )
        for item_id, found in agreements(uow, row.id).items()
    }
    overall = {practice_id: found.level for practice_id, found in practice_levels(uow, row.id).items()}
    facts = RoundFacts(round_id=str(row.id), org_id=row.org_id, name=row.name, invited=invited, finished=took_part)
    question_set = get_question_set(uow, row.question_set_id)
    content = canonical(frozen_content(facts, question_set, agreed, overall, signature))
    sha256 = fingerprint(content)
    statement = insert(signed_result).values(
        tenant_id=row.tenant_id,
        org_id=row.org_id,
        round_id=row.id,
        revision=FIRST_REVISION,
        content=content,
        sha256=sha256,
        signed_by=signature.person_id,
        signed_as=signature.role,
        signed_at=signature.signed_at,
        meeting_on=signature.meeting_on,
        minute=signature.minute,
    )
    uow.session.execute(statement)
    return sha256


def send_back(uow: UnitOfWork, round_id: UUID, version: int, *, note: str) -> None:
    """Ask for another look: the round is in discussion again and carries the note until it is agreed anew.

    Raises NotFound, StaleVersion for other levels than those that were read, NotPossibleNow and NotValid.
    """
    row = _as_read(uow, round_id, version)
    check_step(row, Step.SEND_BACK)
    said = required_text("note", note, "Say what should be looked at again")
    returned = take_step(
        uow,
        row,
        Step.SEND_BACK,
        agreed_at=None,
        sent_back_note=said,
        sent_back_by=uow.principal.person_id,
        **NO_DECISION,
    )
    outbox.add(uow, events.sent_back(returned, local_day(uow.now)))
    outbox.add(uow, events.result_withdrawn(returned, withdrawn_on=local_day(uow.now), how="sent_back"))
