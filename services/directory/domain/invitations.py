"""An invitation: a link of our own that lives 14 days and works once.

The link's secret exists only in the mail: what is kept is its SHA-256, which is safe without salt
because the secret is 256 random bits. Sending again makes a new secret, so an older link stops working.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.directory.domain.errors import RuleBroken
from services.directory.domain.how_often import within_a_day

LIFETIME = timedelta(days=14)
RENEWABLE_FOR = timedelta(days=90)
"""From the day of the invitation: after that somebody has to decide afresh."""

MOST_MAILS = 10
"""How many mails in 24 hours one organisation sends to one address, over all its invitations to it: a mailbox is not
flooded with mails that somebody who only knows the address asks for."""


class InvitationState(StrEnum):
    SENT = "sent"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class InvitationNotUsable(RuleBroken):
    """The link was used, withdrawn, replaced by a newer one, or is older than 14 days."""

    slug = "invitation-not-usable"
    kind = "conflict"


class InvitationSentOften(RuleBroken):
    """As many mails as may go to an address have gone to it."""

    slug = "invitation-sent-often"
    kind = "conflict"


@dataclass(frozen=True, slots=True)
class InvitationDates:
    """What decides an invitation's state; `sent_at` is when the newest link was made."""

    sent_at: datetime
    accepted_at: datetime | None = None
    withdrawn_at: datetime | None = None

    @property
    def expires_at(self) -> datetime:
        return self.sent_at + LIFETIME

    def state(self, now: datetime) -> InvitationState:
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        if self.withdrawn_at is not None:
            return InvitationState.WITHDRAWN
        return InvitationState.SENT if now < self.expires_at else InvitationState.EXPIRED


def new_secret() -> str:
    """The secret part of a link: 256 random bits, safe in an address."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(secret: str, stored: str) -> bool:
    return hmac.compare_digest(fingerprint(secret), stored)


def check_acceptable(dates: InvitationDates, *, now: datetime) -> None:
    """Raises InvitationNotUsable with what the reader can do about it."""
    sentences = {
        InvitationState.ACCEPTED: "This invitation has been accepted already. Sign in to go on.",
        InvitationState.WITHDRAWN: "This invitation was withdrawn. Ask the person who invited you.",
        InvitationState.EXPIRED: "This invitation is older than 14 days. Ask the person who invited you for a new one.",
    }
    state = dates.state(now)
    if state is not InvitationState.SENT:
        raise InvitationNotUsable(sentences[state])


def check_resendable(dates: InvitationDates) -> None:
    """An expired invitation may be sent again; an accepted or withdrawn one may not."""
    if dates.accepted_at is not None:
        raise InvitationNotUsable("This person has accepted already.")
    if dates.withdrawn_at is not None:
        raise InvitationNotUsable("This invitation was withdrawn. Make a new one.")


def can_be_renewed(dates: InvitationDates, *, created_at: datetime, now: datetime) -> bool:
    """Tell whether the person who was invited may have a fresh link to the same address."""
    return dates.state(now) is InvitationState.EXPIRED and now < created_at + RENEWABLE_FOR


def check_renewable(dates: InvitationDates, *, created_at: datetime, now: datetime) -> None:
    """Raises InvitationNotUsable unless the link ran out and the invitation is not too old."""
    if not can_be_renewed(dates, created_at=created_at, now=now):
        raise InvitationNotUsable("A new link cannot be sent. Ask whoever invited you.")


def mailbox_of(email: str) -> tuple[str, str]:
    """What stands before and after the @ of the mailbox behind an address: jo+anything@x is commonly that of jo@x."""
    name, _, domain = email.partition("@")
    return name.partition("+")[0] or name, domain


def check_not_sent_often(sendings: Iterable[datetime], now: datetime) -> None:
    """Raises InvitationSentOften when the organisation has sent this address as many mails as it may."""
    if len(within_a_day(sendings, now)) >= MOST_MAILS:
        raise InvitationSentOften(
            f"We have sent {MOST_MAILS} invitations to this address in the last 24 hours. Look for them among unwanted"
            " mail, or try again tomorrow."
        )
