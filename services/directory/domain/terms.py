"""How long somebody has acted for organisations. It decides whose an address is, and who looks after a sign-in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.directory.domain.kinds import Kind

MAILBOX_MAY_BE_ANOTHERS_AFTER = timedelta(days=30)
"""Since the last role. Mailboxes are reissued: the address of a J. Smith who left goes to the next J. Smith, commonly
no sooner than a month later. Who comes back within it is the same person; afterwards nobody is taken for another by
an address alone, and so nobody comes into what another wrote in confidence."""
KINDS_NOBODY_LOOKS_AFTER = frozenset({Kind.REGION})
"""Kinds of organisation that have no access manager, and so look after nobody's sign-in."""


@dataclass(frozen=True, slots=True)
class Term:
    """A role held in an organisation from `begins` up to, not including, `ends`; None means no end is known."""

    org_id: str
    kind: str
    begins: datetime
    ends: datetime | None

    def holds(self, now: datetime) -> bool:
        return self.begins <= now and (self.ends is None or now < self.ends)


def acts(terms: Iterable[Term], now: datetime) -> bool:
    """Whether somebody holds a role anywhere."""
    return any(term.holds(now) for term in terms)


def has_left(terms: Iterable[Term], now: datetime) -> bool:
    """Whether somebody held a role and holds none now: such a person is let in again as if for the first time."""
    known = list(terms)
    return bool(known) and not acts(known, now)


def may_be_somebody_else(terms: Iterable[Term], now: datetime) -> bool:
    """Whether the address of somebody with these terms may have become another person's mailbox."""
    ends = [term.ends for term in terms]
    return bool(ends) and all(end is not None and end + MAILBOX_MAY_BE_ANOTHERS_AFTER < now for end in ends)


def home_of(terms: Iterable[Term], now: datetime) -> str | None:
    """The organisation in which a role has been held without a break for longest; None for somebody who holds none.

    Of two that began in the same moment it is the first by code: the answer must not depend on who asks.
    """
    by_organisation: dict[str, list[Term]] = {}
    for term in terms:
        if term.kind not in KINDS_NOBODY_LOOKS_AFTER:
            by_organisation.setdefault(term.org_id, []).append(term)
    stretches = [
        (since, code) for code, held in by_organisation.items() if (since := _unbroken_since(held, now)) is not None
    ]
    return min(stretches)[1] if stretches else None


def _unbroken_since(terms: Iterable[Term], now: datetime) -> datetime | None:
    """When the stretch began in which some role was held all the time until now."""
    since: datetime | None = None
    for term in sorted(terms, key=lambda term: term.begins, reverse=True):
        if term.holds(now) or (since is not None and (term.ends is None or term.ends >= since)):
            since = term.begins if since is None else min(since, term.begins)
    return since
