"""The two mails of a change of address: a link to the new one, and afterwards word to the old one.

Neither says whose account it is: the new mailbox may be a stranger's, by a slip, and the old one may have become one.
As with an invitation, the link's secret is made at the moment of sending and lies nowhere in the clear.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, update

from services.directory.commands.looking_after import managers_of
from services.directory.domain.address_changes import LIFETIME, link_works
from services.directory.domain.invitations import fingerprint, new_secret
from services.directory.domain.terms import home_of
from services.directory.models import address_change, former_address
from services.directory.queries.register import body
from services.directory.queries.terms import is_looked_after_nationally, terms_of
from shared.clock import LONDON
from shared.database import UnitOfWork
from shared.mail import Mail, MailRefused, MailSender
from shared.scheduler import WillNeverWork, Work

CONFIRM_SUBJECT = "Confirm your new e-mail address"
CONFIRM = """Hello

Somebody who is signed in to Improve Together asks for mails to come to this address from now on, \
and to sign in with it.

If that was you, open this link by {moment}, sign in and press the button. Nothing changes before you do:
{link}

If it was not you, do nothing. The link works for nobody but the person who asked, and stops working after that time.
"""
CHANGED_SUBJECT = "Your e-mail address was changed"
CHANGED = """Hello

The account that had this address at Improve Together has another one since {moment}. \
No more mails come to this address, and nobody signs in with it any more.

If it was you who changed it, there is nothing to do.

If it was not you, tell {whom} today. They can end the roles of that account and invite you again. \
Do not ask them to reset how you sign in: the link to set it up would go to the new address.
"""
OPERATOR = "the operator of this service"
ADMINISTRATOR = "a national administrator, or the operator of this service,"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail with a link, and for which request it was written: one asked for later has another link."""

    mail: Mail
    secret: str
    person_id: str
    asked_at: datetime


class SendAddressLink:
    """Due work `send-address-link`: one person's new address, a fresh link."""

    def __init__(self, sender: MailSender, portal_url: str) -> None:
        self._sender = sender
        self._portal_url = portal_url.rstrip("/")

    def prepare(self, uow: UnitOfWork, work: Work) -> Letter | None:
        """Write the mail; None when the change was stopped, confirmed, or waited for too long."""
        waiting = select(address_change).where(address_change.c.person_id == work.object_id)
        row = uow.session.execute(waiting).first()
        if row is None or not link_works(row.asked_at, uow.now):
            return None
        secret = new_secret()
        link = f"{self._portal_url}/account/address/{secret}"
        text = CONFIRM.format(link=link, moment=_moment(row.asked_at + LIFETIME))
        mail = Mail(to=row.email, subject=CONFIRM_SUBJECT, body=text, reference=str(work.id))
        return Letter(mail, secret, row.person_id, row.asked_at)

    def act(self, prepared: Letter) -> None:
        """Send it; raises WillNeverWork when the mail service will never take it."""
        _send(self._sender, prepared.mail)

    def record(self, uow: UnitOfWork, work: Work, prepared: Letter, result: None) -> None:
        """From now on this link works; never for an address asked for since it was written."""
        waiting = address_change.c
        this = (
            (waiting.person_id == prepared.person_id)
            & (waiting.asked_at == prepared.asked_at)
            & (waiting.email == prepared.mail.to)
        )
        uow.session.execute(update(address_change).where(this).values(secret_hash=fingerprint(prepared.secret)))


class TellFormerAddress:
    """Due work `tell-former-address`: one mail, and with it the old address is forgotten."""

    def __init__(self, sender: MailSender) -> None:
        self._sender = sender

    def prepare(self, uow: UnitOfWork, work: Work) -> Mail | None:
        """Write the mail."""
        former = select(former_address).where(former_address.c.id == UUID(work.object_id))
        row = uow.session.execute(former).first()
        if row is None:
            return None
        text = CHANGED.format(moment=_moment(row.changed_at), whom=_whom_to_tell(uow, row))
        return Mail(to=row.email, subject=CHANGED_SUBJECT, body=text, reference=work.object_id)

    def act(self, prepared: Mail) -> None:
        """Send it; one that the mail service will never take counts as sent, since keeping the address helps nobody."""
        try:
            self._sender.send(prepared)
        except MailRefused:
            return

    def record(self, uow: UnitOfWork, work: Work, prepared: Mail, result: None) -> None:
        """Forget the old address."""
        uow.session.execute(delete(former_address).where(former_address.c.id == UUID(work.object_id)))


def _send(sender: MailSender, mail: Mail) -> None:
    try:
        sender.send(mail)
    except MailRefused as refused:
        raise WillNeverWork("The mail service refused the mail.") from refused


def _whom_to_tell(uow: UnitOfWork, row: Row[Any]) -> str:
    """Never the person themself, who may be the only access manager: whoever took the account over would be told."""
    terms = terms_of(uow, row.person_id)
    if is_looked_after_nationally(terms, uow.now):
        return ADMINISTRATOR
    home = home_of(terms, uow.now)
    if home is None or not managers_of(uow, home) - {row.person_id}:
        return OPERATOR
    return f"the access manager of {body(uow, home).name}"


def _moment(moment: datetime) -> str:
    there = moment.astimezone(LONDON)
    return f"{there:%H:%M} on {there.day} {there:%B %Y}"
