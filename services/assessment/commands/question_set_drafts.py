"""Try a new version, keep it as a draft, send it for approval, publish it, send it back, throw it away."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from services.assessment import events
from services.assessment.commands.question_sets import publish_once
from services.assessment.domain.errors import NotPossibleNow
from services.assessment.domain.question_set_drafts import DraftState, DraftStep, after, require_another_person
from services.assessment.domain.question_set_rules import Fault, faults_of
from services.assessment.domain.question_sets import parse
from services.assessment.domain.texts import required_text
from services.assessment.models import question_set_draft
from services.assessment.queries.question_sets import get_question_set, is_published
from services.assessment.question_set_files.refusal import QuestionSetRefused, Where
from shared import outbox
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.problems import NotFound

LONGEST_FILE_NAME = 200
PUBLISHED_ALREADY = "This id is published already, and what is published never changes. Give the new version a new id"


def try_version(uow: UnitOfWork, content: Mapping[str, Any], *, where: Where, file_name: str) -> UUID:
    """Check a version and keep it for looking at its differences; nothing else changes. Returns its id.

    Raises QuestionSetRefused, with every fault and its place, when it is not one.
    """
    _require_faultless(uow, content, where)
    statement = insert(question_set_draft).values(
        id=new_id(),
        question_set_id=content["id"],
        state=DraftState.TRIED.value,
        content=dict(content),
        file_name=file_name[:LONGEST_FILE_NAME],
        worked_on_by=[uow.principal.person_id],
        created_by=uow.principal.person_id,
        created_at=uow.now,
    )
    draft_id: UUID = uow.session.execute(statement.returning(question_set_draft.c.id)).scalar_one()
    uow.about("question-set-draft", draft_id)
    return draft_id


def keep(uow: UnitOfWork, draft_id: UUID) -> None:
    """Make what was tried the draft of its version; an earlier draft of the same id is thrown away.

    Raises NotPossibleNow when one of this id waits for approval.
    """
    row = _locked(uow, draft_id)
    after(DraftState(row.state), DraftStep.KEEP)
    worked_on_by = {*row.worked_on_by, str(uow.principal.person_id), *_replace_earlier(uow, row)}
    try:
        _take_step(uow, row, DraftStep.KEEP, worked_on_by=sorted(worked_on_by))
    except IntegrityError as error:
        raise NotPossibleNow("This version waits for approval. It must be sent back before you change it") from error


def _replace_earlier(uow: UnitOfWork, row: Row[Any]) -> set[str]:
    """Throw earlier drafts of the same version away; returns who worked on them."""
    held = question_set_draft.c
    same = (held.question_set_id == row.question_set_id, held.state == DraftState.DRAFT.value)
    statement = update(question_set_draft).where(*same).values(state=DraftState.DISCARDED.value)
    found = uow.session.execute(statement.returning(held.worked_on_by)).scalars()
    return {person for people in found for person in people}


def send(uow: UnitOfWork, draft_id: UUID) -> None:
    """Ask an approver to publish the draft; the one who sends it has worked on it too."""
    row = _locked(uow, draft_id)
    person = str(uow.principal.person_id)
    worked_on_by = sorted({*row.worked_on_by, person})
    sent = _take_step(uow, row, DraftStep.SEND, worked_on_by=worked_on_by, sent_by=person, sent_at=uow.now, note=None)
    outbox.add(uow, events.instrument_approval_requested(sent, local_day(uow.now)))


def send_back(uow: UnitOfWork, draft_id: UUID, *, note: str) -> None:
    """Ask for another look; the note stands with the draft until it is sent again."""
    row = _locked(uow, draft_id)
    after(DraftState(row.state), DraftStep.SEND_BACK)
    said = required_text("note", note, "Say what should be looked at again")
    decided = {"decided_by": uow.principal.person_id, "decided_at": uow.now}
    returned = _take_step(uow, row, DraftStep.SEND_BACK, note=said, **decided)
    outbox.add(uow, events.instrument_sent_back(returned, local_day(uow.now)))


def publish(uow: UnitOfWork, draft_id: UUID) -> str:
    """Publish what was sent, for ever; returns the id of the question set.

    Raises OwnWork when the principal has worked on it, and QuestionSetRefused when it no longer fits what is
    published.
    """
    row = _locked(uow, draft_id)
    after(DraftState(row.state), DraftStep.PUBLISH)
    require_another_person(uow.principal.person_id, row.worked_on_by)
    _require_faultless(uow, row.content, lambda _: {})
    publish_once(uow, parse(row.content), actor=True)
    _take_step(uow, row, DraftStep.PUBLISH, decided_by=uow.principal.person_id, decided_at=uow.now)
    return str(row.question_set_id)


def discard(uow: UnitOfWork, draft_id: UUID) -> None:
    """Throw away what was tried, or a draft that nobody was asked to approve."""
    _take_step(uow, _locked(uow, draft_id), DraftStep.DISCARD)


def _require_faultless(uow: UnitOfWork, content: Any, where: Where) -> None:
    replaces = content.get("replaces") if isinstance(content, Mapping) else None
    known = isinstance(replaces, str) and is_published(uow, replaces)
    faults = faults_of(content, get_question_set(uow, str(replaces)) if known else None)
    if not faults and is_published(uow, content["id"]):
        faults = [Fault(("id",), PUBLISHED_ALREADY)]
    if faults:
        raise QuestionSetRefused.of(faults, where)


def _locked(uow: UnitOfWork, draft_id: UUID) -> Row[Any]:
    uow.about("question-set-draft", draft_id)
    statement = select(question_set_draft).where(question_set_draft.c.id == draft_id).with_for_update()
    row = uow.session.execute(statement).first()
    if row is None:
        raise NotFound
    return row


def _take_step(uow: UnitOfWork, row: Row[Any], step: DraftStep, **values: Any) -> Row[Any]:
    """Move the locked draft and return its new row. Raises NotPossibleNow when it does not allow the step."""
    state = after(DraftState(row.state), step)
    statement = update(question_set_draft).where(question_set_draft.c.id == row.id)
    return uow.session.execute(statement.values(state=state.value, **values).returning(question_set_draft)).one()
