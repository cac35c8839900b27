"""Save a private answer, and say *I have finished*.

Saving is the hottest write of the product, so it is plain Core in two statements: what the rules need to know, with
the round share-locked, and the write itself, which compares the version. It tells nobody: no event, and an audit row
that only the author sees and that names no item.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, bindparam, case, column, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import NoResultFound

from services.assessment import events
from services.assessment.commands.offers import put_offer
from services.assessment.commands.steps import check_step, locked_round
from services.assessment.domain.answers import Answer, checked_answer
from services.assessment.domain.errors import NothingAnswered, NotInvited
from services.assessment.domain.rounds import Step
from services.assessment.models import answer, respondent
from services.assessment.queries.answers import SHOWN, my_answer
from services.assessment.queries.question_sets import get_question_set
from services.assessment.queries.rounds import active_people
from shared import outbox
from shared.database import UnitOfWork
from shared.problems import NotFound, StaleVersion

SITUATION = text(
    "select r.state, r.question_set_id, p.removed, a.offered_text_id,"
    " coalesce((select max(c.number) from closing c where c.tenant_id = r.tenant_id and c.round_id = r.id), 0)"
    "   as closings,"
    " coalesce((select i.seen_in from item_range i where i.tenant_id = r.tenant_id and i.round_id = r.id"
    "   and i.item_id = :item_id), 0) as seen_in"
    " from round r"
    " left join respondent p on p.tenant_id = r.tenant_id and p.round_id = r.id and p.person_id = :person_id"
    " left join answer a on a.tenant_id = r.tenant_id and a.round_id = r.id and a.person_id = :person_id"
    "   and a.item_id = :item_id"
    " where r.tenant_id = :tenant_id and r.org_id = :org_id and r.id = :round_id"
    " for share of r"
).columns(*map(column, ("state", "question_set_id", "removed", "offered_text_id", "closings", "seen_in")))
FIRST = upsert(answer).on_conflict_do_nothing().returning(*SHOWN)
_row, _seen_in = answer.c, bindparam("seen_in", type_=Integer)
# The last shown range counted what stood here before: keep it, so that a later range can be compared with it.
_was_counted = _row.saved_in < _seen_in
AGAIN = (
    update(answer)
    .where(
        *(_row[name] == bindparam(f"my_{name}") for name in ("tenant_id", "round_id", "person_id", "item_id")),
        _row.version == bindparam("replaced_version"),
    )
    .values(
        counted_level=case((_was_counted, _row.level), else_=_row.counted_level),
        counted_cannot_judge=case((_was_counted, _row.cannot_judge), else_=_row.counted_cannot_judge),
    )
    .returning(*SHOWN)
)
"""Both are built once; what is saved goes in as parameters."""


def save_answer(
    uow: UnitOfWork,
    round_id: UUID,
    item_id: str,
    version: int,
    *,
    level: int | None,
    cannot_judge: bool,
    why: str | None = None,
    evidence: str | None = None,
    offered: bool = False,
) -> dict[str, Any]:
    """Save the person's own answer and return it as saved; `version` is 0 for the first.

    Raises NotFound, NotPossibleNow, NotInvited, NotValid, and StaleVersion with the stored answer when it was saved
    elsewhere meanwhile.
    """
    given = checked_answer(level=level, cannot_judge=cannot_judge, why=why, evidence=evidence, offered=offered)
    found = _situation(uow, round_id, item_id)
    offer_id = put_offer(uow, round_id, item_id, found.offered_text_id, given)
    saved = _write(uow, round_id, item_id, version, given, found, offer_id)
    if saved is None:
        raise StaleVersion(my_answer(uow, round_id, item_id) or {"version": 0})
    return dict(saved._mapping)


def _situation(uow: UnitOfWork, round_id: UUID, item_id: str) -> Row[Any]:
    """What the rules need to know. The round cannot close until this transaction ends."""
    uow.about("round", round_id)
    principal = uow.principal
    try:
        found = uow.session.execute(
            SITUATION,
            {
                "tenant_id": principal.tenant_id,
                "org_id": principal.org_id,
                "person_id": principal.person_id,
                "round_id": round_id,
                "item_id": item_id,
            },
        ).one()
    except NoResultFound as error:
        raise NotFound from error
    if found.removed is not False:
        raise NotInvited("You were not asked to answer this self-assessment")
    check_step(found, Step.ANSWER)
    get_question_set(uow, found.question_set_id).require_item(item_id)
    return found


def _write(
    uow: UnitOfWork, round_id: UUID, item_id: str, version: int, given: Answer, found: Row[Any], offer_id: UUID | None
) -> Row[Any] | None:
    """Insert or replace the answer; None when the stored version is another one."""
    principal = uow.principal
    mine = {
        "tenant_id": principal.tenant_id,
        "round_id": round_id,
        "person_id": principal.person_id,
        "item_id": item_id,
    }
    values = {
        "level": given.level,
        "cannot_judge": given.cannot_judge,
        "why": given.why,
        "evidence": given.evidence,
        "offered": given.offered,
        "offered_text_id": offer_id,
        "version": version + 1,
        "saved_at": uow.now,
        "saved_in": found.closings,
    }
    if version == 0:
        first = {**mine, **values, "org_id": principal.org_id, "counted_cannot_judge": False}
        return uow.session.execute(FIRST, first).first()
    which = {f"my_{name}": value for name, value in mine.items()}
    again = {**which, **values, "replaced_version": version, "seen_in": found.seen_in}
    return uow.session.execute(AGAIN, again).first()


def finish(uow: UnitOfWork, round_id: UUID, *, finished: bool) -> dict[str, Any]:
    """Say *I have finished*, or take it back; can be changed until answering closes.

    Raises NotFound, NotPossibleNow, NotInvited and NothingAnswered. The event carries counts and nobody's name.
    """
    row = locked_round(uow, round_id)
    people = active_people(uow, round_id)
    me = next((person for person in people if person.person_id == uow.principal.person_id), None)
    if me is None:
        raise NotInvited("You were not asked to answer this self-assessment")
    check_step(row, Step.ANSWER)
    answered = _items_answered(uow, round_id)
    if finished and answered == 0:
        raise NothingAnswered("Answer at least one item first")
    if me.finished != finished:
        _mark(uow, round_id, finished=finished)
        count = sum(person.finished for person in people) + (1 if finished else -1)
        outbox.add(uow, events.response_completed(row, invited=len(people), finished=count))
    items = len(get_question_set(uow, row.question_set_id).items)
    return {"finished": finished, "answered": answered, "of": items}


def _items_answered(uow: UnitOfWork, round_id: UUID) -> int:
    mine = answer.c
    statement = select(func.count()).where(
        mine.tenant_id == uow.principal.tenant_id,
        mine.round_id == round_id,
        mine.person_id == uow.principal.person_id,
    )
    return int(uow.session.execute(statement).scalar_one())


def _mark(uow: UnitOfWork, round_id: UUID, *, finished: bool) -> None:
    who = respondent.c
    uow.session.execute(
        update(respondent)
        .where(
            who.tenant_id == uow.principal.tenant_id,
            who.round_id == round_id,
            who.person_id == uow.principal.person_id,
        )
        .values(finished=finished)
    )
