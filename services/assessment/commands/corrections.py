"""The chair or chief executive puts a signed result right, with a reason; what was signed before stays readable."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, update

from services.assessment import events
from services.assessment.commands.grants import count_again, running_grants, terms_of
from services.assessment.commands.sign_off import signing_role
from services.assessment.commands.steps import locked_round
from services.assessment.domain.agreements import Agreement, checked_agreement
from services.assessment.domain.corrections import (
    Correction,
    check_correction,
    corrected_content,
    items_with_another_level,
    practices_differ,
)
from services.assessment.domain.decisions import checked_decision
from services.assessment.domain.errors import NotSignedOff, NotValid
from services.assessment.domain.question_sets import QuestionSet
from services.assessment.domain.results import Signature, canonical, fingerprint
from services.assessment.domain.sharing import Shared
from services.assessment.domain.texts import required_text
from services.assessment.models import shared_view, signed_result
from services.assessment.queries.question_sets import get_question_set
from services.assessment.queries.results import levels_of_content
from services.assessment.queries.rounds import latest_result
from services.assessment.queries.sharing import preview
from shared import outbox
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.problems import StaleVersion

Rows = Sequence[dict[str, Any]]


def correct_result(
    uow: UnitOfWork,
    round_id: UUID,
    *,
    revision: int,
    reason: str,
    meeting_on: date,
    minute: str | None = None,
    items: Rows = (),
    practices: Rows = (),
) -> dict[str, Any]:
    """Sign a new version of the result, made from `revision` by replacing the named items and practice levels.

    What is shared with the ICB or counted follows at once. Raises NotFound, NotSignedOff, NotValid, and StaleVersion
    when somebody corrected it meanwhile.
    """
    row = locked_round(uow, round_id)
    stored = latest_result(uow, round_id)
    if stored is None:
        raise NotSignedOff("Only a signed-off self-assessment can be corrected")
    if stored.revision != revision:
        raise StaleVersion({"version": stored.revision})
    question_set = get_question_set(uow, row.question_set_id)
    signature = _signature(uow, meeting_on, minute)
    before = json.loads(stored.content)
    content = corrected_content(
        before,
        _checked(reason, items, practices, question_set),
        question_set,
        revision=revision + 1,
        corrects=stored.sha256,
        signature=signature,
    )
    sha256 = _keep(uow, row, revision + 1, content, signature)
    _tell(uow, row, revision + 1, before, content, signature)
    _show_the_others(uow, row, overall=practices_differ(before, content))
    return {"id": row.id, "revision": revision + 1, "sha256": sha256}


def _signature(uow: UnitOfWork, meeting_on: date, minute: str | None) -> Signature:
    decided = checked_decision(meeting_on, minute, today=local_day(uow.now))
    return Signature(
        person_id=str(uow.principal.person_id),
        role=signing_role(uow),
        signed_at=uow.now,
        meeting_on=decided.meeting_on,
        minute=decided.minute,
    )


def _checked(reason: str, items: Rows, practices: Rows, question_set: QuestionSet) -> Correction:
    levels = {each["practice_id"]: each["level"] for each in practices}
    if len(levels) != len(practices):
        raise NotValid("practices", "Name each practice once")
    check_correction([each["item_id"] for each in items], levels, question_set)
    said = required_text("reason", reason, "Say why it is corrected")
    return Correction(reason=said, items={each["item_id"]: _agreement(each) for each in items}, practices=levels)


def _agreement(item: dict[str, Any]) -> Agreement:
    """A correction departs from what was signed, which its own reason explains, not from a range of views."""
    return checked_agreement(views=None, **{name: value for name, value in item.items() if name != "item_id"})


def _keep(uow: UnitOfWork, row: Row[Any], revision: int, content: dict[str, Any], signature: Signature) -> str:
    text = canonical(content)
    sha256 = fingerprint(text)
    statement = insert(signed_result).values(
        tenant_id=row.tenant_id,
        org_id=row.org_id,
        round_id=row.id,
        revision=revision,
        content=text,
        sha256=sha256,
        signed_by=signature.person_id,
        signed_as=signature.role,
        signed_at=signature.signed_at,
        meeting_on=signature.meeting_on,
        minute=signature.minute,
    )
    uow.session.execute(statement)
    return sha256


def _tell(
    uow: UnitOfWork,
    row: Row[Any],
    revision: int,
    before: dict[str, Any],
    content: dict[str, Any],
    signature: Signature,
) -> None:
    today = local_day(uow.now)
    corrected = events.round_corrected(
        row,
        corrected_on=today,
        meeting_on=signature.meeting_on,
        revision=revision,
        items=items_with_another_level(before, content),
    )
    outbox.add(uow, corrected)
    levels = levels_of_content(uow, row, content)
    outbox.add(uow, events.result_corrected(row, levels, corrected_on=today, revision=revision))


def _show_the_others(uow: UnitOfWork, row: Row[Any], *, overall: bool) -> None:
    """The ICB reads the correction as deep as it is shared, and that there was one; national figures count corrected
    overall levels."""
    running = running_grants(uow, row.id)
    if Shared.SUMMARY in running:
        how_much = terms_of(running[Shared.SUMMARY]).how_much
        view = shared_view.c
        statement = update(shared_view).where(
            view.tenant_id == row.tenant_id, view.round_id == row.id, view.audience_tenant == row.tenant_id
        )
        uow.session.execute(statement.values(content=preview(uow, row, how_much)))
    if overall and Shared.COUNTED in running:
        count_again(uow, row)
