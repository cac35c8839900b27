"""Questions about messages and preferences; every answer is plain data."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, exists, func, select

from services.notification.domain.mail_text import Line
from services.notification.domain.message_kinds import MessageKind, codes_in, fill, with_names
from services.notification.models import message, preference
from services.notification.wording import message_kinds
from shared import replica
from shared.database import UnitOfWork
from shared.mechanism import due_work, known_membership, known_organisation
from shared.problems import NotFound
from shared.request_and_reply import cursor_after, last_shown
from shared.scheduler import Work

ROLE_ENDED = "your-role-ended"


def unwanted_mails(uow: UnitOfWork, kind: str, people: Iterable[str]) -> set[tuple[str, str]]:
    """Return where these people turned the mail of this kind off: each person with the organisation acted for."""
    row = preference.c
    statement = select(row.person_id, row.org_id).where(
        row.tenant_id == uow.principal.tenant_id, row.kind == kind, row.person_id.in_(list(people)), ~row.mail
    )
    return {(each.person_id, each.org_id) for each in uow.session.execute(statement)}


def inbox(uow: UnitOfWork, *, unread: bool, cursor: str | None, limit: int) -> dict[str, Any]:
    """Return one's messages in this organisation, unread first, then newest first.

    Raises Invalid for a cursor that is none.
    """
    row = message.c
    mine = select(message).where(
        row.tenant_id == uow.principal.tenant_id,
        row.org_id == uow.principal.org_id,
        row.person_id == uow.principal.person_id,
    )
    shown = mine.where(row.read_at.is_(None)) if unread else mine
    if cursor:
        shown = shown.where(row.id < last_shown(cursor))
    found = uow.session.execute(shown.order_by(row.id.desc()).limit(limit)).all()
    waiting = uow.session.scalar(select(func.count()).select_from(mine.where(row.read_at.is_(None)).subquery()))
    names = _names(uow, _codes(found))
    items = [_item(each, names) for each in found]
    return {"items": items, "unread": waiting or 0, "count": len(items), "next": cursor_after(items, limit, "id")}


def one_message(uow: UnitOfWork, message_id: UUID) -> dict[str, Any]:
    """Return one of one's own messages; raises NotFound for anybody else's."""
    row = message.c
    found = uow.session.execute(
        select(message).where(row.tenant_id == uow.principal.tenant_id, row.id == message_id)
    ).first()
    if found is None:
        raise NotFound
    return _item(found, _names(uow, _codes([found])))


def _item(row: Row[Any], names: Mapping[str, str]) -> dict[str, Any]:
    kind = message_kinds()[row.kind]
    gaps = with_names(kind, row.gaps, names)
    return {
        "id": row.id,
        "kind": row.kind,
        "title": fill(kind.title, gaps),
        "line": fill(kind.inbox_line, gaps),
        "link": row.link,
        "about": row.about,
        "created_at": row.created_at,
        "read_at": row.read_at,
    }


def preferences(uow: UnitOfWork) -> dict[str, Any]:
    """Return the kinds of mail that may ever reach the person, whether each can be turned off and whether it is wanted.

    What was chosen about others stays as it was chosen, for the day the person has another role again.
    """
    row = preference.c
    chosen = {
        each.kind: each.mail
        for each in uow.session.execute(
            select(row.kind, row.mail).where(
                row.tenant_id == uow.principal.tenant_id,
                row.org_id == uow.principal.org_id,
                row.person_id == uow.principal.person_id,
            )
        )
    }
    mine = (kind for kind in message_kinds().values() if kind.may_reach(uow.principal.roles))
    return {"items": [_preference(kind, chosen) for kind in mine]}


def _preference(kind: MessageKind, chosen: dict[str, bool]) -> dict[str, Any]:
    return {
        "kind": kind.kind,
        "title": kind.title,
        "urgent": kind.urgent,
        "can_be_turned_off": kind.mail_can_be_turned_off,
        "mail": chosen.get(kind.kind, True) or not kind.mail_can_be_turned_off,
    }


def waiting_for_mail(
    uow: UnitOfWork, *, message_id: UUID | None = None, person_id: str | None = None
) -> list[Row[Any]]:
    """Return messages whose mail is still to be sent: one urgent one, or a person's for the daily summary."""
    row = message.c
    statement = select(message).where(row.tenant_id == uow.principal.tenant_id)
    if message_id is not None:
        statement = statement.where(row.id == message_id, row.mail == "at_once")
    else:
        statement = statement.where(row.person_id == person_id, row.mail == "daily", row.read_at.is_(None))
    return list(uow.session.execute(statement.order_by(row.created_at, row.id)))


