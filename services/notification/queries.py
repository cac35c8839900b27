"""Questions about messages and preferences; every answer is plain data."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from services.notification.domain.mail_text import Line
from services.notification.domain.message_kinds import MessageKind, codes_in, fill, with_names
from services.notification.models import message, preference
from services.notification.wording import message_kinds
from shared import replica
from shared.database import UnitOfWork
from shared.mechanism import known_organisation
from shared.problems import NotFound
from shared.request_and_reply import cursor_after, last_shown


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
