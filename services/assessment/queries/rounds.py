"""Rounds as their organisation sees them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Row, bindparam, func, select

from services.assessment.domain.decisions import CONFIRM_WITHIN
from services.assessment.domain.errors import NotValid
from services.assessment.domain.rounds import State
from services.assessment.domain.tasks import Progress, tasks
from services.assessment.models import agreement, practice_level, respondent, round_, sharing_grant, signed_result
from services.assessment.queries.question_sets import get_question_set
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.problems import NotFound

SUMMARY = (
    round_.c.id,
    round_.c.name,
    round_.c.state,
    round_.c.version,
    round_.c.question_set_id,
    round_.c.kind,
    round_.c.closes_on,
    round_.c.discussion_on,
    round_.c.created_at,
    round_.c.opened_at,
    round_.c.closed_at,
    round_.c.agreed_at,
    round_.c.signed_off_at,
)

ONE = select(round_).where(
    round_.c.tenant_id == bindparam("tenant_id"),
    round_.c.org_id == bindparam("org_id"),
    round_.c.id == bindparam("round_id"),
)
PEOPLE = (
    select(respondent.c.person_id, respondent.c.executive, respondent.c.finished)
    .where(
        respondent.c.tenant_id == bindparam("tenant_id"),
        respondent.c.round_id == bindparam("round_id"),
        respondent.c.removed.is_(False),
    )
    .order_by(respondent.c.person_id)
)
"""Built once: nearly every request asks them."""


def get_round(uow: UnitOfWork, round_id: UUID, *, asked: Executable = ONE) -> Row[Any]:
    """The row of a round of the principal's organisation; `asked` is `ONE` with further columns. Raises NotFound."""
    uow.about("round", round_id)
    mine = {"tenant_id": uow.principal.tenant_id, "org_id": uow.principal.org_id, "round_id": round_id}
    row = uow.session.execute(asked, mine).first()
    if row is None:
        raise NotFound
    return row


def all_rounds(uow: UnitOfWork, *, cursor: str | None, limit: int, only_asked: bool = False) -> dict[str, Any]:
    """The organisation's rounds, newest first; the cursor is the last id shown (ids grow with time).

    `only_asked` leaves out rounds that the person was not asked to answer. Raises NotValid for a cursor that is none.
    """
    statement = select(*SUMMARY).where(_own(uow)).order_by(round_.c.id.desc()).limit(limit)
    if only_asked:
        statement = statement.where(round_.c.id.in_(_asked_of_me(uow)))
    if cursor:
        statement = statement.where(round_.c.id < _last_shown(cursor))
    items = [dict(row) for row in uow.session.execute(statement).mappings()]
    following = str(items[-1]["id"]) if len(items) == limit else None
    return {"items": items, "next": following, "count": len(items)}


def _asked_of_me(uow: UnitOfWork) -> Any:
    me = respondent.c
    return select(me.round_id).where(
        me.tenant_id == uow.principal.tenant_id,
        me.person_id == uow.principal.person_id,
        me.removed.is_(False),
    )