def gathers_mails(uow: UnitOfWork, work: Work) -> bool:
    """Tell whether `work` is the one of a person's daily mails that tells everything: the first by organisation.

    Each organisation asks for its own, so that one that moves leaves the others theirs; a person gets one mail a day.
    """
    row = due_work.c
    person_id = work.object_id.partition("/")[0]
    due_too = select(func.min(row.org_id)).where(
        row.tenant_id == uow.principal.tenant_id,
        row.kind == work.kind,
        func.split_part(row.object_id, "/", 1) == person_id,
        row.due_at <= work.leased_until,
        row.failed_at.is_(None),
    )
    return uow.session.scalar(due_too) in {None, work.org_id}


def told_after_leaving(uow: UnitOfWork, rows: Iterable[Row[Any]]) -> set[UUID]:
    """Return which of these messages are for somebody whose every role there has ended, about more than themselves.

    Somebody of whose role nothing is known has not left: the word of it may be on its way. Who has left was told so.
    """
    of_work = [row for row in rows if not message_kinds()[row.kind].is_about_oneself]
    held, told = known_membership.c, message.c
    ended = select(told.person_id, told.org_id).where(
        told.tenant_id == uow.principal.tenant_id,
        told.person_id.in_({row.person_id for row in of_work}),
        told.kind == ROLE_ENDED,
        ~exists().where(held.person_id == told.person_id, held.org_id == told.org_id, still_holds(uow.now)),
    )
    left = {(row.person_id, row.org_id) for row in uow.session.execute(ended)} if of_work else set()
    return {row.id for row in of_work if (row.person_id, row.org_id) in left}


def still_holds(now: datetime) -> ColumnElement[bool]:
    """Tell whether a role that was known of has not run out."""
    return known_membership.c.valid_to.is_(None) | (known_membership.c.valid_to > now)


def lines_of(uow: UnitOfWork, rows: Iterable[Row[Any]], portal_url: str) -> list[Line]:
    """Return messages as a mail shows them, with organisations' names and full addresses."""
    rows = list(rows)
    names = _names(uow, _codes(rows) | {row.org_id for row in rows})
    return [_line(row, names, portal_url) for row in rows]


def _codes(rows: Sequence[Row[Any]]) -> set[str]:
    """Return the codes that messages say, because they were written before the name was known."""
    return {code for row in rows for code in codes_in(message_kinds()[row.kind], row.gaps)}


def _names(uow: UnitOfWork, codes: set[str]) -> dict[str, str]:
    if not codes:
        return {}
    known = known_organisation.c
    found = uow.session.execute(select(known.org_id, known.name).where(known.org_id.in_(sorted(codes))))
    return {each.org_id: each.name for each in found}


def _line(row: Row[Any], names: Mapping[str, str], portal_url: str) -> Line:
    kind, organisation = message_kinds()[row.kind], names.get(row.org_id, row.org_id)
    gaps = {"organisation": organisation} | with_names(kind, row.gaps, names)
    return Line(
        title=fill(kind.title, gaps),
        inbox_line=fill(kind.inbox_line, gaps),
        organisation=organisation,
        link=f"{portal_url}{row.link}?for={row.org_id}",
        subject=fill(kind.subject, gaps),
        body=fill(kind.body, gaps),
    )


def organisation_name(uow: UnitOfWork, org_id: str | None) -> str:
    """Return the name an organisation has in the register, or its code while that is not known."""
    found = replica.organisation(uow, org_id) if org_id else None
    return str(found.name) if found else (org_id or "")
