"""When a set of figures may be asked for, revised and published."""

from datetime import date
from typing import Final

WHY_NOT: Final = {
    "checking": "The set is still being checked. Try again in a minute.",
    "refused": "The check refused this set: somebody could have worked out how single trusts stand. It cannot be"
    " published. Ask for a new set when more trusts are counted.",
    "replaced": "A later set took the place of this one before it was published.",
    "published": "This set is already published.",
    "revised": "This set was published and has been revised since.",
}


class NotPossible(Exception):
    """A step that the set's state, or the day, does not allow."""

    slug = "figures-not-possible"
    kind = "conflict"


class NotComplete(Exception):
    """Something the analyst must say is missing or cannot be."""

    slug = "invalid-input"
    kind = "invalid"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def check_day(as_at: date, today: date) -> None:
    """Raise NotComplete for any day but today: what is counted today says nothing certain about another day."""
    if as_at != today:
        raise NotComplete("as_at", "Figures are counted as they stand today. Leave the date out, or give today's.")


def check_revision(revises: object | None, note: str | None) -> None:
    """Raise NotComplete unless a revision says why, and only a revision does."""
    if revises and not note:
        raise NotComplete("revision_note", "Say what was wrong with the earlier set.")
    if note and not revises:
        raise NotComplete("revises", "Say which set this one revises.")


def check_can_be_revised(state: str) -> None:
    """Raise NotPossible unless a set is published and not revised yet."""
    if state != "published":
        raise NotPossible("Only a published set that was not revised yet can be revised.")


def check_state(state: str) -> None:
    """Raise NotPossible unless a set passed the check and waits to be published."""
    if state != "prepared":
        raise NotPossible(WHY_NOT.get(state, "This set cannot be published."))
