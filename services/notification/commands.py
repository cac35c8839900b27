"""What can happen to messages: written because of an event, read, wanted or not wanted by mail, sent, bounced."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.notification import events, queries
from services.notification.domain.message_kinds import MessageKind, link_for, values_for
from services.notification.domain.timing import next_summary
from services.notification.models import message, preference
from services.notification.wording import message_kinds
from shared import due_work, outbox
from shared.clock import LONDON
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.problems import Invalid, NotFound

SEND_AT_ONCE = "send-mail"
SEND_SUMMARY = "daily-summary"


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person in the organisation for which the message concerns them."""

    person_id: str
    org_id: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """What gives rise to messages: one event, with the names its sentences need."""

    event_id: UUID
    about: str
    data: Mapping[str, Any]
    names: Mapping[str, str]


def tell(uow: UnitOfWork, kind: MessageKind, occasion: Occasion, addressees: Iterable[Addressee]) -> None:
    """Put one message of `kind` into each addressee's inbox and ask for its mail; telling twice tells once."""
    people = sorted(set(addressees), key=lambda person: (person.person_id, person.org_id))
    unwanted = queries.unwanted_mails(uow, kind.kind, [person.person_id for person in people])
    gaps, link = values_for(kind, occasion.data, occasion.names), link_for(kind, occasion.data)
    for person in people:
        wanted = not kind.mail_can_be_turned_off or (person.person_id, person.org_id) not in unwanted
        row = {
            "tenant_id": uow.principal.tenant_id,
            "id": new_id(),
            "org_id": person.org_id,
            "person_id": person.person_id,
            "kind": kind.kind,
            "event_id": occasion.event_id,
            "about": occasion.about,
            "link": link,
            "gaps": gaps,
            "created_at": uow.now,
            "mail": _how(kind) if wanted else "none",
        }
        written = uow.session.execute(
            insert(message).values(row).on_conflict_do_nothing(constraint="message_once").returning(message.c.id)
        ).scalar()
        if written is not None and wanted:
            _ask_for_mail(uow, kind, written, person)


def _how(kind: MessageKind) -> str:
    return "at_once" if kind.urgent else "daily"


def _ask_for_mail(uow: UnitOfWork, kind: MessageKind, message_id: UUID, person: Addressee) -> None:
    """The mail belongs to the organisation whose message it tells: when that moves, the rest of the person's stays."""
    if kind.urgent:
        due_work.add(uow, SEND_AT_ONCE, str(message_id), uow.now, org_id=person.org_id)
    else:
        object_id = f"{person.person_id}/{person.org_id}"
        due_work.add(uow, SEND_SUMMARY, object_id, next_summary(uow.now, LONDON), org_id=person.org_id)


def mark_read(uow: UnitOfWork, message_id: UUID) -> dict[str, Any]:
    """Mark one of one's own messages as read (the first time counts); raises NotFound for anybody else's."""
    row = message.c
    found = uow.session.execute(
        update(message)
        .where(row.tenant_id == uow.principal.tenant_id, row.id == message_id, row.read_at.is_(None))
        .values(read_at=uow.now)
        .returning(row.read_at)
    ).scalar()
    if found is None:
        found = uow.session.execute(
            select(row.read_at).where(row.tenant_id == uow.principal.tenant_id, row.id == message_id)
        ).scalar()
    if found is None:
        raise NotFound
    uow.about("message", message_id)
    return {"id": message_id, "read_at": found}


def set_preferences(uow: UnitOfWork, mails: Mapping[str, bool]) -> dict[str, Any]:
    """Say which kinds of mail one wants while acting for this organisation.

    Raises Invalid for a kind that does not exist or whose mail cannot be turned off.
    """
    for kind, wanted in mails.items():
        known = message_kinds().get(kind)
        if known is None or not (wanted or known.mail_can_be_turned_off):
            raise Invalid(f"mails.{kind}", "There is no such mail, or it cannot be turned off.")
        _prefer(uow, kind, wanted=wanted)
    return queries.preferences(uow)


def _prefer(uow: UnitOfWork, kind: str, *, wanted: bool) -> None:
    principal = uow.principal
    statement = insert(preference).values(
        tenant_id=principal.tenant_id,
        org_id=principal.org_id,
        person_id=principal.person_id,
        kind=kind,
        mail=wanted,
        changed_at=uow.now,
    )
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "org_id", "person_id", "kind"],
            set_={"mail": statement.excluded.mail, "changed_at": statement.excluded.changed_at},
        )
    )


def mark_sent(uow: UnitOfWork, message_ids: Iterable[UUID], provider_id: str, at: datetime) -> None:
    """Note that the provider took the mail that told these messages."""
    row = message.c
    uow.session.execute(
        update(message)
        .where(row.tenant_id == uow.principal.tenant_id, row.id.in_(list(message_ids)))
        .values(mail="sent", mailed_at=at, provider_id=provider_id, mail_attempts=row.mail_attempts + 1)
    )


def mark_not_mailed(uow: UnitOfWork, message_ids: Iterable[UUID]) -> None:
    """Note that these messages are told by no mail."""
    row = message.c
    ours = row.tenant_id == uow.principal.tenant_id
    uow.session.execute(update(message).where(ours, row.id.in_(list(message_ids))).values(mail="none"))


def mark_failed(uow: UnitOfWork, message_ids: Iterable[UUID], failure_code: str, *, state: str = "failed") -> None:
    """Note that a mail did not reach its person, and say so for each message it told."""
    row = message.c
    failed = uow.session.execute(
        update(message)
        .where(row.tenant_id == uow.principal.tenant_id, row.id.in_(list(message_ids)), row.mail != state)
        .values(mail=state, failure_code=failure_code, mail_attempts=row.mail_attempts + 1)
        .returning(row.id, row.kind, row.person_id, row.org_id, row.mail_attempts)
    ).all()
    for told in sorted(failed, key=lambda each: str(each.id)):
        outbox.add(uow, events.message_failed(told, failure_code))


def record_bounce(uow: UnitOfWork, provider_id: str, failure_code: str) -> int:
    """Note that a mail came back; return how many messages it had told. Repeating it changes nothing."""
    row = message.c
    told = uow.session.scalars(
        select(row.id).where(row.tenant_id == uow.principal.tenant_id, row.provider_id == provider_id)
    ).all()
    mark_failed(uow, told, failure_code, state="bounced")
    return len(told)
