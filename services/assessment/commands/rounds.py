"""Open a round, change its dates, close answering, reopen it, give it up."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from services.assessment import events
from services.assessment.commands.respondents import add_people
from services.assessment.commands.steps import NO_DECISION, check_step, locked_round, take_step
from services.assessment.domain.errors import AnotherInProgress, NotValid
from services.assessment.domain.rounds import (
    State,
    Step,
    check_dates,
    check_extension,
    check_new_closing,
    check_order,
    check_respondents,
)
from services.assessment.domain.texts import LONGEST_NAME, checked_text, required_text
from services.assessment.models import answer_box, question_set, round_
from services.assessment.queries.answerers import check_may_answer
from services.assessment.queries.question_sets import get_question_set
from services.assessment.queries.results import levels_were_told
from services.assessment.queries.rounds import active_people
from shared import due_work, outbox
from shared.clock import LONDON, end_of_local_day, local_day
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.mechanism import known_organisation
from shared.problems import StaleVersion

CLOSE_WORK = "round.close"
REMIND_WORK = "round.closes-soon"
REMIND_DAYS = 3
REMIND_AT = time(8)
"""When those who have not finished are reminded: at eight in the morning, in England."""


def open_round(
    uow: UnitOfWork,
    *,
    question_set_id: str,
    name: str,
    closes_on: date,
    discussion_on: date | None,
    note: str | None,
    respondents: Sequence[dict[str, Any]],
    draft: bool = False,
    compares_sides: bool = False,
    ranges_held_back: bool = False,
) -> dict[str, Any]:
    """Set up a round and, unless it is a draft, begin answering.

    `compares_sides`: the invitation says that executive and non-executive views are shown side by side.
    `ranges_held_back`: the board sees the ranges of views only when the lead shows them, in the meeting.

    Raises NotValid for wrong dates, people or texts, and AnotherInProgress when one of its kind is not finished.
    """
    kind = _usable_kind(uow, question_set_id)
    check_dates(closes_on, discussion_on, today=local_day(uow.now))
    check_respondents([person["person_id"] for person in respondents])
    row = _new_round(
        uow,
        question_set_id=question_set_id,
        kind=kind,
        name=required_text("name", name, "Give the self-assessment a name", longest=LONGEST_NAME),
        note=checked_text("note", note),
        closes_on=closes_on,
        discussion_on=discussion_on,
        compares_sides=compares_sides,
        ranges_held_back=ranges_held_back,
    )
    uow.about("round", row.id)
    add_people(uow, row, respondents)
    if not draft:
        row = _begin_answering(uow, row)
    return {"id": row.id, "state": row.state, "version": row.version}


def _new_round(uow: UnitOfWork, **values: Any) -> Row[Any]:
    statement = insert(round_).values(
        **values,
        tenant_id=uow.principal.tenant_id,
        org_id=uow.principal.org_id,
        id=new_id(),
        state=State.DRAFT.value,
        version=1,
        created_by=uow.principal.person_id,
        created_at=uow.now,
    )
    return uow.session.execute(statement.returning(round_)).one()


def open_draft(uow: UnitOfWork, round_id: UUID) -> None:
    """Begin answering of a round that was set up as a draft.

    Days have gone by: people may have left, the closing date may have passed and the question set been retired.
    """
    row = locked_round(uow, round_id)
    check_step(row, Step.OPEN)
    _usable_kind(uow, row.question_set_id)
    check_dates(row.closes_on, row.discussion_on, today=local_day(uow.now))
    people = [person.person_id for person in active_people(uow, round_id)]
    check_respondents(people)
    check_may_answer(uow, row.org_id, people)
    _begin_answering(uow, row)


def _usable_kind(uow: UnitOfWork, question_set_id: str) -> str:
    """The kind of a round with this question set. Raises NotValid unless the organisation may use it today."""
    today, row = local_day(uow.now), question_set.c
    known = known_organisation.c
    asked = select(known.kind).where(known.org_id == uow.principal.org_id).scalar_subquery()
    found = uow.session.execute(select(row.retired_on, asked).where(row.id == question_set_id)).first()
    if found is None:
        raise NotValid("question_set_id", "There is no such question set")
    retired_on, kind_of_organisation = found
    if retired_on is not None and retired_on <= today:
        raise NotValid("question_set_id", "This question set is no longer used for new self-assessments")
    chosen = get_question_set(uow, question_set_id)
    chosen.require_for(kind_of_organisation)
    chosen.require_in_use(today)
    return chosen.audience


def _begin_answering(uow: UnitOfWork, row: Row[Any]) -> Row[Any]:
    """Open the round; the private answers of the rounds of its kind before it are destroyed, unread."""
    try:
        row = take_step(uow, row, Step.OPEN, opened_at=uow.now)
    except IntegrityError as error:
        raise AnotherInProgress(
            "Your organisation has a self-assessment of this kind that is not finished. Finish or abandon it first"
        ) from error
    earlier = select(round_.c.id).where(
        round_.c.tenant_id == row.tenant_id,
        round_.c.org_id == row.org_id,
        round_.c.kind == row.kind,
        round_.c.id != row.id,
    )
    uow.session.execute(
        delete(answer_box).where(answer_box.c.tenant_id == row.tenant_id, answer_box.c.round_id.in_(earlier))
    )
    uow.session.execute(insert(answer_box).values(tenant_id=row.tenant_id, org_id=row.org_id, round_id=row.id))
    people = [person.person_id for person in active_people(uow, row.id)]
    outbox.add(uow, events.round_opened(row, people, local_day(uow.now)))
    plan_closing(uow, row)
    return row


def plan_closing(uow: UnitOfWork, row: Row[Any]) -> None:
    """Ask the scheduler to close answering when the day is over, and to remind people three days before."""
    due_work.add(uow, CLOSE_WORK, str(row.id), end_of_local_day(row.closes_on))
    remind_at = datetime.combine(row.closes_on - timedelta(days=REMIND_DAYS), REMIND_AT, tzinfo=LONDON)
    if remind_at > uow.now:
        due_work.add(uow, REMIND_WORK, str(row.id), remind_at)


def _forget_closing(uow: UnitOfWork, row: Row[Any]) -> None:
    due_work.cancel(uow, CLOSE_WORK, str(row.id))
    due_work.cancel(uow, REMIND_WORK, str(row.id))


def change_details(uow: UnitOfWork, round_id: UUID, version: int, **changes: Any) -> None:
    """Change name, note, days, or whether ranges are held back, until answering closes.

    The closing date may be changed of a draft only; later it is `extend` that gives people more time. Raises
    StaleVersion when somebody changed the round since it was read.
    """
    row = locked_round(uow, round_id)
    if row.version != version:
        raise StaleVersion({"version": row.version, "name": row.name, "note": row.note})
    check_step(row, Step.INVITE)
    if "closes_on" in changes:
        check_new_closing(State(row.state), changes["closes_on"], today=local_day(uow.now))
    values = {name: getattr(row, name) for name in ("name", "note", "closes_on", "discussion_on")} | changes
    values["name"] = required_text("name", values["name"], "Give the self-assessment a name", longest=LONGEST_NAME)
    values["note"] = checked_text("note", values["note"])
    check_order(values["closes_on"], values["discussion_on"])
    changed = take_step(uow, row, Step.INVITE, **values)
    if row.state == State.OPEN and changed.discussion_on != row.discussion_on:
        _tell_dates(uow, changed, ["discussion_on"])


def extend(uow: UnitOfWork, round_id: UUID, *, closes_on: date, discussion_on: date | None = None) -> None:
    """Give people more time."""
    row = locked_round(uow, round_id)
    check_step(row, Step.EXTEND)
    discussion = discussion_on or row.discussion_on
    check_extension(row.closes_on, closes_on, today=local_day(uow.now))
    check_dates(closes_on, discussion, today=local_day(uow.now))
    changed = take_step(uow, row, Step.EXTEND, closes_on=closes_on, discussion_on=discussion)
    moved = ["closes_on"] + (["discussion_on"] if discussion != row.discussion_on else [])
    _tell_dates(uow, changed, moved)
    plan_closing(uow, changed)


def _tell_dates(uow: UnitOfWork, row: Row[Any], changed: Sequence[str]) -> None:
    outbox.add(uow, events.round_changed(row, active_people(uow, row.id), changed, added=[], removed=[]))


def close(uow: UnitOfWork, round_id: UUID) -> None:
    """End answering: the ranges of views are counted and stored now, by the one function that may."""
    close_locked(uow, locked_round(uow, round_id))


def close_locked(uow: UnitOfWork, row: Row[Any]) -> None:
    """As `close`, for a round whose row is locked already."""
    check_step(row, Step.CLOSE)
    shown = uow.session.execute(select(func.count_views(row.id))).scalar_one()
    people = active_people(uow, row.id)
    closed = take_step(uow, row, Step.CLOSE, closed_at=uow.now)
    event = events.round_closed(
        closed,
        closed_on=local_day(uow.now),
        invited=len(people),
        finished=sum(person.finished for person in people),
        ranges_shown=shown > 0,
    )
    outbox.add(uow, event)
    _forget_closing(uow, closed)


def reopen(
    uow: UnitOfWork,
    round_id: UUID,
    *,
    reason: str,
    closes_on: date | None = None,
    discussion_on: date | None = None,
) -> None:
    """Let people answer again, until the board has signed. A new closing date is needed when the old has passed."""
    row = locked_round(uow, round_id)
    check_step(row, Step.REOPEN)
    said = required_text("reason", reason, "Say why answering is reopened: everybody invited sees it")
    closes, discussion = closes_on or row.closes_on, discussion_on or row.discussion_on
    check_dates(closes, discussion, today=local_day(uow.now))
    reopened = take_step(
        uow,
        row,
        Step.REOPEN,
        reopen_reason=said,
        closes_on=closes,
        discussion_on=discussion,
        closed_at=None,
        agreed_at=None,
        **NO_DECISION,
    )
    people = [person.person_id for person in active_people(uow, row.id)]
    outbox.add(uow, events.round_reopened(reopened, people, local_day(uow.now)))
    if row.state == State.AGREED:
        outbox.add(uow, events.result_withdrawn(reopened, withdrawn_on=local_day(uow.now), how="reopened"))
    plan_closing(uow, reopened)


def abandon(uow: UnitOfWork, round_id: UUID, *, reason: str) -> None:
    """Give the round up before it is signed. A draft was never announced, so nobody is told of its end."""
    row = locked_round(uow, round_id)
    check_step(row, Step.ABANDON)
    said = required_text("reason", reason, "Say why the self-assessment is abandoned")
    abandoned = take_step(uow, row, Step.ABANDON, abandon_reason=said)
    _forget_closing(uow, abandoned)
    if row.state != State.DRAFT:
        people = [person.person_id for person in active_people(uow, row.id)]
        outbox.add(uow, events.round_abandoned(abandoned, people, local_day(uow.now)))
    if levels_were_told(uow, row.id):
        outbox.add(uow, events.result_withdrawn(abandoned, withdrawn_on=local_day(uow.now), how="abandoned"))