def _last_shown(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError as error:
        raise NotValid("cursor", "Go on with the cursor that the page before gave") from error


def round_view(
    uow: UnitOfWork,
    round_id: UUID,
    *,
    names_people: bool = False,
    names_who_has_not_finished: bool = False,
    only_asked: bool = False,
) -> dict[str, Any]:
    """Where a round stands.

    Who was asked is told to whoever invites and to those who are asked, so that nobody answers among strangers without
    knowing it; who has not finished only to whoever runs the round, so that they can be reminded; everybody else sees
    counts.
    `only_asked` is for roles outside the board: they see a round only while they are asked to answer it, and not the
    notes of the board. Raises NotFound.
    """
    row = get_round(uow, round_id)
    people = active_people(uow, round_id)
    me = next((person for person in people if person.person_id == uow.principal.person_id), None)
    if only_asked and me is None:
        raise NotFound
    return {
        **{column.name: getattr(row, column.name) for column in SUMMARY},
        "note": row.note,
        "compares_sides": row.compares_sides,
        "ranges_held_back": row.ranges_held_back,
        "reminded_on": row.reminded_on,
        "sent_back_note": None if only_asked else row.sent_back_note,
        "reopen_reason": row.reopen_reason,
        "abandon_reason": row.abandon_reason,
        "decision": None if only_asked else _decision(row),
        "respondents": _respondents(people, named=names_people or me is not None, missing=names_who_has_not_finished),
        "i_am_respondent": me is not None,
        "i_have_finished": me is not None and me.finished,
        **_how_far(uow, row, people),
    }


def _decision(row: Row[Any]) -> dict[str, Any] | None:
    if row.decision_recorded_at is None:
        return None
    return {
        "meeting_on": row.decision_meeting_on,
        "minute": row.decision_minute,
        "recorded_by": row.decision_recorded_by,
        "recorded_at": row.decision_recorded_at,
        "confirm_by": local_day(row.decision_recorded_at) + CONFIRM_WITHIN,
    }


def _how_far(uow: UnitOfWork, row: Row[Any], people: Collection[Row[Any]]) -> dict[str, Any]:
    """What is agreed of how much, and the steps done and to come."""
    question_set = get_question_set(uow, row.question_set_id)
    items, practices = agreed_counts(uow, row.id)
    progress = Progress(
        everybody_finished=all(person.finished for person in people),
        everything_agreed=items == len(question_set.items) and practices == len(question_set.practices),
        shared=is_shared(uow, row.id),
    )
    return {
        "agreed": {
            "items": items,
            "of": len(question_set.items),
            "practices": practices,
            "of_practices": len(question_set.practices),
        },
        "tasks": tasks(State(row.state), progress),
    }


def active_people(uow: UnitOfWork, round_id: UUID) -> list[Row[Any]]:
    """Respondents who were not removed: person_id, executive, finished."""
    return list(uow.session.execute(PEOPLE, {"tenant_id": uow.principal.tenant_id, "round_id": round_id}))


def _respondents(people: Collection[Row[Any]], *, named: bool, missing: bool) -> dict[str, Any]:
    return {
        "invited": len(people),
        "finished": sum(person.finished for person in people),
        "not_finished": _not_finished(people) if missing else None,
        "people": _asked(people) if named else None,
    }


def _not_finished(people: Collection[Row[Any]]) -> list[str]:
    return [person.person_id for person in people if not person.finished]


def _asked(people: Collection[Row[Any]]) -> list[dict[str, Any]]:
    return [{"person_id": person.person_id, "executive": person.executive} for person in people]


def agreed_counts(uow: UnitOfWork, round_id: UUID) -> tuple[int, int]:
    """How many items and how many practices have an agreed level."""
    tenant = uow.principal.tenant_id
    items = select(func.count()).where(agreement.c.tenant_id == tenant, agreement.c.round_id == round_id)
    practices = select(func.count()).where(practice_level.c.tenant_id == tenant, practice_level.c.round_id == round_id)
    counted = uow.session.execute(select(items.scalar_subquery(), practices.scalar_subquery())).one()
    return counted[0], counted[1]


def is_shared(uow: UnitOfWork, round_id: UUID) -> bool:
    """Whether anything of the round is shared now."""
    grant = sharing_grant.c
    statement = select(grant.id).where(
        grant.tenant_id == uow.principal.tenant_id, grant.round_id == round_id, grant.stopped_at.is_(None)
    )
    return uow.session.execute(statement.limit(1)).first() is not None


def latest_result(uow: UnitOfWork, round_id: UUID) -> Row[Any] | None:
    """The newest revision of the signed result, or None before sign-off."""
    result = signed_result.c
    statement = (
        select(signed_result)
        .where(result.tenant_id == uow.principal.tenant_id, result.round_id == round_id)
        .order_by(result.revision.desc())
    )
    return uow.session.execute(statement.limit(1)).first()


def result_before(uow: UnitOfWork, row: Row[Any]) -> Row[Any] | None:
    """The newest version of the result signed before, of the same kind: with the round's name and question set.

    Rounds follow each other by the day of their first signature: a late correction of an old one stays old.
    """
    earlier, result = round_.c, signed_result.c
    statement = (
        select(signed_result, earlier.name, earlier.question_set_id, earlier.signed_off_at)
        .join(round_, (result.tenant_id == earlier.tenant_id) & (result.round_id == earlier.id))
        .where(_own(uow), earlier.kind == row.kind, earlier.id != row.id)
        .order_by(earlier.signed_off_at.desc(), result.revision.desc())
    )
    if row.signed_off_at is not None:
        statement = statement.where(earlier.signed_off_at < row.signed_off_at)
    return uow.session.execute(statement.limit(1)).first()


def _own(uow: UnitOfWork) -> Any:
    return (round_.c.tenant_id == uow.principal.tenant_id) & (round_.c.org_id == uow.principal.org_id)
