"""Sends mail as outside work: no transaction waits for directory or for the mail service.

At least once is the honest promise of e-mail: a crash between the provider's answer and our note sends it again.
What is refused for good is noted and told as an event; what is delayed is tried again for about four hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Row

from services.notification import commands, queries
from services.notification.addresses import Address
from services.notification.domain.mail_text import Line, single_mail, summary_mail
from services.notification.wording import mail_frame
from shared.database import UnitOfWork
from shared.mail import Mail, MailRefused, MailSender
from shared.scheduler import Work


class Addresses(Protocol):
    """Knows where a person is reached."""

    def of(self, person_id: str) -> Address | None:
        """Return a person's address, or None when there is none."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What one mail will tell."""

    person_id: str
    message_ids: tuple[UUID, ...]
    untold_ids: tuple[UUID, ...]
    """Messages for somebody who has left that organisation: no mail tells these."""
    lines: Sequence[Line]
    reference: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of it: the provider's id, or why it failed for good; neither where nothing was to be told."""

    provider_id: str | None
    failure_code: str | None


class Mailing:
    """Outside work that sends one mail: an urgent message at once, or a person's messages of the day."""

    def __init__(self, sender: MailSender, addresses: Addresses, portal_url: str, *, daily: bool) -> None:
        self._sender = sender
        self._addresses = addresses
        self._portal_url = portal_url
        self._daily = daily

    def prepare(self, uow: UnitOfWork, work: Work) -> Prepared | None:
        """Read what is to be told; None when it was read or sent meanwhile, or another tells it."""
        rows = self._waiting(uow, work)
        if not rows:
            return None
        untold = queries.told_after_leaving(uow, rows)
        told = [row for row in rows if row.id not in untold]
        lines = queries.lines_of(uow, told, self._portal_url)
        reference = f"{work.tenant_id}-{rows[0].id}"
        return Prepared(rows[0].person_id, tuple(row.id for row in told), tuple(untold), lines, reference)

    def _waiting(self, uow: UnitOfWork, work: Work) -> list[Row[Any]]:
        if not self._daily:
            return queries.waiting_for_mail(uow, message_id=UUID(work.object_id))
        if not queries.gathers_mails(uow, work):
            return []
        return queries.waiting_for_mail(uow, person_id=work.object_id.partition("/")[0])

    def act(self, prepared: Prepared) -> Sent:
        """Ask for the address and send; raises requests' errors or MailDelayed for another try."""
        if not prepared.lines:
            return Sent(None, None)
        address = self._addresses.of(prepared.person_id)
        if address is None:
            return Sent(None, "no_address")
        subject, body = self._text(prepared, address)
        try:
            return Sent(self._sender.send(Mail(address.email, subject, body, prepared.reference)), None)
        except MailRefused:
            return Sent(None, "refused")

    def _text(self, prepared: Prepared, address: Address) -> tuple[str, str]:
        settings = f"{self._portal_url}/account"
        if not self._daily:
            return single_mail(mail_frame(), prepared.lines[0], recipient=address.name, preferences_link=settings)
        return summary_mail(
            mail_frame(),
            prepared.lines,
            recipient=address.name,
            preferences_link=settings,
            inbox_link=f"{self._portal_url}/inbox",
        )

    def record(self, uow: UnitOfWork, work: Work, prepared: Prepared, result: Sent) -> None:
        """Write down what came of it, in the transaction that removes the work."""
        if prepared.untold_ids:
            commands.mark_not_mailed(uow, prepared.untold_ids)
        if result.provider_id is not None:
            commands.mark_sent(uow, prepared.message_ids, result.provider_id, uow.now)
        elif result.failure_code is not None:
            commands.mark_failed(uow, prepared.message_ids, result.failure_code)
